"""
How many cases stood at each stage at the end of each month, as a drawing: a row of columns for each stage, all on one
scale. Pure: counts in, counts and places out; a table of the same figures stands beside it.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from app.charts import MARGIN, PLOT, Tick, dated
from casework.lifecycle import Stage

HEAD = 8
ROW = 58
LABEL = 15
BASE = 52
"""The foot of a row's columns, under its top; its words stand over them."""
TALL = 32
FOOT = 26
GAP = 2
MONTHS = 24
"""Months shown at most, the latest."""


Moved = tuple[Stage, date, int]
"""How many cases came to a stage, or left it, on a day."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How many cases stood at each stage on each day of `ends`, which are month ends and, last, today."""

    ends: tuple[date, ...]
    counts: Mapping[Stage, tuple[int, ...]]

    @property
    def most(self) -> int:
        """The greatest count of all."""
        return max((count for of_stage in self.counts.values() for count in of_stage), default=0)


@dataclass(frozen=True, slots=True)
class Column:
    """One month's count of one stage."""

    on: date
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One stage's columns."""

    stage: Stage
    y: int
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class FlowChart:
    """The stages that ever held a case, under one another."""

    key: str
    title: str
    description: str
    height: int
    rows: tuple[FlowRow, ...]
    ticks: tuple[Tick, ...]


def flow(came: Sequence[Moved], left: Sequence[Moved], today: date) -> Flow:
    """
    How many cases stood at each stage at each month's end and today, of how many came to it and left it on which days.
    A case is counted at a stage on the day it comes there, and not on the day it leaves.
    """
    ends = _ends(min((on for _, on, _ in came), default=today), today)
    steps = {stage: [0] * (len(ends) + 1) for stage in Stage}
    for moves, sign in ((came, 1), (left, -1)):
        for stage, on, count in moves:
            steps[stage][bisect_left(ends, on)] += sign * count
    counts = {stage: tuple(accumulate(of_stage[:-1])) for stage, of_stage in steps.items()}
    return Flow(ends, {stage: of_stage for stage, of_stage in counts.items() if any(of_stage)})


def _ends(first: date, today: date) -> tuple[date, ...]:
    ends, year, month = [], first.year, first.month
    while (end := date(year, month, calendar.monthrange(year, month)[1])) < today:
        ends.append(end)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return (*ends[-(MONTHS - 1) :], today)


def flow_chart(key: str, title: str, found: Flow) -> FlowChart:
    """The drawing of a flow; every column on the one scale of the greatest count."""
    width = PLOT / len(found.ends)
    scale = TALL / found.most if found.most else 0.0
    rows = tuple(
        FlowRow(stage, HEAD + place * ROW, tuple(_columns(found.ends, counts, HEAD + place * ROW, width, scale)))
        for place, (stage, counts) in enumerate(found.counts.items())
    )
    now = Counter({stage: counts[-1] for stage, counts in found.counts.items() if counts[-1]})
    first, last = dated(found.ends[0]), dated(found.ends[-1])
    told = f"{len(found.ends)} days from {first} to {last}; {now.total():,} cases now."
    ticks = tuple(
        Tick(dated(found.ends[place]), round(MARGIN + (place + 0.5) * width, 2), anchor)
        for place, anchor in _marked(len(found.ends))
    )
    return FlowChart(key, title, told, HEAD + len(rows) * ROW + FOOT, rows, ticks)


def _marked(columns: int) -> list[tuple[int, str]]:
    """Which columns have their day under them: the first and the last."""
    return [(0, "start"), (columns - 1, "end")] if columns > 1 else [(0, "middle")]


def _columns(ends: Sequence[date], counts: Sequence[int], top: int, width: float, scale: float) -> Iterable[Column]:
    for place, (on, count) in enumerate(zip(ends, counts, strict=True)):
        height = round(count * scale, 2)
        x = round(MARGIN + place * width, 2)
        yield Column(on, count, x, round(top + BASE - height, 2), round(max(width - GAP, 1.0), 2), height)
