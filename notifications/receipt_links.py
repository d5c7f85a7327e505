"""
The link by which an employer acknowledges a notice: what it is made of. It names no one.

It holds the beginning of the notice's Message-ID, which follows from the notice's key and so is fixed before anything
is rendered, and a signature of it.
"""

from __future__ import annotations

from core.settings import Settings
from core.signing import from_letters, holds, key_for, signature, to_letters
from notifications.lifecycle import Medium
from notifications.messages import MessageKind

PURPOSE = "acknowledgement"
PATH = "a"
EMPLOYER = "employer"
NAMED_BYTES = 10
SIGNATURE_BYTES = 10


def wanted(kind: MessageKind, medium: Medium) -> bool:
    """Whether a notice of that kind carries the link: an employer has to be shown to have it, and can read one."""
    return kind.proof is not None and kind.audience == EMPLOYER and medium in (Medium.MAIL, Medium.LETTER)


def address(message_id: str, kind: MessageKind, medium: Medium, configured: Settings) -> str | None:
    """
    The link to be printed in a notice; None where it carries none, or no public address is set.

    `message_id` is that of `keys.message_id`, which follows from the notice's key alone.
    """
    if not configured.public_url or not wanted(kind, medium):
        return None
    return f"{configured.public_url.rstrip('/')}/{PATH}/{token_of(message_id, key_for(configured, PURPOSE))}"


def token_of(message_id: str, key: bytes) -> str:
    """
    The last part of the link: 32 letters and digits.

    >>> token_of("<00112233445566778899aabbccddeeff@union.example>", b"key")
    'aaisem2ekvthpcezqod7n7ycbu2n2dxf'
    """
    named = bytes.fromhex(message_id[1 : 1 + 2 * NAMED_BYTES])
    return to_letters(named + signature(key, named, SIGNATURE_BYTES))


def beginning_of(token: str, key: bytes) -> str | None:
    """How the Message-ID of the notice begins that a token was made for; None for one that we did not sign."""
    content = from_letters(token)
    if content is None or len(content) != NAMED_BYTES + SIGNATURE_BYTES:
        return None
    named, given = content[:NAMED_BYTES], content[NAMED_BYTES:]
    return f"<{named.hex()}" if holds(key, named, given) else None
