"""
Charts as geometry: values in, the places of bars and marks out. The page's macro turns them into inline SVG.

Every chart is drawn on a sheet `SHEET` units wide, small enough to be read on a phone; a label stands above its bar,
not beside it. A chart carries its title and description for people who do not see it.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import BadInput

SHEET = 360
MARGIN = 10
ROW = 50
HEAD = 34
FOOT = 10
AXIS = 24
"""The height of the dates under a timeline that has them."""
TICKS = 3
"""The stretches into which those dates part a timeline."""
BAR = 16
LABEL_BASELINE = 15
BAR_TOP = 23
PLOT = SHEET - 2 * MARGIN


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure of a bar chart; `over` when it passes the chart's limit."""

    label: str
    value: int
    text: str
    y: int
    width: float
    over: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """Horizontal bars, and where wanted an upright line at a limit."""

    key: str
    title: str
    description: str
    unit: str
    height: int
    bars: tuple[Bar, ...]
    limit: int | None
    limit_x: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts from one date to another, both included; a moment when they are the same date."""

    label: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A span with its place on the sheet; a moment has `is_moment` and a width of nought."""

    span: Span
    y: int
    x: float
    width: float
    is_moment: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A date on the scale under a timeline, in short; `anchor` is the SVG text-anchor that keeps it on the sheet."""

    text: str
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans under one another on a common scale of days, and where it falls inside them the present date."""

    key: str
    title: str
    description: str
    height: int
    rows: tuple[TimelineRow, ...]
    first_on: date
    last_on: date
    today: date | None
    today_x: float | None
    ticks: tuple[Tick, ...] = ()


def _height(rows: int) -> int:
    return HEAD + rows * ROW + FOOT


def _top(row: int) -> int:
    return HEAD + row * ROW


def bar_chart(
    key: str,
    title: str,
    description: str,
    figures: Sequence[tuple[str, int]],
    *,
    unit: str = "",
    limit: int | None = None,
) -> BarChart:
    """
    Bars of (label, figure), the longest filling the sheet. `key` is the chart's id on its page. A label of more than
    about thirty letters runs into its figure.

    A negative figure is refused: nothing counted here falls below nought.
    """
    for label, value in figures:
        if value < 0:
            raise BadInput(field=label, found=value, wanted="a figure of 0 or more")
    most = max([value for _, value in figures] + ([limit] if limit is not None else []), default=0)
    scale = PLOT / most if most else 0.0
    bars = tuple(
        Bar(
            label=label,
            value=value,
            text=f"{value:,} {unit.removesuffix('s') if value == 1 else unit}".strip(),
            y=_top(row),
            width=round(value * scale, 2),
            over=limit is not None and value > limit,
        )
        for row, (label, value) in enumerate(figures)
    )
    limit_x = None if limit is None else round(MARGIN + limit * scale, 2)
    return BarChart(key, title, description, unit, _height(len(bars)), bars, limit, limit_x)


def timeline(
    key: str, title: str, description: str, spans: Sequence[Span], *, today: date | None = None, dated: bool = False
) -> Timeline:
    """
    Spans on a common scale of days: the first day of the earliest at the left, the last day of the latest at the right.

    `today` stretches the scale when it lies outside the spans, so that the line is always to be seen. `dated`: dates
    stand under the spans.
    """
    if not spans:
        raise BadInput(field=key, found="no spans", wanted="at least one span to draw")
    for span in spans:
        if span.last_on < span.first_on:
            raise BadInput(field=span.label, found=span.last_on, wanted=f"{span.first_on} or later")
    marks = [today] if today else []
    first = min([span.first_on for span in spans] + marks)
    last = max([span.last_on for span in spans] + marks)
    rows = tuple(_timeline_row(row, span, first, last) for row, span in enumerate(spans))
    today_x = day_x(today, first, last) if today else None
    dates = ticks(first, last) if dated else ()
    height = _height(len(rows)) + (AXIS if dated else 0)
    return Timeline(key, title, description, height, rows, first, last, today, today_x, dates)


def ticks(first: date, last: date) -> tuple[Tick, ...]:
    """The first day, the last and those between them, a stretch apart; both ends alone where days are few."""
    days = (last - first).days
    if not days:
        return (Tick(dated(first), day_x(first, first, last), "middle"),)
    stretches = TICKS if days >= TICKS else 1
    between = [first + timedelta(days=days * place // stretches) for place in range(1, stretches)]
    return (
        Tick(dated(first), day_x(first, first, last), "start"),
        *(Tick(_short(day), day_x(day, first, last), "middle") for day in between),
        Tick(dated(last), day_x(last, first, last), "end"),
    )


def dated(day: date) -> str:
    """`3 Dec 2026`, under a drawing."""
    return f"{_short(day)} {day.year}"


def _short(day: date) -> str:
    return f"{day.day} {calendar.month_abbr[day.month]}"


def _timeline_row(row: int, span: Span, first: date, last: date) -> TimelineRow:
    x = day_x(span.first_on, first, last)
    width = round(day_x(span.last_on, first, last) - x, 2)
    return TimelineRow(span, _top(row), x, width, is_moment=span.first_on == span.last_on)


def day_x(day: date, first: date, last: date) -> float:
    """Where a day stands between two others on the sheet; in the middle where these are one day."""
    days = (last - first).days
    return round(MARGIN + (PLOT * (day - first).days / days if days else PLOT / 2), 2)
