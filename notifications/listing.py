"""Notices by what they are filed under: all of them, or those that are few."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from core.unit_of_work import UnitOfWork, asked_once
from notifications.models import Notice
from notifications.recipients import OF_A_MEMBER

TO_A_MEMBER = f"{OF_A_MEMBER}%"
"""What the keys of recipients who are members are like, as a query asks."""

WITHOUT_BYTES = (defer(Notice.body), defer(Notice.attachment), defer(Notice.html))
"""For queries that list notices: what a notice says is fetched where it is asked for."""


def about(uow: UnitOfWork, subject_ref: str, *, kinds: Collection[str] | None = None) -> Sequence[Notice]:
    """Every notice about one subject, oldest first; only of the kinds given, when any are."""
    rows = _about(subject_ref)
    return uow.session.scalars(rows if kinds is None else rows.where(Notice.kind.in_(kinds))).all()


@asked_once
def to_others(uow: UnitOfWork, subject_ref: str) -> Sequence[Notice]:
    """Every notice about one subject to anybody but members, of whom there may be thousands; oldest first."""
    return uow.session.scalars(_about(subject_ref).where(Notice.recipient_key.not_like(TO_A_MEMBER))).all()


def _about(subject_ref: str) -> Select[tuple[Notice]]:
    return select(Notice).where(Notice.subject_ref == subject_ref).order_by(Notice.created_at, Notice.idem_key)
