"""Queries over ballots, mandates and action."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Select, and_, func, select

from ballots.constituency import Voter, entitled_to_vote
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.models import Action, ActionStage, Ballot, BallotCase, EntitledToVote, MandateRow
from casework.cases import Case, CaseEvent
from casework.disputes import DisputeCase, DisputeLeg, cases_in, foresee_parts, parts_in
from casework.lifecycle import HEARS_OF_AN_EARLIER_BALLOT, EventKind
from casework.register.models import Member, Workplace
from core.unit_of_work import UnitOfWork, asked_once, foresee
from notifications import listing, proof
from notifications.messages import MEMBER, message_kind
from notifications.models import Notice

OVER = (BallotStage.CANCELLED, BallotStage.DECLARED)
"""Where nobody votes any more and no result is awaited."""


@asked_once
def _with_parts(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[tuple[Ballot, date | None]]:
    """Every ballot of a case, the latest first, each with the day the case left its dispute."""
    rows = uow.session.execute(_ballots([case_id])).tuples()
    return [(ballot, settled_on) for _, ballot, settled_on in rows]


def _ballots(case_ids: Collection[uuid.UUID]) -> Select[tuple[uuid.UUID, Ballot, date | None]]:
    return (
        select(BallotCase.case_id, Ballot, DisputeCase.settled_on)
        .join(BallotCase, BallotCase.ballot_id == Ballot.id)
        .join(DisputeLeg, DisputeLeg.dispute_id == Ballot.dispute_id)
        .join(DisputeCase, and_(DisputeCase.leg_id == DisputeLeg.id, DisputeCase.case_id == BallotCase.case_id))
        .where(BallotCase.case_id.in_(case_ids))
        .order_by(Ballot.authorised_on.desc(), Ballot.ref.desc())
    )


def foresee_cases(uow: UnitOfWork, case_ids: Collection[uuid.UUID]) -> None:
    """Find the disputes, ballots and action of many cases by a statement each, for whoever asks for those of each."""
    foresee_parts(uow, case_ids)
    ballots: dict[uuid.UUID, list[tuple[Ballot, date | None]]] = {each: [] for each in case_ids}
    for case_id, ballot, settled_on in uow.session.execute(_ballots(case_ids)).tuples():
        ballots[case_id].append((ballot, settled_on))
    actions: dict[uuid.UUID, list[Action]] = {each: [] for each in case_ids}
    for action in uow.session.scalars(_actions(case_ids)):
        actions[action.case_id].append(action)
    foresee(uow, _with_parts, ballots)
    foresee(uow, _all_actions_of, actions)


def ballot_of(uow: UnitOfWork, case_id: uuid.UUID) -> Ballot | None:
    """The latest ballot of a case that was neither cancelled nor overtaken by the case's leaving the dispute."""
    return next((each for each, settled_on in _with_parts(uow, case_id) if _counts(each, settled_on)), None)


def _counts(ballot: Ballot, settled_on: date | None) -> bool:
    return ballot.stage is BallotStage.DECLARED or (ballot.stage is not BallotStage.CANCELLED and settled_on is None)


