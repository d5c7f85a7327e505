"""Links between establishments, read from either end: which school follows on which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from casework.register.models import Workplace, WorkplaceLink
from casework.register.standing import Standing, Successor, standing_findings
from core.findings import Finding
from core.unit_of_work import UnitOfWork

SUCCESSOR, PREDECESSOR = "successor", "predecessor"
SPLIT = "split"


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link as seen from a workplace. `known`: the other establishment is in the register here."""

    kind: str
    urn: str
    name: str | None
    established_on: date | None
    known: bool


def of(uow: UnitOfWork, urn: str | None) -> tuple[LinkLine, ...]:
    """
    Every link of an establishment, whichever end the register gave: a predecessor's successor is told at both.

    A link that the register gives at both ends is listed once, as this end has it.
    """
    found: dict[tuple[str, str], LinkLine] = {}
    rows = _links(uow, urn)
    names = _names(uow, {row.linked_urn if row.urn == urn else row.urn for row in rows})
    for row in sorted(rows, key=lambda row: (row.urn != urn, row.linked_urn, row.urn, row.kind)):
        other, kind, told = (row.linked_urn, row.kind, row.linked_name) if row.urn == urn else _turned(row)
        line = LinkLine(kind, other, names.get(other) or told, row.established_on, other in names)
        found.setdefault((_direction(kind), other), line)
    return tuple(found.values())


def standing_of(uow: UnitOfWork, workplace: Workplace) -> Standing:
    """What the register says of a workplace's end, for the rule that judges it."""
    successors = [
        Successor(line.urn, line.name, line.established_on, whole=SPLIT not in line.kind.casefold())
        for line in of(uow, workplace.urn)
        if _direction(line.kind) == SUCCESSOR
    ]
    return Standing(workplace.number, workplace.status, workplace.closed_on, successors)


def findings_on(uow: UnitOfWork, workplaces: Sequence[Workplace], on: date) -> tuple[Finding, ...]:
    """What the register has against each of the workplaces on a day: closed, or succeeded by another."""
    return tuple(finding for each in workplaces for finding in standing_findings(standing_of(uow, each), on))


def _links(uow: UnitOfWork, urn: str | None) -> Sequence[WorkplaceLink]:
    if urn is None:
        return ()
    either_end = or_(WorkplaceLink.urn == urn, WorkplaceLink.linked_urn == urn)
    return uow.session.scalars(select(WorkplaceLink).where(either_end)).all()


def _names(uow: UnitOfWork, urns: set[str]) -> dict[str, str]:
    if not urns:
        return {}
    rows = uow.session.execute(select(Workplace.urn, Workplace.name).where(Workplace.urn.in_(urns))).tuples()
    return {urn: name for urn, name in rows if urn}


def _turned(row: WorkplaceLink) -> tuple[str, str, None]:
    """A link that the other end gave, in this end's words."""
    kind = row.kind
    for here, there in ((PREDECESSOR, SUCCESSOR), (SUCCESSOR, PREDECESSOR)):
        if kind.casefold().startswith(here):
            return row.urn, there.capitalize() + kind[len(here) :], None
    return row.urn, kind, None


def _direction(kind: str) -> str:
    folded = kind.casefold()
    return next((each for each in (SUCCESSOR, PREDECESSOR) if folded.startswith(each)), folded)
