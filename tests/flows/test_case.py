"""Advancing cases: as far as the facts allow, once, each for itself, with Prefect as without it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from app import runs
from app.prefect_server import PrefectServer
from casework import handlers, repository, steps
from casework.lifecycle import EventKind, Stage
from core import failures, work
from core.db import Database
from core.errors import BadInput
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows import case as case_flow
from tests.flows.cases import A_FORTNIGHT_LATER, begin_anew, cases_at_head, dump, kinds_of, stage_of
from tests.flows.conftest import stand_at

TO_HEAD = [EventKind.CASE_RAISED, EventKind.MEMBERS_MEETING_ARRANGED, EventKind.MEMBERS_MEETING_HELD]
WITH_AND_WITHOUT = pytest.mark.parametrize("prefect", [False, pytest.param(True, marks=pytest.mark.prefect)])


@pytest.fixture(autouse=True)
def _server_when_needed(request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params.get("prefect") if hasattr(request.node, "callspec") else False:
        request.getfixturevalue("server")


@WITH_AND_WITHOUT
def test_a_case_goes_over_several_stages_in_one_run(database: Database, prefect: bool) -> None:
    """
    The head teacher lets the day pass: the case is referred and an officer assigned in the same run.

    Mutation: leave out `refer_unanswered` in flows/negotiation.py.
    """
    [case_id] = cases_at_head(1)
    assert runs.advance([case_id], prefect=prefect) == ()
    assert kinds_of(database, case_id) == [*TO_HEAD, EventKind.HEAD_LETTER_SENT]
    stand_at(A_FORTNIGHT_LATER)

    assert runs.advance([case_id], prefect=prefect) == ()

    assert kinds_of(database, case_id)[4:] == [EventKind.HEAD_DID_NOT_ANSWER, EventKind.OFFICER_ASSIGNED]
    assert stage_of(database, case_id) is Stage.OFFICER_ASSIGNED


@WITH_AND_WITHOUT
def test_a_second_run_changes_nothing(database: Database, prefect: bool) -> None:
    """
    Mutation: drop `or state.letter_sent` in casework/steps.py.
    """
    ids = cases_at_head(3)
    runs.advance(ids, prefect=prefect)
    before = dump(database)

    assert runs.advance(ids, prefect=prefect) == ()

    assert dump(database) == before
    assert len(before["notices"]) == 6


@WITH_AND_WITHOUT
def test_one_failing_case_does_not_stop_another(
    database: Database, prefect: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Mutation: in flows/batches.py, raise in `_attempt` instead of returning the failure.
    """
    first, failing, last = cases_at_head(3)
    _fail_for(monkeypatch, failing, BadInput(field="head", found="Ada Nwosu", wanted="an address"))

    failed = runs.advance([first, failing, last], prefect=prefect)

    assert [(each.subject, each.error) for each in failed] == [(f"case:{failing}", "BadInput")]
    assert [EventKind.HEAD_LETTER_SENT in kinds_of(database, each) for each in (first, failing, last)] == [
        True,
        False,
        True,
    ]
    with reading() as uow:
        [row] = failures.standing(uow)
        assert (row.subject, row.error, row.times) == (f"case:{failing}", "BadInput", 1)
        assert row.place.startswith("tests/flows/test_case.py:")


def test_what_failed_is_forgotten_once_it_succeeds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Mutation: leave out `failures.forget` in flows/hooks.py.
    """
    [case_id] = cases_at_head(1)
    with monkeypatch.context() as patched:
        _fail_for(patched, case_id, ValueError("anything"))
        runs.advance([case_id], prefect=False)
        runs.advance([case_id], prefect=False)
    with reading() as uow:
        assert [row.times for row in failures.standing(uow)] == [2]

    assert runs.advance([case_id], prefect=False) == ()

    with reading() as uow:
        assert failures.standing(uow) == []


def test_pending_rows_are_finished_except_those_of_failed_cases(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Mutation: in flows/case.py, finish all of `view.work_ids`.
    """
    good, failing = cases_at_head(2)
    _fail_for(monkeypatch, failing, ValueError("anything"))
    assert set(runs.take()) == {good, failing}

    runs.advance([good, failing], prefect=False)

    assert runs.take() == []
    with reading() as uow:
        assert {str(row.subject_id) for row in uow.session.query(work.PendingWork).filter_by(done_at=None)} == {failing}


