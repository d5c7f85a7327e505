"""Finding workplaces by what somebody remembers of them: whoever looks for one anywhere asks here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.register.models import Workplace
from casework.register.search_index import EntryKind, SearchEntry, best_first, found_by, words_of
from core.unit_of_work import UnitOfWork


def search(uow: UnitOfWork, text: str, limit: int) -> Sequence[Workplace]:
    """The workplaces of what somebody typed, those that are open first; none for a text without a word."""
    return workplaces(uow, words_of(text), limit, open_first=True)


def workplaces(uow: UnitOfWork, words: Sequence[str], limit: int, *, open_first: bool = False) -> Sequence[Workplace]:
    """
    The workplaces in which every word begins one: of the name, the address, the local authority, the postcode, or the
    number (URN or UKPRN). Names that begin with the first word come first; none for no word.
    """
    if not words:
        return ()
    order = best_first(words)
    found = found_by(uow.session.get_bind().dialect.name, EntryKind.WORKPLACE, words)
    if open_first:
        found = found.join(Workplace, Workplace.id == SearchEntry.subject_id)
        order = (Workplace.closed_on.is_not(None), *order)
    ids = [key for key, _ in uow.session.execute(found.order_by(*order).limit(limit)).tuples()]
    rows = select(Workplace).where(Workplace.id.in_(ids)).options(joinedload(Workplace.employer))
    by_id = {each.id: each for each in uow.session.scalars(rows)} if ids else {}
    return [by_id[key] for key in ids]
