"""What officers carry: open cases by stage against their limit, and what is due soon; how cases flowed over months."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.access import caller_in
from app.board_filters import Filters
from app.board_views import Card, cards
from app.flow_drawing import Flow, Moved, flow
from app.load_drawing import Load, LoadChart, load_chart
from app.narrowing import is_narrowed
from app.phases import PHASE_OF, Phase
from app.views import DeadlineLine, deadline_line, deadline_rows
from casework.cases import Case, StageEntry
from casework.deadlines import TURNING_POINTS, Deadline, are_open, warning_days
from casework.levels import amber_until
from casework.lifecycle import Stage
from casework.register.models import Officer
from core.calendar import counted
from core.errors import NotFound
from core.nations import Nation
from core.unit_of_work import UnitOfWork

LETTERS = 40
"""Letters of a name that a place among officers holds: a cursor has to fit into an address."""
DRAWN = 30
"""Officers that the drawing shows; the table has all."""


@dataclass(frozen=True, slots=True)
class OfficerLoad:
    """
    What one officer carries. `by_stage` counts the cases that are not closed; `due_soon` what is amber today or
    nearer, `overdue` what was due before today.
    """

    id: uuid.UUID
    name: str
    association: str
    active: bool
    limit: int
    by_stage: Mapping[Stage, int]
    due_soon: int
    overdue: int

    @property
    def open_cases(self) -> int:
        """Cases that are not closed."""
        return sum(self.by_stage.values())

    @property
    def by_phase(self) -> dict[Phase, int]:
        """The same cases in five phases."""
        found = Counter[Phase]()
        for stage, count in self.by_stage.items():
            found[PHASE_OF[stage]] += count
        return {phase: found[phase] for phase in Phase}


@dataclass(frozen=True, slots=True)
class OfficersPage:
    """Every officer that is shown, whoever carries most first; `narrowed`: only cases that are reached are counted."""

    officers: tuple[OfficerLoad, ...]
    until: date
    narrowed: bool


@dataclass(frozen=True, slots=True)
class OfficerPage:
    """One officer with the cases and what is due."""

    load: OfficerLoad
    email: str
    phone: str | None
    until: date
    narrowed: bool
    cases: tuple[Card, ...]
    deadlines: tuple[DeadlineLine, ...]


def officers_page(uow: UnitOfWork) -> OfficersPage:
    """
    The officers, whoever carries most first. Whoever does not reach the whole union is shown those of their own
    association and those who carry a case they reach.
    """
    carried, due = _carried(uow), _due(uow)
    rows = uow.session.scalars(select(Officer).options(joinedload(Officer.association)))
    shown = [_load(row, carried, due, uow.today) for row in rows if _is_shown(uow, row, carried)]
    shown.sort(key=place_of)
    return OfficersPage(tuple(shown), horizon(uow, Nation.ENGLAND), is_narrowed(uow.session))


def place_of(load: OfficerLoad) -> tuple[str | int, ...]:
    """Where an officer stands among all."""
    return (-load.open_cases, load.name[:LETTERS], str(load.id))


def officer_page(uow: UnitOfWork, key: str) -> OfficerPage:
    """One officer by their id; `NotFound` otherwise, and for one of another association without a case reached."""
    try:
        officer = uow.session.get(Officer, uuid.UUID(key))
    except ValueError:
        officer = None
    carried = _carried(uow)
    if officer is None or not _is_shown(uow, officer, carried):
        raise NotFound("officer", key)
    due = _due(uow, officer.id)
    return OfficerPage(
        load=_load(officer, carried, due, uow.today),
        email=officer.email,
        phone=officer.phone,
        until=horizon(uow, Nation.ENGLAND),
        narrowed=is_narrowed(uow.session),
        cases=tuple(each for each in cards(uow, Filters(officer=officer.id)) if each.stage is not Stage.CLOSED),
        deadlines=tuple(deadline_line(uow, row) for row in due.get(officer.id, ())),
    )


def horizon(uow: UnitOfWork, nation: Nation) -> date:
    """The latest day of which a deadline is amber today."""
    return amber_until(uow.today, warning_days(), nation, uow.holidays_in(nation))


def _is_shown(uow: UnitOfWork, officer: Officer, carried: Mapping[uuid.UUID, Counter[Stage]]) -> bool:
    caller = caller_in(uow)
    if caller is None or not is_narrowed(uow.session) or officer.id in carried:
        return True
    return any(each.association_id == officer.association_id for each in caller.using)


def _carried(uow: UnitOfWork) -> Mapping[uuid.UUID, Counter[Stage]]:
    found: defaultdict[uuid.UUID, Counter[Stage]] = defaultdict(Counter)
    wanted = select(Case.officer_id, Case.stage).where(Case.officer_id.is_not(None), Case.stage != Stage.CLOSED)
    for officer_id, stage in uow.session.execute(wanted):
        found[officer_id][stage] += 1
    return dict(found)


def _due(uow: UnitOfWork, officer_id: uuid.UUID | None = None) -> Mapping[uuid.UUID, list[Deadline]]:
    """
    What is open and due while it is amber where its workplace is, or overdue, by the officer of its case;
    of one officer's cases where one is named.
    """
    horizons = {nation: horizon(uow, nation) for nation in Nation}
    whose = Case.officer_id.is_not(None) if officer_id is None else Case.officer_id == officer_id
    wanted = (
        select(Deadline)
        .join(Case, Case.id == Deadline.case_id)
        .where(*are_open(), Deadline.due_on <= max(horizons.values()))
        .where(whose, Case.stage != Stage.CLOSED)
    )
    found: defaultdict[uuid.UUID, list[Deadline]] = defaultdict(list)
    for row in deadline_rows(uow, wanted):
        gone_by = row.kind in TURNING_POINTS and row.due_on < uow.today
        if row.case.officer_id is not None and not gone_by and row.due_on <= horizons[row.case.workplace.nation]:
            found[row.case.officer_id].append(row)
    return dict(found)


def _load(
    officer: Officer,
    carried: Mapping[uuid.UUID, Counter[Stage]],
    due: Mapping[uuid.UUID, Sequence[Deadline]],
    today: date,
) -> OfficerLoad:
    by_stage, ours = carried.get(officer.id, Counter()), due.get(officer.id, ())
    return OfficerLoad(
        officer.id,
        officer.name,
        officer.association.name,
        officer.active,
        officer.open_case_limit,
        {stage: by_stage[stage] for stage in Stage if by_stage[stage]},
        sum(row.due_on >= today for row in ours),
        sum(row.due_on < today for row in ours),
    )


def drawing(page: OfficersPage) -> LoadChart | None:
    """The officers that carry a case, at most thirty of them, as a drawing; None where nobody does."""
    shown = [each for each in page.officers if each.open_cases][:DRAWN]
    if not shown:
        return None
    loads = [Load(each.name, each.by_phase, each.limit, each.due_soon) for each in shown]
    told = f"{counted(len(shown), 'officer')}, whoever carries most first; a mark stands at the limit of each."
    return load_chart("load", "Open cases of each officer", told, loads)


COLUMNS = (
    "officer", "association", "active", "open_cases", "limit", *(f"{phase}_cases" for phase in Phase), "due_soon",
    "overdue",
)  # fmt: skip


def rows(page: OfficersPage) -> list[tuple[object, ...]]:
    """The officers as rows of `COLUMNS`."""
    return [
        (
            each.name,
            each.association,
            "yes" if each.active else "no",
            each.open_cases,
            each.limit,
            *each.by_phase.values(),
            each.due_soon,
            each.overdue,
        )
        for each in page.officers
    ]


def flow_of(uow: UnitOfWork) -> Flow:
    """How many of the cases reached stood at each stage at each month's end, by the days they came and left."""
    return flow(_moved(uow, StageEntry.came_on), _moved(uow, StageEntry.left_on), uow.today)


def _moved(uow: UnitOfWork, day: Any) -> list[Moved]:
    counted_by = select(StageEntry.stage, day, func.count()).where(day.is_not(None)).group_by(StageEntry.stage, day)
    return [(stage, on, count) for stage, on, count in uow.session.execute(counted_by).tuples()]


FLOW_COLUMNS = ("on", "stage", "cases")


def flow_rows(found: Flow) -> list[tuple[object, ...]]:
    """A flow as rows of `FLOW_COLUMNS`, with its noughts."""
    return [(on, stage.value, count) for on, stage, count in flow_counts(found)]


def flow_counts(found: Flow) -> list[tuple[date, Stage, int]]:
    """The day, the stage and how many cases stood at it, stage by stage, with the noughts."""
    return [
        (on, stage, count)
        for stage, counts in found.counts.items()
        for on, count in zip(found.ends, counts, strict=True)
    ]
