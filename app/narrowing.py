"""
What a role reaches, asked of the database together with the rows themselves: nothing is loaded first and hidden after.

A transaction of somebody whose roles reach the whole union is left alone. For anybody else every SELECT of a mapped
class is narrowed to the cases reached and to what hangs on them; a class that is not named here is the same for all.
Mails that fit no notice are for those who see every case: whose they are is not known.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, event, false, func, literal, or_, select, type_coerce
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from ballots.models import Action, Ballot, BallotCase, BallotLeg, EntitledToVote, MandateRow
from casework.agreements.models import Agreement, MonitoringCheck
from casework.cases import Case, CaseEvent, CaseIssue
from casework.deadlines import Deadline
from casework.disputes import Dispute, DisputeCase, DisputeLeg
from casework.pay.models import Claim, ClaimWindow, PaymentBatch, PaymentLine
from casework.people.roles import Grant, Reach
from casework.register.models import Member, Workplace
from casework.stand_downs import StandDown, StandDownRecipient
from core.requests import FlowRequest, RequestSubject
from core.unit_of_work import ask_anew
from notifications.models import Attempt, Evidence, EvidenceFile, InboxItem, Notice, ServiceTask

OF_A_CASE = (
    CaseEvent,
    CaseIssue,
    Deadline,
    Agreement,
    MonitoringCheck,
    Claim,
    ClaimWindow,
    DisputeCase,
    StandDownRecipient,
    BallotCase,
    Action,
)
"""Tables whose rows name their case."""

OF_A_BALLOT = (BallotLeg, MandateRow)
OF_A_NOTICE = (Attempt, Evidence, ServiceTask)
CRITERIA = "narrowed to"
TO_A_MEMBER = "member:"
PARTS_OF_AN_ID = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
"""Where each part of an id begins among its 32 digits, and how long it is."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What somebody reaches, by id; `refs` are the subjects of notices, but for those that a case may have many of."""

    cases: frozenset[uuid.UUID]
    ballots: frozenset[uuid.UUID]
    disputes: frozenset[uuid.UUID]
    batches: frozenset[uuid.UUID]
    refs: frozenset[str]


def narrow(session: Session, grants: Sequence[Grant], officer_id: uuid.UUID | None) -> None:
    """Let this session find what the grants reach, and nothing else."""
    if any(each.reach is Reach.UNION for each in grants):
        return
    place = _place(grants, officer_id)
    session.info[CRITERIA] = _criteria(session, _reached(session, place), grants)


@contextmanager
def wide(session: Session) -> Iterator[None]:
    """
    Let a session that only looks find everything meanwhile: for what the law says of a case, which is the same whoever
    asks. Nothing that was loaded before is taken for the whole, nor afterwards for what is reached.
    """
    criteria = session.info.pop(CRITERIA, None)
    if criteria is None:
        yield
        return
    _forget(session)
    try:
        yield
    finally:
        _forget(session)
        session.info[CRITERIA] = criteria


def _forget(session: Session) -> None:
    session.expire_all()
    ask_anew(session)


def is_narrowed(session: Session) -> bool:
    """Whether this session finds less than everything."""
    return CRITERIA in session.info


def widen(session: Session) -> None:
    """Let this session find everything."""
    session.info.pop(CRITERIA, None)


@event.listens_for(Session, "do_orm_execute")
def _narrowed(state: ORMExecuteState) -> None:
    criteria = state.session.info.get(CRITERIA)
    if criteria is not None and state.is_select and not state.is_column_load:
        state.statement = state.statement.options(*criteria)


def _place(grants: Iterable[Grant], officer_id: uuid.UUID | None) -> ColumnElement[bool]:
    """Which cases the grants reach: the same as `casework.people.roles.covers`, as the database is asked."""
    reached: list[ColumnElement[bool]] = []
    for each in grants:
        at = Workplace.__table__.c.association_id == each.association_id
        match each.reach:
            case Reach.ASSOCIATION:
                reached.append(at)
            case Reach.OWN_CASES:
                own = Case.__table__.c.officer_id
                free = own.is_(None) if officer_id is None else or_(own.is_(None), own == officer_id)
                reached.append(and_(at, free))
            case Reach.WORKPLACE:
                reached.append(Workplace.__table__.c.id == each.workplace_id)
            case _:
                continue
    return or_(false(), *reached)


def _reached(session: Session, place: ColumnElement[bool]) -> Reached:
    cases, workplaces = Case.__table__, Workplace.__table__
    ids = _ids(session, select(cases.c.id).join(workplaces, cases.c.workplace_id == workplaces.c.id).where(place))
    in_ballot, action = BallotCase.__table__.c, Action.__table__.c
    in_dispute, leg = DisputeCase.__table__.c, DisputeLeg.__table__.c
    ballots = _ids(session, select(in_ballot.ballot_id).where(in_ballot.case_id.in_(ids)))
    actions = _ids(session, select(action.id).where(action.case_id.in_(ids)))
    legs = select(in_dispute.leg_id).where(in_dispute.case_id.in_(ids))
    disputes = _ids(session, select(leg.dispute_id).where(leg.id.in_(legs)))
    claim, line = Claim.__table__.c, PaymentLine.__table__.c
    paid = select(claim.id).where(claim.case_id.in_(ids))
    batches = _ids(session, select(line.batch_id).where(line.claim_id.in_(paid)))
    refs = {
        f"{kind}:{each}"
        for kind, found in (("case", ids), ("ballot", ballots), ("action", actions), ("dispute", disputes))
        for each in found
    }
    return Reached(ids, ballots, disputes, batches, frozenset(refs))


