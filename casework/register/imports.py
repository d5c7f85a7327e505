"""Taking register, officer and member files into the database."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from casework.register.changes import Changes, Values
from casework.register.employers import EmployerKind, EmployerResolution, resolve_employer
from casework.register.intake import ImportReport, Intake, Progress, conclude, hold_off_other_imports, sort_out
from casework.register.models import Association, Member, Officer, Workplace
from casework.register.named_in_file import AssociationsNamed, EmployerFound, EmployersNamed
from casework.register.reading import Reject, SourceFile, SourceRow, read_file
from casework.register.rows import MEMBERS, OFFICERS, WORKPLACES, MemberRow, OfficerRow, WorkplaceRow
from core.unit_of_work import UnitOfWork

BUNDLED_EXTRACT = Path(__file__).parent / "bundled" / "register_extract.csv"
"""1,598 establishments of the register of 2017; `bundled/LICENCE.md` says on what terms."""

KEPT_AS_READ = set(WorkplaceRow.model_fields).intersection(Workplace.__table__.columns.keys())
_WORKPLACES = Intake(
    kind="workplaces",
    table=Workplace,
    row=WorkplaceRow,
    key="urn",
    defaults={"email": None, "phase": "", "opened_on": None, "closed_on": None},
)
_OFFICERS = Intake(kind="officers", table=Officer, row=OfficerRow, key="email", defaults={"active": True})
_MEMBERS = Intake(
    kind="members",
    table=Member,
    row=MemberRow,
    key="membership_number",
    defaults={"fte": "1", "is_rep": False, "sort_code": None, "account_number": None},
)


def import_workplaces(
    uow: UnitOfWork, path: Path, *, progress: Progress | None = None, dry_run: bool = False
) -> ImportReport:
    """
    Take in an extract of the register of schools, in today's headings or those of 2017.

    Each workplace is stored with its legal employer and the reason. Raise `BadInput` when the file cannot be read.
    """
    hold_off_other_imports(uow, dry_run=dry_run)
    file = read_file(path, WORKPLACES)
    employers = EmployersNamed(uow.session)
    associations = _association_ids(uow)

    def values_of(source: SourceRow, row: WorkplaceRow) -> Values | Reject:
        employer = resolve_employer(row.facts)
        refused = _refused(file, source, row, employer)
        if refused:
            return refused
        columns = row.model_dump(include=KEPT_AS_READ)
        association = {"association_id": associations.get(row.la_code)}
        return columns | association | _employer_values(row, employer, employers.found(employer, row))

    rows = sort_out(file, _WORKPLACES, values_of, progress)
    return conclude(uow, file, _WORKPLACES, rows, employers.changes(), dry_run=dry_run)


def import_officers(
    uow: UnitOfWork, path: Path, *, progress: Progress | None = None, dry_run: bool = False
) -> ImportReport:
    """
    Take in officers and the local authorities that their associations cover, and link the workplaces there.

    A file without a fault has the last word on the associations that it names; from a faulty one they only gain. Raise
    `BadInput` when the file cannot be read.
    """
    hold_off_other_imports(uow, dry_run=dry_run)
    file = read_file(path, OFFICERS)
    associations = AssociationsNamed(uow.session)

    def values_of(source: SourceRow, row: OfficerRow) -> Values | Reject:
        holder = associations.other_holder(row)
        if holder:
            wanted = f"codes that {holder} does not cover already"
            return file.reject(source, "la_codes", " ".join(row.la_codes), wanted)
        columns = row.model_dump(exclude={"association", "la_codes"})
        return {**columns, "association_id": associations.id_of(row)}

    rows = sort_out(file, _OFFICERS, values_of, progress)
    changes = associations.changes(releasing=not rows.rejects)
    report = conclude(uow, file, _OFFICERS, rows, (changes,), dry_run=dry_run)
    if not dry_run:
        _link_workplaces(uow, changes)
    return report


def import_members(
    uow: UnitOfWork, path: Path, *, progress: Progress | None = None, dry_run: bool = False
) -> ImportReport:
    """
    Take in members and the workplaces that they are at, which must be in the register already.

    Raise `BadInput` when the file cannot be read.
    """
    hold_off_other_imports(uow, dry_run=dry_run)
    file = read_file(path, MEMBERS)
    workplaces = dict(uow.session.execute(select(Workplace.urn, Workplace.id)).tuples().all())

    def values_of(source: SourceRow, row: MemberRow) -> Values | Reject:
        workplace_id = workplaces.get(row.urn)
        if workplace_id is None:
            return file.reject(source, "urn", row.urn, "the URN of a workplace that is in the register here")
        return _member_values(row, workplace_id)

    return conclude(uow, file, _MEMBERS, sort_out(file, _MEMBERS, values_of, progress), dry_run=dry_run)


def _refused(file: SourceFile, source: SourceRow, row: WorkplaceRow, employer: EmployerResolution) -> Reject | None:
    """A workplace whose employer or nation cannot be told is not taken in: no notice could be lawful there."""
    if employer.kind is EmployerKind.UNKNOWN:
        wanted = f"a type of establishment that tells the employer. {employer.reason}"
        return file.reject(source, "establishment_type", row.establishment_type, wanted)
    if employer.nation is None:
        return file.reject(source, "la_code", row.la_code, WorkplaceRow.wanted("la_code"))
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
    columns = row.model_dump(exclude={"urn", "address_line_1", "address_line_2", "town", "postcode"})
    return columns | {
        "workplace_id": workplace_id,
        "postal_lines": row.postal_lines,
        "sort_code": row.sort_code or None,
        "account_number": row.account_number or None,
    }


def _association_ids(uow: UnitOfWork) -> dict[str, uuid.UUID]:
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
