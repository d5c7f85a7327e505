"""Use cases of trade disputes: declaring one, and joining one that stands with the same employer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from ballots import offers, papers, repository
from ballots.joining import Joined, Joining, issues_before_joining
from casework import disputes, handlers, parties
from casework import repository as cases
from casework.cases import Case
from casework.disputes import Dispute, DisputeLeg
from casework.lifecycle import EventKind
from core import history
from core.errors import RuleViolation
from core.findings import Finding, stops
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message

VERSION_LENGTH = 12
"""Letters of a digest that tell one wording of a message from the next."""


def declare_dispute(uow: UnitOfWork, case_id: uuid.UUID, key: str | None = None) -> None:
    """
    Declare the trade dispute over the issues of the case, and of those in it already, and tell the employer.

    `RuleViolation` when a ballot stands over fewer matters. Where the register names another employer since,
    the case leaves the dispute that it is in, and one is declared with the employer of now.
    """
    case = cases.get(uow, case_id, for_update=True)
    disputes.hold_live(uow, case_id)
    matters = offers.require_matters(uow, case_id)
    handlers.record(uow, case_id, EventKind.DISPUTE_DECLARED, {"matters": matters}, key=key)
    if disputes.changed_hands(uow, case_id):
        disputes.leave(uow, case_id)
    dispute = disputes.declare(uow, case, matters)
    dispute.matters = matters
    _tell_employer(uow, case, dispute)


def join_dispute(uow: UnitOfWork, case_id: uuid.UUID, ref: str, key: str | None = None) -> None:
    """
    Hang a case on a dispute that stands with its employer, widen the matters by its issues, and tell the employer.

    `RuleViolation` with the findings when it cannot join, `NotFound` when there is no such dispute.
    """
    case = cases.get(uow, case_id, for_update=True)
    dispute = disputes.hold_by_ref(uow, ref)
    found = issues_of_joining(uow, case, dispute)
    if stops(found):
        raise RuleViolation("The case cannot join the dispute.", stops(found))
    own = sorted(row.code for row in case.issues)
    handlers.record(uow, case_id, EventKind.DISPUTE_JOINED, {"dispute": dispute.ref, "matters": own}, key=key)
    disputes.join(uow, case, dispute)
    _tell_employer(uow, case, dispute)


def issues_of_joining(uow: UnitOfWork, case: Case, dispute: Dispute) -> tuple[Finding, ...]:
    """What keeps a case from joining a dispute."""
    parts = disputes.parts_of(uow, case.id)
    live = next((part.leg.dispute.ref for part in parts if part.settled_on is None), None)
    left = next((part.settled_on for part in parts if part.leg.dispute_id == dispute.id), None)
    standing = repository.ballots_in(uow, dispute.id)
    there = (each for each in disputes.cases_in(uow, dispute.id) if each.workplace_id == case.workplace_id)
    joining = Joining(case.workplace.employer_id, frozenset(row.code for row in case.issues), live, left)
    joined = Joined(
        dispute.ref,
        frozenset(leg.employer_id for leg in dispute.legs),
        frozenset(dispute.matters),
        dispute.settled_on,
        standing[0].ref if standing else None,
        next((each.ref for each in there if each.id != case.id), None),
    )
    return issues_before_joining(joining, joined)


def joinable(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[Dispute]:
    """The disputes with a case's employer that it can join, the oldest first."""
    case = cases.get(uow, case_id)
    standing = (
        select(Dispute)
        .join(DisputeLeg, DisputeLeg.dispute_id == Dispute.id)
        .where(DisputeLeg.employer_id == case.workplace.employer_id, Dispute.settled_on.is_(None))
        .order_by(Dispute.declared_on, Dispute.ref)
    )
    return [each for each in uow.session.scalars(standing) if not stops(issues_of_joining(uow, case, each))]


def _tell_employer(uow: UnitOfWork, case: Case, dispute: Dispute) -> None:
    employer = case.workplace.employer
    to = parties.employer(employer)
    facts = {
        "employer_name": employer.name,
        "workplace_name": case.workplace.name,
        "matters": papers.matters_in_words(dispute.matters),
        "reference": dispute.ref,
    }
    message = Message("dispute_notified", facts)
    version = history.digest([case.ref, *dispute.matters])[:VERSION_LENGTH]
    for medium in (Medium.LETTER, Medium.MAIL):
        if to.can_receive(medium):
            outbox.enqueue(
                uow, message, to, medium=medium, subject_ref=f"dispute:{dispute.id}", content_version=version
            )
