"""What keeps action from being authorised, and its notice from being served."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from ballots.action import PlannedAction, issues_before_authorising, too_late
from ballots.mandate import ActionKind, Mandate
from core.findings import Severity
from tests.days import day

SCHOOL, OTHER, EMPLOYER, NEW_EMPLOYER, BALLOT = (UUID(int=number) for number in range(5))
MANDATE = Mandate(
    employer_id=EMPLOYER,
    workplace_ids=frozenset({SCHOOL}),
    kind=ActionKind.STRIKE,
    first_day=day("Mon 2027-03-01"),
    last_day=day("Mon 2028-02-28"),
    last_day_lenient=day("Tue 2028-02-29"),
    ballot_id=BALLOT,
)
STRIKE = PlannedAction(ActionKind.STRIKE, SCHOOL, EMPLOYER, [day("Tue 2027-05-04")])
ASOS = PlannedAction(ActionKind.ASOS, SCHOOL, EMPLOYER, [day("Tue 2027-05-04")], [2])


def codes(action: PlannedAction, mandate: Mandate | None = MANDATE, *, settled: bool = False) -> list[str]:
    return [each.code for each in issues_before_authorising(action, mandate, dispute_settled=settled)]


def test_action_within_its_mandate_is_free_of_findings() -> None:
    assert codes(STRIKE) == []
    assert codes(ASOS, replace(MANDATE, kind=ActionKind.ASOS)) == []


@pytest.mark.parametrize(
    ("action", "mandate", "found"),
    [
        (STRIKE, None, ["action_kind_not_balloted"]),
        (STRIKE, replace(MANDATE, kind=ActionKind.ASOS), ["action_kind_not_balloted"]),
        (ASOS, MANDATE, ["action_kind_not_balloted"]),
        (replace(STRIKE, workplace_id=OTHER), MANDATE, ["action_kind_not_balloted"]),
        (replace(STRIKE, employer_id=NEW_EMPLOYER), MANDATE, ["employer_wrong"]),
        (replace(STRIKE, days=[]), MANDATE, ["action_notice_dates_missing"]),
        (replace(ASOS, instructions=[]), replace(MANDATE, kind=ActionKind.ASOS), ["instructions_missing"]),
    ],
)
def test_a_mandate_covers_its_own_kind_place_and_employer(
    action: PlannedAction, mandate: Mandate | None, found: list[str]
) -> None:
    """Turns red if any of the conditions of `issues_before_authorising` is dropped (s. 226(2)(a): each kind apart)."""
    assert codes(action, mandate) == found


@pytest.mark.parametrize(
    ("on", "found"),
    [
        ("Mon 2028-02-28", []),
        ("Tue 2028-02-29", [("mandate_expired", Severity.WARN)]),
        ("Wed 2028-03-01", [("mandate_expired", Severity.STOP)]),
    ],
)
def test_the_last_day_the_contested_day_and_the_day_after(on: str, found: list[tuple[str, Severity]]) -> None:
    """Turns red if the lenient day is taken as the last, or only the first day of a strike is looked at; s. 234."""
    issues = issues_before_authorising(
        replace(STRIKE, days=[day("Tue 2027-05-04"), day(on)]), MANDATE, dispute_settled=False
    )
    assert [(each.code, each.severity) for each in issues] == found
    assert all(each.citation and each.citation.provision == "s. 234" for each in issues)


def test_there_is_nothing_to_act_over_once_the_dispute_is_settled() -> None:
    """Turns red if `dispute_settled` is not read."""
    assert codes(STRIKE, settled=True) == ["dispute_settled"]


def test_a_late_notice_says_by_how_much() -> None:
    found = too_late(day("Mon 2026-12-07"), day("Fri 2026-11-27"), day("Mon 2026-11-30"))
    assert "must have the notice by Friday 27 November 2026; Monday 30 November 2026 is 3 days too late" in (
        found.sentence
    )
    assert (found.citation and found.citation.provision) == "s. 234A"
