"""
The address a bounce comes back to: it names the notice and the attempt, and is signed. Pure.

A server that does not quote the Message-ID still answers to the envelope's sender (RFC 5321, 4.5.5), so that address
says which copy came back. Without the signature anybody could withdraw a proof by writing to it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from core.errors import BadInput
from core.signing import from_letters, holds, signature, to_letters

PURPOSE = "return path"
SEPARATOR = "+"
ID_BYTES = 16
EPOCH_BYTES = 3
SIGNATURE_BYTES = 10
LONGEST_BASE = 16
"""With it, the part before the @ has at most 64 letters (RFC 5321, 4.5.3.1.1)."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The attempt that an address names."""

    notice_id: uuid.UUID
    epoch: int


def make(notice_id: uuid.UUID, epoch: int, *, base: str, key: bytes) -> str:
    """
    The return path of one attempt: `base` with the attempt after a `+` (RFC 5233).

    `base` is the setting `bounce_address`, `key` that of `core.signing.key_for(settings, PURPOSE)`. Raises `BadInput`
    for a base whose part before the @ leaves no room.

    >>> make(uuid.UUID(int=1), 1, base="bounces@union.example", key=b"key")
    'bounces+aaaaaaaaaaaaaaaaaaaaaaaaaeaaaai2f7wbsyt2s25ktna@union.example'
    """
    local, _, domain = base.rpartition("@")
    if not 0 < len(local) <= LONGEST_BASE or not domain:
        raise BadInput(field="bounce_address", found=base, wanted=f"at most {LONGEST_BASE} letters before the @")
    said = notice_id.bytes + epoch.to_bytes(EPOCH_BYTES, "big")
    return f"{local}{SEPARATOR}{to_letters(said + signature(key, said, SIGNATURE_BYTES))}@{domain}"


def read(address: str, *, base: str, key: bytes) -> Returned | None:
    """The attempt an address of ours names; None for any other address, and for one that we did not sign."""
    local, _, domain = address.strip().rpartition("@")
    begins, _, said = local.partition(SEPARATOR)
    if f"{begins}@{domain}".lower() != base.lower():
        return None
    content = from_letters(said)
    if content is None or len(content) != ID_BYTES + EPOCH_BYTES + SIGNATURE_BYTES:
        return None
    named, given = content[:-SIGNATURE_BYTES], content[-SIGNATURE_BYTES:]
    if not holds(key, named, given):
        return None
    return Returned(uuid.UUID(bytes=named[:ID_BYTES]), int.from_bytes(named[ID_BYTES:], "big"))
