"""
The two engines that every test of a database runs on, each lending copies of databases that are made once.

Making every table anew takes ten times as long as a copy: of a file with SQLite, of a template with PostgreSQL.
"""

from __future__ import annotations

import fcntl
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copy, rmtree
from sqlite3 import connect
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from core import db
from core.db import Base, Database
from tests.postgres import Server


class Engine(ABC):
    """Where databases of one kind come from."""

    name: str

    def __init__(self) -> None:
        self._templates: dict[str, str] = {}

    def template(self, name: str, make: Callable[[str], None], after: str | None = None) -> str:
        """
        The URL of the template of that name; `make` fills the database at a URL when it is first asked for: an empty
        one, or a copy of the template it comes after.
        """
        if name not in self._templates:
            url = self._copy(after) if after else self.empty()
            make(url)
            self._templates[name] = self._settled(url)
        return self._templates[name]

    def shared(self, name: str, make: Callable[[str], None], after: str | None = None) -> str:
        """As `template`, made once for all workers of a run where the engine can; `make` is the same in each."""
        return self.template(name, make, after)

    @contextmanager
    def lent(self, template: str | None = None) -> Iterator[str]:
        """The URL of a copy of a template, or of an empty database, that is gone when the block ends."""
        url = self._copy(template) if template else self.empty()
        try:
            yield url
        finally:
            self._drop(url)

    @abstractmethod
    def empty(self) -> str:
        """The URL of an empty database."""

    def _settled(self, url: str) -> str:
        return url

    @abstractmethod
    def _copy(self, template: str) -> str: ...

    @abstractmethod
    def _drop(self, url: str) -> None: ...


class Sqlite(Engine):
    """Files, each in a folder of its own: what the program lays beside a database is then beside that one only."""

    name = "sqlite"

    def __init__(self, folder: Path, everybodys: Path | None = None) -> None:
        super().__init__()
        self.folder = folder
        self.everybodys = everybodys or folder
        self._numbers = itertools.count(1)

    def shared(self, name: str, make: Callable[[str], None], after: str | None = None) -> str:
        """The file lies where every worker of the run finds it; who comes while it is made waits for it."""
        if name not in self._templates:
            kept = self.everybodys / f"{name}.db"
            with one_at_a_time(kept.with_suffix(".lock")):
                if not kept.exists():
                    file_of(self.template(name, make, after)).replace(kept)
            self._templates[name] = f"sqlite:///{kept}"
        return self._templates[name]

    def empty(self) -> str:
        """A file that is not there yet."""
        own = self.folder / str(next(self._numbers))
        own.mkdir()
        return f"sqlite:///{own / 'mandate.db'}"

    def _settled(self, url: str) -> str:
        # What lies in the write-ahead log is taken in: a template is one file.
        settled = self.empty()
        with closing(connect(file_of(url))) as connection:
            connection.execute("VACUUM INTO ?", [str(file_of(settled))])
        self._drop(url)
        return settled

    def _copy(self, template: str) -> str:
        url = self.empty()
        copy(file_of(template), file_of(url))
        return url

    def _drop(self, url: str) -> None:
        rmtree(file_of(url).parent)


class Postgresql(Engine):
    """Databases of a server."""

    name = "postgresql"

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server

    def empty(self) -> str:
        """A database without tables."""
        return self.server.create()

    def _settled(self, url: str) -> str:
        self.server.leave(url)
        return url

    def _copy(self, template: str) -> str:
        return self.server.create(template)

    def _drop(self, url: str) -> None:
        self.server.drop(url)


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold a lock that no other process holds meanwhile."""
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextmanager
def compiled_once() -> Iterator[None]:
    """
    What SQLAlchemy makes of a statement is kept for the session, not for the database of one test: making it anew for
    each took a fifth of the time of the tests.
    """
    kept: dict[str, Any] = {}
    engine_of = db.sqlalchemy_engine

    def sharing(*told: Any, **more: Any) -> Any:
        made = engine_of(*told, **more)
        made._compiled_cache = kept.setdefault(made.dialect.name, LRUCache(STATEMENTS))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "sqlalchemy_engine", sharing)
        # What is kept is found again by its dialect, which is one object to an engine; here all of a kind are one.
        for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
            patch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
            patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))
        yield


STATEMENTS = 3000


def file_of(url: str) -> Path:
    """The file of an SQLite database."""
    return Path(url.removeprefix("sqlite:///"))


def with_tables(url: str) -> None:
    """Make every table that has been imported."""
    making = Database(url)
    Base.metadata.create_all(making.engine)
    making.engine.dispose()


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database whose connections end with the block."""
    database = Database(url)
    try:
        yield database
    finally:
        database.engine.dispose()


def blank(engine: Engine) -> str:
    """The template of a database with every table that has been imported and no row."""
    return engine.shared(f"{len(Base.metadata.tables)} tables", with_tables)
