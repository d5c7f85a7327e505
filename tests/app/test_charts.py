"""Where bars and marks stand on a chart's sheet."""

from __future__ import annotations

from datetime import date

import pytest

from app.charts import AXIS, FOOT, HEAD, MARGIN, PLOT, ROW, SHEET, Span, bar_chart, timeline
from core.errors import BadInput

OPENS, CLOSES = date(2026, 10, 12), date(2026, 11, 2)


def test_the_longest_bar_fills_the_plot_and_the_others_follow_in_proportion() -> None:
    chart = bar_chart("k", "t", "d", [("a", 400), ("b", 100), ("c", 0)])
    assert [bar.width for bar in chart.bars] == [PLOT, PLOT / 4, 0]
    assert [bar.y for bar in chart.bars] == [HEAD, HEAD + ROW, HEAD + 2 * ROW]
    assert chart.height == HEAD + 3 * ROW + FOOT


@pytest.mark.parametrize(("hours", "over"), [(1264, False), (1265, False), (1266, True)])
def test_a_figure_at_the_limit_is_within_it(hours: int, over: bool) -> None:
    """Red when `value > limit` becomes `value >= limit`."""
    assert bar_chart("k", "t", "d", [("all", hours)], limit=1265).bars[0].over is over


def test_a_limit_beyond_every_figure_stays_on_the_sheet() -> None:
    """Red when the limit is left out of the scale."""
    chart = bar_chart("k", "t", "d", [("all", 100)], limit=400)
    assert chart.limit_x == SHEET - MARGIN
    assert chart.bars[0].width == PLOT / 4


def test_a_chart_of_noughts_and_a_chart_of_nothing_draw_no_bars() -> None:
    """Red when the scale divides by the largest figure unasked."""
    assert [bar.width for bar in bar_chart("k", "t", "d", [("a", 0)]).bars] == [0]
    assert bar_chart("k", "t", "d", []).bars == ()


def test_a_figure_below_nought_is_refused() -> None:
    with pytest.raises(BadInput, match="a figure of 0 or more"):
        bar_chart("k", "t", "d", [("a", -1)])


def test_figures_read_with_their_unit() -> None:
    assert bar_chart("k", "t", "d", [("a", 1265)], unit="hours").bars[0].text == "1,265 hours"


def test_spans_share_one_scale_of_days() -> None:
    chart = timeline("k", "t", "d", [Span("voting", OPENS, CLOSES), Span("count", CLOSES, CLOSES)])
    voting, count = chart.rows
    assert (voting.x, voting.width, voting.is_moment) == (MARGIN, PLOT, False)
    assert (count.x, count.width, count.is_moment) == (SHEET - MARGIN, 0, True)
    assert (chart.first_on, chart.last_on, chart.today_x) == (OPENS, CLOSES, None)


def test_today_outside_the_spans_stretches_the_scale() -> None:
    """Red when `today` is left out of the scale: its line would stand off the sheet."""
    chart = timeline("k", "t", "d", [Span("voting", OPENS, CLOSES)], today=date(2026, 11, 23))
    assert chart.today_x == SHEET - MARGIN
    assert chart.rows[0].width == PLOT / 2


def test_a_single_day_stands_in_the_middle() -> None:
    assert timeline("k", "t", "d", [Span("count", OPENS, OPENS)]).rows[0].x == SHEET / 2


def test_a_span_that_ends_before_it_begins_is_refused_with_its_label() -> None:
    with pytest.raises(BadInput, match="voting"):
        timeline("k", "t", "d", [Span("voting", CLOSES, OPENS)])


def test_a_timeline_without_spans_is_refused() -> None:
    with pytest.raises(BadInput, match="at least one span"):
        timeline("k", "t", "d", [])


def test_a_dated_timeline_has_its_first_day_its_last_and_two_between() -> None:
    """Turns red if a date stands under another day than its own, or off the sheet."""
    chart = timeline("k", "t", "d", [Span("voting", OPENS, CLOSES)], dated=True)
    assert [(tick.text, tick.x, tick.anchor) for tick in chart.ticks] == [
        ("12 Oct 2026", MARGIN, "start"),
        ("19 Oct", round(MARGIN + PLOT / 3, 2), "middle"),
        ("26 Oct", round(MARGIN + 2 * PLOT / 3, 2), "middle"),
        ("2 Nov 2026", SHEET - MARGIN, "end"),
    ]
    assert chart.height == HEAD + ROW + FOOT + AXIS
    assert timeline("k", "t", "d", [Span("voting", OPENS, CLOSES)]).ticks == ()


def test_few_days_have_few_dates() -> None:
    """Turns red if two dates stand on top of each other where there is no day between them."""
    short = timeline("k", "t", "d", [Span("voting", OPENS, date(2026, 10, 13))], dated=True)
    assert [tick.text for tick in short.ticks] == ["12 Oct 2026", "13 Oct 2026"]
    moment = timeline("k", "t", "d", [Span("voting", OPENS, OPENS)], dated=True)
    assert [(tick.text, tick.anchor) for tick in moment.ticks] == [("12 Oct 2026", "middle")]
