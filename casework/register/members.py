"""Who is in membership at workplaces on a date."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from casework.register.models import Member, Workplace
from core.errors import NotFound
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork


def find(uow: UnitOfWork, membership_number: str) -> Member:
    """The member of that number. Raise `NotFound` when there is none."""
    wanted = Member.membership_number == membership_number.strip().upper()
    member = uow.session.scalar(select(Member).where(wanted))
    if member is None:
        raise NotFound("member with the number", membership_number)
    return member


def at(uow: UnitOfWork, workplace_ids: Collection[uuid.UUID], *, on: date) -> Sequence[Member]:
    """Members in membership at the workplaces on that date, the days of joining and leaving included, by number."""
    return uow.session.scalars(
        select(Member).where(_in_membership(workplace_ids, on)).order_by(Member.membership_number)
    ).all()


def counts_by_category(uow: UnitOfWork, workplace_ids: Collection[uuid.UUID], *, on: date) -> dict[str, int]:
    """How many members of each category the workplaces have on that date, by category."""
    rows = uow.session.execute(
        select(Member.category, func.count())
        .where(_in_membership(workplace_ids, on))
        .group_by(Member.category)
        .order_by(Member.category)
    )
    return dict(rows.tuples().all())


def counts_by_workplace(uow: UnitOfWork, workplace_ids: Collection[uuid.UUID], *, on: date) -> dict[uuid.UUID, int]:
    """How many members each of the workplaces has on that date; a workplace without members is counted as 0."""
    rows = uow.session.execute(
        select(Member.workplace_id, func.count()).where(_in_membership(workplace_ids, on)).group_by(Member.workplace_id)
    )
    return dict.fromkeys(workplace_ids, 0) | dict(rows.tuples().all())


def reps_at(uow: UnitOfWork, workplace_id: uuid.UUID, *, on: date) -> Sequence[Member]:
    """The representatives among the members at a workplace on that date, by number."""
    return [member for member in at(uow, [workplace_id], on=on) if member.is_rep]


def missing_at(uow: UnitOfWork, workplace: Workplace, on: date) -> tuple[Finding, ...]:
    """`no_member_here` where the register has nobody in membership at a workplace on a date, else nothing."""
    if uow.session.scalar(select(exists().where(_in_membership([workplace.id], on)))):
        return ()
    sentence = f"The register has no member at {workplace.name}, so nobody there would be entitled to vote."
    return (Finding("no_member_here", Severity.WARN, sentence, "Import the list of members before a ballot is due."),)


def _in_membership(workplace_ids: Collection[uuid.UUID], on: date) -> ColumnElement[bool]:
    return and_(
        Member.workplace_id.in_(workplace_ids),
        Member.joined_on <= on,
        or_(Member.left_on.is_(None), Member.left_on >= on),
    )
