"""
What the board and the list of deadlines show: read-only values, gathered in a few queries.

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
from ballots.law_standing import stale_cases
from casework.cases import Case
from casework.deadlines import TURNING_POINTS, Deadline, DeadlineKind, days_of_levels, level_of
from casework.levels import Level
from casework.lifecycle import Stage
from casework.people.models import Account
from casework.register.models import Officer
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

CARDS_A_RUNG = 24
"""How many cards a rung shows before it points to the list of its own."""

DEADLINES_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Card:
    """One case on the board. `stale_law` names the values it rests on that nobody has read again for too long."""

    ref: str
    stage: Stage
    entered_on: date
    workplace: str
    urn: str | None
    number: str
    officer: str | None
    next: str | None
    due_on: date | None
    met_on: None
    is_turning_point: bool
    resting_until: date | None
    stale_law: tuple[str, ...] = ()
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One stage with its cases, nearest deadline first. `count` is of all of them, shown or not."""

    stage: Stage
    count: int
    cases: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class OfficerChoice:
    """An officer to filter by or to act as."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class Board:
    """The ladder: rungs that hold cases, in order, and the stages that hold none."""

    rungs: tuple[Rung, ...]
    empty: tuple[Stage, ...]
    total: int
    officers: tuple[OfficerChoice, ...]


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


def board(uow: UnitOfWork, stage: Stage | None = None, officer_id: uuid.UUID | None = None) -> Board:
    """The ladder, or those of its cases that are at a stage or with an officer."""
    rungs = _rungs(uow, stage, officer_id, None if stage else CARDS_A_RUNG)
    held = {rung.stage for rung in rungs}
    empty = tuple(each for each in Stage if each not in held)
    return Board(rungs, empty, sum(rung.count for rung in rungs), officers(uow))


def cards(uow: UnitOfWork, stage: Stage | None = None, officer_id: uuid.UUID | None = None) -> tuple[Card, ...]:
    """The cases one after another, in the order of the ladder and then of their deadlines."""
    return tuple(card for rung in _rungs(uow, stage, officer_id, None) for card in rung.cases)


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


def place_on_the_ladder(card: Card) -> tuple[str | int, ...]:
    """Where a card stands among the cards of all cases."""
    day = card.due_on or card.entered_on
    return list(Stage).index(card.stage), int(card.due_on is None), day.isoformat(), card.ref


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
    return select(Deadline).where(Deadline.met_on.is_(None), Deadline.cancelled_on.is_(None))


def _cases(stage: Stage | None, officer_id: uuid.UUID | None) -> Select[tuple[Case]]:
    statement = select(Case).options(joinedload(Case.workplace), joinedload(Case.officer)).order_by(Case.ref)
    if stage is not None:
        statement = statement.where(Case.stage == stage)
    if officer_id is not None:
        statement = statement.where(Case.officer_id == officer_id)
    return statement


def _nearest_deadlines(uow: UnitOfWork) -> dict[uuid.UUID, Deadline]:
    # Latest first, so that the nearest is the one that stays. Waking is shown as the rest's own date.
    statement = _open().where(Deadline.kind != DeadlineKind.CASE_WAKES).order_by(Deadline.due_on.desc(), Deadline.kind)
    return {row.case_id: row for row in uow.session.scalars(statement)}


def _rungs(uow: UnitOfWork, stage: Stage | None, officer_id: uuid.UUID | None, shown: int | None) -> tuple[Rung, ...]:
    standing = _Standing(uow, _nearest_deadlines(uow), stale_cases(uow))
    by_stage: dict[Stage, list[Case]] = {each: [] for each in Stage}
    for case in uow.session.scalars(_cases(stage, officer_id)):
        by_stage[case.stage].append(case)
    return tuple(_rung(rung, cases, standing, shown) for rung, cases in by_stage.items() if cases)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the cards of all cases need, read once: the nearest deadline of each, and the stale law it rests on."""

    uow: UnitOfWork
    nearest: Mapping[uuid.UUID, Deadline]
    stale: Mapping[uuid.UUID, tuple[str, ...]]


def _rung(stage: Stage, cases: list[Case], standing: _Standing, shown: int | None) -> Rung:
    def nearness(case: Case) -> tuple[bool, date, str]:
        deadline = standing.nearest.get(case.id)
        return (deadline is None, deadline.due_on if deadline else case.entered_on, case.ref)

    ordered = sorted(cases, key=nearness)[:shown]
    return Rung(stage, len(cases), tuple(_card(case, standing) for case in ordered))


def _card(case: Case, standing: _Standing) -> Card:
    deadline = standing.nearest.get(case.id)
    return Card(
        ref=case.ref,
        stage=case.stage,
        entered_on=case.entered_on,
        workplace=case.workplace.name,
        urn=case.workplace.urn,
        number=case.workplace.number,
        officer=case.officer.name if case.officer else None,
        next=deadline.label if deadline else None,
        due_on=deadline.due_on if deadline else None,
        met_on=None,
        is_turning_point=deadline is not None and deadline.kind in TURNING_POINTS,
        resting_until=case.wake_on,
        stale_law=standing.stale.get(case.id, ()),
        level=level_of(standing.uow, deadline) if deadline else None,
    )


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
