"""
How long a case has been at its stage, and in how long nothing happened to it: by the union's own figures. Pure.

Some stages last as long as a date says, such as an open ballot: a case does not age there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from casework.lifecycle import Stage
from core.calendar import counted, in_words
from core.findings import Citation
from core.why import POLICY, Why

LASTS_BY_ITS_DATES = frozenset({Stage.BALLOT_OPEN, Stage.ASOS_IN_FORCE, Stage.MONITORING, Stage.CLOSED})
"""Stages that a date ends: nobody is slow who waits for it."""

GROWS_QUIET = tuple(each for each in Stage if each not in {Stage.BALLOT_OPEN, Stage.MONITORING, Stage.CLOSED})
"""Stages at which somebody should do something, or look whether it still goes on."""

QUIET_CITATION = Citation("The union's practice", "MANDATE_QUIET_DAYS", "docs/policy.md")


class Age(StrEnum):
    """How old a case is at its stage."""

    FRESH = "fresh"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class AgeFigures:
    """Days at a stage from which a case shows amber, and red. Red never begins before amber, whatever they say."""

    amber: int
    red: int

    def age(self, stage: Stage, days: int, *, rests: bool = False) -> Age:
        """How old a case is that has been at a stage for so many days; one that rests is left in peace."""
        if rests or stage in LASTS_BY_ITS_DATES or days < self.amber:
            return Age.FRESH
        return Age.RED if days >= max(self.red, self.amber) else Age.AMBER


def quiet_since(today: date, days: int) -> date:
    """The last day on which something may have happened to a case that counts as quiet today."""
    return today - timedelta(days=days)


def why_quiet(last_on: date, days: int) -> Why:
    """Why a case counts as quiet: since which day nothing happened, and the figure."""
    due_on = last_on + timedelta(days=days)
    return Why(
        rule=f"A case to which nothing happened for {counted(days, 'day')} is looked at",
        inputs={"the last thing that happened": in_words(last_on), "the union's figure": counted(days, "day")},
        arithmetic=f"{in_words(last_on)} + {counted(days, 'day')} = {in_words(due_on)}",
        citation=QUIET_CITATION,
        certainty=POLICY,
        changes_if="anything recorded for the case, or another MANDATE_QUIET_DAYS",
    )
