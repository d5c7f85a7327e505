"""
The law that a notice was drawn up by, in words, as it was frozen with the notice. Pure.

A notice of an earlier version has the name of a value and the value as the programme spelled it: its words are made of
these.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.calendar import in_words

NONE = "–"
UNSAID: Mapping[str, str] = {"None": "none: the law of that day asked for nothing", "True": "yes", "False": "no"}


@dataclass(frozen=True, slots=True)
class LawTold:
    """One value of the law: what it is, what it comes to, where it stands, since when, and when it was read there."""

    what: str
    value: str
    source: str
    since: str
    read_on: str


def told(law: Mapping[str, Any]) -> list[LawTold]:
    """Every value that a notice was drawn up by."""
    return [_told(name, found if isinstance(found, Mapping) else {"value": found}) for name, found in law.items()]


def _told(name: str, found: Mapping[str, Any]) -> LawTold:
    spelled = str(found.get("value"))
    return LawTold(
        what=str(found.get("label") or _from_name(name)),
        value=str(found.get("words") or _from_spelling(spelled)),
        source=str(found.get("citation") or NONE),
        since=_day(found.get("from")),
        read_on=_day(found.get("last_checked")),
    )


def _from_name(name: str) -> str:
    words = name.rpartition(".")[2].replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _from_spelling(spelled: str) -> str:
    try:
        value = ast.literal_eval(spelled) if spelled.startswith("(") else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        value = None
    if isinstance(value, tuple):
        return "; ".join(str(each).replace("_", " ") for each in value)
    return UNSAID.get(spelled, spelled)


def _day(found: object) -> str:
    if found is None:
        return NONE
    try:
        return in_words(date.fromisoformat(str(found)))
    except ValueError:
        return str(found)
