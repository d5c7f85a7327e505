"""
Signatures of what leaves the building and comes back: links, return paths. One secret of the installation, a key a
purpose, so that what was signed for one use is worth nothing for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from core.errors import ConfigurationError
from core.folders import FILE_MODE, private_folder
from core.settings import Settings

NAME = "signing-secret"
SECRET_BYTES = 32


def key_for(configured: Settings, purpose: str) -> bytes:
    """
    The key of one purpose: 32 bytes.

    It comes of `MANDATE_SIGNING_SECRET`, or of a file in `home` that is made once and readable by its owner only.
    Raises `ConfigurationError` where the file holds too little to be a secret.
    """
    given = configured.signing_secret.get_secret_value().encode()
    return hmac.digest(given or _kept(configured.home / NAME), purpose.encode(), hashlib.sha256)


def signature(key: bytes, content: bytes, length: int) -> bytes:
    """The first `length` bytes of the HMAC-SHA-256 of `content`."""
    return hmac.digest(key, content, hashlib.sha256)[:length]


def holds(key: bytes, content: bytes, given: bytes) -> bool:
    """Whether `given` is the signature of `content`, in a time that tells nothing of where it differs."""
    return hmac.compare_digest(signature(key, content, len(given)), given)


def to_letters(content: bytes) -> str:
    """Bytes as lower-case base 32 without padding: mail servers may change the case of an address."""
    return base64.b32encode(content).decode("ascii").rstrip("=").lower()


def from_letters(text: str) -> bytes | None:
    """The bytes that `to_letters` wrote, in whatever case they came back; None for anything else."""
    try:
        content = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    return content if to_letters(content) == text.lower() else None


@lru_cache(maxsize=8)
def _kept(path: Path) -> bytes:
    private_folder(path.parent)
    if not path.exists():
        _make(path)
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise ConfigurationError(
            f"{path} holds {len(secret)} bytes, wanted {SECRET_BYTES}. Links that were sent are signed with what it "
            "held: put it back from a backup, or remove it to have another one made."
        )
    return secret


def _make(path: Path) -> None:
    # Written whole before it has its name: a process may be killed, and another may make one at the same time.
    being_made = path.with_name(f".{NAME}-{os.getpid()}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(being_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(secrets.token_bytes(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(being_made, path)
    being_made.unlink()
