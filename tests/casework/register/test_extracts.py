"""Rows of the real files: both vocabularies, both encodings, and what each file knows that the register does not."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from casework.register import links, workplaces
from casework.register.colleges import import_colleges
from casework.register.employers import Confidence, EmployerKind, Service
from casework.register.imports import BUNDLED_EXTRACT, import_members, import_workplaces
from casework.register.intake import ImportReport, Taking
from casework.register.kinds import KINDS
from casework.register.models import ImportRun, Member, Workplace, WorkplaceLink
from casework.register.rejects import write_rejects
from casework.register.responsible_bodies import import_trusts
from casework.register.schools_since import import_closures, import_links
from core.db import Base, Database
from core.errors import BadInput
from core.history import HistoryEntry
from core.nations import Nation
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.casework.register.files import MEMBER, SCHOOL, write

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

EXTRACTS = Path(__file__).parent / "extracts"
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "cp1252": lambda text: text.encode("cp1252"),
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "taken apart": lambda text: unicodedata.normalize("NFD", text).encode(),
}


def _counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.stored, report.updated, report.unchanged, report.rejected


def _rows(name: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    with (EXTRACTS / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def _odd(texts: list[str]) -> list[str]:
    return [text for text in texts if not text.isascii()]


ODD_NAMES = _odd([row["LinkName"] for row in _rows("links.csv", "cp1252")]) + _odd(
    [row["name"] for row in _rows("responsible_bodies.csv")]
)


@pytest.fixture
def register(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work over the bundled extract."""
    import_workplaces(uow, Taking(BUNDLED_EXTRACT))
    return uow


def test_the_words_of_2017_name_the_schools_of_the_extract(register: UnitOfWork) -> None:
    """Turns red if a heading or type of 2017, or NA for no value, is not known any more."""
    report = import_workplaces(register, Taking(EXTRACTS / "edubase_2017.csv"))
    # Three types are written otherwise by now: LA Nursery School, Pupil Referral Unit, Other Independent School.
    assert (report.rows, _counts(report)) == (40, (0, 3, 37, 0))
    school = workplaces.find(register, "100005")
    assert (school.opened_on, school.postal_lines) == (None, ["49 Mecklenburgh Square", "London", "WC1N 2NY"])


