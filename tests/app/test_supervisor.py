"""Supervision, with children that do nothing but live, die, hang and refuse to end."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app import supervisor as supervision
from app import tether
from app.supervisor import Child, Duty, Supervisor, end_left_behind, started_ticks
from tests.processes import ROOT, wait_for

LIVES = "import time; time.sleep(600)"
DIES = "import sys; sys.exit(3)"
STAYS = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
PATIENCE = 20.0


def duty(name: str, code: str, **changes: object) -> Duty:
    """A child that runs a line of Python and always shows a sign of life."""
    plain: dict[str, object] = {
        "command": lambda handle: [sys.executable, "-S", "-c", f"from app.tether import tie; tie({handle}); {code}"],
        "environment": {**os.environ, "PYTHONPATH": str(ROOT)},
        "pulse": lambda pid: time.monotonic(),
        "patience": 30.0,
        "start_patience": 30.0,
        "stop_seconds": 5.0,
    }
    return Duty(name, **{**plain, **changes})  # type: ignore[arg-type]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses a tenth as long."""
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(supervision, "LONGEST_PAUSE_SECONDS", 0.2)


class Watched:
    """A supervisor in a thread."""

    def __init__(self, *duties: Duty) -> None:
        self.noted: list[list[tuple[str, str]]] = []
        self.supervisor = Supervisor(duties, self.note)
        self.thread = threading.Thread(target=self.supervisor.run)
        self.thread.start()

    def note(self, children: Sequence[Child]) -> None:
        self.noted.append([(child.duty.name, child.state) for child in children])

    def __getitem__(self, number: int) -> Child:
        return self.supervisor.children[number]

    def pid(self, number: int = 0) -> int:
        wait_for(lambda: self[number].process is not None)
        process = self[number].process
        assert process is not None
        return process.pid

    def stop(self) -> None:
        self.supervisor.ask_to_stop()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def watching() -> Iterator[Callable[..., Watched]]:
    begun: list[Watched] = []

    def begin(*duties: Duty) -> Watched:
        begun.append(Watched(*duties))
        return begun[-1]

    yield begin
    for each in begun:
        if each.thread.is_alive():
            each.supervisor.ask_to_stop()
            each.stop()


def test_a_child_that_was_killed_is_started_again_and_the_others_are_left(
    quick: None, watching: Callable[..., Watched]
) -> None:
    """Mutation: in `Child.look`, return before `_ended`; or restart every child; in `feel`, do not say "up again"."""
    both = watching(duty("first", LIVES), duty("second", LIVES))
    first, second = both.pid(0), both.pid(1)
    with capture_logs() as logs:
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: both.pid(0) != first)
        wait_for(lambda: len(logs) == 2)
    assert both.pid(1) == second
    assert (both[0].restarts, both[1].restarts) == (1, 0)
    assert both[0].last_end == "signal SIGKILL"
    assert [(line["event"], line["process"], line.get("outcome")) for line in logs] == [
        ("child ended; starts again after a pause", "first", "signal SIGKILL"),
        ("child is up again", "first", None),
    ]


def test_one_that_keeps_dying_is_shown_so_with_growing_pauses_and_never_given_up(
    quick: None, watching: Callable[..., Watched]
) -> None:
    """Mutation: leave the pause at its first length; or stop starting after the third end."""
    dying = watching(duty("dying", DIES))
    wait_for(lambda: dying[0].restarts >= 5)
    assert dying[0].state == "failing"
    assert dying[0].last_end == "exit status 3"
    assert dying[0].next_start - time.monotonic() <= 0.2


