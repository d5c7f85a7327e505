"""How near a deadline is: the days of each level, by the working days of the nation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.levels import Level, WarningDays, level_days, level_on, next_day
from core.calendar import is_working_day
from core.nations import Nation
from tests.days import day

FIGURES = WarningDays(amber=5, red=2)


@pytest.mark.parametrize(
    ("due", "nation", "amber", "red", "stop"),
    [
        ("Fri 2026-09-11", Nation.ENGLAND, "Fri 2026-09-04", "Wed 2026-09-09", "Sat 2026-09-12"),
        ("Sun 2026-09-13", Nation.ENGLAND, "Mon 2026-09-07", "Thu 2026-09-10", "Mon 2026-09-14"),
        ("Wed 2026-12-30", Nation.ENGLAND, "Mon 2026-12-21", "Thu 2026-12-24", "Thu 2026-12-31"),
        ("Tue 2027-01-05", Nation.ENGLAND, "Thu 2026-12-24", "Thu 2026-12-31", "Wed 2027-01-06"),
        ("Wed 2027-01-06", Nation.SCOTLAND, "Thu 2026-12-24", "Thu 2026-12-31", "Thu 2027-01-07"),
    ],
)
def test_the_days_of_each_level(due: str, nation: Nation, amber: str, red: str, stop: str) -> None:
    """Turns red if weekends count, or one nation's holidays serve for all, or the stop begins on the last good day."""
    assert level_days(day(due), FIGURES, nation) == {
        Level.AMBER: day(amber),
        Level.RED: day(red),
        Level.STOP: day(stop),
    }


def test_an_added_holiday_moves_the_warning_and_not_the_day() -> None:
    """Turns red if `added` is left out: the officer would have a working day less than the policy promises."""
    added = frozenset({day("Thu 2026-09-10")})
    days = level_days(day("Fri 2026-09-11"), FIGURES, Nation.ENGLAND, added)
    assert list(days.values()) == [day("Thu 2026-09-03"), day("Tue 2026-09-08"), day("Sat 2026-09-12")]


def test_amber_never_begins_after_red() -> None:
    """Turns red if the figures are believed whatever they are."""
    days = level_days(day("Fri 2026-09-11"), WarningDays(amber=1, red=3), Nation.ENGLAND)
    assert days[Level.AMBER] == days[Level.RED] == day("Tue 2026-09-08")


def test_what_ends_by_itself_has_no_hard_stop() -> None:
    """Turns red if `stops` is left out of the days."""
    days = level_days(day("Fri 2026-09-11"), FIGURES, Nation.ENGLAND, stops=False)
    assert list(days) == [Level.AMBER, Level.RED]
    assert level_on(days, day("Fri 2026-12-11")) is Level.RED


@given(
    due=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    figures=st.builds(WarningDays, amber=st.integers(1, 10), red=st.integers(0, 10)),
    nation=st.sampled_from([Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND]),
    told=st.sampled_from([None, *Level]),
    offset=st.integers(-30, 5),
)
def test_levels_rise_and_each_warning_leaves_its_working_days(
    due: date, figures: WarningDays, nation: Nation, told: Level | None, offset: int
) -> None:
    """Turns red if any level begins before an earlier one, or with fewer working days left than its figure."""
    days, today = level_days(due, figures, nation), due + timedelta(days=offset)
    assert days[Level.AMBER] <= days[Level.RED] < days[Level.STOP]
    begins = days[Level.RED]
    between = [begins + timedelta(days=count) for count in range((due - begins).days)]
    assert sum(is_working_day(each, nation) for each in between) == figures.red
    reached, then = level_on(days, today), next_day(days, told, today)
    assert (reached is Level.STOP) == (today > due)
    if then is not None:
        assert then > today
        assert any(each == then and (told is None or level.rank > told.rank) for level, each in days.items())
