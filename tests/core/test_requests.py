"""Requests to run a flow: asked for once, taken once, free again when a worker died, never running for ever."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from core import requests, workers
from core.clock import Clock
from core.db import Database
from core.errors import Conflict, NotFound
from core.history import HistoryEntry
from core.requests import LEASE, MOST_TRIES, FlowRequest, RunState
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.conftest import NOON

FLOW = "workplace_case"
CASE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def asked(uow: UnitOfWork, key: str = "key-00001") -> FlowRequest:
    """A request that nobody has taken."""
    return requests.ask(uow, FLOW, [CASE], key)[0]


def test_the_same_key_asks_once_and_history_says_who(uow: UnitOfWork) -> None:
    """Red when `ask` does not look for the key: a double click would be two runs."""
    first, new = requests.ask(uow, FLOW, [CASE, OTHER], "key-00001")
    again, repeated = requests.ask(uow, FLOW, [CASE, OTHER], "key-00001")
    assert (first, new, repeated) == (again, True, False)
    entries = uow.session.scalars(select(HistoryEntry)).all()
    assert [(each.action, each.subject, each.actor) for each in entries] == [
        (requests.ASKED, f"run:{first.id}", "staff:test")
    ]
    assert entries[0].facts == {"flow": FLOW, "subjects": [str(CASE), str(OTHER)]}


@pytest.mark.parametrize(("flow", "subjects"), [("deadline_sweep", [CASE]), (FLOW, [OTHER]), (FLOW, [])])
def test_the_same_key_for_another_run_is_a_conflict(uow: UnitOfWork, flow: str, subjects: list[uuid.UUID]) -> None:
    asked(uow)
    with pytest.raises(Conflict, match="nothing was asked for"):
        requests.ask(uow, flow, subjects, "key-00001")
    assert uow.session.scalar(select(func.count()).select_from(FlowRequest)) == 1


def test_the_oldest_is_taken_first_and_by_one_worker_only(uow: UnitOfWork) -> None:
    """Red when `take` sets no lease: two workers would run it."""
    first, second = asked(uow), asked(uow, "key-00002")
    assert requests.waiting(uow)
    assert [requests.take(uow), requests.take(uow), requests.take(uow)] == [first, second, None]
    assert not requests.waiting(uow)
    assert (first.state, first.tries, first.started_at) == (RunState.RUNNING, 1, NOON)


def test_a_request_of_a_silent_worker_is_free_when_its_lease_ends_whatever_the_databases_clock(
    uow: UnitOfWork,
) -> None:
    """Red when the lease is counted by `uow.now`, which stands still in a demonstration."""
    row = asked(uow)
    with time_machine.travel(NOON, tick=False) as machine:
        requests.take(uow)
        machine.shift(LEASE)
        assert requests.take(uow) is None
        assert not requests.without_worker(uow, [row.id])
        machine.shift(timedelta(seconds=1))
        assert requests.without_worker(uow, [row.id]) == {row.id}
        assert requests.take(uow) is row
    assert row.tries == 2


def test_a_request_of_a_worker_known_to_be_gone_is_free_at_once(uow: UnitOfWork) -> None:
    """Red when `_is_free` does not ask `workers.is_gone`."""
    row = asked(uow)
    requests.take(uow)
    row.taken_by = uuid.UUID(int=9)
    uow.session.flush()
    assert requests.take(uow) is row
    alive = workers.WorkerRow(id=uuid.UUID(int=9), host="here", pid=1, since=NOON, seen_at=NOON)
    uow.session.add(alive)
    row.taken_by = alive.id
    uow.session.flush()
    assert requests.take(uow) is None


def test_a_renewed_lease_holds(uow: UnitOfWork) -> None:
    """Red when `renew` changes nothing: a run longer than its lease would be started twice."""
    row = asked(uow)
    with time_machine.travel(NOON, tick=False) as machine:
        requests.take(uow)
        machine.shift(LEASE / 2)
        assert requests.renew(uow, row.id, 1)
        machine.shift(LEASE)
        assert requests.take(uow) is None


def test_what_an_overtaken_worker_says_is_not_written(uow: UnitOfWork) -> None:
    """Red when `hold_try` does not compare the number of the try."""
    row = asked(uow)
    with time_machine.travel(NOON, tick=False) as machine:
        requests.take(uow)
        machine.shift(LEASE * 2)
        requests.take(uow)
        assert requests.hold_try(uow, row.id, 1) is None
        assert not requests.renew(uow, row.id, 1)
        assert requests.hold_try(uow, row.id, 2) is row


def test_a_request_that_kills_every_worker_ends_as_failed(uow: UnitOfWork) -> None:
    """Red when `take` has no bound: it would be shown running for ever."""
    row = asked(uow)
    with time_machine.travel(NOON, tick=False) as machine:
        for _ in range(MOST_TRIES):
            assert requests.take(uow) is row
            machine.shift(LEASE * 2)
        assert requests.take(uow) is None
    assert (row.state, row.error, row.ended_at, row.tries) == (RunState.FAILED, requests.WORKER_LOST, NOON, MOST_TRIES)


def test_where_subjects_stood_is_what_the_first_try_found(uow: UnitOfWork) -> None:
    """Red when a later try overwrites `before`: what a killed worker did would not be shown as done."""
    row = asked(uow)
    requests.note_before(row, {CASE: ("raised", 1)})
    requests.note_before(row, {CASE: ("head_meeting", 3)})
    requests.note_after(uow, row, {CASE: ("head_meeting", 4)})
    uow.session.flush()
    subject = row.subjects[0]
    uow.session.refresh(subject)
    assert (subject.before, subject.after, subject.events_before, subject.events_after) == (
        "raised",
        "head_meeting",
        1,
        4,
    )
    assert requests.tallies(uow, [row.id]) == {row.id: (1, 1)}


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ({}, RunState.COMPLETED),
        ({"failures": [{"subject": f"case:{CASE}", "error": "ValueError", "place": "a.py:1"}]}, RunState.FAILED),
        ({"error": "RunBroken", "place": "a.py:1"}, RunState.FAILED),
    ],
)
def test_a_run_ends_as_completed_only_when_nothing_failed(
    uow: UnitOfWork, ending: dict[str, object], state: RunState
) -> None:
    row = asked(uow)
    requests.take(uow)
    requests.end(uow, row, seconds=0.5, **ending)  # type: ignore[arg-type]
    assert (row.state, row.seconds, row.ended_at, row.taken_until) == (state, 0.5, NOON, None)
    assert row.failed == len(row.failures)
    assert not requests.waiting(uow)


def test_the_newest_come_first_of_all_or_of_one_subject(uow: UnitOfWork) -> None:
    first = asked(uow)
    later = replace(uow, clock=Clock(NOON + timedelta(minutes=1)))
    second = requests.begin(later, FLOW, {OTHER: ("raised", 1)})
    assert list(requests.latest(uow, 10)) == [second, first]
    assert list(requests.latest(uow, 1)) == [second]
    assert list(requests.latest(uow, 10, CASE)) == [first]
    assert requests.find(uow, first.id) is first
    with pytest.raises(NotFound, match="There is no run 999"):
        requests.find(uow, 999)


def test_two_that_ask_at_once_with_one_key_leave_one_row(database: Database) -> None:
    """Red when `ask` looks for the key before it holds the lock, on a database with many writers."""
    from threading import Barrier, Thread

    barrier, found = Barrier(4), []

    def ask() -> None:
        barrier.wait()
        with unit_of_work("staff:test", on=database) as uow:
            found.append(requests.ask(uow, FLOW, [CASE], "key-00001")[0].id)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
