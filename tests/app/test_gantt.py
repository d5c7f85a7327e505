"""Where the days of a timetable stand on its sheet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts import MARGIN, SHEET
from app.gantt import FOOT, HEAD, ROW, Gantt, Step, gantt
from app.turnout_drawing import FLOOR, TOP, turnout_chart
from ballots.turnout import Returned, turnout
from core.errors import BadInput
from tests.days import day

OPENS, CLOSES = day("Tue 2026-10-20"), day("Tue 2026-11-17")
BEGIN = date(2026, 1, 1)
days = st.integers(0, 900).map(lambda number: BEGIN + timedelta(days=number))
stretches = st.tuples(days, days).map(lambda two: (min(two), max(two)))
steps = st.builds(
    Step,
    st.just("a step"),
    st.none() | days,
    st.none() | days,
    st.none() | stretches,
    st.none() | stretches,
    st.booleans(),
)


def places(chart: Gantt) -> list[tuple[date, float]]:
    """Every day that is drawn, with its place."""
    found = []
    for row in chart.rows:
        step = row.step
        for on, x in ((step.not_before, row.not_before_x), (step.not_after, row.not_after_x)):
            found += [(on, x)] if on is not None and x is not None else []
        for named, drawn in ((step.planned, row.planned), (step.done, row.done)):
            if named is not None and drawn is not None:
                found += [(named[0], drawn.x), (named[1], drawn.end)]
    return found


@given(named=st.lists(steps, min_size=1, max_size=8), today=st.none() | days)
def test_every_day_is_drawn_on_the_sheet_in_the_order_of_the_days(named: list[Step], today: date | None) -> None:
    """Turns red when a bound is left out of the scale, or a place is not that of its day."""
    if not any(step.days for step in named):
        with pytest.raises(BadInput, match="at least one step"):
            gantt("k", "t", "d", named, today=today)
        return
    chart = gantt("k", "t", "d", named, today=today)
    found = sorted(places(chart) + ([(today, chart.today_x)] if today and chart.today_x is not None else []))
    assert len(found) == sum(len(step.days) for step in named) + (today is not None)
    assert all(MARGIN <= x <= SHEET - MARGIN for _, x in found)
    assert [x for _, x in found] == sorted(x for _, x in found)
    assert [row.y for row in chart.rows] == [HEAD + place * ROW for place in range(len(named))]
    assert chart.height == HEAD + len(named) * ROW + FOOT
    for row in chart.rows:
        assert row.window is None or (row.window.x >= MARGIN and row.window.end <= SHEET - MARGIN + 0.02)


def test_what_the_law_leaves_open_goes_to_the_edge_of_the_sheet() -> None:
    """Turns red when a window without a first day begins at its last: nothing would be allowed."""
    until, since, neither = gantt(
        "k", "t", "d", [Step("a", not_after=OPENS), Step("b", not_before=OPENS), Step("c", done=(OPENS, CLOSES))]
    ).rows
    assert until.window is not None
    assert since.window is not None
    assert (until.window.x, until.window.end) == (MARGIN, until.not_after_x)
    assert (since.window.x, since.window.end) == (since.not_before_x, SHEET - MARGIN)
    assert neither.window is None


def test_a_step_that_ends_before_it_begins_is_refused_by_its_label() -> None:
    with pytest.raises(BadInput, match="Voting"):
        gantt("k", "t", "d", [Step("Voting", done=(CLOSES, OPENS))])


@given(st.lists(st.tuples(st.integers(0, 28), st.integers(0, 60)), min_size=1, max_size=6), st.integers(0, 40))
def test_a_turnout_is_drawn_on_its_sheet(counts: list[tuple[int, int]], today: int) -> None:
    """Turns red when a count is drawn downwards, or the forecast leaves the sheet."""
    cast, reports = 0, []
    for number, papers in sorted(counts):
        cast = min(60, cast + papers)
        reports.append(Returned(OPENS + timedelta(days=number), cast))
    on = OPENS + timedelta(days=today)
    found = turnout(reports, entitled=60, share=None, opens_on=OPENS, closes_on=CLOSES, today=on)
    chart = turnout_chart("k", found, OPENS, CLOSES, on)
    marks = [*chart.line, *(point for point in (chart.low, chart.high) if point)]
    assert all(MARGIN <= point.x <= SHEET - MARGIN and TOP <= point.y <= FLOOR for point in marks)
    assert [point.y for point in chart.line] == sorted((point.y for point in chart.line), reverse=True)
    assert [point.x for point in chart.line] == sorted(point.x for point in chart.line)
    assert bool(chart.wedge) is (found.forecast is not None)
