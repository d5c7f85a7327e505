"""
Where what needs somebody today is read: deadlines that are near or past, mandates that run out, cases that are quiet.

Each source asks the database for so many at most, the most urgent first, in a number of statements that does not grow
with the number of cases; narrowing applies to each as to every page.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app import acts
from app.access import Caller
from casework.ageing import GROWS_QUIET, quiet_since, why_quiet
from casework.cases import Case, CaseEvent
from casework.deadlines import (
    ENDS_BY_ITSELF,
    LABELS,
    STATUTORY,
    TURNING_POINTS,
    Deadline,
    DeadlineKind,
    are_open,
    warning_days,
)
from casework.levels import Level, LevelDays, amber_until, level_on, remembered_level_days
from casework.needs import Need, NeedKind, Urgency, urgency_of
from casework.people.roles import Place, Role
from casework.register.models import Officer, Workplace
from core.calendar import counted, london_day, midnight_ending, shift
from core.nations import Nation
from core.settings import settings
from core.unit_of_work import UnitOfWork

DONE_BY: Mapping[DeadlineKind, str] = {
    DeadlineKind.HEAD_ANSWER: "head_met",
    DeadlineKind.OFFICER_ACCEPTS: "officer_accepted",
    DeadlineKind.BALLOT_NOTICE_RECEIVED: "notice_received",
    DeadlineKind.SAMPLE_PAPER_RECEIVED: "notice_received",
    DeadlineKind.ACTION_NOTICE_RECEIVED: "notice_received",
    DeadlineKind.SCRUTINEER_REPORT: "scrutineer_reported",
    DeadlineKind.MONITORING_CHECK: "monitoring_check_recorded",
    DeadlineKind.ACTION_BEGINS: "strike_day_held",
    DeadlineKind.STRIKE_ENDS: "strike_day_held",
}
"""The act that meets a deadline, or that follows a day that has come, where one does."""

BY_ITSELF = "Nobody: its day comes by itself"
NOBODYS = "Nobody yet: the case has no officer"
BALLOT_TEAMS = frozenset(
    {
        DeadlineKind.BALLOT_NOTICE_RECEIVED,
        DeadlineKind.SAMPLE_PAPER_RECEIVED,
        DeadlineKind.RESULT_TO_MEMBERS,
        DeadlineKind.RESULT_TO_EMPLOYERS,
        DeadlineKind.ACTION_NOTICE_RECEIVED,
    }
)
NOT_SHOWN_AS_DUE = (DeadlineKind.CASE_WAKES, DeadlineKind.MANDATE_ENDS)
"""The one is the rest's own date; the other is said earlier, as a mandate that runs out."""


@dataclass(frozen=True)
class Viewer:
    """
    Who looks: what history would call them, which officer they are, and the caller whose roles say what they may do.

    No `caller`: the command line of this machine, which may do everything. `only` keeps to one officer's cases.
    """

    actor: str
    officer_id: uuid.UUID | None = None
    caller: Caller | None = None
    only: uuid.UUID | None = None

    def may(self, roles: frozenset[Role], place: Place) -> bool:
        """Whether one of the roles reaches the case for them."""
        return self.caller is None or self.caller.may(roles, place)


@dataclass(frozen=True)
class Asked:
    """
    One asking: the transaction, who looks, and how many of each source are wanted at most. In `totals` a source that
    counts while it looks notes how many there are.
    """

    uow: UnitOfWork
    viewer: Viewer
    most: int
    totals: dict[NeedKind, int] = field(default_factory=dict)

    @property
    def horizon(self) -> date:
        """The latest day of which a deadline can be amber today, wherever its workplace is."""
        figures, today = warning_days(), self.uow.today
        return max(amber_until(today, figures, each, self.uow.holidays_in(each)) for each in Nation)

    def days(self, due_on: date, nation: Nation, *, stops: bool = True) -> LevelDays:
        """The first day of each level of a deadline, by the figures of this installation."""
        return remembered_level_days(due_on, warning_days(), nation, self.uow.holidays_in(nation), stops=stops)

    def of_whom(self, statement: Select[Any]) -> Select[Any]:
        """Only the cases of the officer asked for, if one is."""
        return statement if self.viewer.only is None else statement.where(Case.officer_id == self.viewer.only)


CASE_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Case.ref,
    Case.stage,
    Case.officer_id,
    Case.workplace_id,
    Workplace.name,
    Workplace.nation,
    Workplace.association_id,
)


@dataclass(frozen=True, slots=True)
class OfCase:
    """The case that a need is of, as far as it is shown."""

    ref: str
    stage: Any
    officer_id: uuid.UUID | None
    workplace_id: uuid.UUID
    workplace: str
    nation: str
    association_id: uuid.UUID | None
    officer: str | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.workplace_id, self.association_id, self.officer_id)

    @property
    def shown(self) -> dict[str, Any]:
        """What every need of it says of it."""
        return {"case_ref": self.ref, "workplace": self.workplace, "officer_id": self.officer_id}


