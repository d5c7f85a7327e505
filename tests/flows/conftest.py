"""One real Prefect server for these tests, as the program starts it, and a database that the flows find by settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import prefect.settings
import pytest
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import temporary_settings

from app import prefect_server, worker  # noqa: F401 - the worker of another process wants its tables
from app.prefect_server import PrefectServer
from core import settings as settings_module
from core.clock import set_stored_clock
from core.db import Database
from core.db import database as database_of_settings
from core.settings import Settings
from core.unit_of_work import unit_of_work
from tests.conftest import NOON
from tests.engines import Engine, blank
from tests.processes import free_port

ON_BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
TOLD = (
    "PREFECT_HOME",
    "PREFECT_API_URL",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_SERVER_EPHEMERAL_ENABLED",
    "PREFECT_LOGGING_LEVEL",
)


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose Prefect belongs to this session alone."""
    return Settings(home=tmp_path_factory.mktemp("home"), prefect_port=free_port())


@pytest.fixture(scope="package")
def server(prefect_home: Settings) -> Iterator[PrefectServer]:
    """
    The running server, with this process as its client; left running to the end of a session it would keep busy.

    It has longer to answer than in service: where all cores are taken it is slow, and not away.
    """
    told = prefect_server.variables(prefect_home)
    with (
        pytest.MonkeyPatch.context() as patient,
        prefect_server.running(prefect_home) as running,
        temporary_settings(updates={getattr(prefect.settings, name): told[name] for name in TOLD}),
    ):
        patient.setattr(prefect_server, "CHECK_SECONDS", 20.0)
        patient.setattr(prefect_server, "ANSWER_SECONDS", 60.0)
        yield running
        drained()


def drained() -> None:
    """Wait until everything that this process had to say to Prefect is said."""
    APILogWorker.drain_all()
    EventsWorker.drain_all()


@pytest.fixture(scope="module", params=["sqlite"])
def engine(request: pytest.FixtureRequest, engines: Callable[[str], Engine]) -> Engine:
    """SQLite: a run takes seconds, and what it records is tested on both engines below. Some say `ON_BOTH`."""
    return engines(request.param)


@pytest.fixture
def database(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, prefect_home: Settings
) -> Iterator[Database]:
    """An empty database at noon on 1 September 2026, which the flows of this process find by its settings."""
    # The home holds the server's password, without which the server would seem to be away.
    monkeypatch.setenv("MANDATE_HOME", str(prefect_home.home))
    monkeypatch.setenv("MANDATE_LETTERS_FOLDER", str(tmp_path / "letters"))
    monkeypatch.setenv("MANDATE_JOURNAL_FOLDER", str(tmp_path / "journal"))
    monkeypatch.setenv("MANDATE_PREFECT_PORT", str(prefect_home.prefect_port))
    with engine.lent(blank(engine)) as url:
        monkeypatch.setenv("MANDATE_DATABASE_URL", url)
        settings_module.settings.cache_clear()
        opened = database_of_settings()
        stand_at(NOON)
        yield opened
        opened.engine.dispose()
    settings_module.settings.cache_clear()


def stand_at(instant: datetime) -> None:
    """Move the database's clock."""
    with unit_of_work("staff:test") as uow:
        set_stored_clock(uow.session, instant)
