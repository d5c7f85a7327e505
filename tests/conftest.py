"""Fixtures that every test may ask for: a database of its own, a unit of work, a stopped clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.db import Base, Database
from core.unit_of_work import UnitOfWork, unit_of_work

NOON = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty SQLite database with every table that has been imported."""
    database = Database(f"sqlite:///{tmp_path / 'mandate.db'}")
    Base.metadata.create_all(database.engine)
    return database


@pytest.fixture
def uow(database: Database) -> Iterator[UnitOfWork]:
    """A unit of work at noon on 1 September 2026."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as unit:
        yield unit
