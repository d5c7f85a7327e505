"""Open and closed days as the oracle sees them: a public calendar of holidays, weekends, and what a wish closes."""

from __future__ import annotations

from datetime import date
from functools import cache

import holidays

from tests.oracle import days as wall

Span = tuple[date, date]

REGION = {"england": "ENG", "wales": "WLS", "scotland": "SCT"}
WORKING_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@cache
def holidays_of(nation: str) -> frozenset[date]:
    """The bank holidays of a nation in every year of the wall calendar."""
    years = range(wall.FIRST_YEAR, wall.LAST_YEAR + 1)
    return frozenset(holidays.UnitedKingdom(subdiv=REGION[nation], years=years))


@cache
def named(nation: str, name: str) -> tuple[date, ...]:
    """The days of one holiday, by a part of its name, oldest first."""
    years = range(wall.FIRST_YEAR, wall.LAST_YEAR + 1)
    kept = holidays.UnitedKingdom(subdiv=REGION[nation], years=years)
    return tuple(sorted(day for day, called in kept.items() if name in called))


@cache
def worked_in(nation: str) -> frozenset[date]:
    """Every Monday to Friday that is no bank holiday of the nation."""
    closed = holidays_of(nation)
    return frozenset(day for day in wall.LEAVES if day.strftime("%A") in WORKING_WEEK and day not in closed)


class Doors:
    """Which days an employer's offices and a school are open; spans are two days each, both included."""

    def __init__(
        self,
        nation: str,
        offices_closed: tuple[Span, ...] = (),
        school_closed: tuple[Span, ...] = (),
        added: frozenset[date] = frozenset(),
    ) -> None:
        self.worked = worked_in(nation)
        self.added = added
        self.offices_closed = {day for first, last in offices_closed for day in wall.between(first, last)}
        self.school_closed = {day for first, last in school_closed for day in wall.between(first, last)}

    def office(self, day: date) -> bool:
        """Whether the employer's offices are open."""
        return day in self.worked and day not in self.added and day not in self.offices_closed

    def school(self, day: date) -> bool:
        """Whether the school is open: an office day in none of its holidays."""
        return self.office(day) and day not in self.school_closed
