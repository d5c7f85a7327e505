"""
Answers that an act's form offers because of the case it is for: its claims, its
notices, its issues, the officers who could take it and the instructions that serve it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence

from pydantic import BaseModel
from sqlalchemy import select

from app import notice_views
from app.claim_views import unpayable
from app.forms import Choice, Choices
from app.stored_words import claim_state
from app.templating import long_date, pence
from ballots import dispute_handlers, notice_handlers, service_handlers
from ballots.handlers import subjects_of
from ballots.lifecycle import BallotStage
from ballots.repository import ballot_of, ballots_of
from casework import repository
from casework.disputes import Dispute, cases_in
from casework.issues.catalogue import instructions_for, issue
from casework.pay.acts import OneClaim, PayeeConfirmed
from casework.pay.approvals import OPEN_TO_APPROVAL, OPEN_TO_CONFIRMATION
from casework.pay.claims import claims_of
from casework.pay.models import OVER, Claim, ClaimState, PaymentBatch, PaymentLine
from casework.pay.payments import PAYEE_CHANGED
from casework.register.models import Association, Officer
from core.unit_of_work import UnitOfWork
from notifications.messages import message_kind
from notifications.models import Notice

SERVED = frozenset(notice_views.RECIPIENTS[who] for who in ("employer", "workplace", "scrutineer"))

Offer = Callable[[UnitOfWork, uuid.UUID], tuple[Choice, ...]]


def choices_for(uow: UnitOfWork, case_id: uuid.UUID, model: type[BaseModel]) -> Choices:
    """The answers for those of a model's fields that depend on the case."""
    offers = {**OFFERS, **OFFERS_OF.get(model, {})}
    return {name: offers[name](uow, case_id) for name in model.model_fields if name in offers}


