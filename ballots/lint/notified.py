"""
Which times a notice of action covers, to the minute, in London time.

A day named covers it from midnight to midnight, continuous action everything from its first day on. A period that is
said to end at 23:59 ends with the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ballots.mandate import Pattern
from ballots.pack import ActionNotice, Period
from core.calendar import in_words

A_DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)
LAST_MINUTE = time(23, 59)
FOREVER = datetime.combine(date.max, time.min)
"""Where continuous action ends that nobody has ended."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a time up to, not including, another."""

    starts: datetime
    ends: datetime


def midnight(day: date) -> datetime:
    """The time with which a day begins."""
    return datetime.combine(day, time.min)


def is_continuous(notice: ActionNotice) -> bool:
    """Whether a notice is of continuous action: it says so, or says nothing and names a first day alone."""
    return notice.pattern is Pattern.CONTINUOUS or (notice.pattern is None and not notice.dates)


def spans(notice: ActionNotice) -> tuple[Span, ...]:
    """The times that a notice covers, in order."""
    covered = [_span(each) for each in notice.dates]
    if is_continuous(notice) and notice.starts is not None:
        covered.append(Span(midnight(notice.starts), FOREVER))
    return tuple(sorted(covered, key=lambda span: span.starts))


def _span(entry: date | Period) -> Span:
    if not isinstance(entry, Period):
        return Span(midnight(entry), midnight(entry) + A_DAY)
    return Span(entry.starts, end_of(entry.ends))


def end_of(ends: datetime) -> datetime:
    """The time something ends before: the last minute of a day belongs to it."""
    return midnight(ends.date()) + A_DAY if ends.time() >= LAST_MINUTE else ends


def first_day(notice: ActionNotice) -> date | None:
    """The first day that a notice names; None where it names none."""
    return min((span.starts.date() for span in spans(notice)), default=None)


def last_day_of(starts: datetime, ends: datetime) -> date:
    """The last day on which something still goes on: what ends at midnight ends the day before."""
    return (ends - timedelta(microseconds=1)).date() if ends > starts else starts.date()


def first_uncovered(starts: datetime, ends: datetime, covered: Iterable[Span]) -> datetime | None:
    """The first time between two that no span covers; None where all of it is. Spans a minute apart are one."""
    reached = starts
    for span in sorted(covered, key=lambda each: each.starts):
        is_next = span.starts <= reached or (reached > starts and span.starts - reached <= A_MINUTE)
        if is_next and span.ends > reached:
            reached = span.ends
    return None if reached >= ends and reached > starts else reached


def time_in_words(moment: datetime) -> str:
    """A time for people: `06:00 on Friday 27 March 2026`."""
    return f"{moment:%H:%M} on {in_words(moment.date())}"
