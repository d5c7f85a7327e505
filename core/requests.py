"""
Requests to run a flow: a row that says who asked, for what, and what became of it.

Whoever handles a request only writes the row; the worker takes it, and renews its lease while the run goes on. The
request of a worker that died is free again as soon as its death is known (`core.workers`), at the latest when the
lease ends: it is taken anew, and after several lost workers it ends as failed. The number of the try is a fence: what
a worker says after it was given up for dead is not written.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, and_, case, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql import ColumnElement

from core import history, workers
from core.clock import Clock
from core.db import Base, StoredEnum, lock_for_append
from core.errors import Conflict, NotFound
from core.unit_of_work import UnitOfWork

ASKED = "run:flow:asked"
LEASE = timedelta(seconds=60)
"""How long a request stays taken without a renewal."""

MOST_TRIES = 5
WORKER_LOST = "WorkerLost"
ASK_LOCK = 0x52554E53


class RunState(StrEnum):
    """How far a request has come."""

    ASKED = "asked"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


OVER = frozenset({RunState.COMPLETED, RunState.FAILED})


class FlowRequest(Base):
    """
    One run of a flow that somebody asked for, or that the worker began by itself.

    `key` is the digest of the form's nonce or the request's idempotency key. `flow_run_id` is Prefect's, None for a run
    without it. The times are those of the database's clock; `seconds` is how long the last try took by the machine's.
    `failures` holds, at most `FAILURES_KEPT`, `{subject, error, place}`: ids and classes, never a message.
    """

    __tablename__ = "flow_requests"
    __table_args__ = (
        Index("ix_flow_requests_state", "state"),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str] = mapped_column(String(40))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[RunState] = mapped_column(StoredEnum(RunState))
    tries: Mapped[int] = mapped_column(default=0)
    taken_until: Mapped[datetime | None]
    taken_by: Mapped[uuid.UUID | None]
    flow_run_id: Mapped[uuid.UUID | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    seconds: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(String(80))
    place: Mapped[str | None] = mapped_column(String(120))
    failed: Mapped[int] = mapped_column(default=0)
    failures: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)

    subjects: Mapped[list[RequestSubject]] = relationship(order_by="RequestSubject.place", back_populates="request")


class RequestSubject(Base):
    """
    One row that a run is about: where it stood when the first try began, and where when the run ended.

    `events_before` and `events_after` count what had happened to it: the stage alone does not show a letter that went.
    """

    __tablename__ = "flow_request_subjects"

    request_id: Mapped[int] = mapped_column(ForeignKey("flow_requests.id"), primary_key=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True)
    place: Mapped[int]
    before: Mapped[str | None] = mapped_column(String(40))
    after: Mapped[str | None] = mapped_column(String(40))
    events_before: Mapped[int | None]
    events_after: Mapped[int | None]

    request: Mapped[FlowRequest] = relationship(back_populates="subjects")


FAILURES_KEPT = 100
Standing = tuple[str, int]
"""Where a subject stands, and how much has happened to it."""
NOWHERE: Mapping[uuid.UUID, Standing] = MappingProxyType({})


def ask(uow: UnitOfWork, flow: str, subject_ids: Sequence[uuid.UUID], key: str) -> tuple[FlowRequest, bool]:
    """
    Ask for a run; with the same key of the same person again the row that stands, and False.

    `Conflict` when the key came before for something else.
    """
    lock_for_append(uow.session, ASK_LOCK)
    digest = history.digest([uow.actor, key])
    standing = uow.session.scalars(select(FlowRequest).where(FlowRequest.key == digest)).first()
    if standing is not None:
        if (standing.flow, [each.subject_id for each in standing.subjects]) != (flow, list(subject_ids)):
            raise Conflict("This key was used before to ask for another run; nothing was asked for. Send a new key.")
        return standing, False
    row = _add(uow, flow, subject_ids, digest)
    facts = {"flow": flow, "subjects": [str(each) for each in subject_ids]}
    history.record(uow, ASKED, f"run:{row.id}", facts)
    return row, True


def begin(uow: UnitOfWork, flow: str, standing: Mapping[uuid.UUID, Standing]) -> FlowRequest:
    """The row of a run that the worker begins by itself, taken already."""
    row = _add(uow, flow, list(standing), None, standing)
    _start(uow, row)
    return row


def _add(
    uow: UnitOfWork,
    flow: str,
    subject_ids: Sequence[uuid.UUID],
    key: str | None,
    standing: Mapping[uuid.UUID, Standing] = NOWHERE,
) -> FlowRequest:
    row = FlowRequest(flow=flow, asked_by=uow.actor, asked_at=uow.now, state=RunState.ASKED, key=key, tries=0, failed=0)
    uow.session.add(row)
    uow.session.flush()
    if subject_ids:
        # In bulk: a sweep hands on cases by the ten thousand, and nobody else writes meanwhile.
        subjects = [_subject(row.id, place, each, standing.get(each)) for place, each in enumerate(subject_ids)]
        uow.session.execute(insert(RequestSubject), subjects)
    return row


def _subject(request_id: int, place: int, subject_id: uuid.UUID, stood: Standing | None) -> dict[str, Any]:
    before, events_before = stood or (None, None)
    named = {"request_id": request_id, "subject_id": subject_id, "place": place}
    return {**named, "before": before, "events_before": events_before}


def take(uow: UnitOfWork) -> FlowRequest | None:
    """
    The oldest request that is free, taken until its lease ends; None when there is none.

    One that has lost `MOST_TRIES` workers is not taken again but ends as failed.
    """
    free = select(FlowRequest).where(_is_free()).order_by(FlowRequest.id).limit(1).with_for_update(skip_locked=True)
    while (row := uow.session.scalars(free).first()) is not None:
        if row.tries < MOST_TRIES:
            _start(uow, row)
            return row
        row.state, row.error, row.place = RunState.FAILED, WORKER_LOST, "the worker"
        row.ended_at, row.taken_until, row.taken_by = uow.now, None, None
        uow.session.flush()
    return None


def waiting(uow: UnitOfWork) -> bool:
    """Whether a request is free to be taken."""
    return uow.session.scalar(select(FlowRequest.id).where(_is_free()).limit(1)) is not None


def without_worker(uow: UnitOfWork, ids: Sequence[int]) -> frozenset[int]:
    """Those of these requests that nobody works on: not taken yet, or their worker was lost."""
    return frozenset(uow.session.scalars(select(FlowRequest.id).where(FlowRequest.id.in_(ids), _is_free())))


def _is_free() -> ColumnElement[bool]:
    untaken = or_(
        FlowRequest.taken_until.is_(None),
        FlowRequest.taken_until < _machine_time(),
        workers.is_gone(FlowRequest.taken_by),
    )
    return and_(FlowRequest.state.in_([RunState.ASKED, RunState.RUNNING]), untaken)


def _start(uow: UnitOfWork, row: FlowRequest) -> None:
    row.state = RunState.RUNNING
    row.tries += 1
    row.taken_until, row.taken_by = _machine_time() + LEASE, workers.present_id()
    row.started_at = uow.now
    row.flow_run_id = None
    uow.session.flush()


def _machine_time() -> datetime:
    # A worker's life is of this machine: the clock of a demonstration's database stands still.
    return Clock().now()


def note_before(row: FlowRequest, standing: Mapping[uuid.UUID, Standing]) -> None:
    """Keep where the subjects stand; a later try leaves what the first one found."""
    for each in row.subjects:
        if each.before is None and each.subject_id in standing:
            each.before, each.events_before = standing[each.subject_id]


def note_after(uow: UnitOfWork, row: FlowRequest, standing: Mapping[uuid.UUID, Standing]) -> None:
    """Keep where the subjects of the request, among these, stand at the end."""
    ended = [
        {"request_id": row.id, "subject_id": each, "after": after, "events_after": events}
        for each, (after, events) in standing.items()
    ]
    if ended:
        uow.session.execute(update(RequestSubject), ended)
        uow.session.expire(row, ["subjects"])


def hold_try(uow: UnitOfWork, request_id: int, tries: int) -> FlowRequest | None:
    """The request while this try of it counts, nobody else writing it until commit; None once another worker has it."""
    row = uow.session.get(FlowRequest, request_id, with_for_update=True, populate_existing=True)
    return row if row is not None and row.state is RunState.RUNNING and row.tries == tries else None


def renew(uow: UnitOfWork, request_id: int, tries: int) -> bool:
    """Hold the request for another lease; False once another worker has taken it."""
    row = hold_try(uow, request_id, tries)
    if row is not None:
        row.taken_until = _machine_time() + LEASE
    return row is not None


def end(
    uow: UnitOfWork,
    row: FlowRequest,
    *,
    seconds: float,
    failures: Sequence[Mapping[str, str]] = (),
    error: str | None = None,
    place: str | None = None,
    counts: Mapping[str, int] | None = None,
) -> None:
    """Note how a run ended: failed when it failed as a whole (`error`, `place`) or any of its subjects did."""
    row.state = RunState.FAILED if error or failures else RunState.COMPLETED
    row.error, row.place = error, place
    row.failed, row.failures = len(failures), [dict(each) for each in failures[:FAILURES_KEPT]]
    row.counts = dict(counts or {})
    row.ended_at, row.seconds = uow.now, seconds
    row.taken_until = row.taken_by = None
    uow.session.flush()


def find(uow: UnitOfWork, request_id: int) -> FlowRequest:
    """The request, or `NotFound`."""
    row = uow.session.get(FlowRequest, request_id)
    if row is None:
        raise NotFound("run", request_id)
    return row


def latest(
    uow: UnitOfWork, limit: int, subject_id: uuid.UUID | None = None, before: int | None = None
) -> Sequence[FlowRequest]:
    """The newest requests first, of all or of one subject; with `before` those older than that one."""
    rows = select(FlowRequest).order_by(FlowRequest.id.desc()).limit(limit)
    if before is not None:
        rows = rows.where(FlowRequest.id < before)
    if subject_id is not None:
        rows = rows.join(RequestSubject).where(RequestSubject.subject_id == subject_id)
    return uow.session.scalars(rows).all()


def tallies(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Of each request how many subjects it has, and to how many of them anything happened in its run."""
    moved = case((RequestSubject.events_after != RequestSubject.events_before, 1), else_=0)
    counted = (
        select(RequestSubject.request_id, func.count(), func.sum(moved))
        .where(RequestSubject.request_id.in_(ids))
        .group_by(RequestSubject.request_id)
    )
    return {request_id: (count, int(number)) for request_id, count, number in uow.session.execute(counted)}


def subjects_of(uow: UnitOfWork, request_id: int, limit: int) -> Sequence[RequestSubject]:
    """The first subjects of a request, in the order they were named."""
    rows = select(RequestSubject).where(RequestSubject.request_id == request_id).order_by(RequestSubject.place)
    return uow.session.scalars(rows.limit(limit)).all()
