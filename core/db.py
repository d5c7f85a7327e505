"""
The database: one declarative base, aware datetimes only, SQLite and PostgreSQL by the same code.

SQLite runs in WAL with `synchronous=FULL` and foreign keys on: a committed act survives a power cut. `assert_durable`
refuses to start on a database that does not keep that promise. PostgreSQL runs at READ COMMITTED whatever the server's
default is: whoever waited for a lock then reads what was committed meanwhile, which the history's chain stands on.
"""

from __future__ import annotations

import enum
import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import JSON, Connection, DateTime, Dialect, Engine, Enum, MetaData, event, text
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator, Uuid

from core.errors import ConfigurationError
from core.folders import FILE_MODE, private_folder
from core.settings import settings

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
ADDRESSES = "sqlite:///FILE or postgresql+psycopg://HOST/NAME"
BUSY_TIMEOUT_MS = 30_000
CONNECT_TIMEOUT_SECONDS = 10
STATEMENT_TIMEOUT_MS = 300_000
IDLE_TIMEOUT_MS = 600_000
POOL_SIZE, POOL_OVERFLOW = 5, 15
"""Connections of a process to PostgreSQL: kept open, and opened on top while many people act at once."""
WRITE_LOCK_POLL_SECONDS = 0.004
READ_ONLY = "mandate_read_only"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored as UTC. A naive datetime is refused: SQLite would drop the zone silently."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive values, store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored; use core.clock")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class StoredEnum(TypeDecorator[enum.Enum]):
    """A `StrEnum` stored by value, so that `is Stage.RAISED` holds on the way back; a value not its own is an error."""

    impl = Enum
    cache_ok = True

    def __init__(self, kind: type[enum.Enum]) -> None:
        super().__init__(
            kind,
            values_callable=lambda members: [str(member.value) for member in members],
            native_enum=False,
            length=40,
            validate_strings=True,
        )


class Base(DeclarativeBase):
    """Root of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        uuid.UUID: Uuid,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


def new_id() -> uuid.UUID:
    """A fresh row id; random, so that it says nothing about what it names."""
    return uuid.uuid4()


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: `_begin` chooses BEGIN or BEGIN IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _make_private(_dialect: Dialect, _record: ConnectionPoolEntry, arguments: Any, _named: Any) -> None:
    # SQLite would make the file with the mode of any file; what stands beside it (-wal, -shm) takes the file's mode.
    if arguments[0] not in {"", ":memory:"} and not arguments[0].startswith("file:"):
        with suppress(OSError):  # SQLite says in its own words what is wrong with a file that cannot be opened
            # Never opened where it stands already: closing it again would drop every lock that this process holds on
            # it, and the next process to go, taking itself for the last, would remove the log we still write to.
            os.close(os.open(arguments[0], os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))


def _begin(connection: Connection) -> None:
    # A writer takes the write lock at once: a later upgrade from a read could fail half way.
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite's own waiting looks ten times a second and is no queue: a person's act would stand behind a batch to the
    # batch's end, for it never looks in the moment between two of the batch's transactions.
    driver: Any = connection.connection.dbapi_connection
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while _is_locked(driver) and time.monotonic() < until:
            time.sleep(WRITE_LOCK_POLL_SECONDS)
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, to fail as every statement fails
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _is_locked(driver: Any) -> bool:
    """Try to begin; whether another writer was in the way."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


def _make_folder(folder: Path) -> None:
    try:
        private_folder(folder)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {folder} cannot be made ({error.strerror}). Name another with MANDATE_HOME."
        ) from None


def create_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL (`postgresql+psycopg://`); other databases are refused."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError(f"MANDATE_DATABASE_URL is no database address; wanted {ADDRESSES}.") from None
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ConfigurationError(f"MANDATE_DATABASE_URL names the driver {parsed.drivername}; wanted {ADDRESSES}.")
    if parsed.drivername == "sqlite" and parsed.database:
        _make_folder(Path(parsed.database).parent)
    if parsed.drivername != "sqlite":
        return _postgresql_engine(parsed)
    engine = sqlalchemy_engine(parsed)
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql_engine(url: URL) -> Engine:
    """
    An engine that waits for nobody for ever; what the address itself asks for goes before.

    A lock is waited for as long as with SQLite. A transaction that stands idle is one whose program hangs.
    """
    limits = {
        "lock_timeout": BUSY_TIMEOUT_MS,
        "statement_timeout": STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_TIMEOUT_MS,
    }
    told: dict[str, Any] = {
        "application_name": "mandate",
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
    return sqlalchemy_engine(
        url,
        pool_pre_ping=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        isolation_level="READ COMMITTED",
        connect_args={name: value for name, value in told.items() if name not in url.query},
    )


SQLITE_PROMISES = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
POSTGRES_PROMISES = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def assert_durable(engine: Engine) -> None:
    """Raise `ConfigurationError` when the database would lose a committed act on a crash."""
    sqlite = engine.dialect.name == "sqlite"
    promises = SQLITE_PROMISES if sqlite else POSTGRES_PROMISES
    statement = "PRAGMA {}" if sqlite else "SHOW {}"
    with engine.connect() as connection:
        for name, wanted in promises.items():
            found = str(connection.execute(text(statement.format(name))).scalar())
            if found != wanted:
                raise ConfigurationError(f"The database runs with {name}={found}; wanted {wanted}.")


Glance: TypeAlias = Callable[[str], tuple[Any, ...]]
"""The first row of what a statement gives."""


class Database:
    """One engine with the two ways to talk to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = create_engine(url)
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(self.engine.execution_options(**{READ_ONLY: True}), autoflush=False)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits when the block ends well and rolls back on any error."""
        with self._writing.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with self._reading() as session:
            yield session

    @contextmanager
    def glancing(self) -> Iterator[Glance]:
        """
        One short question asked again and again outside any transaction: each time of what is committed by then.

        The statement goes to the driver as it is, without parameters.
        """
        pooled = self.engine.raw_connection()
        driver: Any = pooled.driver_connection
        by_itself = self.engine.dialect.name == "sqlite"  # where the driver opens no transaction anyway
        try:
            if not by_itself:
                driver.autocommit = True
            yield lambda statement: tuple(driver.execute(statement).fetchone())
        finally:
            if not by_itself and not driver.closed:
                driver.autocommit = False
            pooled.close()


@lru_cache(maxsize=8)
def _database(url: str) -> Database:
    return Database(url)


def database() -> Database:
    """The database of this process's settings."""
    return _database(settings().effective_database_url)


def lock_for_append(session: Session, key: int) -> None:
    """Hold one writer at a time until commit. SQLite's BEGIN IMMEDIATE does so already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
