"""
Secrets that the database keeps and has to read again, sealed (Fernet) with a key of one purpose each, made of the
signing secret of the installation: what was sealed for one use opens for no other.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken

from core.settings import Settings
from core.signing import key_for


def sealed(configured: Settings, purpose: str, secret: str) -> bytes:
    """A secret as it is stored."""
    return _box(configured, purpose).encrypt(secret.encode())


def opened(configured: Settings, purpose: str, kept: bytes) -> str | None:
    """The secret again; None when it was sealed for another purpose, or under another signing secret."""
    try:
        return _box(configured, purpose).decrypt(kept).decode()
    except InvalidToken:
        return None


def _box(configured: Settings, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key_for(configured, purpose)))
