"""Looking workplaces up."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

from sqlalchemy import select

from casework.register.models import Workplace
from core.errors import NotFound
from core.unit_of_work import UnitOfWork

UKPRN = re.compile(r"[1-9][0-9]{7}", re.ASCII)


def find(uow: UnitOfWork, number: str) -> Workplace:
    """
    The workplace of that unique reference number (URN, six digits) or, for a college, that UKPRN (eight digits).

    Raise `NotFound` when the register here has none.
    """
    wanted = number.strip()
    column, kind = (Workplace.ukprn, "UKPRN") if UKPRN.fullmatch(wanted) else (Workplace.urn, "URN")
    workplace = uow.session.scalar(select(Workplace).where(column == wanted))
    if workplace is None:
        raise NotFound(f"workplace with the {kind}", number)
    return workplace


def of_employer(uow: UnitOfWork, employer_id: uuid.UUID) -> Sequence[Workplace]:
    """Every workplace of an employer, schools by URN and then colleges by UKPRN."""
    return uow.session.scalars(
        select(Workplace)
        .where(Workplace.employer_id == employer_id)
        .order_by(Workplace.urn.is_(None), Workplace.urn, Workplace.ukprn)
    ).all()
