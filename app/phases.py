"""The seventeen stages in five phases, for drawings where seventeen could not be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from casework.lifecycle import Stage, stages


class Phase(StrEnum):
    """A stretch of the ladder."""

    RAISING = "raising"
    OFFICER = "officer"
    BALLOT = "ballot"
    ACTION = "action"
    SETTLING = "settling"

    @property
    def label(self) -> str:
        """As a heading says it."""
        return LABELS[self]


LABELS: Mapping[Phase, str] = MappingProxyType(
    {
        Phase.RAISING: "Raised and taken to the head",
        Phase.OFFICER: "With an officer",
        Phase.BALLOT: "Ballot",
        Phase.ACTION: "Action",
        Phase.SETTLING: "Pay, settlement, monitoring",
    }
)
ENDS: Mapping[Phase, tuple[Stage, Stage]] = MappingProxyType(
    {
        Phase.RAISING: (Stage.RAISED, Stage.HEAD_MEETING),
        Phase.OFFICER: (Stage.OFFICER_ASSIGNED, Stage.OFFICER_NEGOTIATION),
        Phase.BALLOT: (Stage.BALLOT_PREPARATION, Stage.BALLOT_RESULT),
        Phase.ACTION: (Stage.ASOS_AUTHORISED, Stage.STRIKE_ACTION),
        Phase.SETTLING: (Stage.PAY_REIMBURSEMENT, Stage.MONITORING),
    }
)
PHASE_OF: Mapping[Stage, Phase] = MappingProxyType(
    {stage: phase for phase, ends in ENDS.items() for stage in stages(*ends)}
)
"""Of every stage but closed, at which there is nothing left to do."""
