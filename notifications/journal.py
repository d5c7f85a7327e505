"""
The journal beside the database: one line before each send and one after each result, appended and synced to disk.

It is not part of any transaction and not restored with the database, so that after a restore one can tell what had
already gone out, and after a kill what a relay had said before the database knew. Lines hold ids and digests, no
address and no name. The lines of a batch are synced together: those before its first send, those after before its
results are recorded.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url

from core.db import Database
from core.folders import FILE_MODE, private_folder
from core.settings import settings
from notifications.lifecycle import Outcome

NAME = "outbox-journal.jsonl"
TAIL_BYTES = 512
SENDING, OPENED = "sending", "opened"
LOOK_BACK_BYTES = 64 * 1024
"""Bytes read from the end of the journal at first; twice as many as long as they do not reach back far enough."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that is to be written."""

    at: datetime
    event: str
    facts: Mapping[str, str | int]

    @property
    def line(self) -> bytes:
        """As it stands in the file."""
        return (json.dumps({"at": self.at.isoformat(), "event": self.event, **self.facts}) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Pen:
    """The journal, held open for the length of a batch."""

    handle: int

    def write(self, entry: Entry) -> None:
        """Append a line. It outlives this process at once, and a power cut once `sync` has returned."""
        append(self.handle, entry.line)

    def sync(self) -> None:
        """What was written is on the disk when this returns."""
        os.fsync(self.handle)


@dataclass(frozen=True, slots=True)
class Journal:
    """An append-only file of JSON lines."""

    path: Path

    @classmethod
    def beside(cls, database: Database) -> Journal:
        """In the settings' journal folder; without one next to an SQLite file, or in the home."""
        return cls.of(make_url(database.url))

    @classmethod
    def of(cls, url: URL) -> Journal:
        """The same by the address of a database."""
        on_file = url.drivername == "sqlite" and url.database
        beside = Path(str(url.database)).parent if on_file else settings().home
        return cls((settings().journal_folder or beside) / NAME)

    def write(self, at: datetime, event: str, **facts: str | int) -> None:
        """Append one line; it is on the disk when this returns. Raises `OSError` when it cannot be."""
        self.write_all([Entry(at, event, facts)])

    def write_all(self, entries: Sequence[Entry]) -> None:
        """Append lines with one sync; all are on the disk when this returns. Raises `OSError` when they cannot be."""
        with opened(self.path) as handle:
            append(handle, b"".join(entry.line for entry in entries))
            os.fsync(handle)

    @contextmanager
    def pen(self) -> Iterator[Pen]:
        """The journal held open. Raises `OSError` when it cannot be."""
        with opened(self.path) as handle:
            yield Pen(handle)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Every whole line. A line cut off by a crash is passed over: what it announced had not begun."""
        return (entry for _, entry in self.read_from(0) if entry is not None)

    def outcomes(self, since: datetime) -> dict[tuple[str, int], tuple[str, datetime]]:
        """How and when sends ended, by notice and epoch, as far as lines say that were written then or later."""
        found: dict[tuple[str, int], tuple[str, datetime]] = {}
        for journal in reversed(self.with_older()):
            lines, reaches = journal.back_to(since)
            ended = [(each, datetime.fromisoformat(str(each["at"]))) for each in lines if _ends(each)]
            told = {
                (str(each["notice"]), int(each["epoch"])): (str(each["event"]), at) for each, at in ended if at >= since
            }
            found = told | found
            if reaches:
                break
        return found

    def back_to(self, instant: datetime) -> tuple[list[dict[str, Any]], bool]:
        """The last lines, from one before that instant on; whether there was one before it in this file."""
        size = self.path.stat().st_size if self.path.exists() else 0
        length = LOOK_BACK_BYTES
        while True:
            begins = max(0, size - length)
            # From within a line: what is left of it is no line of its own.
            lines = [entry for _, entry in self.read_from(begins) if entry is not None and "at" in entry]
            reaches = bool(lines) and datetime.fromisoformat(str(lines[0]["at"])) < instant
            if reaches or begins == 0:
                return lines, reaches
            length *= 2

    def read_from(self, offset: int) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Each whole line from a place in the file: where the next one begins, and the line, None for a torn one."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                offset += len(line)
                yield offset, _parsed(line)

    def name(self) -> str | None:
        """What tells this journal from every other: the digest of its first line. None while it has none."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            first = file.readline()
        return hashlib.sha256(first).hexdigest() if first.endswith(b"\n") else None

    def tail(self, upto: int) -> str | None:
        """The digest of what stands before a place in the file; None when the file ends before it."""
        if not self.path.exists() or self.path.stat().st_size < upto:
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, upto - TAIL_BYTES))
            return hashlib.sha256(file.read(min(upto, TAIL_BYTES))).hexdigest()

    def begin(self, at: datetime) -> None:
        """Make sure that there is a journal before anything is claimed: one that is missing later was lost."""
        if not self.path.exists():
            self.write(at, OPENED, journal=uuid.uuid4().hex)

    def with_older(self) -> list[Journal]:
        """The journals that were put aside when they had grown long, the oldest first, and this one; what there is."""
        older = sorted(self.path.parent.glob(f"{self.path.stem}-*{self.path.suffix}"))
        return [Journal(path) for path in (*older, self.path) if path.exists()]

    def put_aside(self, at: datetime) -> None:
        """Go on in a new file. Whoever has this one open ends the line there, and the line is not lost."""
        self.path.rename(self.path.with_stem(f"{self.path.stem}-{at:%Y%m%dT%H%M%S%f}"))


def _ends(entry: Mapping[str, Any]) -> bool:
    return "notice" in entry and entry.get("event") in list(Outcome)


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def append_line(path: Path, line: str) -> None:
    """Append to a file and sync it."""
    with opened(path) as handle:
        append(handle, line.encode())
        os.fsync(handle)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A file to append to, made with its folder when first needed."""
    private_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, FILE_MODE)
    try:
        yield handle
    finally:
        os.close(handle)


def append(handle: int, content: bytes) -> None:
    """Append lines, nobody else writing meanwhile. A line that a crash cut off is ended first: it spoils no other."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        end = os.lseek(handle, 0, os.SEEK_END)
        torn = end > 0 and os.pread(handle, 1, end - 1) != b"\n"
        wanted = (b"\n" if torn else b"") + content
        if os.write(handle, wanted) != len(wanted):
            raise OSError("the disk took a part of it only")
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
