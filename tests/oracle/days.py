"""
A second, slower way to every deadline, written apart from the product: it counts days on a wall calendar.

No subtraction of days, no formula of months: it leafs through the calendar one day at a time. What it once found it
remembers, or a hundred thousand plans would take a week.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1999, 2045


def _leaves() -> list[date]:
    """Every day of the wall calendar in order."""
    return [
        date(year, month, number)
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        for month in range(1, 13)
        for number in range(1, calendar.monthrange(year, month)[1] + 1)
    ]


LEAVES = _leaves()
PLACE = {leaf: place for place, leaf in enumerate(LEAVES)}
MONTH = {leaf: (leaf.year - FIRST_YEAR) * 12 + leaf.month - 1 for leaf in LEAVES}
DAYS_OF_MONTH: dict[int, list[date]] = {}
for leaf in LEAVES:
    DAYS_OF_MONTH.setdefault(MONTH[leaf], []).append(leaf)


def between(first: date, last: date) -> list[date]:
    """Every leaf from one to another, both included."""
    return LEAVES[PLACE[first] : PLACE[last] + 1]


def onwards(day: date) -> Iterator[date]:
    """The leaf itself and every one after it."""
    for place in range(PLACE[day], len(LEAVES)):
        yield LEAVES[place]


def backwards(day: date) -> Iterator[date]:
    """The leaf itself and every one before it."""
    for place in range(PLACE[day], -1, -1):
        yield LEAVES[place]


def last_that(day: date, holds: Callable[[date], bool]) -> date:
    """The last leaf, not after one, of which something holds: each is tried in turn."""
    return next(leaf for leaf in backwards(day) if holds(leaf))


def first_that(day: date, holds: Callable[[date], bool]) -> date:
    """The first leaf, not before one, of which something holds: each is tried in turn."""
    return next(leaf for leaf in onwards(day) if holds(leaf))


@cache
def nth_day_before(event: date, count: int) -> date:
    """The first day before an event is the day before it; turn back leaf by leaf."""
    place = PLACE[event]
    for _ in range(count):
        place -= 1
    return LEAVES[place]


@cache
def nth_day_after(event: date, count: int) -> date:
    """The first day after an event is the day after it; leaf on one by one."""
    place = PLACE[event]
    for _ in range(count):
        place += 1
    return LEAVES[place]


@cache
def first_day_with_notice(received: date, count: int) -> date:
    """The first day whose `count`th day before is not earlier than the day of receipt."""
    place = PLACE[received]
    while nth_day_before(LEAVES[place], count) < received:
        place += 1
    return LEAVES[place]


@cache
def last_of_weeks(beginning: date, weeks: int) -> date:
    """Tick off seven leaves a week, the first day being the first leaf."""
    ticked = [LEAVES[PLACE[beginning]]]
    while len(ticked) < 7 * weeks:
        ticked.append(LEAVES[PLACE[ticked[-1]] + 1])
    return ticked[-1]


@cache
def last_of_months(beginning: date, months: int) -> tuple[date, date]:
    """
    The two readings of a period of months, earlier one first.

    One: leaf on to the month, find the leaf with the same number and turn back one; where there is no such
    leaf, the month's last. Other: start from the leaf before, find its number in the month, else the last.
    """
    month = DAYS_OF_MONTH[MONTH[beginning] + months]
    same = [leaf for leaf in month if leaf.day == beginning.day]
    one = LEAVES[PLACE[same[0]] - 1] if same else month[-1]
    eve = LEAVES[PLACE[beginning] - 1]
    month = DAYS_OF_MONTH[MONTH[eve] + months]
    same = [leaf for leaf in month if leaf.day == eve.day]
    other = same[0] if same else month[-1]
    return (one, other) if one <= other else (other, one)


def _offset(day: date) -> timedelta | None:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/London")).utcoffset()


@cache
def clock_changes(first_year: int, last_year: int) -> tuple[date, ...]:
    """The days on which London's clocks are put forward or back: noon there differs from the noon before."""
    days = between(date(first_year, 1, 1), date(last_year, 12, 31))
    return tuple(day for before, day in itertools.pairwise(days) if _offset(before) != _offset(day))
