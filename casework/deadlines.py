"""
Deadlines: a wait is a row. Each carries why it falls on its day, in the words that every page and letter uses.

A deadline is met, cancelled or missed; which of the three is read from its dates and never stored. As it comes near it
rises through levels (`casework.levels`), each of which is told once.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, ForeignKey, Index, UniqueConstraint, event, inspect, select, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from casework.cases import Case
from casework.levels import Level, LevelDays, WarningDays, level_days, level_on, next_day
from core import history
from core.clock import at_connection
from core.db import Base, StoredEnum, new_id
from core.nations import Nation
from core.settings import settings
from core.unit_of_work import UnitOfWork
from core.why import Why


class DeadlineKind(StrEnum):
    """What is due."""

    HEAD_ANSWER = "head_answer"
    OFFICER_ACCEPTS = "officer_accepts"
    BALLOT_NOTICE_RECEIVED = "ballot_notice_received"
    SAMPLE_PAPER_RECEIVED = "sample_paper_received"
    BALLOT_OPENS = "ballot_opens"
    BALLOT_CLOSES = "ballot_closes"
    RESULT_TO_MEMBERS = "result_to_members"
    RESULT_TO_EMPLOYERS = "result_to_employers"
    SCRUTINEER_REPORT = "scrutineer_report"
    ACTION_NOTICE_RECEIVED = "action_notice_received"
    ACTION_BEGINS = "action_begins"
    MANDATE_ENDS = "mandate_ends"
    STRIKE_ENDS = "strike_ends"
    MONITORING_CHECK = "monitoring_check"
    CASE_WAKES = "case_wakes"


LABELS = {
    DeadlineKind.HEAD_ANSWER: "The head teacher's answer",
    DeadlineKind.OFFICER_ACCEPTS: "The officer accepts the case",
    DeadlineKind.BALLOT_NOTICE_RECEIVED: "The employer receives the notice of ballot",
    DeadlineKind.SAMPLE_PAPER_RECEIVED: "The employer receives the sample voting paper",
    DeadlineKind.BALLOT_OPENS: "The ballot opens",
    DeadlineKind.BALLOT_CLOSES: "The ballot closes",
    DeadlineKind.RESULT_TO_MEMBERS: "Members are told the result",
    DeadlineKind.RESULT_TO_EMPLOYERS: "The employer is told the result",
    DeadlineKind.SCRUTINEER_REPORT: "The scrutineer's report",
    DeadlineKind.ACTION_NOTICE_RECEIVED: "The employer receives the notice of industrial action",
    DeadlineKind.ACTION_BEGINS: "Action begins",
    DeadlineKind.MANDATE_ENDS: "The last day of the mandate",
    DeadlineKind.STRIKE_ENDS: "The last strike day",
    DeadlineKind.MONITORING_CHECK: "A check that the agreement is kept",
    DeadlineKind.CASE_WAKES: "The case wakes",
}

# Days on which something begins or ends by itself: there is nothing for anyone to do in time, so nothing to miss.
TURNING_POINTS = frozenset(
    {
        DeadlineKind.BALLOT_OPENS,
        DeadlineKind.BALLOT_CLOSES,
        DeadlineKind.ACTION_BEGINS,
        DeadlineKind.MANDATE_ENDS,
        DeadlineKind.STRIKE_ENDS,
        DeadlineKind.CASE_WAKES,
    }
)

# Days that the law of ballots and action sets: a case cannot sleep over one.
STATUTORY = (
    DeadlineKind.BALLOT_NOTICE_RECEIVED,
    DeadlineKind.SAMPLE_PAPER_RECEIVED,
    DeadlineKind.BALLOT_OPENS,
    DeadlineKind.BALLOT_CLOSES,
    DeadlineKind.RESULT_TO_MEMBERS,
    DeadlineKind.RESULT_TO_EMPLOYERS,
    DeadlineKind.ACTION_NOTICE_RECEIVED,
    DeadlineKind.ACTION_BEGINS,
    DeadlineKind.MANDATE_ENDS,
    DeadlineKind.STRIKE_ENDS,
)


# Their passing is an answer that the case follows by itself: nothing stops, and nobody has to be told.
ENDS_BY_ITSELF = frozenset({DeadlineKind.HEAD_ANSWER})

READ_AT_ONCE = 500
WARNING_REACH_DAYS = 60
"""More days than thirty working days, the most that a warning may begin before its day, ever take."""
REOPENED = "deadline:met:reopened"
OPEN_REMINDERS = "met_on IS NULL AND cancelled_on IS NULL AND remind_on IS NOT NULL"


class Deadline(Base):
    """
    `due_on` is the last good day, as a London date. `tells_workplace` says whether the workplace is reminded too.
    `changes` counts how often a day of it or its reason has changed since it was set, the last time at `changed_at`:
    a calendar that somebody keeps of it takes the entry with the higher count.

    `reminded_level` is the highest level that was told, on `reminded_on`; `remind_on` is the day of the next, if any.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "due_on"),
        Index(
            "ix_deadlines_open_due_on",
            "due_on",
            sqlite_where=text("met_on IS NULL AND cancelled_on IS NULL"),
            postgresql_where=text("met_on IS NULL AND cancelled_on IS NULL"),
        ),
        Index(
            "ix_deadlines_open_remind_on",
            "remind_on",
            sqlite_where=text(OPEN_REMINDERS),
            postgresql_where=text(OPEN_REMINDERS),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[DeadlineKind] = mapped_column(StoredEnum(DeadlineKind))
    due_on: Mapped[date]
    remind_on: Mapped[date | None]
    tells_workplace: Mapped[bool] = mapped_column(default=False)
    why: Mapped[dict[str, Any]]
    met_on: Mapped[date | None]
    cancelled_on: Mapped[date | None]
    reminded_on: Mapped[date | None]
    reminded_level: Mapped[Level | None] = mapped_column(StoredEnum(Level))
    changes: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()

    @property
    def label(self) -> str:
        """What is due, in words."""
        return LABELS[self.kind]

    @property
    def is_open(self) -> bool:
        """Whether it is neither met nor cancelled."""
        return self.met_on is None and self.cancelled_on is None

    @property
    def days_to_spare(self) -> int | None:
        """Days between meeting it and the last good day; negative when late, None while open."""
        return (self.due_on - self.met_on).days if self.met_on else None


TOLD = ("due_on", "met_on", "cancelled_on", "why")
"""What of a deadline others keep a copy of."""


@event.listens_for(Deadline, "before_update")
def _changed(_mapper: Mapper[Deadline], connection: Connection, deadline: Deadline) -> None:
    told = inspect(deadline).attrs
    if any(told[name].history.has_changes() for name in TOLD):
        deadline.changes += 1
        deadline.changed_at = at_connection(connection)


def set_deadline(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    kind: DeadlineKind,
    due_on: date,
    why: Why,
    *,
    tells_workplace: bool = False,
) -> Deadline:
    """
    Set a deadline of a case. The same one again changes nothing; another date for the same kind replaces the open one.
    A date that was replaced and is named again stands again; one that was met stays met.
    """
    of_kind = uow.session.scalars(select(Deadline).filter_by(case_id=case_id, kind=kind)).all()
    return set_among(uow, of_kind, case_id, kind, due_on, why, tells_workplace=tells_workplace)


def set_among(
    uow: UnitOfWork,
    of_kind: Sequence[Deadline],
    case_id: uuid.UUID,
    kind: DeadlineKind,
    due_on: date,
    why: Why,
    *,
    tells_workplace: bool = False,
) -> Deadline:
    """As `set_deadline`, for whoever has read every deadline of that kind of the case already."""
    for other in of_kind:
        if other.due_on != due_on and other.is_open:
            other.cancelled_on = uow.today
    same = next((each for each in of_kind if each.due_on == due_on), None)
    if same is not None:
        if same.cancelled_on is not None:
            same.cancelled_on, same.why = None, why.as_dict()
            arm(uow, same)
        return same
    deadline = Deadline(
        id=new_id(),
        case_id=case_id,
        kind=kind,
        due_on=due_on,
        tells_workplace=tells_workplace,
        why=why.as_dict(),
    )
    uow.session.add(deadline)
    arm(uow, deadline)
    return deadline


def beside(uow: UnitOfWork, deadlines: Sequence[Deadline]) -> Mapping[tuple[uuid.UUID, DeadlineKind], list[Deadline]]:
    """Every deadline of the same case and kind as one of these, by case and kind: a few statements for many."""
    found: defaultdict[tuple[uuid.UUID, DeadlineKind], list[Deadline]] = defaultdict(list)
    kinds, cases = {each.kind for each in deadlines}, list(dict.fromkeys(each.case_id for each in deadlines))
    for begins in range(0, len(cases), READ_AT_ONCE):
        some = cases[begins : begins + READ_AT_ONCE]
        for row in uow.session.scalars(select(Deadline).where(Deadline.case_id.in_(some), Deadline.kind.in_(kinds))):
            found[row.case_id, row.kind].append(row)
    return found


def arm(uow: UnitOfWork, deadline: Deadline) -> None:
    """
    Make every level of a deadline still to be told. One whose day has passed is not told by itself: setting a near
    deadline is not recalling it. Where none is left before the day, it is recalled on the morrow.
    """
    deadline.reminded_on = deadline.reminded_level = None
    if deadline.kind in TURNING_POINTS:
        deadline.remind_on = None
        return
    ahead = next_day(days_of_levels(uow, deadline), None, uow.today)
    morrow = min(uow.today + timedelta(days=1), deadline.due_on)
    deadline.remind_on = morrow if ahead is None or ahead > deadline.due_on else ahead


def days_of_levels(uow: UnitOfWork, deadline: Deadline) -> LevelDays:
    """The first day of each level, by the working days where the workplace is; a turning point has none."""
    if deadline.kind in TURNING_POINTS:
        return {}
    nation = Nation(uow.session.get_one(Case, deadline.case_id).workplace.nation)
    stops = deadline.kind not in ENDS_BY_ITSELF
    return level_days(deadline.due_on, warning_days(), nation, uow.holidays_in(nation), stops=stops)


def reckon_levels_again(uow: UnitOfWork, holiday: date) -> None:
    """A bank holiday was added or withdrawn: the days of warning of what is due soon after it begin on other days."""
    after = holiday + timedelta(days=WARNING_REACH_DAYS)
    near = select(Deadline).where(text(OPEN_REMINDERS), Deadline.remind_on > uow.today)
    rows = near.where(Deadline.due_on >= holiday, Deadline.due_on <= after)
    for deadline in uow.session.scalars(rows.order_by(Deadline.id).with_for_update()):
        days, until_now = days_of_levels(uow, deadline), deadline.remind_on
        assert until_now is not None
        coming = level_on(days, until_now)
        if coming is None:
            deadline.remind_on = next_day(days, deadline.reminded_level, uow.today)
        else:
            deadline.remind_on = max(days[coming], uow.today) if coming is not Level.STOP else days[coming]


def level_of(uow: UnitOfWork, deadline: Deadline) -> Level | None:
    """How near an open deadline is today; None while there is time, and for one that is over."""
    return level_on(days_of_levels(uow, deadline), uow.today) if deadline.is_open else None


def warning_days() -> WarningDays:
    """The figures of this installation."""
    return WarningDays(settings().amber_working_days, settings().red_working_days)


def are_open(of: Any = Deadline) -> tuple[ColumnElement[bool], ...]:
    """What a statement asks so that deadlines are neither met nor cancelled; `of` is the table, or an alias of it."""
    return of.met_on.is_(None), of.cancelled_on.is_(None)


def open_deadlines(uow: UnitOfWork, case_id: uuid.UUID, *kinds: DeadlineKind) -> Sequence[Deadline]:
    """The deadlines of a case that are neither met nor cancelled, nearest first; all kinds when none is named."""
    statement = (
        select(Deadline).where(Deadline.case_id == case_id, *are_open()).order_by(Deadline.due_on, Deadline.kind)
    )
    if kinds:
        statement = statement.where(Deadline.kind.in_(kinds))
    return uow.session.scalars(statement).all()


def meet(
    uow: UnitOfWork, case_id: uuid.UUID, kind: DeadlineKind, on: date, *, but: Collection[date] = frozenset()
) -> None:
    """Mark the open deadlines of that kind met on a day, but those that are due on one of the days named."""
    for deadline in open_deadlines(uow, case_id, kind):
        if deadline.due_on not in but:
            deadline.met_on = on


def reopen(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    kind: DeadlineKind,
    due: Collection[date],
    *,
    but: Collection[date] = frozenset(),
) -> None:
    """
    Open the deadline of a kind again, whose meeting nothing proves any more: the one due on a day of `due`, else the
    latest that is not of `but`. It keeps its day, and tells every level anew, the one it has reached today at once.
    """
    kept = select(Deadline).filter_by(case_id=case_id, kind=kind, cancelled_on=None).order_by(Deadline.due_on)
    rows = [row for row in uow.session.scalars(kept) if row.due_on not in but]
    for row in [row for row in rows if row.due_on in due] or rows[-1:]:
        if row.met_on is not None:
            facts = {"deadline": row.id, "met_on": row.met_on}
            row.met_on = None
            arm(uow, row)
            if level_of(uow, row) is not None:
                row.remind_on = uow.today
            history.record(uow, REOPENED, f"case:{case_id}", facts)


def cancel(uow: UnitOfWork, case_id: uuid.UUID, *kinds: DeadlineKind) -> None:
    """Cancel what is open and no longer matters."""
    for deadline in open_deadlines(uow, case_id, *kinds):
        deadline.cancelled_on = uow.today


def cases_due(uow: UnitOfWork) -> list[uuid.UUID]:
    """Cases with an open deadline whose day has come, each once, the longest overdue first."""
    statement = (
        select(Deadline.case_id).where(*are_open(), Deadline.due_on <= uow.today).order_by(Deadline.due_on, Deadline.id)
    )
    return list(dict.fromkeys(uow.session.scalars(statement)))


def to_remind(uow: UnitOfWork) -> list[uuid.UUID]:
    """Ids of the open deadlines of which a level is due and was not told, the longest overdue first."""
    statement = (
        select(Deadline.id)
        .where(*are_open(), Deadline.remind_on <= uow.today)
        .order_by(Deadline.remind_on, Deadline.id)
    )
    return list(uow.session.scalars(statement))


def first_unreminded(uow: UnitOfWork, count: int) -> list[date]:
    """The earliest days of levels that were not told, at most so many, whether or not they have come."""
    # Not the statement of `to_remind`, whose faults it is to find: the words of the index, of which it reads so many.
    statement = select(Deadline.remind_on).where(text(OPEN_REMINDERS)).order_by(Deadline.remind_on).limit(count)
    return [day for day in uow.session.scalars(statement) if day is not None]
