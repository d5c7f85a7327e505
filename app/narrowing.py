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
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    event,
    false,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.visitors import anon_map as cache_anon_map

from ballots.models import Action, Ballot, BallotCase, BallotLeg, EntitledToVote, MandateRow
from casework.agreements.models import Agreement, MonitoringCheck
from casework.cases import Case, CaseEvent, CaseIssue, StageEntry
from casework.deadlines import Deadline
from casework.disputes import Dispute, DisputeCase, DisputeLeg
from casework.pay.models import Claim, ClaimWindow, PaymentBatch, PaymentLine
from casework.people.roles import Grant, Reach
from casework.register.models import Member, Workplace
from casework.stand_downs import StandDown, StandDownRecipient
from core.requests import FlowRequest, RequestSubject
from core.unit_of_work import ask_anew
from notifications import listing
from notifications.models import Attempt, Evidence, EvidenceFile, InboxItem, Notice, ServiceTask
from notifications.recipients import OF_A_MEMBER

OF_A_CASE = (
    CaseEvent,
    CaseIssue,
    StageEntry,
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
PARTS_OF_AN_ID = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
"""Where each part of an id begins among its 32 digits, and how long it is."""


Ids = Select[tuple[Any]]
"""A query for one column, which a condition holds as it is: of however many rows, nothing is sent to and fro."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What somebody reaches, each as a query for ids; `members_at` are the workplaces whose members they reach."""

    cases: Ids
    ballots: Ids
    actions: Ids
    disputes: Ids
    batches: Ids
    members_at: Ids


class Criterion(LoaderCriteriaOption):
    """
    What `with_loader_criteria` makes, but its part of a statement's cache key is reckoned once: it is part of every
    statement of its session. It is added to each load by `_narrowed`, so loaders carry none of it on.
    """

    inherit_cache = True
    _cache_key_traversal = LoaderCriteriaOption._traverse_internals

    def _gen_cache_key(self, anon_map: Any, bindparams: list[Any]) -> tuple[Any, ...] | None:  # noqa: ARG002
        if self._kept is None:
            found: list[Any] = []
            self._kept = super()._gen_cache_key(cache_anon_map(), found), found
        key, found = self._kept
        bindparams.extend(found)
        return key

    _kept: tuple[tuple[Any, ...] | None, list[Any]] | None = None


def narrow(session: Session, grants: Sequence[Grant], officer_id: uuid.UUID | None) -> None:
    """Let this session find what the grants reach, and nothing else."""
    if any(each.reach is Reach.UNION for each in grants):
        return
    session.info[CRITERIA] = _criteria(session.get_bind().dialect.name, tuple(grants), officer_id)


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


def _place(grants: Iterable[Grant], officer_id: uuid.UUID | None, of: Any) -> ColumnElement[bool]:
    """Which cases the grants reach: the same as `casework.people.roles.covers`, as the database is asked."""
    reached: list[ColumnElement[bool]] = []
    for each in grants:
        match each.reach:
            case Reach.ASSOCIATION:
                reached.append(of.workplace_id.in_(_workplaces([each])))
            case Reach.OWN_CASES:
                own = of.officer_id
                free = own.is_(None) if officer_id is None else or_(own.is_(None), own == officer_id)
                reached.append(and_(of.workplace_id.in_(_workplaces([each])), free))
            case Reach.WORKPLACE:
                reached.append(of.workplace_id == each.workplace_id)
            case _:
                continue
    return or_(false(), *reached)


def _reached(grants: Sequence[Grant], officer_id: uuid.UUID | None) -> Reached:
    case, in_ballot, action = Case.__table__.c, BallotCase.__table__.c, Action.__table__.c
    in_dispute, leg = DisputeCase.__table__.c, DisputeLeg.__table__.c
    claim, line = Claim.__table__.c, PaymentLine.__table__.c
    cases = _ids(case.id, _place(grants, officer_id, case))
    return Reached(
        cases=cases,
        ballots=_ids(in_ballot.ballot_id, in_ballot.case_id.in_(cases)),
        actions=_ids(action.id, action.case_id.in_(cases)),
        disputes=_ids(leg.dispute_id, leg.id.in_(_ids(in_dispute.leg_id, in_dispute.case_id.in_(cases)))),
        batches=_ids(line.batch_id, line.claim_id.in_(_ids(claim.id, claim.case_id.in_(cases)))),
        members_at=_workplaces(grants),
    )


def _ids(column: Any, where: ColumnElement[bool]) -> Ids:
    return select(column).where(where).correlate(None)


def _workplaces(grants: Sequence[Grant]) -> Ids:
    table = Workplace.__table__.c
    at = [each.association_id for each in grants if each.association_id is not None]
    return _ids(table.id, table.association_id.in_(at))


@lru_cache(maxsize=512)
def _criteria(dialect: str, grants: tuple[Grant, ...], officer_id: uuid.UUID | None) -> tuple[Any, ...]:
    """What each statement is narrowed by: the same for everything that somebody asks, until their roles change."""
    reached, notices = _reached(grants, officer_id), Notice.__table__.c
    seen_notices = _ids(notices.id, _notices(notices, reached, dialect))
    shown, subjects = Evidence.__table__.c, RequestSubject.__table__.c
    seen_requests = _ids(subjects.request_id, subjects.subject_id.in_(reached.cases))
    members_at, voters = reached.members_at, EntitledToVote
    wanted: list[tuple[type[Any], ColumnElement[bool]]] = [
        (Case, _place(grants, officer_id, Case)),
        *((kind, kind.case_id.in_(reached.cases)) for kind in OF_A_CASE),
        (Ballot, Ballot.id.in_(reached.ballots)),
        *((kind, kind.ballot_id.in_(reached.ballots)) for kind in OF_A_BALLOT),
        (EntitledToVote, and_(voters.ballot_id.in_(reached.ballots), voters.workplace_id.in_(members_at))),
        (Dispute, Dispute.id.in_(reached.disputes)),
        (DisputeLeg, DisputeLeg.dispute_id.in_(reached.disputes)),
        (StandDown, StandDown.dispute_id.in_(reached.disputes)),
        (Notice, _notices(Notice, reached, dialect)),
        *((kind, kind.notice_id.in_(seen_notices)) for kind in OF_A_NOTICE),
        (EvidenceFile, EvidenceFile.sha256.in_(_ids(shown.sha256, shown.notice_id.in_(seen_notices)))),
        (InboxItem, false()),
        (PaymentBatch, PaymentBatch.id.in_(reached.batches)),
        (Member, Member.workplace_id.in_(members_at)),
    ]
    if not any(each.reach is Reach.NO_CASE for each in grants):  # a run is ids and counts, which an operator may see
        wanted.append((FlowRequest, FlowRequest.id.in_(seen_requests)))
    return tuple(Criterion(kind, where, include_aliases=True, propagate_to_loaders=False) for kind, where in wanted)


def _notices(of: Any, reached: Reached, dialect: str) -> ColumnElement[bool]:
    """
    The notices about what is reached; of those to a member, whose ballot may be several schools' together, the ones to
    members who are reached themselves.
    """
    member, known = Member.__table__.c, of.recipient_key
    at_home = member.workplace_id.in_(reached.members_at)
    about = (of.subject_ref.in_(_ids(name, where)) for name, where in _subjects(reached, dialect))
    return and_(
        or_(*about),
        or_(
            known.not_like(listing.TO_A_MEMBER),
            known.in_(_ids(_named(OF_A_MEMBER, member.id, dialect), at_home)),
        ),
    )


def _subjects(reached: Reached, dialect: str) -> Iterator[tuple[ColumnElement[str], ColumnElement[bool]]]:
    """What notices are filed under: the reference of a row, and which rows are reached."""
    known = (("case", Case), ("ballot", Ballot), ("action", Action), ("dispute", Dispute))
    ids = (reached.cases, reached.ballots, reached.actions, reached.disputes)
    for (kind, table), wanted in zip(known, ids, strict=True):
        key = table.__table__.c.id
        yield _named(f"{kind}:", key, dialect), key.in_(wanted)
    for kind, of in (
        ("deadline", Deadline.__table__.c),
        ("claim", Claim.__table__.c),
        ("agreement", Agreement.__table__.c),
    ):
        yield _named(f"{kind}:", of.id, dialect), of.case_id.in_(reached.cases)
    ordered = StandDown.__table__.c
    yield _named("stand_down:", ordered.id, dialect), ordered.dispute_id.in_(reached.disputes)


def _named(before: str, key: ColumnElement[Any], dialect: str) -> ColumnElement[str]:
    """An id as it stands in a reference: SQLite keeps 32 digits, PostgreSQL writes the dashes itself."""
    begins: ColumnElement[str] = literal_column(f"'{before}'", String)
    if dialect == "postgresql":
        return begins + cast(key, String)
    digits, dash = type_coerce(key, String), literal_column("'-'", String)
    first, *others = (
        func.substr(digits, *map(literal_column, map(str, part)), type_=String) for part in PARTS_OF_AN_ID
    )
    named = begins + first
    for part in others:
        named = named + dash + part
    return named
