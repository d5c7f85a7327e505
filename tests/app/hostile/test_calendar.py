"""Hostile texts in the reasons of deadlines, read as a calendar program reads them: words, and nothing that it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar
from pydantic import ValidationError
from sqlalchemy import select

from casework.acts import Reason
from casework.cases import Case
from casework.deadlines import DeadlineKind, set_deadline
from core.db import Database
from core.findings import Citation
from core.unit_of_work import unit_of_work
from core.why import Why
from tests.app.conftest import Made
from tests.app.hostile.payloads import PAYLOADS
from tests.app.signed_in import nobody
from tests.app.test_calendars import a_calendar, path_of
from tests.app.test_pages import at_head

FIRST = date(2026, 10, 1)
PLAIN = "Somebody said so"
OCTETS_OF_A_LINE = 75


@pytest.fixture
def visitor(database: Database) -> Iterator[TestClient]:
    """A calendar program: nobody is signed in."""
    with nobody(database) as client:
        yield client


def taken(text: str) -> bool:
    """Whether anybody could have typed it into an act."""
    try:
        Reason(reason=text)
    except ValidationError:
        return False
    return True


def without_spaces(text: object) -> str:
    return "".join(str(text).split())


@pytest.mark.parametrize("nth", [5, pytest.param(1, marks=pytest.mark.full)])
def test_fm_33_no_text_in_a_calendar_becomes_more_than_a_description(
    client: TestClient, visitor: TestClient, made: Made, database: Database, nth: int
) -> None:
    """Turns red if a line of a feed is put together by hand: a text would end it and begin one of its own."""
    made(at_head)
    texts = [PLAIN, *list(filter(taken, PAYLOADS))[::nth]]
    with unit_of_work("staff:test", on=database) as uow:
        case = uow.session.scalars(select(Case.id)).one()
        for days, text in enumerate(texts):
            why = Why(text, {text: text}, text, Citation("An Act", text, "https://example.org"), "confirmed")
            set_deadline(uow, case, DeadlineKind.SCRUTINEER_REPORT, FIRST + timedelta(days=days), why)
    raw = visitor.get(path_of(a_calendar(client).json()["url"])).content
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= OCTETS_OF_A_LINE
    calendar = Calendar.from_ical(raw)
    assert {each.name for each in calendar.walk()} == {"VCALENDAR", "VEVENT"}
    found = {each["dtstart"].dt: each for each in calendar.walk("VEVENT") if each["dtstart"].dt >= FIRST}
    plain = found[FIRST]
    assert len(found) == len(texts) > 400 // nth
    for days, text in enumerate(texts):
        event = found[FIRST + timedelta(days=days)]
        assert set(event) == set(plain), text
        assert (event["summary"], event["url"]) == (plain["summary"], plain["url"]), text
        assert without_spaces(event["description"]).count(without_spaces(text)) >= 4, text
