"""
Running a flow from this program: under Prefect when it is there, the same bodies without it when it is not.

These are what the worker, the plain commands and the demonstration call. Everything here may be called again at any
time: what is already done is found done.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import uuid
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow_async
from prefect.states import Pending
from prefect.utilities.callables import get_call_parameters

from app import prefect_server
from casework import stand_downs
from casework.handlers import ADVANCE_CASE
from core import work
from core.logs import log
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from flows import hooks
from flows.batches import A_RUN, chunks
from flows.case import workplace_case
from flows.deadline_sweep import deadline_sweep
from flows.errors import EdgeError, Failure, StepsFailed
from flows.outbox_delivery import outbox_delivery
from flows.service_sweep import service_sweep
from notifications import waiting

ACTOR = "flow:worker"
WATCH_SECONDS = 2.0
MISSES = 3


class PrefectAway(Exception):
    """Prefect's server is gone, or cannot do its part, in the middle of a run."""


class Asked(Protocol):
    """Whoever asked for a run: its name at Prefect, and a listener for its id."""

    @property
    def name(self) -> str: ...

    def is_run(self, flow_run_id: uuid.UUID | None) -> None: ...


def advance(case_ids: Sequence[str], *, prefect: bool) -> tuple[Failure, ...]:
    """Advance cases as far as the facts allow; what failed is kept in the database and returned."""
    return run(workplace_case, list(case_ids), prefect=prefect) if case_ids else ()


def sweep_deadlines(*, prefect: bool) -> tuple[Failure, ...]:
    """Send the reminders that are due and ask for the cases whose day has come; `drain` then advances these."""
    return run(deadline_sweep, prefect=prefect)


def deliver(*, prefect: bool) -> tuple[Failure, ...]:
    """Hand every due notice to its channel."""
    return run(outbox_delivery, prefect=prefect)


def sweep_service(*, prefect: bool) -> tuple[Failure, ...]:
    """Read the mailbox, and bring every paper that is not shown to have arrived one step further."""
    return run(service_sweep, prefect=prefect)


def drain(*, prefect: bool, seen: set[str] | None = None) -> tuple[Failure, ...]:
    """Advance every case that somebody asked for, until nobody asks; their ids are added to `seen`."""
    failures: list[Failure] = []
    while taken := take():
        failures += advance(taken, prefect=prefect)
        if seen is not None:
            seen.update(taken)
    return tuple(failures)


def take() -> list[str]:
    """Take every case that somebody asked for; the ids, each once. They are free again when the lease ends."""
    with reading() as uow:
        if not work.waiting(uow):
            return []
    with unit_of_work(ACTOR) as uow:
        return list(dict.fromkeys(str(row.subject_id) for row in work.take_all(uow, ADVANCE_CASE)))


def run(
    flow: Flow[..., Awaitable[None]], *ids: list[str], prefect: bool, asked: Asked | None = None
) -> tuple[Failure, ...]:
    """
    Run a flow, over more ids than `batches.A_RUN` several times; the failures of single subjects are returned. `asked`
    hears which run of Prefect's it is, the latest last.

    Raises `EdgeError` when a run failed as a whole. When Prefect goes away in the middle, it is done again plainly.
    """
    parts = [[part] for part in chunks(ids[0], A_RUN)] if ids else [[]]
    return tuple(failure for part in parts for failure in _once(flow, *part, prefect=prefect, asked=asked))


def _once(flow: Flow[..., Awaitable[None]], *ids: list[str], prefect: bool, asked: Asked | None) -> tuple[Failure, ...]:
    try:
        if prefect:
            try:
                watched(lambda: _under_prefect(flow, ids, asked))
            except PrefectAway:
                log().error("going on without Prefect", flow=flow.name)
                if asked:
                    asked.is_run(None)
            else:
                return ()
        _plainly(flow, *ids)
    except StepsFailed as error:
        return error.failures
    return ()


async def _under_prefect(flow: Flow[..., Awaitable[None]], ids: Sequence[list[str]], asked: Asked | None) -> None:
    # The run is made before it is started, so that its id is known while it goes on.
    parameters = get_call_parameters(flow.fn, tuple(ids), {})
    async with get_client() as client:
        made = await client.create_flow_run(
            flow, name=asked.name if asked else None, parameters=parameters, state=Pending()
        )
    if asked:
        await asyncio.to_thread(asked.is_run, made.id)
    await run_flow_async(flow, flow_run=made, parameters=parameters)


def _plainly(flow: Flow[..., Awaitable[None]], *ids: list[str]) -> None:
    try:
        asyncio.run(_awaited(lambda: flow.fn(*ids)))
    except StepsFailed:
        raise
    except EdgeError as error:
        log().error("flow failed", flow=flow.name, error=error.error, path=error.place)
        hooks.stand(flow.name, error)
        raise


async def _awaited(start: Callable[[], Awaitable[None]]) -> None:
    await start()


def watched(start: Callable[[], Awaitable[None]]) -> None:
    """
    Run something that talks to Prefect, and stop waiting for it when the server does not answer any more.

    A flow whose server dies in the middle comes back after minutes only (144 s, measured). What it was doing may still
    end by itself, which is harmless. Raises `PrefectAway`, or the `EdgeError` of the run.
    """
    outcome: Future[None] = Future()
    context = contextvars.copy_context()
    # A thread of its own, for in the main thread Prefect would turn SIGTERM into the end of the run at hand.
    threading.Thread(target=context.run, args=(_settle, outcome, start), name="prefect-run", daemon=True).start()
    misses = 0
    while misses < MISSES:
        try:
            return outcome.result(WATCH_SECONDS)
        except EdgeError:
            raise
        except TimeoutError:
            misses = 0 if prefect_server.answers(settings()) else misses + 1
        except Exception as error:  # noqa: BLE001 - whatever Prefect's client raises, the work itself can go on
            log().error("Prefect failed", error=type(error).__name__)
            raise PrefectAway from None
    raise PrefectAway


def _settle(outcome: Future[None], start: Callable[[], Awaitable[None]]) -> None:
    try:
        asyncio.run(_awaited(start))
    except BaseException as error:  # noqa: BLE001 - handed on to the one who waits
        outcome.set_exception(error)
    else:
        outcome.set_result(None)


def anything_to_send() -> bool:
    """Whether a notice is due to go out now."""
    with reading() as uow:
        return bool(waiting.due(uow, 1))


def anybody_to_tell() -> bool:
    """Whether a stand-down was ordered and somebody has no message of it yet."""
    with reading() as uow:
        return stand_downs.anybody_untold(uow)
