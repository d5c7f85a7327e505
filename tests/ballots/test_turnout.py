"""How the turnout stands against what the law asks for, and where it leads."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.turnout import Forecast, Returned, Turnout, least, turnout
from core.errors import BadInput
from tests.days import day

OPENS, CLOSES = day("Tue 2026-10-20"), day("Tue 2026-11-17")
HALF = Fraction(1, 2)


def told(*counts: tuple[str, int], entitled: int = 29, share: Fraction | None = HALF, today: str = "") -> Turnout:
    """The turnout of those reports on the day of the last of them, or on another."""
    reports = [Returned(day(on), cast) for on, cast in counts]
    on = day(today) if today else reports[-1].on
    return turnout(reports, entitled=entitled, share=share, opens_on=OPENS, closes_on=CLOSES, today=on)


@pytest.mark.parametrize(("entitled", "needed"), [(28, 14), (29, 15), (1, 1)])
def test_half_of_an_odd_number_is_rounded_up(entitled: int, needed: int) -> None:
    """Turns red when the number is cut off instead: 14 of 29 is less than half."""
    assert least(entitled, HALF) == needed
    assert least(needed, Fraction(1)) == needed


def test_what_is_lacking_is_shared_over_the_days_left() -> None:
    """Turns red when the days are counted from the opening, or the last one is left out."""
    found = told(("Tue 2026-10-27", 8), ("Tue 2026-11-03", 11))
    assert (found.needed, found.lacking, found.days_left, found.lacking_a_day, found.met) == (15, 4, 14, 1, False)
    assert told(("Tue 2026-11-03", 11), today="Fri 2026-11-13").lacking_a_day == 1
    assert told(("Tue 2026-11-03", 5), today="Fri 2026-11-13").lacking_a_day == 3


def test_the_forecast_is_two_straight_lines() -> None:
    """Turns red when the latest pace is measured from the opening: both lines would be one."""
    found = told(("Tue 2026-10-27", 8), ("Tue 2026-11-03", 11)).forecast
    assert found == Forecast(CLOSES, at_the_latest_pace=17, at_the_pace_so_far=22)
    assert (found.least, found.most) == (17, 22)
    assert [found.reaches(needed) for needed in (17, 18, 22, 23)] == [True, None, None, False]


def test_a_turnout_at_the_share_is_enough_and_one_paper_less_is_not() -> None:
    """Turns red when `>=` becomes `>`."""
    assert [told(("Tue 2026-11-03", cast), entitled=30).met for cast in (14, 15)] == [False, True]


def test_where_the_law_asks_for_none_nothing_is_lacking() -> None:
    found = told(("Tue 2026-11-03", 1), share=None)
    assert (found.needed, found.lacking, found.lacking_a_day, found.met) == (None, 0, None, True)


def test_nothing_is_foretold_of_what_is_known_or_has_not_begun() -> None:
    """Turns red when one goes on after the last day of voting, or comes of no papers, or of the opening day alone."""
    assert told(("Tue 2026-11-17", 20)).forecast is None
    assert told(("Tue 2026-11-10", 20), today="Wed 2026-11-18").forecast is None
    assert told(("Tue 2026-10-27", 0)).forecast is None
    assert told(("Tue 2026-10-20", 3)).forecast is None


def test_more_papers_than_people_are_refused() -> None:
    with pytest.raises(BadInput, match="0 to the 29 entitled"):
        told(("Tue 2026-11-03", 30))


@given(
    steps=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 40)), min_size=1, max_size=6),
    entitled=st.integers(1, 400),
)
def test_a_forecast_lies_between_what_came_back_and_everybody(steps: list[tuple[int, int]], entitled: int) -> None:
    """Turns red when a line falls below what has come back, or goes past those entitled."""
    on, cast, reports = OPENS, 0, []
    for days, papers in steps:
        on, cast = min(CLOSES, on + timedelta(days=days)), min(entitled, cast + papers)
        reports.append(Returned(on, cast))
    found = turnout(reports, entitled=entitled, share=HALF, opens_on=OPENS, closes_on=CLOSES, today=on)
    assert found.cast == cast
    assert [each.on for each in found.reports] == sorted({each.on for each in reports})
    if found.forecast is not None:
        assert cast <= found.forecast.least <= found.forecast.most <= entitled
    if found.lacking_a_day is not None:
        assert found.lacking <= found.lacking_a_day * found.days_left < found.lacking + found.days_left


def test_a_voting_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadInput, match="closes_on"):
        turnout([], entitled=3, share=HALF, opens_on=CLOSES, closes_on=OPENS, today=date(2026, 11, 1))
