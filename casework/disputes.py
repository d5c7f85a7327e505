"""
Trade disputes: named matters, and a leg for each employer. Cases hang on legs, ballots cover legs.

A case is in one dispute at a time, alone or with other schools of the same employer. It leaves when it settles or is
closed; the dispute goes on for the others, and is over with the last of them. The columns say `settled_on` of both.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, contains_eager, mapped_column, relationship

from casework.cases import Case
from casework.register.models import Employer
from core.db import Base, new_id
from core.errors import NotFound
from core.holding import known, made
from core.unit_of_work import UnitOfWork, asked_once, foresee

WITH_COMPANY = "case held with the others of its disputes"
"""With a case's id, the key under which `hold` notes for this transaction that it need not look again."""


class Dispute(Base):
    """
    What the dispute is about. `matters` holds issue codes; s. 244(1) TULRCA heads are read from them.

    `settled_on` is the day the last of its cases left: settled, or closed without a settlement.
    """

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
    """
    A case's part in a dispute, from the day it declared or joined it to the day it left. One is live at most.

    `settled_on` is the day it left: settled, closed without a settlement, or in dispute with another employer since.
    """

    __tablename__ = "dispute_cases"
    __table_args__ = (
        Index(
            "uq_dispute_cases_live",
            "case_id",
            unique=True,
            sqlite_where=text("settled_on IS NULL"),
            postgresql_where=text("settled_on IS NULL"),
        ),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    leg_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dispute_legs.id"), primary_key=True, index=True)
    joined_on: Mapped[date]
    settled_on: Mapped[date | None]

    case: Mapped[Case] = relationship()
    leg: Mapped[DisputeLeg] = relationship()


@asked_once
def parts_of(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[DisputeCase]:
    """Every part a case has or had in a dispute: the live one first, then the latest."""
    return uow.session.scalars(_parts(DisputeCase.case_id == case_id)).all()


def _parts(where: ColumnElement[bool]) -> Select[tuple[DisputeCase]]:
    return (
        select(DisputeCase)
        .join(DisputeCase.leg)
        .join(DisputeLeg.dispute)
        .where(where)
        .order_by(DisputeCase.settled_on.is_not(None), DisputeCase.settled_on.desc(), Dispute.ref.desc())
    )


def foresee_parts(uow: UnitOfWork, case_ids: Collection[uuid.UUID]) -> None:
    """Find the parts of many cases by one statement, for whoever asks for each in this look."""
    found: dict[uuid.UUID, list[DisputeCase]] = {each: [] for each in case_ids}
    with_leg = contains_eager(DisputeCase.leg).contains_eager(DisputeLeg.dispute)
    for part in uow.session.scalars(_parts(DisputeCase.case_id.in_(found)).options(with_leg)):
        found[part.case_id].append(part)
    foresee(uow, parts_of, found)


def part_of(uow: UnitOfWork, case_id: uuid.UUID) -> DisputeCase | None:
    """The part of a case in its latest dispute, or None before one is declared."""
    parts = parts_of(uow, case_id)
    return parts[0] if parts else None


def dispute_of(uow: UnitOfWork, case_id: uuid.UUID) -> Dispute | None:
    """The latest dispute of a case, whether or not the case left it, or None before one is declared."""
    part = part_of(uow, case_id)
    return part.leg.dispute if part else None


def live_dispute_of(uow: UnitOfWork, case_id: uuid.UUID) -> Dispute | None:
    """The dispute that a case is in and has not left."""
    part = part_of(uow, case_id)
    return part.leg.dispute if part and part.settled_on is None else None


def is_settled(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether the latest dispute of a case is over for that case, whatever the other schools in it do."""
    part = part_of(uow, case_id)
    return part is not None and part.settled_on is not None


def changed_hands(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether the register names another employer now than the one a case is in dispute with."""
    part = part_of(uow, case_id)
    live = part is not None and part.settled_on is None
    return live and part is not None and part.case.workplace.employer_id != part.leg.employer_id


@asked_once
def parts_in(uow: UnitOfWork, dispute_id: uuid.UUID) -> Sequence[DisputeCase]:
    """Every case's part in a dispute, over or not, by the cases' references."""
    statement = (
        select(DisputeCase)
        .join(DisputeCase.leg)
        .join(DisputeCase.case)
        .where(DisputeLeg.dispute_id == dispute_id)
        .options(contains_eager(DisputeCase.leg), contains_eager(DisputeCase.case).joinedload(Case.workplace))
        .order_by(Case.ref)
    )
    return uow.session.scalars(statement).all()


def cases_in(uow: UnitOfWork, dispute_id: uuid.UUID) -> list[Case]:
    """The cases that have not left a dispute, by their references."""
    return [part.case for part in parts_in(uow, dispute_id) if part.settled_on is None]


def matters_of(uow: UnitOfWork, dispute_id: uuid.UUID) -> set[str]:
    """Every issue of the cases that have not left a dispute."""
    return {row.code for case in cases_in(uow, dispute_id) for row in case.issues}


def hold_by_ref(uow: UnitOfWork, ref: str) -> Dispute:
    """A dispute by its reference, or `NotFound`; nobody else may change it until commit."""
    statement = select(Dispute).where(Dispute.ref == ref).with_for_update().execution_options(populate_existing=True)
    dispute = uow.session.scalars(statement).one_or_none()
    if dispute is None:
        raise NotFound("dispute", ref)
    return dispute


def hold_live(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Hold the dispute that a case is in, if it is in one; nobody else may change it until commit."""
    dispute = live_dispute_of(uow, case_id)
    if dispute is not None:
        hold_by_ref(uow, dispute.ref)


def _with_company() -> Select[tuple[Case]]:
    """The cases `wanted` and those each is or was in a dispute with, to be held in the order of their ids."""
    wanted: BindParameter[uuid.UUID] = bindparam("wanted", expanding=True)
    own, others = aliased(DisputeCase), aliased(DisputeCase)
    own_leg, other_leg = aliased(DisputeLeg), aliased(DisputeLeg)
    company = (
        select(others.case_id)
        .join(other_leg, other_leg.id == others.leg_id)
        .join(own_leg, own_leg.dispute_id == other_leg.dispute_id)
        .join(own, own.leg_id == own_leg.id)
        .where(own.case_id.in_(wanted))
    )
    statement = select(Case).where(or_(Case.id.in_(wanted), Case.id.in_(company))).order_by(Case.id)
    return statement.with_for_update(of=Case).execution_options(populate_existing=True)


# Every step of every case asks this first, and putting it together takes longer than the answer.
_HELD = _with_company()


def hold(uow: UnitOfWork, *case_ids: uuid.UUID) -> None:
    """
    Hold cases, and with each the cases it is or was in a dispute with, until commit.

    What is recorded of one case of a ballot is recorded of all of them. All are held in the order of their ids, so that
    two who begin from two of them do not wait for each other. `NotFound` when one is not there.
    """
    wanted = [each for each in case_ids if (WITH_COMPANY, each) not in known(uow.session)]
    if not wanted:
        return
    locked = uow.session.scalars(_HELD, {"wanted": wanted})
    held = {case.id: made(uow.session, case, case.id) for case in locked}
    for missing in set(wanted) - held.keys():
        raise NotFound("case", missing)
    known(uow.session).update({(WITH_COMPANY, each): True for each in wanted})


def declare(uow: UnitOfWork, case: Case, matters: list[str]) -> Dispute:
    """Open the dispute of a case with its workplace's legal employer; a second call gives the same dispute."""
    standing = live_dispute_of(uow, case.id)
    if standing is not None:
        return standing
    ordinal = f"-{case.events_count}" if parts_of(uow, case.id) else ""
    dispute = Dispute(ref=f"D-{case.ref}{ordinal}", matters=sorted(matters), declared_on=uow.today)
    leg = DisputeLeg(dispute=dispute, employer_id=case.workplace.employer_id)
    uow.session.add_all([dispute, leg])
    uow.session.flush()
    _take_part(uow, case, leg)
    return dispute


def join(uow: UnitOfWork, case: Case, dispute: Dispute) -> None:
    """Hang a case on the leg of its employer, and widen the matters by its issues."""
    [leg] = [each for each in dispute.legs if each.employer_id == case.workplace.employer_id]
    dispute.matters = sorted({*dispute.matters, *(row.code for row in case.issues)})
    _take_part(uow, case, leg)


def _take_part(uow: UnitOfWork, case: Case, leg: DisputeLeg) -> None:
    uow.session.add(DisputeCase(case_id=case.id, leg_id=leg.id, joined_on=uow.today))
    uow.session.flush()


def leave(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """End a case's part in its dispute; the dispute itself is over with the last of its cases."""
    part = part_of(uow, case_id)
    if part is None or part.settled_on is not None:
        return
    dispute = hold_by_ref(uow, part.leg.dispute.ref)
    part.settled_on = uow.today
    uow.session.flush()
    if not cases_in(uow, dispute.id):
        dispute.settled_on = uow.today
