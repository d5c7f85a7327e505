"""Runs that somebody asked for: run once, seen to the end, taken up again when a worker is killed, ids only."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from app import performing, prefect_server, run_requests, run_views, runs
from app.performing import FLOWS, perform, take
from app.prefect_server import PrefectServer
from app.run_requests import ADVANCE, DEADLINES, STARTABLE
from app.run_views import RunPage
from casework import steps
from casework.lifecycle import EventKind, Stage
from core import requests
from core.db import Database
from core.requests import FlowRequest, RunState
from core.settings import Settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows.errors import RunBroken
from tests.flows.cases import cases_at_head, kinds_of
from tests.flows.conftest import drained, free_port
from tests.flows.test_worker import COMMAND, PATIENCE, ROOT

TOLD = EventKind.HEAD_LETTER_SENT


def ask(flow: str, *case_ids: str, key: str = "key-00001") -> int:
    """Ask for a run; its number."""
    with unit_of_work("staff:test") as uow:
        return run_requests.ask(uow, flow, case_ids, key)[0].id


def page(number: int) -> RunPage:
    with reading() as uow:
        return run_views.run_page(uow, number)


def run_all(*, prefect: bool = False) -> None:
    """Run whatever was asked for, as the worker does."""
    while (taken := take()) is not None:
        perform(taken, prefect=prefect)


def test_the_table_names_the_flows_there_are() -> None:
    """Red when a flow is renamed and the table is not: a request would never run."""
    assert set(FLOWS) == set(STARTABLE)


def test_a_run_says_what_moved(database: Database) -> None:
    """Red when where a case stands is read after the run only."""
    one, other = cases_at_head(2)
    number = ask(ADVANCE, one, other)
    run_all()
    shown = page(number)
    assert (shown.line.state, shown.line.moved, shown.line.case_count) == (RunState.COMPLETED, 2, 2)
    assert [(each.before, each.after, each.recorded) for each in shown.cases] == [
        (Stage.HEAD_MEETING, Stage.HEAD_MEETING, 1)
    ] * 2
    assert shown.prefect is None
    again = ask(ADVANCE, one, key="key-00002")
    run_all()
    assert page(again).line.moved == 0


def test_a_sweep_says_what_it_counted(database: Database) -> None:
    number = ask(DEADLINES)
    run_all()
    assert page(number).line.state is RunState.COMPLETED
    assert dict(page(number).counts)["to remind"] == 0


def test_two_workers_run_it_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when `take` sets no lease."""
    number, ran = ask(ADVANCE, *cases_at_head(3)), []
    real = runs.run

    def counted(*args, **kwargs):  # type: ignore[no-untyped-def]
        ran.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(runs, "run", counted)
    threads = [threading.Thread(target=run_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ran) == 1
    assert (page(number).line.state, page(number).tries) == (RunState.COMPLETED, 1)


def test_a_case_that_fails_is_named_by_its_id_and_the_others_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red when `perform` throws the failures away: the run would be shown as completed."""
    bad, good = cases_at_head(2)
    real = steps.send_head_letter

    def fails(uow: UnitOfWork, case_id: uuid.UUID) -> None:
        if str(case_id) == bad:
            raise ValueError("the name of a person")
        real(uow, case_id)

    monkeypatch.setattr(steps, "send_head_letter", fails)
    number = ask(ADVANCE, bad, good)
    run_all()
    shown = page(number)
    assert (shown.line.state, shown.line.failed, shown.line.moved) == (RunState.FAILED, 1, 1)
    [failure] = shown.failures
    assert (failure.subject, failure.error) == (f"case:{bad}", "ValueError")
    assert failure.place.startswith("tests/flows/test_performing.py:")
    assert "person" not in repr(shown)


def test_a_run_that_breaks_off_is_failed_and_says_where(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when the end of a broken run is not noted: it would be shown running until its lease ends, five times."""
    number = ask(ADVANCE, *cases_at_head(1))
    monkeypatch.setattr("flows.case.select", lambda *_: 1 / 0)
    taken = take()
    assert taken is not None
    with pytest.raises(RunBroken):
        perform(taken, prefect=False)
    assert page(number).line.state is RunState.FAILED
    assert "ZeroDivisionError at tests/flows/test_performing.py:" in str(page(number).error)
    assert take() is None


def test_what_a_worker_begins_by_itself_leaves_a_row_too(database: Database) -> None:
    ids = cases_at_head(2)
    perform(performing.begin(runs.take()), prefect=False)
    with reading() as uow:
        [row] = requests.latest(uow, 10)
        assert (row.asked_by, row.state, row.key) == (runs.ACTOR, RunState.COMPLETED, None)
        assert {str(each.subject_id) for each in row.subjects} == set(ids)


def test_a_long_run_keeps_its_lease(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when the lease is not renewed while the run goes on: another worker would start it a second time."""
    number = ask(ADVANCE, *cases_at_head(1))
    monkeypatch.setattr(performing, "RENEWALS", 600)
    until, real = [], runs.run

    def slow(*args, **kwargs):  # type: ignore[no-untyped-def]
        for _ in range(2):
            with reading() as uow:
                until.append(requests.find(uow, number).taken_until)
            time.sleep(0.5)
        return real(*args, **kwargs)

    monkeypatch.setattr(runs, "run", slow)
    run_all()
    assert until[1] > until[0]


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing(database: Database, tmp_path: Path) -> None:
    """
    The second worker takes the request up and shows what both did. Red when `take` looks for requests never taken only.
    """
    ids = cases_at_head(40)
    number = ask(ADVANCE, *ids)
    told = {"MANDATE_PREFECT_PORT": str(free_port())}
    first = _worker(tmp_path / "first.log", told)
    _wait_for(lambda: any(TOLD in kinds_of(database, each) for each in ids))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert page(number).line.state is RunState.RUNNING
    second = _worker(tmp_path / "second.log", told)
    try:
        _wait_for(lambda: page(number).line.over)
    finally:
        second.kill()
        second.wait()
    shown = page(number)
    assert (shown.line.state, shown.line.moved, shown.tries) == (RunState.COMPLETED, 40, 2)
    assert all(kinds_of(database, each).count(TOLD) == 1 for each in ids)


def _worker(log: Path, told: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("w") as output:
        return subprocess.Popen(COMMAND, cwd=ROOT, env={**os.environ, **told}, stdout=output, stderr=output)


def _wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 2 * PATIENCE
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


@pytest.mark.prefect
def test_under_prefect_the_row_knows_the_run_and_prefect_knows_ids_only(
    server: PrefectServer, prefect_home: Settings, database: Database
) -> None:
    """Red when `is_run` is not told, or when anything but ids is among the run's parameters, name and tags."""
    [case_id] = cases_at_head(1)
    number = ask(ADVANCE, case_id)
    run_all(prefect=True)
    drained()
    link = page(number).prefect
    assert link is not None
    run = _at_prefect(prefect_home, link.flow_run_id)
    assert (run["name"], run["state_type"]) == (f"{ADVANCE}-{number}", "COMPLETED")
    assert (run["parameters"], run["tags"]) == ({"case_ids": [case_id]}, [])
    assert link.url.endswith(f"/login?redirect=/runs/flow-run/{link.flow_run_id}")
    assert page(number).line.moved == 1


@pytest.mark.prefect
def test_a_run_that_goes_on_without_prefect_forgets_prefects_id(
    server: PrefectServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red when `run` does not tell that Prefect went away: the page would lead to a run that never ends."""
    number = ask(ADVANCE, *cases_at_head(1))
    real = runs.watched

    def away(start):  # type: ignore[no-untyped-def]
        real(start)
        raise runs.PrefectAway

    monkeypatch.setattr(runs, "watched", away)
    run_all(prefect=True)
    assert page(number).line.state is RunState.COMPLETED
    assert page(number).prefect is None


def _at_prefect(configured: Settings, flow_run_id: uuid.UUID) -> dict[str, object]:
    import httpx

    user, _, secret = prefect_server.password(configured).partition(":")
    with httpx.Client(auth=(user, secret), trust_env=False) as client:
        answer = client.get(f"{prefect_server.api_url(configured)}/flow_runs/{flow_run_id}")
        found: dict[str, object] = answer.raise_for_status().json()
        return found


def test_the_row_holds_ids_and_words_only(database: Database) -> None:
    """Red when a column is added that could hold a person: decide then what may stand in it."""
    columns = {column.name for column in FlowRequest.__table__.columns}
    assert columns == {
        "id", "flow", "asked_by", "asked_at", "key", "state", "tries", "taken_until", "taken_by", "flow_run_id",
        "started_at", "ended_at", "seconds", "error", "place", "failed", "failures", "counts",
    }  # fmt: skip
