"""Who is in membership on a date, and whether anybody is at a workplace."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from casework.register.models import Member, Workplace
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork


def in_membership(on: date) -> ColumnElement[bool]:
    """Of a `Member`: in membership on that date, the days of joining and of leaving included."""
    return and_(Member.joined_on <= on, or_(Member.left_on.is_(None), Member.left_on >= on))


def missing_at(uow: UnitOfWork, workplace: Workplace, on: date) -> tuple[Finding, ...]:
    """`no_member_here` where the register has nobody in membership at a workplace on a date, else nothing."""
    here = select(Member.id).where(Member.workplace_id == workplace.id, in_membership(on)).limit(1)
    if uow.session.scalar(here):
        return ()
    sentence = f"The register has no member at {workplace.name}, so nobody there would be entitled to vote."
    return (Finding("no_member_here", Severity.WARN, sentence, "Import the list of members before a ballot is due."),)
