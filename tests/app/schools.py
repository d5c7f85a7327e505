"""A school in the commands' database, its cases, and what is stored of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from casework import repository
from casework.cases import CaseEvent
from casework.lifecycle import EventKind
from casework.register import workplaces
from core.clock import set_stored_clock
from core.db import Database
from core.history import HistoryEntry
from core.unit_of_work import reading, unit_of_work
from tests.builders import Happening, a_case
from tests.builders import happen as happen_to


@dataclass(frozen=True)
class School:
    """A workplace with members and two officers, by what commands call them."""

    urn: str
    officer: str
    second_officer: str
    officers_name: str


def opened(school: School, *happenings: Happening, issue: str = "meetings") -> str:
    """A case of the school to which something happened already."""
    with unit_of_work("staff:test") as uow:
        case = a_case(uow, workplaces.find(uow, school.urn), (issue,))
        happen_to(uow, case, *happenings)
        return case.ref


def events(ref: str) -> list[tuple[EventKind, str]]:
    """What happened to a case and who recorded it, oldest first."""
    with reading() as uow:
        case = repository.find(uow, ref)
        rows = uow.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.seq))
        return [(row.kind, row.actor) for row in rows]


def entries() -> int:
    """How much history there is."""
    with reading() as uow:
        return uow.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


def stand_on(database: Database, day: date) -> None:
    """Move the clock to nine in the morning, UTC, of a day."""
    with database.writing() as session:
        set_stored_clock(session, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
