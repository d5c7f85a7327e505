"""
What only a person can do about a notice: asked for once, open until somebody says how it was done.

Asking again for the same thing changes nothing, while it is open and after; only an earlier `act_by` is taken over.
To hand a notice over is done by the receipt that shows it, not by somebody's word.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core import history
from core.calendar import in_words, london_day
from core.errors import BadInput, Conflict, NotFound
from core.holding import hold, made
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import State
from notifications.models import Notice, ServiceTask

ASKED = "notifications:task:asked"
DONE = "notifications:task:done"
OVER = frozenset({State.CANCELLED, State.CLOSED})
"""States of a notice about which nothing more is to be shown."""


class TaskKind(StrEnum):
    """What a person is asked to do."""

    HAND_OVER = "hand_over"
    IN_DOUBT = "in_doubt"
    READ_REPLY = "read_reply"
    CHECK_ADDRESS = "check_address"
    REACH = "reach"
    ASK_PRINT_HOUSE = "ask_print_house"


LABELS: Mapping[TaskKind, str] = MappingProxyType(
    {
        TaskKind.HAND_OVER: "Hand the notice over, and record it",
        TaskKind.IN_DOUBT: "Service is in doubt: serve again with new dates",
        TaskKind.READ_REPLY: "Read the reply",
        TaskKind.CHECK_ADDRESS: "Check the address",
        TaskKind.REACH: "Reach the recipient another way",
        TaskKind.ASK_PRINT_HOUSE: "Ask the print house about the letter",
    }
)
"""What each kind asks, in the words a person reads."""


def ask(
    uow: UnitOfWork, notice_id: uuid.UUID, kind: TaskKind, because: str, act_by: datetime | None, about: str = ""
) -> ServiceTask:
    """
    Ask a person for something about a notice; the task that stands where it was asked before.

    `about` tells apart tasks of one kind for one notice, such as the digest of the reply to be read. A task that is
    open takes over an earlier `act_by`; one that is done stays done. Raises `NotFound` for a notice that is not there.
    """
    standing = _standing(uow, notice_id, kind, about)
    if standing is None:
        return _asked(uow, notice_id, kind, because, act_by, about)
    if standing.done_at is None and is_earlier(act_by, standing.act_by):
        standing.act_by = act_by
    return standing


def done(uow: UnitOfWork, task_id: uuid.UUID, by: str, how: str) -> ServiceTask:
    """
    Somebody has done it. The same again changes nothing.

    `by` is an opaque reference such as `officer:<id>`, `how` the person's own words. Raises `NotFound`, `BadInput`
    where `how` says nothing, and `Conflict` for a hand-over that no receipt shows, while it can be in time, and for a
    task that was done before, in other words.
    """
    task = hold(uow.session, ServiceTask, task_id)
    if task is None:
        raise NotFound("task", task_id)
    if task.done_at is not None:
        if task.done_how == how.strip():
            return task
        done_on = in_words(london_day(task.done_at))
        raise Conflict(f"This task is done since {done_on}, and what was done then stands; nothing was recorded.")
    if not how.strip():
        raise BadInput(field="how", found="nothing", wanted="what was done, in a few words")
    if _waits_for_a_receipt(uow, task):
        raise Conflict(
            "Nothing shows yet that this notice was received in time. Record the receipt: that ends the task by itself."
        )
    return _ended(uow, task, by, how)


def done_for(uow: UnitOfWork, notice_id: uuid.UUID, kind: TaskKind, by: str, how: str) -> int:
    """Everything of a kind that was still asked about a notice is shown to be done; how many there were."""
    mine = select(ServiceTask).where(ServiceTask.notice_id == notice_id, ServiceTask.kind == kind.value)
    rows = uow.session.scalars(mine.where(ServiceTask.done_at.is_(None)).order_by(ServiceTask.id)).all()
    ours = [hold(uow.session, ServiceTask, task.id) for task in rows]
    return len([_ended(uow, task, by, how) for task in ours if task is not None and task.done_at is None])


def open_tasks(uow: UnitOfWork, kind: TaskKind | None = None) -> Sequence[ServiceTask]:
    """What nobody has done yet, the nearest latest moment first."""
    rows = select(ServiceTask).where(ServiceTask.done_at.is_(None))
    if kind is not None:
        rows = rows.where(ServiceTask.kind == kind.value)
    return uow.session.scalars(rows.order_by(ServiceTask.act_by.asc().nulls_last(), ServiceTask.opened_at)).all()


def ever_asked(uow: UnitOfWork, kind: TaskKind, notice_id: uuid.UUID | None = None) -> Sequence[ServiceTask]:
    """Every task of a kind, done or not; of one notice where it is named."""
    rows = select(ServiceTask).where(ServiceTask.kind == kind.value)
    return uow.session.scalars(rows if notice_id is None else rows.where(ServiceTask.notice_id == notice_id)).all()


def about_notice(uow: UnitOfWork, notice_ids: Sequence[uuid.UUID]) -> Sequence[ServiceTask]:
    """Every task about these notices, done or not, oldest first."""
    rows = select(ServiceTask).where(ServiceTask.notice_id.in_(notice_ids))
    return uow.session.scalars(rows.order_by(ServiceTask.opened_at, ServiceTask.kind)).all()


def is_earlier(wanted: datetime | None, standing: datetime | None) -> bool:
    """Whether a moment by which somebody is to act comes before the one that stands; no moment is the latest."""
    return wanted is not None and (standing is None or wanted < standing)


def _waits_for_a_receipt(uow: UnitOfWork, task: ServiceTask) -> bool:
    """A receipt that suffices would have ended the task; without one the paper would be asked after no more."""
    if task.kind != TaskKind.HAND_OVER or task.notice.state in OVER:
        return False
    return task.notice.latest_receipt_on is None or uow.today <= task.notice.latest_receipt_on


def _ended(uow: UnitOfWork, task: ServiceTask, by: str, how: str) -> ServiceTask:
    task.done_at, task.done_by, task.done_how = uow.now, by, how.strip()
    history.record(uow, DONE, f"notice:{task.notice_id}", {"task": task.id, "kind": task.kind, "by": by})
    return task


def _standing(uow: UnitOfWork, notice_id: uuid.UUID, kind: TaskKind, about: str) -> ServiceTask | None:
    same = (ServiceTask.notice_id == notice_id, ServiceTask.kind == kind.value, ServiceTask.about == about)
    return uow.session.scalar(select(ServiceTask).where(*same))


def _asked(
    uow: UnitOfWork, notice_id: uuid.UUID, kind: TaskKind, because: str, act_by: datetime | None, about: str
) -> ServiceTask:
    if uow.session.get(Notice, notice_id) is None:
        raise NotFound("notice", notice_id)
    task = ServiceTask(
        notice_id=notice_id, kind=kind.value, about=about, because=because, act_by=act_by, opened_at=uow.now
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(task)
            uow.session.flush()
    except IntegrityError:
        # Another transaction asked for the same between our look and our insert.
        standing = _standing(uow, notice_id, kind, about)
        if standing is None:
            raise
        return standing
    facts = {"task": task.id, "kind": kind, "because": because, "act_by": act_by}
    history.record(uow, ASKED, f"notice:{notice_id}", facts)
    return made(uow.session, task, task.id)