@pytest.mark.parametrize("early", [True, False], ids=["before the last look takes", "after it has taken"])
def test_what_is_asked_for_while_a_run_ends_is_not_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch, early: bool
) -> None:
    """
    Proof of receipt is no event of the case: nothing but the row says that somebody should look again.

    Mutation: in `_moved`, count recorded events alone; or in `_look`, leave out `_take_asked`.
    """
    [case_id] = cases_at_head(1)
    runs.advance([case_id], prefect=False)
    looks, rounds, asked_in = [0], [0], [0]
    real_take, real_step = case_flow._take_asked, steps.send_head_letter

    def ask() -> None:
        with unit_of_work("staff:test") as uow:
            handlers.look_at(uow, uuid.UUID(case_id))
        asked_in[0] = rounds[0]

    def take(case_ids: list[str]) -> None:
        looks[0] += 1
        if looks[0] == 2 and early:
            ask()
        real_take(case_ids)
        if looks[0] == 2 and not early:
            ask()

    def step(uow: UnitOfWork, case_id: uuid.UUID) -> None:
        rounds[0] += 1
        real_step(uow, case_id)

    with unit_of_work("staff:test") as uow:
        handlers.look_at(uow, uuid.UUID(case_id))
    monkeypatch.setattr(case_flow, "_take_asked", take)
    monkeypatch.setattr(steps, "send_head_letter", step)
    runs.drain(prefect=False)

    assert asked_in[0] >= 1
    assert rounds[0] > asked_in[0]
    with reading() as uow:
        assert work.waiting(uow) == 0


@WITH_AND_WITHOUT
def test_a_resting_case_is_left_alone_until_its_day(database: Database, prefect: bool) -> None:
    """
    Mutation: in flows/case.py, let `_is_awake` always be true.
    """
    [case_id] = cases_at_head(1)
    with unit_of_work("staff:test") as uow:
        facts = {"reason": "exams", "wake_on": A_FORTNIGHT_LATER.date().isoformat()}
        handlers.record(uow, uuid.UUID(case_id), EventKind.CASE_RESTED, facts)
    runs.advance([case_id], prefect=prefect)
    assert kinds_of(database, case_id) == [*TO_HEAD, EventKind.CASE_RESTED]
    stand_at(A_FORTNIGHT_LATER)

    runs.sweep_deadlines(prefect=prefect)
    runs.drain(prefect=prefect)

    assert kinds_of(database, case_id)[4:] == [EventKind.CASE_WOKEN, EventKind.HEAD_LETTER_SENT]


@pytest.mark.prefect
def test_fm_16_the_plain_path_leaves_the_same_database_as_prefect(
    server: PrefectServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Turns red if `call` in flows/batches.py awaits nothing when there is no flow run.
    """
    drawn: list[dict[str, list[str]]] = []
    for prefect in (False, True):
        drawn.append(_a_fortnight(database, prefect=prefect))

    assert drawn[0] == drawn[1]


def _a_fortnight(database: Database, *, prefect: bool) -> dict[str, list[str]]:
    begin_anew(database)
    ids = cases_at_head(2)
    runs.advance(ids, prefect=prefect)
    stand_at(A_FORTNIGHT_LATER)
    runs.sweep_deadlines(prefect=prefect)
    runs.drain(prefect=prefect)
    runs.deliver(prefect=prefect)
    return dump(database, without_ids=True)


def _fail_for(monkeypatch: pytest.MonkeyPatch, case_id: str, error: Exception) -> None:
    real: Callable[[UnitOfWork, uuid.UUID], Any] = repository.state_of

    def failing(uow: UnitOfWork, asked: uuid.UUID) -> Any:
        if str(asked) == case_id:
            raise error
        return real(uow, asked)

    monkeypatch.setattr(steps.repository, "state_of", failing)
