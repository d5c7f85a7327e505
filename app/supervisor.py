"""
Supervision of child processes: start them, notice that one died or hangs, start it again, stop them in order.

A child that ends is started again after a pause that doubles from one second to thirty, and is one second again after a
minute of health. Nobody is ever given up. What is known of the children stands in a file, for `mandate status` and for
the next supervisor, which ends what a killed one has left behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from core.clock import Clock
from core.folders import FILE_MODE, private_folder
from core.logs import log

TICK_SECONDS = 0.1
FEEL_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 60.0
KEEPS_DYING = 3
"""So many ends in a row without a minute of health between them are shown as a child that keeps dying."""

Pulse = Callable[[int], object]
"""Of a process id, something that changes as long as the process gets on; None when there is no sign of life."""


@dataclass(frozen=True)
class Duty:
    """What a child is for: how it is started, when it is taken for hung, how long it may take to end."""

    name: str
    command: Callable[[int], list[str]]
    environment: Mapping[str, str]
    pulse: Pulse
    patience: float
    start_patience: float
    stop_seconds: float
    folder: Path | None = None
    output: Path | None = None
    obstacle: Callable[[], str | None] = lambda: None
    """Why it cannot be started just now, in a sentence; None when nothing stands in its way."""


@dataclass
class Child:
    """One duty and the process that does it."""

    duty: Duty
    process: subprocess.Popen[bytes] | None = None
    since: datetime | None = None
    restarts: int = 0
    ends_in_a_row: int = 0
    last_end: str | None = None
    next_start: float = 0.0
    began: float = 0.0
    sign: object = None
    sign_at: float = 0.0
    stopped: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def state(self) -> str:
        """starting, up, waiting (to be started again), failing (it keeps dying) or stopped."""
        if self.stopped:
            return "stopped"
        if self.ends_in_a_row >= KEEPS_DYING:
            return "failing"
        if self.process is None:
            return "waiting"
        return "up" if self.sign is not None else "starting"

    def start(self, tether: int) -> None:
        """Start the process in a session of its own: Ctrl-C is the supervisor's to answer."""
        obstacle = self.duty.obstacle()
        if obstacle is None:
            try:
                process = self._started(tether)
            except OSError as error:
                obstacle = f"cannot be started: {error.strerror}"
        if obstacle is not None:
            self._ended(obstacle)
            return
        with self.lock:
            self.process, self.since, self.sign = process, Clock().now(), None
            self.began = self.sign_at = time.monotonic()
        if self.last_end is not None:
            self.restarts += 1

    def _started(self, tether: int) -> subprocess.Popen[bytes]:
        with _output(self.duty.output) as output:
            return subprocess.Popen(  # noqa: S603 - our own
                self.duty.command(tether),
                cwd=self.duty.folder,
                env=dict(self.duty.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=None if output is None else subprocess.STDOUT,
                pass_fds=(tether,),
                start_new_session=True,
            )

    def look(self, tether: int) -> bool:
        """Notice an end, start again when it is time; whether anything changed."""
        now = time.monotonic()
        if self.process is None:
            if now < self.next_start:
                return False
            self.start(tether)
            return True
        status = self.process.poll()
        if status is not None:
            self._swept()
            self._ended(_said(status))
            return True
        hung = self._hung(now)
        if hung:
            self.kill()
            self._ended(hung)
            return True
        if self.ends_in_a_row and now - self.began > HEALTHY_AFTER_SECONDS and self.sign is not None:
            self.ends_in_a_row = 0
            return True
        return False

    def feel(self) -> None:
        """Ask for a sign of life; called beside `look`, for it may take seconds."""
        process = self.process
        if process is None:
            return
        sign = self.duty.pulse(process.pid)
        with self.lock:
            if sign is None or sign == self.sign or process is not self.process:
                return
            back = self.sign is None and self.last_end is not None
            self.sign, self.sign_at = sign, time.monotonic()
        if back:
            log().warning("child is up again", process=self.duty.name, count=self.restarts)

    def _hung(self, now: float) -> str | None:
        with self.lock:
            patience = self.duty.patience if self.sign is not None else self.duty.start_patience
            silent = now - self.sign_at
        return f"no sign of life for {silent:.0f} seconds" if silent > patience else None

    def _ended(self, how: str) -> None:
        if self.process is not None and time.monotonic() - self.began > HEALTHY_AFTER_SECONDS:
            self.ends_in_a_row = 0
        pause = min(FIRST_PAUSE_SECONDS * 2**self.ends_in_a_row, LONGEST_PAUSE_SECONDS)
        self.process, self.since, self.sign = None, None, None
        self.next_start = time.monotonic() + pause
        self.ends_in_a_row += 1
        self.last_end = how
        log().error("child ended; starts again after a pause", process=self.duty.name, outcome=how, seconds=pause)

    def ask_to_end(self) -> None:
        """Ask the process to end."""
        self.stopped = True
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.terminate()

    def ended(self) -> bool:
        """Whether the process has ended."""
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """End the process and whatever it started, at once."""
        self._swept()
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _swept(self) -> None:
        # It led a group of its own; what it started must not outlive it.
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def as_dict(self) -> dict[str, Any]:
        """As the file and `mandate status` show it."""
        process = self.process  # the other thread may let go of it meanwhile
        pid = process.pid if process is not None else None
        return {
            "name": self.duty.name,
            "state": self.state,
            "pid": pid,
            "since": self.since.isoformat(timespec="seconds") if self.since else None,
            "restarts": self.restarts,
            "last_end": self.last_end,
            "started": started_ticks(pid) if pid else None,
        }


class Supervisor:
    """The children, in the order in which they are stopped."""

    def __init__(self, duties: Sequence[Duty], note: Callable[[Sequence[Child]], None]) -> None:
        self.children = [Child(duty) for duty in duties]
        self.note = note
        self._asked = 0
        self._over = threading.Event()
        self._tether, self._lifeline = os.pipe()

    def ask_to_stop(self) -> None:
        """Stop in order; asked a second time, at once. Safe to call from a signal handler."""
        self._asked += 1

    @property
    def in_a_hurry(self) -> bool:
        """Whether somebody asked twice."""
        return self._asked > 1

    def run(self) -> None:
        """Supervise until asked to stop; then every child has ended."""
        feeling = threading.Thread(target=self._feel, name="pulse", daemon=True)
        feeling.start()
        try:
            while not self._asked:
                changed = [child.look(self._tether) for child in self.children]
                if any(changed):
                    self._note()
                self._over.wait(TICK_SECONDS)
        finally:
            self._over.set()
            self._stop()

    def _feel(self) -> None:
        while not self._over.wait(FEEL_SECONDS if self._all_up() else TICK_SECONDS * 3):
            before = [child.state for child in self.children]
            for child in self.children:
                child.feel()
            if before != [child.state for child in self.children]:
                self._note()

    def _note(self) -> None:
        try:
            self.note(self.children)
        except OSError as error:  # a full disk is no reason to let the children go unwatched
            log().error("children not noted", error=type(error).__name__)

    def _all_up(self) -> bool:
        return all(child.state == "up" for child in self.children)

    def _stop(self) -> None:
        for child in self.children:
            child.ask_to_end()
            until = time.monotonic() + child.duty.stop_seconds
            while not child.ended() and time.monotonic() < until and not self.in_a_hurry:
                time.sleep(0.02)
            child.kill()
        self._note()
        for handle in (self._lifeline, self._tether):
            os.close(handle)


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO | None]:
    """Where a child's words go: to a file that is begun anew, the one before kept, or (None) where ours go."""
    if path is None:
        yield None
        return
    private_folder(path.parent)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.before"))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as file:
        yield file


def _said(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def started_ticks(pid: int) -> str | None:
    """When a process began, as the kernel counts; with its id it names one process for ever. None where unknown."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def end_left_behind(children: Sequence[Mapping[str, Any]], patience: float) -> None:
    """End what a killed supervisor has left: its children end by themselves in time, or are ended."""
    left = [each for each in children if each.get("pid") and each.get("started")]
    until = time.monotonic() + patience
    while (left := [each for each in left if started_ticks(each["pid"]) == each["started"]]) and (
        time.monotonic() < until
    ):
        time.sleep(0.05)
    for each in left:
        log().error("child left behind", process=each["name"], outcome="ended by the next supervisor")
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(each["pid"], signal.SIGKILL)
