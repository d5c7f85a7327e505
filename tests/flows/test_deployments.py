"""The clock: schedules that really make runs, and a worker that does not depend on them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Scheduled
from sqlalchemy import event

from app import worker
from app.prefect_server import PrefectServer
from app.schedules import ScheduledRuns
from core import sweeps
from core.db import Database
from core.unit_of_work import reading, unit_of_work
from flows.deployments import SCHEDULED, register
from tests.conftest import NOON
from tests.flows.conftest import stand_at

SCHEDULER_SECONDS = 60.0


def _ask(question: Callable[[PrefectClient], Awaitable[Any]]) -> Any:
    async def asked() -> Any:
        async with get_client() as client:
            return await question(client)

    return asyncio.run(asked())


def _runs_of(deployments: list[Any]) -> list[FlowRun]:
    wanted = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=deployments))
    found: list[FlowRun] = _ask(lambda client: client.read_flow_runs(flow_run_filter=wanted))
    return found


@pytest.mark.prefect
def test_registered_schedules_really_make_runs(server: PrefectServer) -> None:
    """
    On some combinations of versions Prefect's scheduler silently makes none; this is where the pins are held to it.

    Mutation: register without `schedule=` in flows/deployments.py.
    """
    registered = asyncio.run(register())
    assert {flow.name for flow in registered.values()} == set(SCHEDULED)

    until = time.monotonic() + SCHEDULER_SECONDS
    made: set[Any] = set()
    while time.monotonic() < until and made != set(registered):
        runs = _runs_of(list(registered))
        made = {run.deployment_id for run in runs if run.state and run.state.type is StateType.SCHEDULED}
        time.sleep(0.5)

    assert made == set(registered)


@pytest.mark.prefect
def test_registering_twice_makes_one_deployment(server: PrefectServer) -> None:
    """
    Mutation: put the time of day into `DEPLOYMENT` in flows/deployments.py.
    """
    assert set(asyncio.run(register())) == set(asyncio.run(register()))


@pytest.mark.prefect
def test_missed_runs_are_done_once(server: PrefectServer, database: Database) -> None:
    """
    Mutation: in app/schedules.py, run every due run instead of the latest.
    """
    registered = asyncio.run(register())
    [deployment] = [key for key, flow in registered.items() if flow.name == "deadline_sweep"]

    async def miss(client: PrefectClient) -> list[Any]:
        now = datetime.now(UTC)
        ids = []
        for minutes in (45, 30, 15):
            late = Scheduled(scheduled_time=now - timedelta(minutes=minutes))
            ids.append((await client.create_flow_run_from_deployment(deployment, state=late)).id)
        return ids

    missed = _ask(miss)
    asyncio.run(ScheduledRuns().run_due())

    async def ended(client: PrefectClient) -> list[StateType | None]:
        return [(await client.read_flow_run(each)).state_type for each in missed]

    # Where the schedule's own run has come due in the meantime that one is the latest, and the third is missed too.
    states = _ask(ended)
    assert states[:2] == [StateType.CANCELLED, StateType.CANCELLED]
    assert states[2] in {StateType.COMPLETED, StateType.CANCELLED}
    with reading() as uow:
        assert {row.name: row.successes for row in sweeps.last_successes(uow)}["deadline_sweep"] == 1


def test_fm_21_a_silent_sweep_is_noticed_within_two_periods(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Turns red if `Watch.silent` in app/worker.py is false once a sweep was heard.
    """
    now = 1000.0
    monkeypatch.setattr(worker.time, "monotonic", lambda: now)
    watch, period = worker.Watch(), timedelta(minutes=15)
    watch.look()
    assert watch.silent("deadline_sweep", period), "a worker that starts has heard nothing yet"
    watch.heard("deadline_sweep")
    now += period.total_seconds()
    assert not watch.silent("deadline_sweep", period)
    with unit_of_work("flow:test") as uow:
        sweeps.succeeded(uow, "deadline_sweep", {})
    watch.look()
    now += period.total_seconds()
    assert not watch.silent("deadline_sweep", period), "another worker's success is heard too"
    now += 1
    assert watch.silent("deadline_sweep", period)


def test_a_new_day_is_swept_at_once_and_the_sweeps_are_looked_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Turns red if `_sweep_new_day` reads the sweeps' rows itself or delivers nothing, or `Watch.unswept_day` asks for no
    success of the day.
    """
    ran: list[str] = []
    looks: list[str] = []
    monkeypatch.setattr(worker.prefect_server, "answers", lambda _: False)
    monkeypatch.setattr(worker.runs, "run", lambda flow, prefect: ran.append(flow.name))
    event.listen(database.engine, "before_cursor_execute", lambda *told: looks.append(str(told[2])))
    keeper = worker.Worker()

    def keeps_time(at: datetime) -> list[str]:
        stand_at(at)
        ran.clear()
        looks.clear()
        keeper._keep_time()
        assert len([each for each in looks if "FROM sweep_runs ORDER BY" in " ".join(each.split())]) == 1
        return list(ran)

    assert keeps_time(NOON) == ["deadline_sweep", "outbox_delivery", "service_sweep"]
    assert keeps_time(NOON + timedelta(minutes=1)) == []
    assert keeps_time(NOON + timedelta(days=1)) == ["deadline_sweep"]
    stand_at(NOON + timedelta(days=2))
    with unit_of_work("flow:test") as uow:
        sweeps.succeeded(uow, "deadline_sweep", {})
    assert keeps_time(NOON + timedelta(days=2)) == [], "another worker swept it"
    monkeypatch.setattr(worker.runs, "anything_to_send", lambda: True)
    assert keeps_time(NOON + timedelta(days=3)) == ["deadline_sweep", "outbox_delivery"], "the reminders leave at once"
