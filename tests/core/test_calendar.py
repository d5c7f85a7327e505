"""Counting days, weeks and months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import calendar
from core.errors import BadInput
from core.nations import Nation
from tests.days import day

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    ("event", "days", "latest"),
    [
        ("Fri 2026-02-20", 7, "Fri 2026-02-13"),  # the government's own example
        ("Wed 2026-02-25", 7, "Wed 2026-02-18"),  # and the other
        ("Tue 2024-04-02", 7, "Tue 2024-03-26"),  # Easter in between counts
        ("Tue 2026-11-03", 10, "Sat 2026-10-24"),  # the clocks go back in between
        ("Thu 2027-04-01", 10, "Mon 2027-03-22"),  # and forward: 240 hours would give the 21st
        ("Fri 2024-03-01", 1, "Thu 2024-02-29"),
    ],
)
def test_notice_not_later_than_the_nth_day_before(event: str, days: int, latest: str) -> None:
    """Turns red if `latest_receipt` counts clear days (`-days - 1`)."""
    assert calendar.latest_receipt(day(event), days) == day(latest)


@pytest.mark.parametrize(
    ("beginning", "weeks", "last"),
    [
        ("Thu 2024-03-28", 4, "Wed 2024-04-24"),
        ("Thu 2024-12-19", 4, "Wed 2025-01-15"),
        ("Mon 2016-10-31", 8, "Sun 2016-12-25"),
    ],
)
def test_weeks_beginning_with_a_day(beginning: str, weeks: int, last: str) -> None:
    """Turns red if the first day is not counted (the `- 1` gone)."""
    assert calendar.end_of_weeks(day(beginning), weeks) == day(last)


@pytest.mark.parametrize(
    ("beginning", "months", "strict", "lenient"),
    [
        ("Wed 2022-11-02", 6, "Mon 2023-05-01", "Mon 2023-05-01"),  # RCN
        ("Sun 2025-08-31", 6, "Sat 2026-02-28", "Sat 2026-02-28"),  # no corresponding date
        ("Mon 2025-09-01", 6, "Sat 2026-02-28", "Sat 2026-02-28"),
        ("Sun 2026-03-01", 12, "Sun 2027-02-28", "Sun 2027-02-28"),
        ("Mon 2027-03-01", 12, "Mon 2028-02-28", "Tue 2028-02-29"),
        ("Tue 2028-02-29", 12, "Wed 2029-02-28", "Wed 2029-02-28"),
        ("Fri 2024-03-01", 6, "Thu 2024-08-29", "Sat 2024-08-31"),
        ("Wed 2022-11-30", 3, "Tue 2023-02-28", "Tue 2023-02-28"),
        ("Tue 2024-12-31", 2, "Fri 2025-02-28", "Fri 2025-02-28"),
        ("Thu 2024-03-28", 9, "Fri 2024-12-27", "Fri 2024-12-27"),
        ("Mon 2024-01-01", 12, "Tue 2024-12-31", "Tue 2024-12-31"),
    ],
)
def test_months_beginning_with_a_day(beginning: str, months: int, strict: str, lenient: str) -> None:
    """Turns red if a month without the corresponding date loses a day (27 February for 30 November)."""
    assert calendar.end_of_months(day(beginning), months) == calendar.PeriodEnd(day(strict), day(lenient))


def test_the_readings_differ_only_on_firsts_of_a_month() -> None:
    """Turns red if reading B is clipped to the wrong month."""
    contested = {
        beginning
        for offset in range(3 * 366)
        if calendar.end_of_months(beginning := date(2026, 1, 1) + timedelta(days=offset), 12).is_contested
    }
    assert contested == {date(2027, 3, 1)}


@given(DAYS, st.integers(1, 60))
def test_earliest_event_undoes_latest_receipt(event_on: date, days: int) -> None:
    """Turns red if the two count differently."""
    assert calendar.earliest_event(calendar.latest_receipt(event_on, days), days) == event_on


@given(DAYS, DAYS, st.integers(1, 24))
def test_a_later_beginning_never_ends_sooner(one: date, other: date, months: int) -> None:
    """Turns red if a month's length breaks the order of ends."""
    first, second = sorted((one, other))
    ends = calendar.end_of_months(first, months), calendar.end_of_months(second, months)
    assert ends[0].strict <= ends[1].strict
    assert ends[0].lenient <= ends[1].lenient