def test_the_full_extract_of_today_is_read_whatever_else_it_holds(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if one of its 140 headings is taken for two fields, or a code with a leading nought is refused."""
    headings = (EXTRACTS / "edubasealldata_headings.txt").read_text().split("\n")[:-1]
    row = dict.fromkeys(headings, "") | SCHOOL | {
        "EstablishmentName": "St John’s – École",
        "TypeOfEstablishment (name)": "Academy converter",
        "TypeOfEstablishment (code)": "34",
        "Trusts (name)": "OAST TRUST",
        "Trusts (code)": "2044",
        "FederationFlag (name)": "Not under a federation",
        "EstablishmentStatus (code)": "1",
        "PhaseOfEducation (code)": "02",
        "UKPRN": "10079319",
    }  # fmt: skip
    assert len(headings) == 140
    file = write(tmp_path / "edubasealldata.csv", [row], encoding="cp1252")
    assert _counts(import_workplaces(uow, Taking(file))) == (1, 0, 0, 0)
    school = workplaces.find(uow, "118000")
    assert (school.name, school.employer.name, school.ukprn) == ("St John’s – École", "OAST TRUST", None)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_odd_name_of_the_extracts_survives_a_round_trip(uow: UnitOfWork, tmp_path: Path, encoding: str) -> None:
    """
    Stored, shown, written to a file of rejects and read back, each name is what the real file had.

    Turns red if cp1252 becomes latin-1, a mark stays in the first heading, or the parts of a letter stay apart.
    """
    names = sorted(set(ODD_NAMES))
    rows = [SCHOOL | {"URN": f"x{118_000 + place}", "EstablishmentName": name} for place, name in enumerate(names)]
    path = write(tmp_path / "names.csv", rows)
    path.write_bytes(ENCODINGS[encoding](path.read_text("utf-8")))
    report = import_workplaces(uow, Taking(path))
    write_rejects(tmp_path / "rejects.csv", report.headings, report.rejects)
    assert report.rejected == len(names) > 20
    (tmp_path / "right.csv").write_bytes((tmp_path / "rejects.csv").read_bytes().replace(b"x118", b"118"))
    assert _counts(import_workplaces(uow, Taking(tmp_path / "right.csv"))) == (len(names), 0, 0, 0)
    stored = uow.session.scalars(select(Workplace.name).order_by(Workplace.urn)).all()
    assert stored == [unicodedata.normalize("NFC", name) for name in names] == names


def test_a_file_put_together_from_two_encodings_keeps_both(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if a file is read in one encoding: `École` would be stored as `Ã‰cole`."""
    heading = ",".join(SCHOOL).encode()
    lines = [
        ",".join((SCHOOL | {"EstablishmentName": "École Jeannine"}).values()).encode(),
        ",".join((SCHOOL | {"URN": "118001", "EstablishmentName": "St John’s"}).values()).encode("cp1252"),
    ]
    (tmp_path / "both.csv").write_bytes(b"\r\n".join([heading, *lines]))
    import_workplaces(uow, Taking(tmp_path / "both.csv"))
    assert workplaces.find(uow, "118000").name == "École Jeannine"
    assert workplaces.find(uow, "118001").name == "St John’s"


def test_the_links_of_the_register_are_kept_at_both_ends(register: UnitOfWork) -> None:
    """Turns red if Windows-1252 is not read, or a link to a school that is not here is turned down."""
    report = import_links(register, Taking(EXTRACTS / "links.csv"))
    assert _counts(report) == (39, 0, 0, 0)
    assert _counts(import_links(register, Taking(EXTRACTS / "links.csv"))) == (0, 0, 39, 0)
    stored = register.session.scalars(select(WorkplaceLink.linked_name))
    assert "St Thomas à Becket Church of England Aided Primary School" in set(stored)
    (line,) = links.of(register, "100136")
    assert (line.kind, line.urn, line.known) == ("Successor", "149683", False)
    assert [each.urn for each in links.of(register, "149683")] == ["100136"]


def test_the_closed_schools_that_are_here_are_closed(register: UnitOfWork) -> None:
    """Turns red if a school that is not here is made up: the list says neither its type nor its authority."""
    report = import_closures(register, Taking(EXTRACTS / "closed_schools.csv"))
    assert (report.rows, report.updated, report.unchanged, report.rejected) == (8, 1, 1, 6)
    assert {each.field for each in report.rejects} == {"urn"}
    school = workplaces.find(register, "100012")
    assert (school.status, school.closed_on) == ("Closed", date(2021, 8, 31))


def test_a_closing_day_to_come_leaves_the_school_open_until_then(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if every row of the file means Closed, or a day before the opening one is taken."""
    import_workplaces(uow, Taking(write(tmp_path / "r.csv", [SCHOOL, SCHOOL | {"URN": "118001"}])))
    rows = [{"urn": "118000", "close_date": "31-12-2026"}, {"urn": "118001", "close_date": "31-08-1996"}]
    report = import_closures(uow, Taking(write(tmp_path / "c.csv", rows)))
    school = workplaces.find(uow, "118000")
    assert (school.status, school.closed_on) == ("Open, but proposed to close", date(2026, 12, 31))
    assert [(each.field, each.found) for each in report.rejects] == [("close_date", "31-08-1996")]


def test_the_real_responsible_bodies_agree_with_the_register(register: UnitOfWork) -> None:
    """Turns red if a council for a maintained school, or a trust that is named already, is called a contradiction."""
    report = import_trusts(register, Taking(EXTRACTS / "responsible_bodies.csv"))
    here = {row["URN"] for row in _rows("responsible_bodies.csv")} & set(
        register.session.scalars(select(Workplace.urn))
    )
    assert len(here) > 15
    assert (report.unchanged, report.rejected) == (len(here), report.rows - len(here))
    assert all("in the register here" in each.wanted for each in report.rejects)


ACADEMY = SCHOOL | {"TypeOfEstablishment (name)": "Academy converter"}


def _told(uow: UnitOfWork, tmp_path: Path, school: dict[str, str], body: str) -> ImportReport:
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", [school])))
    return import_trusts(uow, Taking(write(tmp_path / "trusts.csv", [{"URN": "118000", "rb": body}])))


def test_a_trust_that_the_register_left_out_becomes_the_employer(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if the confidence stays unknown: no notice could be served. A later extract does not take it away."""
    assert _counts(_told(uow, tmp_path, ACADEMY, "Oast Trust")) == (0, 1, 0, 0)
    school = workplaces.find(uow, "118000")
    assert (school.employer.register_key, school.employer_confidence) == ("trust:OAST TRUST", Confidence.CERTAIN)
    assert _counts(import_workplaces(uow, Taking(tmp_path / "register.csv"))) == (0, 0, 1, 0)
    assert _counts(import_trusts(uow, Taking(tmp_path / "trusts.csv"))) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("school", "body", "wanted"),
    [
        (ACADEMY | {"Trusts (name)": "OAST TRUST"}, "HOP TRUST", "OAST TRUST, the trust by the register"),
        (ACADEMY, "Kent County Council", "a trust: the register says"),
        (SCHOOL, "OAST TRUST", "Kent, the council for a community school"),
        (SCHOOL, "Medway", "Kent, the council for a community school"),
        (SCHOOL | {"TypeOfEstablishment (name)": "Other independent school"}, "OAST TRUST", "no body: the register"),
    ],
)
def test_a_contradiction_is_turned_down_and_changes_nothing(
    uow: UnitOfWork, tmp_path: Path, school: dict[str, str], body: str, wanted: str
) -> None:
    """Turns red if any branch of `_contradicted` goes: the employer would change without anybody knowing."""
    report = _told(uow, tmp_path, school, body)
    (reject,) = report.rejects
    assert (reject.field, reject.found) == ("rb", body)
    assert reject.wanted.startswith(wanted)
    uow.session.expire_all()
    assert workplaces.find(uow, "118000").employer.name != body


@pytest.mark.parametrize("body", ["Kent", "KENT", "Kent County Council", "The County Council of Kent"])
def test_a_council_agrees_in_whichever_of_its_names(uow: UnitOfWork, tmp_path: Path, body: str) -> None:
    """Turns red if names are compared letter by letter. A governing body's council is no contradiction either."""
    aided = SCHOOL | {"TypeOfEstablishment (name)": "Voluntary aided school"}
    assert _counts(_told(uow, tmp_path, aided, body)) == (0, 0, 1, 0)


def test_a_trust_is_the_same_with_and_without_limited(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if one trust becomes two employers, each owed a notice."""
    rows = [ACADEMY | {"Trusts (name)": "THE OAST TRUST LIMITED"}, ACADEMY | {"URN": "118001"}]
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", rows)))
    import_trusts(uow, Taking(write(tmp_path / "trusts.csv", [{"URN": "118001", "rb": "Oast Trust Ltd."}])))
    assert workplaces.find(uow, "118001").employer_id == workplaces.find(uow, "118000").employer_id


def test_the_colleges_of_the_real_list_are_their_own_employers(uow: UnitOfWork) -> None:
    """Turns red if a college wants a URN, or is given an employer beside itself."""
    assert _counts(import_colleges(uow, Taking(EXTRACTS / "colleges.csv"))) == (12, 0, 0, 0)
    assert _counts(import_colleges(uow, Taking(EXTRACTS / "colleges.csv"))) == (0, 0, 12, 0)
    college = workplaces.find(uow, "10000055")
    assert (college.number, college.urn, college.nation) == ("UKPRN 10000055", None, Nation.ENGLAND)
    assert (college.employer.kind, college.service) == (EmployerKind.CORPORATION, Service.FURTHER_EDUCATION)
    assert college.employer.name == "The corporation of ABINGDON AND WITNEY COLLEGE"
    assert (college.postal_lines, college.employer.postal_lines) == ([], [])
    designated = workplaces.find(uow, "10008641")
    assert designated.employer_confidence is Confidence.UNKNOWN


COLLEGE = {"UKPRN": "10000055", "Provider Name": "Elm College", "Provider Type": "Sixth form college"}
AT_HOME = {"Street": "Elm Road", "Town": "Maidstone", "Postcode": "ME14 1XX", "LA (code)": "886", "LA (name)": "Kent"}


def test_an_address_imported_once_stays_when_a_list_gives_none(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if the list's missing address is written over the one that was there."""
    import_colleges(uow, Taking(write(tmp_path / "with.csv", [COLLEGE | AT_HOME])))
    for rows in ([COLLEGE], [COLLEGE | dict.fromkeys(AT_HOME, "")]):
        assert _counts(import_colleges(uow, Taking(write(tmp_path / "without.csv", rows)))) == (0, 0, 1, 0)
    college = workplaces.find(uow, "10000055")
    assert (college.postal_lines, college.la_code) == (["Elm Road", "Maidstone", "ME14 1XX"], "886")
    assert college.employer.postal_lines == ["Elm College", "Elm Road", "Maidstone", "ME14 1XX"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"UKPRN": "1000005"}, "UKPRN"),
        ({"Provider Name": ""}, "Provider Name"),
        ({"Provider Type": "Community school"}, "Provider Type"),
        ({"LA (code)": "704"}, "LA (code)"),
        ({"Postcode": "ME141XX"}, "Postcode"),
    ],
)
def test_a_college_that_cannot_be_used_is_turned_down(
    uow: UnitOfWork, tmp_path: Path, change: dict[str, str], field: str
) -> None:
    """Turns red if the field's check in `CollegeRow` or `_refused` goes."""
    (reject,) = import_colleges(uow, Taking(write(tmp_path / "c.csv", [COLLEGE | AT_HOME | change]))).rejects
    assert reject.field == field


