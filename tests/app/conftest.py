"""The dashboard over a database of its own, called as a browser on this machine calls it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.cli.database import upgrade
from app.cli.main import run
from casework.cases import Case
from core.clock import set_stored_clock
from core.db import Database
from core.db import database as database_of_settings
from core.settings import settings
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.app.grounds import Ground, standing_on
from tests.app.schools import School
from tests.app.signed_in import signed_in
from tests.builders import a_member, a_workplace, an_officer
from tests.engines import Engine, blank, opened

STANDS_AT = datetime(2026, 9, 8, 9, 0, tzinfo=UTC)
Made = Callable[[Callable[[UnitOfWork], Case]], str]


@pytest.fixture(scope="module", params=["sqlite"])
def engine(request: pytest.FixtureRequest, engines: Callable[[str], Engine]) -> Engine:
    """SQLite: words and pages stand on handlers that are tried on both. A file that wants both marks itself so."""
    return engines(request.param)


@pytest.fixture(scope="module")
def ground(engines: Callable[[str], Engine]) -> Iterator[Ground]:
    """Two associations, one for the whole file: whoever asks with empty hands changes nothing that others ask for."""
    engine = engines("sqlite")
    with engine.lent(blank(engine)) as url, opened(url) as database, standing_on(database) as ground:
        yield ground


@pytest.fixture
def made(database: Database) -> Made:
    """Makes a case in a transaction of its own and gives its reference."""

    def make(maker: Callable[[UnitOfWork], Case]) -> str:
        with unit_of_work("staff:test", on=database) as uow:
            return maker(uow).ref

    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, STANDS_AT)
    return make


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    """A client on this machine that is signed in as somebody who may do everything."""
    with signed_in(database) as client:
        yield client


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it is."""
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def migrated(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database of this process's settings, made by the migrations, its clock standing at `STANDS_AT`."""
    monkeypatch.setenv("MANDATE_HOME", str(tmp_path / "home"))

    def use(url: str) -> None:
        monkeypatch.setenv("MANDATE_DATABASE_URL", url)
        settings.cache_clear()

    def migrate(url: str) -> None:
        use(url)
        upgrade()

    with engine.lent(engine.shared("migrated", migrate)) as url:
        use(url)
        opened = database_of_settings()
        with opened.writing() as session:
            set_stored_clock(session, STANDS_AT)
        yield opened
        opened.engine.dispose()
    settings.cache_clear()


@pytest.fixture
def command(migrated: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The executable, run in this process on the migrated database."""

    def command(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["mandate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run()
        printed = capsys.readouterr()
        return Answer(int(ended.value.code or 0), printed.out, printed.err)

    return command


@pytest.fixture
def school(migrated: Database) -> School:
    """In the commands' database."""
    with unit_of_work("staff:test") as uow:
        workplace = a_workplace(uow)
        for _ in range(12):
            a_member(uow, workplace)
        one = an_officer(uow, workplace.association, name="Kwame Fernshaw")
        two = an_officer(uow, name="Siân Rowanmere")
        return School(workplace.urn, f"officer:{one.id}", f"officer:{two.id}", one.name)
