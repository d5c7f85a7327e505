"""
The secrets of webhooks, sealed in the database, and the signature that they make, in the manner of Standard Webhooks.

A secret that is replaced signs beside the new one for a day, so that nobody has to change at one moment; so do those
that were replaced shortly before it.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

from casework.webhooks.models import Webhook
from core import sealing
from core.settings import Settings, settings
from core.signing import signature

PURPOSE = "secrets of webhooks"
PREFIX = "whsec_"
SECRET_BYTES = 32
OLD_SECRETS_LAST = timedelta(days=1)
MOST_OLD = 3
UNOPENED = (
    "Its secret was sealed with another signing secret of this installation. Put that one back, or give the webhook a "
    "new secret."
)
"""What is wrong with a webhook whose secret nobody can open, and what to do."""


def new_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(configured: Settings, *kept: str) -> bytes:
    """Secrets as they are stored."""
    return sealing.sealed(configured, PURPOSE, " ".join(kept))


def opened(configured: Settings, kept: bytes) -> list[str]:
    """The secrets again; none when they were sealed under another signing secret of the installation."""
    return (sealing.opened(configured, PURPOSE, kept) or "").split()


def replace(hook: Webhook, secret: str, at: datetime) -> None:
    """Give a webhook another secret; those that sign now go on for a day."""
    before = secrets_of(hook, at)[:MOST_OLD]
    hook.old_secret = sealed(settings(), *before) if before else None
    hook.secret, hook.rotated_at = sealed(settings(), secret), at


def secrets_of(hook: Webhook, at: datetime) -> list[str]:
    """The secrets that an event is signed with now, the present one first; none when that cannot be opened."""
    present = opened(settings(), hook.secret)
    if not present or hook.old_secret is None or hook.rotated_at is None or at - hook.rotated_at >= OLD_SECRETS_LAST:
        return present
    return [*present, *opened(settings(), hook.old_secret)]


def signed(secret: str, event_id: str, at: int, content: bytes) -> str:
    """The signature of one secret: HMAC-SHA-256 of the id, the second and the body, joined by full stops."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(signature(key, f"{event_id}.{at}.".encode() + content, 32)).decode()
