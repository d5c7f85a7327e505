"""Fixtures that every test may ask for: a database of its own, a unit of work, a stopped clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.db import Base, Database
from core.unit_of_work import UnitOfWork, unit_of_work

NOON = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def blanks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where empty databases are kept to be copied: making every table anew takes ten times as long."""
    return tmp_path_factory.mktemp("blanks")


@pytest.fixture
def database(tmp_path: Path, blanks: Path) -> Iterator[Database]:
    """An empty SQLite database with every table that has been imported."""
    blank = blanks / f"{len(Base.metadata.tables)}.db"
    if not blank.exists():
        making = Database(f"sqlite:///{blank}")
        Base.metadata.create_all(making.engine)
        making.engine.dispose()
    shutil.copy(blank, tmp_path / "mandate.db")
    database = Database(f"sqlite:///{tmp_path / 'mandate.db'}")
    yield database
    database.engine.dispose()


@pytest.fixture
def uow(database: Database) -> Iterator[UnitOfWork]:
    """A unit of work at noon on 1 September 2026."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as unit:
        yield unit
