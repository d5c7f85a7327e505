"""
Running steps over batches: one task for a chunk of rows, and one row's failure its own.

Rows are done several to a transaction. When one of them fails the transaction is rolled back as a whole and each of its
rows is done again in one of its own, so that what comes out is what one transaction for each row gives.

The same bodies serve with and without Prefect. Inside a flow run, `call` makes a task run or a sub-flow run of them;
outside one it awaits the body itself, so that the plain path cannot drift from Prefect's.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeAlias, TypeVar

from prefect import Flow, Task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext

from casework import disputes, repository
from core.away import database_is_away
from core.logs import log
from core.unit_of_work import UnitOfWork, unit_of_work
from flows.edge import place_of
from flows.errors import DatabaseAway, Failure, StepsFailed
from flows.hooks import note_failure
from flows.retries import RETRY_DELAYS, when_database_is_away

A_RUN = 10_000
"""Ids of one run: Prefect refuses parameters of half a megabyte, which some 13,000 would be."""
CHUNK = 500
"""Rows of one task."""
TOGETHER = 50
"""Rows that one transaction takes at most where they are held ahead; where nothing is held, it takes a whole chunk."""
HELD_SECONDS = 0.25
"""How long one transaction goes on to take rows: what else wants to write waits about so long."""
PAUSE_SECONDS = 0.01
"""Between two transactions, so that whoever waits to write comes in; SQLite's waiting is no queue."""
Step: TypeAlias = Callable[[UnitOfWork, uuid.UUID], None]
Ahead: TypeAlias = Callable[[UnitOfWork, Sequence[uuid.UUID]], None]
ChunkTask: TypeAlias = Task[[list[str]], Awaitable[list[Failure]]]
P = ParamSpec("P")
R = TypeVar("R")

FLOW: Mapping[str, Any] = {
    "persist_result": False,
    "log_prints": False,
    "on_failure": [note_failure],
    "on_crashed": [note_failure],
}
"""What every flow is declared with."""

TASK: Mapping[str, Any] = {
    "cache_policy": NO_CACHE,
    "persist_result": False,
    "log_prints": False,
}
"""What every task is declared with."""

RETRIED: Mapping[str, Any] = {
    **TASK,
    "retries": len(RETRY_DELAYS),
    "retry_delay_seconds": RETRY_DELAYS,
    "retry_condition_fn": when_database_is_away,
}
"""What every task is declared with that only writes to the database."""


async def call(part: Flow[P, Awaitable[R]] | Task[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    """A part of the flow that is running: as a run of its own under Prefect, as a plain call without."""
    if FlowRunContext.get() is None:
        return await part.fn(*args, **kwargs)
    return await part(*args, **kwargs)


async def each_case(flow: str, case_ids: Sequence[str], step: Step) -> list[Failure]:
    """One step for each case, nobody else writing that case, or one in a dispute with it, meanwhile."""

    def locked(uow: UnitOfWork, case_id: uuid.UUID) -> None:
        disputes.hold(uow, case_id)
        step(uow, case_id)

    return await asyncio.to_thread(_each_row, Rows(flow, "case", locked, _hold_all), case_ids)


def _hold_all(uow: UnitOfWork, case_ids: Sequence[uuid.UUID]) -> None:
    disputes.hold(uow, *case_ids)
    repository.replay_all(uow, case_ids)


async def each_row(
    flow: str, kind: str, ids: Sequence[str], step: Step, *, ahead: Ahead | None = None
) -> list[Failure]:
    """
    One step for each id; what failed is returned, the rest is done.

    `ahead` holds every row that one transaction is going to write about. Without it a step must hold nothing: who holds
    one row and wants another may stand in the way of a person's act that came the other way.

    Raises `DatabaseAway` when the database is: no row is to blame for that.
    """
    return await asyncio.to_thread(_each_row, Rows(flow, kind, step, ahead), ids)


@dataclass(frozen=True, slots=True)
class Rows:
    """What is done for each row of a kind."""

    flow: str
    kind: str
    step: Step
    ahead: Ahead | None

    @property
    def together(self) -> int:
        """Rows of one transaction at most."""
        return CHUNK if self.ahead is None and TOGETHER > 1 else TOGETHER


def _each_row(rows: Rows, ids: Sequence[str]) -> list[Failure]:
    failures: list[Failure] = []
    left, most = [uuid.UUID(each) for each in ids], rows.together
    while left:
        tried, together = _together(rows, left[:most])
        if not together:
            failures += [failure for each in left[:tried] if (failure := _attempt(rows, each)) is not None]
        left = left[tried:]
        # What was held and not reached in time was held and read for nothing: the next transaction begins with less.
        most = min(rows.together, 2 * tried)
        if left:
            time.sleep(PAUSE_SECONDS)
    return failures


def _together(rows: Rows, ids: Sequence[uuid.UUID]) -> tuple[int, bool]:
    """
    As many rows as fit into `HELD_SECONDS`, in one transaction: how many were tried, and whether that stands.

    When one of them fails nothing stands, and each of those tried is to be done again in a transaction of its own.
    """
    if len(ids) == 1:
        return 1, False
    tried = 0
    try:
        with unit_of_work(f"flow:{rows.flow}") as uow:
            if rows.ahead is not None:
                rows.ahead(uow, ids)
            until = time.monotonic() + HELD_SECONDS
            for row_id in ids:
                tried += 1
                rows.step(uow, row_id)
                if time.monotonic() >= until:
                    break
    except Exception as error:  # noqa: BLE001 - whose error it is shows when each is done alone
        log().info("undone together", flow=rows.flow, count=tried, error=type(error).__name__)
        return max(tried, 1), False
    return tried, True


def _attempt(rows: Rows, row_id: uuid.UUID) -> Failure | None:
    try:
        with unit_of_work(f"flow:{rows.flow}") as uow:
            rows.step(uow, row_id)
            return None
    except Exception as error:  # noqa: BLE001 - the boundary of one row: the other rows go on
        failure = Failure(f"{rows.kind}:{row_id}", type(error).__name__, place_of(error))
        away = database_is_away(error)
    if away:
        raise DatabaseAway(failure.error, failure.place)
    log().error("step failed", flow=rows.flow, kind=failure.subject, error=failure.error, path=failure.place)
    return failure


def chunks(ids: Sequence[R], most: int = CHUNK) -> Iterator[list[R]]:
    """The ids in chunks of at most so many."""
    for start in range(0, len(ids), most):
        yield list(ids[start : start + most])


async def in_chunks(task: ChunkTask, ids: Sequence[str]) -> list[Failure]:
    """One task for each chunk, one after the other."""
    return [failure for chunk in chunks(ids) for failure in await call(task, chunk)]


async def in_order(case_ids: Sequence[str], *tasks: ChunkTask) -> None:
    """
    Every task over all cases, in the order given; a case that failed in one is left out of the next.

    Raises `StepsFailed` at the end when any failed.
    """
    failures: list[Failure] = []
    for task in tasks:
        failed = {failure.subject for failure in failures}
        failures += await in_chunks(task, [each for each in case_ids if f"case:{each}" not in failed])
    if failures:
        raise StepsFailed(failures)
