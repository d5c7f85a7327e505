"""
From the commit of a person's act to the first line of the flow that follows it, in a worker process of its own.

Run as a program it is that worker: the real one, whose flow writes down when its first line ran and over which cases.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from app import prefect_server
from bench.frame import Line, Run, median, say, spoken, spread
from bench.ground import Ground
from casework import handlers
from casework.cases import Case
from casework.lifecycle import EventKind
from core import sweeps
from core.settings import settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.builders import a_case, a_workplace

BURST, SINGLES, BURSTS = 20, 20, 5
GIVE_UP_SECONDS = 180.0
NOTES = "BENCH_NOTES"


def figures(run: Run, grounds: list[Ground]) -> Iterator[Line]:
    """With Prefect's server up and without one, on every database."""
    singles, bursts = (4, 2) if run.quick else (SINGLES, BURSTS)
    for ground in grounds:
        template = ground.prepared(lambda uow: _fill(uow, singles + BURST * bursts))
        for prefect in (True, False):
            with ground.fresh(template), _worker(prefect=prefect) as notes:
                name = f"act to flow, {ground.name}, {'Prefect' if prefect else 'plain'}"
                say(f"{name}: waiting for the worker")
                yield from _measured(name, notes, singles, bursts)


def _measured(name: str, notes: Path, singles: int, bursts: int) -> Iterator[Line]:
    with reading() as uow:
        ids = iter(list(uow.session.scalars(select(Case.id))))
    chance = random.Random(20260901)  # noqa: S311 - when an act happens to fall
    alone = []
    for _ in range(singles):
        alone.append(_until_first_line(notes, [next(ids)]))
        time.sleep(chance.uniform(0.5, 1.5))
    yield Line(name, "one act: median to the first line", spread(alone), median(alone), "s", 0.5)
    together = []
    for _ in range(bursts):
        together.append(_until_first_line(notes, [next(ids) for _ in range(BURST)]))
        time.sleep(2)
    say("  bursts: " + ", ".join(spoken(each) for each in together))
    yield Line(
        name, f"burst of {BURST} acts: first act to the last first line", spread(together), max(together), "s", 2.0
    )


def _fill(uow: UnitOfWork, count: int) -> None:
    for _ in range(count):
        a_case(uow, a_workplace(uow))
    from core.work import PendingWork

    uow.session.query(PendingWork).delete()
    for name in ("deadline_sweep", "outbox_delivery"):
        sweeps.succeeded(uow, name, {})


def _until_first_line(notes: Path, case_ids: list[uuid.UUID]) -> float:
    """Record an act on each case; the seconds from the first commit until a flow has begun for every one of them."""
    first = None
    for each in case_ids:
        with unit_of_work("staff:bench") as uow:
            handlers.record(uow, each, EventKind.MEMBERS_MEETING_ARRANGED, {"meets_on": uow.today})
        first = first or time.time()
    wanted, until = {str(each) for each in case_ids}, time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < until:
        begun = {case: line["at"] for line in _lines(notes) for case in line["cases"]}
        if wanted <= begun.keys():
            assert first is not None
            return max(begun[each] for each in wanted) - first
        time.sleep(0.02)
    raise RuntimeError("no flow began within three minutes")


def _lines(notes: Path) -> list[dict[str, list[str]]]:
    return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []


@contextmanager
def _worker(*, prefect: bool) -> Iterator[Path]:
    notes = settings().home / f"notes-{uuid.uuid4()}"
    told = {**os.environ, NOTES: str(notes), "MANDATE_DATABASE_URL": settings().effective_database_url}
    if not prefect:
        told["MANDATE_PREFECT_PORT"] = "1"  # nobody answers there
    child = subprocess.Popen([sys.executable, "-m", "bench.first_line"], env=told)
    try:
        _wait_for(notes)
        yield notes
    finally:
        child.terminate()
        child.wait(60)


def _wait_for(notes: Path) -> None:
    until = time.monotonic() + GIVE_UP_SECONDS
    while not notes.exists():
        if time.monotonic() > until:
            raise RuntimeError("the worker did not begin")
        time.sleep(0.1)
    time.sleep(8)  # its first sweeps, and Prefect's runs of them


def main() -> None:
    """The worker."""
    from core.logs import configure

    configure(verbose=False)
    prefect_server.adopt(settings())
    from app.worker import Worker
    from flows.case import workplace_case

    notes, real = Path(os.environ[NOTES]), workplace_case.fn

    async def noted(case_ids: list[str]) -> None:
        with notes.open("a") as file:
            file.write(json.dumps({"at": time.time(), "cases": case_ids}) + "\n")
        await real(case_ids)

    workplace_case.fn = noted
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    notes.touch()
    Worker().run(stop)
    os._exit(0)


if __name__ == "__main__":
    main()
