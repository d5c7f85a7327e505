"""Where the demonstration lives: its own database, letters and mail, and a mail server that really answers."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.engine import make_url

from core.errors import ConfigurationError
from core.folders import private_file, private_folder
from core.settings import Settings, settings

LOOPBACK = "127.0.0.1"
LAID_DOWN = ("letters", "mail", "people")
TIMELINE, RESULT = "timeline.html", "result.json"


class Sink:
    """Takes every mail and lays it down as a file, before it says that it has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = private_folder(folder)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its word
        """Write the mail under its Message-ID, and only then accept it."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        name = message_from_bytes(content)["Message-ID"].strip("<>").partition("@")[0]
        path = self.folder / f"{name}.eml"
        with private_file(path) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return "250 laid down"


@contextmanager
def mail_sink(folder: Path) -> Iterator[int]:
    """A mail server on loopback for the length of a block; its port."""
    controller = Controller(Sink(folder), hostname=LOOPBACK, port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of loopback that nobody holds just now."""
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder is this process's for the length of a block; `ConfigurationError` while another one has it."""
    private_folder(folder)
    with (folder / "in-use").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigurationError(
                f"A demonstration in {folder} is still playing or being served. End it first, or name another --folder."
            ) from None
        yield


def furnish(folder: Path) -> Settings:
    """
    Point this process at the demonstration's folder and make its database new.

    A database named by `MANDATE_DATABASE_URL` is used instead of the folder's. Raises `ConfigurationError` when it
    holds anything but an earlier demonstration.
    """
    folder = folder.resolve()
    os.environ["MANDATE_HOME"] = str(folder)
    os.environ["MANDATE_LETTERS_FOLDER"] = str(folder / "letters")
    os.environ["MANDATE_JOURNAL_FOLDER"] = str(folder)
    os.environ["MANDATE_PING_URL"] = ""
    os.environ["MANDATE_SMTP_HOST"] = LOOPBACK
    settings.cache_clear()
    if not _is_free(settings().prefect_port):
        os.environ["MANDATE_PREFECT_PORT"] = str(free_port())
        settings.cache_clear()
    _clear(folder, settings().effective_database_url)
    return settings()


def _clear(folder: Path, url: str) -> None:
    parsed = make_url(url)
    if parsed.drivername != "sqlite" or parsed.database is None:
        _clear_journal(folder)
        return  # `app.demo.opening` refuses one that holds anything
    database = Path(parsed.database)
    if database.exists() and not _is_demonstration(database):
        raise ConfigurationError(
            f"The database {database} holds data that is no demonstration's, and a demonstration would replace it. "
            "Name another folder with --folder, or another database with MANDATE_DATABASE_URL."
        )
    for path in (database, Path(f"{database}-wal"), Path(f"{database}-shm")):
        path.unlink(missing_ok=True)
    for name in (*LAID_DOWN, "prefect"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in (folder / TIMELINE, folder / RESULT):
        path.unlink(missing_ok=True)
    _clear_journal(folder)


def _clear_journal(folder: Path) -> None:
    # It tells of an earlier demonstration's sends, which the new database would not know.
    for path in folder.glob("outbox-journal*.jsonl"):
        path.unlink()


def _is_demonstration(database: Path) -> bool:
    """Whether the file is an SQLite database with a clock of its own, or has no tables yet."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return not tables or (
                "stored_clock" in tables and bool(list(connection.execute("SELECT 1 FROM stored_clock")))
            )
    except sqlite3.DatabaseError:
        return False
