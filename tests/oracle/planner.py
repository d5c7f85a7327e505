"""
A plan found by trying every day: no search is cut short, no step is reckoned from another's formula.

It follows docs/planning.md line by line. The latest of anything is found by turning back from the wanted day and asking
of each day, from scratch, whether it will do; the earliest of anything by trying every day from today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from tests.oracle import days as wall
from tests.oracle import regimes
from tests.oracle.offices import Doors, Span

CHANNELS = ("hand", "email", "post")
PAPERS = ("ballot_notice", "sample_paper", "action_notice")
IN_ORDER = (
    "authorise",
    "ballot_notice",
    "sample_paper",
    "ballot_opens",
    "ballot_closes",
    "result_to_members",
    "result_to_employers",
    "action_notice",
    "pickets",
)


@dataclass(frozen=True, slots=True)
class Lengths:
    """The four lengths a plan needs, each by the day that chooses it."""

    notice: Callable[[date, date | None, bool], int]
    ballot_notice: Callable[[date], int]
    sample: Callable[[date], int]
    window: Callable[[date], int]


REAL = Lengths(regimes.notice_days, lambda _opened: 7, lambda _opened: 3, lambda _day: 14)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the planner, in plain words and days."""

    first: date | None = None
    today: date | None = None
    nation: str = "england"
    channel: str = "email"
    opens_for: int | None = None
    agrees: bool = False
    earlier: date | None = None
    kind: str = "strike"
    offices_closed: tuple[Span, ...] = ()
    school_closed: tuple[Span, ...] = ()
    added: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Day:
    """Until when a step is lawful, until when it is safe."""

    step: str
    lawful: date
    safe: date


class Desk:
    """Somebody who works one wish out by hand."""

    def __init__(self, ask: Ask, lengths: Lengths = REAL) -> None:
        self.ask = ask
        self.lengths = lengths
        self.doors = Doors(ask.nation, ask.offices_closed, ask.school_closed, ask.added)
        self._arrivals: dict[tuple[date, str], list[date]] = {}
        self._sent: dict[tuple[date, str], date] = {}
        self._soonest: dict[date, date] = {}

    def notice(self, received: date) -> int:
        """Days of notice that a notice of action received on a day needs."""
        return self.lengths.notice(received, self.ask.earlier, self.ask.agrees)

    def window(self, day: date) -> int:
        """Days of voting: what is asked for, else the Code's."""
        return self.lengths.window(day) if self.ask.opens_for is None else self.ask.opens_for

    def allows(self, received: date, first: date) -> bool:
        """Whether a notice of action received on a day allows action on another."""
        return wall.first_day_with_notice(received, self.notice(received)) <= first

    def arrivals(self, sent: date, channel: str) -> list[date]:
        """Every day on which a paper handed over on an office day may come."""
        known = self._arrivals.get((sent, channel))
        if known is None:
            known = self._arrivals[sent, channel] = wall.between(sent, self._last_arrival(sent, channel))
        return known

    def _last_arrival(self, sent: date, channel: str) -> date:
        if channel == "hand":
            return sent
        if channel == "email":
            return wall.first_that(wall.nth_day_after(sent, 3), self.doors.office)
        last = sent
        for _ in range(2):
            last = wall.first_that(wall.nth_day_after(last, 1), self.doors.office)
        return last

    def office_before(self, day: date) -> date:
        """The last office day before a day."""
        return wall.last_that(wall.nth_day_before(day, 1), self.doors.office)

    def sent_for_action(self, first: date, channel: str) -> date:
        """The last office day from which every day of arrival allows action on a day."""
        if (first, channel) not in self._sent:
            self._sent[first, channel] = wall.last_that(first, lambda sent: self._will_do(sent, channel, first))
        return self._sent[first, channel]

    def _will_do(self, sent: date, channel: str, first: date) -> bool:
        return self.doors.office(sent) and all(self.allows(day, first) for day in self.arrivals(sent, channel))

    def sent_to_be_there(self, by: date, channel: str) -> date:
        """The last office day from which the latest arrival is not after a day."""
        return wall.last_that(by, lambda sent: self.doors.office(sent) and self.arrivals(sent, channel)[-1] <= by)

    def steps(self, first: date) -> Iterator[Day]:
        """Every step from the notice of action back to the authorisation, then the pickets."""
        channel, lengths = self.ask.channel, self.lengths
        notice_by = wall.last_that(first, lambda received: self.allows(received, first))
        notice_sent = self.sent_for_action(first, channel)
        for step in ("action_notice", "result_to_employers", "result_to_members"):
            yield Day(step, notice_by, notice_sent)
        closes = wall.nth_day_before(notice_sent, 1)
        yield Day("ballot_closes", notice_by, closes)
        opens = wall.nth_day_before(closes, self.window(closes))
        yield Day("ballot_opens", notice_by, opens)
        sample_by = wall.nth_day_before(opens, lengths.sample(opens))
        yield Day(
            "sample_paper",
            wall.nth_day_before(notice_by, lengths.sample(notice_by)),
            self.sent_to_be_there(sample_by, channel),
        )
        told_by = wall.nth_day_before(notice_by, lengths.ballot_notice(notice_by))
        told = self.sent_to_be_there(wall.nth_day_before(opens, lengths.ballot_notice(opens)), channel)
        yield Day("ballot_notice", told_by, told)
        yield Day("authorise", told_by, self.office_before(told))
        if self.ask.kind == "strike":
            yield Day("pickets", first, self.office_before(first))

    def by_channel(self, first: date, opens: date) -> dict[str, dict[str, date]]:
        """For each paper that an employer receives, the safe day of every channel; the ballot's own days stay."""
        sample_by = wall.nth_day_before(opens, self.lengths.sample(opens))
        told_by = wall.nth_day_before(opens, self.lengths.ballot_notice(opens))
        return {
            "action_notice": {channel: self.sent_for_action(first, channel) for channel in CHANNELS},
            "sample_paper": {channel: self.sent_to_be_there(sample_by, channel) for channel in CHANNELS},
            "ballot_notice": {channel: self.sent_to_be_there(told_by, channel) for channel in CHANNELS},
        }

    def can_begin(self, first: date, today: date) -> bool:
        """Whether the plan backwards from a day has no safe day before today."""
        if self._soonest.get(first, today) < today:
            return False
        for day in self.steps(first):
            if day.safe < today:
                self._soonest[first] = day.safe
                return False
        return True

    def earliest(self, today: date) -> date:
        """The first day of action that can still be planned safely."""
        return wall.first_that(today, lambda first: self.can_begin(first, today))

    def earliest_in_school(self, today: date) -> date:
        """The first such day on which the school is open."""
        return wall.first_that(today, lambda first: self.doors.school(first) and self.can_begin(first, today))

    def earliest_by_statute(self, today: date) -> date:
        """Notice of ballot received today, and every later step on the first day the statute allows."""
        opens = wall.first_that(
            today, lambda opened: wall.nth_day_before(opened, self.lengths.ballot_notice(opened)) >= today
        )
        closes = wall.nth_day_after(opens, self.window(opens))
        return wall.nth_day_after(closes, self.notice(closes))


@lru_cache(maxsize=64)
def _seated(ask: Ask, lengths: Lengths) -> Desk:
    return Desk(ask, lengths)


def desk_for(ask: Ask, lengths: Lengths = REAL) -> Desk:
    """A desk for such wishes whatever their days, which remembers what it has worked out."""
    return _seated(replace(ask, first=None, today=None), lengths)
