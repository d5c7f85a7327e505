"""
What stands failed: one row for each subject that a flow could not bring forward, until it can.

A row holds an id, the class of the error and the place in the program; never a message, which could hold a name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.unit_of_work import UnitOfWork


class StandingFailure(Base):
    """`subject` is kind:id, or `run` for a run that failed as a whole; `times` counts failures in a row."""

    __tablename__ = "standing_failures"

    flow: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    error: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(120))
    times: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


def stand(uow: UnitOfWork, flow: str, subject: str, error: str, place: str) -> None:
    """Record that a subject failed again, or for the first time."""
    row = uow.session.get(StandingFailure, (flow, subject), with_for_update=True)
    if row is None:
        row = StandingFailure(flow=flow, subject=subject, times=0, first_at=uow.now)
        uow.session.add(row)
    row.error, row.place, row.last_at = error, place, uow.now
    row.times += 1
    uow.session.flush()


def forget(uow: UnitOfWork, flow: str, succeeded: Collection[str]) -> None:
    """Remove the failures of subjects that were brought forward after all."""
    for row in uow.session.scalars(select(StandingFailure).where(StandingFailure.flow == flow)):
        if row.subject in succeeded:
            uow.session.delete(row)
    uow.session.flush()


def standing(uow: UnitOfWork) -> Sequence[StandingFailure]:
    """Everything that stands failed, the latest first."""
    return uow.session.scalars(select(StandingFailure).order_by(StandingFailure.last_at.desc())).all()
