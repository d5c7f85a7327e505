"""Whether anybody is in membership at a workplace on a date."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, or_, select

from casework.register.models import Member, Workplace
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork


def missing_at(uow: UnitOfWork, workplace: Workplace, on: date) -> tuple[Finding, ...]:
    """`no_member_here` where the register has nobody in membership at a workplace on a date, else nothing."""
    here = exists().where(
        Member.workplace_id == workplace.id,
        Member.joined_on <= on,
        or_(Member.left_on.is_(None), Member.left_on >= on),
    )
    if uow.session.scalar(select(here)):
        return ()
    sentence = f"The register has no member at {workplace.name}, so nobody there would be entitled to vote."
    return (Finding("no_member_here", Severity.WARN, sentence, "Import the list of members before a ballot is due."),)
