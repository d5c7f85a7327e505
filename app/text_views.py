"""The texts in other languages that an installation has, each tried as it would be before a notice is made of it."""

from __future__ import annotations

from typing import Any

from core.errors import ConfigurationError
from core.settings import settings
from notifications import supplied
from notifications.messages import message_kind


def texts() -> dict[str, Any]:
    """Where supplied texts lie, and each with its kind, its language and why it cannot be used; None where it can."""
    found = [
        {
            "kind": each.kind.name,
            "label": each.kind.label,
            "language": each.language,
            "folder": str(each.path("")),
            "fault": _fault(each.kind.name, each.language),
        }
        for each in supplied.all_supplied()
    ]
    return {"folder": str(settings().effective_texts_folder), "texts": found}


def _fault(kind: str, language: str) -> str | None:
    try:
        supplied.require_usable(message_kind(kind), language)
    except ConfigurationError as error:
        return str(error)
    return None
