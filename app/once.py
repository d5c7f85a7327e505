"""
A key for a request that may be sent twice, for what is the same the second time anyhow: no key is wanted there, and
where one is sent it counts for one request only. With another body, or at another address, it is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Request
from sqlalchemy import select

from core import history
from core.db import lock_for_append
from core.errors import BadInput, Conflict
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork

TAKEN = "app:request:taken"
SHORTEST_KEY, LONGEST_KEY = 8, 200
MOST_BYTES = 32 * 1024 * 1024
KEYS_LOCK = 0x4B455953
STATE = "asked_once"

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=SHORTEST_KEY, max_length=LONGEST_KEY)]
"""The key of a request that makes something: wanted, for sent twice it makes one."""


@dataclass(frozen=True, slots=True)
class Once:
    """A key as it was sent, and the digest of the request it came with."""

    key: str
    digest: str


async def once(
    request: Request,
    idempotency_key: Annotated[str | None, Header(min_length=SHORTEST_KEY, max_length=LONGEST_KEY)] = None,
) -> None:
    """The dependency of a route that changes something and wants no key."""
    if idempotency_key is not None:
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            raise BadInput(field="body", found="a larger body", wanted=f"at most {MOST_BYTES // 1024**2} megabytes")
        named = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        digest = hashlib.sha256(named + await request.body()).hexdigest()
        setattr(request.state, STATE, Once(idempotency_key, digest))


def key_sent(request: Request) -> str | None:
    """The key that came with a request to a route that wants none; None without one."""
    sent: Once | None = getattr(request.state, STATE, None)
    return None if sent is None else sent.key


def require_same(uow: UnitOfWork, request: Request) -> None:
    """`Conflict` when the key of this request came before with another one; the first time it is put on record."""
    sent: Once | None = getattr(request.state, STATE, None)
    if sent is None:
        return
    lock_for_append(uow.session, KEYS_LOCK)
    subject = f"key:{history.digest([uow.actor, sent.key])}"
    before = uow.session.scalars(select(HistoryEntry).where(HistoryEntry.subject == subject)).first()
    if before is None:
        history.record(uow, TAKEN, subject, {"request_sha256": sent.digest})
    elif before.facts["request_sha256"] != sent.digest:
        raise Conflict("This key was used before for another request; nothing was recorded. Send a new key.")
