"""What pages, API and commands show of runs: read-only values with nothing left to work out."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import prefect_server
from app.narrowing import is_narrowed
from app.run_progress import Progress, progress
from app.run_requests import STARTABLE
from app.sentences import by_whom
from app.serve_state import as_served
from casework.cases import Case
from casework.deadlines import Deadline
from casework.lifecycle import Stage
from core import requests
from core.requests import OVER, WORKER_LOST, FlowRequest, RunState
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications.models import Notice

RUNS_SHOWN = 100
RUNS_OF_A_CASE = 5
CASES_SHOWN = 200
REFRESH_SECONDS = 2


@dataclass(frozen=True, slots=True)
class RunLine:
    """
    One run in a list. `asked_by` is the actor, `by` the same in words; `waits` says that nobody works on it: it is
    not taken yet, or its worker was lost.

    `case_count` counts those the run is of and `moved` those to which something happened; 0 for a sweep.
    """

    id: int
    flow: str
    label: str
    state: RunState
    waits: bool
    asked_by: str
    by: str
    asked_at: datetime
    case_count: int
    moved: int
    failed: int

    @property
    def over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.state in OVER


@dataclass(frozen=True, slots=True)
class CaseOfRun:
    """A case that a run was of: its stage before and after, None while not known, and how much was recorded."""

    ref: str
    workplace: str
    before: Stage | None
    after: Stage | None
    recorded: int | None


@dataclass(frozen=True, slots=True)
class FailureLine:
    """One subject that the run could not bring forward, and what to do; `place` is in the program."""

    subject: str
    case_ref: str | None
    sentence: str
    error: str
    place: str


@dataclass(frozen=True, slots=True)
class PrefectLink:
    """
    The run at Prefect: its id, its page, and the file of the password that Prefect asks for; None for a server
    elsewhere, whose password is a setting.
    """

    flow_run_id: uuid.UUID
    url: str
    password_file: Path | None


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything a run's page shows. `counts` are what a sweep counted, by words; `progress` while it goes on."""

    line: RunLine
    says: str
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    tries: int
    cases: tuple[CaseOfRun, ...]
    counts: tuple[tuple[str, int], ...]
    failures: tuple[FailureLine, ...]
    error: str | None
    prefect: PrefectLink | None
    progress: Progress | None


def runs(
    uow: UnitOfWork, case_id: uuid.UUID | None = None, *, limit: int = RUNS_SHOWN, before: int | None = None
) -> tuple[RunLine, ...]:
    """The newest runs first, of all or of one case; with `before` those older than that run."""
    rows = requests.latest(uow, limit, case_id, before)
    return tuple(_lines(uow, rows))


def run_page(uow: UnitOfWork, request_id: int) -> RunPage:
    """One run; `NotFound` otherwise."""
    row = requests.find(uow, request_id)
    return RunPage(
        line=next(_lines(uow, [row])),
        says=STARTABLE[row.flow].says,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        tries=row.tries,
        cases=tuple(_cases(uow, row)),
        counts=tuple((name.replace("_", " "), number) for name, number in row.counts.items()),
        failures=tuple(_failures(uow, row)),
        error=_in_words(row),
        prefect=_link(row),
        progress=progress(uow, row),
    )


def as_document(run: RunPage) -> dict[str, Any]:
    """A run as one flat object, for programs."""
    whole = asdict(run)
    line = whole.pop("line")
    return {**line, **whole, "counts": dict(run.counts), "page": f"/runs/{run.line.id}"}


def _lines(uow: UnitOfWork, rows: Sequence[FlowRequest]) -> Iterator[RunLine]:
    if not rows:
        return
    ids = [row.id for row in rows]
    tallies, idle = requests.tallies(uow, ids), requests.without_worker(uow, ids)
    for row in rows:
        cases, moved = tallies.get(row.id, (0, 0))
        yield RunLine(
            id=row.id,
            flow=row.flow,
            label=STARTABLE[row.flow].label,
            state=row.state,
            waits=row.id in idle,
            asked_by=row.asked_by,
            by=by_whom(row.asked_by),
            asked_at=row.asked_at,
            case_count=cases,
            moved=moved,
            failed=row.failed,
        )


def _cases(uow: UnitOfWork, row: FlowRequest) -> Iterator[CaseOfRun]:
    found = {each.subject_id: each for each in requests.subjects_of(uow, row.id, CASES_SHOWN)}
    wanted = select(Case).options(joinedload(Case.workplace)).where(Case.id.in_(found))
    cases = {case.id: case for case in uow.session.scalars(wanted)}
    for case_id, each in found.items():
        if (case := cases.get(case_id)) is None:  # whoever looks does not reach it
            continue
        yield CaseOfRun(
            case.ref,
            case.workplace.name,
            Stage(each.before) if each.before else None,
            Stage(each.after) if each.after else None,
            None if each.events_after is None else each.events_after - (each.events_before or 0),
        )


def _failures(uow: UnitOfWork, row: FlowRequest) -> Iterator[FailureLine]:
    """The failures that whoever looks reaches: the run counts them all."""
    narrowed = is_narrowed(uow.session)
    for each in row.failures:
        if narrowed and not _is_reached(uow, each["subject"]):
            continue
        ref = _case_ref(uow, each["subject"])
        kind = each["subject"].partition(":")[0]
        yield FailureLine(each["subject"], ref, _FAILED.get(kind, _SOMETHING), each["error"], each["place"])


_SOMETHING = "It could not be brought forward; everything else was."
_FAILED: Mapping[str, str] = {
    "case": "The case could not be advanced; every other case was. It is tried again within ten minutes.",
    "deadline": "The reminder of a deadline could not be drawn up; it is tried again at the next sweep.",
    "notice": "The notice could not be handed to its channel; its own page says what becomes of it.",
}


def _is_reached(uow: UnitOfWork, subject: str) -> bool:
    kind, _, key = subject.partition(":")
    if kind == "notice":
        return uow.session.scalar(select(Notice.id).where(Notice.id == uuid.UUID(key))) is not None
    return _case_ref(uow, subject) is not None


def _case_ref(uow: UnitOfWork, subject: str) -> str | None:
    kind, _, key = subject.partition(":")
    if kind == "case":
        return uow.session.scalar(select(Case.ref).where(Case.id == uuid.UUID(key)))
    if kind == "deadline":
        of_deadline = select(Case.ref).join(Deadline, Deadline.case_id == Case.id).where(Deadline.id == uuid.UUID(key))
        return uow.session.scalar(of_deadline)
    return None


def _in_words(row: FlowRequest) -> str | None:
    """Why a run failed as a whole, in plain words; None when it did not."""
    if row.error is None:
        return None
    if row.error == WORKER_LOST:
        return f"Its worker was lost {row.tries} times in the middle, so it was given up. Look at the worker’s log."
    return f"The run broke off: {row.error} at {row.place}. What was done before that stands; start it again."


def _link(row: FlowRequest) -> PrefectLink | None:
    if row.flow_run_id is None:
        return None
    configured = as_served(settings())
    ours = (prefect_server.home(configured) / "password").resolve()
    url = prefect_server.run_url(configured, row.flow_run_id)
    return PrefectLink(row.flow_run_id, url, None if configured.prefect_api_url else ours)
