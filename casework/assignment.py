"""Which officer takes a case: one who covers the area, has room, and carries the least; the reason is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer of the area as the rule sees one. `open_cases` and `open_case_limit` are counts."""

    officer_id: str
    active: bool
    open_cases: int
    open_case_limit: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """The choice and the reason for it, in a sentence that names nobody."""

    officer_id: str
    reason: str


def choose_officer(candidates: Sequence[Candidate], *, area: str, declined: Sequence[str] = ()) -> Assignment | Finding:
    """
    Choose among the candidates, who all cover the area, or say why nobody can be chosen.

    Least loaded first; between equals the lower id, so that the choice can be repeated.
    """
    covering = [each for each in candidates if each.active and each.officer_id not in declined]
    if not covering:
        return Finding(
            "no_officer_covers_area",
            Severity.STOP,
            f"No active officer who has not declined covers {area}.",
            "Add an officer for the association, or assign one from a neighbouring association by hand.",
        )
    with_room = [each for each in covering if each.open_cases < each.open_case_limit]
    if not with_room:
        return Finding(
            "officers_at_limit",
            Severity.STOP,
            f"Every one of the {len(covering)} officers who cover {area} is at the limit of open cases.",
            "Raise a limit, close cases that are over, or assign one by hand.",
        )
    chosen = min(with_room, key=lambda each: (each.open_cases, each.officer_id))
    return Assignment(chosen.officer_id, _reason(chosen, with_room, area))


def _reason(chosen: Candidate, with_room: Sequence[Candidate], area: str) -> str:
    load = f"{chosen.open_cases} open case" + ("" if chosen.open_cases == 1 else "s")
    if len(with_room) == 1:
        return f"The only officer with room who covers {area}; carries {load}."
    return f"Covers {area} and carries {load}, the least of the {len(with_room)} officers with room there."
