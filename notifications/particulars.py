"""What a notice says beside its bytes, as one digest: for whom, of which facts and law, in which language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import history
from notifications.models import Notice


def of_notice(notice: Notice) -> str:
    """The digest of what was frozen into a row."""
    return particulars(
        recipient={
            "key": notice.recipient_key,
            "name": notice.recipient_name,
            "email": notice.recipient_email,
            "postal": list(notice.recipient_postal),
            "phone": notice.recipient_phone,
            "webhook": notice.recipient_webhook,
        },
        statutory=notice.statutory,
        language=notice.language,
        subject_line=notice.subject_line,
        content_type=notice.content_type,
        facts=notice.facts,
        law=notice.law,
    )


def particulars(
    *,
    recipient: Mapping[str, Any],
    statutory: bool,
    language: str,
    subject_line: str,
    content_type: str,
    facts: Mapping[str, Any],
    law: Mapping[str, Any],
) -> str:
    """SHA-256 of their canonical spelling. `recipient` has the key, the name and each address, None where is none."""
    return history.digest(
        {
            "recipient": dict(recipient),
            "statutory": statutory,
            "language": language,
            "subject_line": subject_line,
            "content_type": content_type,
            "facts": dict(facts),
            "law": dict(law),
        }
    )
