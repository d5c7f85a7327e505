"""What every flow does when its run fails or crashes: say so in the log and in a row, by class and id only."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State

from core import failures
from core.logs import log
from core.unit_of_work import UnitOfWork, unit_of_work
from flows.errors import EdgeError, Failure, StepsFailed

THE_RUN = "run"


async def note_failure(flow: Flow[..., Any], run: FlowRun, state: State[Any]) -> None:
    """Prefect's call after a run that ended as failed or crashed."""
    error = await state.aresult(raise_on_failure=False)
    kind = type(error).__name__ if isinstance(error, BaseException) else state.name or "unknown"
    log().error("flow failed", flow=flow.name, flow_run_id=str(run.id), state=state.name, error=kind)
    if isinstance(error, StepsFailed):
        return
    known = error if isinstance(error, EdgeError) else EdgeError()
    await asyncio.to_thread(stand, flow.name, known)


def stand(flow: str, error: EdgeError) -> None:
    """Leave a row about a run that failed as a whole; without a database the log line has to do."""
    try:
        with unit_of_work(f"flow:{flow}") as uow:
            failures.stand(uow, flow, THE_RUN, error.error, error.place)
    except Exception as second:  # noqa: BLE001 - the failure of a failure's record must not hide the first
        log().error("failure not recorded", flow=flow, error=type(second).__name__)


def keep(uow: UnitOfWork, flow: str, failed: Iterable[Failure], succeeded: Collection[str]) -> None:
    """At the end of a run: keep each subject that failed, forget those that had failed before and went on now."""
    for failure in failed:
        failures.stand(uow, flow, failure.subject, failure.error, failure.place)
    failures.forget(uow, flow, {THE_RUN, *succeeded})
