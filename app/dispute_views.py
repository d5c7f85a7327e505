"""What a case's page shows of its dispute: over what it is, and which schools are in it, each with its ballot."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from ballots.doubts import in_doubt, in_question
from ballots.lifecycle import BallotStage
from ballots.repository import ballot_of, foresee_cases
from casework.disputes import Dispute, DisputeCase, part_of, parts_in
from casework.issues.catalogue import issue
from casework.lifecycle import Stage
from casework.stand_downs import latest
from core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """
    A school of the dispute; `settled_on` is the day it left. Its ballot is the latest that was not cancelled.
    `in_doubt`: what showed that its employer received a paper was withdrawn.
    """

    case_ref: str
    workplace: str
    stage: Stage
    joined_on: date
    settled_on: date | None
    ballot_ref: str | None
    ballot_stage: BallotStage | None
    in_doubt: bool


@dataclass(frozen=True, slots=True)
class StoodDown:
    """That all action of a dispute stands down, or that it did: `lifted_at`."""

    reason: str
    ordered_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """
    The latest dispute of a case. `settled_on` is the day the last of its schools left it, settled or closed;
    `stood_down` its latest stand-down, None where none was ordered.
    """

    ref: str
    matters: tuple[str, ...]
    declared_on: date
    settled_on: date | None
    schools: tuple[SchoolLine, ...]
    stood_down: StoodDown | None


def dispute_line(uow: UnitOfWork, case_id: uuid.UUID) -> DisputeLine | None:
    """The dispute of a case with every school in it, by their references; None before one is declared."""
    part = part_of(uow, case_id)
    return line_of(uow, part.leg.dispute) if part is not None else None


def line_of(uow: UnitOfWork, dispute: Dispute) -> DisputeLine:
    """A dispute with every school in it, by their references."""
    questioned, parts = in_question(uow), parts_in(uow, dispute.id)
    foresee_cases(uow, [each.case_id for each in parts])
    return DisputeLine(
        dispute.ref,
        tuple(issue(code).title for code in dispute.matters),
        dispute.declared_on,
        dispute.settled_on,
        tuple(_school(uow, each, questioned) for each in parts),
        _stood_down(uow, dispute.id),
    )


def _stood_down(uow: UnitOfWork, dispute_id: uuid.UUID) -> StoodDown | None:
    row = latest(uow, dispute_id)
    return StoodDown(row.reason.value, row.ordered_at, row.lifted_at) if row else None


def _school(uow: UnitOfWork, part: DisputeCase, questioned: frozenset[uuid.UUID]) -> SchoolLine:
    ballot = ballot_of(uow, part.case_id)
    ours = ballot is not None and ballot.dispute_id == part.leg.dispute_id
    return SchoolLine(
        part.case.ref,
        part.case.workplace.name,
        part.case.stage,
        part.joined_on,
        part.settled_on,
        ballot.ref if ballot is not None and ours else None,
        ballot.stage if ballot is not None and ours else None,
        part.case_id in questioned and bool(in_doubt(uow, part.case_id)),
    )
