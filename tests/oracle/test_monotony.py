"""More holidays never give a later safe day, nor an earlier first day of action; statutory days do not know them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from ballots.plan import Plan, plan
from core import calendar
from core.law import current_law
from core.nations import Nation
from tests.oracle import cases
from tests.oracle import days as wall
from tests.oracle.offices import Span
from tests.oracle.planned import wish
from tests.oracle.planner import Ask

SOME, MANY, CHUNKS = 250, 5_000, 5
EARLIEST = ("earliest_asos", "earliest_strike")


@contextmanager
def more_bank_holidays(added: frozenset[date]) -> Iterator[None]:
    """The public calendar with some days added in every nation."""
    known = calendar.bank_holidays

    def bank_holidays(nation: Nation, year: int) -> frozenset[date]:
        return known(nation, year) | {day for day in added if day.year == year}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calendar, "bank_holidays", bank_holidays)
        yield


def near_the_plan(rng: Random, before: Plan) -> date:
    """A day that matters: on a step of the plan, or a few days about it."""
    step = rng.choice(before.steps)
    return wall.LEAVES[wall.PLACE[step.latest_safe] + rng.randint(-1, 4)]


def never_later(ask: Ask, before: Plan, after: Plan, moved: Counter[str]) -> None:
    """Every safe day stays or comes sooner, every earliest day stays or comes later, no statutory day moves."""
    if ask.first is not None:
        for old, new in zip(before.steps, after.steps, strict=True):
            assert new.latest_safe <= old.latest_safe, (ask, old.step)
            assert new.latest_lawful == old.latest_lawful, (ask, old.step)
            for channel, day in (new.by_channel or {}).items():
                assert old.by_channel is not None
                assert day <= old.by_channel[channel], (ask, old.step, channel)
            moved[old.step.value] += new.latest_safe < old.latest_safe
    if ask.today is not None:
        for name in EARLIEST:
            assert getattr(after, name) >= getattr(before, name), (ask, name)
            moved[name] += getattr(after, name) > getattr(before, name)
        assert after.earliest_lawful == before.earliest_lawful, ask


def after_bank_holidays(rng: Random, ask: Ask, before: Plan) -> Plan:
    """The same wish when up to three bank holidays are added."""
    added = frozenset(near_the_plan(rng, before) for _ in range(rng.randint(1, 3)))
    with more_bank_holidays(added):
        return plan(wish(ask), current_law())


def after_planned_holidays(rng: Random, ask: Ask, before: Plan) -> Plan:
    """The same wish when the union plans with bank holidays that the calendar does not know yet."""
    added = frozenset(near_the_plan(rng, before) for _ in range(rng.randint(1, 3)))
    return plan(wish(replace(ask, added=ask.added | added)), current_law())


def after_closed_offices(rng: Random, ask: Ask, before: Plan) -> Plan:
    """The same wish when the employer says that its offices are closed for some days more."""
    first = near_the_plan(rng, before)
    closed: Span = (first, wall.nth_day_after(first, rng.choice((0, 0, 2, 9))))
    return plan(wish(replace(ask, offices_closed=(*ask.offices_closed, closed))), current_law())


def after_school_holidays(rng: Random, ask: Ask, before: Plan) -> Plan:
    """The same wish when the school has a longer holiday."""
    first = before.earliest_strike or before.first_action_on
    assert first is not None
    closed: Span = (first, wall.nth_day_after(first, rng.choice((0, 4, 12))))
    return plan(wish(replace(ask, school_closed=(*ask.school_closed, closed))), current_law())


WAYS = {
    "bank holidays": after_bank_holidays,
    "holidays planned with": after_planned_holidays,
    "closed offices": after_closed_offices,
    "school holidays": after_school_holidays,
}
STEPS_THAT_MOVE = {
    "authorise",
    "ballot_notice",
    "sample_paper",
    "ballot_opens",
    "ballot_closes",
    "result_to_members",
    "result_to_employers",
    "action_notice",
    "pickets",
}
WHAT_MOVES = {
    "bank holidays": {*STEPS_THAT_MOVE, *EARLIEST},
    "holidays planned with": {*STEPS_THAT_MOVE, *EARLIEST},
    "closed offices": {*STEPS_THAT_MOVE, *EARLIEST},
    "school holidays": {"earliest_strike"},
}


def moved_by(way: str, seed: int, count: int) -> Counter[str]:
    """How often each day moved over so many random wishes; fails at the first that moved the wrong way."""
    rng = Random(seed)
    moved: Counter[str] = Counter()
    for ask in cases.asks(seed, count):
        before = plan(wish(ask), current_law())
        never_later(ask, before, WAYS[way](rng, ask, before), moved)
    return moved


@pytest.mark.parametrize("way", WAYS)
def test_more_holidays_never_make_a_safe_day_later(way: str) -> None:
    """Turns red if a holiday gives time: an arrival, a despatch or a first day that skips the wrong way."""
    moved = moved_by(way, 4, SOME)
    assert {name for name, count in moved.items() if count} == WHAT_MOVES[way]


@pytest.mark.full
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("way", WAYS)
def test_more_holidays_never_make_a_safe_day_later_in_many_plans(way: str, chunk: int) -> None:
    """Turns red as the test before, on five thousand wishes a way."""
    assert moved_by(way, 1_000 + chunk, MANY // CHUNKS)
