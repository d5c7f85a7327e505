"""
When each sweep last succeeded.

A sweep that never runs looks like a sweep with nothing to do, so its success is a row that something else watches:
the worker, the status command, and a monitor outside this machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import JSON, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.unit_of_work import UnitOfWork

MISSED_PERIODS = 2


class SweepRun(Base):
    """
    The last success of one sweep: when, what it counted, and how many there have been.

    `successes` grows by one each time, so that a watcher sees life even where the database's clock stands still.
    """

    __tablename__ = "sweep_runs"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last_success_at: Mapped[datetime]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    successes: Mapped[int] = mapped_column(default=0)

    def is_late(self, now: datetime, period: timedelta) -> bool:
        """Whether two periods have passed since the last success."""
        return now - self.last_success_at > MISSED_PERIODS * period


def succeeded(uow: UnitOfWork, name: str, counts: Mapping[str, int]) -> SweepRun:
    """Note that a sweep reached its end just now, and what it counted."""
    row = uow.session.get(SweepRun, name, with_for_update=True)
    if row is None:
        # Two that end for the first time at once both find none; the loser goes on with the winner's row.
        with suppress(IntegrityError), uow.session.begin_nested():
            uow.session.add(SweepRun(name=name, last_success_at=uow.now, counts={}, successes=0))
        row = uow.session.get_one(SweepRun, name, with_for_update=True)
    row.last_success_at = uow.now
    row.counts = dict(counts)
    row.successes += 1
    uow.session.flush()
    return row


def last_successes(uow: UnitOfWork) -> Sequence[SweepRun]:
    """The last success of every sweep that ever had one, by name."""
    return uow.session.scalars(select(SweepRun).order_by(SweepRun.name)).all()
