"""
How papers travel to an employer, and the days on which offices and schools are open.

What is allowed for here is the union's practice, not law: no statutory day knows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from enum import StrEnum

from core.calendar import is_working_day, ordinal, shift
from core.nations import Nation

Span = tuple[date, date]
"""A first and a last day, both included."""

EMAIL_DAYS = 3
"""Providers go on trying to deliver a mail for this long."""
POST_OFFICE_DAYS = 2
"""First-class post in the ordinary course arrives on the second office day."""
OFFICES_CLOSE = time(17)
"""A paper handed over later counts from the next office day."""
CLOSING_HOUR = f"{OFFICES_CLOSE:%H:%M}"


class Channel(StrEnum):
    """How papers reach the employer."""

    HAND = "hand"
    EMAIL = "email"
    POST = "post"


CHANNEL_NAMES: Mapping[str, str] = {Channel.HAND: "By hand", Channel.EMAIL: "By email", Channel.POST: "By post"}

ALLOWANCES: Mapping[Channel, str] = {
    Channel.HAND: "received the same day",
    Channel.EMAIL: f"received by the first office day on or after the {ordinal(EMAIL_DAYS)} day after it",
    Channel.POST: f"received by the {ordinal(POST_OFFICE_DAYS)} office day after it",
}
"""When a paper handed over by a channel is received at the latest."""


class OpenDays:
    """
    The office days and school days of one nation, with the spans in which offices or the school are said to be closed.

    An office day is Monday to Friday, no bank holiday and in no span of closed offices; a school day is an office day
    in no span of the closed school. `added_holidays` are bank holidays beside those the calendar knows. Every walk over
    closed days is remembered, so that asking again costs nothing.
    """

    def __init__(
        self,
        nation: Nation,
        offices_closed: tuple[Span, ...] = (),
        school_closed: tuple[Span, ...] = (),
        added_holidays: frozenset[date] = frozenset(),
    ) -> None:
        self._nation = nation
        self._added_holidays = added_holidays
        self._offices_closed = offices_closed
        self._school_closed = school_closed
        self._on_or_before: dict[date, date] = {}
        self._on_or_after: dict[date, date] = {}

    def is_office_day(self, day: date) -> bool:
        """Whether offices are open on a day."""
        return is_working_day(day, self._nation, self._added_holidays) and not within(day, self._offices_closed)

    def is_school_day(self, day: date) -> bool:
        """Whether the school is open on a day."""
        return self.is_office_day(day) and not within(day, self._school_closed)

    def on_or_before(self, day: date) -> date:
        """The last office day not after a day."""
        return self._walk(day, -1, self._on_or_before)

    def on_or_after(self, day: date) -> date:
        """The first office day not before a day."""
        return self._walk(day, 1, self._on_or_after)

    def before(self, day: date) -> date:
        """The last office day before a day."""
        return self.on_or_before(shift(day, -1))

    def after(self, day: date) -> date:
        """The first office day after a day."""
        return self.on_or_after(shift(day, 1))

    def latest_arrival(self, handed_over_on: date, channel: Channel) -> date:
        """The last day on which a paper handed to a channel on an office day may arrive; the first is that day."""
        if channel is Channel.HAND:
            return handed_over_on
        if channel is Channel.EMAIL:
            return self.on_or_after(shift(handed_over_on, EMAIL_DAYS))
        day = handed_over_on
        for _ in range(POST_OFFICE_DAYS):
            day = self.after(day)
        return day

    def arrivals(self, handed_over_on: date, channel: Channel) -> Iterator[date]:
        """Every day on which a paper handed to a channel on an office day may arrive, the last one first."""
        day = self.latest_arrival(handed_over_on, channel)
        while day >= handed_over_on:
            yield day
            day = shift(day, -1)

    def last_hand_over(self, by: date, channel: Channel) -> date:
        """The last office day from which a paper arrives by a day at the latest."""
        return self.last_day(by, lambda day: self.latest_arrival(day, channel) <= by)

    def last_day(self, by: date, will_do: Callable[[date], bool]) -> date:
        """The last office day not after a day that will do."""
        day = self.on_or_before(by)
        while not will_do(day):
            day = self.before(day)
        return day

    def _walk(self, day: date, step: int, known: dict[date, date]) -> date:
        closed = []
        while day not in known and not self.is_office_day(day):
            closed.append(day)
            day = shift(day, step)
        found = known.get(day, day)
        known.update(dict.fromkeys(closed, found))
        return found


class EveryDayOpen(OpenDays):
    """Offices that never close: what closed offices cost shows beside them."""

    def is_office_day(self, day: date) -> bool:  # noqa: ARG002
        """Always."""
        return True


def within(day: date, spans: tuple[Span, ...]) -> bool:
    """Whether a day lies in any of the spans."""
    return any(first <= day <= last for first, last in spans)
