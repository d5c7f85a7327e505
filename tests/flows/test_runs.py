"""When things go wrong around the flows: two at once, Prefect gone, its database lost, a sweep that saw nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy.exc import OperationalError

from app import prefect_server, runs
from app.prefect_server import PrefectServer
from casework import deadlines, reminders, steps
from casework.lifecycle import EventKind
from core import failures, sweeps
from core.away import database_is_away
from core.db import Database
from core.settings import Settings
from core.unit_of_work import UnitOfWork, reading
from flows.case import workplace_case
from flows.deadline_sweep import deadline_sweep
from flows.errors import DatabaseAway, RunBroken, SweepIncomplete
from tests.conftest import NOON
from tests.flows.cases import A_FORTNIGHT_LATER, begin_anew, cases_at_head, dump, kinds_of
from tests.flows.conftest import ON_BOTH, stand_at

TO_HEAD = 3


@pytest.mark.prefect
def test_fm_18_two_copies_of_every_run_at_once_do_the_work_once(server: PrefectServer, database: Database) -> None:
    """
    Turns red if `or state.letter_sent` is dropped in casework/steps.py.
    """

    async def twice() -> None:
        await asyncio.gather(*(workplace_case(ids) for _ in range(2)))
        await asyncio.gather(*(deadline_sweep() for _ in range(2)))

    ids = cases_at_head(4)
    asyncio.run(twice())
    stand_at(A_FORTNIGHT_LATER)
    asyncio.run(twice())

    for case_id in ids:
        happened = [EventKind.HEAD_LETTER_SENT, EventKind.HEAD_DID_NOT_ANSWER, EventKind.OFFICER_ASSIGNED]
        assert kinds_of(database, case_id)[TO_HEAD:] == happened
    with reading() as uow:
        assert failures.standing(uow) == []


@ON_BOTH
def test_fm_18_two_plain_runs_at_once_do_the_work_once(database: Database) -> None:
    """
    Turns red if `or state.letter_sent` is dropped in casework/steps.py.
    """
    ids = cases_at_head(4)
    threads = [Thread(target=runs.advance, args=(ids,), kwargs={"prefect": False}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [kinds_of(database, each)[TO_HEAD:] for each in ids] == [[EventKind.HEAD_LETTER_SENT]] * 4


@pytest.mark.slow
@pytest.mark.prefect
def test_fm_17_losing_prefects_database_changes_nothing(
    server: PrefectServer, prefect_home: Settings, database: Database
) -> None:
    """
    Turns red if `_look` in flows/case.py asks Prefect for earlier runs and skips their cases.
    """
    ids = cases_at_head(2)
    runs.advance(ids, prefect=True)
    before = dump(database)
    server.stop()
    for path in prefect_server.home(prefect_home).glob("prefect.db*"):
        path.unlink()
    server.start()

    runs.advance(ids, prefect=True)

    assert dump(database) == before
    stand_at(A_FORTNIGHT_LATER)
    runs.sweep_deadlines(prefect=True)
    runs.drain(prefect=True)
    assert all(EventKind.OFFICER_ASSIGNED in kinds_of(database, each) for each in ids)


@pytest.mark.full
@pytest.mark.prefect
@pytest.mark.parametrize("server_too", [False, True], ids=["database", "server and database"])
def test_fm_17_prefects_database_deleted_in_the_middle_of_a_sweep(
    server: PrefectServer,
    prefect_home: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    server_too: bool,
) -> None:
    """
    The sweep goes on plainly and leaves what an undisturbed one leaves; the new server's runs find it all done.

    Turns red if `_once` in app/runs.py lets `PrefectAway` out instead of going on.
    """
    undisturbed = _warned(database, prefect=False)
    real, gone = reminders.remind, []

    def deleting(uow: UnitOfWork, deadline_id: uuid.UUID) -> None:
        if not gone:
            if server_too and server.child is not None:
                server.child.kill()
                server.child.wait()
            for path in prefect_server.home(prefect_home).glob("prefect.db*"):
                path.unlink()
                gone.append(path)
        real(uow, deadline_id)

    monkeypatch.setattr(reminders, "remind", deleting)
    disturbed = _warned(database, prefect=True)
    server.stop()
    server.start()

    assert gone
    assert disturbed == undisturbed
    runs.sweep_deadlines(prefect=True)
    runs.drain(prefect=True)
    runs.deliver(prefect=True)
    assert dump(database, without_ids=True) == undisturbed


def _warned(database: Database, *, prefect: bool) -> dict[str, list[str]]:
    """Three heads asked, then a sweep on the day on which their deadlines turn amber."""
    begin_anew(database)
    runs.advance(cases_at_head(3), prefect=False)
    stand_at(NOON + timedelta(days=3))
    runs.sweep_deadlines(prefect=prefect)
    runs.drain(prefect=prefect)
    runs.deliver(prefect=prefect)
    return dump(database, without_ids=True)


def test_fm_21_a_sweep_that_overlooks_rows_fails_instead_of_succeeding(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Turns red if flows/deadline_sweep.py leaves out the comparison of `left`.
    """
    runs.advance(cases_at_head(1), prefect=False)
    stand_at(A_FORTNIGHT_LATER)
    monkeypatch.setattr(deadlines, "to_remind", lambda uow: [])

    with pytest.raises(SweepIncomplete, match="1 left"):
        runs.sweep_deadlines(prefect=False)

    with reading() as uow:
        assert sweeps.last_successes(uow) == []
        assert [(row.flow, row.error) for row in failures.standing(uow)] == [("deadline_sweep", "SweepIncomplete")]


