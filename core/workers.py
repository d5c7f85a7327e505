"""
Who works: a row for each process that takes work, and a file in the home that only it holds locked.

What a worker took is free again once the worker is known to be gone, which is when its row is gone. On its own machine
that is known at once: the kernel lets go of the lock of a process that ends, however it ends. Of a worker elsewhere it
is known when its row has shown no beat for a minute. Times here are the wall's, and silence is measured by the
observer's own clock, so that neither a demonstration's clock nor a skewed one matters.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import String, and_, delete, not_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column
from sqlalchemy.sql import ColumnElement

from core.clock import Clock
from core.db import Base, Database, new_id
from core.folders import FILE_MODE, private_folder
from core.logs import log
from core.settings import Settings

BEAT_SECONDS = 10.0
QUIET_SECONDS = 60.0
LOOK_SECONDS = 5.0
"""The most that one look adds to a silence: while the database was away nobody could beat."""
TOUCH_SECONDS = 1.0

BEATING, RENEWING, TELLING = "worker-beat", "lease", "webhooks"
BY_THEMSELVES = frozenset({BEATING, RENEWING, TELLING})
"""
Threads that end transactions however long the run at hand hangs: the beat, the renewal of a request's lease, and what
tells other programs.
"""


class WorkerRow(Base):
    """One worker. `beats` grows while it lives; `seen_at` is for people to read, nothing is decided by it."""

    __tablename__ = "workers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    beats: Mapped[int] = mapped_column(default=0)


def workers_folder(configured: Settings) -> Path:
    """Where the workers of this machine keep the files that they hold locked."""
    return configured.home / "workers"


_present: list[Presence] = []


def present_id() -> uuid.UUID | None:
    """Who this process is as a worker; None in a process that is none, whose leases simply run out."""
    return _present[-1].id if _present else None


def is_gone(taken_by: InstrumentedAttribute[uuid.UUID | None]) -> ColumnElement[bool]:
    """Whether whoever took a row is known to be gone, as a condition on the column that names the taker."""
    return and_(taken_by.is_not(None), not_(select(WorkerRow.id).where(WorkerRow.id == taken_by).exists()))


def all_workers(session: Session) -> Sequence[WorkerRow]:
    """Every worker that is not known to be gone, the oldest first."""
    return session.scalars(select(WorkerRow).order_by(WorkerRow.since)).all()


class Presence:
    """
    This process as a worker of one database, with its file in `folder`.

    `id` is None while its row does not stand: what it takes then is free when the lease ends.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.id: uuid.UUID | None = None
        self._handle = -1
        self.path: Path | None = None
        self._touched_at = float("-inf")

    def arrive(self) -> None:
        """Lock the file, then write the row: a row without a locked file must never be seen here."""
        arriving = new_id()
        private_folder(self.folder)
        being_made = self.folder / f".{arriving}"
        self._handle = os.open(being_made, os.O_RDWR | os.O_CREAT, FILE_MODE)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        os.write(self._handle, json.dumps({"pid": os.getpid()}).encode())
        self.path = being_made.rename(self.folder / str(arriving))
        now = Clock().now()
        with self.database.writing() as session:
            session.add(WorkerRow(id=arriving, host=socket.gethostname(), pid=os.getpid(), since=now, seen_at=now))
        self.id = arriving

    def beat(self) -> None:
        """Say that this process lives. One that was taken for gone comes back as another, and owns nothing."""
        if not self._stands():
            log().warning("worker was taken for gone", process=os.getpid())
            self._let_go()
            self.arrive()

    def _stands(self) -> bool:
        with self.database.writing() as session:
            mine = update(WorkerRow).where(WorkerRow.id == self.id)
            done = session.execute(mine.values(beats=WorkerRow.beats + 1, seen_at=Clock().now()))
            return bool(getattr(done, "rowcount", 0))

    def got_on(self) -> None:
        """
        Touch the file: whoever watches this process sees that it is not stuck.

        What goes on by itself says nothing of the run at hand: a thread named in `BY_THEMSELVES` does not count.
        """
        if threading.current_thread().name in BY_THEMSELVES:
            return
        if self._handle >= 0 and time.monotonic() - self._touched_at >= TOUCH_SECONDS:
            self._touched_at = time.monotonic()
            with suppress(OSError):  # `beat` may just be giving it up
                os.utime(self._handle)

    def leave(self) -> None:
        """Take row and file away; what was taken and not finished is free at once."""
        with self.database.writing() as session:
            session.execute(delete(WorkerRow).where(WorkerRow.id == self.id))
        self._let_go()

    def _let_go(self) -> None:
        self.id = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def touched(folder: Path, pid: int) -> int | None:
    """When the worker of that process id last touched its file in `folder`, by the file system; None without one."""
    for path in folder.glob("*-*"):
        with suppress(OSError, ValueError):
            if json.loads(path.read_text(encoding="utf-8")).get("pid") == pid:
                return path.stat().st_mtime_ns
    return None


@contextmanager
def present(database: Database, folder: Path) -> Iterator[Presence]:
    """This process is a worker for the length of a block, and beats."""
    presence, over = Presence(database, folder), threading.Event()
    presence.arrive()
    _present.append(presence)
    beating = threading.Thread(target=_keep_beating, args=(presence, over), name=BEATING, daemon=True)
    beating.start()
    try:
        yield presence
    finally:
        over.set()
        beating.join()
        _present.remove(presence)
        with suppress(Exception):  # the database may be away; whoever looks finds the lock free
            presence.leave()


def _keep_beating(presence: Presence, over: threading.Event) -> None:
    while not over.wait(BEAT_SECONDS):
        try:
            presence.beat()
        except Exception as error:  # noqa: BLE001 - the next beat may find the database again
            log().error("worker cannot beat", error=type(error).__name__)


class RollCall:
    """Finds the workers that are gone and takes their rows away."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self._looked_at: float | None = None
        self._beats: dict[uuid.UUID, int] = {}
        self._silent: dict[uuid.UUID, float] = {}

    def hold(self) -> int:
        """Look once; how many workers were found gone."""
        ended = ended_here(self.folder)
        with self.database.reading() as session:
            beats = {row.id: row.beats for row in all_workers(session)}
        gone = [each for each in beats if each in ended or self._is_silent(each, beats[each])]
        self._looked_at, self._beats = time.monotonic(), beats
        if gone:
            with self.database.writing() as session:
                for each in gone:
                    # Counted again under the lock: it may have beaten since.
                    same = WorkerRow.id == each, WorkerRow.beats == beats[each]
                    session.execute(delete(WorkerRow).where(*same))
        for each in ended:
            (self.folder / str(each)).unlink(missing_ok=True)
        return len(gone)

    def _is_silent(self, worker: uuid.UUID, beats: int) -> bool:
        if self._looked_at is None or self._beats.get(worker) != beats:
            self._silent[worker] = 0.0
            return False
        self._silent[worker] += min(time.monotonic() - self._looked_at, LOOK_SECONDS)
        return self._silent[worker] > QUIET_SECONDS


def ended_here(folder: Path) -> set[uuid.UUID]:
    """The workers of this machine whose lock nobody holds, by the files in `folder`."""
    if not folder.is_dir():
        return set()
    named = {each: path for path in folder.iterdir() if (each := _worker_named(path.name)) is not None}
    return {each for each, path in named.items() if _is_free(path)}


def _worker_named(name: str) -> uuid.UUID | None:
    """The worker whose file has that name; None for a file that is none of ours."""
    try:
        return uuid.UUID(name)
    except ValueError:
        return None


def _is_free(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
