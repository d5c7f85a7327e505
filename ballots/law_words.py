"""A value of the law as it is frozen with a paper: in words and with its unit, for whoever reads it years later."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from core.calendar import counted
from core.law import LegalValue, Value, current_law
from core.money import in_pounds, in_round_pounds

ITEMS: Mapping[str, str] = MappingProxyType(
    {
        "entitled": "how many were entitled to vote",
        "cast": "how many votes were cast",
        "yes": "how many answered Yes",
        "no": "how many answered No",
        "spoiled": "how many voting papers were spoiled or otherwise invalid",
        "turnout_met": "whether the threshold of turnout was met",
        "support_met": "whether the threshold of support was met",
        "opening_day": "the opening day of the ballot",
        "total": "the total number of employees concerned",
        "categories": "the categories of those employees",
        "by_category": "how many are in each category",
        "workplaces": "the workplaces of those employees",
        "by_workplace": "how many work at each workplace",
        "explanation": "how the figures were arrived at",
        "kind": "whether it is a strike or action short of a strike",
        "pattern": "whether the action is continuous or discontinuous",
        "dates": "its dates",
    }
)
"""What a paper has to state, by the words of the law files."""
UNITS: Mapping[str, str] = MappingProxyType(
    {
        "calendar_days": "day",
        "days": "day",
        "weeks": "week",
        "months": "month",
        "hours": "hour",
        "minutes": "minute",
        "voters": "voter",
    }
)


def frozen(value: LegalValue) -> dict[str, Any]:
    """A value as a paper keeps it: what it is, in words, where it stands, and when somebody last read it there."""
    return {
        "value": str(value.value),
        "from": value.from_.isoformat() if value.from_ else None,
        "citation": str(value.citation),
        "label": current_law().parameter(value.parameter).label,
        "words": in_words(value.value, value.unit),
        "last_checked": value.last_checked.isoformat(),
    }


def in_words(value: Value, unit: str) -> str:
    """
    A value with its unit.

    >>> in_words(7, "calendar_days"), in_words(("cast", "yes"), "words")
    ('7 days', 'how many votes were cast; how many answered Yes')
    """
    if value is None:
        return "none: the law of that day asked for nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        return _share(value)
    if isinstance(value, int):
        return _counted(value, unit)
    if isinstance(value, tuple):
        return "; ".join(_item(each) for each in value)
    return value if unit == "statement" else _item(value)


def _counted(value: int, unit: str) -> str:
    if unit == "people":
        return f"{value} {'person' if value == 1 else 'people'}"
    if unit == "pence":
        return in_pounds(value)
    return counted(value, UNITS[unit])


def _share(share: Fraction) -> str:
    per_cent = share * 100
    exact = f"{share.numerator}/{share.denominator}"
    return f"{exact} ({per_cent} per cent)" if per_cent.denominator == 1 else exact


def _item(each: object) -> str:
    if isinstance(each, tuple):
        below, pence = each
        return f"{'any number' if below is None else f'below {below:,}'}: {in_round_pounds(pence)}"
    return ITEMS.get(str(each), str(each).replace("_", " "))
