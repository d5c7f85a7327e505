"""The patterns that pydantic holds the facts of an act against, in the words of whoever has to type what fits them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PATTERNS: Mapping[str, str] = {
    "^[0-9]{4}$": "four digits, such as 0412",
    "^[0-9a-f]{64}$": "64 characters of 0-9 and a-f",
}


def wanted_by(told: Mapping[str, Any]) -> str | None:
    """What an error of pydantic's wanted, where it is about one of these patterns."""
    return PATTERNS.get(told.get("ctx", {}).get("pattern", ""))
