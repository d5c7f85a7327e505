"""
The demonstration on one sheet: a line for each case, a place for each week, a letter for each stage.

The letters are there so that colour is never needed. The same weeks are drawn as SVG, with their table beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from casework.lifecycle import Stage, stages

WEEK = timedelta(days=7)
MIDWEEK = timedelta(days=2)
RESTS = "z"
LETTERS: Mapping[Stage, str] = {
    Stage.RAISED: "r",
    Stage.MEMBERS_MEETING: "m",
    Stage.HEAD_MEETING: "h",
    Stage.OFFICER_ASSIGNED: "o",
    Stage.OFFICER_MEMBERS_MEETING: "a",
    Stage.OFFICER_NEGOTIATION: "n",
    Stage.BALLOT_PREPARATION: "p",
    Stage.BALLOT_OPEN: "B",
    Stage.BALLOT_RESULT: "R",
    Stage.ASOS_AUTHORISED: "A",
    Stage.ASOS_IN_FORCE: "S",
    Stage.STRIKE_ESCALATION: "E",
    Stage.STRIKE_ACTION: "X",
    Stage.PAY_REIMBURSEMENT: "£",
    Stage.SETTLED: "=",
    Stage.MONITORING: "+",
    Stage.CLOSED: ".",
}
TALKS, BALLOT, ACTION, PAY, SETTLED, OVER = "talks", "ballot", "action", "pay", "settled", "over"
PHASES: Mapping[Stage, str] = {
    **dict.fromkeys(stages(Stage.RAISED, Stage.OFFICER_NEGOTIATION), TALKS),
    **dict.fromkeys(stages(Stage.BALLOT_PREPARATION, Stage.BALLOT_RESULT), BALLOT),
    **dict.fromkeys(stages(Stage.ASOS_AUTHORISED, Stage.STRIKE_ACTION), ACTION),
    Stage.PAY_REIMBURSEMENT: PAY,
    Stage.SETTLED: SETTLED,
    Stage.MONITORING: SETTLED,
    Stage.CLOSED: OVER,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One week of one case: its letter, and the part of the ladder that it belongs to."""

    letter: str
    phase: str


@dataclass(frozen=True, slots=True)
class Line:
    """One case; None for a week before it was raised."""

    ref: str
    workplace: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All cases on the same weeks. `weeks` holds the Monday of each."""

    weeks: tuple[date, ...]
    lines: tuple[Line, ...]

    def months(self) -> tuple[tuple[int, date], ...]:
        """The place of each month's first week, and a day of that month; a week belongs to the month of its middle."""
        middles = [monday + MIDWEEK for monday in self.weeks]
        return tuple(
            (place, day) for place, day in enumerate(middles) if place == 0 or day.month != middles[place - 1].month
        )

    def ruler(self) -> str:
        """The months over their weeks, three letters each; one with no room before the next is left out."""
        written = ""
        for place, day in self.months():
            if len(written) < place or not written:
                written = f"{written:<{place}}{day:%b}"
        return written

    def letters(self) -> tuple[str, ...]:
        """The letters that stand on the sheet, each once, in the order of the ladder."""
        used = {cell.letter for line in self.lines for cell in line.cells if cell}
        return tuple(letter for letter in (*LETTERS.values(), RESTS) if letter in used)


def sheet(rows: Sequence[Mapping[str, Any]], last_day: date) -> Sheet:
    """The cases of a document (`app.demo.report`), from the week of the first day to that of the last."""
    first = min(date.fromisoformat(row["raised_on"]) for row in rows)
    monday = first - timedelta(days=first.weekday())
    weeks = tuple(monday + WEEK * number for number in range((last_day - monday).days // 7 + 1))
    return Sheet(weeks, tuple(Line(row["ref"], row["workplace"], _cells(row, weeks)) for row in rows))


def _cells(row: Mapping[str, Any], weeks: Sequence[date]) -> tuple[Cell | None, ...]:
    entered = [(date.fromisoformat(each["entered_on"]), Stage(each["stage"])) for each in row["stages"]]
    rested_on = date.fromisoformat(row["rested_on"]) if row["rested_on"] else None
    return tuple(_cell(entered, rested_on, monday + WEEK) for monday in weeks)


def _cell(entered: Sequence[tuple[date, Stage]], rested_on: date | None, end: date) -> Cell | None:
    """How a case stands when a week ends."""
    stage = next((stage for on, stage in reversed(entered) if on < end), None)
    if stage is None:
        return None
    resting = rested_on is not None and rested_on < end
    return Cell(RESTS if resting else LETTERS[stage], PHASES[stage])
