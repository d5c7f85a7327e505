"""Taking in officers and members."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from casework import repository
from casework.register import workplaces
from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import ImportReport, Taking
from casework.register.models import Association, Member, Officer, Workplace
from core.history import HistoryEntry, canonical
from core.unit_of_work import UnitOfWork
from tests.casework.register.files import MEMBER, OFFICER, SCHOOL, the_member, write

A_DAY_NOT_BEFORE_JOINING = "a date such as 2026-09-01 or 01/09/2026, not before the day of joining, or nothing"
CODES = "three-digit codes of local authorities, separated by spaces, such as 886 887"


def _counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.stored, report.updated, report.unchanged, report.rejected


@pytest.fixture
def at_school(uow: UnitOfWork, tmp_path: Path) -> UnitOfWork:
    """A unit of work in whose register stands one school of Kent and one of Medway."""
    medway = SCHOOL | {"URN": "118500", "LA (code)": "887", "LA (name)": "Medway"}
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL, medway])))
    return uow


def test_a_member_is_stored_as_the_file_has_them(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when pounds are stored as pence, or a separator stays in a sort code."""
    report = import_members(at_school, Taking(write(tmp_path / "members.csv", [MEMBER], encoding="cp1252")))
    member = the_member(at_school, "A100")
    assert _counts(report) == (1, 0, 0, 0)
    assert (member.name, member.workplace.urn) == ("Siân Rowanmere", "118000")
    assert (member.annual_salary_pence, member.fte, member.is_rep) == (4_210_000, "0.8", False)
    assert (member.sort_code, member.account_number) == ("000000", "00001234")
    assert member.postal_lines == ["1 Example Street", "Exampleton", "ZZ99 9AA"]


