"""The law that a paper was made under, as it is frozen with it: each value with its unit, in words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from ballots.law_words import frozen, in_words
from core.law import Parameter, current_law


@pytest.mark.parametrize("parameter", current_law().parameters(), ids=lambda parameter: parameter.name)
def test_every_value_of_the_law_can_be_said(parameter: Parameter) -> None:
    """Turns red if a unit or an item has no words, or a list is frozen as the programme spells it."""
    for value in (*parameter.values, *parameter.planned):
        told = frozen(value)
        assert (told["label"], told["last_checked"]) == (parameter.label, value.last_checked.isoformat())
        assert told["words"]
        assert "_" not in told["words"]
        assert "('" not in told["words"]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1, "calendar_days", "1 day"),
        (10, "calendar_days", "10 days"),
        (6, "people", "6 people"),
        (Fraction(1, 2), "fraction", "1/2 (50 per cent)"),
        (Fraction(1, 365), "fraction", "1/365"),
        (None, "fraction", "none: the law of that day asked for nothing"),
        (True, "flag", "yes"),
        (("opening_day", "total"), "words", "the opening day of the ballot; the total number of employees concerned"),
        (((5000, 100000), (None, 2500000)), "pence_by_membership", "below 5,000: £1,000; any number: £25,000"),
    ],
)
def test_a_value_is_said_with_its_unit(value: Any, unit: str, words: str) -> None:
    """Turns red if a number stands without its unit, or a share without its percentage."""
    assert in_words(value, unit) == words
