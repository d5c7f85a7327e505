"""
How the turnout of a ballot stands against what the law asks for, and where it leads if papers go on coming back as they
have. Pure; counts of papers of a whole ballot and nothing else: who returned one, or what it says, is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Returned:
    """How many papers had come back in all by a day, as the scrutineer says."""

    on: date
    cast: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """
    How many papers there are on the last day of voting if they go on coming back: at the pace since the last report but
    one, and at that of the whole voting so far. `least` is the smaller of the two, `most` the greater. No rule of law,
    no probability: two straight lines.
    """

    by: date
    at_the_latest_pace: int
    at_the_pace_so_far: int

    @property
    def least(self) -> int:
        """The smaller of the two."""
        return min(self.at_the_latest_pace, self.at_the_pace_so_far)

    @property
    def most(self) -> int:
        """The greater of the two."""
        return max(self.at_the_latest_pace, self.at_the_pace_so_far)

    def reaches(self, needed: int) -> bool | None:
        """Whether both lines reach a number of papers; None where one does and the other does not."""
        found = {self.at_the_latest_pace >= needed, self.at_the_pace_so_far >= needed}
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Turnout:
    """
    `needed` papers of `entitled` are asked for (None: the law asks for no turnout), `lacking` of them have not come
    back. `days_left` counts from today or the last report, whichever is later, to the last day of voting;
    `lacking_a_day` is what each of them would have to bring, None where no day is left or nothing is lacking.
    """

    entitled: int
    cast: int
    needed: int | None
    lacking: int
    days_left: int
    lacking_a_day: int | None
    reports: tuple[Returned, ...]
    forecast: Forecast | None

    @property
    def met(self) -> bool:
        """Whether enough papers have come back; true where the law asks for none."""
        return self.needed is None or self.cast >= self.needed


def least(of: int, share: Fraction) -> int:
    """The least whole number that is at least a share of a number."""
    return -(-of * share.numerator // share.denominator)


def turnout(
    reports: Iterable[Returned], *, entitled: int, share: Fraction | None, opens_on: date, closes_on: date, today: date
) -> Turnout:
    """
    Where a ballot's turnout stands on a day. Several reports of one day count as the greatest of them.

    `BadInput` for more papers than people entitled, or a voting that ends before it begins.
    """
    if closes_on < opens_on:
        raise BadInput(field="closes_on", found=closes_on.isoformat(), wanted=f"a day not before {opens_on}")
    told = _by_day(reports)
    cast = max((each.cast for each in told), default=0)
    if not 0 <= cast <= entitled:
        raise BadInput(field="cast", found=cast, wanted=f"0 to the {entitled} entitled to vote")
    needed = least(entitled, share) if share is not None else None
    lacking = max(0, (needed or 0) - cast)
    counts_from = max([opens_on, today, *(each.on for each in told)])
    days_left = max(0, (closes_on - counts_from).days)
    return Turnout(
        entitled,
        cast,
        needed,
        lacking,
        days_left,
        -(-lacking // days_left) if lacking and days_left else None,
        told,
        _forecast(told, entitled, opens_on, closes_on, today),
    )


def _by_day(reports: Iterable[Returned]) -> tuple[Returned, ...]:
    most: dict[date, int] = {}
    for each in reports:
        most[each.on] = max(each.cast, most.get(each.on, 0))
    return tuple(Returned(on, cast) for on, cast in sorted(most.items()))


def _forecast(
    told: tuple[Returned, ...], entitled: int, opens_on: date, closes_on: date, today: date
) -> Forecast | None:
    """
    None before papers came back, and once voting is over: a number that is known is not foretold. None from the opening
    day alone either: no day has gone by that would give a pace.
    """
    if not told or not told[-1].cast or told[-1].on <= opens_on or today > closes_on or told[-1].on >= closes_on:
        return None
    last = told[-1]
    before = told[-2] if len(told) > 1 else Returned(opens_on, 0)
    return Forecast(
        closes_on,
        _led_on(before, last, closes_on, entitled),
        _led_on(Returned(opens_on, 0), last, closes_on, entitled),
    )


def _led_on(begin: Returned, last: Returned, closes_on: date, entitled: int) -> int:
    """The straight line through two counts, on the last day of voting: whole papers, and no more than there are."""
    pace = Fraction(max(0, last.cast - begin.cast), (last.on - begin.on).days)
    return min(entitled, last.cast + int(pace * (closes_on - last.on).days))
