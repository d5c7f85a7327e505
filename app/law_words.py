"""A value of the law in words and as a document, the same on pages, at the terminal and over HTTP; starts fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from core.law import LegalValue, Parameter

Document = dict[str, Any]


def shown(value: LegalValue) -> str:
    """A value on one line, for people."""
    if value.value is None:
        return "none"
    if isinstance(value.value, bool):
        return "yes" if value.value else "no"
    if isinstance(value.value, Fraction):
        return f"{value.value.numerator}/{value.value.denominator}"
    if isinstance(value.value, tuple):
        between = "; " if any(isinstance(item, tuple) for item in value.value) else ", "
        return between.join(_item(item) for item in value.value)
    return str(value.value).replace("_", " ") if isinstance(value.value, str) else str(value.value)


def _item(item: object) -> str:
    """One word of a list, or one band of an amount."""
    if not isinstance(item, tuple):
        return str(item).replace("_", " ")
    below, pence = item
    members = "any number" if below is None else f"below {below:,} members"
    return f"{members}: £{pence / 100:,.0f}"


def head(parameter: Parameter) -> Document:
    """What a parameter is, without its values."""
    return {
        "parameter": parameter.name,
        "label": parameter.label,
        "unit": parameter.unit,
        "keyed_on": parameter.keyed_on,
    }


DATED: Mapping[str, Callable[[LegalValue], Any]] = {
    "value": lambda value: value.value,
    "shown": shown,
    "from": lambda value: value.from_,
    "to": lambda value: value.to,
    "nations": lambda value: value.nations,
    "citation": lambda value: value.citation,
    "certainty": lambda value: value.certainty,
    "last_checked": lambda value: value.last_checked,
    "unless": lambda value: value.saving,
    "note": lambda value: value.note,
    "expected": lambda value: value.expected,
    "change": lambda value: value.change,
}
"""What is told of a dated value: the keys of the law files, and `shown`, the value in words."""


def dated(value: LegalValue | None) -> Document:
    """One value with its days and its source; every key is None where there is none."""
    return {key: None if value is None else told(value) for key, told in DATED.items()}


def every_value(parameter: Parameter) -> Document:
    """Every dated value of a parameter, oldest first, and the changes planned."""
    return {"values": list(map(dated, parameter.values)), "planned": list(map(dated, parameter.planned))}


def used(values: Iterable[LegalValue]) -> dict[str, list[Document]]:
    """Every value that was looked up, by parameter; more than one where dates of the facts chose different ones."""
    found: dict[str, list[Document]] = {}
    for value in values:
        shape = {"unit": value.unit, "keyed_on": value.keyed_on, **dated(value)}
        found.setdefault(value.parameter, []).append(shape)
    return dict(sorted(found.items()))
