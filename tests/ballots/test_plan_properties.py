"""What holds of every plan: order, margins, agreement of both directions, no later day for more closed days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.channels import Channel, OpenDays, Span
from ballots.mandate import ActionKind
from ballots.plan import Plan, StepName, Wish, plan
from ballots.plan_days import Reckoning
from core.calendar import is_working_day
from core.law import Consultation, current_law
from core.nations import GREAT_BRITAIN, Nation

LAW = current_law()
COMMENCEMENTS = (date(2017, 3, 1), date(2026, 2, 18))
OFFICE_STEPS = (
    StepName.AUTHORISE,
    StepName.BALLOT_NOTICE,
    StepName.SAMPLE_PAPER,
    StepName.RESULT_TO_EMPLOYERS,
    StepName.ACTION_NOTICE,
    StepName.PICKETS,
)

DAYS = st.one_of(
    st.dates(date(2016, 1, 1), date(2032, 12, 31)),
    # Around commencements, Christmas and leap days, where a day off by one shows.
    st.builds(
        lambda on, ahead: on + timedelta(days=ahead),
        st.sampled_from((*COMMENCEMENTS, date(2026, 12, 25), date(2028, 2, 29))),
        st.integers(-60, 90),
    ),
)


def spans_near(day: date) -> st.SearchStrategy[tuple[Span, ...]]:
    """Up to three spans of up to four weeks around a day."""
    starts = st.integers(-120, 200).map(lambda ahead: day + timedelta(days=ahead))
    span = st.builds(lambda first, days: (first, first + timedelta(days=days)), starts, st.integers(0, 27))
    return st.lists(span, max_size=3).map(tuple)


@st.composite
def wishes(draw: st.DrawFn, *, forwards: bool) -> Wish:
    """A wish in either direction, on any day since 2016."""
    on = draw(DAYS)
    return Wish(
        first_action_on=None if forwards else on,
        today=on if forwards else None,
        nation=draw(st.sampled_from(GREAT_BRITAIN)),
        channel=draw(st.sampled_from(Channel)),
        opens_for=draw(st.one_of(st.none(), st.integers(1, 60))),
        agrees_shorter_notice=draw(st.booleans()),
        earlier_action_notice_on=draw(st.one_of(st.none(), st.just(date(2015, 6, 1)))),
        kind=draw(st.sampled_from(ActionKind)),
        offices_closed=draw(spans_near(on)),
        school_closed=draw(spans_near(on)),
    )


def days_of(outcome: Plan) -> list[tuple[StepName, date, date]]:
    return [(step.step, step.latest_lawful, step.latest_safe) for step in outcome.steps]


@given(wishes(forwards=False))
@settings(max_examples=60)
def test_steps_stand_in_order_and_no_safe_day_is_after_the_lawful_one(wish: Wish) -> None:
    """Turns red if a step is safe for longer than it is lawful, or before one that has to come first."""
    outcome = plan(wish, LAW)
    lawful, safe = ([step.latest_lawful for step in outcome.steps], [step.latest_safe for step in outcome.steps])
    assert all(step.margin_days >= 0 for step in outcome.steps)
    assert lawful == sorted(lawful)
    assert safe == sorted(safe)
    open_days = OpenDays(wish.nation, wish.offices_closed)
    assert all(open_days.is_office_day(step.latest_safe) for step in outcome.steps if step.step in OFFICE_STEPS)


@given(wishes(forwards=False), st.data())
@settings(max_examples=60)
def test_more_closed_days_never_make_a_safe_day_later(wish: Wish, data: st.DataObject) -> None:
    """Turns red if a closed day is skipped on the way out but not on the way back, or moves a lawful day."""
    assert wish.first_action_on is not None
    more = data.draw(spans_near(wish.first_action_on))
    holidays = data.draw(st.frozensets(DAYS, max_size=5))
    before = plan(wish, LAW)
    after = plan(replace(wish, offices_closed=wish.offices_closed + more, added_holidays=holidays), LAW)
    for (step, lawful, safe), (_, still_lawful, safe_now) in zip(days_of(before), days_of(after), strict=True):
        assert still_lawful == lawful, step
        assert safe_now <= safe, step


@given(wishes(forwards=True))
@settings(max_examples=40)
def test_forwards_and_then_backwards_agree_and_no_earlier_day_will_do(wish: Wish) -> None:
    """Turns red if the search leaps over a day, stops a day early, or shows the steps of another day."""
    assert wish.today is not None
    outcome = plan(wish, LAW)
    first = {ActionKind.ASOS: outcome.earliest_asos, ActionKind.STRIKE: outcome.earliest_strike}
    assert outcome.first_action_on == first[wish.kind]
    backwards = plan(replace(wish, first_action_on=outcome.first_action_on, today=None), LAW)
    assert days_of(backwards) == days_of(outcome)
    open_days = OpenDays(wish.nation, wish.offices_closed, wish.school_closed)
    for kind, found in first.items():
        reckoning = Reckoning(replace(wish, kind=kind), Consultation(LAW, wish.nation))
        assert found is not None
        assert _in_time(reckoning, found, wish.today)
        tried = wish.today
        while tried < found:
            closed = kind is ActionKind.STRIKE and not open_days.is_school_day(tried)
            assert closed or not _in_time(reckoning, tried, wish.today), (kind, tried)
            tried += timedelta(days=1)


def _in_time(reckoning: Reckoning, first_action_on: date, today: date) -> bool:
    return min(day.safe for day in reckoning.backwards(first_action_on).values()) >= today


@given(wishes(forwards=True))
@settings(max_examples=60)
def test_within_one_law_the_statute_alone_is_sooner_than_what_is_safe(wish: Wish) -> None:
    """
    Across a commencement it need not be: a safe plan may wait for a shorter notice.

    Turns red if the allowances are counted into the earliest lawful day.
    """
    assert wish.today is not None
    since = max(wish.today, COMMENCEMENTS[-1])
    outcome = plan(replace(wish, today=since), LAW)
    assert outcome.earliest_lawful is not None
    assert outcome.earliest_asos is not None
    assert outcome.earliest_strike is not None
    assert outcome.earliest_lawful < outcome.earliest_asos <= outcome.earliest_strike


@given(
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.sampled_from(Channel),
    st.sampled_from(GREAT_BRITAIN),
    st.data(),
)
@settings(max_examples=60)
def test_the_last_hand_over_arrives_in_time_and_no_later_one_does(
    by: date, channel: Channel, nation: Nation, data: st.DataObject
) -> None:
    """Turns red if a later office day would still do, or the day found does not."""
    open_days = OpenDays(nation, data.draw(spans_near(by)))
    handed_over = open_days.last_hand_over(by, channel)
    assert open_days.is_office_day(handed_over)
    assert open_days.latest_arrival(handed_over, channel) <= by
    later = (handed_over + timedelta(days=ahead) for ahead in range(1, (by - handed_over).days + 1))
    assert not [
        each for each in later if open_days.is_office_day(each) and open_days.latest_arrival(each, channel) <= by
    ]


@given(st.dates(date(2026, 1, 1), date(2026, 4, 30)), st.sampled_from(Channel))
@settings(max_examples=80)
def test_a_safe_notice_allows_the_action_whichever_law_its_receipt_falls_under(first: date, channel: Channel) -> None:
    """Before 18 February 2026 notice is of 14 days, from then of 10. Turns red if only the last arrival is asked."""
    open_days = OpenDays(Nation.ENGLAND)

    def fits(sent: date) -> bool:
        arrivals = list(open_days.arrivals(sent, channel))
        return all(each + timedelta(days=14 if each < COMMENCEMENTS[1] else 10) <= first for each in arrivals)

    steps = {step: (lawful, safe) for step, lawful, safe in days_of(plan(Wish(first, channel=channel), LAW))}
    lawful, safe = steps[StepName.ACTION_NOTICE]
    assert fits(safe)
    later = [safe + timedelta(days=ahead) for ahead in range(1, (lawful - safe).days + 1)]
    assert not [each for each in later if is_working_day(each, Nation.ENGLAND) and fits(each)]
