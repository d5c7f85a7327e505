"""Cases for the flows' tests, and a database as text to compare by."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import MetaData, select

from casework.lifecycle import EventKind, Stage
from core.clock import set_stored_clock
from core.db import Base, Database
from core.unit_of_work import reading, unit_of_work
from notifications.journal import Journal
from tests import builders
from tests.builders import UP_TO_HEAD, a_case, a_workplace, an_officer, happen
from tests.conftest import NOON

BOOKKEEPING = {
    "sweep_runs",
    "flow_requests",
    "flow_request_subjects",
    "standing_failures",
    "pending_work",
    "alembic_version",
}
A_FORTNIGHT_LATER = NOON + timedelta(days=14)


def cases_at_head(count: int) -> list[str]:
    """Cases whose members want the head teacher asked, each at a school of an association with an officer."""
    with unit_of_work("staff:test") as uow:
        made = []
        for _ in range(count):
            workplace = a_workplace(uow)
            an_officer(uow, workplace.association)
            case = a_case(uow, workplace)
            happen(uow, case, *UP_TO_HEAD)
            made.append(str(case.id))
    return made


def begin_anew(database: Database) -> None:
    """The database empty and at noon again, its rows numbered as before, and no journal of the one before."""
    Base.metadata.drop_all(database.engine)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {INDEX}")
    Base.metadata.create_all(database.engine)
    Journal.beside(database).path.unlink(missing_ok=True)
    builders._numbers = iter(range(200_001, 300_000))  # type: ignore[assignment]
    with unit_of_work("staff:test") as uow:
        set_stored_clock(uow.session, NOON)


def kinds_of(database: Database, case_id: str) -> list[EventKind]:
    """What happened to a case, oldest first."""
    from casework import repository

    with reading(on=database) as uow:
        return [event.kind for event in repository.events_of(uow, uuid.UUID(case_id))]


def stage_of(database: Database, case_id: str) -> Stage:
    """Where a case stands."""
    from casework import repository

    with reading(on=database) as uow:
        return repository.get(uow, uuid.UUID(case_id)).stage


def dump(database: Database, *, without_ids: bool = False) -> dict[str, list[str]]:
    """Every row of every table but those that count runs; `without_ids` leaves out what is drawn at random."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    tables: dict[str, list[str]] = {}
    with database.engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name in BOOKKEEPING or table.name.startswith(INDEX):
                continue
            columns = [column for column in table.columns if not (without_ids and _is_random(column.name))]
            rows = connection.execute(select(*columns)) if columns else ()
            tables[table.name] = sorted(repr(tuple(row)) for row in rows)
    return tables


def _is_random(name: str) -> bool:
    return name == "id" or name.endswith(("_id", "_sha256", "_ref", "_key", "hash", "prev")) or name in RANDOM


INDEX = "search_words"
"""What SQLite keeps of the words of `search_entries`, in tables that no metadata knows."""
RANDOM = frozenset({"subject", "facts", "message_id", "body", "attachment"})