@given(DAYS, st.integers(1, 24))
def test_strict_is_never_later_and_both_lie_near_the_corresponding_day(beginning: date, months: int) -> None:
    """Turns red if strict and lenient are swapped."""
    end = calendar.end_of_months(beginning, months)
    assert end.strict <= end.lenient <= end.strict + timedelta(days=3)
    assert abs((end.strict - beginning).days - months * 30.4369) < 4


def test_a_day_beyond_the_calendar_is_bad_input() -> None:
    """Turns red if an OverflowError gets out."""
    with pytest.raises(BadInput, match="9999"):
        calendar.shift(date.max, 1)
    with pytest.raises(BadInput, match="9999"):
        calendar.end_of_months(date.max, 12)
    with pytest.raises(BadInput, match="9999"):
        calendar.end_of_months(date.min, 12)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), "Tue 2026-06-30"),  # 23:59 in London
        (datetime(2026, 6, 30, 23, 1, tzinfo=UTC), "Wed 2026-07-01"),  # 00:01 in London
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "Thu 2026-12-31"),
        (datetime(2026, 7, 1, 1, 0, tzinfo=timezone(timedelta(hours=2))), "Wed 2026-07-01"),
    ],
)
def test_a_day_is_a_day_in_london(moment: datetime, expected: str) -> None:
    """Turns red if the UTC date is taken."""
    assert calendar.london_day(moment) == day(expected)


def test_a_naive_moment_has_no_day() -> None:
    """Turns red if the check for a zone goes."""
    with pytest.raises(ValueError, match="time zone"):
        calendar.london_day(datetime(2026, 7, 1, 1, 0))  # noqa: DTZ001


def test_midnight_ends_the_day_before() -> None:
    """Turns red if an end at midnight touches the next day."""
    last = day("Fri 2027-04-23")
    midnight = calendar.midnight_ending(last)
    assert calendar.last_day_touched(midnight) == last
    assert calendar.last_day_touched(midnight + timedelta(seconds=1)) == day("Sat 2027-04-24")
    assert midnight - calendar.start_of_day(last) == timedelta(days=1)


def test_the_day_the_clocks_go_forward_has_23_hours() -> None:
    """Turns red if midnights are reckoned in a fixed offset."""
    spring = day("Sun 2026-03-29")
    hours = calendar.midnight_ending(spring).astimezone(UTC) - calendar.start_of_day(spring).astimezone(UTC)
    assert hours == timedelta(hours=23)


@pytest.mark.parametrize(
    ("night", "offsets"),
    [
        ("Sun 2026-03-29", (0, 60)),
        ("Sun 2026-10-25", (60, 0)),
        ("Sun 2028-03-26", (0, 60)),
        ("Sun 2031-10-26", (60, 0)),
    ],
)
def test_fm_15_every_minute_of_a_night_that_changes_the_clocks_has_its_london_day(
    night: str, offsets: tuple[int, int]
) -> None:
    """
    By the offsets of the Summer Time Act 1972, which both change at 01:00 UTC: not by the zone database in use.

    Turns red if `london_day` takes the UTC date, or one offset for the whole night.
    """
    sunday = day(night)
    begins = datetime(sunday.year, sunday.month, sunday.day, tzinfo=UTC) - timedelta(hours=12)
    changes = datetime(sunday.year, sunday.month, sunday.day, 1, tzinfo=UTC)
    for minute in range(36 * 60):
        moment = begins + timedelta(minutes=minute)
        by_the_act = moment + timedelta(minutes=offsets[moment >= changes])
        assert calendar.london_day(moment) == by_the_act.date(), moment


def test_fm_15_a_deadline_set_in_a_night_that_changes_the_clocks_counts_days_not_hours() -> None:
    """Turns red if `shift` counts 24 hours: the night in March has 23 of them, the one in October 25."""
    for last, nights in (("Sun 2026-03-29", 23), ("Sun 2026-10-25", 25)):
        assert calendar.midnight_ending(day(last)).astimezone(UTC) - calendar.start_of_day(day(last)).astimezone(
            UTC
        ) == timedelta(hours=nights)
        assert calendar.latest_receipt(calendar.shift(day(last), 1), 1) == day(last)


