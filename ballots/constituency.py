"""
The balloting constituency: all those, and only those, whom it is reasonable to believe will be called to take part.

Source: TULRCA 1992, ss. 227(1) and 228. Nobody is left out for what they may think of the action.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.findings import Finding, Severity
from core.tulrca import ONE_WORKPLACE, WHO_VOTES


@dataclass(frozen=True, slots=True)
class Voter:
    """A member as the rule sees one: ids, the category, and membership from one day to another (None: on)."""

    member_id: UUID
    employer_id: UUID
    workplace_id: UUID
    category: str
    joined_on: date
    left_on: date | None

    def is_member_on(self, day: date) -> bool:
        """In membership on a day; the day of leaving is the last one."""
        return self.joined_on <= day and (self.left_on is None or day <= self.left_on)


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of those entitled to vote, or affected: the total, and the same by workplace and by category."""

    total: int
    by_workplace: Mapping[UUID, int]
    by_category: Mapping[str, int]


def entitled_to_vote(members: Iterable[Voter], workplaces: frozenset[UUID], on: date) -> tuple[Voter, ...]:
    """Everyone in membership on a day at the workplaces of the dispute, each once, ordered by id."""
    voters = {each.member_id: each for each in members if each.workplace_id in workplaces and each.is_member_on(on)}
    return tuple(voters[key] for key in sorted(voters))


def figures(voters: Iterable[Voter]) -> Figures:
    """Count voters three ways; the three totals are always equal."""
    listed = tuple(voters)
    return Figures(
        total=len(listed),
        by_workplace=Counter(each.workplace_id for each in listed),
        by_category=dict(sorted(Counter(each.category for each in listed).items())),
    )


def constituency_findings(voters: Iterable[Voter], workplaces: frozenset[UUID]) -> tuple[Finding, ...]:
    """What is wrong with a constituency for a separate ballot of one employer's workplaces."""
    listed = tuple(voters)
    employers = {each.employer_id for each in listed}
    empty = workplaces - {each.workplace_id for each in listed}
    found = []
    if empty:
        found.append(
            Finding(
                "constituency_empty",
                Severity.STOP,
                f"{_how_many(len(empty), len(workplaces))} no member entitled to vote.",
                "Correct the register of members, or leave the workplace out of the ballot.",
                WHO_VOTES,
            )
        )
    if len(employers) > 1:
        found.append(
            Finding(
                "electorate_mixes_employers",
                Severity.STOP,
                f"One ballot would mix the members of {len(employers)} employers.",
                "Ballot each employer's members apart, or aggregate under s. 228A with every employer in dispute.",
                ONE_WORKPLACE,
            )
        )
    return tuple(found)


def _how_many(empty: int, of: int) -> str:
    if of == 1:
        return "The workplace has"
    return f"{empty} of the {of} workplaces {'has' if empty == 1 else 'have'}"
