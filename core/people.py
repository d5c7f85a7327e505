"""Whether two acts are two people's: the one rule behind everything that wants a second person."""

from __future__ import annotations

OF_NOBODY = {"staff", "flow"}
"""Kinds of actors that show no person: whoever sits at this machine, and the system itself."""


def two_people(one: str, other: str) -> bool:
    """
    Whether two actors are certainly two people.

    Nothing shows who sits at this machine's command line: `staff:command-line` and every post of staff are one person,
    and so are all flows. Whoever signed in is one by the account, or by the officer they are.
    """
    first, second = one.strip().casefold(), other.strip().casefold()
    return first != second and not {_kind(first), _kind(second)} <= OF_NOBODY


def _kind(actor: str) -> str:
    return actor.partition(":")[0]
