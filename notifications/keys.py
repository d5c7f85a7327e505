"""What makes two requests the same notice, and the Message-ID that follows from it."""

from __future__ import annotations

import hashlib

from core.settings import settings
from notifications.lifecycle import Medium
from notifications.models import Notice


def idem_key(subject_ref: str, kind: str, recipient_key: str, medium: Medium, content_version: str) -> str:
    """What makes two requests the same notice."""
    return "/".join([subject_ref, kind, recipient_key, medium.value, content_version])


def recipient_digest(recipient_key: str) -> str:
    """What the journal says of a recipient: enough to know the same one again, and no key of a member."""
    return hashlib.sha256(recipient_key.encode()).hexdigest()


def letter_key(mail: Notice) -> str:
    """The key of the letter that says what this mail says."""
    return idem_key(mail.subject_ref, mail.kind, mail.recipient_key, Medium.LETTER, mail.content_version)


def message_id(key: str) -> str:
    """The Message-ID of that key at this installation: the same for every copy."""
    domain = settings().mail_from.rpartition("@")[2]
    return f"<{hashlib.sha256(f'{key}@{domain}'.encode()).hexdigest()[:32]}@{domain}>"
