"""Tables of ballots: the ballot, its legs, who is entitled to vote, the mandates it gave, the action within them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind, Mandate, Pattern
from casework.cases import Case
from casework.disputes import Dispute
from casework.register.models import Employer
from core.db import Base, StoredEnum, new_id


class BallotScope(StrEnum):
    """Whether each workplace votes in a ballot of its own (s. 228(3) TULRCA), or several in one (s. 228A(2))."""

    SEPARATE = "separate"
    AGGREGATE = "aggregate"


class Ballot(Base):
    """
    One ballot over one or more legs of a dispute. `result` holds counts, never a voter: the system does not learn how
    anyone voted, nor who did.
    """

    __tablename__ = "ballots"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="closes_after_opening"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(String(30), unique=True)
    dispute_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("disputes.id"), index=True)
    stage: Mapped[BallotStage] = mapped_column(StoredEnum(BallotStage), default=BallotStage.PLANNED)
    scope: Mapped[BallotScope] = mapped_column(StoredEnum(BallotScope), default=BallotScope.SEPARATE)
    nation: Mapped[str] = mapped_column(String(20))
    service: Mapped[str] = mapped_column(String(40))
    method: Mapped[str] = mapped_column(String(20))
    questions: Mapped[list[str]] = mapped_column(JSON)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    caller: Mapped[str] = mapped_column(String(120))
    scrutineer: Mapped[str | None] = mapped_column(String(200))
    return_address: Mapped[str] = mapped_column(String(300))
    entitled: Mapped[int]
    authorised_on: Mapped[date]
    authorised_by: Mapped[str] = mapped_column(String(80))
    cancelled_reason: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None]
    declared_on: Mapped[date | None]
    told_members_on: Mapped[date | None]

    dispute: Mapped[Dispute] = relationship()
    legs: Mapped[list[BallotLeg]] = relationship(order_by="BallotLeg.employer_id")
    cases: Mapped[list[Case]] = relationship(secondary="ballot_cases", order_by="Case.ref")


class BallotCase(Base):
    """A case whose workplace votes in a ballot."""

    __tablename__ = "ballot_cases"

    ballot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ballots.id"), primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)


class BallotLeg(Base):
    """A ballot's employer: who is owed the notice, the sample paper and the result."""

    __tablename__ = "ballot_legs"
    __table_args__ = (UniqueConstraint("ballot_id", "employer_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ballot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ballots.id"), index=True)
    employer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employers.id"), index=True)

    employer: Mapped[Employer] = relationship()


class EntitledToVote(Base):
    """One member in the frozen list of those entitled to vote. Whether a paper came back is not known here."""

    __tablename__ = "entitled_to_vote"
    __table_args__ = (Index("ix_entitled_to_vote_workplace", "ballot_id", "workplace_id"),)

    ballot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ballots.id"), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    employer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employers.id"))
    workplace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workplaces.id"))
    category: Mapped[str] = mapped_column(String(60))


class MandateRow(Base):
    """A mandate that a ballot gave for one kind of action with one employer, as the result gave it."""

    __tablename__ = "mandates"
    __table_args__ = (UniqueConstraint("ballot_id", "employer_id", "kind"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ballot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ballots.id"), index=True)
    employer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employers.id"))
    workplace_ids: Mapped[list[str]] = mapped_column(JSON)
    kind: Mapped[ActionKind] = mapped_column(StoredEnum(ActionKind))
    first_day: Mapped[date]
    last_day: Mapped[date]
    last_day_lenient: Mapped[date]
    begins_by: Mapped[bool]

    ballot: Mapped[Ballot] = relationship()

    def as_value(self) -> Mandate:
        """The value that every rule takes."""
        return Mandate(
            employer_id=self.employer_id,
            workplace_ids=frozenset(uuid.UUID(each) for each in self.workplace_ids),
            kind=self.kind,
            first_day=self.first_day,
            last_day=self.last_day,
            last_day_lenient=self.last_day_lenient,
            ballot_id=self.ballot_id,
            begins_by=self.begins_by,
        )


class ActionStage(StrEnum):
    """Where a piece of action stands. Stood down: it is off, and what follows is not recorded yet."""

    AUTHORISED = "authorised"
    NOTIFIED = "notified"
    BEGUN = "begun"
    STOOD_DOWN = "stood_down"
    ENDED = "ended"


LIVE = (ActionStage.AUTHORISED, ActionStage.NOTIFIED, ActionStage.BEGUN)
"""The stages of action that members are or may yet be called to."""


class Action(Base):
    """
    Action within a mandate at one case's workplace.

    A strike names each of its `days` (ISO dates); ASOS is continuous from `starts_on` and names its `instructions`.
    """

    __tablename__ = "actions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    mandate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mandates.id"), index=True)
    kind: Mapped[ActionKind] = mapped_column(StoredEnum(ActionKind))
    pattern: Mapped[Pattern] = mapped_column(StoredEnum(Pattern))
    stage: Mapped[ActionStage] = mapped_column(StoredEnum(ActionStage), default=ActionStage.AUTHORISED)
    starts_on: Mapped[date]
    days: Mapped[list[str]] = mapped_column(JSON)
    instructions: Mapped[list[int]] = mapped_column(JSON)
    affected: Mapped[int]
    by_category: Mapped[dict[str, Any]]
    authorised_on: Mapped[date]
    authorised_by: Mapped[str] = mapped_column(String(80))

    mandate: Mapped[MandateRow] = relationship()
    case: Mapped[Case] = relationship()

    @property
    def strike_days(self) -> tuple[date, ...]:
        """The days of a strike, in order."""
        return tuple(sorted(date.fromisoformat(each) for each in self.days))


class ActionSuspension(Base):
    """
    An agreement with the employer that continuous action stops and may resume without a new notice (s. 234A(7B)).

    There is no action from `suspends_on` to the day before `resumes_on`, which further agreements may put off
    (`extensions`); `extended_agreed_on` and `extended_agreement` are of the latest of these. `agreement` says where it
    is written down. `resumed_at` is when members were called again.
    """

    __tablename__ = "action_suspensions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("actions.id"), index=True)
    agreed_on: Mapped[date]
    agreement: Mapped[str] = mapped_column(Text)
    suspends_on: Mapped[date]
    resumes_on: Mapped[date]
    extensions: Mapped[int] = mapped_column(default=0)
    extended_agreed_on: Mapped[date | None]
    extended_agreement: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None]

    action: Mapped[Action] = relationship()
