"""
Pending work: a row written in the transaction of a person's act, saying that a flow should look at something.

The worker drains all rows into one run. A row taken by a worker that died is free again as soon as its death is known
(`core.workers`), and at the latest when the lease ends, so work is done at least once; what it starts must bear running
twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, String, func, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from core import workers
from core.db import Base
from core.unit_of_work import UnitOfWork

LEASE = timedelta(minutes=10)
ASKED_AT_ONCE = 500


class PendingWork(Base):
    """`kind` names the flow, `subject_id` the row it should look at."""

    __tablename__ = "pending_work"
    __table_args__ = (
        Index(
            "ix_pending_work_open",
            "kind",
            "subject_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime]
    taken_until: Mapped[datetime | None]
    taken_by: Mapped[uuid.UUID | None]
    done_at: Mapped[datetime | None]


def ask_for(uow: UnitOfWork, kind: str, subject_id: uuid.UUID) -> None:
    """
    Leave a row for the worker, unless one that nobody has taken already stands.

    A row that stands is held until commit, so that no worker takes it and looks before this act can be seen; one that a
    worker is just taking does not count.
    """
    waiting = select(PendingWork.id).where(
        PendingWork.kind == kind,
        PendingWork.subject_id == subject_id,
        PendingWork.done_at.is_(None),
        PendingWork.taken_until.is_(None),
    )
    if uow.session.scalar(waiting.limit(1).with_for_update(read=True, skip_locked=True)) is None:
        uow.session.add(PendingWork(kind=kind, subject_id=subject_id, created_at=uow.now))
        uow.session.flush()


def is_open(uow: UnitOfWork, kind: str, subject_id: uuid.UUID) -> bool:
    """Whether somebody has asked and no worker has done it yet."""
    found = select(PendingWork.id).where(
        PendingWork.kind == kind, PendingWork.subject_id == subject_id, PendingWork.done_at.is_(None)
    )
    return uow.session.scalar(found.limit(1)) is not None


def ask_for_each(uow: UnitOfWork, kind: str, subject_ids: Sequence[uuid.UUID]) -> None:
    """As `ask_for` of many subjects, each of them once, in a few statements."""
    wanted = list(dict.fromkeys(subject_ids))
    for begins in range(0, len(wanted), ASKED_AT_ONCE):
        some = wanted[begins : begins + ASKED_AT_ONCE]
        waiting = select(PendingWork.subject_id).where(
            PendingWork.kind == kind,
            PendingWork.subject_id.in_(some),
            PendingWork.done_at.is_(None),
            PendingWork.taken_until.is_(None),
        )
        standing = set(uow.session.scalars(waiting.with_for_update(read=True, skip_locked=True)))
        new = (each for each in some if each not in standing)
        uow.session.add_all(PendingWork(kind=kind, subject_id=each, created_at=uow.now) for each in new)
        uow.session.flush()


def take_all(uow: UnitOfWork, kind: str) -> Sequence[PendingWork]:
    """Take every free row of a kind until the lease ends."""
    free = (
        select(PendingWork)
        .where(
            PendingWork.kind == kind,
            PendingWork.done_at.is_(None),
            or_(
                PendingWork.taken_until.is_(None),
                PendingWork.taken_until < uow.now,
                workers.is_gone(PendingWork.taken_by),
            ),
        )
        .order_by(PendingWork.id)
        .with_for_update(skip_locked=True)
    )
    rows = uow.session.scalars(free).all()
    take(uow, rows)
    return rows


def untaken(uow: UnitOfWork, kind: str, subject_ids: Sequence[uuid.UUID]) -> Sequence[PendingWork]:
    """The rows for these subjects that nobody has taken; one whose asker has not committed yet is passed over."""
    rows = select(PendingWork).where(
        PendingWork.kind == kind,
        PendingWork.subject_id.in_(subject_ids),
        PendingWork.done_at.is_(None),
        PendingWork.taken_until.is_(None),
    )
    return uow.session.scalars(rows.with_for_update(skip_locked=True)).all()


def take(uow: UnitOfWork, rows: Sequence[PendingWork]) -> None:
    """Take rows until the lease ends: whoever asks from now on leaves a new one."""
    for row in rows:
        row.taken_until, row.taken_by = uow.now + LEASE, workers.present_id()


def finish(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Mark rows done."""
    uow.session.execute(update(PendingWork).where(PendingWork.id.in_(ids)).values(done_at=uow.now))


def waiting(uow: UnitOfWork) -> int:
    """How many rows nobody has finished."""
    open_rows = select(func.count()).select_from(PendingWork).where(PendingWork.done_at.is_(None))
    return uow.session.scalar(open_rows) or 0
