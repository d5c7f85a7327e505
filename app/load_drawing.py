"""
What each officer carries, as a drawing: a bar of open cases in five phases, and a mark at the officer's own limit. Pure
geometry; a table of the same figures stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.charts import FOOT, HEAD, MARGIN, PLOT, ROW
from app.phases import Phase
from core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Load:
    """What one officer carries: open cases by phase, the limit, and what is due soon."""

    label: str
    by_phase: Mapping[Phase, int]
    limit: int
    due_soon: int

    @property
    def total(self) -> int:
        """Open cases."""
        return sum(self.by_phase.values())


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a bar that one phase has."""

    phase: Phase
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One officer's bar; `over` when it passes the limit."""

    load: Load
    text: str
    y: int
    segments: tuple[Segment, ...]
    limit_x: float
    over: bool


@dataclass(frozen=True, slots=True)
class LoadChart:
    """The bars under one another, on one scale of cases."""

    key: str
    title: str
    description: str
    height: int
    rows: tuple[LoadRow, ...]


def load_chart(key: str, title: str, description: str, loads: Sequence[Load]) -> LoadChart:
    """The bars in the order given; the largest bar or limit fills the sheet. `BadInput` for a count below nought."""
    for load in loads:
        if min([load.limit, load.due_soon, *load.by_phase.values()]) < 0:
            raise BadInput(field=load.label, found=dict(load.by_phase), wanted="counts of 0 or more")
    most = max((max(load.total, load.limit) for load in loads), default=0)
    scale = PLOT / most if most else 0.0
    rows = tuple(_row(place, load, scale) for place, load in enumerate(loads))
    return LoadChart(key, title, description, HEAD + len(rows) * ROW + FOOT, rows)


def _row(place: int, load: Load, scale: float) -> LoadRow:
    segments, before = [], 0
    for phase in Phase:
        count = load.by_phase.get(phase, 0)
        if count:
            segments.append(Segment(phase, count, round(MARGIN + before * scale, 2), round(count * scale, 2)))
        before += count
    text = f"{load.total:,} of {load.limit:,}"
    limit_x = round(MARGIN + load.limit * scale, 2)
    return LoadRow(load, text, HEAD + place * ROW, tuple(segments), limit_x, load.total > load.limit)