def _ids(session: Session, statement: Any) -> frozenset[uuid.UUID]:
    return frozenset(session.execute(statement).scalars())


def _criteria(session: Session, reached: Reached, grants: Sequence[Grant]) -> tuple[Any, ...]:
    cases, ballots = sorted(reached.cases, key=str), sorted(reached.ballots, key=str)
    disputes, members_at = sorted(reached.disputes, key=str), _workplaces(grants)
    notices, dialect = Notice.__table__.c, session.get_bind().dialect.name
    seen_notices = select(notices.id).where(_notices(notices, reached, members_at, dialect)).correlate(None)
    shown, subjects = Evidence.__table__.c, RequestSubject.__table__.c
    seen_requests = select(subjects.request_id).where(subjects.subject_id.in_(cases))
    wanted: list[tuple[type[Any], ColumnElement[bool]]] = [
        (Case, Case.id.in_(cases)),
        *((kind, kind.case_id.in_(cases)) for kind in OF_A_CASE),
        (Ballot, Ballot.id.in_(ballots)),
        *((kind, kind.ballot_id.in_(ballots)) for kind in OF_A_BALLOT),
        (EntitledToVote, and_(EntitledToVote.ballot_id.in_(ballots), EntitledToVote.workplace_id.in_(members_at))),
        (Dispute, Dispute.id.in_(disputes)),
        (DisputeLeg, DisputeLeg.dispute_id.in_(disputes)),
        (StandDown, StandDown.dispute_id.in_(disputes)),
        (Notice, _notices(Notice, reached, members_at, dialect)),
        *((kind, kind.notice_id.in_(seen_notices)) for kind in OF_A_NOTICE),
        (EvidenceFile, EvidenceFile.sha256.in_(select(shown.sha256).where(shown.notice_id.in_(seen_notices)))),
        (InboxItem, false()),
        (PaymentBatch, PaymentBatch.id.in_(sorted(reached.batches, key=str))),
        (Member, Member.workplace_id.in_(members_at)),
    ]
    if not any(each.reach is Reach.NO_CASE for each in grants):  # a run is ids and counts, which an operator may see
        wanted.append((FlowRequest, FlowRequest.id.in_(seen_requests)))
    return tuple(with_loader_criteria(kind, where, include_aliases=True) for kind, where in wanted)


def _notices(of: Any, reached: Reached, members_at: Any, dialect: str) -> ColumnElement[bool]:
    """
    The notices about what is reached; of those to a member, whose ballot may be several schools' together, the ones to
    members who are reached themselves.
    """
    member, known = Member.__table__.c, of.recipient_key
    reached_members = select(_named(TO_A_MEMBER, member.id, dialect)).where(member.workplace_id.in_(members_at))
    about = [of.subject_ref.in_(sorted(reached.refs)), *(of.subject_ref.in_(each) for each in _many(reached, dialect))]
    return and_(or_(*about), or_(known.not_like(f"{TO_A_MEMBER}%"), known.in_(reached_members.correlate(None))))


def _many(reached: Reached, dialect: str) -> Iterable[Any]:
    """The subjects of which a case or a dispute may have many."""
    cases, ordered = sorted(reached.cases, key=str), StandDown.__table__.c
    for kind, table in (("deadline", Deadline), ("claim", Claim), ("agreement", Agreement)):
        of = table.__table__.c
        yield select(_named(f"{kind}:", of.id, dialect)).where(of.case_id.in_(cases)).correlate(None)
    there = ordered.dispute_id.in_(sorted(reached.disputes, key=str))
    yield select(_named("stand_down:", ordered.id, dialect)).where(there).correlate(None)


def _named(before: str, key: ColumnElement[Any], dialect: str) -> ColumnElement[str]:
    """An id as it stands in a reference: SQLite keeps 32 digits, PostgreSQL writes the dashes itself."""
    if dialect == "postgresql":
        return literal(before) + cast(key, String)
    digits = type_coerce(key, String)
    first, *others = (func.substr(digits, begins, length, type_=String) for begins, length in PARTS_OF_AN_ID)
    named = literal(before) + first
    for part in others:
        named = named + "-" + part
    return named


def _workplaces(grants: Sequence[Grant]) -> Any:
    table = Workplace.__table__.c
    at = [each.association_id for each in grants if each.association_id is not None]
    return select(table.id).where(table.association_id.in_(at)).correlate(None)
