"""
When a school may join a dispute that stands, and when the schools of one dispute may vote in one ballot.

One dispute is over the same matters with the same employer (TULRCA 1992, s. 244(1)); a ballot that was authorised stays
over the matters it was authorised over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.calendar import in_words
from core.findings import Finding, Severity
from core.tulrca import AGGREGATE, TRADE_DISPUTE

OF_ITS_OWN = "Declare a dispute of its own for this case."


@dataclass(frozen=True, slots=True)
class Joining:
    """A case beside the dispute it would join: the live one of its own by reference, and the day it left this."""

    employer_id: UUID
    issues: frozenset[str]
    live_dispute: str | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Joined:
    """
    The dispute: its employers and its matters; by reference the ballot over them that was not cancelled, and the case
    of the same workplace that stands in it, if there are any.
    """

    ref: str
    employer_ids: frozenset[UUID]
    matters: frozenset[str]
    settled_on: date | None
    ballot: str | None
    same_workplace: str | None = None


def issues_before_joining(case: Joining, dispute: Joined) -> tuple[Finding, ...]:
    """Everything that keeps a case from joining a dispute, with what to do instead."""
    found: list[Finding] = []
    if dispute.settled_on is not None:
        found.append(_settled(dispute.ref, dispute.settled_on))
    if case.employer_id not in dispute.employer_ids:
        found.append(_other_employer(dispute.ref))
    if case.live_dispute is not None:
        found.append(_own_dispute(case.live_dispute, dispute.ref))
    elif dispute.same_workplace is not None:
        found.append(_same_workplace(dispute.ref, dispute.same_workplace))
    if case.left_on is not None:
        found.append(_left(dispute.ref, case.left_on))
    return (*found, *_matter_findings(case.issues, dispute))


def _matter_findings(issues: frozenset[str], dispute: Joined) -> list[Finding]:
    if not issues & dispute.matters:
        return [_other_matters(dispute)]
    more = issues - dispute.matters
    return [_matters_fixed(more, dispute.ballot)] if more and dispute.ballot else []


def _stop(code: str, sentence: str, cure: str) -> Finding:
    return Finding(code, Severity.STOP, sentence, cure, TRADE_DISPUTE)


def _settled(ref: str, on: date) -> Finding:
    sentence = f"The dispute {ref} is over since {in_words(on)}, when the last of its cases left it."
    return _stop("dispute_settled", sentence, OF_ITS_OWN)


def _other_employer(ref: str) -> Finding:
    return _stop(
        "dispute_with_other_employer",
        f"The dispute {ref} is with another employer than that of this case's workplace.",
        f"{OF_ITS_OWN} If the register names the wrong employer, correct it first.",
    )


def _own_dispute(own: str, ref: str) -> Finding:
    if own == ref:
        return _stop("dispute_joined_already", f"The case stands in the dispute {ref} already.", "Authorise a ballot.")
    return _stop(
        "dispute_of_its_own",
        f"The case stands in the dispute {own}, which is not over.",
        f"Go on with {own}; the other schools may join it instead.",
    )


def _same_workplace(ref: str, case: str) -> Finding:
    return _stop(
        "workplace_in_dispute_already",
        f"The case {case} of the same workplace stands in the dispute {ref}; its members would be balloted twice.",
        f"Go on with the case {case}.",
    )


def _left(ref: str, on: date) -> Finding:
    return _stop(
        "dispute_left",
        f"The case left the dispute {ref} on {in_words(on)}; no mandate of that dispute counts for it any more.",
        OF_ITS_OWN,
    )


def _other_matters(dispute: Joined) -> Finding:
    return _stop(
        "dispute_over_other_matters",
        f"None of the case's issues is a matter of the dispute {dispute.ref}: {', '.join(sorted(dispute.matters))}.",
        OF_ITS_OWN,
    )


def _matters_fixed(more: frozenset[str], ballot: str | None) -> Finding:
    return _stop(
        "matters_fixed",
        f"The ballot {ballot} is over the matters of the dispute as they stood; these would be new: "
        f"{', '.join(sorted(more))}.",
        f"{OF_ITS_OWN} A ballot that is cancelled no longer stands in the way.",
    )


def matters_balloted(more: Iterable[str], ballot: str) -> Finding:
    """A dispute that is declared again would be over more than its ballot asked."""
    return _stop(
        "matters_fixed",
        f"The ballot {ballot} is over the matters of the dispute as they stood; these would be new: "
        f"{', '.join(sorted(more))}.",
        "Go on without them, or cancel the ballot before it is over and declare the dispute again.",
    )


@dataclass(frozen=True, slots=True)
class SchoolOfBallot:
    """A school that one ballot over several would cover."""

    name: str
    issues: frozenset[str]
    nation: str
    service: str


def aggregate_findings(schools: Sequence[SchoolOfBallot], matters: frozenset[str]) -> tuple[Finding, ...]:
    """
    What keeps the schools of a dispute from voting in one ballot.

    Each workplace must have a member affected by the dispute; a school without an issue of the dispute has none. That
    each has somebody entitled to vote is `constituency_findings`.
    """
    found = [_not_affected(school.name) for school in schools if not school.issues & matters]
    if len(schools) == 1:
        found.append(_aggregate_of_one())
    if len({(school.nation, school.service) for school in schools}) > 1:
        found.append(_mixed_law())
    return tuple(found)


def _not_affected(name: str) -> Finding:
    return Finding(
        "workplace_not_affected",
        Severity.STOP,
        f"No issue of {name} is a matter of the dispute, so nobody there is affected by it.",
        "Ballot each school apart, or declare the dispute again over the issues of all.",
        AGGREGATE,
    )


def _aggregate_of_one() -> Finding:
    return Finding(
        "aggregate_of_one",
        Severity.STOP,
        "Only this school of the dispute is ready to be balloted.",
        "Ballot it separately, or wait until another school of the dispute is at the preparation of a ballot.",
        AGGREGATE,
    )


def _mixed_law() -> Finding:
    return Finding(
        "aggregate_under_two_laws",
        Severity.STOP,
        "The schools are in different nations or services, so different thresholds could apply to them.",
        "Ballot the schools apart.",
        AGGREGATE,
    )
