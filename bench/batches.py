"""
Batches of case steps: the handlers called plainly, through Prefect a transaction a case, and several cases to one.

The step at 1,000 is `assign_officer`: the case is held and replayed, an officer chosen by load, an event and its
history appended, a mail rendered and queued, a deadline set. At 25,000 it is `hand_on`, the sweep's step: one look and
one row of pending work, for with the other a run of the bench would take hours (`--full` runs that one too).
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from prefect import Flow, flow

from bench.frame import Line, Run, by_turns, median, say, seconds, spread
from bench.ground import Ground
from casework import disputes, steps
from casework.handlers import ADVANCE_CASE
from casework.lifecycle import EventKind
from core import work
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows import batches
from flows.batches import FLOW, in_order
from flows.deadline_sweep import hand_on
from flows.edge import sealed
from flows.negotiation import assign_officers
from tests.builders import UP_TO_HEAD, a_case, a_workplace, an_association, an_officer, happen

PLAIN, ALONE, TOGETHER = "plain handlers", "Prefect, a transaction a case", "Prefect, cases together"
OFFICERS = 10
AT_OFFICER = (*UP_TO_HEAD, (EventKind.HEAD_MET, {"answer": "refused"}))
Batch = Flow[[list[str]], Awaitable[None]]


@flow(name="bench_assign_officers", **FLOW)
@sealed
async def officers_assigned(case_ids: list[str]) -> None:
    """The real task over all chunks."""
    await in_order(case_ids, assign_officers)


@flow(name="bench_hand_on", **FLOW)
@sealed
async def handed_on(case_ids: list[str]) -> None:
    """The real task over all chunks."""
    await in_order(case_ids, hand_on)


def assign(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """What the task does for one case."""
    disputes.hold(uow, case_id)
    steps.assign_officer(uow, case_id)


def ask(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """What the task does for one case."""
    work.ask_for(uow, ADVANCE_CASE, case_id)


def figures(run: Run, grounds: list[Ground]) -> Iterator[Line]:
    """Both sizes; the large one on SQLite alone unless the run is a full one."""
    for ground in grounds:
        yield from _figure(run, ground, run.size(1000), officers_assigned, assign, with_cases=True)
    for ground in grounds if run.full else grounds[:1]:
        yield from _figure(run, ground, run.size(25_000), handed_on, ask, with_cases=False)
    if run.full:
        yield from _figure(run, grounds[0], run.size(25_000), officers_assigned, assign, with_cases=True)


def _figure(
    run: Run,
    ground: Ground,
    count: int,
    through: Batch,
    step: Callable[[UnitOfWork, uuid.UUID], None],
    *,
    with_cases: bool,
) -> Iterator[Line]:
    name = f"batch of {count:,}, {through.name.removeprefix('bench_')}, {ground.name}"
    say(f"{name}: preparing")
    template = ground.prepared(lambda uow: cases(uow, count) if with_cases else None)

    def measured(work: Callable[[list[str]], object]) -> float:
        with ground.fresh(template):
            ids = _ids(count, with_cases=with_cases)
            return seconds(lambda: work(ids))

    times = by_turns(
        {
            PLAIN: lambda _: measured(lambda ids: _plainly(step, ids)),
            ALONE: lambda _: measured(lambda ids: _alone(through, ids)),
            TOGETHER: lambda _: measured(lambda ids: _through(through, ids)),
        },
        run.repeats,
    )
    plain = f"a case: {spread(times[PLAIN], count)}"
    for contender, limit in ((ALONE, 0.9), (TOGETHER, 4.0)):
        ratio = median(times[PLAIN]) / median(times[contender])
        words = f"{spread(times[contender], count)}; plain, {plain}"
        yield Line(name, f"{contender}, speed against plain", words, ratio, "x", limit, at_least=True)


def cases(uow: UnitOfWork, count: int) -> None:
    """Cases that want an officer of one association, whose officers may take them all."""
    association = an_association(uow)
    for _ in range(OFFICERS):
        an_officer(uow, association, open_case_limit=count)
    for _ in range(count):
        happen(uow, a_case(uow, a_workplace(uow, association=association)), *AT_OFFICER)


def _ids(count: int, *, with_cases: bool) -> list[str]:
    if not with_cases:
        return [str(uuid.uuid4()) for _ in range(count)]
    from casework.cases import Case

    with reading() as uow:
        return sorted(str(row.id) for row in uow.session.query(Case.id))


def _plainly(step: Callable[[UnitOfWork, uuid.UUID], None], ids: list[str]) -> None:
    for each in ids:
        with unit_of_work("flow:bench") as uow:
            step(uow, uuid.UUID(each))


def _alone(through: Batch, ids: list[str]) -> None:
    with _one_to_a_transaction():
        _through(through, ids)


def _through(through: Batch, ids: list[str]) -> None:
    for part in batches.chunks(ids, batches.A_RUN):
        asyncio.run(through(part))


@contextmanager
def _one_to_a_transaction() -> Iterator[None]:
    before = batches.TOGETHER, batches.PAUSE_SECONDS
    batches.TOGETHER, batches.PAUSE_SECONDS = 1, 0.0
    try:
        yield
    finally:
        batches.TOGETHER, batches.PAUSE_SECONDS = before