def test_importing_people_again_changes_nothing(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when a value is spelled otherwise in the database than in the row: 0.80 is 0.8."""
    spelled_otherwise = MEMBER | {"membership_number": "a100", "fte": "0.80", "joined_on": "01/09/2020"}
    import_members(at_school, Taking(write(tmp_path / "members.csv", [MEMBER])))
    again = Taking(write(tmp_path / "again.csv", [spelled_otherwise]))
    assert _counts(import_members(at_school, again)) == (0, 0, 1, 0)
    import_officers(at_school, Taking(write(tmp_path / "officers.csv", [OFFICER])))
    officer = OFFICER | {"email": "KWAME@example.org", "la_codes": "887, 886"}
    assert _counts(import_officers(at_school, Taking(write(tmp_path / "officers.csv", [officer])))) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("change", "field", "wanted"),
    [
        ({"urn": "118999"}, "urn", "the URN of a workplace that is in the register here"),
        ({"membership_number": ""}, "membership_number", "up to 20 letters, digits, - and /"),
        ({"name": ""}, "name", "the member's name"),
        ({"email": "sian"}, "email", "one email address such as name@example.org"),
        ({"email": "a@example.org, b@example.org"}, "email", "one email address such as name@example.org"),
        ({"category": ""}, "category", "a category of post, such as teacher"),
        ({"joined_on": ""}, "joined_on", "a date such as 2026-09-01 or 01/09/2026"),
        ({"left_on": "2020-08-31"}, "left_on", A_DAY_NOT_BEFORE_JOINING),
        ({"annual_salary": "42,100"}, "annual_salary", "the full-time salary in pounds, such as 36500.00"),
        ({"annual_salary": "42100.005"}, "annual_salary", "the full-time salary in pounds, such as 36500.00"),
        ({"annual_salary": "-1"}, "annual_salary", "the full-time salary in pounds, such as 36500.00"),
        ({"fte": "0"}, "fte", "a share of a full-time post above 0 and up to 1, such as 0.8"),
        ({"fte": "1.01"}, "fte", "a share of a full-time post above 0 and up to 1, such as 0.8"),
        ({"is_rep": "maybe"}, "is_rep", "yes or no"),
        ({"sort_code": "00-00-0"}, "sort_code", "six digits such as 00-00-00, or nothing"),
        ({"sort_code": ""}, "account_number", "eight digits beside a sort code, or neither"),
        ({"account_number": ""}, "account_number", "eight digits beside a sort code, or neither"),
    ],
)  # fmt: skip
def test_a_member_who_cannot_be_used_is_rejected_alone(
    at_school: UnitOfWork, tmp_path: Path, change: dict[str, str], field: str, wanted: str
) -> None:
    """Red when the field's pattern or validator in `MemberRow` is taken out."""
    rows = [MEMBER | change, MEMBER | {"membership_number": "A101"}]
    report = import_members(at_school, Taking(write(tmp_path / "members.csv", rows)))
    (reject,) = report.rejects
    assert (reject.line, reject.field, reject.wanted) == (2, field, wanted)
    assert reject.found == (MEMBER | change)[field]
    assert _counts(report) == (1, 0, 0, 1)


def test_the_last_day_of_membership_may_be_the_first(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when `<` in `_leaves_after_joining` becomes `<=`."""
    report = import_members(
        at_school, Taking(write(tmp_path / "members.csv", [MEMBER | {"left_on": MEMBER["joined_on"]}]))
    )
    assert _counts(report) == (1, 0, 0, 0)


def test_a_member_who_left_and_is_back_is_in_membership_again(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when an empty `left_on` leaves the stored one."""
    import_members(at_school, Taking(write(tmp_path / "members.csv", [MEMBER | {"left_on": "2024-08-31"}])))
    back = {heading: cell for heading, cell in MEMBER.items() if heading != "left_on"} | {"joined_on": "2026-01-05"}
    assert _counts(import_members(at_school, Taking(write(tmp_path / "back.csv", [back])))) == (0, 1, 0, 0)
    assert the_member(at_school, "A100").left_on is None


def test_a_file_without_bank_columns_leaves_bank_details_alone(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when `defaults` of members loses the account: a payment would have nowhere to go."""
    import_members(at_school, Taking(write(tmp_path / "members.csv", [MEMBER])))
    without = {heading: cell for heading, cell in MEMBER.items() if heading not in {"sort_code", "account_number"}}
    assert _counts(import_members(at_school, Taking(write(tmp_path / "again.csv", [without])))) == (0, 0, 1, 0)
    assert the_member(at_school, "A100").account_number == "00001234"


def test_history_of_an_import_names_no_member(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when the entry's facts hold anything of a row, a rejected one included."""
    rows = [MEMBER, MEMBER | {"membership_number": "A101", "urn": "118999"}]
    import_members(at_school, Taking(write(tmp_path / "members.csv", rows)))
    written = canonical([entry.facts for entry in at_school.session.scalars(select(HistoryEntry))])
    for personal in ("Rowanmere", "example.org", "A100", "A101", "118999", "00001234"):
        assert personal not in written


def test_a_dry_run_of_people_stores_nobody(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when associations are stored or schools linked on a dry run."""
    import_officers(at_school, Taking(write(tmp_path / "officers.csv", [OFFICER]), dry_run=True))
    import_members(at_school, Taking(write(tmp_path / "members.csv", [MEMBER]), dry_run=True))
    for table in (Officer, Association, Member):
        assert at_school.session.scalars(select(table)).all() == []
    assert workplaces.find(at_school, "118000").association_id is None


def test_officers_are_found_for_every_school_their_association_covers(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when the rows' authorities are not joined: the second officer's row names Medway alone."""
    other = OFFICER | {"email": "grace@example.org", "name": "Grace Wrendale", "la_codes": "887"}
    resting = OFFICER | {"email": "rhys@example.org", "name": "Rhys Flintley", "active": "no"}
    first = OFFICER | {"la_codes": "886"}
    import_officers(at_school, Taking(write(tmp_path / "officers.csv", [first, other, resting | {"la_codes": "886"}])))
    for urn in ("118000", "118500"):
        found = repository.officers_of(at_school, workplaces.find(at_school, urn).association_id)
        active = {officer.email: officer.active for officer in found}
        assert active == {"grace@example.org": True, "kwame@example.org": True, "rhys@example.org": False}


def test_a_school_that_no_association_covers_has_no_officer(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when a missing association is compared with officers' associations."""
    import_officers(at_school, Taking(write(tmp_path / "officers.csv", [OFFICER | {"la_codes": "886"}])))
    assert repository.officers_of(at_school, workplaces.find(at_school, "118500").association_id) == []


def test_one_authority_has_one_association(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when `other_holder` is not asked, within a file or between two."""
    rival = OFFICER | {"email": "ewan@example.org", "association": "Weald Association", "la_codes": "887 888"}
    in_one_file = import_officers(at_school, Taking(write(tmp_path / "both.csv", [OFFICER, rival])))
    in_the_next = import_officers(at_school, Taking(write(tmp_path / "rival.csv", [rival])))
    for report, line in ((in_one_file, 3), (in_the_next, 2)):
        (reject,) = report.rejects
        assert (reject.line, reject.field, reject.found) == (line, "la_codes", "887 888")
        assert reject.wanted == "codes that Kent Association does not cover already"
    assert [row.name for row in at_school.session.scalars(select(Association))] == ["Kent Association"]


def test_an_authority_that_a_clean_file_no_longer_lists_is_released(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when `releasing` is always False."""
    import_officers(at_school, Taking(write(tmp_path / "officers.csv", [OFFICER])))
    report = import_officers(at_school, Taking(write(tmp_path / "fewer.csv", [OFFICER | {"la_codes": "886"}])))
    assert _counts(report) == (0, 1, 0, 0)
    assert workplaces.find(at_school, "118000").association is not None
    assert workplaces.find(at_school, "118500").association is None


def test_a_faulty_file_takes_no_authority_from_an_association(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Red when `releasing` is always True: Medway stands in the row that was rejected."""
    import_officers(at_school, Taking(write(tmp_path / "officers.csv", [OFFICER])))
    faulty = OFFICER | {"email": "nobody", "la_codes": "887"}
    import_officers(at_school, Taking(write(tmp_path / "faulty.csv", [OFFICER | {"la_codes": "886"}, faulty])))
    assert workplaces.find(at_school, "118500").association is not None


@pytest.mark.parametrize(
    ("change", "field", "wanted"),
    [
        ({"email": "kwame@"}, "email", "one email address such as name@example.org"),
        ({"association": ""}, "association", "the name of a local association"),
        ({"la_codes": ""}, "la_codes", CODES),
        ({"la_codes": "886 Kent"}, "la_codes", CODES),
        ({"open_case_limit": "-1"}, "open_case_limit", "a whole number of cases, 0 or more"),
        ({"open_case_limit": "ten"}, "open_case_limit", "a whole number of cases, 0 or more"),
        ({"active": "1"}, "active", "yes or no"),
    ],
)  # fmt: skip
def test_an_officer_who_cannot_be_used_is_rejected(
    uow: UnitOfWork, tmp_path: Path, change: dict[str, str], field: str, wanted: str
) -> None:
    """Red when the field's pattern or validator in `OfficerRow` is taken out."""
    report = import_officers(uow, Taking(write(tmp_path / "officers.csv", [OFFICER | change])))
    (reject,) = report.rejects
    assert (reject.line, reject.field, reject.wanted) == (2, field, wanted)
    assert uow.session.scalars(select(Association)).all() == []


def test_an_officer_without_a_school_in_the_register_is_stored(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when officers can be imported only after workplaces."""
    assert _counts(import_officers(uow, Taking(write(tmp_path / "officers.csv", [OFFICER])))) == (1, 0, 0, 0)
    assert uow.session.scalars(select(Workplace)).all() == []
