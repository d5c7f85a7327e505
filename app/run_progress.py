"""How far a run is while it goes on, read from the rows that it writes: whoever opens its page anew sees the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import func, select

from app.run_requests import ADVANCE, DEADLINES, OUTBOX, SERVICE
from casework import deadlines
from casework.cases import Case
from core.requests import FlowRequest, RequestSubject, RunState
from core.unit_of_work import UnitOfWork
from notifications import climbing, waiting
from notifications.models import Attempt, Notice


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total`, in words before and after the figures; `total` 0 where the end cannot be told ahead."""

    label: str
    done: int
    total: int
    unit: str


def progress(uow: UnitOfWork, row: FlowRequest) -> Progress | None:
    """How far it is; None unless a worker is about it."""
    if row.state is not RunState.RUNNING or row.started_at is None:
        return None
    return _OF[row.flow](uow, row, row.started_at)


def sending(uow: UnitOfWork, since: datetime | None = None) -> Progress | None:
    """
    How far the notices are that are due: those that have left `since`, or since the oldest of the others was due. None
    when none waits.
    """
    left = waiting.due_count(uow)
    begins = since or waiting.first_due(uow)
    if not left or begins is None:
        return None
    done = _left_since(uow, begins)
    return Progress("Notices are leaving", done, done + left, "notices have left")


def _left_since(uow: UnitOfWork, since: datetime) -> int:
    # By way of the notices, so that whoever reaches only some is told of those.
    tried = select(func.count(Notice.id.distinct())).join(Attempt, Attempt.notice_id == Notice.id)
    counted = tried.where(Attempt.started_at >= since, Attempt.finished_at.is_not(None))
    return uow.session.scalar(counted) or 0


def _cases(uow: UnitOfWork, row: FlowRequest, _: datetime) -> Progress:
    """A case that has nothing to do is not seen to be done: the bar of a run that ends may stand short of its end."""
    of_run = select(func.count()).select_from(RequestSubject).where(RequestSubject.request_id == row.id)
    went_on = of_run.join(Case, Case.id == RequestSubject.subject_id).where(
        Case.events_count != RequestSubject.events_before
    )
    total, done = (uow.session.scalar(each) or 0 for each in (of_run, went_on))
    return Progress("Cases are advanced", done, total, "cases have gone on")


def _outbox(uow: UnitOfWork, _: FlowRequest, began: datetime) -> Progress:
    return sending(uow, began) or Progress("Notices are leaving", 0, 0, "")


def _deadlines(uow: UnitOfWork, _: FlowRequest, __: datetime) -> Progress:
    left = len(deadlines.to_remind(uow))
    return Progress(f"Deadlines are looked at; {left:,} to remind of" if left else "Deadlines are looked at", 0, 0, "")


def _service(uow: UnitOfWork, _: FlowRequest, __: datetime) -> Progress:
    left = len(climbing.to_climb(uow))
    return Progress(f"Proof is looked for; {left:,} notices to go" if left else "Proof is looked for", 0, 0, "")


_OF: Mapping[str, Callable[[UnitOfWork, FlowRequest, datetime], Progress]] = MappingProxyType(
    {ADVANCE: _cases, OUTBOX: _outbox, DEADLINES: _deadlines, SERVICE: _service}
)
