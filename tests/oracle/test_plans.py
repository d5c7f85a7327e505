"""The product's planner against the oracle's, which tries every day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from core.law import current_law
from tests.oracle import cases, planned
from tests.oracle import days as wall
from tests.oracle.cases import NATIONS
from tests.oracle.made_up import made_up
from tests.oracle.planner import CHANNELS, Ask
from tests.oracle.regimes import ACT_2016, ACT_2025
from tests.oracle.tally import Comparing, Tally

RANDOM, CHUNKS = 100_000, 20
SOME, MADE_UP = 250, 10_000
EVERY_WAY = list(product(NATIONS, CHANNELS))


def check(tally: Tally, asks: Iterable[Ask]) -> None:
    """Every wish worked out both ways."""
    law = current_law()
    for ask in asks:
        planned.compare(tally, ask, law)


def both_ways(days: Iterable[date], profile: Ask) -> Iterator[Ask]:
    """Every day once as the wanted first day, and once as today."""
    for day in days:
        yield replace(profile, first=day)
        yield replace(profile, today=day)


@pytest.mark.parametrize("nation", NATIONS)
def test_some_first_days_and_todays(comparing: Comparing, nation: str) -> None:
    """Turns red if a step is wrong by any channel in a nation, for long or about the second Act."""
    days = [*cases.DAYS[::199], *wall.between(date(2026, 2, 10), date(2026, 3, 12))[::3]]
    with comparing("plans, some days both ways") as tally:
        for channel in CHANNELS:
            check(tally, both_ways(days, Ask(nation=nation, channel=channel)))


@pytest.mark.full
@pytest.mark.parametrize(("nation", "channel"), EVERY_WAY)
def test_every_first_day_and_every_today(comparing: Comparing, nation: str, channel: str) -> None:
    """Turns red if a step is wrong for any first day of action, or for any day on which somebody plans."""
    with comparing(f"plans, every day both ways, {nation}") as tally:
        check(tally, both_ways(cases.DAYS, Ask(nation=nation, channel=channel)))


@pytest.mark.full
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_first_day_with_an_agreement_and_an_earlier_notice(comparing: Comparing, channel: str) -> None:
    """Turns red if an agreement or the law that an earlier notice keeps is lost on any first day."""
    with comparing("plans, every first day, agreed, noticed before") as tally:
        for first in cases.DAYS:
            earlier = min(wall.nth_day_before(first, 9), wall.nth_day_before(ACT_2025, 1))
            check(tally, [Ask(first=first, channel=channel, agrees=True, earlier=earlier, kind="asos")])


@pytest.mark.parametrize("change", [ACT_2016, ACT_2025])
@pytest.mark.parametrize("agrees", [False, True])
def test_first_days_about_a_change_of_the_notice(comparing: Comparing, change: date, agrees: bool) -> None:
    """Turns red if a paper that may arrive on either side of a change is planned by one side's law only."""
    days = wall.between(wall.nth_day_before(change, 4), wall.nth_day_after(change, 24))
    with comparing("plans about a change of the notice") as tally:
        check(tally, (Ask(first=day, channel=channel, agrees=agrees) for day, channel in product(days, CHANNELS)))


def test_some_random_plans(comparing: Comparing) -> None:
    """Turns red if closed offices, closed schools, agreements or the way of sending are reckoned otherwise."""
    with comparing("plans, random, some") as tally:
        check(tally, cases.asks(2026, SOME))
    assert tally.cases == SOME


@pytest.mark.full
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_many_random_plans(comparing: Comparing, chunk: int) -> None:
    """Turns red if any of a hundred thousand random plans differs in any step."""
    with comparing("plans, random") as tally:
        check(tally, cases.asks(chunk, RANDOM // CHUNKS))


@pytest.mark.parametrize("seed", [1, 2])
def test_plans_under_a_law_that_always_changes(comparing: Comparing, seed: int, tmp_path: Path) -> None:
    """Turns red if any length is looked up by another day than its own: the wanted day for the planned one, say."""
    law, lengths = made_up(tmp_path, seed)
    with comparing("plans, made-up law, some") as tally:
        for ask in cases.asks(seed, SOME // 2):
            planned.compare(tally, ask, law, lengths)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(CHUNKS))
def test_many_plans_under_laws_that_always_change(comparing: Comparing, seed: int, tmp_path: Path) -> None:
    """Turns red as the test before: twenty laws, five hundred plans each."""
    law, lengths = made_up(tmp_path, seed)
    with comparing("plans, made-up law") as tally:
        for ask in cases.asks(seed, MADE_UP // CHUNKS):
            planned.compare(tally, ask, law, lengths)


def test_the_plans_lie_where_calendars_go_wrong() -> None:
    """Turns red if the random wishes no longer lie across clock changes, leap days, holidays and commencements."""
    tally = Tally("what the plans lie across")
    for ask in cases.asks(2026, SOME):
        tally.touch(planned.expected(ask)[1])
    least = {"commencement": 20, "clock change": 40, "leap day": 15, "Christmas": 20, "Easter": 20, "month end": 200}
    assert {kind: count for kind, count in tally.touched.items() if count < least[kind]} == {}
    assert tally.touched.keys() == least.keys()
