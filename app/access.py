"""
Who may reach what. Sign-in does not exist yet, so one rule stands in front of every page: this machine only.

Each route declares the role it is for. Until sign-in exists whoever sits at this machine has every role; the check that
the caller is on this machine does not trust the address the server was bound to.
"""

from __future__ import annotations

import ipaddress
import uuid
from dataclasses import dataclass

from fastapi import Request

from app.errors import NotAllowed
from casework.acts import Role
from casework.register.models import Officer
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

STAFF = "staff"
OPEN_TO_ALL = frozenset({"/healthz", "/static", "/api/openapi.json"})
"""The routes that need no role: they show nothing of any case."""


@dataclass(frozen=True, slots=True)
class Requires:
    """A dependency of a route: the roles it is for."""

    roles: frozenset[Role]

    def __call__(self, request: Request) -> None:
        """Raise `NotAllowed` for a caller who is not on this machine."""
        if request.client is None or not is_loopback(request.client.host):
            raise NotAllowed("This dashboard answers on this machine only, because sign-in does not exist yet.")


def requires(*roles: Role) -> Requires:
    """The dependency for a route; at least one role."""
    if not roles:
        raise ValueError("name at least one role")
    return Requires(frozenset(roles))


READERS = requires(*Role)
"""Whoever works with cases may look."""


def is_loopback(host: str) -> bool:
    """Whether the address is this machine's own; False for anything that is no address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
