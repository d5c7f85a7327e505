"""What still stands between a ballot and its opening besides what its papers say: every code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ballots.readiness import BallotReadiness, LegReadiness, PaperReceived, issues_before_opening
from core.findings import Severity
from tests.days import day

IN_TIME = PaperReceived(prepared=True, approved=True, received_on=day("Thu 2026-10-08"))
READY = BallotReadiness(legs=[LegReadiness(IN_TIME, IN_TIME)], entitled_frozen=12, entitled_listed=12)


def codes(ballot: BallotReadiness) -> list[str]:
    found = issues_before_opening(ballot)
    assert all(each.severity is Severity.STOP and each.cure for each in found)
    return [each.code for each in found]


def with_notice(**changes: object) -> BallotReadiness:
    return replace(READY, legs=[LegReadiness(replace(IN_TIME, **changes), IN_TIME)])  # type: ignore[arg-type]


def with_sample(**changes: object) -> BallotReadiness:
    return replace(READY, legs=[LegReadiness(IN_TIME, replace(IN_TIME, **changes))])  # type: ignore[arg-type]


def test_nothing_stands_before_a_ballot_that_is_ready() -> None:
    assert codes(READY) == []


@pytest.mark.parametrize(
    ("changes", "said", "to_do"),
    [
        ({"prepared": False, "approved": False, "received_on": None}, "is not prepared", "Prepare, approve and serve"),
        ({"approved": False, "received_on": None}, "waits for approval", "Have a second person approve"),
        ({"approved": False}, "waits for approval", "Have a second person approve"),
        ({"received_on": None}, "There is no proof", "Find out when the employer received"),
    ],
)
def test_a_paper_is_missing_until_its_receipt_is_proved(changes: dict[str, object], said: str, to_do: str) -> None:
    """
    Turns red if one of the first three tests of `_paper_issues` is dropped (s. 226A(1)), or if a paper that went out is
    to be prepared.
    """
    for ballot, code, provision in (
        (with_notice(**changes), "ballot_notice_missing", "s. 226A(1)(a)"),
        (with_sample(**changes), "sample_paper_missing", "s. 226A(1)(b)"),
    ):
        (found,) = issues_before_opening(ballot)
        assert (found.code, found.citation.provision if found.citation else None) == (code, provision)
        assert said in found.sentence
        assert found.cure.startswith(to_do)


def test_a_list_that_lost_a_voter_stops() -> None:
    """Turns red if the frozen number is not compared with the list."""
    assert codes(replace(READY, entitled_listed=11)) == ["figures_disagree"]


def test_a_ballot_without_an_employer_stops() -> None:
    assert codes(replace(READY, legs=[])) == ["ballot_notice_missing"]


def test_each_employer_is_looked_at() -> None:
    """Turns red if only the first leg is read: the second employer's notice is not shown to have arrived."""
    second = LegReadiness(replace(IN_TIME, received_on=None), IN_TIME)
    assert codes(replace(READY, legs=[READY.legs[0], second])) == ["ballot_notice_missing"]


def test_a_school_that_left_the_dispute_stops() -> None:
    """Turns red if `settled` is not read."""
    assert codes(replace(READY, settled=["Hill School"])) == ["workplace_settled"]


def test_a_school_in_dispute_with_another_employer_stops() -> None:
    """Turns red if `elsewhere` is not read."""
    assert codes(replace(READY, elsewhere=["Hill School"])) == ["employer_wrong"]
