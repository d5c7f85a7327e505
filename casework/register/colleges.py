"""
Colleges of the further education sector. Their list gives a UKPRN, a name and a type: no URN, authority or address.

A college is its own employer: the further education or sixth form college corporation (FHEA 1992 ss. 17, 33A).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from casework.register.changes import Values
from casework.register.employers import EmployerResolution, Service, resolve_employer
from casework.register.imports import association_ids
from casework.register.intake import ImportReport, Intake, Taking, conclude, opened, sort_out
from casework.register.models import Workplace
from casework.register.named_in_file import EmployersNamed
from casework.register.reading import Reject, SourceFile, SourceRow
from casework.register.rows import COLLEGES, CollegeRow
from core.nations import Nation
from core.unit_of_work import UnitOfWork

_COLLEGES = Intake(
    kind="colleges",
    table=Workplace,
    words=COLLEGES,
    row=CollegeRow,
    key=("ukprn",),
    defaults={"urn": None, "email": None, "status": "Open", "phase": "", "opened_on": None, "closed_on": None},
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a college lies, as far as it is known."""

    la_code: str = ""
    la_name: str = ""
    postal_lines: tuple[str, ...] = ()
    postcode: str = ""


def import_colleges(uow: UnitOfWork, taking: Taking) -> ImportReport:
    """
    Take in colleges by UKPRN; an authority or address that the file does not give stays as it was entered.

    Raise `BadInput` when the file cannot be read.
    """
    file = opened(uow, _COLLEGES, taking)
    employers, associations = EmployersNamed(uow.session), association_ids(uow)
    places = _places(uow)

    def values_of(source: SourceRow, row: CollegeRow) -> Values | Reject:
        employer = resolve_employer(row.facts)
        refused = _refused(file, source, row, employer)
        if refused:
            return refused
        found = employers.found(employer, row)
        place = _place(row, places.get(row.ukprn, Place()))
        return {
            "ukprn": row.ukprn,
            "name": row.name,
            "establishment_type": row.establishment_type,
            "la_code": place.la_code,
            "la_name": place.la_name,
            "postal_lines": list(place.postal_lines),
            "postcode": place.postcode,
            "nation": employer.nation or Nation.ENGLAND,  # the list is the Department for Education's, of England
            "employer_id": found.id,
            "employer_reason": found.reason,
            "employer_confidence": found.confidence,
            "service": employer.service,
            "stpcd_binds": employer.stpcd_binds,
            "association_id": associations.get(place.la_code),
            **_COLLEGES.defaults,
        }

    rows = sort_out(file, _COLLEGES, values_of, taking)
    return conclude(uow, file, _COLLEGES, rows, taking, employers.changes())


def _refused(file: SourceFile, source: SourceRow, row: CollegeRow, employer: EmployerResolution) -> Reject | None:
    if employer.service is not Service.FURTHER_EDUCATION:
        wanted = "a type of provider of the further education sector, such as Statutory FE Sector - Sixth Form College"
        return file.reject(source, "establishment_type", row.establishment_type, wanted)
    if row.la_code and employer.nation is None:
        return file.reject(source, "la_code", row.la_code, CollegeRow.wanted("la_code"))
    return None


def _place(row: CollegeRow, before: Place) -> Place:
    lines = row.postal_lines
    code, name = (row.la_code, row.la_name) if row.la_code else (before.la_code, before.la_name)
    address = (tuple(lines), row.postcode) if lines else (before.postal_lines, before.postcode)
    return Place(code, name, *address)


def _places(uow: UnitOfWork) -> dict[str | None, Place]:
    rows = uow.session.execute(
        select(Workplace.ukprn, Workplace.la_code, Workplace.la_name, Workplace.postal_lines, Workplace.postcode).where(
            Workplace.ukprn.is_not(None)
        )
    ).tuples()
    return {ukprn: Place(code, name, tuple(lines), postcode) for ukprn, code, name, lines, postcode in rows}
