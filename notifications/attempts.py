"""What the attempts of one notice tell: when the first began, and which was the last that was accepted."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import func, select

from core.calendar import london_day
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Outcome
from notifications.models import Attempt


def began_on(uow: UnitOfWork, notice_id: uuid.UUID) -> date | None:
    """The London day on which the first attempt began; None where there is none."""
    first = uow.session.scalar(select(func.min(Attempt.started_at)).where(Attempt.notice_id == notice_id))
    return None if first is None else london_day(first)


def accepted(uow: UnitOfWork, notice_id: uuid.UUID) -> Attempt | None:
    """The last attempt that was accepted."""
    rows = select(Attempt).where(Attempt.notice_id == notice_id, Attempt.outcome == Outcome.ACCEPTED)
    return uow.session.scalar(rows.order_by(Attempt.epoch.desc()).limit(1))


def id_of(uow: UnitOfWork, notice_id: uuid.UUID, epoch: int | None) -> uuid.UUID | None:
    """The id of the attempt of an epoch; without one that of the last that was accepted."""
    if epoch is not None:
        return uow.session.scalar(select(Attempt.id).where(Attempt.notice_id == notice_id, Attempt.epoch == epoch))
    last = accepted(uow, notice_id)
    return last.id if last else None
