"""Amounts as people write them."""

from __future__ import annotations

import pytest

from core.money import in_pounds


@pytest.mark.parametrize(
    ("pence", "said"), [(0, "£0.00"), (5, "£0.05"), (100, "£1.00"), (123_456, "£1,234.56"), (-150, "−£1.50")]
)
def test_an_amount_has_two_places_in_pence(pence: int, said: str) -> None:
    """Turns red if a nought is left out, or the sign stands behind the pound."""
    assert in_pounds(pence) == said
