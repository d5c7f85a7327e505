"""Plans and ballots to compare on: made from a seed, with most dates where calendars and law go wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from random import Random

from ballots.timetable_facts import BallotFacts
from core.nations import GREAT_BRITAIN
from tests.oracle import days as wall
from tests.oracle import regimes
from tests.oracle.offices import Span, named
from tests.oracle.planner import CHANNELS, Ask

FIRST, LAST = date(2016, 1, 1), date(2032, 12, 31)
DAYS = wall.between(FIRST, LAST)
NATIONS = tuple(nation.value for nation in GREAT_BRITAIN)
COMMENCEMENTS = (
    regimes.ACT_2016,
    regimes.WALES_2017,
    regimes.DAMAGES_2022,
    regimes.SERVICE_LEVELS,
    regimes.AGENCY_BARRED_AGAIN,
    regimes.SERVICE_LEVELS_GONE,
    regimes.ACT_2025,
)


@cache
def landmarks() -> dict[str, tuple[date, ...]]:
    """The days around which mistakes live, by kind."""
    return {
        "commencement": COMMENCEMENTS,
        "clock change": wall.clock_changes(FIRST.year, LAST.year),
        "leap day": tuple(day for day in DAYS if (day.month, day.day) == (2, 29)),
        "Christmas": tuple(day for day in DAYS if (day.month, day.day) == (12, 25)),
        "Easter": tuple(day for day in named("england", "Good Friday") if FIRST <= day <= LAST),
        "month end": tuple(day for day, after in itertools.pairwise(DAYS) if day.month != after.month),
    }


KINDS = ("commencement", "commencement", "clock change", "leap day", "Christmas", "Easter", "month end")


def _within(day: date) -> date:
    return min(max(day, FIRST), LAST)


def day_near_trouble(rng: Random, before: int, after: int) -> date:
    """A day of the range: one in five anywhere, the others within so many days of a landmark."""
    if rng.random() < 0.2:
        return rng.choice(DAYS)
    return near(rng, rng.choice(landmarks()[rng.choice(KINDS)]), before, after)


def near(rng: Random, day: date, before: int, after: int) -> date:
    """A day within so many days of another, and in the range."""
    return _within(wall.LEAVES[wall.PLACE[day] + rng.randint(-before, after)])


def _spans(rng: Random, around: date) -> tuple[Span, ...]:
    """None, or up to three closed spans in the months before and after a day: some of one day, few of many weeks."""
    spans = []
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        first = wall.LEAVES[wall.PLACE[around] + rng.randint(-90, 60)]
        length = rng.choice((0, 0, 1, 4, 6, 13, 15, rng.randint(0, 45)))
        spans.append((first, wall.nth_day_after(first, length)))
    return tuple(spans)


def ask(rng: Random) -> Ask:
    """One wish: backwards, forwards, or both."""
    first = day_near_trouble(rng, 10, 60)
    ahead = rng.randint(-20, 120)
    today = near(rng, first, max(ahead, 0), max(-ahead, 0))
    direction = rng.choice(("backwards", "backwards", "forwards", "both"))
    if direction == "forwards":
        today = day_near_trouble(rng, 60, 10)
    from_day = today if direction == "forwards" else first
    return Ask(
        first=None if direction == "forwards" else first,
        today=None if direction == "backwards" else today,
        nation=rng.choice(NATIONS),
        channel=rng.choice(CHANNELS),
        opens_for=rng.choice((None, None, 7, 14, 21, 28, rng.randint(1, 90))),
        agrees=rng.random() < 0.4,
        earlier=_earlier(rng, from_day),
        kind=rng.choice(("strike", "asos")),
        offices_closed=_spans(rng, from_day),
        school_closed=_spans(rng, from_day),
        added=frozenset(near(rng, from_day, 60, 30) for _ in range(rng.choice((0, 0, 0, 1, 2)))),
    )


def _earlier(rng: Random, before: date) -> date | None:
    """An earlier notice of the same action, if any, before the action; often on one side of the second Act."""
    if rng.random() < 0.6:
        return None
    about = rng.choice((before, regimes.ACT_2025))
    day = wall.LEAVES[wall.PLACE[about] - rng.choice((0, 1, 2, rng.randint(1, 60)))]
    return day if day < before else wall.nth_day_before(before, 1)


def asks(seed: int, count: int) -> Iterator[Ask]:
    """So many wishes, always the same for a seed."""
    rng = Random(seed)
    return (ask(rng) for _ in range(count))


def ballot(rng: Random) -> BallotFacts:
    """One ballot with any of its receipts known."""
    opens = day_near_trouble(rng, 15, 15)
    closes = wall.nth_day_after(opens, rng.choice((0, 7, 14, 21, 28, rng.randint(0, 80))))
    first = wall.nth_day_after(closes, rng.randint(0, 60))
    received = _maybe(rng, lambda: near(rng, closes, rng.choice((0, 0, 0, 9)), 45))
    return BallotFacts(
        opens_on=opens,
        closes_on=closes,
        nation=rng.choice(GREAT_BRITAIN),
        first_action_on=_maybe(rng, lambda: first),
        ballot_notice_received_on=_maybe(rng, lambda: wall.nth_day_before(opens, rng.randint(0, 25))),
        sample_received_on=_maybe(rng, lambda: wall.nth_day_before(opens, rng.randint(0, 20))),
        action_notice_received_on=received,
        earlier_action_notice_on=_maybe(rng, lambda: wall.nth_day_before(received or closes, rng.randint(0, 50))),
        agrees_shorter_notice=rng.random() < 0.4,
        longer_mandate_until=_maybe(rng, lambda: wall.nth_day_after(closes, rng.randint(0, 300))),
        entitled=rng.choice((None, 1, 49, 50, 51, rng.randint(1, 20_000))),
    )


def _maybe(rng: Random, made: Callable[[], date]) -> date | None:
    """A day half of the time."""
    day = made()
    return day if rng.random() < 0.5 else None


def ballots(seed: int, count: int) -> Iterator[BallotFacts]:
    """So many ballots, always the same for a seed."""
    rng = Random(seed)
    return (ballot(rng) for _ in range(count))


def crossed(days: Iterable[date]) -> tuple[str, ...]:
    """The kinds of landmark that lie between the first and the last of some days."""
    first, last = min(chosen := list(days)), max(chosen)
    return tuple(kind for kind, marks in landmarks().items() if any(first <= mark <= last for mark in marks))
