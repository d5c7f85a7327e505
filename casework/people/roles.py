"""
Roles, and how far each reaches: the whole union, an association, the cases of one officer, or one workplace.

Pure. A role is held somewhere (`Grant`); nothing is seen or done that no grant reaches. Some roles are never held by
one person, for then one person could do alone what is meant to take two.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType

from core.findings import Finding, Severity


class Role(StrEnum):
    """What somebody is for the union."""

    NATIONAL_OFFICIAL = "national_official"
    ASSOCIATION_SECRETARY = "association_secretary"
    CASEWORKER = "caseworker"
    BALLOT_TEAM = "ballot_team"
    FINANCE_PREPARER = "finance_preparer"
    FINANCE_APPROVER = "finance_approver"
    SCRUTINEER_LIAISON = "scrutineer_liaison"
    WORKPLACE_REP = "workplace_rep"
    AUDITOR = "auditor"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        """As people say it."""
        return self.value.replace("_", " ").capitalize()


class Reach(StrEnum):
    """How far a role reaches where it is held."""

    UNION = "union"
    ASSOCIATION = "association"
    OWN_CASES = "own_cases"
    WORKPLACE = "workplace"
    NO_CASE = "no_case"


@dataclass(frozen=True, slots=True)
class Duty:
    """What a role is for, in a sentence, and how far it may be held to reach: the first is meant unless another is."""

    does: str
    reaches: tuple[Reach, ...]


DUTIES: Mapping[Role, Duty] = MappingProxyType(
    {
        Role.NATIONAL_OFFICIAL: Duty("Sees and does everything that concerns a case, but pays nothing", (Reach.UNION,)),
        Role.ASSOCIATION_SECRETARY: Duty("Sees and leads the cases of an association", (Reach.ASSOCIATION,)),
        Role.CASEWORKER: Duty(
            "Works on the cases of an association that are assigned to them, or to nobody yet", (Reach.OWN_CASES,)
        ),
        Role.BALLOT_TEAM: Duty(
            "Plans ballots and draws up and approves their papers", (Reach.UNION, Reach.ASSOCIATION)
        ),
        Role.FINANCE_PREPARER: Duty("Settles claims and prepares payments", (Reach.UNION,)),
        Role.FINANCE_APPROVER: Duty("Approves schemes, claims and payments that others prepared", (Reach.UNION,)),
        Role.SCRUTINEER_LIAISON: Duty(
            "Hands papers to the scrutineer and takes reports in", (Reach.UNION, Reach.ASSOCIATION)
        ),
        Role.WORKPLACE_REP: Duty("Follows the disputes of one workplace; sees no member's data", (Reach.WORKPLACE,)),
        Role.AUDITOR: Duty("Looks at everything that was recorded and changes nothing", (Reach.UNION,)),
        Role.OPERATOR: Duty("Keeps the service running and the accounts; sees no case", (Reach.NO_CASE,)),
    }
)

CASE_STAFF = frozenset({Role.NATIONAL_OFFICIAL, Role.ASSOCIATION_SECRETARY, Role.CASEWORKER})
BALLOT_STAFF = frozenset({Role.NATIONAL_OFFICIAL, Role.BALLOT_TEAM})
REPORT_STAFF = BALLOT_STAFF | {Role.SCRUTINEER_LIAISON}
SERVICE_STAFF = CASE_STAFF | REPORT_STAFF
FINANCE = frozenset({Role.FINANCE_PREPARER, Role.FINANCE_APPROVER})
CLAIM_STAFF = CASE_STAFF | {Role.FINANCE_PREPARER}
"""Who may do which acts: each act names one of these, or one role."""

NEVER_TOGETHER: frozenset[frozenset[Role]] = frozenset(
    {
        frozenset({Role.FINANCE_PREPARER, Role.FINANCE_APPROVER}),
        frozenset({Role.OPERATOR, Role.FINANCE_PREPARER}),
        frozenset({Role.OPERATOR, Role.FINANCE_APPROVER}),
        frozenset({Role.SCRUTINEER_LIAISON, Role.WORKPLACE_REP}),
        *(frozenset({Role.AUDITOR, other}) for other in Role if other is not Role.AUDITOR),
    }
)
"""Pairs that one person may not hold, wherever they hold them."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and where it is held: at one association, at one workplace, or, with neither, in the whole union."""

    role: Role
    association_id: uuid.UUID | None = None
    workplace_id: uuid.UUID | None = None

    @property
    def key(self) -> str:
        """As history, a form and the command line name it: `caseworker:<id>`, `auditor`."""
        place = self.association_id or self.workplace_id
        return self.role.value if place is None else f"{self.role.value}:{place}"

    @property
    def reach(self) -> Reach:
        """How far it reaches."""
        reaches = DUTIES[self.role].reaches
        if self.workplace_id is None and self.association_id is not None and Reach.ASSOCIATION in reaches:
            return Reach.ASSOCIATION
        return reaches[0]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands: its workplace, the association that covers it, and the officer it is assigned to."""

    workplace_id: uuid.UUID
    association_id: uuid.UUID | None
    officer_id: uuid.UUID | None


def covers(grant: Grant, place: Place, officer_id: uuid.UUID | None) -> bool:
    """Whether a role reaches a case; `officer_id` is who holds the role, in the register of officers."""
    match grant.reach:
        case Reach.UNION:
            return True
        case Reach.ASSOCIATION:
            return grant.association_id == place.association_id
        case Reach.OWN_CASES:
            free = place.officer_id is None or place.officer_id == officer_id
            return free and grant.association_id == place.association_id
        case Reach.WORKPLACE:
            return grant.workplace_id == place.workplace_id
        case Reach.NO_CASE:
            return False


def faults(grants: Iterable[Grant]) -> tuple[Finding, ...]:
    """Why one person may not hold these roles there; nothing when they may."""
    held = tuple(grants)
    found = [finding for grant in held if (finding := _misplaced(grant))]
    roles = sorted({grant.role for grant in held})
    for one, other in combinations(roles, 2):
        if frozenset({one, other}) in NEVER_TOGETHER:
            sentence = f"{one.label} and {other.label.lower()} are never one person: each checks the other."
            found.append(Finding("roles_apart", Severity.STOP, sentence, "Give one of them to somebody else."))
    return tuple(found)


def _misplaced(grant: Grant) -> Finding | None:
    wanted = {
        Reach.ASSOCIATION: (True, False, "names an association and no workplace"),
        Reach.OWN_CASES: (True, False, "names an association and no workplace"),
        Reach.WORKPLACE: (False, True, "names a workplace and no association"),
        Reach.UNION: (False, False, "names neither an association nor a workplace"),
        Reach.NO_CASE: (False, False, "names neither an association nor a workplace"),
    }[grant.reach]
    if (grant.association_id is not None, grant.workplace_id is not None) == wanted[:2]:
        return None
    sentence = f"The role {grant.role.label.lower()} {wanted[2]}."
    return Finding("role_misplaced", Severity.STOP, sentence, "Say where the role is held.")
