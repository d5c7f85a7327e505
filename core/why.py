"""Why a date falls where it does: one shape for the command line, the pages and the letters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.findings import Citation


@dataclass(frozen=True, slots=True)
class Why:
    """
    The rule in words, its inputs by name, the arithmetic, where the rule stands and how sure it is.

    `changes_if` says what would move the date; empty where nothing would.
    """

    rule: str
    inputs: dict[str, str]
    arithmetic: str
    citation: Citation
    certainty: str
    changes_if: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As stored, and as the pages show it."""
        return asdict(self)
