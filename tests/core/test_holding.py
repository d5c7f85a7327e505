"""Rows that a transaction holds are read once, and nothing is known any more after a rollback or the end."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from core import history
from core.clock import THE_ONE_ROW, StoredClock, set_stored_clock
from core.db import Database
from core.history import verify
from core.holding import held, hold, known
from core.unit_of_work import unit_of_work
from tests.conftest import NOON


@pytest.fixture(autouse=True)
def _clock(database: Database) -> None:
    with database.writing() as session:
        set_stored_clock(session, NOON)


def test_a_held_row_is_read_once(database: Database) -> None:
    """Turns red if `hold` forgets what it has locked."""
    statements: list[str] = []
    with database.writing() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
        rows = [hold(session, StoredClock, THE_ONE_ROW) for _ in range(3)]

    assert len(statements) == 1
    assert rows[0] is rows[1] is rows[2] is not None


def test_a_rollback_to_a_savepoint_lets_go(database: Database) -> None:
    """
    PostgreSQL gives up the locks taken since; another may have written the row.

    Turns red if `_forget` does nothing.
    """
    with database.writing() as session:
        savepoint = session.begin_nested()
        hold(session, StoredClock, THE_ONE_ROW)
        savepoint.rollback()

        assert held(session, StoredClock, THE_ONE_ROW) is None


def test_a_savepoint_that_is_released_lets_nothing_go(database: Database) -> None:
    """Turns red if `_forget_at_the_end` does not ask which transaction ended."""
    with database.writing() as session:
        with session.begin_nested():
            hold(session, StoredClock, THE_ONE_ROW)

        assert held(session, StoredClock, THE_ONE_ROW) is not None


def test_nothing_is_known_after_the_end(database: Database) -> None:
    """Turns red if `_forget_at_the_end` does nothing: the same session would trust what others may have changed."""
    with database.writing() as session:
        hold(session, StoredClock, THE_ONE_ROW)
    assert not known(session)


def test_history_goes_on_from_what_stands_after_a_savepoint_was_rolled_back(database: Database) -> None:
    """Turns red if the head of the chain is remembered over a rollback."""
    with unit_of_work("staff:test", on=database) as uow:
        history.record(uow, "a:b:c", "case:1")
        uow.session.flush()
        savepoint = uow.session.begin_nested()
        history.record(uow, "a:b:c", "case:2")
        savepoint.rollback()
        history.record(uow, "a:b:c", "case:3")
    with database.reading() as session:
        assert verify(session).whole
        assert verify(session).entries == 2