def test_a_full_disk_leaves_nobody_unwatched(
    quick: None, watching: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutation: in `Supervisor._note`, do not catch `OSError`: nobody would start or feel the children any more."""
    monkeypatch.setattr(supervision, "FEEL_SECONDS", 0.05)
    felt = itertools.count()
    last = [0]

    def pulse(_pid: int) -> int:
        last[0] = next(felt)
        return last[0]

    def disk_is_full(_children: Sequence[Child]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    one = watching(duty("one", LIVES, pulse=pulse))
    first = one.pid()
    wait_for(lambda: one[0].state == "up")
    one.supervisor.note = disk_is_full
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: one[0].restarts == 1 and one[0].state == "up")
    so_far = last[0]
    wait_for(lambda: last[0] >= so_far + 5)
    assert one.thread.is_alive()


def test_pauses_double_to_half_a_minute() -> None:
    """Mutation: in `_ended`, leave out `min`."""
    child = Child(duty("any", LIVES))
    pauses = []
    for _ in range(7):
        child._ended("exit status 1")
        pauses.append(round(child.next_start - time.monotonic()))
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_a_minute_of_health_makes_the_pause_short_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutation: never set `ends_in_a_row` back."""
    child = Child(duty("any", LIVES), ends_in_a_row=5)
    read, write = os.pipe()
    child.start(read)
    try:
        child.feel()
        child.look(read)
        assert child.ends_in_a_row == 5
        child.began -= supervision.HEALTHY_AFTER_SECONDS + 1
        child.look(read)
        assert (child.ends_in_a_row, child.state) == (0, "up")
    finally:
        child.kill()
        os.close(read)
        os.close(write)


def test_one_that_hangs_is_ended_and_started_again(quick: None, watching: Callable[..., Watched]) -> None:
    """Mutation: in `Child._hung`, always give None."""
    hanging = watching(duty("hanging", STAYS, pulse=lambda pid: "the same for ever", patience=0.5))
    first = hanging.pid()
    wait_for(lambda: hanging[0].restarts)
    assert str(hanging[0].last_end).startswith("no sign of life")
    assert started_ticks(first) is None


def test_one_that_never_shows_life_has_its_time_to_start(quick: None, watching: Callable[..., Watched]) -> None:
    """Mutation: in `Child._hung`, use `patience` for one that has not yet begun."""
    slow = watching(duty("slow", LIVES, pulse=lambda pid: None, patience=0.1, start_patience=2.0))
    slow.pid()
    time.sleep(0.5)
    assert (slow[0].restarts, slow[0].state) == (0, "starting")
    wait_for(lambda: slow[0].restarts)


def test_what_cannot_be_started_waits_and_says_why(quick: None, watching: Callable[..., Watched]) -> None:
    """Mutation: start it all the same: it would die over a port that another program holds."""
    in_the_way = ["Port 1 is held by another program."]
    held = watching(duty("held", LIVES, obstacle=lambda: in_the_way[0] if in_the_way else None))
    wait_for(lambda: held[0].last_end)
    assert (held[0].process, held[0].last_end) == (None, in_the_way[0])
    in_the_way.clear()
    held.pid()


def test_children_end_in_order_and_one_that_will_not_is_ended(watching: Callable[..., Watched]) -> None:
    """Mutation: ask all to end at once; or wait for the first without a limit."""
    ended: list[str] = []
    record = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); time.sleep(600)"
    three = watching(duty("first", STAYS, stop_seconds=0.5), duty("second", record), duty("third", record))
    pids = [three.pid(number) for number in range(3)]
    time.sleep(0.3)

    def watch() -> None:
        left = dict(zip(("first", "second", "third"), pids, strict=True))
        while left:
            for name in [name for name, pid in left.items() if started_ticks(pid) is None]:
                ended.append(name)
                del left[name]
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    three.stop()
    watcher.join(PATIENCE)
    assert ended == ["first", "second", "third"]
    assert three.noted[-1] == [("first", "stopped"), ("second", "stopped"), ("third", "stopped")]


def test_asked_twice_everything_ends_at_once(watching: Callable[..., Watched]) -> None:
    """Mutation: in `_stop`, do not look at `in_a_hurry`."""
    two = watching(duty("first", STAYS, stop_seconds=60.0), duty("second", STAYS, stop_seconds=60.0))
    pids = [two.pid(0), two.pid(1)]
    time.sleep(0.3)
    two.supervisor.ask_to_stop()
    began = time.monotonic()
    two.stop()
    assert time.monotonic() - began < 5
    assert two.supervisor.in_a_hurry
    assert [started_ticks(pid) for pid in pids] == [None, None]


PARENT = """
import os, subprocess, sys
from app.supervisor import Duty, Supervisor
code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); {extra}"
duty = Duty(
    "child",
    lambda handle: [sys.executable, "-c", f"from app.tether import tie; tie({{handle}}); {{code}} time.sleep(600)"],
    dict(os.environ), lambda pid: None, 60, 60, 5,
)
Supervisor([duty], lambda children: print(children[0].process.pid, flush=True)).run()
"""


@pytest.mark.parametrize(
    ("extra", "within"),
    [("", 3.0), ("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);", 3.0 + tether.GRACE_SECONDS)],
    ids=["gentle", "stubborn"],
)
def test_children_end_by_themselves_when_their_supervisor_is_killed(extra: str, within: float) -> None:
    """
    With what they started, and even when they will not listen.

    Mutation: leave `tie` out of the child's command; or hand the child the writing end, too.
    """
    with subprocess.Popen(
        [sys.executable, "-c", PARENT.format(extra=extra)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: len(_group(child)) == 2)
        time.sleep(0.3)
        parent.kill()
    until = time.monotonic() + within
    while _group(child) and (extra or child in _group(child)) and time.monotonic() < until:
        time.sleep(0.05)
    left = _group(child)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert child not in left
    assert not (extra and left)


def _group(leader: int) -> list[int]:
    """The processes of a group that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] != "Z":
            found.append(int(folder.name))
    return found


def test_what_a_killed_supervisor_left_is_ended_and_nothing_else() -> None:
    """Mutation: in `end_left_behind`, go by the process id alone: it may be anybody's by now."""
    with subprocess.Popen([sys.executable, "-c", LIVES], start_new_session=True) as other:
        end_left_behind([{"name": "worker", "pid": other.pid, "started": "1"}], 0.1)
        assert other.poll() is None
        end_left_behind([{"name": "worker", "pid": other.pid, "started": started_ticks(other.pid)}], 0.1)
        assert other.wait(PATIENCE) == -signal.SIGKILL
