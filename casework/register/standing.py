"""
Whether a workplace still goes on as the one that the register describes, or has closed or been succeeded by another.

A school that becomes an academy gets a new URN and a new employer: a notice to the old one is no notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.calendar import in_words
from core.findings import Finding, Severity
from core.tulrca import WHO_EMPLOYS, WORKERS_AND_THEIR_EMPLOYER

CLOSED = "Closed"


@dataclass(frozen=True, slots=True)
class Successor:
    """
    An establishment that follows on another. `established_on` is absent where the register gives no day.

    `whole`: it follows on the whole of it; a school that was split may go on beside what was split off.
    """

    urn: str
    name: str | None
    established_on: date | None
    whole: bool

    @property
    def in_words(self) -> str:
        """Its number, and its name where the register gives one."""
        return f"URN {self.urn} ({self.name})" if self.name else f"URN {self.urn}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register says of one workplace's end; `number` reads `URN 100050`."""

    number: str
    status: str
    closed_on: date | None
    successors: Sequence[Successor] = ()

    def is_closed(self, on: date) -> bool:
        """Whether it is closed on a day; one whose closing day has come counts as closed whatever its status."""
        return self.closed_on <= on if self.closed_on else self.status == CLOSED

    def succeeded_by(self, on: date) -> tuple[Successor, ...]:
        """Those that had followed on it by a day; one without a day counts as there."""
        return tuple(each for each in self.successors if each.established_on is None or each.established_on <= on)


def standing_findings(standing: Standing, on: date) -> tuple[Finding, ...]:
    """What the register has against dealing with a workplace, as it stands on a day."""
    successors = standing.succeeded_by(on)
    if standing.is_closed(on):
        return (_closed(standing, successors),)
    return tuple(_succeeded(standing, each) for each in successors)


def _closed(standing: Standing, successors: Sequence[Successor]) -> Finding:
    closed = f"closed on {in_words(standing.closed_on)}" if standing.closed_on else "is closed"
    cure = "Correct the register if it is wrong; the register names no successor."
    if successors:
        named = " or ".join(each.in_words for each in successors)
        cure = f"Go on at its successor, {named}, and serve the employer there."
    return Finding(
        "workplace_closed",
        Severity.STOP,
        f"The register says that {standing.number} {closed}.",
        cure,
        WORKERS_AND_THEIR_EMPLOYER,
    )


def _succeeded(standing: Standing, successor: Successor) -> Finding:
    on = f" on {in_words(successor.established_on)}" if successor.established_on else ""
    if not successor.whole:
        return Finding(
            "workplace_split",
            Severity.WARN,
            f"The register says that {standing.number} was split{on}; part of it is {successor.in_words} now.",
            "Make sure who works at which of them, and who employs there.",
            WHO_EMPLOYS,
        )
    return Finding(
        "workplace_succeeded",
        Severity.STOP,
        f"The register says that {standing.number} was succeeded{on} by {successor.in_words}; "
        "another body may employ there.",
        f"Go on at {successor.in_words}; import a current extract of the register if it is not here yet.",
        WHO_EMPLOYS,
    )
