"""The row of a stand-down: who ordered that action stops at once, when, and why. One stands for a dispute at most."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.disputes import Dispute
from core.db import Base, StoredEnum, new_id


class StandDownReason(StrEnum):
    """Why action stops at once."""

    INJUNCTION = "injunction"
    SETTLEMENT = "settlement"
    ERROR = "error"


class StandDown(Base):
    """
    From `ordered_at` no message that calls to action leaves, until it is lifted. `note` is the officer's own words.

    `repudiated` says that the executive also repudiated the action under s. 21 TULRCA, which is another legal act.
    """

    __tablename__ = "stand_downs"
    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
        Index(
            "uq_stand_downs_standing",
            "dispute_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dispute_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("disputes.id"), index=True)
    reason: Mapped[StandDownReason] = mapped_column(StoredEnum(StandDownReason))
    note: Mapped[str] = mapped_column(Text)
    repudiated: Mapped[bool] = mapped_column(default=False)
    ordered_by: Mapped[str] = mapped_column(String(80))
    ordered_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(80))
    lifted_because: Mapped[str | None] = mapped_column(Text)

    dispute: Mapped[Dispute] = relationship()

    @property
    def ref(self) -> str:
        """How notices and history name this row."""
        return f"stand_down:{self.id}"