def test_fm_15_leap_days_and_the_last_of_december() -> None:
    """Turns red if a month is taken for 30 days, a year for 365, or one nation's New Year for another's."""
    assert calendar.latest_receipt(day("Thu 2024-03-07"), 7) == day("Thu 2024-02-29")
    assert calendar.latest_receipt(day("Wed 2028-03-01"), 1) == day("Tue 2028-02-29")
    assert calendar.latest_receipt(day("Mon 2027-03-01"), 1) == day("Sun 2027-02-28")
    assert calendar.end_of_weeks(day("Wed 2028-02-02"), 4) == day("Tue 2028-02-29")
    assert calendar.corresponding_day(day("Tue 2028-02-29"), 12) == day("Wed 2029-02-28")
    assert calendar.corresponding_day(day("Thu 2028-08-31"), 6) == day("Wed 2029-02-28")
    assert calendar.latest_receipt(day("Fri 2027-01-08"), 8) == day("Thu 2026-12-31")
    assert calendar.next_working_day(day("Thu 2026-12-31"), Nation.ENGLAND) == day("Mon 2027-01-04")
    assert calendar.next_working_day(day("Thu 2026-12-31"), Nation.SCOTLAND) == day("Tue 2027-01-05")
    assert calendar.working_days_before(day("Fri 2028-03-03"), 3, Nation.ENGLAND) == day("Tue 2028-02-29")


def test_a_moment_without_a_zone_is_read_in_london() -> None:
    """Turns red if it is read as UTC."""
    assert calendar.london_time(datetime(2026, 7, 1, 9, 0)).astimezone(UTC).hour == 8  # noqa: DTZ001
    assert calendar.london_time(datetime(2026, 7, 1, 9, 0, tzinfo=UTC)).hour == 10


@pytest.mark.parametrize(
    ("nation", "on", "working"),
    [
        (Nation.ENGLAND, "Mon 2026-04-06", False),  # Easter Monday
        (Nation.SCOTLAND, "Mon 2026-04-06", True),
        (Nation.SCOTLAND, "Fri 2026-01-02", False),
        (Nation.WALES, "Fri 2026-01-02", True),
        (Nation.ENGLAND, "Mon 2027-12-27", False),  # Christmas Day falls on a Saturday
        (Nation.ENGLAND, "Sat 2026-11-28", False),
    ],
)
def test_working_days_are_the_nations_own(nation: Nation, on: str, working: bool) -> None:
    """Turns red if one nation's holidays serve for all."""
    assert calendar.is_working_day(day(on), nation) is working


def test_planning_moves_back_and_never_forward() -> None:
    """Turns red if a closed day rolls a deadline forward."""
    assert calendar.working_day_on_or_before(day("Sun 2026-12-27"), Nation.ENGLAND) == day("Thu 2026-12-24")
    assert calendar.next_working_day(day("Thu 2026-12-24"), Nation.ENGLAND) == day("Tue 2026-12-29")
    assert calendar.next_working_day(day("Fri 2026-11-27"), Nation.ENGLAND) == day("Mon 2026-11-30")
    assert calendar.next_working_day(day("Sat 2026-11-28"), Nation.ENGLAND) == day("Mon 2026-11-30")
    assert calendar.next_working_day(day("Mon 2026-11-30"), Nation.ENGLAND) == day("Tue 2026-12-01")


def test_working_days_before_a_day_skip_weekends_and_holidays_and_never_the_day_itself() -> None:
    """Turns red if the day itself counts, or holidays of other nations do."""
    before = calendar.working_days_before
    assert before(day("Fri 2026-09-11"), 5, Nation.ENGLAND) == day("Fri 2026-09-04")
    assert before(day("Sun 2026-09-13"), 5, Nation.ENGLAND) == day("Mon 2026-09-07")
    assert before(day("Wed 2026-04-08"), 2, Nation.ENGLAND) == day("Thu 2026-04-02")
    assert before(day("Wed 2026-04-08"), 2, Nation.SCOTLAND) == day("Mon 2026-04-06")
    assert before(day("Fri 2026-09-11"), 1, Nation.ENGLAND, {day("Thu 2026-09-10")}) == day("Wed 2026-09-09")
    assert before(day("Sun 2026-09-13"), 0, Nation.ENGLAND) == day("Sun 2026-09-13")


def test_a_month_in_words() -> None:
    written = ("2026-10", "2026-13", "autumn 2026")
    assert [calendar.month_in_words(each) for each in written] == ["October 2026", "2026-13", "autumn 2026"]


def test_a_day_in_words() -> None:
    """Turns red if the words follow the machine's locale or pad the day."""
    assert calendar.in_words(day("Tue 2026-11-03")) == "Tuesday 3 November 2026"
