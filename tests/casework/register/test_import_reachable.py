"""How people can be reached as files give it: telephone numbers in one form, and the language that they read."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import Taking
from casework.register.models import Officer
from core.unit_of_work import UnitOfWork
from tests.casework.register.files import MEMBER, OFFICER, SCHOOL, the_member, write

A_NUMBER = "a telephone number such as 07700 900123 or +44 7700 900123, or nothing"
A_LANGUAGE = "en or English, cy, Welsh or Cymraeg, or nothing"


@pytest.fixture
def at_school(uow: UnitOfWork, tmp_path: Path) -> UnitOfWork:
    """A unit of work in whose register stands one school."""
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL])))
    return uow


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("0044 7700-900123", "+447700900123"),
        ("+353 85 123 4567", "+353851234567"),
        ("", None),
    ],
)
def test_a_number_is_kept_in_one_form(at_school: UnitOfWork, tmp_path: Path, written: str, stored: str | None) -> None:
    """Turns red if `_as_phone` leaves a number as it was written: no provider takes one without a country."""
    import_members(at_school, Taking(write(tmp_path / "members.csv", [MEMBER | {"phone": written}])))
    import_officers(at_school, Taking(write(tmp_path / "officers.csv", [OFFICER | {"phone": written}])))

    assert the_member(at_school, "A100").phone == stored
    assert at_school.session.scalars(select(Officer)).one().phone == stored


@pytest.mark.parametrize(
    ("written", "stored"), [("en", "en"), ("Welsh", "cy"), ("CYMRAEG", "cy"), ("cy", "cy"), ("", "en")]
)
def test_a_language_is_kept_by_its_code(at_school: UnitOfWork, tmp_path: Path, written: str, stored: str) -> None:
    """Turns red if `_as_language` looks for the code alone: people write Welsh."""
    import_members(at_school, Taking(write(tmp_path / "members.csv", [MEMBER | {"language": written}])))

    assert the_member(at_school, "A100").language == stored


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"phone": "7700900123"}, A_NUMBER),
        ({"phone": "0770"}, A_NUMBER),
        ({"phone": "ask the office"}, A_NUMBER),
        ({"language": "French"}, A_LANGUAGE),
    ],
)
def test_what_reaches_nobody_is_rejected(
    at_school: UnitOfWork, tmp_path: Path, change: dict[str, str], wanted: str
) -> None:
    """Turns red if the pattern of a number, or the list of languages, is taken out."""
    report = import_members(at_school, Taking(write(tmp_path / "members.csv", [MEMBER | change])))

    (reject,) = report.rejects
    ((field, found),) = change.items()
    assert (reject.line, reject.field, reject.found, reject.wanted) == (2, field, found, wanted)


def test_a_file_without_the_columns_leaves_what_is_stored(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if `phone` or `language` is left out of the defaults of the import: a smaller file would wipe them."""
    told = MEMBER | {"phone": "07700 900123", "language": "cy"}
    import_members(at_school, Taking(write(tmp_path / "members.csv", [told])))
    import_members(at_school, Taking(write(tmp_path / "again.csv", [MEMBER | {"name": "Siân R. Rowanmere"}])))

    member = the_member(at_school, "A100")
    assert (member.name, member.phone, member.language) == ("Siân R. Rowanmere", "+447700900123", "cy")
