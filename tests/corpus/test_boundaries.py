"""The linter on packs that stand on every limit at once, and on the same packs a day, a vote or a minute beyond one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ballots.lint import lint
from ballots.pack_reading import read_pack
from core.findings import stops
from core.law import current_law
from tests.corpus.boundaries import Limits, at_the_limit, oversteps, pack, stops_expected
from tests.oracle import days as wall
from tests.oracle import regimes

LAW = current_law()
CHANGES = (regimes.ACT_2016, regimes.WALES_2017, regimes.ACT_2025)
MONTH_ENDS = (date(2024, 2, 29), date(2024, 3, 1), date(2025, 8, 31), date(2027, 3, 1), date(2028, 2, 29))


def _near(days: tuple[date, ...], back: int, on: int) -> list[date]:
    return [day + timedelta(days=offset) for day in days for offset in range(-back, on + 1)]


def _sampled() -> list[date]:
    """Openings around each change of the law, ballots that end around the odd ends of months, and the years between."""
    ordinary = [leaf for leaf in wall.LEAVES if date(2006, 1, 1) <= leaf <= date(2031, 12, 31)][::97]
    return sorted({*_near(CHANGES, 3, 9), *_near(MONTH_ENDS, 16, -14), *ordinary})


def _all() -> list[date]:
    return [leaf for leaf in wall.LEAVES if date(2006, 1, 1) <= leaf <= date(2031, 12, 31)]


def _wrong(openings: list[date]) -> list[str]:
    """Every pack on which the linter's stops are not those reasoned out, in words."""
    wrong = []
    for turn, opens in enumerate(openings):
        here = at_the_limit(opens, turn)
        for what, limits in {"on every limit": here, **oversteps(here)}.items():
            found = _stops(limits)
            expected = stops_expected(here, limits)
            if found != expected:
                wrong.append(f"{opens} {here.nation} {here.kind}, {what}: {sorted(found)}, not {sorted(expected)}")
    return wrong


def _stops(limits: Limits) -> set[str]:
    return {finding.code for finding in stops(lint(read_pack(pack(limits)), LAW))}


def test_nothing_is_wrong_on_the_limit_and_one_thing_beyond_it() -> None:
    """Turns red if any limit of the linter is off by a day, a vote or a minute, whatever the law of the day."""
    assert _wrong(_sampled()) == []


@pytest.mark.full
def test_the_same_for_every_opening_day() -> None:
    """Turns red as above, for every opening day from 2006 to 2031."""
    assert _wrong(_all()) == []


@pytest.mark.parametrize("opens", [date(2016, 6, 1), date(2020, 6, 1), date(2026, 6, 1)])
def test_the_limits_are_limits(opens: date) -> None:
    """Turns red if overstepping is no longer expected to be found: a test that expects nothing finds nothing."""
    here = at_the_limit(opens, 1)
    assert stops_expected(here, here) == set()
    found = set().union(*(stops_expected(here, limits) for limits in oversteps(here).values()))
    assert found >= {"ballot_notice_late", "sample_paper_late", "action_notice_late", "called_before_ballot_date"}
    assert ("turnout_not_met" in found) == (opens.year > 2016)
    assert ("mandate_expired" in found) == (opens.year > 2016)
