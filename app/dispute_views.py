"""What a case's page shows of its dispute: over what it is, and which schools are in it, each with its ballot."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from ballots.lifecycle import BallotStage
from ballots.repository import ballot_of
from casework.disputes import DisputeCase, part_of, parts_in
from casework.issues.catalogue import issue
from casework.lifecycle import Stage
from core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A school of the dispute; `settled_on` is the day it left. Its ballot is the latest that was not cancelled."""

    case_ref: str
    workplace: str
    stage: Stage
    joined_on: date
    settled_on: date | None
    ballot_ref: str | None
    ballot_stage: BallotStage | None


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """The latest dispute of a case. `settled_on` is the day the last of its schools left it, settled or closed."""

    ref: str
    matters: tuple[str, ...]
    declared_on: date
    settled_on: date | None
    schools: tuple[SchoolLine, ...]


def dispute_line(uow: UnitOfWork, case_id: uuid.UUID) -> DisputeLine | None:
    """The dispute of a case with every school in it, by their references; None before one is declared."""
    part = part_of(uow, case_id)
    if part is None:
        return None
    dispute = part.leg.dispute
    return DisputeLine(
        dispute.ref,
        tuple(issue(code).title for code in dispute.matters),
        dispute.declared_on,
        dispute.settled_on,
        tuple(_school(uow, each) for each in parts_in(uow, dispute.id)),
    )


def _school(uow: UnitOfWork, part: DisputeCase) -> SchoolLine:
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
    )