def with_case(asked: Asked, *columns: Any) -> Select[Any]:
    """The columns, then those of `OfCase`; the caller joins `Case` to what it asks of."""
    return asked.of_whom(select(*columns, *CASE_COLUMNS, Officer.name))


def joined(statement: Select[Any]) -> Select[Any]:
    """With the workplace and, if there is one, the officer of the case."""
    officers = statement.join(Workplace, Workplace.id == Case.workplace_id)
    return officers.outerjoin(Officer, Officer.id == Case.officer_id)


def cases_by_ref(asked: Asked, refs: set[str]) -> dict[str, OfCase]:
    """The cases of these references that are reached."""
    if not refs:
        return {}
    rows = asked.uow.session.execute(joined(with_case(asked).select_from(Case)).where(Case.ref.in_(sorted(refs))))
    return {row[0]: OfCase(*row) for row in rows}


def form_of(asked: Asked, of: OfCase, act: str) -> tuple[str, str] | None:
    """The form of an act and its words; None where the case or the viewer's roles do not allow it."""
    chosen = acts.act_named(act)
    if of.stage not in chosen.stages or not asked.viewer.may(chosen.roles, of.place):
        return None
    return f"/cases/{of.ref}?act={act}#record", chosen.label


def due(asked: Asked) -> Iterator[Need]:
    """Open deadlines that are amber or worse today, and the turning points that are as near."""
    law = case((Deadline.kind.in_(STATUTORY), 0), else_=1)
    found = (
        joined(with_case(asked, Deadline.id, Deadline.kind, Deadline.due_on, Deadline.why).join_from(Deadline, Case))
        .where(*are_open(), Deadline.due_on <= asked.horizon)
        .where(Deadline.kind.not_in(NOT_SHOWN_AS_DUE))
        .order_by(law, Deadline.due_on, Case.ref, Deadline.kind)
        .limit(asked.most)
    )
    for key, kind, due_on, why, *rest in asked.uow.session.execute(found):
        need = _of_deadline(asked, (key, kind, due_on, why), OfCase(*rest))
        if need is not None:
            yield need


def _of_deadline(asked: Asked, row: tuple[uuid.UUID, DeadlineKind, date, Mapping[str, Any]], of: OfCase) -> Need | None:
    key, kind, due_on, why = row
    level = deadline_level(asked, kind, due_on, of.nation)
    if level is None:
        return None
    turns, has_come = kind in TURNING_POINTS, due_on <= asked.uow.today
    form = form_of(asked, of, DONE_BY[kind]) if kind in DONE_BY and (has_come or not turns) else None
    href, does = form or (f"/cases/{of.ref}#next", "See what is next")
    return Need(
        id=f"deadline:{key}",
        kind=NeedKind.TURNING_POINT if turns else NeedKind.DEADLINE,
        urgency=urgency_of(level, is_law=kind in STATUTORY, is_over=due_on < asked.uow.today),
        what=LABELS[kind],
        who=BY_ITSELF if turns and not has_come else who_meets(kind, of.officer),
        href=href,
        does=does,
        due_on=due_on,
        level=level,
        why=why,
        **of.shown,
    )


def deadline_level(asked: Asked, kind: DeadlineKind, due_on: date, nation: str) -> Level | None:
    """The level of an open deadline today. A turning point is as near as a deadline would be, but never a hard stop."""
    stops = kind not in ENDS_BY_ITSELF and kind not in TURNING_POINTS
    return level_on(asked.days(due_on, Nation(nation), stops=stops), asked.uow.today)


def coming(asked: Asked) -> Iterator[Need]:
    """The open deadlines and turning points that come next, none of them near yet."""
    found = (
        joined(with_case(asked, Deadline.id, Deadline.kind, Deadline.due_on, Deadline.why).join_from(Deadline, Case))
        .where(*are_open(), Deadline.due_on > asked.horizon)
        .where(Deadline.kind.not_in(NOT_SHOWN_AS_DUE))
        .order_by(Deadline.due_on, Case.ref, Deadline.kind)
        .limit(asked.most)
    )
    for key, kind, due_on, why, *rest in asked.uow.session.execute(found):
        of = OfCase(*rest)
        turns = kind in TURNING_POINTS
        yield Need(
            id=f"deadline:{key}",
            kind=NeedKind.TURNING_POINT if turns else NeedKind.DEADLINE,
            urgency=Urgency.WAITING,
            what=LABELS[kind],
            who=BY_ITSELF if turns else who_meets(kind, of.officer),
            href=f"/cases/{of.ref}#next",
            does="See what is next",
            due_on=due_on,
            why=why,
            **of.shown,
        )


