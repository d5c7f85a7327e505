"""Bytes inside a certificate: one spelling in base 64 for any bytes, and none other is taken for it."""

from __future__ import annotations

import base64
import binascii


def text_of(content: bytes) -> str:
    """Bytes as base 64."""
    return base64.b64encode(content).decode("ascii")


def content_of(text: str) -> bytes | None:
    """What base 64 spells, in the one spelling it has; None for anything else."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if text_of(content) == text else None
