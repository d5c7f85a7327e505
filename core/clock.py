"""
The only reader of the wall clock.

A London date is what the law counts in; an instant is kept in UTC. A demonstration database carries a clock of its own
(`stored_clock`), which every process that opens that database honours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import CheckConstraint, Connection, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.calendar import LONDON, london_day, london_time
from core.db import Base
from core.errors import BadInput

THE_ONE_ROW = 1


@dataclass(frozen=True, slots=True)
class Clock:
    """`fixed_at` stops the clock at that instant; without it the clock is the wall's."""

    fixed_at: datetime | None = None

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self.fixed_at.astimezone(UTC) if self.fixed_at else datetime.now(UTC)

    def today(self) -> date:
        """The present date in London."""
        return london_day(self.now())

    @property
    def simulated(self) -> bool:
        """Whether this is not the wall clock."""
        return self.fixed_at is not None


class StoredClock(Base):
    """The instant at which a demonstration database stands; one row or none."""

    __tablename__ = "stored_clock"
    __table_args__ = (CheckConstraint(f"id = {THE_ONE_ROW}", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stands_at: Mapped[datetime]


def london_instant(day: date, at: time = time(9, 0)) -> datetime:
    """That time of day in London on that date, in UTC."""
    return datetime.combine(day, at, tzinfo=LONDON).astimezone(UTC)


def parse_as_of(text: str) -> datetime:
    """An `--as-of` value: `2026-12-01` or `2026-12-01T09:00`, read as London time."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(field="--as-of", found=text, wanted="a date such as 2026-12-01T09:00") from None
    return london_time(parsed).astimezone(UTC)


# Asked at the beginning of every transaction: columns cost a third of what a row's object does.
_STANDS_AT = select(StoredClock.stands_at).where(StoredClock.id == THE_ONE_ROW)


def clock_of(session: Session, as_of: datetime | None = None) -> Clock:
    """The clock to work by: `as_of` if given, else the database's own, else the wall."""
    if as_of is not None:
        return Clock(as_of)
    stands_at = session.scalar(_STANDS_AT)
    return Clock(stands_at) if stands_at else Clock()


def at_connection(connection: Connection) -> datetime:
    """The instant by the database's own clock, else by the wall: for what writes without a unit of work."""
    return connection.scalar(_STANDS_AT) or Clock().now()


def set_stored_clock(session: Session, stands_at: datetime) -> None:
    """Move a demonstration database's clock. It never goes back: history would contradict itself."""
    stored = session.get(StoredClock, THE_ONE_ROW)
    if stored is None:
        session.add(StoredClock(id=THE_ONE_ROW, stands_at=stands_at))
        return
    if stands_at < stored.stands_at:
        raise BadInput(field="clock", found=stands_at.isoformat(), wanted="a later instant than the stored one")
    stored.stands_at = stands_at
