"""Use cases of ballots: approving and receiving their papers, cancelling them, and recording what happens to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from ballots import approving, barrister, offers, papers, repository, scrutineers
from ballots.deadlines import OF_THE_VOTING
from ballots.lifecycle import BallotStage, moved
from ballots.models import Action, Ballot, BallotCase
from casework import handlers
from casework import repository as cases
from casework.agreements.models import Agreement
from casework.deadlines import Deadline, cancel
from casework.disputes import DisputeCase, DisputeLeg
from casework.lifecycle import HEARS_OF_AN_EARLIER_BALLOT, EventKind, allowed_kinds
from casework.pay.models import Claim
from core.errors import Conflict, NotFound, RuleViolation
from core.findings import Finding, Severity
from core.people import two_people
from core.unit_of_work import UnitOfWork, asked_once
from notifications import evidence_files, listing, outbox, proof
from notifications.models import Notice
from notifications.receivable import NotSent, never_sent


def approve_ballot_notices(uow: UnitOfWork, case_id: uuid.UUID, digest: str | None = None) -> None:
    """
    A second person approves the bytes of a ballot's papers, as they stand.

    `RuleViolation` when these are no longer the papers of the digest, and when the other side's barrister has a stop
    against them as they would be served today.
    """
    ballot = offers.current_ballot(uow, case_id, "Approving the papers", *offers.NOT_SERVED)
    require_second_person(uow.actor, ballot.authorised_by, "the ballot")
    waiting = offers.ballot_papers(uow, ballot)
    if not waiting:
        raise Conflict(f"The papers of the ballot {ballot.ref} are not prepared yet; that happens at the next sweep.")
    unread = approving.unread(waiting)
    if not unread:
        raise Conflict(f"The papers of the ballot {ballot.ref} are approved already. Next their receipt is recorded.")
    approving.require_as_read(unread, digest)
    subject = papers.ballot_ref(ballot.id)
    barrister.go_ahead(
        uow, subject, barrister.against_ballot(uow, ballot), "Received today, the papers would not be lawful."
    )
    papers.approve_all(uow, unread, uow.actor)
    look_at_all(uow, case_id, subject)


def look_at_all(uow: UnitOfWork, case_id: uuid.UUID, subject_ref: str) -> None:
    """Ask the worker to advance a case, and every other case of the ballot that a notice is about."""
    kind, _, key = subject_ref.partition(":")
    covered = select(BallotCase.case_id).where(BallotCase.ballot_id == uuid.UUID(key)) if kind == "ballot" else None
    others = uow.session.scalars(covered) if covered is not None else ()
    for each in sorted({case_id, *others}):
        handlers.look_at(uow, each)


def require_second_person(actor: str, first: str, what: str) -> None:
    """`RuleViolation` when the approver is the person who authorised."""
    if two_people(actor, first):
        return
    finding = Finding(
        "second_person_wanted",
        Severity.STOP,
        f"Whoever authorised {what} cannot also approve its papers.",
        "Have another officer read and approve them.",
    )
    raise RuleViolation("The papers cannot be approved.", (finding,))


def receive_notice(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    *,
    notice_id: uuid.UUID,
    received_on: date,
    how: proof.ReceiptKind,
    document: str | None = None,
) -> None:
    """
    Record proof that a paper about this case reached its recipient; the flow then draws what follows.

    `document` is the digest of the slip or photograph that shows it. Raises `NotFound` for a file that nobody kept,
    `NotSent` for a paper that never went out.
    """
    notice = outbox.get(uow, notice_id)
    if document is not None:
        evidence_files.find(uow, document)
    if notice.subject_ref not in subjects_of(uow, case_id):
        raise NotFound("notice of this case with the id", notice_id)
    if never_sent(notice):
        raise NotSent(notice, _approving(uow, case_id, notice))
    proof.record_receipt(
        uow,
        notice_id,
        evidence_class=proof.WORTH[how],
        kind=how,
        received_on=received_on,
        recorded_by=uow.actor,
        sha256=document,
    )
    look_at_all(uow, case_id, notice.subject_ref)


def _approving(uow: UnitOfWork, case_id: uuid.UUID, notice: Notice) -> str | None:
    """The command by which a second person approves a paper, where one does."""
    act = approving.APPROVED_BY.get(notice.kind)
    return approving.command(act, cases.get(uow, case_id).ref) if act else None


@asked_once
def subjects_of(uow: UnitOfWork, case_id: uuid.UUID) -> frozenset[str]:
    """What is filed that is served for a case: under the case, its dispute, ballots, action and agreements."""
    part = select(literal("dispute"), DisputeLeg.dispute_id).join(DisputeCase, DisputeCase.leg_id == DisputeLeg.id)
    return _subjects(
        uow,
        part.where(DisputeCase.case_id == case_id),
        select(literal("ballot"), BallotCase.ballot_id).where(BallotCase.case_id == case_id),
        *(_of_case(kind, table, case_id) for kind, table in (("action", Action), ("agreement", Agreement))),
    ) | {f"case:{case_id}"}


def _of_case(
    kind: str, table: type[Action | Agreement | Claim | Deadline], case_id: uuid.UUID
) -> Select[tuple[str, uuid.UUID]]:
    return select(literal(kind), table.id).where(table.case_id == case_id)


def _subjects(uow: UnitOfWork, *kinds: Select[tuple[str, uuid.UUID]]) -> frozenset[str]:
    return frozenset(f"{kind}:{each}" for kind, each in uow.session.execute(union_all(*kinds)).tuples())


def filed_under(uow: UnitOfWork, case_id: uuid.UUID) -> frozenset[str]:
    """What every notice of a case is filed under, its deadlines' reminders and its claims' letters among them."""
    more = (_of_case(kind, table, case_id) for kind, table in (("deadline", Deadline), ("claim", Claim)))
    return subjects_of(uow, case_id) | _subjects(uow, *more)


def cancel_ballot(uow: UnitOfWork, case_id: uuid.UUID, reason: str, key: str | None = None) -> None:
    """Cancel a ballot that is not over: papers still here are taken back, an instructed scrutineer is stood down."""
    ballot = offers.current_ballot(uow, case_id, "Cancelling the ballot", *offers.NOT_OVER)
    call_off(uow, ballot, reason, key)


def call_off(uow: UnitOfWork, ballot: Ballot, reason: str, key: str | None = None) -> None:
    """Cancel a ballot for every case that is still under it."""
    ballot.stage = moved(ballot.stage, BallotStage.CANCELLED)
    ballot.cancelled_reason = reason
    papers.take_back(uow, listing.about(uow, papers.ballot_ref(ballot.id)), "the ballot was cancelled")
    scrutineers.stand_down(uow, ballot)
    facts = {"ballot_id": str(ballot.id), "reason": reason}
    record_for_all(uow, ballot, EventKind.BALLOT_CANCELLED, facts, key=key)
    for case in repository.cases_under(uow, ballot):
        cancel(uow, case.id, *OF_THE_VOTING)


def record_for_all(
    uow: UnitOfWork,
    ballot: Ballot,
    kind: EventKind,
    facts: Mapping[str, Any],
    *,
    happened_on: date | None = None,
    key: str | None = None,
) -> None:
    """
    Record an event of a ballot on every case it covers.

    A case that left the dispute hears only what is told after the voting, and a result gives it no mandate. One of
    several that stands where the event means nothing (its members vote again) is passed over.
    """
    for part in repository.parts_in_ballot(uow, ballot):
        if _hears(part, kind, alone=len(ballot.cases) == 1):
            given = facts if part.settled_on is None or "mandates" not in facts else {**facts, "mandates": []}
            own = f"{key}:{part.case_id}" if key and len(ballot.cases) > 1 else key
            handlers.record(uow, part.case_id, kind, given, happened_on=happened_on, key=own)


def _hears(part: DisputeCase, kind: EventKind, *, alone: bool) -> bool:
    stage = part.case.stage
    if part.settled_on is None:
        return alone or kind in allowed_kinds(stage)
    if kind is EventKind.RESULT_DECLARED:
        return stage in HEARS_OF_AN_EARLIER_BALLOT
    return kind is EventKind.SCRUTINEER_REPORTED and kind in allowed_kinds(stage)
