"""
Counting days, weeks and months as the statutes do, and the working days of each nation.

A day is a civil date in London. Statutory periods count every day, weekends and holidays too; nothing here
rolls a deadline forward. Only `is_working_day` and the functions named after it know of holidays.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.bank_holidays import holidays_of
from core.errors import BadInput
from core.nations import Nation

LONDON = ZoneInfo("Europe/London")
SATURDAY = 5
DAYS_IN_A_WEEK = 7
MONTHS_IN_A_YEAR = 12
# The calendar module asks the locale anew for each name.
_DAY_NAMES, _MONTH_NAMES = tuple(calendar.day_name), tuple(calendar.month_name)
LAST_YEAR = 9899
"""The last year to reckon from: what follows may reach a century further and still end within the calendar."""


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """
    The last day of a period of months, on both readings of the calendar; `strict` is never the later.

    The strict day is the answer. A day after `strict` and up to `lenient` is contested, one after `lenient`
    is outside the period on any reading.
    """

    strict: date
    lenient: date

    @property
    def is_contested(self) -> bool:
        """Whether the two readings differ."""
        return self.strict != self.lenient


def shift(day: date, days: int) -> date:
    """The day `days` after `day` (before it, if negative). `BadInput` beyond the years 1 to 9999."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise _off_the_calendar(day) from None


def latest_receipt(event_on: date, days: int) -> date:
    """
    The latest day of receipt for a duty to give notice "not later than the `days`th day before" an event.

    Receipt at any time of that day will do; so there are `days` - 1 clear days between.
    """
    return shift(event_on, -days)


def earliest_event(received_on: date, days: int) -> date:
    """The first day an event may fall on when notice of `days` days was received on `received_on`."""
    return shift(received_on, days)


def end_of_weeks(beginning_with: date, weeks: int) -> date:
    """The last day of a period of weeks beginning with a day: four weeks from a Monday end on a Sunday."""
    return shift(beginning_with, weeks * DAYS_IN_A_WEEK - 1)


def end_of_months(beginning_with: date, months: int) -> PeriodEnd:
    """
    The last day of a period of calendar months beginning with a day.

    Reading A ends the day before the corresponding date, or on the month's last day where there is no
    corresponding date (Dodds v Walker [1981] 1 WLR 1027). Reading B counts from the day before the first day
    and clips to the month's end (Pruden v Cunard [1993]). They differ only for some firsts of a month; no
    case on industrial action decides between them, so the earlier is the answer.
    """
    corresponding = corresponding_day(beginning_with, months)
    has_corresponding = corresponding.day == beginning_with.day
    before_corresponding = shift(corresponding, -1) if has_corresponding else corresponding
    from_the_day_before = corresponding_day(shift(beginning_with, -1), months)
    return PeriodEnd(
        strict=min(before_corresponding, from_the_day_before),
        lenient=max(before_corresponding, from_the_day_before),
    )


def corresponding_day(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day if it is shorter."""
    years, month_index = divmod(day.month - 1 + months, MONTHS_IN_A_YEAR)
    year, month = day.year + years, month_index + 1
    try:
        return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    except (ValueError, calendar.IllegalMonthError):
        raise _off_the_calendar(day) from None


def _off_the_calendar(day: date) -> BadInput:
    return BadInput(field="date", found=day.isoformat(), wanted="a day whose periods end between the years 1 and 9999")


def london_day(moment: datetime) -> date:
    """The civil date in London at an aware instant. `ValueError` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs its time zone before it has a day in London")
    return moment.astimezone(LONDON).date()


def start_of_day(day: date) -> datetime:
    """The midnight, London time, with which a day begins."""
    return datetime.combine(day, time.min, tzinfo=LONDON)


def midnight_ending(day: date) -> datetime:
    """The midnight, London time, with which a day ends: the moment a mandate with that last day is over."""
    return start_of_day(shift(day, 1))


def last_day_touched(ends_at: datetime) -> date:
    """The last day on which something that ends at an aware instant still goes on: midnight ends the day before."""
    return london_day(ends_at.astimezone(LONDON) - timedelta(microseconds=1))


def in_days(count: int) -> str:
    """A number of days for people: `1 day`, `12 days`."""
    return counted(count, "day")


def counted(number: int, thing: str) -> str:
    """A count for people: `1 paper`, `12 papers`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def ordinal(number: int) -> str:
    """A number in a row for people: `7th`, `3rd`, `21st`."""
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def in_words(day: date) -> str:
    """A day for people: `Friday 27 March 2026`."""
    return f"{_DAY_NAMES[day.weekday()]} {day.day} {_MONTH_NAMES[day.month]} {day.year}"


def month_in_words(text: str) -> str:
    """`October 2026` for `2026-10`; whatever is no such month stays as it is."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return text
    return f"{_MONTH_NAMES[first.month]} {first.year}"


def london_time(moment: datetime) -> datetime:
    """A moment written without a zone, read as London time; an aware one, turned into it."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=LONDON)
    return moment.astimezone(LONDON)


@lru_cache(maxsize=256)
def bank_holidays(nation: Nation, year: int) -> frozenset[date]:
    """The bank and public holidays of a nation in a year."""
    return holidays_of(nation, year)


NONE_ADDED: frozenset[date] = frozenset()


def is_working_day(day: date, nation: Nation, added: Collection[date] = NONE_ADDED) -> bool:
    """Whether a day is neither Saturday, Sunday nor a bank holiday of the nation, nor one of those `added` to it."""
    return day.weekday() < SATURDAY and day not in bank_holidays(nation, day.year) and day not in added


def next_working_day(after: date, nation: Nation, added: Collection[date] = NONE_ADDED) -> date:
    """The first working day after a day."""
    day = shift(after, 1)
    while not is_working_day(day, nation, added):
        day = shift(day, 1)
    return day


def working_day_on_or_before(day: date, nation: Nation, added: Collection[date] = NONE_ADDED) -> date:
    """
    The last working day not after a day: when to serve, for a deadline that offices may be closed on.

    For planning only; the law's own deadline stays where it is.
    """
    while not is_working_day(day, nation, added):
        day = shift(day, -1)
    return day


def working_days_before(day: date, count: int, nation: Nation, added: Collection[date] = NONE_ADDED) -> date:
    """The `count`th working day before a day, whether or not that is one itself; the day itself for a count of 0."""
    for _ in range(count):
        day = working_day_on_or_before(shift(day, -1), nation, added)
    return day
