"""
Runs that leave a row: those somebody asked for, and those the worker begins by itself.

The row holds where each case stood before and after, what failed, and Prefect's id of the run when Prefect was there.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from prefect import Flow
from sqlalchemy import select

from app import runs
from app.run_requests import ADVANCE, STARTABLE
from casework.cases import Case
from core import requests
from core.logs import log
from core.requests import LEASE, FlowRequest, Standing
from core.sweeps import SweepRun
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from core.workers import RENEWING
from flows.batches import chunks
from flows.case import workplace_case
from flows.deadline_sweep import deadline_sweep
from flows.errors import EdgeError, Failure
from flows.outbox_delivery import outbox_delivery
from flows.service_sweep import service_sweep

FLOWS: Mapping[str, Flow[..., Awaitable[None]]] = {
    each.name: each for each in (workplace_case, deadline_sweep, outbox_delivery, service_sweep)
}
"""The flows behind `app.run_requests.STARTABLE`."""

RENEWALS = 4
"""How often a lease is renewed within its length."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A request in the hands of this worker; `tries` is the number of its try."""

    id: int
    tries: int
    flow: str
    case_ids: tuple[str, ...]


def take() -> Taken | None:
    """The oldest request that nobody works on, taken; None when there is none."""
    with reading() as uow:
        if not requests.waiting(uow):
            return None
    with unit_of_work(runs.ACTOR) as uow:
        row = requests.take(uow)
        if row is None:
            return None
        case_ids = [each.subject_id for each in row.subjects]
        requests.note_before(row, _standing(uow, case_ids))
        return _taken(row, case_ids)


def begin(case_ids: Sequence[str]) -> Taken:
    """The row of a run over cases that this worker begins by itself."""
    with unit_of_work(runs.ACTOR) as uow:
        standing = _standing(uow, [uuid.UUID(each) for each in case_ids])
        return _taken(requests.begin(uow, ADVANCE, standing), standing)


def _taken(row: FlowRequest, case_ids: Iterable[uuid.UUID]) -> Taken:
    return Taken(row.id, row.tries, row.flow, tuple(map(str, case_ids)))


def _standing(uow: UnitOfWork, case_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """Where cases stand, in the order of their ids given; one that is gone is left out."""
    found: dict[uuid.UUID, Standing] = {}
    for chunk in chunks(case_ids):
        rows = select(Case.id, Case.stage, Case.events_count).where(Case.id.in_(chunk))
        found |= {row.id: (row.stage.value, row.events_count) for row in uow.session.execute(rows)}
    return {each: found[each] for each in case_ids if each in found}


def perform(taken: Taken, *, prefect: bool) -> tuple[Failure, ...]:
    """
    Run what was taken and note how it ended; the failures of single subjects are returned.

    Raises the `EdgeError` of a run that failed as a whole, once that is noted.
    """
    began = time.monotonic()
    failures: tuple[Failure, ...] = ()
    broken: EdgeError | None = None
    ids = [list(taken.case_ids)] if STARTABLE[taken.flow].of_cases else []
    with _renewed(taken):
        try:
            failures = runs.run(FLOWS[taken.flow], *ids, prefect=prefect, asked=_Told(taken))
        except EdgeError as error:
            broken = error
    _note_end(taken, time.monotonic() - began, failures, broken)
    if broken is not None:
        raise broken
    return failures


@dataclass(frozen=True, slots=True)
class _Told:
    """What a run under Prefect is called there, and who wants to know its id."""

    taken: Taken

    @property
    def name(self) -> str:
        return f"{self.taken.flow}-{self.taken.id}"

    def is_run(self, flow_run_id: uuid.UUID | None) -> None:
        """Keep Prefect's id of the run; None when it goes on without Prefect."""
        with unit_of_work(runs.ACTOR) as uow:
            row = requests.hold_try(uow, self.taken.id, self.taken.tries)
            if row is not None:
                row.flow_run_id = flow_run_id


@contextmanager
def _renewed(taken: Taken) -> Iterator[None]:
    """Hold the lease for as long as the block takes."""
    over = threading.Event()

    def hold() -> None:
        while not over.wait(LEASE.total_seconds() / RENEWALS):
            try:
                with unit_of_work(runs.ACTOR) as uow:
                    requests.renew(uow, taken.id, taken.tries)
            except Exception as error:  # noqa: BLE001 - the next renewal may succeed; the run itself goes on
                log().error("lease not renewed", error=type(error).__name__)

    thread = threading.Thread(target=hold, name=RENEWING, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _note_end(taken: Taken, seconds: float, failures: Sequence[Failure], broken: EdgeError | None) -> None:
    with unit_of_work(runs.ACTOR) as uow:
        row = requests.hold_try(uow, taken.id, taken.tries)
        if row is None:
            log().error("run overtaken", flow=taken.flow, count=taken.tries)
            return
        requests.note_after(uow, row, _standing(uow, [uuid.UUID(each) for each in taken.case_ids]))
        ending: dict[str, Any] = {"error": broken.error, "place": broken.place} if broken else {}
        if not broken and not taken.case_ids:
            sweep = uow.session.get(SweepRun, taken.flow)
            ending["counts"] = sweep.counts if sweep else {}
        requests.end(uow, row, seconds=round(seconds, 3), failures=[asdict(each) for each in failures], **ending)
