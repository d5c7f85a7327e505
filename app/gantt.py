"""
A timetable as a drawing: on one scale of days the days that the law allows for each step, what people fixed, and what
happened. Pure geometry; the page's macro turns it into inline SVG, with a table of the same beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.charts import MARGIN, SHEET, Tick, day_x, ticks
from core.errors import BadInput

HEAD = 30
"""The height over the first step, where the word for today stands."""
ROW = 56
LABEL = 15
"""Where the words of a step stand, under the top of its row."""
BAND = 26
"""Where the band of a step begins, under the top of its row."""
THICK = 18
FOOT = 30
"""The height of the dates under the last step."""


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step. The law allows the days from `not_before` to `not_after`; None leaves that side open. `planned` and `done`
    are first and last day of what people fixed and of what happened, one day twice for a moment. `late`: it happened,
    or is outstanding, outside what the law allows.
    """

    label: str
    not_before: date | None = None
    not_after: date | None = None
    planned: tuple[date, date] | None = None
    done: tuple[date, date] | None = None
    late: bool = False

    @property
    def days(self) -> tuple[date, ...]:
        """Every day that the step names."""
        bounds = [each for each in (self.not_before, self.not_after) if each is not None]
        return (*bounds, *(self.planned or ()), *(self.done or ()))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch on the sheet; a moment has no width and is drawn as a sign."""

    x: float
    width: float

    @property
    def is_moment(self) -> bool:
        """Whether it is one day."""
        return self.width == 0

    @property
    def end(self) -> float:
        """Its right end."""
        return round(self.x + self.width, 2)


@dataclass(frozen=True, slots=True)
class Row:
    """A step with its places. `window` is where the law allows it, None where the law sets no day."""

    step: Step
    y: int
    window: Stretch | None
    not_before_x: float | None
    not_after_x: float | None
    planned: Stretch | None
    done: Stretch | None


@dataclass(frozen=True, slots=True)
class Gantt:
    """A timetable on its sheet, `charts.SHEET` units wide."""

    key: str
    title: str
    description: str
    height: int
    rows: tuple[Row, ...]
    first_on: date
    last_on: date
    today: date | None
    today_x: float | None
    ticks: tuple[Tick, ...]


def gantt(key: str, title: str, description: str, steps: Sequence[Step], *, today: date | None = None) -> Gantt:
    """
    The steps under one another, in the order given, on a common scale of days. `today` stretches the scale when it lies
    outside. `BadInput` where no step names a day, or one ends before it begins.
    """
    for step in steps:
        _require_order(step)
    days = [*_days(steps), *([today] if today else [])]
    if not _days(steps):
        raise BadInput(field=key, found="no days", wanted="at least one step with a day")
    scale = (min(days), max(days))
    rows = tuple(_row(place, step, scale) for place, step in enumerate(steps))
    height = HEAD + len(rows) * ROW + FOOT
    today_x = day_x(today, *scale) if today else None
    return Gantt(key, title, description, height, rows, *scale, today, today_x, ticks(*scale))


def _days(steps: Iterable[Step]) -> list[date]:
    return [day for step in steps for day in step.days]


def _require_order(step: Step) -> None:
    for stretch in (step.planned, step.done):
        if stretch is not None and stretch[1] < stretch[0]:
            raise BadInput(field=step.label, found=stretch[1], wanted=f"{stretch[0]} or later")


def _row(place: int, step: Step, scale: tuple[date, date]) -> Row:
    before = day_x(step.not_before, *scale) if step.not_before else None
    after = day_x(step.not_after, *scale) if step.not_after else None
    return Row(
        step,
        HEAD + place * ROW,
        _window(before, after),
        before,
        after,
        _stretch(step.planned, scale),
        _stretch(step.done, scale),
    )


def _window(before: float | None, after: float | None) -> Stretch | None:
    """What the law allows; nothing where it sets no day, or where the days it sets leave none between them."""
    if before is None and after is None:
        return None
    first = MARGIN if before is None else before
    last = SHEET - MARGIN if after is None else after
    return Stretch(first, round(last - first, 2)) if last >= first else None


def _stretch(days: tuple[date, date] | None, scale: tuple[date, date]) -> Stretch | None:
    if days is None:
        return None
    first, last = (day_x(day, *scale) for day in days)
    return Stretch(first, round(last - first, 2))
