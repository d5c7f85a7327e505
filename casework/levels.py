"""
How near a deadline is, in levels: amber, red, and the hard stop once its last good day has passed unmet. Pure.

The days of warning are working days of the workplace's nation, for those are the days on which somebody can act; the
deadline itself never moves for a weekend or a bank holiday.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from core.calendar import NONE_ADDED, shift, working_days_before
from core.nations import Nation


class Level(StrEnum):
    """How near; each is more than the one before."""

    AMBER = "amber"
    RED = "red"
    STOP = "stop"

    @property
    def rank(self) -> int:
        """The place in the row: 0, 1, 2."""
        return list(Level).index(self)


LevelDays = Mapping[Level, date]
"""The first day of each level that a deadline has, in their order."""


@dataclass(frozen=True, slots=True)
class WarningDays:
    """The union's figures: working days before the last good day on which a deadline turns amber, and red."""

    amber: int
    red: int


def level_days(
    due_on: date, figures: WarningDays, nation: Nation, added: Collection[date] = NONE_ADDED, *, stops: bool = True
) -> LevelDays:
    """
    The first day of each level of a deadline whose last good day is `due_on`; without `stops` there is no hard stop.

    Amber never begins after red, whatever the figures say.
    """
    red = working_days_before(due_on, figures.red, nation, added)
    amber = min(working_days_before(due_on, figures.amber, nation, added), red)
    days = {Level.AMBER: amber, Level.RED: red}
    return {**days, Level.STOP: shift(due_on, 1)} if stops else days


@lru_cache(maxsize=10_000)
def remembered_level_days(
    due_on: date, figures: WarningDays, nation: Nation, added: frozenset[date] = frozenset(), *, stops: bool = True
) -> LevelDays:
    """The same, reckoned once for all the deadlines of a list that fall on one day."""
    return MappingProxyType(dict(level_days(due_on, figures, nation, added, stops=stops)))


@lru_cache(maxsize=64)
def amber_until(today: date, figures: WarningDays, nation: Nation, added: frozenset[date] = frozenset()) -> date:
    """The latest day of which a deadline is amber today already; today itself where there is no warning."""
    due_on = today
    while level_on(level_days(shift(due_on, 1), figures, nation, added), today):
        due_on = shift(due_on, 1)
    return due_on


def level_on(days: LevelDays, today: date) -> Level | None:
    """The highest level that a deadline has reached on a day; None while there is time."""
    return max((level for level, day in days.items() if day <= today), key=lambda level: level.rank, default=None)


def next_day(days: LevelDays, told: Level | None, today: date) -> date | None:
    """The next day after today on which a level begins that nobody was told of; None when no more is to come."""
    above = (day for level, day in days.items() if day > today and (told is None or level.rank > told.rank))
    return min(above, default=None)
