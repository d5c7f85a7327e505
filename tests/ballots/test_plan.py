"""Planning backwards and forwards: lawful days from the timetable, safe days from channel and calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.plan import Channel, Plan, Wish, latest_safe, plan, received_on
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.calendar import is_working_day
from core.errors import BadInput
from core.law import current_law
from core.nations import Nation
from tests.days import day

LAW = current_law()


def steps_of(outcome: Plan) -> dict[str, tuple[date, date]]:
    return {step.step: (step.latest_lawful, step.latest_safe) for step in outcome.steps}


def test_backwards_from_the_live_christmas_strike() -> None:
    """Turns red if a safe day falls on a closed day, or a lawful day is moved (T5: lawful until Sun 27 December)."""
    outcome = plan(Wish(first_action_on=day("Wed 2027-01-06"), channel=Channel.HAND, opens_for=24), LAW)
    assert steps_of(outcome) == {
        "ballot_notice": (day("Sun 2026-12-20"), day("Fri 2026-11-20")),
        "sample_paper": (day("Thu 2026-12-24"), day("Thu 2026-11-26")),
        "ballot_opens": (day("Sun 2026-12-27"), day("Sun 2026-11-29")),
        "ballot_closes": (day("Sun 2026-12-27"), day("Wed 2026-12-23")),
        "action_notice": (day("Sun 2026-12-27"), day("Thu 2026-12-24")),
    }
    assert outcome.binding == "ballot_notice"
    assert [step.margin_days for step in outcome.steps] == [30, 28, 28, 4, 3]


def test_forwards_from_a_monday() -> None:
    """Turns red if any step waits a day longer than it must, or a strike falls on a weekend."""
    outcome = plan(Wish(today=day("Mon 2026-11-30"), channel=Channel.HAND), LAW)
    assert steps_of(outcome)["ballot_opens"][0] == day("Mon 2026-12-07")
    assert steps_of(outcome)["ballot_closes"][0] == day("Mon 2026-12-21")
    assert steps_of(outcome)["action_notice"][0] == day("Tue 2026-12-22")
    assert (outcome.earliest_asos, outcome.earliest_strike) == (day("Fri 2027-01-01"), day("Mon 2027-01-04"))


@pytest.mark.parametrize(
    ("channel", "sent", "received"),
    [
        (Channel.HAND, "Thu 2026-12-24", "Thu 2026-12-24"),
        (Channel.EMAIL, "Thu 2026-12-24", "Sun 2026-12-27"),
        (Channel.POST, "Thu 2026-12-24", "Wed 2026-12-30"),  # 25 and 28 December are holidays
        (Channel.POST, "Mon 2026-11-30", "Wed 2026-12-02"),
    ],
)
def test_when_a_paper_is_safely_received(channel: Channel, sent: str, received: str) -> None:
    """Turns red if the post travels on a bank holiday, or a mail counts before it can bounce."""
    assert received_on(day(sent), channel, Nation.ENGLAND) == day(received)


@given(
    st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31)),
    st.sampled_from(Channel),
    st.sampled_from([Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND]),
)
@settings(max_examples=50, deadline=None)
def test_the_latest_safe_day_is_safe_and_no_later_one_is(latest: date, channel: Channel, nation: Nation) -> None:
    """Turns red if a later working day would still arrive in time, or the day found does not."""
    safe = latest_safe(latest, channel, nation)
    assert is_working_day(safe, nation)
    assert received_on(safe, channel, nation) <= latest
    later = (safe + timedelta(days=ahead) for ahead in range(1, (latest - safe).days + 1))
    assert not [d for d in later if is_working_day(d, nation) and received_on(d, channel, nation) <= latest]


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 1, 1)), st.sampled_from(Channel), st.booleans())
@settings(max_examples=50, deadline=None)
def test_what_is_planned_is_lawful(start: date, channel: Channel, backwards: bool) -> None:
    """Turns red if a plan breaks its own timetable."""
    first = start + timedelta(days=120)
    wish = Wish(first_action_on=first, channel=channel) if backwards else Wish(today=start, channel=channel)
    outcome = plan(wish, LAW)
    steps = steps_of(outcome)
    action = first if backwards else outcome.earliest_asos
    facts = BallotFacts(
        opens_on=steps["ballot_opens"][1],
        closes_on=steps["ballot_closes"][1],
        first_action_on=action,
        ballot_notice_received_on=received_on(steps["ballot_notice"][1], channel, Nation.ENGLAND),
        sample_received_on=received_on(steps["sample_paper"][1], channel, Nation.ENGLAND),
        action_notice_received_on=received_on(steps["action_notice"][1], channel, Nation.ENGLAND),
    )
    assert timetable(facts, LAW).findings == ()


FIRST_ACTIONS = [date(2026, 1, 15) + timedelta(days=ahead) for ahead in range(91)]


@pytest.mark.parametrize("channel", Channel)
def test_the_safe_notice_allows_the_action_whichever_law_its_receipt_falls_under(channel: Channel) -> None:
    """
    Notice received before 18 February 2026 is of 14 days, later of 10; the safe day is the last for which all is well.

    Turns red if `_action_notice` leaves out its `while`, or `_days_of_receipt` gives only the last day.
    """
    for first in FIRST_ACTIONS:

        def fits(sent: date, first: date = first) -> bool:
            arrives = received_on(sent, channel, Nation.ENGLAND)
            days = [sent + timedelta(days=ahead) for ahead in range((arrives - sent).days + 1)]
            return all(each + timedelta(days=14 if each < date(2026, 2, 18) else 10) <= first for each in days)

        lawful, safe = steps_of(plan(Wish(first_action_on=first, channel=channel), LAW))["action_notice"]
        assert fits(safe), (first, safe)
        later = [safe + timedelta(days=ahead) for ahead in range(1, (lawful - safe).days + 1)]
        assert not [each for each in later if is_working_day(each, Nation.ENGLAND) and fits(each)], (first, safe)


def test_the_rule_names_the_days_of_both_laws() -> None:
    """Turns red if only the length of the lawful day is named: by mail, 28 February 2026 needs the longer notice."""
    step = plan(Wish(first_action_on=day("Sat 2026-02-28"), channel=Channel.EMAIL), LAW).steps[-1]
    assert (step.latest_lawful, step.latest_safe) == (day("Wed 2026-02-18"), day("Wed 2026-02-11"))
    assert step.rule == (
        "10 days before the action if received on Wednesday 18 February 2026, "
        "14 if received by Saturday 14 February 2026"
    )


def test_forwards_a_notice_may_arrive_sooner_under_the_older_law() -> None:
    """Turns red if `_forwards` counts from the day on which a mail is safely received only."""
    outcome = plan(Wish(today=day("Mon 2026-01-19"), channel=Channel.EMAIL, opens_for=17), LAW)
    received, told = steps_of(outcome)["action_notice"]
    assert (told, received) == (day("Mon 2026-02-16"), day("Thu 2026-02-19"))
    assert outcome.earliest_asos == day("Tue 2026-03-03")


@pytest.mark.parametrize(
    ("today", "severities"),
    [
        ("Fri 2026-11-20", []),
        ("Sat 2026-11-21", ["warn"]),
        ("Sun 2026-12-20", ["warn"] * 3),
        ("Mon 2026-12-21", ["stop", "warn", "warn"]),
    ],
)
def test_today_tells_what_is_too_late(today: str, severities: list[str]) -> None:
    """
    Only statute stops: a ballot with fewer days of voting than the Code expects is a lawful one.

    Turns red if the safe day and the lawful one weigh the same, or `_backwards` gives `_opening` its own close.
    """
    wish = Wish(day("Wed 2027-01-06"), today=day(today), channel=Channel.HAND, opens_for=24)
    assert [finding.severity for finding in plan(wish, LAW).findings] == severities


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"first_action_on": date(1990, 1, 1)}, "no_law_in_force"),
        ({"today": date(1990, 1, 1)}, "no_law_in_force"),
        ({"today": date(2026, 11, 30), "nation": Nation.NORTHERN_IRELAND}, "unsupported_jurisdiction"),
    ],
)
def test_no_law_no_plan(facts: dict[str, Any], code: str) -> None:
    """Turns red if a plan is made where the files hold no law."""
    outcome = plan(Wish(**facts), LAW)
    assert ([finding.code for finding in outcome.findings], outcome.steps) == ([code], ())


def test_a_wish_needs_a_day() -> None:
    """Turns red if nothing is planned from nothing."""
    with pytest.raises(BadInput, match="first-action"):
        Wish()
    with pytest.raises(BadInput, match="opens-for"):
        Wish(today=date(2026, 11, 30), opens_for=0)
