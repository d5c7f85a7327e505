"""Which officers cover a workplace."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from casework.register.models import Officer, Workplace
from core.errors import NotFound
from core.unit_of_work import UnitOfWork


def get(uow: UnitOfWork, officer_id: uuid.UUID) -> Officer:
    """The officer of that id. Raise `NotFound` when there is none."""
    officer = uow.session.get(Officer, officer_id)
    if officer is None:
        raise NotFound("officer", officer_id)
    return officer


def covering(uow: UnitOfWork, workplace: Workplace) -> Sequence[Officer]:
    """The active officers of the association that covers the workplace, by email; none where no association does."""
    if workplace.association_id is None:
        return []
    return uow.session.scalars(
        select(Officer)
        .where(Officer.association_id == workplace.association_id, Officer.active)
        .order_by(Officer.email)
    ).all()
