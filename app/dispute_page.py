"""What a dispute's page shows: over what it is, who is in it, its ballots, mandates and action, and who is next."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from app import notice_views
from app.ballot_views import KINDS, EmployerLine
from app.case_records import EventLine, records, told_once
from app.dispute_views import DisputeLine, line_of
from app.mandate_lines import MandateLine, mandates_of
from app.narrowing import wide
from app.notice_views import NoticeLine
from app.offered_acts import OfferedAct, offered_among
from ballots import doubts, repository
from ballots.mandate import ActionKind
from ballots.models import Action, Ballot, MandateRow
from casework import service_addresses
from casework.cases import Case, CaseEvent
from casework.disputes import Dispute, DisputeCase, DisputeLeg
from casework.lifecycle import EventKind
from core.errors import NotFound
from core.findings import Finding
from core.unit_of_work import UnitOfWork

ACTS = (
    "dispute_joined", "dispute_declared", "ballot_authorised", "service_address_confirmed", "asos_authorised",
    "strike_authorised", "settlement_reached", "stand_down_lifted",
)  # fmt: skip
TAKES_BACK = ("dispute_stood_down", "action_suspended", "notice_withdrawn", "notice_varied", "call_repudiated")
OF_A_DISPUTE = (
    EventKind.DISPUTE_DECLARED, EventKind.DISPUTE_JOINED, EventKind.BALLOT_AUTHORISED, EventKind.BALLOT_CANCELLED,
    EventKind.RESULT_DECLARED, EventKind.ASOS_AUTHORISED, EventKind.ASOS_BEGAN, EventKind.ASOS_ENDED,
    EventKind.STRIKE_AUTHORISED, EventKind.STRIKE_DAY_HELD, EventKind.STRIKE_DAY_WITHDRAWN, EventKind.STRIKE_OVER,
    EventKind.SETTLEMENT_REACHED, EventKind.CASE_REOPENED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BallotLine:
    """A ballot of the dispute, cancelled ones included."""

    ref: str
    stage: str
    kinds: tuple[str, ...]
    opens_on: date
    closes_on: date


@dataclass(frozen=True, slots=True)
class ActionLine:
    """Action of one case of the dispute; `days` are those of a strike."""

    case_ref: str
    kind: str
    stage: str
    starts_on: date
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class DisputePage:
    """
    Everything a dispute's page shows. `more_schools` counts those that are not reached; `confirmed` says by how many
    people, two at most, the address of each employer was confirmed as it stands.
    """

    line: DisputeLine
    more_schools: int
    employers: tuple[EmployerLine, ...]
    confirmed: dict[str, int]
    ballots: tuple[BallotLine, ...]
    mandates: tuple[MandateLine, ...]
    actions: tuple[ActionLine, ...]
    findings: tuple[Finding, ...]
    next: tuple[OfferedAct, ...]
    takes_back: tuple[OfferedAct, ...]
    events: tuple[EventLine, ...]
    notices: tuple[NoticeLine, ...]


def dispute_page(uow: UnitOfWork, ref: str) -> DisputePage:
    """A dispute by its reference; `NotFound` otherwise, and for one of which no case is reached."""
    found = uow.session.scalar(select(Dispute.id).where(Dispute.ref == ref))
    if found is None:
        raise NotFound("dispute", ref)
    with wide(uow.session):
        dispute = uow.session.get_one(Dispute, found)
        line, findings = line_of(uow, dispute), _findings(uow, dispute)
    legs = uow.session.scalars(select(DisputeLeg).where(DisputeLeg.dispute_id == found)).all()
    cases = _cases(uow, found)
    reached = {case.ref for case in cases}
    schools = tuple(each for each in line.schools if each.case_ref in reached)
    subjects = [f"dispute:{found}"]
    notices = notice_views.lines(uow, subjects)
    offered = offered_among(uow, cases, ACTS, TAKES_BACK)
    return DisputePage(
        line=replace(line, schools=schools),
        more_schools=len(line.schools) - len(schools),
        employers=tuple(EmployerLine(str(leg.employer_id), leg.employer.name) for leg in legs),
        confirmed={str(leg.employer_id): service_addresses.people(uow, found, leg.employer) for leg in legs},
        ballots=_ballots(uow, found),
        mandates=mandates_of(uow, [each.id for each in repository.ballots_in(uow, found)]),
        actions=_actions(uow, found, cases),
        findings=findings,
        next=offered[ACTS],
        takes_back=offered[TAKES_BACK],
        events=_events(uow, cases, records(uow, subjects, notices)),
        notices=notices,
    )


def _cases(uow: UnitOfWork, dispute_id: uuid.UUID) -> Sequence[Case]:
    statement = (
        select(Case)
        .join(DisputeCase, DisputeCase.case_id == Case.id)
        .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
        .where(DisputeLeg.dispute_id == dispute_id)
        .order_by(Case.ref)
    )
    return uow.session.scalars(statement).all()


def _findings(uow: UnitOfWork, dispute: Dispute) -> tuple[Finding, ...]:
    """Addresses that too few have confirmed while the dispute is live, and proofs of service that were withdrawn."""
    employers = [leg.employer for leg in dispute.legs]
    found = [] if dispute.settled_on else list(service_addresses.findings(uow, dispute.id, employers))
    for case in _cases(uow, dispute.id):
        found += doubts.in_doubt(uow, case.id)
    return tuple(dict.fromkeys(found))


def _ballots(uow: UnitOfWork, dispute_id: uuid.UUID) -> tuple[BallotLine, ...]:
    wanted = select(Ballot).where(Ballot.dispute_id == dispute_id).order_by(Ballot.authorised_on, Ballot.ref)
    return tuple(
        BallotLine(
            row.ref,
            row.stage.value,
            tuple(KINDS[ActionKind(each)] for each in row.questions),
            row.opens_on,
            row.closes_on,
        )
        for row in uow.session.scalars(wanted)
    )


def _actions(uow: UnitOfWork, dispute_id: uuid.UUID, cases: Sequence[Case]) -> tuple[ActionLine, ...]:
    wanted = (
        select(Action)
        .join(MandateRow, MandateRow.id == Action.mandate_id)
        .join(Ballot, Ballot.id == MandateRow.ballot_id)
        .where(Ballot.dispute_id == dispute_id)
        .order_by(Action.starts_on, Action.id)
    )
    refs = {case.id: case.ref for case in cases}
    return tuple(
        ActionLine(refs[row.case_id], KINDS[row.kind], row.stage.value, row.starts_on, row.strike_days)
        for row in uow.session.scalars(wanted)
        if row.case_id in refs
    )


def _events(uow: UnitOfWork, cases: Sequence[Case], noted: Sequence[EventLine]) -> tuple[EventLine, ...]:
    """What happened in the dispute, told once however many of its schools it happened to; the latest first."""
    wanted = (
        select(CaseEvent)
        .where(CaseEvent.case_id.in_([case.id for case in cases]), CaseEvent.kind.in_(OF_A_DISPUTE))
        .order_by(CaseEvent.recorded_at, CaseEvent.id)
    )
    return told_once(uow.session.scalars(wanted), noted)
