"""Why a date falls where it does: one shape and one set of words for the command line, the pages and the letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.findings import Citation

POLICY = "policy"
"""The certainty of what is the union's own rule and no law."""

CERTAINTY = {
    "confirmed": "read in the statute",
    "practitioner": "from practitioners' pages",
    "unconfirmed": "not confirmed: the stricter reading is used until it is",
    POLICY: "the union's own rule, not law",
}

LABELS = {
    "rule": "Rule",
    "inputs": "Inputs",
    "arithmetic": "Arithmetic",
    "citation": "Source",
    "certainty": "Certainty",
    "changes_if": "Would change with",
}
"""What each part is called wherever a reason is shown, in the order in which it is shown."""


@dataclass(frozen=True, slots=True)
class Why:
    """
    The rule in words, its inputs by name, the arithmetic, where the rule stands and how sure it is.

    `certainty` is a word of the law files, or `policy`; `CERTAINTY` says it for people. `changes_if` says what would
    move the date; empty where nothing would.
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


def told(why: Why | Mapping[str, Any]) -> dict[str, str | dict[str, str]]:
    """The parts of a reason for people, by label, without those that are empty; a value or what is stored of one."""
    parts = why.as_dict() if isinstance(why, Why) else dict(why)
    source = parts["citation"]
    said = {
        **parts,
        "citation": f"{source['act']}, {source['provision']}",
        "certainty": CERTAINTY.get(parts["certainty"], parts["certainty"]),
    }
    return {label: said[name] for name, label in LABELS.items() if said[name]}
