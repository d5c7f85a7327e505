"""
Stand-downs: who ordered that action stops at once, when and why, and everybody who has to be told.

One stands for a dispute at most. Whoever is concerned at that moment is written down in the same transaction, so that
the list is whole before the first message is made, and a message that is missing shows as one.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.cases import Case
from casework.disputes import Dispute, DisputeCase, DisputeLeg
from core.db import Base, StoredEnum, new_id
from core.unit_of_work import UnitOfWork, asked_once
from notifications.lifecycle import Medium, State
from notifications.models import Notice

UNTOLD = "notice_id IS NULL AND NOT unreachable"


class StandDownReason(StrEnum):
    """Why action stops at once."""

    INJUNCTION = "injunction"
    SETTLEMENT = "settlement"
    ERROR = "error"


REASONS: Mapping[StandDownReason, str] = MappingProxyType(
    {
        StandDownReason.INJUNCTION: "an injunction",
        StandDownReason.SETTLEMENT: "a settlement",
        StandDownReason.ERROR: "an error",
    }
)
"""Each reason in words."""


class StandDown(Base):
    """
    From `ordered_at` no message that calls to action leaves, until it is lifted. `note` is the officer's own words.
    `resumes_on` is the day from which action goes on that may without a new notice; None where none may, or none was
    named.

    `repudiated` says that the executive also repudiated a call under s. 21 TULRCA, which is another legal act.
    `under_way` holds the ids of the calls that were in a worker's hands at that moment, or of which nobody knew whether
    they had gone: those may have reached people all the same.
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
    under_way: Mapped[list[Any]] = mapped_column(JSON, default=list)
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(80))
    lifted_because: Mapped[str | None] = mapped_column(Text)
    resumes_on: Mapped[date | None]

    dispute: Mapped[Dispute] = relationship()

    @property
    def ref(self) -> str:
        """How notices and history name this row."""
        return f"stand_down:{self.id}"


class Party(StrEnum):
    """As what somebody is told, in the order in which they are: first those who tell others."""

    OFFICER = "officer"
    REP = "rep"
    EMPLOYER = "employer"
    SCRUTINEER = "scrutineer"
    MEMBER = "member"


PLACES = {party: place for place, party in enumerate(Party)}


class StandDownRecipient(Base):
    """
    Somebody to be told of a stand-down, once. `party_id` is the row of the register; of a scrutineer, the ballot.

    `notice_id` is the latest message made out to them; None until one is. `tried_before_at`: when the text message that
    did not reach them was first tried; None while the latest message is their only one. `unreachable`: the register has
    no address of any kind. `case_id` is the case they are concerned by, the first of several.
    """

    __tablename__ = "stand_down_recipients"
    __table_args__ = (
        Index(
            "ix_stand_down_recipients_untold",
            "stand_down_id",
            "place",
            sqlite_where=text(UNTOLD),
            postgresql_where=text(UNTOLD),
        ),
    )

    stand_down_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stand_downs.id"), primary_key=True)
    party: Mapped[Party] = mapped_column(StoredEnum(Party), primary_key=True)
    party_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    place: Mapped[int]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    notice_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("notices.id"), index=True)
    tried_before_at: Mapped[datetime | None]
    unreachable: Mapped[bool] = mapped_column(default=False)

    stand_down: Mapped[StandDown] = relationship()
    case: Mapped[Case] = relationship()
    notice: Mapped[Notice | None] = relationship()


@asked_once
def standing(uow: UnitOfWork, dispute_id: uuid.UUID) -> StandDown | None:
    """The stand-down of a dispute that nobody has lifted."""
    return uow.session.scalar(
        select(StandDown).where(StandDown.dispute_id == dispute_id, StandDown.lifted_at.is_(None))
    )


@asked_once
def latest(uow: UnitOfWork, dispute_id: uuid.UUID) -> StandDown | None:
    """The stand-down of a dispute that was ordered last, lifted or not."""
    rows = select(StandDown).where(StandDown.dispute_id == dispute_id).order_by(StandDown.ordered_at.desc())
    return uow.session.scalars(rows.limit(1)).first()


def disputes_standing_down(uow: UnitOfWork) -> frozenset[uuid.UUID]:
    """The disputes whose action stands down now."""
    return frozenset(uow.session.scalars(select(StandDown.dispute_id).where(StandDown.lifted_at.is_(None))))


def off_since(uow: UnitOfWork) -> Mapping[str, datetime]:
    """Since when all action is off, by the reference of each case that is in a dispute which stands down."""
    rows = (
        select(Case.ref, StandDown.ordered_at)
        .join(DisputeCase, DisputeCase.case_id == Case.id)
        .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
        .join(StandDown, StandDown.dispute_id == DisputeLeg.dispute_id)
        .where(StandDown.lifted_at.is_(None), DisputeCase.settled_on.is_(None))
    )
    return dict(uow.session.execute(rows).tuples().all())


def untold(uow: UnitOfWork, limit: int, of: StandDown | None = None) -> Sequence[StandDownRecipient]:
    """
    Those for whom no message is made yet, in the order in which they are told; held until commit, and passed over where
    another worker holds them. Lifting changes nothing in that, unless action went on: what was called off stays off.
    """
    return _held(uow, _untold(of), limit)


def count_untold(uow: UnitOfWork, of: StandDown) -> int:
    """How many of one stand-down have no message yet."""
    return uow.session.scalar(select(func.count()).select_from(_untold(of).subquery())) or 0


def unreached_by_text(uow: UnitOfWork, limit: int, of: StandDown | None = None) -> Sequence[StandDownRecipient]:
    """Those whose text message the network refused for good, and who can be told another way; held like `untold`."""
    return _held(uow, _unreached(of), limit)


def _held(uow: UnitOfWork, rows: Select[tuple[StandDownRecipient]], limit: int) -> Sequence[StandDownRecipient]:
    rows = rows.order_by(StandDownRecipient.place, StandDownRecipient.party_id).limit(limit)
    return uow.session.scalars(rows.with_for_update(of=StandDownRecipient, skip_locked=True)).all()


def _concerned(of: StandDown | None) -> Select[tuple[StandDownRecipient]]:
    """
    Whoever has to be told, of one stand-down or of every one, but those that were lifted with a day from which action
    goes on.
    """
    rows = select(StandDownRecipient).join(StandDownRecipient.stand_down).where(_stays_off())
    return rows if of is None else rows.where(StandDownRecipient.stand_down_id == of.id)


def _stays_off() -> ColumnElement[bool]:
    return or_(StandDown.lifted_at.is_(None), StandDown.resumes_on.is_(None))


def _untold(of: StandDown | None) -> Select[tuple[StandDownRecipient]]:
    return _concerned(of).where(text(UNTOLD))


def _unreached(of: StandDown | None) -> Select[tuple[StandDownRecipient]]:
    return (
        _concerned(of)
        .join(StandDownRecipient.notice)
        .where(StandDownRecipient.unreachable.is_(False))
        .where(Notice.medium == Medium.SMS, Notice.state == State.FAILED_PERMANENT)
    )


def anybody_untold(uow: UnitOfWork, of: StandDown | None = None) -> bool:
    """
    Whether somebody is to be told, of one stand-down or of any, and no message is made yet, or the one that was made
    cannot reach them.
    """
    # Asked twice a second: where nothing was ever stood down, nobody's row is looked for.
    if uow.session.scalar(select(StandDown.id).where(_stays_off()).limit(1)) is None:
        return False
    wanted = (_untold(of), _unreached(of))
    return any(uow.session.scalars(each.limit(1)).first() is not None for each in wanted)
