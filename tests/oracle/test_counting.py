"""The product's calendar against the oracle's: every count of days, weeks and months, and every day of work."""

from __future__ import annotations

from datetime import date

import pytest

from core import calendar
from core.nations import Nation
from tests.oracle import days as wall
from tests.oracle.cases import DAYS, NATIONS, landmarks
from tests.oracle.offices import Doors
from tests.oracle.tally import Comparing


def test_every_count_of_days_and_weeks(comparing: Comparing) -> None:
    """Turns red if any count in `core.calendar` is off by one on any day."""
    with comparing("counts of days and weeks") as tally:
        for day in DAYS:
            mine, theirs = {}, {}
            for count in (3, 7, 10, 14):
                mine[f"before {count}"] = wall.nth_day_before(day, count)
                mine[f"after {count}"] = wall.first_day_with_notice(day, count)
                theirs[f"before {count}"] = calendar.latest_receipt(day, count)
                theirs[f"after {count}"] = calendar.earliest_event(day, count)
            for weeks in (4, 8):
                mine[f"weeks {weeks}"] = wall.last_of_weeks(day, weeks)
                theirs[f"weeks {weeks}"] = calendar.end_of_weeks(day, weeks)
            tally.compare(day, mine, theirs)


def test_every_end_of_months(comparing: Comparing) -> None:
    """Turns red if either reading of a period of months is wrong for any first day."""
    with comparing("ends of months") as tally:
        for day in DAYS:
            ends = {months: calendar.end_of_months(day, months) for months in (6, 9, 12)}
            tally.compare(
                day,
                {str(months): wall.last_of_months(day, months) for months in ends},
                {str(months): (end.strict, end.lenient) for months, end in ends.items()},
            )


@pytest.mark.parametrize("nation", NATIONS)
def test_every_working_day(comparing: Comparing, nation: str) -> None:
    """Turns red if a bank holiday is missing or belongs to another nation, or a search stops early."""
    doors = Doors(nation)
    with comparing(f"working days, {nation}") as tally:
        for day in wall.between(date(2005, 10, 1), date(2040, 12, 31)):
            of = Nation(nation)
            mine = {
                "open": doors.office(day),
                "next": wall.first_that(wall.nth_day_after(day, 1), doors.office),
                "before": wall.last_that(day, doors.office),
            }
            theirs = {
                "open": calendar.is_working_day(day, of),
                "next": calendar.next_working_day(day, of),
                "before": calendar.working_day_on_or_before(day, of),
            }
            tally.compare(day, mine, theirs)


def test_the_landmarks_are_those_of_the_calendar() -> None:
    """Seventeen years: two clock changes each, five leap days, one Christmas and one Good Friday each."""
    counts = {kind: len(days) for kind, days in landmarks().items()}
    assert counts == {
        "commencement": 7,
        "clock change": 34,
        "leap day": 5,
        "Christmas": 17,
        "Easter": 17,
        "month end": 17 * 12 - 1,
    }
