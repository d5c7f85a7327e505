"""Addresses of other programs, and the events on their way to them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, StoredEnum, new_id

LONGEST_URL = 500
LONGEST_ANSWER = 200


class State(StrEnum):
    """How far an event has come on its way to one address."""

    WAITING = "waiting"
    TOLD = "told"
    DEAD = "dead"


class Webhook(Base):
    """
    An address that is told of the `events` it names, signed with its `secret` (sealed). `old_secret` holds those that
    sign beside it, sealed together. `told_to` is the last entry of the history that was looked at for it.
    `request_sha256` lets a request that is sent twice make one.
    """

    __tablename__ = "webhooks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    url: Mapped[str] = mapped_column(String(LONGEST_URL))
    events: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    rotated_at: Mapped[datetime | None]
    told_to: Mapped[int]
    request_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]

    @property
    def ref(self) -> str:
        """How history names this row."""
        return f"webhook:{self.id}"


class WebhookDelivery(Base):
    """One event on its way to one address: the same `event_id` and the same `body` for every try."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_deliveries_state_next_at", "state", "next_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhooks.id"))
    event_id: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[State] = mapped_column(StoredEnum(State), default=State.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    answered: Mapped[str | None] = mapped_column(String(LONGEST_ANSWER))

    webhook: Mapped[Webhook] = relationship()
