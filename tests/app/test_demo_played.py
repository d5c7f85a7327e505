"""`mandate demo` as a person runs it, without Prefect: what came of every case, against figures written by hand."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from fractions import Fraction
from typing import Any

import pytest

from app.board_filters import Filters
from app.board_views import board
from app.cli.demo_result import show
from core.db import Database
from core.unit_of_work import reading
from tests.demonstration import Demonstration

pytestmark = pytest.mark.slow

BOTH = ["asos", "strike"]
TRUST = ["136318", "137076", "137758"]
CASES: dict[str, dict[str, Any]] = {
    "100050": {
        "outcome": "reopened",
        "stage": "officer_negotiation",
        "raised_on": "2026-09-01",
        "settled_on": "2027-02-10",
        "reopened_on": "2027-06-29",
        "ballot": ("2026-10-20", "2026-11-17", 58, 46, True, BOTH, "2027-11-16"),
        "asos_from": ["2026-12-07"],
        "strike_days": [("2027-01-27", 26), ("2027-01-28", 24)],
    },
    "105243": {
        "outcome": "settled_by_head",
        "stage": "closed",
        "raised_on": "2026-09-08",
        "settled_on": "2026-09-21",
    },
    "141369": {
        "outcome": "settled_at_the_threat",
        "stage": "monitoring",
        "raised_on": "2026-09-08",
        "settled_on": "2027-01-28",
        "ballot": ("2026-11-03", "2026-11-24", 34, 25, True, BOTH, "2027-11-23"),
        "asos_from": ["2026-12-14"],
        "strike_days": [("2027-02-03", None), ("2027-02-04", None)],
    },
    "134319": {
        "outcome": "settled_by_officer",
        "stage": "monitoring",
        "raised_on": "2026-09-15",
        "settled_on": "2026-10-20",
    },
    "113505": {
        "outcome": "ballot_lost",
        "stage": "officer_negotiation",
        "raised_on": "2026-09-21",
        "ballot": ("2026-12-07", "2027-01-12", 40, 18, False, [], None),
    },
    "103606": {
        "outcome": "resting",
        "stage": "officer_negotiation",
        "raised_on": "2026-09-28",
        "rests_until": "2027-09-06",
    },
    **{
        urn: {
            "outcome": "settled",
            "stage": "monitoring",
            "raised_on": "2026-09-28",
            "settled_on": "2027-01-27",
            "ballot": ("2026-11-17", "2026-12-08", 60, 43, True, BOTH, "2027-12-07"),
            "asos_from": ["2027-01-11"],
        }
        for urn in TRUST
    },
}
LADDER_OF_THE_HEAD = [
    ("raised", "2026-09-08"),
    ("members_meeting", "2026-09-08"),
    ("head_meeting", "2026-09-15"),
    ("settled", "2026-09-21"),
    ("monitoring", "2026-10-05"),
    ("closed", "2027-03-08"),
]
LADDER_OF_THE_LOST_BALLOT = [
    ("raised", "2026-09-21"),
    ("members_meeting", "2026-09-21"),
    ("head_meeting", "2026-09-28"),
    ("officer_assigned", "2026-10-06"),
    ("officer_members_meeting", "2026-10-07"),
    ("officer_negotiation", "2026-10-20"),
    ("ballot_preparation", "2026-11-17"),
    ("ballot_open", "2026-12-07"),
    ("ballot_result", "2027-01-12"),
    ("officer_negotiation", "2027-01-13"),
]


def test_every_case_comes_to_what_was_written_by_hand(demonstration: Demonstration) -> None:
    """Turns red if an outcome, a stage, a day, a count of a ballot or a strike day is another than the story's."""
    told = {urn: _as_by_hand(case) for urn, case in demonstration.cases.items()}
    assert told == {urn: {**NOTHING, **expected} for urn, expected in CASES.items()}


NOTHING: dict[str, Any] = {
    "settled_on": None,
    "reopened_on": None,
    "rests_until": None,
    "ballot": None,
    "asos_from": [],
    "strike_days": [],
}


def _as_by_hand(case: dict[str, Any]) -> dict[str, Any]:
    plain = ("outcome", "stage", "raised_on", "settled_on", "reopened_on", "rests_until", "asos_from")
    counted = ("opens_on", "closes_on", "entitled", "cast", "turnout_met", "mandates", "mandate_ends_on")
    assert len(case["ballots"]) <= 1
    return {
        **{name: case[name] for name in plain},
        "strike_days": [(each["on"], each["took_part"]) for each in case["strike_days"]],
        "ballot": next((tuple(each[name] for name in counted) for each in case["ballots"]), None),
    }


def test_the_days_of_two_ladders(demonstration: Demonstration) -> None:
    """Turns red if a stage is entered on the day it is noticed and not on the day it happened: a ballot's close."""
    for urn, ladder in (("105243", LADDER_OF_THE_HEAD), ("113505", LADDER_OF_THE_LOST_BALLOT)):
        assert [(each["stage"], each["entered_on"]) for each in demonstration.cases[urn]["stages"]] == ladder