def due_counted(asked: Asked) -> dict[Urgency, int]:
    """How many deadlines there are of each urgency, however many are listed: a row for each kind, day and nation."""
    counts = (
        asked.of_whom(select(Deadline.kind, Deadline.due_on, Workplace.nation, func.count()))
        .join_from(Deadline, Case)
        .join(Workplace, Workplace.id == Case.workplace_id)
        .where(*are_open(), Deadline.due_on <= asked.horizon)
        .where(Deadline.kind.not_in(NOT_SHOWN_AS_DUE))
        .group_by(Deadline.kind, Deadline.due_on, Workplace.nation)
    )
    found: dict[Urgency, int] = {}
    for kind, due_on, nation, count in asked.uow.session.execute(counts):
        level = deadline_level(asked, kind, due_on, nation)
        if level is not None:
            urgency = urgency_of(level, is_law=kind in STATUTORY, is_over=due_on < asked.uow.today)
            found[urgency] = found.get(urgency, 0) + count
    return found


def who_meets(kind: DeadlineKind, officer: str | None) -> str:
    """Who has to see to a deadline, in words."""
    theirs = f"{officer}, officer" if officer else NOBODYS
    if kind in BALLOT_TEAMS:
        return f"The ballot team, with {officer}, officer" if officer else "The ballot team"
    if kind is DeadlineKind.SCRUTINEER_REPORT:
        return "The scrutineer; the ballot team asks for it"
    if kind is DeadlineKind.HEAD_ANSWER:
        return f"The head teacher; {officer}, officer, follows it up" if officer else "The head teacher"
    return theirs


def mandates_ending(asked: Asked) -> Iterator[Need]:
    """Cases whose mandate runs out within the days of the union's figure, the soonest first."""
    until = shift(asked.uow.today, settings().mandate_warning_days)
    found = (
        joined(with_case(asked, Deadline.id, Deadline.due_on, Deadline.why).join_from(Deadline, Case))
        .where(*are_open(), Deadline.due_on <= until)
        .where(Deadline.kind == DeadlineKind.MANDATE_ENDS)
        .order_by(Deadline.due_on, Case.ref)
        .limit(asked.most)
    )
    for key, due_on, why, *rest in asked.uow.session.execute(found):
        of = OfCase(*rest)
        near = deadline_level(asked, DeadlineKind.MANDATE_ENDS, due_on, of.nation)
        yield Need(
            id=f"mandate:{key}",
            kind=NeedKind.MANDATE_ENDS,
            urgency=Urgency.LAW_RED if near else Urgency.LAW_AMBER,
            what="The mandate runs out: action after its last day wants another ballot",
            who=f"{of.officer}, officer, with the ballot team" if of.officer else "The ballot team",
            href=f"/cases/{of.ref}#mandates",
            does="See the mandate",
            due_on=due_on,
            level=near,
            why=why,
            **of.shown,
        )


def _quiet(asked: Asked, statement: Select[Any]) -> Select[Any]:
    # The last event of a case is the one whose number is the count of them: a look-up in an index for each case, where
    # the latest of all its events would be a walk over every event there is.
    since = quiet_since(asked.uow.today, settings().quiet_days)
    return (
        statement.join(CaseEvent, (CaseEvent.case_id == Case.id) & (CaseEvent.seq == Case.events_count))
        .where(Case.stage.in_(GROWS_QUIET), Case.wake_on.is_(None), Case.raised_on <= since)
        .where(CaseEvent.recorded_at < midnight_ending(since))
    )


def quiet_cases(asked: Asked) -> Iterator[Need]:
    """Cases to which nothing happened for the days of the union's figure, the quietest first."""
    days = settings().quiet_days
    columns = with_case(asked, func.count().over(), CaseEvent.recorded_at)
    ordered = _quiet(asked, joined(columns.select_from(Case))).order_by(CaseEvent.recorded_at, Case.ref)
    for total, recorded_at, *rest in asked.uow.session.execute(ordered.limit(asked.most)):
        asked.totals[NeedKind.QUIET_CASE] = total
        of, last_on = OfCase(*rest), london_day(recorded_at)
        silent = (asked.uow.today - last_on).days
        yield Need(
            id=f"quiet:{of.ref}",
            kind=NeedKind.QUIET_CASE,
            urgency=Urgency.QUIET,
            what=f"Nothing happened for {counted(silent, 'day')}",
            who=f"{of.officer}, officer" if of.officer else NOBODYS,
            href=f"/cases/{of.ref}#record",
            does="Say what happened, or put it to rest",
            due_on=last_on + timedelta(days=days),
            why=why_quiet(last_on, days),
            **of.shown,
        )
