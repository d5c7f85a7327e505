"""
Runs that Prefect's scheduler has made and whose minute has come, run in this process.

Started here they cost a fifth of a second; Prefect's own runner starts an interpreter for each, which imports for
seconds and needs a hundred megabytes, every minute.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import groupby

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Abort
from prefect.flow_engine import run_flow_async
from prefect.states import Cancelled, Pending
from prefect.utilities.engine import propose_state

from core.clock import Clock
from core.logs import log
from flows.deployments import Sweep, register
from flows.errors import EdgeError

OVERTAKEN = "A later run of the same sweep does its work"


class ScheduledRuns:
    """The schedules of this worker at the Prefect server."""

    def __init__(self) -> None:
        self._deployments: dict[uuid.UUID, Sweep] = {}

    def forget(self) -> None:
        """Register anew next time: the server may have lost what it knew."""
        self._deployments = {}

    async def run_due(self) -> None:
        """Run what is due, once for each flow; runs that were missed are cancelled for the latest of them."""
        if not self._deployments:
            self._deployments = await register()
        async with get_client() as client:
            runs = await client.get_scheduled_flow_runs_for_deployments(
                list(self._deployments), scheduled_before=Clock().now()
            )
            claimed = [latest for missed, latest in _by_deployment(runs) if await _claim(client, missed, latest)]
        for run in claimed:
            await self._run(run)

    async def _run(self, run: FlowRun) -> None:
        flow = self._deployments[uuid.UUID(str(run.deployment_id))]
        try:
            await run_flow_async(flow, flow_run=run, parameters={})
        except EdgeError as error:
            log().error("scheduled run failed", flow=flow.name, flow_run_id=str(run.id), error=type(error).__name__)


async def _claim(client: PrefectClient, missed: list[FlowRun], latest: FlowRun) -> bool:
    for each in missed:
        await propose_state(client, Cancelled(message=OVERTAKEN), flow_run_id=each.id)
    try:
        state = await propose_state(client, Pending(), flow_run_id=latest.id)
    except Abort:
        # Another worker was first; the server refuses the second claim.
        return False
    return state.is_pending()


def _by_deployment(runs: list[FlowRun]) -> Iterator[tuple[list[FlowRun], FlowRun]]:
    """For each deployment the runs that were missed, and the latest."""
    in_order = sorted(runs, key=lambda run: (str(run.deployment_id), run.expected_start_time or run.created))
    for _, group in groupby(in_order, key=lambda run: run.deployment_id):
        *missed, latest = group
        yield missed, latest