def _claims(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    statement = select(Claim).where(Claim.case_id == case_id, Claim.state.not_in(OVER)).order_by(Claim.submitted_on)
    return tuple(Choice(str(row.id), _claim_in_words(row)) for row in uow.session.scalars(statement))


def _to_approve(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    return tuple(Choice(str(row.id), _claim_in_words(row)) for row in _claims_in(uow, case_id, OPEN_TO_APPROVAL))


def _to_confirm(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    """The claims that are not in a file yet; of those whose account changed it is said."""
    found = [(row, unpayable(row)) for row in _claims_in(uow, case_id, OPEN_TO_CONFIRMATION)]
    return tuple(
        Choice(
            str(row.id),
            _claim_in_words(row) + ("; its account changed" if fault and fault.code == PAYEE_CHANGED else ""),
        )
        for row, fault in found
    )


def _claims_in(uow: UnitOfWork, case_id: uuid.UUID, states: Collection[ClaimState]) -> Sequence[Claim]:
    return [row for row in claims_of(uow, case_id) if row.state in states]


def _paid(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    paid = select(Claim).where(Claim.case_id == case_id, Claim.state == ClaimState.PAID).order_by(Claim.submitted_on)
    return tuple(Choice(str(row.id), _claim_in_words(row)) for row in uow.session.scalars(paid))


def _claim_in_words(claim: Claim) -> str:
    amount = claim.payslip_pence if claim.payable_pence is None else claim.payable_pence
    state = claim_state(claim.state)
    return f"Claim {str(claim.id)[:8]} of {long_date(claim.submitted_on)}: {pence(amount)}, {state}"


def _batches(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    of_case = select(PaymentLine.batch_id).join(Claim, Claim.id == PaymentLine.claim_id).where(Claim.case_id == case_id)
    statement = (
        select(PaymentBatch)
        .where(PaymentBatch.id.in_(of_case), PaymentBatch.released_on.is_(None))
        .order_by(PaymentBatch.prepared_on, PaymentBatch.ref)
    )
    return tuple(
        Choice(row.ref, f"{row.ref}: {pence(row.total_pence)}, prepared {long_date(row.prepared_on)}")
        for row in uow.session.scalars(statement)
    )


def _notices(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    """What went out to those who are served and is not shown to have arrived: statutory papers first, newest first."""
    found = [
        line
        for line in notice_views.lines(uow, sorted(subjects_of(uow, case_id)))
        if line.state in notice_views.RECEIVABLE and line.to in SERVED and line.received_on is None
    ]
    newest = sorted(found, key=lambda line: line.created_at, reverse=True)
    return tuple(
        Choice(str(line.id), f"{line.label}, by {line.by}, {long_date(line.created_at)}")
        for line in sorted(newest, key=lambda line: not line.statutory)
    )


def _issues(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    rows = repository.get(uow, case_id).issues
    return tuple(Choice(row.code, issue(row.code).title) for row in rows)


def _instructions(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    codes = [row.code for row in repository.get(uow, case_id).issues]
    return tuple(Choice(str(each.number), f"{each.number}. {each.text}") for each in instructions_for(codes))


def _disputes(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    return tuple(
        Choice(each.ref, f"{each.ref}, declared {long_date(each.declared_on)}: {_schools(uow, each)}")
        for each in dispute_handlers.joinable(uow, case_id)
    )


def _counted(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    """The ballots whose results are awaited, the oldest first."""
    held = reversed(ballots_of(uow, case_id, BallotStage.CLOSED))
    return tuple(Choice(each.ref, f"{each.ref}, closed {long_date(each.closes_on)}") for each in held)


def _schools(uow: UnitOfWork, dispute: Dispute) -> str:
    return ", ".join(case.workplace.name for case in cases_in(uow, dispute.id))


def _officers(uow: UnitOfWork, _case_id: uuid.UUID) -> tuple[Choice, ...]:
    """Every active officer, of any area: whoever is chosen by hand may come from next door."""
    active = select(Officer).join(Officer.association).where(Officer.active).order_by(Association.name, Officer.name)
    return tuple(Choice(str(row.id), f"{row.name}, {row.association.name}") for row in uow.session.scalars(active))


def _proved(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    return tuple(_notice_in_words(notice) for notice in notice_handlers.proved(uow, case_id))


def _held(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    return tuple(_notice_in_words(notice) for notice in notice_handlers.held(uow, case_id))


def _left_out(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    """The employers of those entitled to vote that are given no notice of the ballot."""
    ballot = ballot_of(uow, case_id)
    found = service_handlers.unanswered(uow, ballot) if ballot is not None else ()
    return tuple(Choice(str(each.id), each.name) for each in found)


def _served_at(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Choice, ...]:
    address = service_handlers.served_at(uow, case_id)
    return (Choice(address, address),) if address else ()


def _notice_in_words(notice: Notice) -> Choice:
    # Recipients may be members: the kind, the way and the day say enough to tell notices apart.
    label = message_kind(notice.kind).label
    return Choice(str(notice.id), f"{label}, by {notice.medium}, {long_date(notice.created_at)}")


OFFERS: Mapping[str, Offer] = {
    "claim": _claims,
    "paid": _paid,
    "ballot": _counted,
    "dispute": _disputes,
    "officer": _officers,
    "assessed_by": _officers,
    "batch": _batches,
    "notice": _notices,
    "proved": _proved,
    "held": _held,
    "left_out": _left_out,
    "served_at": _served_at,
    "broken": _issues,
    "issues": _issues,
    "instructions": _instructions,
}
TO_CHOOSE: Choices = dict.fromkeys(OFFERS, ())
"""Which fields are answered by choosing, where the case that offers the answers is not known or does not matter."""
OFFERS_OF: Mapping[type[BaseModel], Mapping[str, Offer]] = {
    OneClaim: {"claim": _to_approve},
    PayeeConfirmed: {"claim": _to_confirm},
}
"""Where the facts of one act have fewer answers than others with the same field."""
