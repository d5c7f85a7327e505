"""Agreements that are kept, and checks that they are."""

from __future__ import annotations

from prefect import flow, task

from casework.agreements import steps
from flows.action import end_action
from flows.ballot import tell_results
from flows.batches import FLOW, RETRIED, each_case, in_order
from flows.edge import sealed
from flows.errors import Failure

NAME = "monitoring"


@task(name="schedule_checks", **RETRIED)
@sealed
async def schedule_checks(case_ids: list[str]) -> list[Failure]:
    """Set the day of the next check of each agreement, and send both sides its record."""
    return await each_case(NAME, case_ids, steps.schedule_check)


@flow(name=NAME, **FLOW)
@sealed
async def monitoring(case_ids: list[str]) -> None:
    """What follows a settlement: action ends, a late result is told, the agreement is recorded, its checks are set."""
    await in_order(case_ids, end_action, tell_results, schedule_checks)
