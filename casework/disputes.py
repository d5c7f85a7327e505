"""Trade disputes: named matters, and a leg for each employer. Cases hang on legs, ballots cover legs."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.cases import Case
from casework.register.models import Employer
from core.db import Base, new_id
from core.unit_of_work import UnitOfWork


class Dispute(Base):
    """What the dispute is about. `matters` holds issue codes; s. 244(1) TULRCA heads are read from them."""

    __tablename__ = "disputes"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(String(30), unique=True)
    matters: Mapped[list[str]] = mapped_column(JSON)
    declared_on: Mapped[date]
    settled_on: Mapped[date | None]

    legs: Mapped[list[DisputeLeg]] = relationship(back_populates="dispute")


class DisputeLeg(Base):
    """The dispute with one employer; s. 224 TULRCA treats each employer's dispute apart."""

    __tablename__ = "dispute_legs"
    __table_args__ = (UniqueConstraint("dispute_id", "employer_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dispute_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("disputes.id"), index=True)
    employer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employers.id"), index=True)

    dispute: Mapped[Dispute] = relationship(back_populates="legs")
    employer: Mapped[Employer] = relationship()


class DisputeCase(Base):
    """A case on a leg."""

    __tablename__ = "dispute_cases"

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    leg_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dispute_legs.id"), index=True)

    case: Mapped[Case] = relationship()
    leg: Mapped[DisputeLeg] = relationship()


def dispute_of(uow: UnitOfWork, case_id: uuid.UUID) -> Dispute | None:
    """The dispute a case belongs to, or None before one is declared."""
    statement = (
        select(Dispute)
        .join(DisputeLeg, DisputeLeg.dispute_id == Dispute.id)
        .join(DisputeCase, DisputeCase.leg_id == DisputeLeg.id)
        .where(DisputeCase.case_id == case_id)
    )
    return uow.session.scalars(statement).one_or_none()


def declare(uow: UnitOfWork, case: Case, matters: list[str]) -> Dispute:
    """Open the dispute of a case with its workplace's legal employer; a second call gives the same dispute."""
    standing = dispute_of(uow, case.id)
    if standing is not None and standing.settled_on is None:
        return standing
    ordinal = "" if standing is None else f"-{case.events_count}"
    dispute = Dispute(ref=f"D-{case.ref}{ordinal}", matters=sorted(matters), declared_on=uow.today)
    leg = DisputeLeg(dispute=dispute, employer_id=case.workplace.employer_id)
    uow.session.add_all([dispute, leg])
    uow.session.flush()
    uow.session.merge(DisputeCase(case_id=case.id, leg_id=leg.id))
    return dispute
