"""Finding a workplace by what somebody remembers of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import joinedload

from casework.register.models import Workplace
from core.unit_of_work import UnitOfWork

MOST_WORDS = 10


def search(uow: UnitOfWork, text: str, limit: int) -> Sequence[Workplace]:
    """
    The workplaces of which every word of the text is part: of the name, the address, the local authority, the postcode,
    or the whole number (URN or UKPRN). Those that are open first, by name; none for an empty text.
    """
    words = text.split()[:MOST_WORDS]
    if not words:
        return ()
    spoken = (Workplace.name, Workplace.la_name, Workplace.postcode, cast(Workplace.postal_lines, Text))
    found = select(Workplace).options(joinedload(Workplace.employer))
    for word in words:
        parts = (column.icontains(word, autoescape=True) for column in spoken)
        found = found.where(or_(*parts, Workplace.urn == word, Workplace.ukprn == word))
    ordered = found.order_by(Workplace.closed_on.is_not(None), Workplace.name, Workplace.id)
    return uow.session.scalars(ordered.limit(limit)).all()
