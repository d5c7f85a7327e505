"""Databases to measure on: SQLite in a file and PostgreSQL on a disk, both as durable as the program demands."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from alembic import command
from sqlalchemy import text

from bench.frame import say
from core import settings as settings_module
from core.clock import set_stored_clock
from core.db import Database, assert_durable
from core.db import database as database_of_settings
from core.settings import settings
from core.unit_of_work import UnitOfWork, unit_of_work
from tests import postgres
from tests.conftest import NOON
from tests.migrations import check

Fill = Callable[[UnitOfWork], None]


@dataclass
class Ground:
    """One kind of database. `prepared` makes a filled one once; `fresh` gives a copy that the settings point at."""

    name: str
    folder: Path
    server: postgres.Server | None = None
    _made: int = field(default=0)

    def empty(self) -> str:
        """The URL of a new database without tables."""
        self._made += 1
        if self.server is not None:
            return self.server.create()
        return f"sqlite:///{self.folder / f'{self._made}.db'}"

    def prepared(self, fill: Fill) -> str:
        """The URL of a database with every table, the clock at rest, and what `fill` puts in. Nobody is connected."""
        url = self.empty()
        database = Database(url)
        assert_durable(database.engine)
        command.upgrade(check.configured(url), "head")
        with unit_of_work("staff:bench", on=database) as uow:
            set_stored_clock(uow.session, NOON)
        with unit_of_work("staff:bench", on=database) as uow:
            fill(uow)
        settle(database)
        database.engine.dispose()
        return url

    @contextmanager
    def fresh(self, template: str) -> Iterator[Database]:
        """A copy of a prepared database, which the program finds by its settings, removed at the end."""
        if self.server is None:
            url = self.empty()
            path = Path(url.removeprefix("sqlite:///"))
            shutil.copy(template.removeprefix("sqlite:///"), path)
        else:
            url = self.server.create(template)
        with pointed_at(url) as database:
            yield database
        if self.server is None:
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()
        else:
            self.server.drop(url)


def settle(database: Database) -> None:
    """Leave nothing to be tidied up later: what is measured pays for itself only."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
            return
    raw = database.engine.raw_connection()
    raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    raw.close()


@contextmanager
def pointed_at(url: str) -> Iterator[Database]:
    """The program's settings name this database for the length of the block."""
    before = os.environ.get("MANDATE_DATABASE_URL")
    os.environ["MANDATE_DATABASE_URL"] = url
    settings_module.settings.cache_clear()
    database = database_of_settings()
    try:
        yield database
    finally:
        database.engine.dispose()
        if before is None:
            del os.environ["MANDATE_DATABASE_URL"]
        else:
            os.environ["MANDATE_DATABASE_URL"] = before
        settings_module.settings.cache_clear()


@contextmanager
def grounds() -> Iterator[list[Ground]]:
    """SQLite always; PostgreSQL too where there is one."""
    with tempfile.TemporaryDirectory(prefix="mandate-bench-") as folder:
        sqlite = Ground("SQLite", Path(folder))
        try:
            with postgres.running(on_disk=True) as server:
                yield [sqlite, Ground("PostgreSQL", Path(folder), server)]
        except postgres.Absent as absent:
            say(f"Without PostgreSQL: {absent}")
            yield [sqlite]


def version_of(ground: Ground) -> str:
    """The server's own words."""
    database = Database(ground.empty())
    with database.engine.connect() as connection:
        words = str(connection.execute(text("SHOW server_version")).scalar())
    database.engine.dispose()
    return words.split()[0]


def own_home(folder: Path, port: int) -> None:
    """Point every setting of this process at a folder of the bench's own."""
    for name in [each for each in os.environ if each.startswith("MANDATE_")]:
        del os.environ[name]
    os.environ["MANDATE_HOME"] = str(folder)
    os.environ["MANDATE_PREFECT_PORT"] = str(port)
    settings_module.settings.cache_clear()
    settings()
