"""Commands on PostgreSQL: `init` makes the tables, and a connection that is lost is exit 4 and never half an act."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, func, select

from app.cli.database import address_of
from casework.cases import Case, CaseEvent
from core.db import Database
from core.db import database as database_of_settings
from core.history import HistoryEntry, verify
from core.settings import settings
from tests.app.conftest import Command
from tests.app.schools import School
from tests.engines import Engine, opened

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def test_init_makes_the_tables_and_says_so_once(
    command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if `mandate init` asks an empty server for what only SQLite has."""
    with engine.lent() as url:
        monkeypatch.setenv("MANDATE_DATABASE_URL", url)
        settings.cache_clear()
        assert command("case", "list").code != 0
        first, second = command("init", "--json"), command("init", "--json")
        address = address_of(database_of_settings())
        assert first.document == {"database": address, "created": True}
        assert second.document == {"database": address, "created": False}
        listed = command("case", "list", "--json")
        assert (listed.code, listed.document["cases"]) == (0, [])
        database_of_settings().engine.dispose()


def counts(database: Database) -> tuple[int, ...]:
    """Cases, their events, and entries of history."""
    with database.reading() as session:
        assert verify(session).whole
        return tuple(
            session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Case, CaseEvent, HistoryEntry)
        )


@pytest.mark.parametrize(
    "before", ["INSERT INTO case_issues", "INSERT INTO case_events", "INSERT INTO history_entries"]
)
def test_a_connection_lost_in_the_middle_of_an_act(
    command: Command, migrated: Database, school: School, before: str
) -> None:
    """Turns red if the driver's error is let through, or an act is committed in parts."""
    opening = ("case", "open", "--urn", school.urn, "--issue", "meetings")
    found = counts(migrated)
    cuts: list[int] = []

    def cut(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(before) and not cuts:
            cuts.append(connection.connection.driver_connection.info.backend_pid)
            with opened(migrated.url) as other, other.reading() as session:
                session.execute(select(func.pg_terminate_backend(cuts[0], 5000)))

    event.listen(migrated.engine, "before_cursor_execute", cut)
    lost = command(*opening)
    event.remove(migrated.engine, "before_cursor_execute", cut)
    assert cuts
    assert (lost.code, lost.out) == (4, "")
    assert "lost the connection" in lost.err
    assert "Traceback" not in lost.err
    assert counts(migrated) == found
    assert command(*opening).code == 0
    assert counts(migrated)[0] == found[0] + 1
