"""
Plans of ballots, backwards and forwards, against a bare loop that walks the same days with plain date arithmetic.

The bare loop reads the days of the law once and knows one law, one channel, weekends and bank holidays. It gives days
alone: no law by date, no lawful day beside the safe one, no reasons, no findings, no mandate, no next ballot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from ballots.channels import EMAIL_DAYS
from ballots.plan import plan
from ballots.plan_days import ACTION_NOTICE_DAYS, BALLOT_NOTICE_DAYS, COUNT_DAYS, SAMPLE_PAPER_DAYS, VOTING_DAYS
from ballots.plan_facts import Wish
from bench.frame import Line, Run, by_turns, median, seconds, spread
from bench.ground import Ground
from core.calendar import SATURDAY, bank_holidays
from core.law import current_law
from core.nations import Nation

PLANS = 500
FIRST, LAST = date(2016, 6, 1), date(2032, 6, 1)

BARE, PLANNED = "bare", "planned"
A_DAY = timedelta(days=1)


def figures(run: Run, _grounds: list[Ground]) -> Iterator[Line]:
    """Plans from a wanted first day of action, then plans from today."""
    days = spread_out(run.size(PLANS))
    current_law().parameters()
    known = Known()
    ways: Mapping[str, tuple[Callable[[date], Wish], Callable[[date], object]]] = {
        "backwards from a first day of action": (lambda day: Wish(first_action_on=day), known.backwards),
        "forwards from today": (lambda day: Wish(today=day), known.forwards),
    }
    for name, (wish, bare) in ways.items():
        times = by_turns(
            {
                BARE: lambda _, bare=bare: seconds(lambda: [bare(day) for day in days]),  # type: ignore[misc]
                PLANNED: lambda _, wish=wish: seconds(lambda: planned(wish, days)),  # type: ignore[misc]
            },
            run.repeats,
        )
        a_second = len(days) / median(times[PLANNED])
        words = f"{spread(times[PLANNED], len(days))} a plan; the bare loop {spread(times[BARE], len(days))}"
        ratio = median(times[PLANNED]) / median(times[BARE])
        figure = f"plans {name}"
        yield Line(figure, f"time against a bare loop; {a_second:,.0f} plans a second", words, ratio, "x")


def spread_out(count: int) -> list[date]:
    """So many days from the first to the last, evenly."""
    step = (LAST - FIRST) / count
    return [FIRST + number * step for number in range(count)]


def planned(wish: Callable[[date], Wish], days: Sequence[date]) -> None:
    """Every plan, each with its steps; a plan without them would be no figure."""
    law = current_law()
    empty = sum(not plan(wish(day), law).steps for day in days)
    if empty:
        raise RuntimeError(f"{empty} of {len(days)} plans have no steps")


class Known:
    """The days of the law and the bank holidays, read once."""

    def __init__(self) -> None:
        law, on = current_law(), date(2026, 11, 22)
        names = (BALLOT_NOTICE_DAYS, SAMPLE_PAPER_DAYS, VOTING_DAYS, ACTION_NOTICE_DAYS[0])
        counts = (timedelta(days=law.at(name, on, nation=Nation.ENGLAND).whole) for name in names)
        self.notice, self.sample, self.voting, self.action = counts
        self.holidays = frozenset[date]().union(*(bank_holidays(Nation.ENGLAND, year) for year in range(2014, 2036)))

    def backwards(self, first_action_on: date) -> tuple[date, ...]:
        """The safe day of every step, by mail."""
        told_on = self._sent(first_action_on - self.action)
        closes_on = told_on - COUNT_DAYS * A_DAY
        opens_on = closes_on - self.voting
        served_on, sample_on = self._sent(opens_on - self.notice), self._sent(opens_on - self.sample)
        pickets = self._office_day(first_action_on - A_DAY)
        return self._office_day(served_on - A_DAY), served_on, sample_on, opens_on, closes_on, told_on, pickets

    def forwards(self, today: date) -> date:
        """The first day of action whose steps are all still to come."""
        day = today + A_DAY + self.notice + self.voting + COUNT_DAYS * A_DAY + self.action
        while self.backwards(day)[0] < today:
            day += A_DAY
        return day

    def _sent(self, received_by: date) -> date:
        """The last office day from which a mail is there in time."""
        day = self._office_day(received_by)
        while self._arrives(day) > received_by:
            day = self._office_day(day - A_DAY)
        return day

    def _arrives(self, sent_on: date) -> date:
        day = sent_on + EMAIL_DAYS * A_DAY
        while day.weekday() >= SATURDAY or day in self.holidays:
            day += A_DAY
        return day

    def _office_day(self, day: date) -> date:
        while day.weekday() >= SATURDAY or day in self.holidays:
            day -= A_DAY
        return day
