"""
What needs somebody today, in one order: what breaks the law first, then what soon will, then what waits. Pure.

Whatever has a statutory day stands before whatever has a day of the union's own, and that before what has none. Of two
that are as urgent the earlier day comes first. Whoever looks finds what is theirs before what is others'.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from casework.levels import Level
from core.why import Why


class Urgency(StrEnum):
    """How urgent; each is less than the one before."""

    LAW_BROKEN = "law_broken"
    LAW_RED = "law_red"
    LAW_AMBER = "law_amber"
    LATE = "late"
    RED = "red"
    AMBER = "amber"
    WAITING = "waiting"
    QUIET = "quiet"

    @property
    def rank(self) -> int:
        """The place in the row, the most urgent 0."""
        return _RANKS[self]


_RANKS: Mapping[Urgency, int] = {each: place for place, each in enumerate(Urgency)}


class NeedKind(StrEnum):
    """What sort of thing it is; of two as urgent on one day, the one that stands first here comes first."""

    DEADLINE = "deadline"
    TURNING_POINT = "turning_point"
    APPROVE_PAPERS = "approve_papers"
    SERVE = "serve"
    MANDATE_ENDS = "mandate_ends"
    RELEASE_PAYMENT = "release_payment"
    APPROVE_CLAIMS = "approve_claims"
    CLAIMS_LEFT_OUT = "claims_left_out"
    PAY_CLAIMS = "pay_claims"
    READ_MAIL = "read_mail"
    READ_LAW = "read_law"
    QUIET_CASE = "quiet_case"


_KINDS: Mapping[NeedKind, int] = {each: place for place, each in enumerate(NeedKind)}


@dataclass(frozen=True, slots=True)
class Need:
    """
    One thing that needs somebody. `what` says it, `who` has to do it, `href` is the page or form where it is done and
    `does` the words of that link. `due_on` is the last good day, with `why`; None where it has none.

    `level` is that of a deadline with a level; `id` tells needs of one kind apart. `officer_id` is whose case it is.
    """

    id: str
    kind: NeedKind
    urgency: Urgency
    what: str
    who: str
    href: str
    does: str
    case_ref: str | None = None
    workplace: str | None = None
    officer_id: uuid.UUID | None = None
    due_on: date | None = None
    level: Level | None = None
    why: Mapping[str, Any] | Why | None = None

    @property
    def is_turning_point(self) -> bool:
        """Whether its day comes by itself, so that nothing of it can be missed."""
        return self.kind in {NeedKind.TURNING_POINT, NeedKind.MANDATE_ENDS}

    @property
    def met_on(self) -> None:
        """It is still to be done."""
        return

    def is_of(self, officer_id: uuid.UUID | None) -> bool:
        """Whether it is of a case of this officer."""
        return officer_id is not None and self.officer_id == officer_id

    def days_to_spare(self, today: date) -> int | None:
        """Days to its last good day; negative after it, None where it has none."""
        return (self.due_on - today).days if self.due_on else None


def urgency_of(level: Level | None, *, is_law: bool, is_over: bool = False) -> Urgency:
    """
    How urgent a day is by its level. `is_over`: the day has passed and no level says so, for it ends by itself.
    """
    match level:
        case Level.STOP:
            return Urgency.LAW_BROKEN if is_law else Urgency.LATE
        case Level.RED:
            return Urgency.LAW_RED if is_law else Urgency.LATE if is_over else Urgency.RED
        case Level.AMBER:
            return Urgency.LAW_AMBER if is_law else Urgency.AMBER
        case None:
            return Urgency.WAITING


def ranked(needs: Iterable[Need], officer_id: uuid.UUID | None = None) -> tuple[Need, ...]:
    """All of them in the one order; those of the officer's own cases first."""

    def key(need: Need) -> tuple[str | int, ...]:
        own = need.is_of(officer_id)
        return place(need.id, need.kind, need.urgency, need.due_on, need.case_ref, own=own)

    return tuple(sorted(needs, key=key))


def place(
    key: str, kind: NeedKind, urgency: Urgency, due_on: date | None, case_ref: str | None, *, own: bool
) -> tuple[str | int, ...]:
    """Where a need stands in the one order, in words and whole numbers that compare as it does; `key` is its id."""
    return int(not own), urgency.rank, (due_on or date.max).isoformat(), _KINDS[kind], case_ref or "", key


def by_urgency(needs: Iterable[Need]) -> dict[Urgency, int]:
    """How many there are of each urgency, the most urgent first; nothing of what there is none of."""
    found = Counter(each.urgency for each in needs)
    return {urgency: found[urgency] for urgency in Urgency if found[urgency]}
