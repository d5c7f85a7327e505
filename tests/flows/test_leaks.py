"""Nothing about a person reaches Prefect or a log."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

import flows.case
import flows.outbox_delivery
from app import prefect_server, runs
from app.prefect_server import PrefectServer
from casework import reminders, repository
from casework.lifecycle import EventKind
from core import logs
from core.db import Database
from core.settings import Settings
from core.unit_of_work import unit_of_work
from flows.case import STAGE_FLOWS
from flows.errors import EdgeError
from tests.builders import UP_TO_HEAD, UP_TO_NEGOTIATION, a_case, a_member, a_workplace, an_officer, happen
from tests.conftest import NOON
from tests.flows.cases import A_FORTNIGHT_LATER
from tests.flows.conftest import drained, stand_at

pytestmark = pytest.mark.prefect


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


AMBER = NOON + timedelta(days=3)
"""When the head's deadline turns amber, and somebody is told."""
PEOPLE = [f"Zq{number:02d}xvuk" for number in range(20)]


def _planted() -> list[str]:
    """Twenty people: sixteen members and four officers, at two schools whose cases stand apart."""
    with unit_of_work("staff:test") as uow:
        made = []
        for half in (PEOPLE[:10], PEOPLE[10:]):
            workplace = a_workplace(uow, name=f"School of {half[0]}")
            for person in half[:2]:
                an_officer(uow, workplace.association, name=f"Officer {person}", email=f"{person}@example.org")
            for person in half[2:]:
                names = {
                    "name": f"Member {person}",
                    "email": f"{person}@example.org",
                    "membership_number": f"M{person}",
                }
                a_member(uow, workplace, **names)
            made.append(a_case(uow, workplace))
        happen(uow, made[0], *UP_TO_HEAD)
        happen(uow, made[1], *UP_TO_NEGOTIATION, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
        return [str(case.id) for case in made]


def _fail(*_args: Any, **_kwargs: Any) -> Any:
    cause = ValueError("bad row: " + ", ".join(PEOPLE))
    values = {"name": PEOPLE[0], "email": f"{PEOPLE[1]}@example.org"}
    raise IntegrityError("INSERT INTO members", values, cause) from cause


def _stored(home: Path) -> Iterator[tuple[str, str]]:
    connection = sqlite3.connect(f"file:{home / 'prefect.db'}?mode=ro", uri=True)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in connection.execute(f'SELECT * FROM "{table}"'):
            yield table, repr(row)
    connection.close()


def _run_everything(ids: list[str]) -> None:
    for attempt in (
        lambda: runs.advance(ids, prefect=True),
        lambda: runs.sweep_deadlines(prefect=True),
        lambda: runs.deliver(prefect=True),
        *[_stage_run(each, ids) for each in dict.fromkeys(STAGE_FLOWS.values())],
    ):
        _try(attempt)


def _try(attempt: Callable[[], object]) -> None:
    with suppress(EdgeError):
        attempt()


def _stage_run(flow: Any, ids: list[str]) -> Callable[[], object]:
    return lambda: runs.run(flow, ids, prefect=True)


def test_fm_40_no_identity_reaches_prefect_or_a_log(
    server: PrefectServer,
    prefect_home: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """
    Turns red if `fit_to_cross` in flows/edge.py returns the error it was given.
    """
    logs.configure(verbose=True)
    caplog.set_level(logging.DEBUG)
    ids = _planted()
    _run_everything(ids)
    stand_at(AMBER)
    with monkeypatch.context() as broken:
        broken.setattr(reminders, "outbox", None)
        _try(lambda: runs.sweep_deadlines(prefect=True))
        stand_at(A_FORTNIGHT_LATER)
        broken.setattr(repository, "get", _fail)
        _run_everything(ids)
        broken.setattr(flows.case, "select", _fail)
        broken.setattr(flows.outbox_delivery, "deliver_due", _fail)
        _run_everything(ids)
    drained()
    said = caplog.text + "".join(capfd.readouterr())
    home = prefect_server.home(prefect_home)
    stored = _settled(home)

    for person in PEOPLE:
        assert person not in said
        assert [table for table, row in stored if person in row] == []
    raw = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert [person for person in PEOPLE if person.encode() in raw] == []
    # The search can find: ids, codes and classes are there.
    assert any(ids[0] in row for table, row in stored if table == "flow_run")
    assert any("IntegrityError" in row for table, row in stored if table == "flow_run_state")
    assert "IntegrityError" in said


def _settled(home: Path) -> list[tuple[str, str]]:
    """What is stored once Prefect has stopped writing."""
    import time

    before = -1
    for _ in range(30):
        stored = list(_stored(home))
        if len(stored) == before:
            return stored
        before = len(stored)
        time.sleep(1)
    raise AssertionError("Prefect went on writing for half a minute")
