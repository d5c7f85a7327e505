"""The demonstration's timeline and what it says came of a case: pure readings of what is stored."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from app.demo import drawing, outcomes
from app.demo.screenplay import Outcome
from app.demo.timeline import LETTERS, RESTS, sheet
from casework.lifecycle import Event, EventKind, Stage
from tests.days import day

RAISED = Event(EventKind.CASE_RAISED, day("Tue 2026-09-01"), {"issues": ["meetings"], "pursuit": "concurrent"})
MET = Event(EventKind.MEMBERS_MEETING_HELD, day("Tue 2026-09-08"), {"present": 10, "in_favour": 9})
ARRANGED = Event(EventKind.MEMBERS_MEETING_ARRANGED, day("Tue 2026-09-01"), {"meets_on": "2026-09-08"})


def row(**changes: Any) -> dict[str, Any]:
    """A case of a document, as far as the timeline reads it."""
    return {
        "ref": "2026-0001",
        "workplace": "Example School",
        "title": "An example",
        "raised_on": "2026-09-02",
        "rested_on": None,
        "stages": [
            {"stage": "raised", "entered_on": "2026-09-02"},
            {"stage": "members_meeting", "entered_on": "2026-09-06"},
            {"stage": "head_meeting", "entered_on": "2026-09-14"},
        ],
        **changes,
    }


def letters(line: Any) -> str:
    return "".join(cell.letter if cell else "-" for cell in line.cells)


def test_each_week_shows_the_stage_it_ended_on() -> None:
    """Turns red if a week ends a day early: `on < end` against `on <= end` shows in the first and the second week."""
    drawn = sheet([row()], day("Sun 2026-09-20"))
    assert drawn.weeks == (day("Mon 2026-08-31"), day("Mon 2026-09-07"), day("Mon 2026-09-14"))
    assert letters(drawn.lines[0]) == "mmh"


def test_a_case_raised_later_begins_later_and_a_rest_shows() -> None:
    """Turns red if `rested_on` is not asked, or a case stands on the sheet before it was raised."""
    later = row(
        raised_on="2026-09-16",
        rested_on="2026-09-23",
        stages=[{"stage": "raised", "entered_on": "2026-09-16"}],
    )
    drawn = sheet([row(), later], day("Wed 2026-09-30"))
    assert letters(drawn.lines[1]) == f"--r{RESTS}{RESTS}"
    assert drawn.letters() == ("r", "m", "h", RESTS)


def test_months_stand_over_their_first_week() -> None:
    """Turns red if a week belongs to the month it begins in: it would then be August that stands first."""
    assert sheet([row()], day("Sun 2026-11-08")).ruler() == "Sep  Oct Nov"


def test_every_stage_has_a_letter_of_its_own() -> None:
    """Turns red if two stages share a letter: without colour nobody could tell them apart."""
    assert set(LETTERS) == set(Stage)
    assert len({*LETTERS.values(), RESTS}) == len(Stage) + 1


def test_the_page_says_in_words_what_it_draws(tmp_path: Path) -> None:
    """Turns red if the drawing lacks its title, its description or its table, or a name is not escaped."""
    rows = [row(workplace="St Mary's <Primary> & Nursery")]
    drawing.draw(tmp_path / "timeline.html", sheet(rows, day("Sun 2026-09-20")), rows)
    page = (tmp_path / "timeline.html").read_text()
    assert "<title id=" in page
    assert "<desc id=" in page
    assert "Meeting with the head 14 Sep 2026" in page.replace(drawing.NO_BREAK, " ")
    assert "<Primary>" not in page


def test_on_a_phone_the_weeks_go_down_and_nine_cases_fit(tmp_path: Path) -> None:
    """
    Turns red if the narrow drawing is wider than a phone, lacks a week, or both drawings are shown at once.
    """
    rows = [row(ref=f"2026-{number:04d}", workplace=f"School {number}") for number in range(1, 10)]
    drawing.draw(tmp_path / "timeline.html", sheet(rows, day("Sun 2026-09-20")), rows)
    page = (tmp_path / "timeline.html").read_text()
    wide, narrow = page.split('<div class="narrow">')
    narrow, _ = narrow.split("<h2>Letters</h2>")
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', narrow)
    assert found is not None
    assert int(found[1]) <= 320
    assert int(found[2]) == drawing.TOP + 3 * drawing.CELL
    assert narrow.count("<rect ") == wide.count("<rect ") == 9 * 3
    assert "<li>0009: School 9</li>" in narrow
    assert ".narrow { display: none; }" in page
    assert ".wide { display: none; } .narrow { display: block; }" in page


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], Outcome.OPEN),
        ([Event(EventKind.HEAD_MET, day("Tue 2026-09-15"), {"answer": "accepted"})], Outcome.SETTLED_BY_HEAD),
        ([Event(EventKind.HEAD_MET, day("Tue 2026-09-15"), {"answer": "refused"})], Outcome.OPEN),
        (
            [
                Event(EventKind.HEAD_MET, day("Tue 2026-09-15"), {"answer": "accepted"}),
                Event(EventKind.CASE_REOPENED, day("Tue 2026-09-22"), {"issues": [], "reason": "slipping back"}),
            ],
            Outcome.REOPENED,
        ),
        (
            [Event(EventKind.CASE_RESTED, day("Tue 2026-09-15"), {"reason": "a new head", "wake_on": "2027-01-04"})],
            Outcome.RESTING,
        ),
        ([Event(EventKind.SETTLEMENT_REACHED, day("Tue 2026-09-15"), {"issues": ["meetings"]})], Outcome.SETTLED),
    ],
)
def test_what_came_of_a_case_is_the_last_thing_that_decided_it(events: list[Event], expected: Outcome) -> None:
    """Turns red if a refusal counts as a settlement, or an earlier settlement hides that the case reopened."""
    assert outcomes.outcome([RAISED, ARRANGED, MET, *events]) is expected
