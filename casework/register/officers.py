"""One officer, by id."""

from __future__ import annotations

import uuid

from casework.register.models import Officer
from core.errors import NotFound
from core.unit_of_work import UnitOfWork


def get(uow: UnitOfWork, officer_id: uuid.UUID) -> Officer:
    """The officer of that id. Raise `NotFound` when there is none."""
    officer = uow.session.get(Officer, officer_id)
    if officer is None:
        raise NotFound("officer", officer_id)
    return officer
