"""Tables of cases: the case, its append-only events, its issues."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.lifecycle import CaseState, Event, EventKind, Stage
from casework.register.models import Officer, Workplace
from core.db import Base, StoredEnum, new_id


class Pursuit(StrEnum):
    """How members take several issues."""

    CONCURRENT = "concurrent"
    FOCUS = "focus"
    ONE_BY_ONE = "one_by_one"


class IssueStatus(StrEnum):
    """Where one issue of a case stands."""

    OPEN = "open"
    SETTLED = "settled"
    REOPENED = "reopened"


class Case(Base):
    """
    One workplace's case. `stage`, `entered_on`, the rest and the officer are what replaying the events gives,
    kept in the row so that the board is one query.
    """

    __tablename__ = "cases"
    __table_args__ = (Index("ix_cases_stage", "stage"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    workplace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workplaces.id"), index=True)
    pursuit: Mapped[Pursuit] = mapped_column(StoredEnum(Pursuit))
    stage: Mapped[Stage] = mapped_column(StoredEnum(Stage))
    entered_on: Mapped[date]
    rest_reason: Mapped[str | None] = mapped_column(Text)
    wake_on: Mapped[date | None]
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officers.id"), index=True)
    raised_on: Mapped[date]
    events_count: Mapped[int] = mapped_column(default=0)

    workplace: Mapped[Workplace] = relationship()
    officer: Mapped[Officer | None] = relationship()
    events: Mapped[list[CaseEvent]] = relationship(order_by="CaseEvent.seq", back_populates="case")
    issues: Mapped[list[CaseIssue]] = relationship(order_by="CaseIssue.code")
    stages: Mapped[list[StageEntry]] = relationship(order_by="StageEntry.seq", viewonly=True)

    def take(self, state: CaseState) -> None:
        """Keep what replaying gave."""
        self.stage = state.stage
        self.entered_on = state.entered_on
        self.rest_reason = state.rest.reason if state.rest else None
        self.wake_on = state.rest.wake_on if state.rest else None
        self.officer_id = uuid.UUID(state.officer_id) if state.officer_id else None


class StageEntry(Base):
    """
    A stage that a case came to by its event at `seq`, the day it came there and the day it left; None while it stands
    there. What replaying the events gives, kept so that many cases are counted by the database.
    """

    __tablename__ = "stage_entries"

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage: Mapped[Stage] = mapped_column(StoredEnum(Stage))
    came_on: Mapped[date]
    left_on: Mapped[date | None]


class CaseEvent(Base):
    """
    One thing that happened to a case; triggers refuse UPDATE and DELETE.

    `key` is the nonce of the form or request that recorded it: the same key a second time changes nothing.
    """

    __tablename__ = "case_events"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    seq: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(StoredEnum(EventKind))
    facts: Mapped[dict[str, Any]]
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    key: Mapped[str | None] = mapped_column(String(80), unique=True)

    case: Mapped[Case] = relationship(back_populates="events")

    def as_event(self) -> Event:
        """The value that the lifecycle replays."""
        return Event(self.kind, self.happened_on, self.facts)


class CaseIssue(Base):
    """One workload issue of a case, by its catalogue code."""

    __tablename__ = "case_issues"
    __table_args__ = (UniqueConstraint("case_id", "code"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    status: Mapped[IssueStatus] = mapped_column(StoredEnum(IssueStatus), default=IssueStatus.OPEN)