def test_a_ballot_lost_on_turnout_had_its_majority(demonstration: Demonstration) -> None:
    """Eighteen of forty vote, fewer than half; sixteen and twelve of them say yes."""
    [ballot] = demonstration.cases["113505"]["ballots"]
    assert ballot["turnout_percent"] == 45.0
    assert ballot["questions"] == {
        "strike": {"yes": 12, "no": 5, "spoiled": 1},
        "asos": {"yes": 16, "no": 1, "spoiled": 1},
    }


def test_three_schools_of_a_trust_are_in_one_dispute_and_one_ballot(demonstration: Demonstration) -> None:
    """Turns red if a school is left out of the dispute, or each is balloted apart."""
    cases = [demonstration.cases[urn] for urn in TRUST]
    assert {case["dispute"] for case in cases} == {"D-2026-0007"}
    assert [case["workplaces"] for case in cases] == [
        [TRUST[0], TRUST[1], TRUST[2]],
        [TRUST[1], TRUST[0], TRUST[2]],
        [TRUST[2], TRUST[0], TRUST[1]],
    ]
    assert len({case["ballots"][0]["ref"] for case in cases}) == 1
    assert len({case["employer"] for case in cases}) == 1


def test_every_check_holds_and_nothing_is_late(demonstration: Demonstration) -> None:
    assert [each["what"] for each in demonstration.document["checks"] if not each["holds"]] == []
    of_prefects_database = bool(demonstration.document["prefect_flow_runs"])
    assert len(demonstration.document["checks"]) == 13 + of_prefects_database
    assert demonstration.document["stopped"] is None
    for case in demonstration.cases.values():
        assert (case["deadlines"]["late"], case["deadlines"]["missed"]) == (0, 0)


def test_what_was_paid_is_two_365ths_of_the_salaries_in_the_members_file(demonstration: Demonstration) -> None:
    """Turns red if a penny is lost between the salaries and the table; twenty-four members claim, by number."""
    with (demonstration.folder / "people" / "members.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["urn"] == "100050"]
    claimants = sorted(rows, key=lambda row: row["membership_number"])[:24]
    exact = [Fraction(row["annual_salary"]) * 100 * Fraction(row["fte"]) * 2 / 365 for row in claimants]
    total = sum((each + Fraction(1, 2)).__floor__() for each in exact)
    assert demonstration.document["claims_paid"] == 24
    assert demonstration.document["reimbursed_pence"] == total == demonstration.cases["100050"]["reimbursed_pence"]
    assert sum(case["reimbursed_pence"] for case in demonstration.cases.values()) == total


def test_the_board_shows_every_case(demonstration: Demonstration) -> None:
    """Turns red if a case stands at another stage in the database than in the table."""
    on = Database(f"sqlite:///{demonstration.folder / 'mandate.db'}")
    try:
        with reading(on=on) as uow:
            shown = {card.ref: rung.stage.value for rung in board(uow, Filters()).rungs for card in rung.cases}
    finally:
        on.engine.dispose()
    assert shown.items() >= {case["ref"]: case["stage"] for case in demonstration.cases.values()}.items()


@pytest.mark.parametrize("columns", ["80", "100"])
def test_the_end_fits_a_terminal(
    demonstration: Demonstration, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """Turns red if the table or the timeline is wider than the terminal, or a case is missing from either."""
    monkeypatch.setenv("COLUMNS", columns)
    show({**demonstration.document, "folder": "demo", "prefect_flow_runs": 0, "seconds": 1})
    out = capsys.readouterr().out
    table, timeline = out.split("Week by week")
    assert max(map(len, table.splitlines())) <= int(columns)
    assert max(map(len, timeline.split("\n\n")[0].splitlines())) <= int(columns)
    for ref in (case["ref"] for case in demonstration.cases.values()):
        assert ref in table
        assert ref in timeline


def test_the_document_is_kept_in_the_folder(demonstration: Demonstration) -> None:
    assert json.loads((demonstration.folder / "result.json").read_text(encoding="utf-8")) == demonstration.document


def test_the_print_house_spoke_of_every_letter(demonstration: Demonstration) -> None:
    """Turns red if `Performance._work` leaves out the print house: each letter is somebody's to ask after."""
    with closing(sqlite3.connect(f"file:{demonstration.folder / 'mandate.db'}?mode=ro", uri=True)) as stored:
        laid = "medium = 'letter' AND state IN ('accepted', 'evidenced')"
        [(letters,)] = stored.execute(f"SELECT count(*) FROM notices WHERE {laid}")
        silent = f"SELECT count(*) FROM notices WHERE {laid} AND id NOT IN (SELECT notice_id FROM notice_evidence)"
        assert letters > 20
        assert stored.execute(silent).fetchall() == [(0,)]


def test_the_timeline_is_drawn_beside_the_letters(demonstration: Demonstration) -> None:
    page = (demonstration.folder / "timeline.html").read_text(encoding="utf-8")
    assert all(case["workplace"] in page for case in demonstration.cases.values())