def is_under_ballot(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether a ballot over the live dispute of a case is authorised and not over."""
    return any(each.stage not in OVER and settled_on is None for each, settled_on in _with_parts(uow, case_id))


@asked_once
def ballots_in(uow: UnitOfWork, dispute_id: uuid.UUID) -> Sequence[Ballot]:
    """The ballots of a dispute that were not cancelled, the latest first."""
    statement = (
        select(Ballot)
        .where(Ballot.dispute_id == dispute_id, Ballot.stage != BallotStage.CANCELLED)
        .order_by(Ballot.authorised_on.desc(), Ballot.ref.desc())
    )
    return uow.session.scalars(statement).all()


def parts_in_ballot(uow: UnitOfWork, ballot: Ballot) -> Sequence[DisputeCase]:
    """The part that each case of a ballot has in the ballot's dispute, over or not, by the cases' references."""
    covered = {case.id for case in ballot.cases}
    return [part for part in parts_in(uow, ballot.dispute_id) if part.case_id in covered]


def ballot_that_stands(uow: UnitOfWork, dispute_id: uuid.UUID) -> Ballot | None:
    """The latest ballot of a dispute that is not over, or that gave a mandate."""
    found = ballots_in(uow, dispute_id)
    return next((each for each in found if each.stage not in OVER or mandates_of(uow, each.id)), None)


def employers_in(uow: UnitOfWork, dispute_id: uuid.UUID) -> dict[uuid.UUID, uuid.UUID]:
    """By case, the employer that each case of a dispute is in it with, whomever the register names now."""
    return {part.case_id: part.leg.employer_id for part in parts_in(uow, dispute_id)}


def cases_under(uow: UnitOfWork, ballot: Ballot) -> list[Case]:
    """The cases of a ballot that have not left its dispute, by their references."""
    return [part.case for part in parts_in_ballot(uow, ballot) if part.settled_on is None]


def ballots_of(uow: UnitOfWork, case_id: uuid.UUID, *stages: BallotStage) -> Sequence[Ballot]:
    """The ballots of a case at the stages named, the latest first."""
    return [each for each, _ in _with_parts(uow, case_id) if each.stage in stages]


def cases_told(uow: UnitOfWork, ballot: Ballot) -> list[Case]:
    """The cases that hear the result of a ballot: those under it, and those that left the dispute since."""
    parts = parts_in_ballot(uow, ballot)
    return [part.case for part in parts if part.settled_on is None or part.case.stage in HEARS_OF_AN_EARLIER_BALLOT]


def entitled_beside(uow: UnitOfWork, dispute_id: uuid.UUID, covered: Sequence[Case], *, planned: bool = False) -> int:
    """
    How many are entitled to vote in the other ballots of a dispute (s. 226C counts them together).

    The frozen list of each ballot that is not over counts whole, whichever of its schools settled since: their members
    go on voting. With `planned`, so does every other school of the dispute, as the register has it today.
    """
    inside = {case.id for case in covered}
    others = [each for each in ballots_in(uow, dispute_id) if each.stage not in OVER]
    going_on = [each for each in others if inside.isdisjoint(case.id for case in each.cases)]
    voting = sum(entitled_count(uow, each.id) for each in going_on)
    if not planned:
        return voting
    counted = inside.union(case.id for each in going_on for case in each.cases)
    return voting + sum(_members_at(uow, case) for case in cases_in(uow, dispute_id) if case.id not in counted)


def _members_at(uow: UnitOfWork, case: Case) -> int:
    return len(entitled_to_vote(voters_at(uow, [case.workplace]), frozenset({case.workplace_id}), uow.today))


def voters_at(uow: UnitOfWork, workplaces: Sequence[Workplace]) -> list[Voter]:
    """Every member recorded at the workplaces, as the constituency's rule sees them."""
    employer_of = {workplace.id: workplace.employer_id for workplace in workplaces}
    rows = uow.session.scalars(select(Member).where(Member.workplace_id.in_(employer_of)))
    return [
        Voter(row.id, employer_of[row.workplace_id], row.workplace_id, row.category, row.joined_on, row.left_on)
        for row in rows
    ]


def entitled(uow: UnitOfWork, ballot_id: uuid.UUID) -> Sequence[EntitledToVote]:
    """The frozen list of those entitled to vote."""
    return uow.session.scalars(select(EntitledToVote).where(EntitledToVote.ballot_id == ballot_id)).all()


def entitled_count(uow: UnitOfWork, ballot_id: uuid.UUID) -> int:
    """How many the frozen list holds."""
    statement = select(func.count()).select_from(EntitledToVote).where(EntitledToVote.ballot_id == ballot_id)
    return uow.session.scalar(statement) or 0


def report_on(uow: UnitOfWork, ballot: Ballot) -> CaseEvent | None:
    """That the scrutineer's report on a ballot was recorded, as the events of its cases have it; None until it was."""
    events = select(CaseEvent).where(
        CaseEvent.case_id.in_([case.id for case in ballot.cases]), CaseEvent.kind == EventKind.SCRUTINEER_REPORTED
    )
    ordered = uow.session.scalars(events.order_by(CaseEvent.case_id, CaseEvent.seq))
    return next((event for event in ordered if event.facts["ballot_id"] == str(ballot.id)), None)


def mandates_of(uow: UnitOfWork, ballot_id: uuid.UUID) -> Sequence[MandateRow]:
    """The mandates a ballot gave."""
    return uow.session.scalars(select(MandateRow).where(MandateRow.ballot_id == ballot_id)).all()


def mandate_for(uow: UnitOfWork, dispute_id: uuid.UUID, case_id: uuid.UUID, kind: ActionKind) -> MandateRow | None:
    """
    The mandate for a kind of action that the ballots of a dispute gave a case's workplace, the one that lasts longest.

    A mandate from a dispute that is over does not count for the next one, however long it would have lasted.
    """
    statement = (
        select(MandateRow)
        .join(Ballot, Ballot.id == MandateRow.ballot_id)
        .join(BallotCase, BallotCase.ballot_id == Ballot.id)
        .where(BallotCase.case_id == case_id, Ballot.dispute_id == dispute_id, MandateRow.kind == kind)
        .order_by(MandateRow.last_day.desc())
        .limit(1)
    )
    return uow.session.scalars(statement).first()


def latest_mandate(uow: UnitOfWork, case_id: uuid.UUID) -> MandateRow | None:
    """The mandate of a case that lasts longest, from a dispute that the case has not left."""
    statement = (
        select(MandateRow)
        .join(Ballot, Ballot.id == MandateRow.ballot_id)
        .join(BallotCase, BallotCase.ballot_id == Ballot.id)
        .join(DisputeLeg, DisputeLeg.dispute_id == Ballot.dispute_id)
        .join(DisputeCase, DisputeCase.leg_id == DisputeLeg.id)
        .where(BallotCase.case_id == case_id, DisputeCase.case_id == case_id, DisputeCase.settled_on.is_(None))
        .order_by(MandateRow.last_day.desc(), MandateRow.kind)
        .limit(1)
    )
    return uow.session.scalars(statement).first()


def actions_of(uow: UnitOfWork, case_id: uuid.UUID, *stages: ActionStage) -> Sequence[Action]:
    """The action of a case, oldest first; only that in the stages named, when any is."""
    return [each for each in _all_actions_of(uow, case_id) if not stages or each.stage in stages]


@asked_once
def _all_actions_of(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[Action]:
    return uow.session.scalars(_actions([case_id])).all()


def _actions(case_ids: Collection[uuid.UUID]) -> Select[tuple[Action]]:
    return select(Action).where(Action.case_id.in_(case_ids)).order_by(Action.authorised_on, Action.starts_on)


def actions_under(uow: UnitOfWork, ballot_id: uuid.UUID, employer_id: uuid.UUID) -> Sequence[Action]:
    """All action that was authorised under a ballot's mandates with one employer."""
    statement = (
        select(Action)
        .join(MandateRow, MandateRow.id == Action.mandate_id)
        .where(MandateRow.ballot_id == ballot_id, MandateRow.employer_id == employer_id)
    )
    return uow.session.scalars(statement).all()


def papers(uow: UnitOfWork, subject_ref: str, kind: str, recipient_key: str | None = None) -> list[Notice]:
    """The notices of one kind about a ballot or an action, by every medium."""
    if message_kind(kind).audience == MEMBER:
        found = listing.about(uow, subject_ref, kinds=(kind,))
    else:
        found = [notice for notice in listing.to_others(uow, subject_ref) if notice.kind == kind]
    return [notice for notice in found if recipient_key in (None, notice.recipient_key)]


def received_on(uow: UnitOfWork, notices: Sequence[Notice]) -> date | None:
    """The earliest day for which receipt of any of the copies is proved, or None."""
    days = [status.received_on for status in proof.receipt_status(uow, [each.id for each in notices]).values()]
    return min((day for day in days if day is not None), default=None)
