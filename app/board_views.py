"""
The board: cases by stage, the nearest legal deadline first, and how long each has been at its stage.

A page may name a workplace, an employer and an officer; a member it never names. However many cases there are, the
board asks the same few statements and shows so many of each stage.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.board_filters import Filters
from app.stored_words import STAGE_NAMES
from app.views import OfficerChoice, officers
from casework.ageing import Age, AgeFigures
from casework.cases import Case
from casework.deadlines import (
    ENDS_BY_ITSELF,
    LABELS,
    TURNING_POINTS,
    Deadline,
    DeadlineKind,
    are_open,
    warning_days,
)
from casework.issues.catalogue import issue, issues
from casework.levels import Level, level_on, remembered_level_days
from casework.lifecycle import Stage
from casework.register.models import Employer, Officer, Workplace
from casework.register.regions import region_named, regions
from core.nations import Nation
from core.settings import settings
from core.unit_of_work import UnitOfWork

CARDS_A_RUNG = 12
"""How many cards a rung shows before it points to the list of its own."""

CARDS_A_PAGE = 96
"""How many a page of one stage shows."""

HEADINGS = (
    "case", "stage", "at it since", "days at it", "age", "workplace", "number", "local authority", "employer",
    "officer", "next", "due on", "days to spare", "level", "rests until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """One case on the board. `days` are those it has been at its stage, `age` what the union makes of that."""

    ref: str
    stage: Stage
    entered_on: date
    days: int
    age: Age
    workplace: str
    urn: str | None
    number: str
    authority: str
    employer: str
    officer: str | None
    next: str | None
    due_on: date | None
    met_on: None
    is_turning_point: bool
    resting_until: date | None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One stage with its cases, nearest deadline first. `count` is of all of them, shown or not."""

    stage: Stage
    count: int
    cases: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is set: what it is called, its value in words, and the query of the board without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Choices:
    """
    What the board can be filtered by: officers, regions and authorities (code and name) that have a case, issues (code
    and title).
    """

    officers: tuple[OfficerChoice, ...]
    regions: tuple[tuple[str, str], ...]
    authorities: tuple[tuple[str, str], ...]
    issues: tuple[tuple[str, str], ...]

    @property
    def officer_options(self) -> tuple[tuple[str, str], ...]:
        """The officers by id and name, and nobody."""
        return ("none", "Nobody yet"), *((str(each.id), each.name) for each in self.officers)


@dataclass(frozen=True, slots=True)
class Board:
    """The ladder: rungs that hold cases, in order, and the stages that hold none. `page` of `pages` of one stage."""

    rungs: tuple[Rung, ...]
    empty: tuple[Stage, ...]
    total: int
    choices: Choices
    chosen: tuple[Chosen, ...]
    page: int
    pages: int


