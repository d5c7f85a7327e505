"""A plan drawn in letters: one line a step, all on one scale of days. Letters only, so that any terminal shows it."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date

from app.plans import ON_THE_LINE_BEFORE, RESULT_TOLD, VOTING, today_if_near
from ballots.plan import Step, StepName
from ballots.plan_facts import FIRST_ACTION
from ballots.plan_rules import STEP_NAMES
from core.calendar import shift

LABEL = 21
SCALE = 76
"""Columns of the label and of the scale: together less than a hundred."""

KEY = "S safe until, L lawful until, * both, # voting as planned, A first day of action, | today"
LABELS = {StepName.BALLOT_OPENS: VOTING, StepName.RESULT_TO_MEMBERS: RESULT_TOLD}


def drawn(steps: tuple[Step, ...], first_action_on: date, today: date | None) -> Iterator[str]:
    """The lines of the drawing, the scale of months first."""
    first = min(step.latest_safe for step in steps)
    today = today_if_near(today, first)
    first = min(first, today or first)
    last = max(first_action_on, *(step.latest_lawful for step in steps), today or first_action_on)
    scale = _Scale(first, last)
    yield f"{'':{LABEL}}{scale.months()}".rstrip()
    closes = next(step for step in steps if step.step is StepName.BALLOT_CLOSES)
    for step in steps:
        if step.step in ON_THE_LINE_BEFORE:
            continue
        voting = closes.latest_safe if step.step is StepName.BALLOT_OPENS else None
        label = LABELS.get(step.step, STEP_NAMES[step.step])
        yield f"{label:{LABEL}}{scale.line(step, voting, today)}".rstrip()
    yield f"{STEP_NAMES[FIRST_ACTION]:{LABEL}}{scale.mark('A', first_action_on, today)}".rstrip()


class _Scale:
    """Days to columns."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.days = max((last - first).days, 1)

    def column(self, day: date) -> int:
        return (day - self.first).days * (SCALE - 1) // self.days

    def months(self) -> str:
        cells = [" "] * SCALE
        day = self.first
        while day <= self.last:
            name = f"{day.day} {calendar.month_abbr[day.month]}"
            column = self.column(day)
            if not "".join(cells[max(column - 1, 0) : column + len(name)]).strip() and column + len(name) <= SCALE:
                cells[column : column + len(name)] = name
            day = shift(day.replace(day=1), calendar.monthrange(day.year, day.month)[1])
        return "".join(cells)

    def line(self, step: Step, voting_until: date | None, today: date | None) -> str:
        safe, lawful = self.column(step.latest_safe), self.column(step.latest_lawful)
        cells = self.blank(today)
        for column in range(min(safe, lawful), max(safe, lawful) + 1):
            cells[column] = "-"
        if voting_until is not None:
            for column in range(safe, self.column(voting_until) + 1):
                cells[column] = "#"
        cells[lawful] = "L"
        cells[safe] = "*" if safe == lawful else "S"
        return "".join(cells)

    def mark(self, sign: str, day: date, today: date | None) -> str:
        cells = self.blank(today)
        cells[self.column(day)] = sign
        return "".join(cells)

    def blank(self, today: date | None) -> list[str]:
        cells = [" "] * SCALE
        if today is not None:
            cells[self.column(today)] = "|"
        return cells
