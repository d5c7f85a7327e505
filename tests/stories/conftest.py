"""A school, its members and its officer in an installation of their own, with a clock that the story moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casework.cases import Pursuit
from casework.handlers import open_case
from core import settings as settings_module
from core.clock import set_stored_clock
from core.db import Database
from core.db import database as database_of_settings
from core.unit_of_work import unit_of_work
from tests.builders import a_member, a_workplace, an_officer
from tests.conftest import NOON
from tests.engines import Engine, blank
from tests.stories.telling import Story


@pytest.fixture
def database(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """An empty database at noon on 1 September 2026, found by the settings of this process; mail is laid as files."""
    monkeypatch.setenv("MANDATE_HOME", str(tmp_path))
    monkeypatch.delenv("MANDATE_SMTP_HOST", raising=False)
    monkeypatch.setenv("MANDATE_LETTERS_FOLDER", str(tmp_path / "letters"))
    with engine.lent(blank(engine)) as url:
        monkeypatch.setenv("MANDATE_DATABASE_URL", url)
        settings_module.settings.cache_clear()
        opened = database_of_settings()
        with unit_of_work("staff:test") as uow:
            set_stored_clock(uow.session, NOON)
        yield opened
        opened.engine.dispose()
    settings_module.settings.cache_clear()


@pytest.fixture
def story(database: Database, tmp_path: Path) -> Story:
    """Twelve teachers of a school raise two issues on 1 September 2026."""
    with unit_of_work("staff:test") as uow:
        workplace = a_workplace(uow)
        an_officer(uow, workplace.association)
        for _ in range(12):
            a_member(uow, workplace)
        case_id = open_case(uow, workplace, ["meetings", "observation"], Pursuit.CONCURRENT, "story").id
    told = Story(case_id, tmp_path / "letters")
    told.work()
    return told
