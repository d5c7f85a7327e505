"""Taking in the files of schools, officers and members."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from casework.register import workplaces
from casework.register.changes import Changes, Values
from casework.register.employers import EmployerKind, EmployerResolution, Service, resolve_employer
from casework.register.intake import ImportReport, Intake, Taking, conclude, opened, sort_out
from casework.register.models import Association, Member, Officer, Workplace
from casework.register.named_in_file import AssociationsNamed, EmployerFound, EmployersNamed
from casework.register.reading import Reject, SourceFile, SourceRow
from casework.register.rows import MEMBERS, OFFICERS, WORKPLACES, MemberRow, OfficerRow, WorkplaceRow
from core.unit_of_work import UnitOfWork

BUNDLED_EXTRACT = Path(__file__).parent / "bundled" / "register_extract.csv"
"""1,598 establishments of the register of 2017; `bundled/LICENCE.md` says on what terms."""

KEPT_AS_READ = (set(WorkplaceRow.model_fields) - {"ukprn"}).intersection(Workplace.__table__.columns.keys())
_WORKPLACES = Intake(
    kind="workplaces",
    table=Workplace,
    words=WORKPLACES,
    row=WorkplaceRow,
    key=("urn",),
    defaults={"email": None, "phase": "", "opened_on": None, "closed_on": None},
)
_OFFICERS = Intake(
    kind="officers",
    table=Officer,
    words=OFFICERS,
    row=OfficerRow,
    key=("email",),
    defaults={"active": True, "phone": None},
)
_MEMBERS = Intake(
    kind="members",
    table=Member,
    words=MEMBERS,
    row=MemberRow,
    key=("membership_number",),
    defaults={"fte": "1", "is_rep": False, "sort_code": None, "account_number": None, "phone": None, "language": "en"},
)


def import_workplaces(uow: UnitOfWork, taking: Taking) -> ImportReport:
    """
    Take in an extract of the register of schools, in today's headings or those of 2017.

    Each workplace is stored with its legal employer and the reason. Raise `BadInput` when the file cannot be read.
    """
    file = opened(uow, _WORKPLACES, taking)
    employers = EmployersNamed(uow.session)
    associations = association_ids(uow)
    colleges = _colleges_without_urn(uow)

    def values_of(source: SourceRow, row: WorkplaceRow) -> Values | Reject:
        employer = resolve_employer(row.facts)
        refused = _refused(file, source, row, employer) or _stands_as_college(file, source, row, colleges)
        if refused:
            return refused
        columns = row.model_dump(include=KEPT_AS_READ) | {"ukprn": _ukprn_of(row, employer)}
        association = {"association_id": associations.get(row.la_code)}
        return columns | association | _employer_values(row, employer, employers.found(employer, row))

    rows = sort_out(file, _WORKPLACES, values_of, taking)
    return conclude(uow, file, _WORKPLACES, rows, taking, employers.changes())


def import_officers(uow: UnitOfWork, taking: Taking) -> ImportReport:
    """
    Take in officers and the local authorities that their associations cover, and link the workplaces there.

    A file without a fault has the last word on the associations that it names; from a faulty one they only gain. Raise
    `BadInput` when the file cannot be read.
    """
    file = opened(uow, _OFFICERS, taking)
    associations = AssociationsNamed(uow.session)

    def values_of(source: SourceRow, row: OfficerRow) -> Values | Reject:
        holder = associations.other_holder(row)
        if holder:
            wanted = f"codes that {holder} does not cover already"
            return file.reject(source, "la_codes", " ".join(row.la_codes), wanted)
        columns = row.model_dump(exclude={"association", "la_codes"})
        return {**columns, "association_id": associations.id_of(row)}

    rows = sort_out(file, _OFFICERS, values_of, taking)
    changes = associations.changes(releasing=not rows.rejects)
    report = conclude(uow, file, _OFFICERS, rows, taking, (changes,))
    if not taking.dry_run:
        _link_workplaces(uow, changes)
    return report


def import_members(uow: UnitOfWork, taking: Taking) -> ImportReport:
    """
    Take in members and the workplaces that they are at, which must be in the register already.

    Raise `BadInput` when the file cannot be read.
    """
    file = opened(uow, _MEMBERS, taking)
    rows = uow.session.execute(select(Workplace.urn, Workplace.ukprn, Workplace.id)).tuples()
    by_number = {number: id_ for urn, ukprn, id_ in rows for number in (urn, ukprn) if number}

    def values_of(source: SourceRow, row: MemberRow) -> Values | Reject:
        name, number = ("urn", row.urn) if row.urn else ("ukprn", row.ukprn)
        workplace_id = by_number.get(number)
        if workplace_id is None:
            wanted = f"the {name.upper()} of a workplace that is in the register here"
            return file.reject(source, name, number, wanted)
        return _member_values(row, workplace_id)

    return conclude(uow, file, _MEMBERS, sort_out(file, _MEMBERS, values_of, taking), taking)


def _refused(file: SourceFile, source: SourceRow, row: WorkplaceRow, employer: EmployerResolution) -> Reject | None:
    """A workplace whose employer or nation cannot be told is not taken in: no notice could be lawful there."""
    if employer.kind is EmployerKind.UNKNOWN:
        wanted = f"a type of establishment that tells the employer. {employer.reason}"
        return file.reject(source, "establishment_type", row.establishment_type, wanted)
    if employer.nation is None:
        return file.reject(source, "la_code", row.la_code, WorkplaceRow.wanted("la_code"))
    return None


def _ukprn_of(row: WorkplaceRow, employer: EmployerResolution) -> str | None:
    """Kept for a college, which other files name by it; of a school the URN is enough."""
    college = employer.service is Service.FURTHER_EDUCATION and workplaces.UKPRN.fullmatch(row.ukprn)
    return row.ukprn if college else None


def _colleges_without_urn(uow: UnitOfWork) -> frozenset[str | None]:
    return frozenset(uow.session.scalars(select(Workplace.ukprn).where(Workplace.urn.is_(None))))


def _stands_as_college(
    file: SourceFile, source: SourceRow, row: WorkplaceRow, colleges: frozenset[str | None]
) -> Reject | None:
    if row.ukprn and row.ukprn in colleges:
        wanted = "an establishment that does not stand here already as a college without a URN"
        return file.reject(source, "ukprn", row.ukprn, wanted)
    return None


def _employer_values(row: WorkplaceRow, employer: EmployerResolution, found: EmployerFound) -> dict[str, Any]:
    return {
        "postal_lines": row.postal_lines,
        "nation": employer.nation,
        "employer_id": found.id,
        "employer_reason": found.reason,
        "employer_confidence": found.confidence,
        "service": employer.service,
        "stpcd_binds": employer.stpcd_binds,
    }


def _member_values(row: MemberRow, workplace_id: uuid.UUID) -> Values:
    columns = row.model_dump(exclude={"urn", "ukprn", "address_line_1", "address_line_2", "town", "postcode"})
    return columns | {
        "workplace_id": workplace_id,
        "postal_lines": row.postal_lines,
        "sort_code": row.sort_code or None,
        "account_number": row.account_number or None,
    }


def association_ids(uow: UnitOfWork) -> dict[str, uuid.UUID]:
    """The association that covers each local authority, by the authority's code."""
    rows = uow.session.execute(select(Association.id, Association.la_codes))
    return {code: id_ for id_, codes in rows for code in codes}


def _link_workplaces(uow: UnitOfWork, changes: Changes) -> None:
    """Give the workplaces of the authorities that changed hands to the association that covers them now."""
    for association in changes.updates:
        uow.session.execute(
            update(Workplace).where(Workplace.association_id == association["id"]).values(association_id=None)
        )
    for association in (*changes.inserts, *changes.updates):
        covered = Workplace.la_code.in_(association["la_codes"])
        uow.session.execute(update(Workplace).where(covered).values(association_id=association["id"]))
