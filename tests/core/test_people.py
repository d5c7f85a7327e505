"""When two actors are two people."""

from __future__ import annotations

import pytest

from core.people import two_people


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        ("officer:1", "officer:2", True),
        ("officer:1", "officer:1", False),
        ("staff:api", "staff:dashboard", False),
        ("staff:finance-1", "staff:finance-2", False),
        ("staff:command-line", "staff", False),
        ("staff:dashboard", "officer:1", True),
        ("member:1", "officer:1", True),
        ("flow:outbox", "officer:1", True),
        ("flow:one", "flow:other", False),
        ("flow:one", "staff:dashboard", False),
        ("officer:1", "Officer:1 ", False),
    ],
)
def test_staff_is_one_person_whatever_the_door(one: str, other: str, two: bool) -> None:
    """Red when `two_people` is `one != other`: another interface, or a space, would be a second person."""
    assert two_people(one, other) is two
    assert two_people(other, one) is two
