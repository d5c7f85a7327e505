"""
Deadlines that a receipt had met and that nothing proves any more: they are open again, however the proof was lost.

Where no proof of a paper was ever withdrawn, one short query is all. Each may run twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import or_, select

from ballots import papers, repository
from ballots.models import ActionStage, Ballot
from casework.deadlines import DeadlineKind, meet, reopen
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import EvidenceClass, State
from notifications.models import Evidence, Notice

RESULT = "ballot_result_employer"
MET_BY_BALLOT = {
    "notice_of_ballot": DeadlineKind.BALLOT_NOTICE_RECEIVED,
    "sample_voting_paper": DeadlineKind.SAMPLE_PAPER_RECEIVED,
    RESULT: DeadlineKind.RESULT_TO_EMPLOYERS,
}
"""By kind of paper, the deadline that is met once every employer of a ballot is shown to have it."""
NOTIFIABLE = (ActionStage.AUTHORISED, ActionStage.NOTIFIED, ActionStage.BEGUN)


def received_by_all(uow: UnitOfWork, ballot: Ballot, kind: str) -> list[date]:
    """The day on which each employer of a ballot is shown to have a paper; none unless every one has."""
    subject = papers.ballot_ref(ballot.id)
    days = [
        repository.received_on(uow, repository.papers(uow, subject, kind, f"employer:{leg.employer_id}"))
        for leg in ballot.legs
    ]
    return [day for day in days if day is not None] if None not in days else []


def follow_ballot(uow: UnitOfWork, ballot: Ballot, kinds: Collection[str] = papers.BALLOT_PAPERS) -> None:
    """What follows for a ballot's deadlines from proofs that were withdrawn: open again, or met by a later proof."""
    for _, kind in sorted(_withdrawn(uow, [papers.ballot_ref(ballot.id)], kinds)):
        days, deadline = received_by_all(uow, ballot, kind), MET_BY_BALLOT[kind]
        for case in ballot.cases if kind == RESULT else repository.cases_under(uow, ballot):
            if days:
                meet(uow, case.id, deadline, max(days))
            else:
                due = _last_days(repository.papers(uow, papers.ballot_ref(ballot.id), kind))
                reopen(uow, case.id, deadline, due)


def follow_action(uow: UnitOfWork, case_id: uuid.UUID) -> frozenset[date]:
    """
    The same for the notices of a case's action; the days of those that nothing proves any more. Two actions have a
    deadline of one kind each, so that the receipt of one is no word about the other.
    """
    live = {papers.action_ref(each.id): each for each in repository.actions_of(uow, case_id, *NOTIFIABLE)}
    kind, deadline = "notice_of_action", DeadlineKind.ACTION_NOTICE_RECEIVED
    questioned = {subject for subject, _ in _withdrawn(uow, live, [kind])}
    if not questioned:
        return frozenset()
    served = {subject: repository.papers(uow, subject, kind) for subject in live}
    due = {subject: _last_days(notices) for subject, notices in served.items()}
    shown = {subject: repository.received_on(uow, notices) for subject, notices in served.items()}
    unproved = {subject for subject in questioned if shown[subject] is None}
    lacking = _joined(due[subject] for subject in unproved)
    for subject in sorted(unproved):
        others = _joined(due[each] for each in live if each not in unproved)
        reopen(uow, case_id, deadline, due[subject], but=others - lacking)
    for subject in sorted(questioned - unproved):
        received = shown[subject]
        assert received is not None
        others = _joined(due[each] for each in live if each != subject) - due[subject]
        meet(uow, case_id, deadline, received, but=others | lacking)
    return lacking


def _withdrawn(uow: UnitOfWork, subjects: Iterable[str], kinds: Collection[str]) -> set[tuple[str, str]]:
    """The subjects and kinds of papers of which some proof was ever withdrawn."""
    named = list(subjects)
    if not named:
        return set()
    proof = select(Evidence.id).where(
        Evidence.notice_id == Notice.id,
        Evidence.evidence_class != EvidenceClass.C,
        Evidence.revoked_at.is_not(None),
    )
    rows = (
        select(Notice.subject_ref, Notice.kind)
        .where(Notice.subject_ref.in_(named), Notice.kind.in_(kinds))
        .where(or_(Notice.state == State.REVOKED, proof.exists()))
        .distinct()
    )
    return set(uow.session.execute(rows).tuples())


def _last_days(notices: Sequence[Notice]) -> frozenset[date]:
    return frozenset(each.latest_receipt_on for each in notices if each.latest_receipt_on is not None)


def _joined(days: Iterable[frozenset[date]]) -> frozenset[date]:
    return frozenset().union(*days)
