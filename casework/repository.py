"""Queries over cases."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from casework import lifecycle
from casework.cases import Case, CaseEvent
from casework.lifecycle import CaseState, Event, EventKind, Stage
from casework.register.members import in_membership
from casework.register.models import Member, Officer, Workplace
from core.errors import NotFound
from core.holding import held, hold, known
from core.unit_of_work import UnitOfWork, asked_once, foresee


def get(uow: UnitOfWork, case_id: uuid.UUID, *, for_update: bool = False) -> Case:
    """The case, or `NotFound`; with `for_update` nobody else may write it until commit."""
    case = hold(uow.session, Case, case_id) if for_update else uow.session.get(Case, case_id)
    if case is None:
        raise NotFound("case", case_id)
    return case


@asked_once
def find(uow: UnitOfWork, key: str) -> Case:
    """A case by its reference or its id, with its workplace, employer and officer."""
    whole = (joinedload(Case.workplace).joinedload(Workplace.employer), joinedload(Case.officer))
    case = uow.session.scalars(select(Case).where(Case.ref == key).options(*whole)).one_or_none()
    if case is not None:
        return case
    try:
        return get(uow, uuid.UUID(key))
    except ValueError:
        raise NotFound("case", key) from None


@asked_once
def recorded_of(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[CaseEvent]:
    """The rows of all events of a case, oldest first."""
    return uow.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.seq)).all()


def foresee_events(uow: UnitOfWork, case_ids: Collection[uuid.UUID]) -> None:
    """Find the events of many cases by one statement, for whoever asks for those of each in this look."""
    found: dict[uuid.UUID, list[CaseEvent]] = {each: [] for each in case_ids}
    for row in uow.session.scalars(select(CaseEvent).where(CaseEvent.case_id.in_(found)).order_by(CaseEvent.seq)):
        found[row.case_id].append(row)
    foresee(uow, recorded_of, found)


def events_of(uow: UnitOfWork, case_id: uuid.UUID) -> list[Event]:
    """All events of a case, oldest first."""
    return [row.as_event() for row in recorded_of(uow, case_id)]


def state_of(uow: UnitOfWork, case_id: uuid.UUID) -> CaseState:
    """The state that replaying a case's events gives. A case that is held is replayed once for as many events."""
    case, kept = held(uow.session, Case, case_id), known(uow.session).get((CaseState, case_id))
    if case is not None and kept is not None and kept[0] == case.events_count:
        state: CaseState = kept[1]
        return state
    return _note(uow, case_id, events_of(uow, case_id))


def replay_all(uow: UnitOfWork, case_ids: Sequence[uuid.UUID]) -> None:
    """Replay many cases by one query, for whoever asks for their states in this transaction."""
    rows = select(CaseEvent).where(CaseEvent.case_id.in_(case_ids)).order_by(CaseEvent.case_id, CaseEvent.seq)
    for case_id, of_case in groupby(uow.session.scalars(rows), key=lambda row: row.case_id):
        _note(uow, case_id, [row.as_event() for row in of_case])


def _note(uow: UnitOfWork, case_id: uuid.UUID, events: Sequence[Event]) -> CaseState:
    state = lifecycle.replay(events)
    known(uow.session)[CaseState, case_id] = len(events), state
    return state


def last_event(uow: UnitOfWork, case_id: uuid.UUID, kind: EventKind) -> CaseEvent | None:
    """The latest event of a kind."""
    statement = select(CaseEvent).where(CaseEvent.case_id == case_id, CaseEvent.kind == kind)
    return uow.session.scalars(statement.order_by(CaseEvent.seq.desc()).limit(1)).first()


def next_ref(uow: UnitOfWork) -> str:
    """The next case reference: the year and a running number."""
    year = uow.today.year
    count = uow.session.scalar(select(func.count()).select_from(Case).where(Case.ref.like(f"{year}-%")))
    return f"{year}-{(count or 0) + 1:04d}"


def open_cases_by_officer(uow: UnitOfWork, officers: Sequence[Officer]) -> dict[uuid.UUID, int]:
    """How many cases that are not closed each of these officers carries; one who carries none is left out."""
    statement = (
        select(Case.officer_id, func.count())
        .where(Case.officer_id.in_([each.id for each in officers]), Case.stage != Stage.CLOSED)
        .group_by(Case.officer_id)
    )
    return {officer_id: count for officer_id, count in uow.session.execute(statement) if officer_id}


def officers(uow: UnitOfWork) -> Sequence[Officer]:
    """Every officer."""
    return uow.session.scalars(select(Officer).order_by(Officer.id)).all()


def officers_of(uow: UnitOfWork, association_id: uuid.UUID | None) -> Sequence[Officer]:
    """The officers who cover the area of an association."""
    return uow.session.scalars(select(Officer).filter_by(association_id=association_id).order_by(Officer.id)).all()


def members_at(uow: UnitOfWork, workplace_id: uuid.UUID, on: date | None = None) -> Sequence[Member]:
    """Those in membership at a workplace on a day, today unless given."""
    statement = select(Member).where(Member.workplace_id == workplace_id, in_membership(on or uow.today))
    return uow.session.scalars(statement.order_by(Member.id)).all()
