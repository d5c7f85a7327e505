"""The plan on the worked timelines, reckoned by hand: law changes, Christmas, clock changes, a leap day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ballots.mandate import ActionKind
from ballots.plan import Channel, Plan, Wish, plan
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.law import current_law
from core.nations import Nation
from tests.ballots.test_plan import steps_of
from tests.days import day

LAW = current_law()
HAND = Channel.HAND


def ballot_of(outcome: Plan) -> list[str]:
    """The safe days from the notice of ballot to the notice of action."""
    names = ("ballot_notice", "sample_paper", "ballot_opens", "ballot_closes", "action_notice")
    return [f"{steps_of(outcome)[name][1]:%a %Y-%m-%d}" for name in names]


@pytest.mark.parametrize(
    ("channel", "safe"),
    [(HAND, "Wed 2024-04-10"), (Channel.POST, "Mon 2024-04-08"), (Channel.EMAIL, "Fri 2024-04-05")],
)
def test_t1_fourteen_days_and_every_channel(channel: Channel, safe: str) -> None:
    """Action from Wednesday 24 April 2024. Turns red if a channel's allowance changes by a day."""
    outcome = plan(Wish(day("Wed 2024-04-24"), channel=channel, kind=ActionKind.ASOS), LAW)
    assert steps_of(outcome)["action_notice"] == (day("Wed 2024-04-10"), day(safe))
    assert next(step for step in outcome.steps if step.step == "action_notice").by_channel == {
        HAND: day("Wed 2024-04-10"),
        Channel.EMAIL: day("Fri 2024-04-05"),
        Channel.POST: day("Mon 2024-04-08"),
    }


@pytest.mark.parametrize(("agrees", "lawful"), [(False, "Wed 2024-12-25"), (True, "Wed 2025-01-01")])
def test_t2_christmas_counts_in_law_and_is_planned_around(agrees: bool, lawful: str) -> None:
    """Turns red if a bank holiday moves a lawful day, or a safe day falls while offices are closed."""
    shut = ((day("Sat 2024-12-21"), day("Mon 2025-01-06")),)
    wish = Wish(day("Wed 2025-01-08"), channel=HAND, opens_for=38, agrees_shorter_notice=agrees, offices_closed=shut)
    outcome = plan(wish, LAW)
    assert steps_of(outcome)["action_notice"][0] == day(lawful)
    assert ballot_of(outcome) == [
        "Mon 2024-11-04", "Fri 2024-11-08", "Mon 2024-11-11", "Thu 2024-12-19", "Fri 2024-12-20"
    ]  # fmt: skip
    assert outcome.mandate is not None
    assert outcome.mandate.last_day == day("Wed 2025-06-18")


def test_t3_a_ballot_of_the_old_law_with_a_notice_of_the_new() -> None:
    """Turns red if the length of the notice goes by the day of the ballot, or the mandate by the day of the notice."""
    outcome = plan(Wish(day("Fri 2026-03-27"), channel=HAND, opens_for=35), LAW)
    assert steps_of(outcome)["action_notice"] == (day("Tue 2026-03-17"),) * 2
    assert ballot_of(outcome)[:3] == ["Mon 2026-02-02", "Fri 2026-02-06", "Mon 2026-02-09"]
    assert outcome.mandate is not None
    assert (outcome.mandate.months, outcome.mandate.last_day) == (6, day("Tue 2026-09-15"))


def test_t4_half_term_and_the_clocks_going_back() -> None:
    """Turns red if the end of summer time moves a day."""
    shut = ((day("Wed 2026-10-21"), day("Fri 2026-10-30")),)
    outcome = plan(Wish(day("Tue 2026-11-03"), channel=HAND, opens_for=28, offices_closed=shut), LAW)
    assert steps_of(outcome)["action_notice"] == (day("Sat 2026-10-24"), day("Tue 2026-10-20"))
    assert ballot_of(outcome) == [
        "Mon 2026-09-14", "Fri 2026-09-18", "Mon 2026-09-21", "Mon 2026-10-19", "Tue 2026-10-20"
    ]  # fmt: skip
    assert outcome.mandate is not None
    assert outcome.mandate.last_day == day("Mon 2027-10-18")
    offsets = {step.step: step.safe_by.isoformat()[10:] for step in outcome.steps}
    assert (offsets["action_notice"], offsets["pickets"]) == ("T17:00:00+01:00", "T17:00:00+00:00")


