"""Whether two acts are two people's: the one rule behind everything that wants a second person."""

from __future__ import annotations

STAFF = "staff"


def two_people(one: str, other: str) -> bool:
    """
    Whether two actors are certainly two people.

    Until sign-in exists nothing shows who sits at this machine: `staff:api`, `staff:dashboard` and every post of staff
    are one person. An officer is one by the id.
    """
    return one != other and {_kind(one), _kind(other)} != {STAFF}


def _kind(actor: str) -> str:
    return actor.partition(":")[0]
