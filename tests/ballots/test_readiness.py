"""What still stands between a ballot and its opening: every code, on the boundary day and the day after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ballots.paper import voting_paper
from ballots.readiness import BallotReadiness, LegReadiness, PaperReceived, issues_before_opening
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.findings import Severity
from core.law import Consultation, current_law
from core.nations import Nation
from tests.days import day

LAW = current_law()
DATES = timetable(BallotFacts(day("Tue 2026-10-20"), day("Tue 2026-11-17"), entitled=12), LAW)
IN_TIME = PaperReceived(prepared=True, approved=True, received_on=day("Thu 2026-10-08"))
READY = BallotReadiness(
    legs=[LegReadiness(IN_TIME, IN_TIME)],
    entitled_frozen=12,
    entitled_listed=12,
    scrutineer_required=False,
    scrutineer=None,
)


def codes(ballot: BallotReadiness) -> list[str]:
    found = issues_before_opening(ballot, DATES)
    assert all(each.severity is Severity.STOP and each.cure for each in found)
    return [each.code for each in found]


def with_notice(**changes: object) -> BallotReadiness:
    return replace(READY, legs=[LegReadiness(replace(IN_TIME, **changes), IN_TIME)])  # type: ignore[arg-type]


def with_sample(**changes: object) -> BallotReadiness:
    return replace(READY, legs=[LegReadiness(IN_TIME, replace(IN_TIME, **changes))])  # type: ignore[arg-type]


def test_nothing_stands_before_a_ballot_that_is_ready() -> None:
    assert codes(READY) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prepared": False, "approved": False, "received_on": None}, "is not prepared"),
        ({"approved": False, "received_on": None}, "waits for approval"),
        ({"approved": False}, "waits for approval"),
        ({"received_on": None}, "There is no proof"),
    ],
)
def test_a_paper_is_missing_until_its_receipt_is_proved(changes: dict[str, object], said: str) -> None:
    """Turns red if one of the first three tests of `_paper_issues` is dropped; s. 226A(1)."""
    for ballot, code, provision in (
        (with_notice(**changes), "ballot_notice_missing", "s. 226A(1)(a)"),
        (with_sample(**changes), "sample_paper_missing", "s. 226A(1)(b)"),
    ):
        (found,) = issues_before_opening(ballot, DATES)
        assert (found.code, found.citation.provision if found.citation else None) == (code, provision)
        assert said in found.sentence


@pytest.mark.parametrize(("received", "found"), [("Tue 2026-10-13", []), ("Wed 2026-10-14", ["ballot_notice_late"])])
def test_the_notice_of_ballot_is_late_a_day_after_the_seventh_day_before(received: str, found: list[str]) -> None:
    """Turns red if `<=` becomes `<` in `_paper_issues`, or the days of the two papers are exchanged."""
    assert codes(with_notice(received_on=day(received))) == found


@pytest.mark.parametrize(("received", "found"), [("Sat 2026-10-17", []), ("Sun 2026-10-18", ["sample_paper_late"])])
def test_the_sample_paper_is_late_a_day_after_the_third_day_before(received: str, found: list[str]) -> None:
    """Turns red if the weekend is left out, or the sample paper is held to the notice's day."""
    assert codes(with_sample(received_on=day(received))) == found


def test_a_late_receipt_says_by_how_much_and_what_to_do() -> None:
    (found,) = issues_before_opening(with_notice(received_on=day("Thu 2026-10-15")), DATES)
    assert "Thursday 15 October 2026, 2 day(s) after the latest lawful day, Tuesday 13 October 2026" in found.sentence
    assert found.cure == "Cancel this ballot and plan a later opening day with a new notice."


@pytest.mark.parametrize(("entitled", "required"), [(50, False), (51, True)])
def test_fifty_are_exempt_from_a_scrutineer_and_fifty_one_are_not(entitled: int, required: bool) -> None:
    """Turns red if `>` becomes `>=` in `timetable.scrutineer`, or the readiness forgets who is appointed."""
    dates = timetable(BallotFacts(day("Tue 2026-10-20"), day("Tue 2026-11-17"), entitled=entitled), LAW)
    assert dates.scrutineer is not None
    assert dates.scrutineer.required is required
    ballot = replace(READY, scrutineer_required=required)
    assert codes(ballot) == (["scrutineer_missing"] if required else [])
    assert codes(replace(ballot, scrutineer="Example Election Services")) == []


def test_a_list_that_lost_a_voter_stops() -> None:
    """Turns red if the frozen number is not compared with the list."""
    assert codes(replace(READY, entitled_listed=11)) == ["figures_disagree"]


def test_an_employer_that_no_longer_employs_there_stops() -> None:
    """Turns red if `employs` is not read."""
    assert codes(replace(READY, legs=[replace(READY.legs[0], employs=False)])) == ["employer_wrong"]


def test_a_ballot_without_an_employer_stops() -> None:
    assert codes(replace(READY, legs=[])) == ["ballot_notice_missing"]


def test_each_employer_is_looked_at() -> None:
    """Turns red if only the first leg is read: the second employer's notice came late."""
    late = LegReadiness(replace(IN_TIME, received_on=day("Wed 2026-10-14")), IN_TIME)
    assert codes(replace(READY, legs=[READY.legs[0], late])) == ["ballot_notice_late"]


def _straddling(printed_for: date, received_on: date) -> BallotReadiness:
    """A ballot that opens on 23 February 2026, with a sample made for one day and received on another."""
    law, opens = Consultation(LAW, Nation.ENGLAND), day("Mon 2026-02-23")
    return replace(
        READY,
        legs=[
            LegReadiness(
                replace(IN_TIME, received_on=day("Mon 2026-02-16")),
                replace(IN_TIME, received_on=received_on),
                printed=voting_paper(opens, printed_for, law).statement,
                wanted=voting_paper(opens, received_on, law),
            )
        ],
    )


@pytest.mark.parametrize(
    ("made", "received", "found"),
    [
        ("Tue 2026-02-17", "Tue 2026-02-17", []),
        ("Tue 2026-02-17", "Wed 2026-02-18", ["voting_paper_statement_wrong"]),
        ("Wed 2026-02-18", "Wed 2026-02-18", []),
    ],
)
def test_the_statement_is_that_of_the_day_of_receipt(made: str, received: str, found: list[str]) -> None:
    """Turns red if `_statement_issues` is dropped: a paper made before 18 February 2026 and received after it."""
    dates = timetable(BallotFacts(day("Mon 2026-02-23"), day("Fri 2026-04-24"), entitled=12), LAW)
    ballot = _straddling(day(made), day(received))
    assert [each.code for each in issues_before_opening(ballot, dates)] == found
