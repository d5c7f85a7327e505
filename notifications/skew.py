"""How far this machine's clock is from the database server's. A file of SQLite has no clock but ours."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from core.clock import Clock
from core.unit_of_work import UnitOfWork

MOST_APART = timedelta(seconds=2)


def between(uow: UnitOfWork) -> timedelta:
    """This machine's clock less the server's, the way there and back allowed for; nothing where the clock stands."""
    if uow.clock.simulated or uow.session.get_bind().dialect.name != "postgresql":
        return timedelta()
    asked = Clock().now()
    theirs: datetime = uow.session.scalars(select(func.clock_timestamp())).one()
    answered = Clock().now()
    if asked <= theirs <= answered:
        return timedelta()
    return answered - theirs if answered < theirs else asked - theirs


def is_too_wide(apart: timedelta) -> bool:
    """Whether the day that one of the two clocks gives may be doubted."""
    return abs(apart) > MOST_APART
