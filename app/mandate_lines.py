"""
Mandates as every list shows them: from when to when, for which action with which employer, and how each stands. A
mandate is of one ballot, one employer and one kind of action.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select

from app.narrowing import wide
from ballots.mandate import ActionKind
from ballots.models import Ballot, BallotCase, MandateRow
from ballots.papers import why_it_ends
from casework.cases import Case
from casework.disputes import Dispute, DisputeCase, DisputeLeg, parts_of
from casework.register.models import Employer
from core.unit_of_work import UnitOfWork

L = TypeVar("L", bound="MandateLine")


class MandateStanding(StrEnum):
    """How a mandate stands: it lasts, its last day is over, or no school under it is in the dispute any more."""

    LASTS = "lasts"
    OVER = "over"
    LEFT = "left"


STANDINGS: Mapping[MandateStanding, str] = {
    MandateStanding.LASTS: "It lasts",
    MandateStanding.OVER: "It is over",
    MandateStanding.LEFT: "No school under it is in the dispute any more",
}


@dataclass(frozen=True, slots=True)
class MandateLine:
    """A mandate in a list. `kind` is the code of the action; `days_left` counts to its last day, negative after it."""

    id: uuid.UUID
    kind: ActionKind
    employer_id: uuid.UUID
    employer: str
    ballot_ref: str
    dispute_ref: str
    first_day: date
    last_day: date
    days_left: int
    standing: MandateStanding


@dataclass(frozen=True, slots=True)
class CaseMandate(MandateLine):
    """
    A mandate as its case shows it. From `settled_on`, when the case left the dispute, it supports nothing more here,
    whatever its last day. `why` is of the last day.
    """

    settled_on: date | None
    why: Mapping[str, Any] | None


def mandates(uow: UnitOfWork, at: uuid.UUID | None = None) -> tuple[MandateLine, ...]:
    """The mandates of every ballot that is reached, or of one workplace: those that last, the first to end first."""
    voted = select(BallotCase.ballot_id).join(Case, Case.id == BallotCase.case_id).where(Case.workplace_id == at)
    found = _found(uow) if at is None else _found(uow, MandateRow.ballot_id.in_(voted))
    return _in_order(line for row, line in found if at is None or str(at) in row.workplace_ids)


def mandates_of(uow: UnitOfWork, ballot_ids: Sequence[uuid.UUID]) -> tuple[MandateLine, ...]:
    """The mandates that some ballots gave, in the order of `mandates`."""
    return _in_order(line for _, line in _found(uow, MandateRow.ballot_id.in_(ballot_ids)))


def mandates_of_case(uow: UnitOfWork, case: Case) -> tuple[CaseMandate, ...]:
    """The mandates that cover a case's workplace by a ballot of the case, in the order of `mandates`."""
    settled_on = {part.leg.dispute.ref: part.settled_on for part in parts_of(uow, case.id)}
    voted = select(BallotCase.ballot_id).where(BallotCase.case_id == case.id)
    return _in_order(
        CaseMandate(**asdict(line), settled_on=settled_on.get(line.dispute_ref), why=why_last_day(uow, row))
        for row, line in _found(uow, MandateRow.ballot_id.in_(voted))
        if str(case.workplace_id) in row.workplace_ids
    )


def mandate_line(uow: UnitOfWork, row: MandateRow) -> MandateLine:
    """One mandate, as a list shows it."""
    ((_, line),) = _found(uow, MandateRow.id == row.id)
    return line


def why_last_day(uow: UnitOfWork, row: MandateRow) -> Mapping[str, Any] | None:
    """Why a mandate ends on its last day; None where the law as it is read now puts that elsewhere."""
    reached = why_it_ends(uow, row)
    return reached.as_dict() if reached else None


def place_of(line: MandateLine) -> tuple[str | int, ...]:
    """Where a mandate stands among all: those that last by their end, then those that are over, the latest first."""
    last = line.last_day.toordinal()
    lasts = line.standing is MandateStanding.LASTS
    return (0, last, str(line.id)) if lasts else (1, -last, str(line.id))


def _found(uow: UnitOfWork, *wanted: ColumnElement[bool]) -> Iterator[tuple[MandateRow, MandateLine]]:
    rows = (
        select(MandateRow, Ballot.ref, Dispute.ref, Employer.name)
        .join(Ballot, Ballot.id == MandateRow.ballot_id)
        .join(Dispute, Dispute.id == Ballot.dispute_id)
        .join(Employer, Employer.id == MandateRow.employer_id)
        .where(*wanted)
    )
    found = uow.session.execute(rows).tuples().all()
    with wide(uow.session):
        in_dispute = _in_dispute(uow, {row.ballot_id for row, *_ in found}) if wanted else _in_dispute(uow)
    for row, ballot_ref, dispute_ref, employer in found:
        yield row, _line(uow, row, (employer, ballot_ref, dispute_ref), in_dispute)


def _line(
    uow: UnitOfWork, row: MandateRow, named: tuple[str, str, str], in_dispute: frozenset[tuple[uuid.UUID, uuid.UUID]]
) -> MandateLine:
    left = not any((row.ballot_id, uuid.UUID(each)) in in_dispute for each in row.workplace_ids)
    over = row.last_day < uow.today
    return MandateLine(
        row.id,
        row.kind,
        row.employer_id,
        *named,
        row.first_day,
        row.last_day,
        (row.last_day - uow.today).days,
        MandateStanding.OVER if over else MandateStanding.LEFT if left else MandateStanding.LASTS,
    )


def _in_dispute(uow: UnitOfWork, ballot_ids: set[uuid.UUID] | None = None) -> frozenset[tuple[uuid.UUID, uuid.UUID]]:
    """The workplaces of each ballot, or of some, that have not left the ballot's dispute: `(ballot, workplace)`."""
    if ballot_ids is not None and not ballot_ids:
        return frozenset()
    wanted = (
        select(BallotCase.ballot_id, Case.workplace_id)
        .join(Case, Case.id == BallotCase.case_id)
        .join(Ballot, Ballot.id == BallotCase.ballot_id)
        .join(DisputeCase, DisputeCase.case_id == Case.id)
        .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
        .where(DisputeLeg.dispute_id == Ballot.dispute_id, DisputeCase.settled_on.is_(None))
    )
    some = wanted if ballot_ids is None else wanted.where(BallotCase.ballot_id.in_(ballot_ids))
    return frozenset(uow.session.execute(some).tuples())


def _in_order(lines: Iterable[L]) -> tuple[L, ...]:
    return tuple(sorted(lines, key=place_of))


COLUMNS = (
    "mandate", "kind", "employer", "ballot", "dispute", "first_day", "last_day", "days_left", "standing",
)  # fmt: skip


def rows(lines: Sequence[MandateLine]) -> list[tuple[object, ...]]:
    """Mandates as rows of `COLUMNS`."""
    return [
        (
            each.id,
            each.kind.value,
            each.employer,
            each.ballot_ref,
            each.dispute_ref,
            each.first_day,
            each.last_day,
            each.days_left,
            each.standing.value,
        )
        for each in lines
    ]
