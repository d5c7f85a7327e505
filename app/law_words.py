"""A value of the law in words, the same on pages, at the terminal and in comparisons; starts fast."""

from __future__ import annotations

from fractions import Fraction

from core.law import LegalValue


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
    return str(value.value)


def _item(item: object) -> str:
    """One word of a list, or one band of an amount."""
    if not isinstance(item, tuple):
        return str(item).replace("_", " ")
    below, pence = item
    members = "any number" if below is None else f"below {below:,} members"
    return f"{members}: £{pence / 100:,.0f}"
