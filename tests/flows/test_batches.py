"""Rows done several to a transaction: what comes out is what one transaction for each row gives, whatever happens."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from casework import steps
from casework.lifecycle import EventKind
from core import settings as settings_module
from core.clock import set_stored_clock
from core.db import Base, Database
from core.db import database as database_of_settings
from core.history import verify
from core.unit_of_work import UnitOfWork, unit_of_work
from flows import batches
from flows.errors import Failure
from tests.builders import UP_TO_HEAD, a_case, a_workplace, an_association, an_officer, happen
from tests.conftest import NOON
from tests.flows.cases import dump

CASES = 6
AT_OFFICER = (*UP_TO_HEAD, (EventKind.HEAD_MET, {"answer": "refused"}))
Step = Callable[[UnitOfWork, uuid.UUID], None]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with cases that all want an officer of the same association; two officers have room for five."""
    path = tmp_path_factory.mktemp("template") / "mandate.db"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    with database.writing() as session:
        set_stored_clock(session, NOON)
    with unit_of_work("staff:test", on=database) as uow:
        association = an_association(uow)
        for limit in (2, 3):
            an_officer(uow, association, open_case_limit=limit)
        for _ in range(CASES):
            happen(uow, a_case(uow, a_workplace(uow, association=association)), *AT_OFFICER)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.engine.dispose()
    return path


@contextmanager
def a_copy(template: Path) -> Iterator[tuple[Database, list[str]]]:
    """A copy of the database, as the flows find it by their settings, and the ids of its cases."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        shutil.copy(template, Path(folder) / "mandate.db")
        patched.setenv("MANDATE_HOME", folder)
        patched.setenv("MANDATE_DATABASE_URL", f"sqlite:///{Path(folder) / 'mandate.db'}")
        settings_module.settings.cache_clear()
        database = database_of_settings()
        with database.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT id FROM cases ORDER BY ref").scalars().all()
        yield database, [str(uuid.UUID(each)) for each in rows]
        database.engine.dispose()
    settings_module.settings.cache_clear()


def fails_for(failing: set[str], *, after: bool) -> Step:
    """Assigning an officer, which breaks for some cases: before it has written anything, or after."""

    def step(uow: UnitOfWork, case_id: uuid.UUID) -> None:
        if str(case_id) in failing and not after:
            raise LookupError
        steps.assign_officer(uow, case_id)
        if str(case_id) in failing:
            raise LookupError

    return step


def run(together: int, ids: list[str], step: Step, *, held: float = 60) -> list[Failure]:
    """One batch, so many rows to a transaction."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(batches, "TOGETHER", together)
        patched.setattr(batches, "HELD_SECONDS", held)
        patched.setattr(batches, "PAUSE_SECONDS", 0)
        return asyncio.run(batches.each_case("test", ids, step))


@settings(max_examples=12)
@given(
    failing=st.sets(st.integers(0, CASES - 1), max_size=3),
    together=st.integers(2, CASES),
    after=st.booleans(),
)
def test_together_gives_what_each_alone_gives(template: Path, failing: set[int], together: int, after: bool) -> None:
    """
    The same rows in every table and the same failures, wherever in a transaction a case breaks.

    Turns red if `_together` says after an error that what it tried stands, or if `_forget` in core/holding.py or the
    rollback of `unit_of_work` leaves anything of a case that broke.
    """
    drawn = []
    for count in (1, together):
        with a_copy(template) as (database, ids):
            step = fails_for({ids[each] for each in failing}, after=after)
            failures = run(count, ids, step)
            with database.reading() as session:
                assert verify(session).whole
            drawn.append((dump(database, without_ids=True), [(each.subject, each.error) for each in failures]))
    assert drawn[0] == drawn[1]
    assert len(drawn[0][1]) == len(failing)


def test_a_second_run_together_changes_nothing(template: Path) -> None:
    """Turns red if `assign_officer` does not ask whether the case has its officer."""
    with a_copy(template) as (database, ids):
        assert run(CASES, ids, steps.assign_officer) == []
        before = dump(database)
        assert run(CASES, ids, steps.assign_officer) == []
        assert dump(database) == before


def test_a_transaction_takes_no_more_rows_once_its_time_is_over(template: Path) -> None:
    """
    What else wants to write waits for one transaction at most.

    Turns red if `_together` does not look at the time.
    """
    with a_copy(template) as (database, ids):
        commits: list[object] = []
        event.listen(database.engine, "commit", commits.append)
        assert run(CASES, ids, steps.assign_officer, held=0) == []
        assert len(commits) == CASES


def test_a_batch_is_few_transactions_and_locks_its_cases_at_once(template: Path) -> None:
    """Turns red if `_each_row` does each row alone."""
    with a_copy(template) as (database, ids):
        commits: list[object] = []
        event.listen(database.engine, "commit", commits.append)
        assert run(CASES // 2, ids, steps.assign_officer) == []
        assert len(commits) == 2


def test_every_row_of_a_transaction_is_held_before_the_first_is_done(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Who holds one row and wants another may stand in the way of somebody who came the other way.

    Turns red if `_together` holds ahead only some of what the transaction may write.
    """
    held: list[list[str]] = []

    def ahead(_uow: UnitOfWork, row_ids: Sequence[uuid.UUID]) -> None:
        held.append([str(each) for each in row_ids])

    def step(_uow: UnitOfWork, row_id: uuid.UUID) -> None:
        assert str(row_id) in held[-1]

    monkeypatch.setattr(batches, "TOGETHER", CASES // 2)
    with a_copy(template) as (_, ids):
        assert asyncio.run(batches.each_row("test", "case", ids, step, ahead=ahead)) == []
    assert held == [ids[: CASES // 2], ids[CASES // 2 :]]


@pytest.mark.slow
@pytest.mark.parametrize("at", range(1, CASES + 1))
def test_fm_01_killed_in_the_middle_of_a_transaction_nothing_of_it_stands(template: Path, at: int) -> None:
    """
    A process is killed once the n-th case of six has been written; three cases go together. What was committed before
    stands, nothing else does, and the next run leaves what a run that nobody killed leaves.

    Turns red if anything in `_together` commits before its end.
    """
    with a_copy(template) as (database, ids):
        assert run(3, ids, steps.assign_officer) == []
        whole = dump(database, without_ids=True)
    with a_copy(template) as (database, ids):
        first = dump(database)
        killed = _in_child(partial(run, 3, ids, _dies_at(at)), database)
        assert killed == signal.SIGKILL
        done = [each for each in ids if _has_officer(database, each)]
        assert done == (ids[:3] if at > 3 else [])
        if not done:
            assert dump(database) == first

        assert run(3, ids, steps.assign_officer) == []

        assert dump(database, without_ids=True) == whole
        with database.reading() as session:
            assert verify(session).whole


def _dies_at(count: int) -> Step:
    passed = iter(range(1, count + 1))

    def step(uow: UnitOfWork, case_id: uuid.UUID) -> None:
        steps.assign_officer(uow, case_id)
        uow.session.flush()
        if next(passed) == count:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def _in_child(work: Callable[[], object], database: Database) -> int:
    """Run in a forked process; the signal that ended it, or 0."""
    database.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1


def _has_officer(database: Database, case_id: str) -> bool:
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM case_events WHERE case_id = ? AND kind = 'officer_assigned'",
            (uuid.UUID(case_id).hex,),
        )
        return bool(found.scalar())
