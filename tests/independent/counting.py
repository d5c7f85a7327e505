"""
Days, thresholds and pence, counted by hand from the statute as it is explained in words.

A ballot is judged by the day it opened, a notice by the day it came. Every day counts, weekends and holidays too. The
law in force from 18 February 2026 is written here once more, with what was before back to 1 March 2017.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from fractions import Fraction

NEW_LAW = date(2026, 2, 18)
BALLOT_NOTICE, SAMPLE_PAPER = 7, 3
TEACHING_IN_A_STATE_SCHOOL = ("state-teaching", "further-education")


def days_before(event: date, number: int) -> date:
    """The last day on which a paper may arrive that is due by the nth day before."""
    return date.fromordinal(event.toordinal() - number)


def notice_of_action_days(received: date) -> int:
    """How long before action its notice has to arrive."""
    return 10 if received >= NEW_LAW else 14


def last_day_of_mandate(opened: date, closed: date) -> date:
    """Twelve months that begin with the date of the ballot, six under the law before; the stricter reading."""
    months = 12 if opened >= NEW_LAW else 6
    day_before = closed - timedelta(days=1)
    return min(_months_later(closed, months) or date.max, _clipped(day_before, months))


def _months_later(day: date, months: int) -> date | None:
    """The day before the same day of the month so many months later; None where that month has no such day."""
    year, month = _month(day, months)
    if day.day > calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, day.day) - timedelta(days=1)


def _clipped(day: date, months: int) -> date:
    year, month = _month(day, months)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _month(day: date, later: int) -> tuple[int, int]:
    year, month = divmod(day.year * 12 + day.month - 1 + later, 12)
    return year, month + 1


def carried(opened: date, service: str, nation: str, *, entitled: int, cast: int, yes: int) -> bool:
    """Whether a question has a mandate: half of those entitled voted, more than half of papers say Yes, and the 40%."""
    half_voted = cast >= Fraction(entitled, 2)
    majority = yes > Fraction(cast, 2)
    support = opened >= NEW_LAW or nation == "wales" or service not in TEACHING_IN_A_STATE_SCHOOL
    return half_voted and majority and (support or yes >= Fraction(2 * entitled, 5))


def lost_pence(salary_pence: int, fte: str, days: int, nation: str) -> set[int]:
    """What may be deducted for whole days: by the pay of the post, or by the hours due; a half penny goes up."""
    part = Fraction(1, 235 if nation == "scotland" else 365)
    return {
        int(Fraction(salary_pence) * share * part * days + Fraction(1, 2)) for share in {Fraction(fte), Fraction(1)}
    }
