"""Tables of agreements: what changed for each issue, and the checks that it is kept."""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.cases import Case
from core.db import Base, StoredEnum, new_id


class ClauseState(StrEnum):
    """Whether the employer keeps to a clause."""

    KEPT = "kept"
    BROKEN = "broken"


class Agreement(Base):
    """
    What was agreed in a case. It gathers clauses until it is signed off; one that was never signed is `withdrawn_on`
    the day the case was reopened. A signed agreement stays, whatever happens to the case.
    """

    __tablename__ = "agreements"
    __table_args__ = (CheckConstraint("signed_on IS NULL OR withdrawn_on IS NULL", name="signed_or_withdrawn"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    recorded_on: Mapped[date]
    signed_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]

    case: Mapped[Case] = relationship()
    clauses: Mapped[list[Clause]] = relationship(order_by="Clause.place", back_populates="agreement")


class Clause(Base):
    """What changes for one issue of the catalogue, from which day; `broken_on` is the day it was found broken."""

    __tablename__ = "agreement_clauses"
    __table_args__ = (CheckConstraint("(state = 'broken') = (broken_on IS NOT NULL)", name="broken_has_day"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreements.id"), index=True)
    place: Mapped[int]
    issue: Mapped[str] = mapped_column(String(40))
    what_changes: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    state: Mapped[ClauseState] = mapped_column(StoredEnum(ClauseState), default=ClauseState.KEPT)
    broken_on: Mapped[date | None]

    agreement: Mapped[Agreement] = relationship(back_populates="clauses")


class MonitoringCheck(Base):
    """One check that the agreement is kept. `evidence` says in words what was seen; `broken` holds issue codes."""

    __tablename__ = "monitoring_checks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    happened_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[str] = mapped_column(Text)
    broken: Mapped[list[str]] = mapped_column(JSON)