def test_a_member_may_work_at_a_college(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if the UKPRN is not looked up, or a row with both numbers or neither is taken."""
    import_colleges(uow, Taking(write(tmp_path / "c.csv", [COLLEGE])))
    import_workplaces(uow, Taking(write(tmp_path / "r.csv", [SCHOOL])))
    numbers = [("", "10000055"), ("118000", ""), ("", ""), ("118000", "10000055"), ("", "10000056")]
    rows = [
        MEMBER | {"membership_number": f"A{place}", "urn": urn, "ukprn": ukprn}
        for place, (urn, ukprn) in enumerate(numbers)
    ]
    report = import_members(uow, Taking(write(tmp_path / "m.csv", rows)))
    assert [(each.line, each.field) for each in report.rejects] == [(4, "urn"), (5, "urn"), (6, "ukprn")]
    at = {member.membership_number: member.workplace.number for member in uow.session.scalars(select(Member))}
    assert at == {"A0": "UKPRN 10000055", "A1": "URN 118000"}


def test_a_members_file_names_workplaces_one_way_or_the_other(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if a file without either column is judged row by row."""
    without = {name: cell for name, cell in MEMBER.items() if name != "urn"}
    with pytest.raises(BadInput, match="wanted a column urn or ukprn"):
        import_members(uow, Taking(write(tmp_path / "m.csv", [without])))


def test_a_college_of_the_list_is_not_stored_again_under_a_urn(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if an extract makes a second workplace of it: its members would stand at the other one."""
    import_colleges(uow, Taking(write(tmp_path / "c.csv", [COLLEGE])))
    row = SCHOOL | {"TypeOfEstablishment (name)": "Sixth form college", "UKPRN": "10000055"}
    (reject,) = import_workplaces(uow, Taking(write(tmp_path / "r.csv", [row]))).rejects
    assert (reject.field, reject.found) == ("UKPRN", "10000055")
    import_workplaces(uow, Taking(write(tmp_path / "s.csv", [row | {"UKPRN": "10000056"}])))
    assert workplaces.find(uow, "10000056").number == "URN 118000"


HEADINGS = {kind: "\n".join([",".join(rows[0]), ",".join(rows[0].values())]).encode() for kind, rows in {
    "workplaces": [SCHOOL], "members": [MEMBER], "colleges": [COLLEGE],
    "links": [{"URN": "100001", "LinkURN": "100002", "LinkType": "Successor"}],
}.items()}  # fmt: skip


@settings(max_examples=60)
@given(kind=st.sampled_from(sorted(HEADINGS)), content=st.binary(max_size=200), headed=st.booleans())
@example(kind="members", content=b"\x00,\x81\n", headed=True)
@example(kind="workplaces", content=b'"', headed=True)
@example(kind="links", content=b"PK\x03\x04", headed=False)
def test_any_bytes_are_refused_whole_or_every_row_is_accounted_for(kind: str, content: bytes, headed: bool) -> None:
    """Turns red if bytes end in a traceback, a row is lost, or a refused file leaves anything in the database."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'mandate.db'}")
        Base.metadata.create_all(database.engine)
        path = Path(folder) / "any.csv"
        path.write_bytes((HEADINGS[kind] + b"\n" if headed else b"") + content)
        try:
            with unit_of_work("staff:test", on=database) as uow:
                report = KINDS[kind].take_in(uow, Taking(path))
        except BadInput:
            with reading(on=database) as uow:
                for table in (Workplace, WorkplaceLink, ImportRun, HistoryEntry):
                    assert uow.session.scalar(select(func.count()).select_from(table)) == 0, table
        else:
            assert report.rows == sum(_counts(report))
        database.engine.dispose()
