"""Pending work: left once, taken once, free again when a worker died."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.clock import Clock
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from core.work import LEASE, PendingWork, ask_for, ask_for_each, finish, take_all, waiting
from tests.conftest import NOON

KIND = "advance_case"
CASE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def after(uow: UnitOfWork, time: timedelta) -> UnitOfWork:
    """The same transaction so much later."""
    return replace(uow, clock=Clock(uow.now + time))


def rows(uow: UnitOfWork) -> int:
    """How many rows there are, done or not."""
    return uow.session.scalar(select(func.count()).select_from(PendingWork)) or 0


def test_asking_twice_leaves_one_row(uow: UnitOfWork) -> None:
    """Red when `ask_for` does not look for a row that nobody has taken."""
    for _ in range(3):
        ask_for(uow, KIND, CASE)
    assert rows(uow) == waiting(uow) == 1


def test_each_subject_and_each_kind_has_its_own(uow: UnitOfWork) -> None:
    ask_for(uow, KIND, CASE)
    ask_for(uow, KIND, OTHER)
    ask_for(uow, "another_flow", CASE)
    assert [row.subject_id for row in take_all(uow, KIND)] == [CASE, OTHER]
    assert [row.kind for row in take_all(uow, "another_flow")] == ["another_flow"]


def test_asking_for_many_is_asking_for_each_of_them_once(uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when `ask_for_each` leaves a second row beside one that stands, or forgets what lies past its first part."""
    monkeypatch.setattr("core.work.ASKED_AT_ONCE", 2)
    ask_for(uow, KIND, OTHER)
    for _ in range(2):
        ask_for_each(uow, KIND, [CASE, OTHER, CASE, uuid.UUID(int=3), uuid.UUID(int=4)])
    assert {row.subject_id.int for row in take_all(uow, KIND)} == {1, 2, 3, 4}
    assert rows(uow) == 4
    ask_for_each(uow, KIND, [CASE])
    assert rows(uow) == 5


def test_what_was_taken_is_not_taken_again(uow: UnitOfWork) -> None:
    ask_for(uow, KIND, CASE)
    assert len(take_all(uow, KIND)) == 1
    assert take_all(uow, KIND) == []
    assert waiting(uow) == 1


@pytest.mark.parametrize(
    ("time", "found"),
    [(LEASE - timedelta(seconds=1), 0), (LEASE, 0), (LEASE + timedelta(microseconds=1), 1)],
)
def test_a_row_of_a_worker_that_died_is_free_when_its_lease_ends(uow: UnitOfWork, time: timedelta, found: int) -> None:
    """Red when `take_all` looks for rows never taken only: work of a killed worker would be lost."""
    ask_for(uow, KIND, CASE)
    take_all(uow, KIND)
    uow.session.flush()
    assert len(take_all(after(uow, time), KIND)) == found


def test_what_is_asked_for_while_a_worker_is_at_it_is_looked_at_again(uow: UnitOfWork) -> None:
    """Red when `ask_for` counts rows that are taken: what happened after the worker's look would be missed."""
    ask_for(uow, KIND, CASE)
    (taken,) = take_all(uow, KIND)
    uow.session.flush()
    ask_for(uow, KIND, CASE)
    finish(uow, [taken.id])
    assert [row.subject_id for row in take_all(uow, KIND)] == [CASE]


def test_what_is_done_is_over(uow: UnitOfWork) -> None:
    ask_for(uow, KIND, CASE)
    finish(uow, [row.id for row in take_all(uow, KIND)])
    assert waiting(uow) == 0
    assert take_all(after(uow, 2 * LEASE), KIND) == []


def test_finishing_nothing_does_nothing(uow: UnitOfWork) -> None:
    ask_for(uow, KIND, CASE)
    finish(uow, [])
    assert waiting(uow) == 1


def test_the_row_goes_with_the_act_it_was_left_by(database: Database) -> None:
    """Red when `ask_for` commits by itself."""

    def failing() -> None:
        with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
            ask_for(uow, KIND, CASE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        assert waiting(uow) == 0


def test_two_workers_share_the_rows_and_take_none_twice(database: Database) -> None:
    """Red when a writer's transaction begins with plain BEGIN."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        for number in range(50):
            ask_for(uow, KIND, uuid.UUID(int=number + 1))
    start, taken = threading.Barrier(2), []

    def worker() -> None:
        start.wait()
        with unit_of_work("flow:worker", as_of=NOON, on=database) as own:
            taken.extend(row.id for row in take_all(own, KIND))

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert len(taken) == len(set(taken)) == 50