def board(uow: UnitOfWork, wanted: Filters, page: int = 1) -> Board:
    """The ladder, or those of its cases that are asked for; of one stage, a page."""
    counts = _counts(uow, wanted)
    shown = CARDS_A_PAGE if wanted.stage else CARDS_A_RUNG
    pages = max(1, -(-sum(counts.values()) // CARDS_A_PAGE)) if wanted.stage else 1
    at = min(max(page, 1), pages)
    found: dict[Stage, list[Card]] = {}
    for card in _cards(uow, wanted, first=(at - 1) * shown + 1, last=at * shown):
        found.setdefault(card.stage, []).append(card)
    rungs = tuple(Rung(each, counts[each], tuple(found.get(each, ()))) for each in Stage if counts.get(each))
    empty = tuple(each for each in Stage if not counts.get(each))
    offered = choices(uow)
    return Board(rungs, empty, sum(counts.values()), offered, chosen(uow, wanted, offered), at, pages)


def cards(uow: UnitOfWork, wanted: Filters | None = None) -> tuple[Card, ...]:
    """The cases one after another, in the order of the ladder and then of their deadlines."""
    ladder = {stage: place for place, stage in enumerate(Stage)}
    return tuple(sorted(_cards(uow, wanted or Filters()), key=lambda card: ladder[card.stage]))


def place_on_the_ladder(card: Card) -> tuple[str | int, ...]:
    """Where a card stands among the cards of all cases."""
    day = card.due_on or card.entered_on
    return list(Stage).index(card.stage), int(card.due_on is None), day.isoformat(), card.ref


def choices(uow: UnitOfWork) -> Choices:
    """What there is to choose from."""
    authorities = (
        select(Workplace.la_code, Workplace.la_name)
        .join(Case, Case.workplace_id == Workplace.id)
        .distinct()
        .order_by(Workplace.la_name, Workplace.la_code)
    )
    found = {code: name for code, name in uow.session.execute(authorities).tuples() if code}
    shown = tuple((each.code, each.name) for each in regions() if not found.keys().isdisjoint(each.la_codes))
    return Choices(officers(uow), shown, tuple(found.items()), tuple((each.code, each.title) for each in issues()))


def chosen(uow: UnitOfWork, wanted: Filters, offered: Choices) -> tuple[Chosen, ...]:
    """The filters that are set, each with the way to take it off."""
    names: dict[str, str] = {str(each.id): each.name for each in offered.officers} | {"none": "Nobody yet"}
    said: dict[str, tuple[str, Callable[[str], str]]] = {
        "stage": ("Stage", lambda value: STAGE_NAMES[Stage(value)]),
        "officer": ("Officer", lambda value: names.get(value, "One who is not active any more")),
        "region": ("Region", lambda value: region_named(value).name),
        "authority": ("Local authority", lambda value: dict(offered.authorities).get(value, value)),
        "employer": ("Employer", lambda value: _employer_named(uow, wanted) or f"“{value}”"),
        "issue": ("Issue", lambda value: issue(value).title),
    }
    return tuple(
        Chosen(said[name][0], said[name][1](value), wanted.address(but=name)) for name, value in wanted.given().items()
    )


def _employer_named(uow: UnitOfWork, wanted: Filters) -> str | None:
    found = uow.session.get(Employer, wanted.employer) if isinstance(wanted.employer, uuid.UUID) else None
    return found.name if found else None


def rows(found: Iterable[Card], today: date) -> Iterator[tuple[object, ...]]:
    """The cases as rows of a table with the headings `HEADINGS`."""
    for each in found:
        spare = (each.due_on - today).days if each.due_on else None
        yield (
            each.ref, each.stage, each.entered_on, each.days, each.age, each.workplace, each.number, each.authority,
            each.employer, each.officer, each.next, each.due_on, spare, each.level, each.resting_until,
        )  # fmt: skip


def age_figures() -> AgeFigures:
    """The figures of this installation."""
    return AgeFigures(settings().stage_amber_days, settings().stage_red_days)


def _counts(uow: UnitOfWork, wanted: Filters) -> dict[Stage, int]:
    statement = select(Case.stage, func.count()).join(Workplace, Workplace.id == Case.workplace_id).group_by(Case.stage)
    return dict(uow.session.execute(wanted.narrowed(statement)).tuples().all())


def _open(of: Any) -> tuple[Any, ...]:
    # Waking is shown as the rest's own date.
    return *are_open(of), of.kind != DeadlineKind.CASE_WAKES


def _places(wanted: Filters) -> Any:
    """Each case with its place at its stage: by its nearest deadline, and without one by when it came there."""
    # Grouped once, not asked for each case: SQLite would ask a subquery again for each part of the order.
    nearest = (
        select(Deadline.case_id, func.min(Deadline.due_on).label("due_on"))
        .where(*_open(Deadline))
        .group_by(Deadline.case_id)
        .subquery()
        .c
    )
    due = (
        select(Case.id, Case.stage, Case.ref, Case.entered_on, nearest.due_on)
        .join(Workplace, Workplace.id == Case.workplace_id)
        .outerjoin(nearest.case_id.table, nearest.case_id == Case.id)
    )
    of = wanted.narrowed(due).subquery().c
    order = (of.due_on.is_(None), func.coalesce(of.due_on, of.entered_on), of.ref)
    return select(of.id, func.row_number().over(partition_by=of.stage, order_by=order).label("place")).subquery().c


def _shown(wanted: Filters, first: int, last: int | None) -> Select[Any]:
    place, soonest = _places(wanted), aliased(Deadline)
    next_one = (
        select(soonest.id)
        .where(soonest.case_id == Case.id, *_open(soonest))
        .order_by(soonest.due_on, soonest.kind)
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    statement = (
        select(
            Case.ref, Case.stage, Case.entered_on, Case.wake_on,
            Workplace.name, Workplace.urn, Workplace.ukprn, Workplace.la_name, Workplace.nation,
            Employer.name, Officer.name, Deadline.kind, Deadline.due_on,
        )
        .join(place.id.table, place.id == Case.id)
        .join(Workplace, Workplace.id == Case.workplace_id)
        .join(Employer, Employer.id == Workplace.employer_id)
        .outerjoin(Officer, Officer.id == Case.officer_id)
        .outerjoin(Deadline, Deadline.id == next_one)
        .where(place.place >= first)
        .order_by(place.place, Case.ref)
    )  # fmt: skip
    return statement if last is None else statement.where(place.place <= last)


def _cards(uow: UnitOfWork, wanted: Filters, first: int = 1, last: int | None = None) -> Iterator[Card]:
    today, figures, warnings = uow.today, age_figures(), warning_days()

    @cache
    def level(kind: DeadlineKind, due_on: date, nation: str) -> Level | None:
        if kind in TURNING_POINTS:
            return None
        added, stops = uow.holidays_in(Nation(nation)), kind not in ENDS_BY_ITSELF
        return level_on(remembered_level_days(due_on, warnings, Nation(nation), added, stops=stops), today)

    for row in uow.session.execute(_shown(wanted, first, last)):
        ref, stage, entered_on, wake_on, name, urn, ukprn, la_name, nation, employer, officer, kind, due_on = row
        days = (today - entered_on).days
        yield Card(
            ref=ref,
            stage=stage,
            entered_on=entered_on,
            days=days,
            age=figures.age(stage, days, rests=wake_on is not None),
            workplace=name,
            urn=urn,
            number=f"URN {urn}" if urn else f"UKPRN {ukprn}",
            authority=la_name,
            employer=employer,
            officer=officer,
            next=LABELS[kind] if kind else None,
            due_on=due_on,
            met_on=None,
            is_turning_point=kind in TURNING_POINTS,
            resting_until=wake_on,
            level=level(kind, due_on, nation) if kind else None,
        )
