"""The stages of a ballot, as one table. What the table does not name is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.errors import StageError


class BallotStage(StrEnum):
    """Where a ballot stands."""

    PLANNED = "planned"
    NOTICED = "noticed"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    DECLARED = "declared"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[BallotStage, frozenset[BallotStage]] = {
    BallotStage.PLANNED: frozenset({BallotStage.NOTICED, BallotStage.CANCELLED}),
    BallotStage.NOTICED: frozenset({BallotStage.OPEN, BallotStage.CANCELLED}),
    BallotStage.OPEN: frozenset({BallotStage.CLOSED, BallotStage.CANCELLED}),
    BallotStage.CLOSED: frozenset({BallotStage.COUNTED}),
    BallotStage.COUNTED: frozenset({BallotStage.DECLARED}),
    BallotStage.DECLARED: frozenset(),
    BallotStage.CANCELLED: frozenset(),
}


def moved(now: BallotStage, wanted: BallotStage) -> BallotStage:
    """`wanted`, if the table allows it from `now`; else `StageError`."""
    if wanted not in TRANSITIONS[now]:
        raise StageError("The ballot", now, wanted, tuple(sorted(TRANSITIONS[now])))
    return wanted
