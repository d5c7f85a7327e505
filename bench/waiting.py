"""
How long a person's act takes while a large batch runs in another process, which writes as fast as it can.

Run as a program it is that batch: `python -m bench.waiting` over every case that wants an officer, in the database of
the settings.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from bench.batches import assign, cases
from bench.frame import Line, Run, by_turns, say, spoken, spread
from bench.ground import Ground
from casework import handlers
from casework.cases import Case
from casework.lifecycle import EventKind, Stage
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows import batches
from tests.builders import a_case, a_workplace

CASES, ACTS, LONGEST = 600, 200, 1.0
BETWEEN_ACTS = 0.1
ALONE, TOGETHER = "a transaction a case", "cases together"
READY = "ready"


def figures(run: Run, grounds: list[Ground]) -> Iterator[Line]:
    """The longest wait of each repeat, with the batch either way."""
    for ground in grounds:
        template = ground.prepared(lambda uow: _fill(uow, run.size(CASES)))
        acts: dict[str, list[float]] = {ALONE: [], TOGETHER: []}

        def longest(
            way: str, template: str = template, acts: dict[str, list[float]] = acts, at: Ground = ground
        ) -> float:
            with at.fresh(template):
                found = _acts_beside(way)
            acts[way] += found
            return max(found)

        times = by_turns({way: lambda _, way=way: longest(way) for way in acts}, run.repeats)  # type: ignore[misc]
        for way in acts:
            words = f"{spread(acts[way])} of {len(acts[way])} acts; the longest of a repeat {spread(times[way])}"
            limit = LONGEST if way == TOGETHER else None
            yield Line(
                f"act beside a batch, {ground.name}",
                f"batch: {way}; the longest wait",
                words,
                max(times[way]),
                "s",
                limit,
            )


def _fill(uow: UnitOfWork, count: int) -> None:
    cases(uow, count)
    for _ in range(ACTS):
        a_case(uow, a_workplace(uow))


def _acts_beside(way: str) -> list[float]:
    with reading() as uow:
        ids = list(uow.session.scalars(select(Case.id).where(Case.stage == Stage.RAISED)))
    times = []
    with _batch(way) as batch:
        for case_id in ids:
            if batch.poll() is not None:
                break
            started = time.perf_counter()
            with unit_of_work("staff:bench") as uow:
                handlers.record(uow, case_id, EventKind.MEMBERS_MEETING_ARRANGED, {"meets_on": uow.today})
            times.append(time.perf_counter() - started)
            time.sleep(BETWEEN_ACTS)
    say(f"  {way}: {len(times)} acts, the longest {spoken(max(times))}")
    return times


@contextmanager
def _batch(way: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.waiting", way]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as child:  # noqa: S603 - ourselves
        assert child.stdout is not None
        if child.stdout.readline().strip() != READY:
            raise RuntimeError("the batch did not begin")
        yield child
        if child.wait() != 0:
            raise RuntimeError("the batch failed")


def main() -> None:
    """The batch."""
    if sys.argv[1] == ALONE:
        batches.TOGETHER, batches.PAUSE_SECONDS = 1, 0.0
    with reading() as uow:
        ids = [str(each) for each in uow.session.scalars(select(Case.id).where(Case.stage == Stage.OFFICER_ASSIGNED))]
    print(READY, flush=True)
    failures = asyncio.run(batches.each_case("bench", sorted(ids), assign))
    if failures:
        raise SystemExit(f"{len(failures)} failed: {failures[0]}")


if __name__ == "__main__":
    main()
