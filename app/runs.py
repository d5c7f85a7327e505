"""
Running a flow from this program: under Prefect when it is there, the same bodies without it when it is not.

These are what the worker, the plain commands and the demonstration call. Everything here may be called again at any
time: what is already done is found done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import ParamSpec

from prefect import Flow

from casework.handlers import ADVANCE_CASE
from core import work
from core.logs import log
from core.unit_of_work import reading, unit_of_work
from flows import hooks
from flows.case import workplace_case
from flows.deadline_sweep import deadline_sweep
from flows.errors import EdgeError, Failure, StepsFailed
from flows.outbox_delivery import outbox_delivery

ACTOR = "flow:worker"
P = ParamSpec("P")


def advance(case_ids: Sequence[str], *, prefect: bool) -> tuple[Failure, ...]:
    """Advance cases as far as the facts allow; what failed is kept in the database and returned."""
    return asyncio.run(perform(workplace_case, list(case_ids), prefect=prefect)) if case_ids else ()


def sweep_deadlines(*, prefect: bool) -> tuple[Failure, ...]:
    """Send the reminders that are due and ask for the cases whose day has come; `drain` then advances these."""
    return asyncio.run(sweep(deadline_sweep, prefect=prefect))


def deliver(*, prefect: bool) -> tuple[Failure, ...]:
    """Hand every due notice to its channel."""
    return asyncio.run(sweep(outbox_delivery, prefect=prefect))


def drain(*, prefect: bool) -> tuple[Failure, ...]:
    """Advance every case that somebody asked for, until nobody asks."""
    failures: list[Failure] = []
    while taken := take():
        failures += advance(taken, prefect=prefect)
    return tuple(failures)


async def perform(
    flow: Flow[[list[str]], Awaitable[None]], case_ids: list[str], *, prefect: bool
) -> tuple[Failure, ...]:
    """A run of a flow over cases; raises `EdgeError` when the run failed as a whole."""
    return await _guarded(flow.name, flow(case_ids) if prefect else flow.fn(case_ids), plain=not prefect)


async def sweep(flow: Flow[[], Awaitable[None]], *, prefect: bool) -> tuple[Failure, ...]:
    """A run of a flow that finds its own rows; raises `EdgeError` when the run failed as a whole."""
    return await _guarded(flow.name, flow() if prefect else flow.fn(), plain=not prefect)


async def _guarded(name: str, run: Awaitable[None], *, plain: bool) -> tuple[Failure, ...]:
    try:
        await run
    except StepsFailed as error:
        return error.failures
    except EdgeError as error:
        if plain:
            log().error("flow failed", flow=name, error=error.error, path=error.place)
            await asyncio.to_thread(hooks.stand, name, error)
        raise
    return ()


def take() -> list[str]:
    """Take every case that somebody asked for; the ids, each once. They are free again when the lease ends."""
    with reading() as uow:
        if not work.waiting(uow):
            return []
    with unit_of_work(ACTOR) as uow:
        return list(dict.fromkeys(str(row.subject_id) for row in work.take_all(uow, ADVANCE_CASE)))