@pytest.mark.parametrize(
    ("first", "lawful"),
    [
        ("Thu 2027-04-01", "Mon 2027-03-22"),  # 240 hours earlier is still 21 March
        ("Tue 2027-04-06", "Sat 2027-03-27"),
        ("Fri 2028-03-10", "Tue 2028-02-29"),
        ("Sat 2028-03-11", "Wed 2028-03-01"),
        ("Fri 2024-03-15", "Fri 2024-03-01"),
        ("Thu 2024-03-14", "Thu 2024-02-29"),
        ("Tue 2016-03-08", "Tue 2016-03-01"),
        ("Sat 2026-02-28", "Wed 2026-02-18"),
        ("Mon 2026-03-02", "Fri 2026-02-20"),
        ("Fri 2026-02-27", "Fri 2026-02-13"),
        ("Tue 2017-03-14", "Tue 2017-02-28"),  # seven days' notice received before 1 March 2017
        ("Wed 2017-03-15", "Wed 2017-03-01"),
    ],
)
def test_days_across_clocks_leap_days_and_commencements(first: str, lawful: str) -> None:
    """Turns red if hours are counted for days, or a notice is measured by the law of another day than its receipt."""
    outcome = plan(Wish(day(first), channel=HAND, kind=ActionKind.ASOS), LAW)
    assert steps_of(outcome)["action_notice"][0] == day(lawful)


def test_t5_the_live_christmas_ballot() -> None:
    """Turns red if the ballot that closes before Christmas is planned a day later, or its slack is not negative."""
    shut = ((day("Sat 2026-12-19"), day("Tue 2027-01-05")),)
    wish = Wish(day("Wed 2027-01-06"), day("Sat 2026-11-21"), channel=HAND, opens_for=24, offices_closed=shut)
    outcome = plan(wish, LAW)
    assert ballot_of(outcome) == [
        "Mon 2026-11-16", "Fri 2026-11-20", "Mon 2026-11-23", "Thu 2026-12-17", "Fri 2026-12-18"
    ]  # fmt: skip
    assert [step.slack_days for step in outcome.steps][:3] == [-8, -5, -1]
    assert outcome.mandate is not None
    assert outcome.mandate.last_day == day("Thu 2027-12-16")
    assert steps_of(plan(Wish(day("Mon 2027-01-04")), LAW))["action_notice"][0] == day("Fri 2026-12-25")


def test_t6_a_ballot_that_opens_five_days_after_the_new_law() -> None:
    """Turns red if the safe days of the two papers change places across the commencement."""
    outcome = plan(Wish(day("Thu 2026-05-07"), channel=HAND, opens_for=62), LAW)
    assert ballot_of(outcome) == [
        "Mon 2026-02-16", "Fri 2026-02-20", "Mon 2026-02-23", "Sun 2026-04-26", "Mon 2026-04-27"
    ]  # fmt: skip
    assert outcome.mandate is not None
    assert (outcome.mandate.months, outcome.mandate.last_day) == (12, day("Sun 2027-04-25"))
    assert outcome.re_ballot is not None
    assert outcome.re_ballot.continues_on == day("Mon 2027-04-26")
    again = {step.step: step.latest_lawful for step in outcome.re_ballot.steps}
    assert again["action_notice"] == day("Fri 2027-04-16")


@pytest.mark.parametrize(
    ("first", "lawful"), [("Tue 2027-04-20", "Sat 2027-04-10"), ("Sat 2027-04-24", "Wed 2027-04-14")]
)
def test_t6_the_last_notices_of_the_mandate(first: str, lawful: str) -> None:
    """Turns red if ten days are counted otherwise than the statute does."""
    assert steps_of(plan(Wish(day(first)), LAW))["action_notice"][0] == day(lawful)


def test_the_re_ballot_is_the_plan_backwards_from_the_day_after_the_mandate() -> None:
    """Turns red if the next ballot starts a day late, or keeps an agreement that was for this ballot's action."""
    outcome = plan(Wish(day("Wed 2025-01-08"), channel=HAND, agrees_shorter_notice=True), LAW)
    assert outcome.re_ballot is not None
    again = plan(Wish(outcome.re_ballot.continues_on, channel=HAND), LAW)
    assert {each.step: (each.latest_lawful, each.latest_safe) for each in outcome.re_ballot.steps} == steps_of(again)
    assert outcome.re_ballot.start_by == again.steps[0].latest_safe
    assert outcome.re_ballot.slack_days is None


def test_before_march_2017_action_has_to_begin_and_no_re_ballot_is_needed() -> None:
    """Turns red if a mandate that only has to be begun is given an end, and a next ballot with it."""
    outcome = plan(Wish(day("Mon 2016-11-14"), channel=HAND), LAW)
    assert outcome.mandate is not None
    assert (outcome.mandate.begins_by, outcome.mandate.months, outcome.re_ballot) == (True, None, None)


def test_a_mandate_that_is_over_before_the_action_is_a_stop() -> None:
    """Turns red if four weeks in which action had to begin are passed over: offices closed for a month."""
    shut = ((day("Thu 2016-10-06"), day("Sun 2016-11-13")),)
    outcome = plan(Wish(day("Mon 2016-11-14"), channel=HAND, offices_closed=shut), LAW)
    assert "mandate_expired" in [finding.code for finding in outcome.findings if finding.severity == "stop"]


