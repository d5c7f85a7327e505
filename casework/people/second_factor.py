"""
The second factor: codes of an authenticator app (TOTP, RFC 6238) and recovery codes that stand in for it once.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

import pyotp

from core import sealing
from core.errors import ConfigurationError
from core.settings import Settings

ISSUER = "Mandate"
PURPOSE = "second factors"
STEPS_ASIDE = 1
"""How many time steps of half a minute a clock may be off, either way."""

SECRET_LETTERS, BASE_32 = 32, frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
RECOVERY_CODES = 10
CODE_BYTES = 10
GROUP = 4


def new_secret() -> str:
    """A secret for an authenticator app, in base 32."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether a text could be a secret that `new_secret` gave."""
    return len(text) == SECRET_LETTERS and set(text) <= BASE_32


def sealed(configured: Settings, secret: str) -> bytes:
    """The secret as it is stored."""
    return sealing.sealed(configured, PURPOSE, secret)


def opened(configured: Settings, kept: bytes) -> str:
    """The secret again; `ConfigurationError` when it was sealed with another signing secret than the installation's."""
    secret = sealing.opened(configured, PURPOSE, kept)
    if secret is None:
        raise ConfigurationError(
            "The second factors were sealed with another signing secret. Put the file signing-secret, or "
            "MANDATE_SIGNING_SECRET, back as it was; or give people new links with `mandate user link`."
        )
    return secret


def address_of(secret: str, email: str) -> str:
    """The `otpauth:` address that a QR code carries."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime, last: int | None) -> int | None:
    """
    The time step a code is for; None for a wrong one, and for one of a step not after `last`: no code counts twice.
    """
    made = pyotp.TOTP(secret)
    given = "".join(code.split())
    now = made.timecode(at)
    for step in range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1):
        if secrets.compare_digest(made.generate_otp(step).encode(), given.encode()):
            return step if last is None or step > last else None
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 80 bits, in groups that can be copied by hand."""
    return tuple(_grouped(secrets.token_bytes(CODE_BYTES)) for _ in range(RECOVERY_CODES))


def recovery_spelled(code: str) -> str:
    """A recovery code as its digest is taken: whatever case, blanks and dashes it was typed with."""
    return "".join(letter for letter in code.lower() if letter.isalnum())


def _grouped(content: bytes) -> str:
    letters = base64.b32encode(content).decode().lower()
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))
