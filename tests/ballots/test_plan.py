"""Planning backwards and forwards: lawful days from the statute, safe days from channel and calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ballots.mandate import ActionKind
from ballots.plan import Channel, Plan, StepName, Wish, plan
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.errors import BadInput
from core.law import current_law
from core.nations import Nation
from tests.days import day

LAW = current_law()


def steps_of(outcome: Plan) -> dict[str, tuple[date, date]]:
    """Each step's lawful and safe day."""
    return {step.step: (step.latest_lawful, step.latest_safe) for step in outcome.steps}


def test_backwards_from_the_live_christmas_strike() -> None:
    """Turns red if a safe day falls on a closed day, or a lawful day is moved (T5: lawful until Sun 27 December)."""
    outcome = plan(Wish(first_action_on=day("Wed 2027-01-06"), channel=Channel.HAND, opens_for=24), LAW)
    assert steps_of(outcome) == {
        "authorise": (day("Sun 2026-12-20"), day("Thu 2026-11-19")),
        "ballot_notice": (day("Sun 2026-12-20"), day("Fri 2026-11-20")),
        "sample_paper": (day("Thu 2026-12-24"), day("Thu 2026-11-26")),
        "ballot_opens": (day("Sun 2026-12-27"), day("Sun 2026-11-29")),
        "ballot_closes": (day("Sun 2026-12-27"), day("Wed 2026-12-23")),
        "result_to_members": (day("Sun 2026-12-27"), day("Thu 2026-12-24")),
        "result_to_employers": (day("Sun 2026-12-27"), day("Thu 2026-12-24")),
        "action_notice": (day("Sun 2026-12-27"), day("Thu 2026-12-24")),
        "pickets": (day("Wed 2027-01-06"), day("Tue 2027-01-05")),
    }
    assert [step.margin_days for step in outcome.steps] == [31, 30, 28, 28, 4, 3, 3, 3, 1]


def test_forwards_from_a_monday() -> None:
    """Turns red if any step waits a day longer than it must, or a strike falls on a day without school."""
    outcome = plan(Wish(today=day("Mon 2026-11-30"), channel=Channel.HAND), LAW)
    steps = steps_of(outcome)
    assert steps["authorise"][1] == day("Tue 2026-12-01")
    assert steps["ballot_notice"][1] == day("Wed 2026-12-02")
    assert steps["ballot_opens"][1] == day("Wed 2026-12-09")
    assert steps["ballot_closes"][1] == day("Wed 2026-12-23")
    assert steps["action_notice"][1] == day("Thu 2026-12-24")
    assert (outcome.earliest_asos, outcome.earliest_strike) == (day("Sat 2027-01-02"), day("Mon 2027-01-04"))
    assert outcome.earliest_lawful == day("Thu 2026-12-31")


@pytest.mark.parametrize(
    ("today", "severities"),
    [
        ("Thu 2026-11-19", []),
        ("Fri 2026-11-20", ["warn"]),
        ("Sun 2026-12-20", ["warn"] * 4),
        ("Mon 2026-12-21", ["stop", "stop", "warn", "warn"]),
    ],
)
def test_today_tells_what_is_too_late(today: str, severities: list[str]) -> None:
    """
    Only statute stops: a ballot with fewer days of voting than the Code expects is a lawful one.

    Turns red if the safe day and the lawful one weigh the same, or the lawful opening hangs on the planned close.
    """
    wish = Wish(day("Wed 2027-01-06"), today=day(today), channel=Channel.HAND, opens_for=24)
    assert [finding.severity for finding in plan(wish, LAW).findings] == severities


def test_slack_counts_from_today_and_may_be_negative() -> None:
    """Turns red if slack is a margin, or is counted without today."""
    wish = Wish(day("Wed 2027-01-06"), today=day("Sat 2026-11-21"), channel=Channel.HAND, opens_for=24)
    assert [step.slack_days for step in plan(wish, LAW).steps] == [-2, -1, 5, 8, 32, 33, 33, 33, 45]
    assert {step.slack_days for step in plan(Wish(day("Wed 2027-01-06")), LAW).steps} == {None}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"first_action_on": date(1990, 1, 1)}, "no_law_in_force"),
        ({"first_action_on": date(1, 1, 1)}, "no_law_in_force"),
        ({"first_action_on": date(2005, 10, 14)}, "no_law_in_force"),
        ({"today": date(1990, 1, 1)}, "no_law_in_force"),
        ({"today": date(2026, 11, 30), "nation": Nation.NORTHERN_IRELAND}, "unsupported_jurisdiction"),
    ],
)
def test_no_law_no_plan(facts: dict[str, Any], code: str) -> None:
    """Turns red if a plan is made where the files hold no law."""
    outcome = plan(Wish(**facts), LAW)
    assert ([finding.code for finding in outcome.findings], outcome.steps) == ([code], ())


FIRST = date(2027, 1, 6)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({}, "first-action"),
        ({"first_action_on": date(9900, 1, 1)}, "first-action"),
        ({"today": date(9999, 12, 31)}, "today"),
        ({"today": FIRST, "opens_for": 0}, "opens-for"),
        ({"today": FIRST, "opens_for": 367}, "opens-for"),
        ({"first_action_on": FIRST, "earlier_action_notice_on": FIRST}, "earlier-action-notice"),
        ({"today": FIRST, "offices_closed": ((FIRST, FIRST - timedelta(days=1)),)}, "offices-closed"),
        ({"today": FIRST, "school_closed": ((FIRST, FIRST + timedelta(days=366)),)}, "school-closed"),
        ({"today": FIRST, "school_closed": ((FIRST, FIRST),) * 101}, "school-closed"),
    ],
)
def test_a_wish_that_cannot_be_planned_names_the_field(facts: dict[str, Any], field: str) -> None:
    """Turns red if `Wish` leaves out the check of the field."""
    with pytest.raises(BadInput) as caught:
        Wish(**facts)
    assert caught.value.field == field


@pytest.mark.parametrize("kind", ActionKind)
def test_pickets_stand_at_a_strike_only(kind: ActionKind) -> None:
    """Turns red if pickets are planned for action short of a strike, or forgotten for a strike."""
    names = [step.step for step in plan(Wish(FIRST, kind=kind), LAW).steps]
    assert names == [name for name in StepName if kind is ActionKind.STRIKE or name is not StepName.PICKETS]


def test_what_is_planned_is_lawful() -> None:
    """Turns red if a plan breaks its own timetable."""
    for ahead in range(0, 1200, 31):
        wish = Wish(today=date(2024, 1, 1) + timedelta(days=ahead), channel=Channel.POST)
        outcome = plan(wish, LAW)
        steps = steps_of(outcome)
        facts = BallotFacts(
            opens_on=steps["ballot_opens"][1],
            closes_on=steps["ballot_closes"][1],
            first_action_on=outcome.earliest_strike,
            ballot_notice_received_on=steps["ballot_notice"][1] + timedelta(days=2),
            sample_received_on=steps["sample_paper"][1] + timedelta(days=2),
            action_notice_received_on=steps["action_notice"][1] + timedelta(days=2),
        )
        assert timetable(facts, LAW).findings == (), wish
