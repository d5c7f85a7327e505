"""Employers and associations: no file lists them, the rows of a file name them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.register.changes import Changes, Values, plan
from casework.register.employers import Confidence, EmployerKind, EmployerResolution
from casework.register.models import Association, Employer, Workplace
from casework.register.rows import CollegeRow, OfficerRow, WorkplaceRow
from core.db import new_id

AT_SCHOOL = frozenset({EmployerKind.GOVERNING_BODY, EmployerKind.PROPRIETOR, EmployerKind.CORPORATION})
NOT_IN_THE_REGISTER: Values = {"email": None, "postal_lines": []}


@dataclass(frozen=True, slots=True)
class EmployerFound:
    """Who employs at a workplace, and why the register says so."""

    id: uuid.UUID
    kind: EmployerKind
    reason: str
    confidence: Confidence


class EmployersNamed:
    """The employers of a register file, under the ids of those stored already."""

    def __init__(self, session: Session) -> None:
        self._session = session
        stored = session.execute(select(Employer.register_key, Employer.id)).tuples()
        self._ids: dict[str, uuid.UUID] = dict(stored.all())
        self._known = _known_employers(session)
        self._served_elsewhere = _served_elsewhere(session)
        self._addressed: dict[str, Values] = {}
        self._unaddressed: dict[str, Values] = {}

    def found(self, employer: EmployerResolution, row: WorkplaceRow | CollegeRow) -> EmployerFound:
        """
        Who employs at the row's workplace.

        The first row that names an employer says how it is called and addressed. A row that names nobody says that the
        file does not know: an employer of the same kind that an earlier file named stays.
        """
        before = self._known.get(row.number)
        if employer.name is None and before and before.kind is employer.kind:
            return before
        key = employer.register_key
        values = {"id": self._ids.setdefault(key, new_id()), "kind": employer.kind, "register_key": key}
        values["name"] = employer.name or employer.described_as
        if employer.kind in AT_SCHOOL and row.postal_lines and key not in self._served_elsewhere:
            self._addressed.setdefault(key, {**values, "postal_lines": [row.name, *row.postal_lines]})
        else:
            self._unaddressed.setdefault(key, values)
        return EmployerFound(self._ids[key], employer.kind, employer.reason, employer.confidence)

    def changes(self) -> tuple[Changes, ...]:
        """What to store of them. An address that a person entered stays."""
        groups = (self._addressed, self._unaddressed)
        return tuple(
            plan(self._session, Employer, ("register_key",), list(group.values()), only_when_new=NOT_IN_THE_REGISTER)
            for group in groups
        )


def _known_employers(session: Session) -> dict[str, EmployerFound]:
    """The employers that earlier files named, by the URN or UKPRN of the workplace."""
    rows = session.execute(
        select(
            func.coalesce(Workplace.urn, Workplace.ukprn),
            Employer.id,
            Employer.kind,
            Workplace.employer_reason,
            Workplace.employer_confidence,
        )
        .join(Workplace.employer)
        .where(Workplace.employer_confidence != Confidence.UNKNOWN)
    )
    return {number: EmployerFound(*found) for number, *found in rows}


def _served_elsewhere(session: Session) -> frozenset[str]:
    """Employers with an address that is none of their schools': a person entered it."""
    rows = session.execute(
        select(Employer.register_key, Employer.postal_lines, Workplace.name, Workplace.postal_lines)
        .join(Workplace.employer)
        .where(Employer.kind.in_(AT_SCHOOL))
    ).tuples()
    addresses: dict[str, list[str]] = {}
    at_school = set()
    for key, lines, name, school_lines in rows:
        addresses[key] = lines
        if lines == [name, *school_lines]:
            at_school.add(key)
    return frozenset(key for key, lines in addresses.items() if lines and key not in at_school)


class AssociationsNamed:
    """The associations of an officers' file, under the ids of those stored already."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stored = {row.name: row for row in session.scalars(select(Association))}
        self._ids = {name: row.id for name, row in self._stored.items()}
        self._holders = {code: name for name, row in self._stored.items() for code in row.la_codes}
        self._listed: dict[str, set[str]] = {}

    def other_holder(self, row: OfficerRow) -> str | None:
        """Another association that covers one of the row's authorities, if there is one."""
        holders = (self._holders.get(code, row.association) for code in row.la_codes)
        return next((holder for holder in holders if holder != row.association), None)

    def id_of(self, row: OfficerRow) -> uuid.UUID:
        """The association's id; from now on it covers the row's authorities."""
        self._holders |= dict.fromkeys(row.la_codes, row.association)
        self._listed.setdefault(row.association, set()).update(row.la_codes)
        return self._ids.setdefault(row.association, new_id())

    def changes(self, *, releasing: bool) -> Changes:
        """What to store of them. `releasing`: an authority that the file does not list is covered no longer."""
        wanted = [
            {"id": self._ids[name], "name": name, "la_codes": sorted(codes | self._kept(name, releasing=releasing))}
            for name, codes in self._listed.items()
        ]
        return plan(self._session, Association, ("name",), wanted)

    def _kept(self, name: str, *, releasing: bool) -> set[str]:
        return set() if releasing or name not in self._stored else set(self._stored[name].la_codes)
