"""
What the list of deadlines and several pages show: read-only values, gathered in a few queries.

A page may name a workplace, an employer and an officer; a member it never names.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.sentences import by_whom
from casework.cases import Case
from casework.deadlines import TURNING_POINTS, Deadline, DeadlineKind, are_open, days_of_levels, level_of
from casework.levels import Level
from casework.lifecycle import Stage
from casework.people.models import Account
from casework.register.models import Officer
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

DEADLINES_SHOWN = 500


@dataclass(frozen=True, slots=True)
class OfficerChoice:
    """An officer to filter by or to act as."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """
    A deadline with the reason for its day.

    `level` is how near it is today, `levels` the first day of each; `told_level` was told on `told_on`.
    """

    id: uuid.UUID
    kind: DeadlineKind
    label: str
    due_on: date
    met_on: date | None
    is_turning_point: bool
    why: dict[str, Any]
    case_ref: str
    workplace: str
    level: Level | None
    levels: Mapping[Level, date]
    told_level: Level | None
    told_on: date | None


def officers(uow: UnitOfWork) -> tuple[OfficerChoice, ...]:
    """The active officers, by name."""
    rows = uow.session.scalars(select(Officer).where(Officer.active).order_by(Officer.name, Officer.id))
    return tuple(OfficerChoice(row.id, row.name) for row in rows)


def by_name(uow: UnitOfWork, actor: str) -> str:
    """Who did something, as a page says it: whoever has a name by it, anybody else by what they are."""
    kind, _, key = actor.partition(":")
    try:
        officer = uow.session.get(Officer, uuid.UUID(key)) if kind == "officer" else None
    except ValueError:
        officer = None
    if officer is not None:
        return f"{officer.name}, officer"
    return _account_name(uow, key) or by_whom(actor) if kind == "account" else by_whom(actor)


def _account_name(uow: UnitOfWork, key: str) -> str | None:
    try:
        account = uow.session.get(Account, uuid.UUID(key))
    except ValueError:
        return None
    return account.name if account else None


def open_cases_at(uow: UnitOfWork, workplace_id: uuid.UUID) -> tuple[tuple[str, Stage], ...]:
    """Reference and stage of each case at a workplace that is not closed."""
    rows = select(Case.ref, Case.stage).where(Case.workplace_id == workplace_id, Case.stage != Stage.CLOSED)
    return tuple((ref, stage) for ref, stage in uow.session.execute(rows.order_by(Case.ref)).tuples())


def open_deadlines(
    uow: UnitOfWork, *, limit: int = DEADLINES_SHOWN, after: tuple[date, DeadlineKind, uuid.UUID] | None = None
) -> tuple[DeadlineLine, ...]:
    """Every open deadline, nearest first; `after` is the day, kind and id of the one after which they begin."""
    statement = _open()
    if after is not None:
        day, kind, key = after
        later = or_(Deadline.kind > kind, and_(Deadline.kind == kind, Deadline.id > key))
        statement = statement.where(or_(Deadline.due_on > day, and_(Deadline.due_on == day, later)))
    return tuple(deadline_line(uow, row) for row in deadline_rows(uow, statement.limit(limit)))


def place_of_deadline(line: DeadlineLine) -> tuple[str, str, str]:
    """Where a deadline stands among the open ones."""
    return line.due_on.isoformat(), line.kind.value, str(line.id)


def deadline_place(place: tuple[str | int, ...] | None) -> tuple[date, DeadlineKind, uuid.UUID] | None:
    """A place among the deadlines as a cursor names it; `BadInput` where it cannot be one."""
    if place is None:
        return None
    day, kind, key = map(str, place)
    try:
        return date.fromisoformat(day), DeadlineKind(kind), uuid.UUID(key)
    except ValueError:
        raise BadInput(field="after", found="another place", wanted="the `after` of the answer before") from None


def open_deadlines_count(uow: UnitOfWork) -> int:
    """How many deadlines are open."""
    return uow.session.scalar(select(func.count()).select_from(_open().subquery())) or 0


def _open() -> Select[tuple[Deadline]]:
    return select(Deadline).where(*are_open())


def deadline_rows(uow: UnitOfWork, statement: Select[tuple[Deadline]]) -> Sequence[Deadline]:
    """Deadlines with their case and workplace, nearest first."""
    with_case = joinedload(Deadline.case).joinedload(Case.workplace)
    return uow.session.scalars(statement.options(with_case).order_by(Deadline.due_on, Deadline.kind, Deadline.id)).all()


def deadline_line(uow: UnitOfWork, row: Deadline) -> DeadlineLine:
    """A deadline as pages show it."""
    return DeadlineLine(
        id=row.id,
        kind=row.kind,
        label=row.label,
        due_on=row.due_on,
        met_on=row.met_on,
        is_turning_point=row.kind in TURNING_POINTS,
        why=row.why,
        case_ref=row.case.ref,
        workplace=row.case.workplace.name,
        level=level_of(uow, row),
        levels=days_of_levels(uow, row),
        told_level=row.reminded_level,
        told_on=row.reminded_on,
    )