def test_a_sweep_reminds_once_and_counts_what_it_did(database: Database) -> None:
    """
    Mutation: leave out `sweeps.succeeded` in flows/deadline_sweep.py.
    """
    [case_id] = cases_at_head(1)
    runs.advance([case_id], prefect=False)
    stand_at(A_FORTNIGHT_LATER)

    runs.sweep_deadlines(prefect=False)
    assert _counts() == {"to_remind": 1, "handed_on": 1, "failed": 0, "left": 0}
    assert runs.take() == [case_id]

    runs.sweep_deadlines(prefect=False)
    assert _counts() == {"to_remind": 0, "handed_on": 0, "failed": 0, "left": 0}

    stand_at(A_FORTNIGHT_LATER + timedelta(days=1))
    runs.sweep_deadlines(prefect=False)
    assert _counts() == {"to_remind": 0, "handed_on": 1, "failed": 0, "left": 0}


def _counts() -> dict[str, int]:
    with reading() as uow:
        [row] = sweeps.last_successes(uow)
        return row.counts


@pytest.mark.prefect
def test_hooks_leave_a_row_with_class_and_place(
    server: PrefectServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Mutation: take `on_failure` out of `FLOW` in flows/batches.py.
    """
    monkeypatch.setattr("flows.case.select", lambda *_: 1 / 0)

    with pytest.raises(RunBroken):
        runs.advance(cases_at_head(1), prefect=True)

    with reading() as uow:
        [row] = failures.standing(uow)
        assert (row.flow, row.subject, row.error, row.times) == ("workplace_case", "run", "ZeroDivisionError", 1)
        assert row.place.startswith("tests/flows/test_runs.py:")


@pytest.mark.prefect
def test_only_a_database_that_is_away_is_tried_again(
    server: PrefectServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Mutation: in flows/retries.py, let `when_database_is_away` always be false.
    """
    monkeypatch.setattr("flows.negotiation.send_head_letters.retry_delay_seconds", [0.0, 0.0, 0.0])
    [case_id] = cases_at_head(1)
    real, tries = steps.send_head_letter, []

    def away_twice(uow: UnitOfWork, asked: uuid.UUID) -> None:
        tries.append(asked)
        if len(tries) < 3:
            raise _sqlite_error(sqlite3.SQLITE_BUSY)
        real(uow, asked)

    monkeypatch.setattr(steps, "send_head_letter", away_twice)

    assert runs.advance([case_id], prefect=True) == ()

    # Two tries that failed, the third, and the round that finds nothing more to do.
    assert len(tries) == 4
    assert EventKind.HEAD_LETTER_SENT in kinds_of(database, case_id)


@pytest.mark.parametrize(
    ("code", "away"),
    [
        (sqlite3.SQLITE_BUSY, True),
        (sqlite3.SQLITE_IOERR_FSYNC, True),
        (sqlite3.SQLITE_ERROR, False),
        (sqlite3.SQLITE_CONSTRAINT, False),
    ],
)
def test_what_counts_as_away(code: int, away: bool) -> None:
    """A missing table or a broken constraint does not mend by itself."""
    assert database_is_away(_sqlite_error(code)) is away


def test_without_prefect_a_database_that_is_away_ends_the_run_and_keeps_the_rows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Mutation: in flows/batches.py, return the failure in `_attempt` whatever the error.
    """
    cases_at_head(1)

    def away(uow: UnitOfWork, asked: uuid.UUID) -> None:
        raise _sqlite_error(sqlite3.SQLITE_BUSY)

    monkeypatch.setattr(steps, "send_head_letter", away)
    with pytest.raises(DatabaseAway):
        runs.drain(prefect=False)

    with reading() as uow:
        from core import work

        assert work.waiting(uow) == 1


def _sqlite_error(code: int) -> OperationalError:
    inner = sqlite3.OperationalError("anything")
    inner.sqlite_errorcode = code
    return OperationalError("SELECT 1", {}, inner)


@pytest.mark.prefect
def test_more_cases_than_prefect_takes_at_once_are_several_runs(
    server: PrefectServer, database: Database, prefect_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Prefect refuses parameters of half a megabyte, and the plain path would hide that it did.

    Turns red if `run` hands all ids on at once, or if `A_RUN` ids no longer fit.
    """
    monkeypatch.setattr(runs, "_plainly", lambda *_: pytest.fail("went on without Prefect"))
    before = prefect_server.flow_runs(prefect_home)

    runs.advance([str(uuid.uuid4()) for _ in range(runs.A_RUN + 1)], prefect=True)

    assert prefect_server.flow_runs(prefect_home) == before + 2
