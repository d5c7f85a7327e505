"""How near a deadline is, in words and colour: on the board, the deadlines, a case, by command and by the API."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from app.templating import DeadlineState, level_state
from casework.cases import Case
from casework.deadlines import DeadlineKind, set_deadline
from casework.levels import Level
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.app.conftest import STANDS_AT, Command, Made
from tests.builders import a_case
from tests.casework.test_deadlines import WHY

DUE = date(2026, 9, 18)
"""Amber from Friday 11th, red from Wednesday 16th, a hard stop from Saturday 19th; the clock stands at the 8th."""
SHOWN = [
    (0, None, "Due in 10 days", "ahead"),
    (3, Level.AMBER, "Amber: due in 7 days", "amber"),
    (8, Level.RED, "Red: due in 2 days", "red"),
    (10, Level.RED, "Red: due today", "red"),
    (11, Level.STOP, "Hard stop: 1 day late", "stop"),
]


def due(uow: UnitOfWork) -> Case:
    """A case whose result has to reach the employer."""
    case = a_case(uow)
    set_deadline(uow, case.id, DeadlineKind.RESULT_TO_EMPLOYERS, DUE, WHY)
    return case


def on(database: Database, days: int) -> None:
    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, STANDS_AT + timedelta(days=days))


@pytest.mark.parametrize(("days", "level", "words", "colour"), SHOWN)
def test_pages_say_the_level_in_a_word_and_a_colour(
    client: TestClient, made: Made, database: Database, days: int, level: Level | None, words: str, colour: str
) -> None:
    """Turns red if a page shows the colour without the word, or reckons the level in calendar days."""
    ref = made(due)
    on(database, days)
    for address in ("/", "/deadlines", f"/cases/{ref}"):
        page = client.get(address).text
        assert words in page, address
        assert f"mandate-badge--{colour}" in page, address


@pytest.mark.parametrize(("days", "level", "words", "colour"), SHOWN)
def test_the_api_says_the_level_and_the_first_day_of_each(
    client: TestClient, made: Made, database: Database, days: int, level: Level | None, words: str, colour: str
) -> None:
    """Turns red if a program has to reckon working days by itself."""
    ref = made(due)
    on(database, days)
    wanted = level.value if level else None
    [line] = client.get("/api/deadlines").json()["deadlines"]
    assert (line["level"], line["told_level"], line["told_on"]) == (wanted, None, None)
    assert line["levels"] == {"amber": "2026-09-11", "red": "2026-09-16", "stop": "2026-09-19"}
    [card] = client.get("/api/cases").json()["cases"]
    assert card["level"] == wanted
    assert client.get(f"/api/cases/{ref}").json()["deadlines"][0]["level"] == wanted


def test_the_page_counts_and_says_from_when_and_what_was_told(
    client: TestClient, made: Made, database: Database
) -> None:
    """Turns red if the days of the levels are left out, or a turning point is given any."""

    def two(uow: UnitOfWork) -> Case:
        case = due(uow)
        set_deadline(uow, case.id, DeadlineKind.ACTION_BEGINS, DUE, WHY)
        return case

    made(two)
    on(database, 8)
    page = client.get("/deadlines").text
    assert "<strong>0</strong> past their day (hard stop), <strong>1</strong> red, <strong>0</strong> amber" in page
    assert page.count("hard stop from") == 1
    assert "Nothing was told yet." in page


def test_the_command_line_says_it_too(command: Command, migrated: Database) -> None:
    """Turns red if the table of open deadlines leaves the level out."""
    with unit_of_work("staff:test", on=migrated) as uow:
        ref = due(uow).ref
    on(migrated, 11)
    assert "hard stop" in command("case", "show", ref).out
    assert command("case", "show", ref, "--json").document["deadlines"][0]["level"] == "stop"


@pytest.mark.parametrize(
    ("due_on", "level", "state"),
    [
        (date(2026, 9, 10), None, DeadlineState.AHEAD),
        (date(2026, 9, 10), Level.AMBER, DeadlineState.AMBER),
        (date(2026, 9, 8), Level.RED, DeadlineState.RED),
        (date(2026, 9, 7), Level.RED, DeadlineState.LATE),
        (date(2026, 9, 7), Level.STOP, DeadlineState.STOP),
    ],
)
def test_what_ends_by_itself_is_late_and_no_hard_stop(due_on: date, level: Level | None, state: DeadlineState) -> None:
    """Turns red if a day that has passed is still shown as coming."""
    assert level_state(due_on, date(2026, 9, 8), level) is state
