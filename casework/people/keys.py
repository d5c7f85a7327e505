"""Random keys that are given out once and kept as digests only."""

from __future__ import annotations

import hashlib
import secrets

KEY_BYTES = 32
"""256 bits, as ASVS 5 wants of a session's key."""


def new_key() -> str:
    """A key for a cookie, a link or a program."""
    return secrets.token_urlsafe(KEY_BYTES)


def digest_of(key: str) -> str:
    """What is kept of a key, or of anything else that is looked up and not to be read: SHA-256, in hex."""
    return hashlib.sha256(key.encode()).hexdigest()
