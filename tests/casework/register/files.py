"""Small files in both vocabularies of the register, and people to put in files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from casework.register.models import Member
from core.unit_of_work import UnitOfWork

TODAY = (
    "URN", "LA (code)", "LA (name)", "EstablishmentName", "TypeOfEstablishment (name)", "EstablishmentStatus (name)",
    "OpenDate", "CloseDate", "PhaseOfEducation (name)", "Trusts (name)", "Street", "Town", "Postcode",
)  # fmt: skip
IN_2017 = (
    "URN", "Local authority (code)", "Local authority (name)", "Establishment name", "Type of establishment",
    "Establishment status", "Opening date", "Phase of education", "Street", "Town", "County", "Postcode",
)  # fmt: skip

SCHOOL = {
    "URN": "118000",
    "LA (code)": "886",
    "LA (name)": "Kent",
    "EstablishmentName": "Oast Lane Primary School",
    "TypeOfEstablishment (name)": "Community school",
    "EstablishmentStatus (name)": "Open",
    "OpenDate": "01-09-1996",
    "CloseDate": "",
    "PhaseOfEducation (name)": "Primary",
    "Trusts (name)": "",
    "Street": "Oast Lane",
    "Town": "Maidstone",
    "Postcode": "ME14 1XX",
}
MEMBER = {
    "membership_number": "A100",
    "name": "Siân Rowanmere",
    "email": "sian@example.org",
    "address_line_1": "1 Example Street",
    "address_line_2": "",
    "town": "Exampleton",
    "postcode": "ZZ99 9AA",
    "urn": "118000",
    "category": "teacher",
    "joined_on": "2020-09-01",
    "left_on": "",
    "annual_salary": "42100.00",
    "fte": "0.8",
    "is_rep": "no",
    "sort_code": "00-00-00",
    "account_number": "00001234",
}
OFFICER = {
    "name": "Kwame Fernshaw",
    "email": "kwame@example.org",
    "association": "Kent Association",
    "la_codes": "886 887",
    "open_case_limit": "10",
    "active": "yes",
}


def write(path: Path, rows: Sequence[dict[str, str]], *, encoding: str = "utf-8") -> Path:
    """A CSV file whose headings are the first row's keys."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def the_member(uow: UnitOfWork, number: str) -> Member:
    """The member who was taken in under that number."""
    return uow.session.query(Member).filter_by(membership_number=number).one()
