"""Whether two acts are two people's: the one rule behind everything that wants a second person."""

from __future__ import annotations

OF_NOBODY = {"staff", "flow"}
"""Kinds of actors that show no person: whoever sits at this machine, and the system itself."""


def two_people(one: str, other: str) -> bool:
    """
    Whether two actors are certainly two people.

    Until sign-in exists nothing shows who sits at this machine: `staff:api`, `staff:dashboard` and every post of staff
    are one person, and so are all flows. An officer is one by the id.
    """
    first, second = one.strip().casefold(), other.strip().casefold()
    return first != second and not {_kind(first), _kind(second)} <= OF_NOBODY


def _kind(actor: str) -> str:
    return actor.partition(":")[0]
