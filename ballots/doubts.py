"""
Service of a case's papers: which cases a notice concerns, and what follows where nothing proves receipt any more.

A proof that was withdrawn after the last day of receipt cannot be made good by sending again: the next stage stays shut
for that employer, and new days are proposed, the earliest that the law allows from today.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import Select, select

from ballots import papers, repository
from ballots.action_notice import earliest_action
from ballots.models import Action, ActionStage, Ballot, BallotCase
from ballots.plan_days import BALLOT_NOTICE_DAYS, Reckoning
from ballots.plan_facts import Wish
from casework import handlers
from casework.agreements.models import Agreement
from casework.deadlines import Deadline
from casework.disputes import DisputeCase, DisputeLeg
from casework.pay.models import Claim
from core.calendar import in_words, shift
from core.findings import Citation, Finding, Severity
from core.law import Consultation
from core.nations import Nation
from core.tulrca import EMPLOYERS_TOLD, NOTICE_OF_ACTION, NOTICE_OF_BALLOT, SAMPLE_PAPER
from core.unit_of_work import UnitOfWork, asked_once
from notifications import listing, proof
from notifications.lifecycle import EvidenceClass, State
from notifications.messages import message_kind
from notifications.models import Evidence, Notice

CITED: dict[str, Citation] = {
    "notice_of_ballot": NOTICE_OF_BALLOT,
    "sample_voting_paper": SAMPLE_PAPER,
    "ballot_result_employer": EMPLOYERS_TOLD,
    "notice_of_action": NOTICE_OF_ACTION,
}
"""The papers whose receipt by an employer a later stage stands on, and where the duty stands."""


def look_at_cases_of(uow: UnitOfWork, notice: Notice) -> None:
    """Ask the worker to advance every case that a notice is about: what is proved of it has changed."""
    handlers.look_at_each(uow, cases_of(uow, notice.subject_ref))


def cases_of(uow: UnitOfWork, subject_ref: str) -> list[uuid.UUID]:
    """The cases that a notice's subject belongs to, by their ids; none for a subject of no case."""
    kind, _, key = subject_ref.partition(":")
    try:
        row_id = uuid.UUID(key)
    except ValueError:
        return []
    if kind == "case":
        return [row_id]
    found = _cases(kind, row_id)
    return [] if found is None else sorted(uow.session.scalars(found))


def _cases(kind: str, row_id: uuid.UUID) -> Select[tuple[uuid.UUID]] | None:
    by_kind = {
        "ballot": select(BallotCase.case_id).where(BallotCase.ballot_id == row_id),
        "action": select(Action.case_id).where(Action.id == row_id),
        "agreement": select(Agreement.case_id).where(Agreement.id == row_id),
        "deadline": select(Deadline.case_id).where(Deadline.id == row_id),
        "claim": select(Claim.case_id).where(Claim.id == row_id),
        "dispute": (
            select(DisputeCase.case_id)
            .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
            .where(DisputeLeg.dispute_id == row_id)
        ),
    }
    return by_kind.get(kind)


@asked_once
def in_question(uow: UnitOfWork) -> frozenset[uuid.UUID]:
    """The cases of which some paper's proof was ever withdrawn: only these can have one in doubt."""
    withdrawn = (
        select(Notice.subject_ref)
        .join(Evidence, Evidence.notice_id == Notice.id)
        .where(Notice.kind.in_(CITED), Evidence.revoked_at.is_not(None), Evidence.evidence_class != EvidenceClass.C)
    )
    revoked = select(Notice.subject_ref).where(Notice.kind.in_(CITED), Notice.state == State.REVOKED)
    return frozenset(
        case for subject in uow.session.scalars(withdrawn.union(revoked)) for case in cases_of(uow, subject)
    )


def in_doubt(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Finding, ...]:
    """A stop for each paper of a case's ballot and action that was shown to be received, and is not any more."""
    if case_id not in in_question(uow):
        return ()
    found: list[Finding] = []
    ballot = repository.ballot_of(uow, case_id)
    if ballot is not None:
        subject = papers.ballot_ref(ballot.id)
        found += [_of_ballot(uow, ballot, notice) for notice in _doubtful(uow, listing.to_others(uow, subject))]
    for action in repository.actions_of(uow, case_id):
        if action.stage is not ActionStage.ENDED:
            subject = papers.action_ref(action.id)
            found += [_of_action(uow, action, notice) for notice in _doubtful(uow, listing.to_others(uow, subject))]
    return tuple(found)


def _doubtful(uow: UnitOfWork, notices: Sequence[Notice]) -> Iterator[Notice]:
    """One copy of each paper whose proof was withdrawn and of which no copy is shown to be received."""
    statuses = proof.receipt_status(uow, [each.id for each in notices])
    copies: dict[tuple[str, str, str], list[Notice]] = {}
    for notice in notices:
        if notice.kind in CITED:
            copies.setdefault((notice.kind, notice.recipient_key, notice.content_version), []).append(notice)
    for same in copies.values():
        standing = [statuses[each.id] for each in same]
        if any(each.in_doubt for each in standing) and all(each.received_on is None for each in standing):
            yield next(each for each in same if statuses[each.id].in_doubt)


def _of_ballot(uow: UnitOfWork, ballot: Ballot, notice: Notice) -> Finding:
    if notice.kind == "ballot_result_employer" or _may_be_in_time(uow, notice):
        return _finding(notice, "Serve it again and record its receipt.")
    reckoning = _reckoning(uow, Nation(ballot.nation))
    opens_on = _earliest_opening(reckoning, uow.today)
    return _finding(
        notice,
        "Record its receipt if the employer acknowledges it; otherwise cancel this ballot and authorise it again. "
        f"Received today, new papers allow an opening on {in_words(opens_on)} and action from "
        f"{in_words(reckoning.earliest_lawful(uow.today))}, at the earliest.",
    )


def _of_action(uow: UnitOfWork, action: Action, notice: Notice) -> Finding:
    if _may_be_in_time(uow, notice):
        return _finding(notice, "Serve it again and record its receipt.")
    law = Consultation(uow.law, Nation(action.case.workplace.nation))
    first = earliest_action(uow.today, papers.notice_terms(uow, action.mandate), law)
    return _finding(
        notice,
        "Call nobody to this action. Record its receipt if the employer acknowledges it; otherwise name later days and "
        f"give a new notice: received today, it allows action from {in_words(first)}, at the earliest.",
    )


def _may_be_in_time(uow: UnitOfWork, notice: Notice) -> bool:
    return notice.latest_receipt_on is None or uow.today <= notice.latest_receipt_on


def _finding(notice: Notice, cure: str) -> Finding:
    label = message_kind(notice.kind).label
    return Finding(
        "service_in_doubt",
        Severity.STOP,
        f"{label} to {notice.recipient_name}: service is in doubt. What showed that it was received was withdrawn.",
        cure,
        CITED[notice.kind],
        where=notice.ref,
    )


def _reckoning(uow: UnitOfWork, nation: Nation) -> Reckoning:
    wish = Wish(today=uow.today, nation=nation, added_holidays=uow.holidays_in(nation))
    return Reckoning(wish, Consultation(uow.law, nation))


def _earliest_opening(reckoning: Reckoning, received_on: date) -> date:
    opens_on = received_on
    while reckoning.paper_received_by(opens_on, BALLOT_NOTICE_DAYS) < received_on:
        opens_on = shift(opens_on, 1)
    return opens_on
