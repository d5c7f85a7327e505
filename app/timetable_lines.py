"""The lines of a timetable: one step each, with its days, its state and its reason; values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.gantt import Gantt, Step, gantt
from app.templating import weekday_date
from core.calendar import counted, in_words
from core.findings import Citation
from core.why import Why

BY_ITSELF = "Mandate, by itself, on its day"
"""Who sees to a step that no person has to do."""


class Part(StrEnum):
    """Which of a timetable's two drawings a step is on: the ballot is over in weeks, its mandate lasts for months."""

    BALLOT = "ballot"
    ACTION = "action"


class StepState(StrEnum):
    """How a step stands today."""

    DONE = "done"
    LATE = "late"
    OVERDUE = "overdue"
    TO_DO = "to_do"
    NOW = "now"
    AHEAD = "ahead"
    NONE = "none"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Line:
    """
    One step. The law allows the days from `not_before` to `not_after`, in words `bound`; None leaves a side open.
    `planned` is what people fixed, `done` what happened, each from a day to a day. `who` sees to it. `short` stands on
    the drawing, where there is room for some twenty-five letters.
    """

    key: str
    part: Part
    label: str
    short: str
    bound: str
    state: StepState
    happened: str
    who: str
    not_before: date | None = None
    not_after: date | None = None
    planned: tuple[date, date] | None = None
    done: tuple[date, date] | None = None
    citation: Citation | None = None
    why: Mapping[str, Any] | None = None

    @property
    def step(self) -> Step:
        """The same as the drawing takes it."""
        late = self.state in (StepState.LATE, StepState.OVERDUE)
        return Step(self.short, self.not_before, self.not_after, self.planned, self.done, late)


def moment(day: date | None) -> tuple[date, date] | None:
    """One day as a stretch."""
    return None if day is None else (day, day)


def by(day: date | None, *, first: bool = True) -> str:
    """The last day that the law allows, in words; `first`: as a sentence begins."""
    said = f"not later than {weekday_date(day)}" if day else "the law sets no day"
    return said[0].upper() + said[1:] if first else said


def why_of(why: Why | None) -> Mapping[str, Any] | None:
    """A reason as pages show it."""
    return why.as_dict() if why else None


def receipt_state(received_on: date | None, not_after: date | None, today: date) -> StepState:
    """How a paper stands that has to be received by a day: on that day it is in time."""
    if received_on is not None:
        return StepState.DONE if not_after is None or received_on <= not_after else StepState.LATE
    return StepState.OVERDUE if not_after is not None and not_after < today else StepState.TO_DO


DRAWINGS = {
    Part.BALLOT: "The ballot, from its notice to its result",
    Part.ACTION: "Action, from its notice to the end of the mandate",
}
NEAR_DAYS = 45
"""A day further from a drawing than this would only squeeze it: then the words beside it say where today is."""


def drawings(lines: Sequence[Line], today: date) -> dict[Part, Gantt]:
    """A drawing for each part that names a day."""
    found = {}
    for part, title in DRAWINGS.items():
        ours = [each for each in lines if each.part is part]
        days = [day for each in ours for day in each.step.days]
        if not days:
            continue
        gap = max((min(days) - today).days, (today - max(days)).days)
        near = today if gap <= NEAR_DAYS else None
        found[part] = gantt(f"{part}-days", title, _described(ours, days), [each.step for each in ours], today=near)
    return found


def _described(lines: Sequence[Line], days: Sequence[date]) -> str:
    overdue = [each.label for each in lines if each.state is StepState.OVERDUE]
    to_do = [each.label for each in lines if each.state is StepState.TO_DO]
    said = f"{counted(len(lines), 'step')} between {in_words(min(days))} and {in_words(max(days))}."
    if overdue:
        said += f" Overdue: {', '.join(overdue)}."
    if to_do:
        said += f" To do: {', '.join(to_do)}."
    return f"{said} The table has every day."


COLUMNS = (
    "part", "step", "not_before", "not_after", "fixed_from", "fixed_to", "happened_from", "happened_to", "state",
    "what_happened", "who", "law", "rule", "arithmetic",
)  # fmt: skip


def rows(lines: Sequence[Line]) -> list[tuple[object, ...]]:
    """The lines as rows of `COLUMNS`."""
    return [
        (
            each.part,
            each.label,
            each.not_before,
            each.not_after,
            *(each.planned or (None, None)),
            *(each.done or (None, None)),
            each.state,
            each.happened,
            each.who,
            f"{each.citation.act}, {each.citation.provision}" if each.citation else None,
            (each.why or {}).get("rule"),
            (each.why or {}).get("arithmetic"),
        )
        for each in lines
    ]
