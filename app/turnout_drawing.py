"""
The turnout of a ballot as a drawing: papers returned over the days of voting, the number that the law asks for, and
where the two straight lines of the forecast lead. Pure geometry; a table of the same figures stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.charts import Tick, day_x, ticks
from ballots.turnout import Turnout
from core.calendar import counted, in_words

TOP = 30
DEEP = 190
"""The height of the drawing between nought and everybody entitled."""
FLOOR = TOP + DEEP
FOOT = 34


@dataclass(frozen=True, slots=True)
class Point:
    """A count on the sheet."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class TurnoutChart:
    """
    `line` joins nought on the opening day with the counts reported; `low` and `high` are where the forecast ends, from
    the last of them. `needed_y` is the height of the number asked for.
    """

    key: str
    title: str
    description: str
    height: int
    line: tuple[Point, ...]
    low: Point | None
    high: Point | None
    needed_y: float | None
    today_x: float | None
    ticks: tuple[Tick, ...]
    turnout: Turnout

    @property
    def points(self) -> str:
        """The line as an SVG polyline takes it."""
        return " ".join(f"{each.x},{each.y}" for each in self.line)

    @property
    def wedge(self) -> str:
        """The room between the two lines of the forecast, as an SVG polygon takes it; empty without one."""
        if self.low is None or self.high is None:
            return ""
        return " ".join(f"{each.x},{each.y}" for each in (self.line[-1], self.high, self.low))


def turnout_chart(key: str, found: Turnout, opens_on: date, closes_on: date, today: date) -> TurnoutChart:
    """The drawing of a turnout over the days of voting, which also has what was counted or reported after them."""
    last = max([closes_on, *(each.on for each in found.reports)])
    scale = (opens_on, last)
    line = [Point(day_x(opens_on, *scale), _y(0, found.entitled))]
    line += [Point(day_x(max(each.on, opens_on), *scale), _y(each.cast, found.entitled)) for each in found.reports]
    ahead = found.forecast
    ends = day_x(closes_on, *scale)
    return TurnoutChart(
        key,
        "Papers returned, day by day",
        _described(found),
        FLOOR + FOOT,
        tuple(line),
        Point(ends, _y(ahead.least, found.entitled)) if ahead else None,
        Point(ends, _y(ahead.most, found.entitled)) if ahead else None,
        _y(found.needed, found.entitled) if found.needed is not None else None,
        day_x(today, *scale) if opens_on <= today <= last else None,
        ticks(*scale),
        found,
    )


def _y(papers: int, entitled: int) -> float:
    return round(FLOOR - DEEP * papers / entitled, 2) if entitled else float(FLOOR)


def _described(found: Turnout) -> str:
    said = [f"{found.cast:,} of {counted(found.entitled, 'paper')} had come back"]
    if found.reports:
        said[0] += f" by {in_words(found.reports[-1].on)}"
    if found.needed is not None:
        said.append(f"the law asks for {found.needed:,}")
    if found.forecast is not None:
        ahead = found.forecast
        said.append(f"at the paces so far there would be {ahead.least:,} to {ahead.most:,} on {in_words(ahead.by)}")
    return f"{'; '.join(said)}."
