"""Looking workplaces up."""

from __future__ import annotations

import re

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
