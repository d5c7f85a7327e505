"""Who acts at the command line, where nobody signs in: staff, or an officer of the register by id."""

from __future__ import annotations

import uuid

from casework.register.models import Officer
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

STAFF = "staff"


def actor_for(uow: UnitOfWork, acting_as: str, edge: str) -> str:
    """
    The actor for history: `staff:<edge>`, or `officer:<id>` for an officer of the register.

    `acting_as` is `staff` or `officer:<id>`; `BadInput` for anything else.
    """
    if acting_as == STAFF:
        return f"{STAFF}:{edge}"
    kind, _, key = acting_as.partition(":")
    try:
        officer = uow.session.get(Officer, uuid.UUID(key)) if kind == "officer" else None
    except ValueError:
        officer = None
    if officer is None or not officer.active:
        raise BadInput(field="acting_as", found=acting_as, wanted="staff, or officer:<id> of an active officer")
    return f"officer:{officer.id}"
