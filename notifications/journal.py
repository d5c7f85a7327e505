"""
The journal beside the database: one line before each send and one after each result, appended and synced to disk.

It is not part of any transaction and not restored with the database, so that after a restore one can tell what had
already gone out. Lines hold ids and digests, no address and no name.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from core.db import Database
from core.folders import FILE_MODE, private_folder
from core.settings import settings

NAME = "outbox-journal.jsonl"


@dataclass(frozen=True, slots=True)
class Journal:
    """An append-only file of JSON lines."""

    path: Path

    @classmethod
    def beside(cls, database: Database) -> Journal:
        """Next to an SQLite file; in the settings' home for any other database."""
        url = make_url(database.url)
        on_file = url.drivername == "sqlite" and url.database
        return cls((Path(str(url.database)).parent if on_file else settings().home) / NAME)

    def write(self, at: datetime, event: str, **facts: str | int) -> None:
        """Append one line; it is on the disk when this returns. Raises `OSError` when it cannot be."""
        line = json.dumps({"at": at.isoformat(), "event": event, **facts}) + "\n"
        append_line(self.path, line)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Every whole line. A line cut off by a crash is passed over: what it announced had not begun."""
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


def append_line(path: Path, line: str) -> None:
    """Append to a file and sync it. A line that a crash cut off is ended first, so that it spoils no other."""
    private_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        end = os.lseek(handle, 0, os.SEEK_END)
        torn = end > 0 and os.pread(handle, 1, end - 1) != b"\n"
        os.write(handle, (("\n" if torn else "") + line).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
