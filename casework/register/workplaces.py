"""Looking workplaces up."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from casework.register.models import Workplace
from core.errors import NotFound
from core.unit_of_work import UnitOfWork


def find(uow: UnitOfWork, urn: str) -> Workplace:
    """The workplace of that unique reference number. Raise `NotFound` when the register here has none."""
    workplace = uow.session.scalar(select(Workplace).where(Workplace.urn == urn.strip()))
    if workplace is None:
        raise NotFound("workplace with the URN", urn)
    return workplace


def of_employer(uow: UnitOfWork, employer_id: uuid.UUID) -> Sequence[Workplace]:
    """Every workplace of an employer, by URN."""
    return uow.session.scalars(
        select(Workplace).where(Workplace.employer_id == employer_id).order_by(Workplace.urn)
    ).all()
