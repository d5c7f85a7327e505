"""
A pack: the papers of one dispute as structured facts, with everything that must be lawful in one file.

The names of the fields are the keys of the file (`from_` is the key `from`). None stands for a key that is absent; a
tuple for a list, empty where it is absent. Days are London dates, times naive London times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from ballots.mandate import ActionKind, Pattern
from ballots.result import Service
from ballots.timetable_facts import VotingMethod
from core.nations import Nation


class Scope(StrEnum):
    """Who votes together: one workplace, several in one ballot (s. 228A TULRCA), or each workplace apart (s. 228)."""

    SINGLE = "single"
    AGGREGATED = "aggregated"
    SEPARATE = "separate"


class LegalForm(StrEnum):
    """What sort of body employs, as far as it can be in dispute."""

    LOCAL_AUTHORITY = "local-authority"
    GOVERNING_BODY = "governing-body"
    TRUST = "trust"
    PROPRIETOR = "proprietor"
    CORPORATION = "corporation"


@dataclass(frozen=True, slots=True)
class Workplace:
    """A workplace of the dispute and its legal employer by the register."""

    urn: int
    employer: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class EmployerTerms:
    """What is known of an employer: its form, and what it has agreed to in writing."""

    kind: LegalForm | None = None
    agrees_shorter_notice: bool = False
    agrees_longer_mandate_until: date | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """Where the dispute is, over what, at which workplaces, and with whom by name."""

    nation: Nation
    matters: tuple[str, ...] = ()
    settled_on: date | None = None
    workplaces: tuple[Workplace, ...] = ()
    employers: Mapping[str, EmployerTerms] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Register:
    """The frozen list of those entitled to vote, counted: in all, by URN and by category."""

    total: int | None = None
    by_workplace: Mapping[str, int] | None = None
    by_category: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ScrutineerFile:
    """The file of voters that went to the scrutineer, counted."""

    total: int | None = None


@dataclass(frozen=True, slots=True)
class Ballot:
    """The ballot as planned or held; `caller` is who the voting paper says may call action."""

    opens: date
    closes: date
    method: VotingMethod
    questions: tuple[ActionKind, ...]
    scope: Scope | None = None
    service: Service | None = None
    caller: str | None = None
    scrutineer: str | None = None
    register: Register | None = None
    scrutineer_file: ScrutineerFile | None = None


@dataclass(frozen=True, slots=True)
class BallotNotice:
    """A notice of ballot as one employer had it."""

    employer: str
    received: date
    opening_day: date | None = None
    total: int | None = None
    categories: tuple[str, ...] = ()
    workplaces: tuple[int, ...] = ()
    by_category: Mapping[str, int] | None = None
    by_workplace: Mapping[str, int] | None = None
    explanation: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SamplePaper:
    """A sample voting paper as one employer had it."""

    employer: str
    received: date


@dataclass(frozen=True, slots=True)
class VotingPaper:
    """What stands on the voting paper, as printed."""

    questions: tuple[ActionKind, ...] = ()
    scrutineer: str | None = None
    return_address: str | None = None
    return_by: date | None = None
    caller: str | None = None
    numbered: bool | None = None
    statement: str | None = None
    summary_of_dispute: str | None = None
    asos_types: tuple[str, ...] = ()
    periods: Mapping[ActionKind, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """The count of one question."""

    yes: int | None = None
    no: int | None = None
    spoiled: int | None = None


@dataclass(frozen=True, slots=True)
class BallotResult:
    """The scrutineer's figures, and the day on which members and each employer were told them."""

    entitled: int | None = None
    cast: int | None = None
    questions: Mapping[ActionKind, QuestionCount] = field(default_factory=dict)
    told_members: date | None = None
    told_employers: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """From one time to another, of one action."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Suspension:
    """An agreement with the employer that continuous action stops on a day and may resume on another."""

    agreed_on: date | None = None
    from_: date | None = None
    resumes: date | None = None


@dataclass(frozen=True, slots=True)
class ActionNotice:
    """A notice of action as one employer had it: `dates` of discontinuous action, `starts` of continuous."""

    employer: str
    received: date
    kind: ActionKind | None = None
    pattern: Pattern | None = None
    dates: tuple[date | Period, ...] = ()
    starts: date | None = None
    total: int | None = None
    categories: tuple[str, ...] = ()
    workplaces: tuple[int, ...] = ()
    by_category: Mapping[str, int] | None = None
    by_workplace: Mapping[str, int] | None = None
    explanation: str | None = None
    suspended: Suspension | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Who called the action and when; `authorised_by` holds the delegation in writing."""

    by: str | None = None
    authorised_by: str | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """Action that is planned or was taken, from one time to another; no employer stands for every one."""

    kind: ActionKind
    starts: datetime
    ends: datetime
    employer: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything of one dispute that a notice, a paper or a day of action has to be lawful by."""

    dispute: Dispute
    ballot: Ballot
    ballot_notices: tuple[BallotNotice, ...] = ()
    sample_papers: tuple[SamplePaper, ...] = ()
    voting_paper: VotingPaper | None = None
    result: BallotResult | None = None
    action_notices: tuple[ActionNotice, ...] = ()
    call: Call | None = None
    action: tuple[PlannedAction, ...] = ()
