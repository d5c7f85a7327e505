"""Serving: what stands beside the dashboard really works, and what would keep it from answering is found first."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select

from app.serving import serve_all, worker
from core.db import Database
from core.errors import ConfigurationError, ServiceUnavailable
from core.settings import Settings
from core.unit_of_work import unit_of_work
from core.work import PendingWork
from tests.builders import a_case
from tests.conftest import NOON
from tests.migrations.check import configured

LONG_ENOUGH = 90


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A migrated database: the worker is a process of its own and wants every table."""
    url = f"sqlite:///{tmp_path / 'mandate.db'}"
    command.upgrade(configured(url), "head")
    return Database(url)


def test_the_worker_beside_the_dashboard_does_what_was_asked_for(database: Database, tmp_path: Path) -> None:
    """Mutation: start `-m app.cli.main` in `worker`, which imports the commands and runs none; nothing is ever done."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        a_case(uow)
    settings = Settings(home=tmp_path / "home", database_url=database.url, letters_folder=tmp_path / "letters")
    with worker(settings) as child:
        until = time.monotonic() + LONG_ENOUGH
        while not _all_done(database) and time.monotonic() < until:
            assert child.poll() is None, "the worker ended by itself"
            time.sleep(0.2)
    assert _all_done(database)
    assert child.poll() is not None


def _all_done(database: Database) -> bool:
    with database.reading() as session:
        rows = session.scalars(select(PendingWork)).all()
        return bool(rows) and all(row.done_at for row in rows)


def test_a_taken_port_is_found_before_anything_is_started(database: Database, tmp_path: Path) -> None:
    """Mutation: leave out `require_free`, and a worker and a server are started first."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = Settings(home=tmp_path, database_url=database.url, dashboard_port=taken.getsockname()[1])
        with pytest.raises(ServiceUnavailable, match="is taken"):
            serve_all(settings, prefect=False)


def test_a_database_without_tables_is_found_before_anything_is_started(tmp_path: Path) -> None:
    """Mutation: leave out `require_ready`, and a worker and a server are started first."""
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(ConfigurationError, match="mandate init"):
        serve_all(settings, prefect=False)
