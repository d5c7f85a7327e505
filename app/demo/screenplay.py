"""
The words that plays are written in: schools, scenes, and what a play must come to.

A scene says that on a day somebody records an act. Everything else (letters, assignments, notices, reminders, opening
and closing, instructions, ending the strike) the system does by itself when the clock comes to it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from casework.lifecycle import Stage


class By(StrEnum):
    """Who records an act. The officer is the one who covers the school; the others come from elsewhere."""

    STAFF = "staff"
    OFFICER = "officer"
    SECOND_OFFICER = "second_officer"
    FINANCE = "finance"
    SECOND_FINANCE = "second_finance"


class Outcome(StrEnum):
    """What came of a case."""

    SETTLED_BY_HEAD = "settled_by_head"
    SETTLED_BY_OFFICER = "settled_by_officer"
    SETTLED_AT_THE_THREAT = "settled_at_the_threat"
    SETTLED = "settled"
    BALLOT_LOST = "ballot_lost"
    REOPENED = "reopened"
    RESTING = "resting"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class School:
    """
    A real school by its number in the register. Its members are invented; so are the office and the address for mail
    at which its employer is served.
    """

    urn: str
    members: int
    employer_office: str
    employer_email: str


@dataclass(frozen=True, slots=True)
class CaseInPlay:
    """A case as the facts of a scene see it. `voters` counts the members of every school of the play."""

    case_id: uuid.UUID
    school: School
    voters: int
    today: date

    def part(self, percent: int) -> int:
        """A share of the school's members, rounded down."""
        return self.school.members * percent // 100

    def part_of_voters(self, percent: int) -> int:
        """A share of everybody who may vote, rounded down."""
        return self.voters * percent // 100


Facts: TypeAlias = Mapping[str, Any]
FactsOf: TypeAlias = Callable[[CaseInPlay], Iterable[Facts]]


@dataclass(frozen=True, slots=True)
class Scene:
    """
    On a day, someone records an act.

    `facts` as a form or the command line would give them, or a function that finds them when the day has come: the act
    is recorded once for each that it gives. `at` is the number of one school; None: at every school of the play.
    """

    on: date
    act: str
    by: By
    said: str
    facts: Facts | FactsOf = field(default_factory=dict)
    at: str | None = None

    def facts_for(self, case: CaseInPlay) -> tuple[Facts, ...]:
        """The facts of each time that the act is recorded."""
        return tuple(self.facts(case)) if callable(self.facts) else (self.facts,)


@dataclass(frozen=True, slots=True)
class Play:
    """
    A dispute from the first day to the last scene. Every school of it has a case of its own, raised on the same day.

    `ends` is what must have come of each case, and the stage where it must stand.
    """

    name: str
    title: str
    raised_on: date
    issues: tuple[str, ...]
    schools: tuple[School, ...]
    scenes: tuple[Scene, ...]
    ends: tuple[Outcome, Stage]

    @property
    def voters(self) -> int:
        """The members of all its schools."""
        return sum(school.members for school in self.schools)