def test_the_rule_names_the_days_of_both_laws() -> None:
    """By mail, 28 February 2026 needs the longer notice. Turns red if only the length of the lawful day is named."""
    step = next(each for each in plan(Wish(day("Sat 2026-02-28")), LAW).steps if each.step == "action_notice")
    assert (step.latest_lawful, step.latest_safe) == (day("Wed 2026-02-18"), day("Tue 2026-02-10"))
    assert step.rule == (
        "10 days before the action if received on Wednesday 18 February 2026, 14 if received by Friday 13 February 2026"
    )


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"first_action_on": "Sat 2027-01-09"}, ["strike_while_school_closed"]),
        ({"first_action_on": "Sat 2027-01-09", "kind": ActionKind.ASOS}, []),
        ({"first_action_on": "Fri 2027-01-08"}, []),
        ({"first_action_on": "Fri 2027-01-08", "school_closed": "Fri 2027-01-08"}, ["strike_while_school_closed"]),
        ({"first_action_on": "Fri 2027-01-08", "offices_closed": "Fri 2027-01-08"}, ["strike_while_school_closed"]),
        ({"first_action_on": "Fri 2027-01-08", "school_closed": "Wed 2026-12-16"}, ["voting_in_school_holiday"]),
        ({"first_action_on": "Fri 2027-01-08", "opens_for": 13}, ["ballot_window_short"]),
        ({"first_action_on": "Fri 2027-01-08", "agrees_shorter_notice": True}, ["agreement_without_effect"]),
        ({"first_action_on": "Fri 2025-01-10", "agrees_shorter_notice": True}, []),
        ({"first_action_on": "Mon 2016-10-10", "agrees_shorter_notice": True}, ["agreement_without_effect"]),
        (
            {"first_action_on": "Fri 2026-05-08", "agrees_shorter_notice": True, "earlier": "Mon 2026-02-16"},
            ["agreement_rests_on_saving"],
        ),
        ({"first_action_on": "Fri 2027-06-18", "today": "Mon 2027-04-12"}, ["law_stale"]),
    ],
)
def test_what_only_warns(facts: dict[str, Any], codes: list[str]) -> None:
    """Turns red if a warning is missing, stops the plan, or comes where it should not."""
    given = {**facts, "first_action_on": day(facts["first_action_on"])}
    for field in ("school_closed", "offices_closed"):
        if field in given:
            given[field] = ((day(given[field]), day(given[field])),)
    if "today" in given:
        given["today"] = day(given["today"])
    if "earlier" in given:
        given["earlier_action_notice_on"] = day(given.pop("earlier"))
    outcome = plan(Wish(**given), LAW)
    assert [finding.code for finding in outcome.findings] == codes
    assert "stop" not in {finding.severity for finding in outcome.findings}


@pytest.mark.parametrize(("days", "said"), [(13, "13 days"), (1, "1 day")])
def test_plan_and_timetable_say_the_same_of_a_short_vote(days: int, said: str) -> None:
    """Turns red if either words it for itself, or leaves out the days that first-class post wants."""
    opens_on = date(2026, 9, 21)
    held = timetable(BallotFacts(opens_on, opens_on + timedelta(days=days)), LAW).findings
    planned = plan(Wish(day("Fri 2027-01-08"), opens_for=days), LAW).findings
    (of_held,) = (finding for finding in held if finding.code == "ballot_window_short")
    (of_plan,) = (finding for finding in planned if finding.code == "ballot_window_short")
    assert of_held.sentence == (
        f"From opening to close: {said}. The Code expects 14, or 7 with first-class post both ways."
    )
    assert of_plan == replace(of_held, where="opens-for")


def test_the_nation_s_own_holidays_bound_its_office_days() -> None:
    """St Andrew's Day, Monday 30 November 2026. Turns red if Scotland is planned by England's holidays."""
    english, scottish = (
        steps_of(plan(Wish(day("Thu 2026-12-10"), channel=HAND, nation=nation), LAW))["action_notice"]
        for nation in (Nation.ENGLAND, Nation.SCOTLAND)
    )
    assert english == (day("Mon 2026-11-30"),) * 2
    assert scottish == (day("Mon 2026-11-30"), day("Fri 2026-11-27"))


def test_an_added_bank_holiday_is_planned_around() -> None:
    """Turns red if the bank holidays that people added are left out of the office days."""
    wish = Wish(day("Thu 2026-12-10"), channel=HAND, added_holidays=frozenset({date(2026, 11, 30)}))
    assert steps_of(plan(wish, LAW))["action_notice"] == (day("Mon 2026-11-30"), day("Fri 2026-11-27"))


def test_every_step_says_why() -> None:
    """Turns red if a reason does not end on the step's own two days, or repeats another step's."""
    outcome = plan(Wish(today=day("Mon 2026-11-30"), channel=Channel.POST), LAW)
    for step in outcome.steps:
        safe = f"{step.latest_safe:%A} {step.latest_safe.day} {step.latest_safe:%B %Y}"
        lawful = f"{step.latest_lawful:%A} {step.latest_lawful.day} {step.latest_lawful:%B %Y}"
        assert step.why.arithmetic.startswith("Lawful: ")
        assert lawful in step.why.arithmetic.split("Safe: ")[0]
        assert safe in step.why.arithmetic.split("Safe: ")[1]
        assert step.why.changes_if
        assert "practice, not law" in step.why.rule
