"""Excel workbooks: numbers, dates, sheets and cells as Excel keeps them, and files that are none."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from casework.register import sheet_reader, workplaces
from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import ImportReport, Taking
from casework.register.models import Officer
from casework.register.rejects import write_rejects
from casework.register.workbooks import read_sheet
from core.errors import BadInput
from core.unit_of_work import UnitOfWork
from tests.casework.register.files import MEMBER, OFFICER, SCHOOL, the_member, write

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Cells = Sequence[Sequence[Any]]


def book(path: Path, sheets: dict[str, Cells], *, hidden: tuple[str, ...] = ()) -> Path:
    """A workbook with these sheets."""
    made = Workbook()
    made.remove(made.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    made.save(path)
    return path


def table(rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Headings and rows."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def _counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.stored, report.updated, report.unchanged, report.rejected


@pytest.fixture
def at_school(uow: UnitOfWork, tmp_path: Path) -> UnitOfWork:
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL])))
    return uow


AS_EXCEL_KEEPS_IT = MEMBER | {
    "urn": 118000.0,
    "joined_on": datetime(2020, 9, 1),  # noqa: DTZ001 - a date cell has no zone
    "left_on": date(2026, 12, 31),
    "annual_salary": 42100.5,
    "fte": 0.8,
    "is_rep": True,
    "sort_code": 200102,
    "account_number": 12345678,
}


def test_cells_of_excels_own_kinds_are_read_as_a_person_sees_them(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if `_text` writes a whole number with its point, or a date with its midnight."""
    report = import_members(at_school, Taking(book(tmp_path / "m.xlsx", {"Members": table([AS_EXCEL_KEEPS_IT])})))
    assert report.rejects == ()
    member = the_member(at_school, "A100")
    assert (member.workplace.urn, member.joined_on, member.left_on) == ("118000", date(2020, 9, 1), date(2026, 12, 31))
    assert (member.annual_salary_pence, member.fte, member.is_rep) == (4_210_050, "0.8", True)
    assert (member.sort_code, member.account_number) == ("200102", "12345678")


@pytest.mark.parametrize(
    ("field", "value", "found", "cell"),
    [
        ("sort_code", 10203, "the number 10203", "Members!O2"),
        ("account_number", 1234.0, "the number 1234", "Members!P2"),
        ("membership_number", 1234567, "the number 1234567", "Members!A2"),
        ("urn", 11800, "the number 11800", "Members!H2"),
    ],
)
def test_a_number_that_may_have_lost_zeros_is_turned_down_with_its_cell(
    at_school: UnitOfWork, tmp_path: Path, field: str, value: float, found: str, cell: str
) -> None:
    """Turns red if `digits` loses the field: 010203 would be paid to as 10203, or be told to have five digits only."""
    file = book(tmp_path / "m.xlsx", {"Members": table([MEMBER | {field: value}])})
    (reject,) = import_members(at_school, Taking(file)).rejects
    assert (reject.line, reject.cell, reject.field, reject.found) == (2, cell, field, found)
    assert reject.wanted.startswith("the digits as text")


def test_the_same_digits_as_text_are_taken(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if text cells are judged as numbers."""
    file = book(tmp_path / "m.xlsx", {"Members": table([MEMBER | {"sort_code": "010203"}])})
    assert _counts(import_members(at_school, Taking(file))) == (1, 0, 0, 0)
    assert the_member(at_school, "A100").sort_code == "010203"


def test_codes_of_authorities_are_numbers_of_three_digits_or_text(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if a cell of one code cannot be a number, or one of two digits passes."""
    rows = [OFFICER | {"la_codes": 886}, OFFICER | {"email": "other@example.org", "la_codes": 86}]
    report = import_officers(uow, Taking(book(tmp_path / "o.xlsx", {"Sheet1": table(rows)})))
    assert [(each.cell, each.found) for each in report.rejects] == [("Sheet1!D3", "the number 86")]
    assert uow.session.scalars(select(Officer)).one().association.la_codes == ["886"]


def test_the_line_of_a_row_is_its_number_on_the_sheet(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if leading or empty rows are not counted, or a merged cell shifts its row."""
    title, nothing = ["Schools of Kent"], [""]
    rows = [[], title, nothing, list(SCHOOL), list(SCHOOL.values()), [], list((SCHOOL | {"URN": "12"}).values())]
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows[3:]:
        sheet.append(row)
    sheet.insert_rows(1, 3)
    sheet.merge_cells("A6:C6")
    made.save(tmp_path / "r.xlsx")
    (reject,) = import_workplaces(uow, Taking(tmp_path / "r.xlsx")).rejects
    assert (reject.line, reject.cell, reject.found) == (7, "Sheet!A7", "12")


def test_a_value_right_of_the_headings_is_not_lost_silently(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if cells beyond the headings are cut off."""
    rows = [list(SCHOOL), [*SCHOOL.values(), None, "closes soon"]]
    (reject,) = import_workplaces(uow, Taking(book(tmp_path / "r.xlsx", {"Schools": rows}))).rejects
    assert (reject.cell, reject.found) == ("Schools!O2", "closes soon")


def test_the_value_that_a_formula_had_is_read(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if a formula's text is read. The cached value is put where Excel keeps it."""
    path = book(tmp_path / "f.xlsx", {"Schools": table([SCHOOL | {"EstablishmentName": "=A2"}])})
    content = io.BytesIO()
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(content, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            # openpyxl writes formulas without the value that Excel had worked out.
            part = re.sub(rb"<f>A2</f><v ?(/>|></v>)", b"<f>A2</f><v>118000</v>", part)
            after.writestr(name, part)
    path.write_bytes(content.getvalue())
    assert _counts(import_workplaces(uow, Taking(path))) == (1, 0, 0, 0)
    assert workplaces.find(uow, "118000").name == "118000"


def test_one_sheet_with_data_is_the_one_and_hidden_ones_do_not_count(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if the first sheet is read whatever it holds."""
    sheets = {"Notes": [], "Lists": [["a"]], "Schools": table([SCHOOL])}
    assert _counts(import_workplaces(uow, Taking(book(tmp_path / "r.xlsx", sheets, hidden=("Lists",))))) == (1, 0, 0, 0)


def test_of_several_sheets_one_has_to_be_named(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if one is chosen silently, or `sheet` is not handed on."""
    file = book(tmp_path / "r.xlsx", {"Old": table([SCHOOL | {"URN": "1"}]), "New": table([SCHOOL])})
    with pytest.raises(BadInput, match=r"r\.xlsx: sheet: found \['Old', 'New'\], wanted the name of the sheet to read"):
        import_workplaces(uow, Taking(file))
    with pytest.raises(BadInput, match="wanted one of Old, New"):
        import_workplaces(uow, Taking(file, sheet="Newer"))
    assert _counts(import_workplaces(uow, Taking(file, sheet="New"))) == (1, 0, 0, 0)


def test_a_sheet_of_a_csv_file_is_a_mistake(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if the option is ignored for CSV."""
    with pytest.raises(BadInput, match="the file is no workbook"):
        import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL]), sheet="New"))


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600


def _zip(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, part in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), part)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (OLE, "a workbook of the old kind (.xls)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a workbook locked with a password"),
        (_zip(content_xml=b"<x/>"), "a ZIP file that is no Excel workbook"),
        (b"PK\x03\x04" + b"\0" * 50, "a workbook that is damaged"),
        (_zip(xl__workbook_xml=b"<nothing"), "a workbook that cannot be read"),
    ],
    ids=["xls", "locked", "other zip", "damaged", "no xml"],
)
def test_what_is_no_workbook_is_refused_with_what_it_is(
    uow: UnitOfWork, tmp_path: Path, content: bytes, found: str
) -> None:
    """Turns red if a check of `read_sheet` or of `sheet_reader._read` goes."""
    path = tmp_path / "members.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        import_members(uow, Taking(path))
    assert str(refused.value).startswith("members.xlsx: FILE: found ")
    assert found in str(refused.value)
    assert "wanted an unlocked .xlsx workbook" in str(refused.value)


def _with_parts(path: Path, **changed: Callable[[bytes], bytes]) -> Path:
    """The workbook with the parts of these file names (without .xml) changed, compressed as far as it goes."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as after:
        for name in before.namelist():
            change = changed.get(Path(name).stem, bytes)
            after.writestr(name, change(before.read(name)))
    path.write_bytes(content.getvalue())
    return path


@pytest.mark.parametrize(
    "spelling", [b'<c r="%s" t="n">', b'<c t="n" r="%s">', b"<c r='%s' t='n'>", b'<c  t="n"\n r="%s">'], ids=range(4)
)
def test_a_cell_in_the_last_corner_is_refused_however_it_is_spelled(tmp_path: Path, spelling: bytes) -> None:
    """Turns red if the sheet is read in this process, and ends the tests: it would take half a terabyte."""
    stray = b'<row r="1048576">' + spelling % b"XFD1048576" + b"<v>1</v></c></row></sheetData>"
    path = book(tmp_path / "stray.xlsx", {"S": table([SCHOOL])})
    _with_parts(path, sheet1=lambda sheet: sheet.replace(b"</sheetData>", stray))
    with pytest.raises(BadInput, match=r"stray\.xlsx: FILE: found 'a workbook that is far larger unpacked"):
        read_sheet(path, path.read_bytes(), None)


def _told_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **limits: int) -> None:
    """Let the reader be one with other limits."""
    program = Path(sheet_reader.__file__).read_text("utf-8")
    for name, value in limits.items():
        program, times = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", program)
        assert times == 1
    (tmp_path / "reader.py").write_text(program, "utf-8")
    monkeypatch.setattr(sheet_reader, "__file__", str(tmp_path / "reader.py"))


def test_a_part_that_unpacks_to_more_than_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if `_limit` loses `RLIMIT_AS`: the library takes what a part unpacks to, not what it says."""
    path = book(tmp_path / "large.xlsx", {"S": table([SCHOOL])})
    assert read_sheet(path, path.read_bytes(), None)[0] == "S"
    much = b"<row><c><v>1</v></c></row>" * 2_000_000
    _with_parts(path, sheet1=lambda sheet: sheet.replace(b"</sheetData>", much + b"</sheetData>"))
    assert path.stat().st_size < 1_000_000
    _told_with(monkeypatch, tmp_path, MOST_MEMORY=150 * 1024**2)
    with pytest.raises(BadInput, match="far larger unpacked"):
        read_sheet(path, path.read_bytes(), None)


def test_the_reader_may_take_two_gigabytes_two_minutes_and_leave_no_core() -> None:
    """Turns red if `MOST_MEMORY` grows a thousandfold, or a limit of `_limit` goes."""
    asked = "from casework.register.sheet_reader import _limit; _limit(); import resource as r; print("
    asked += "*(r.getrlimit(each)[0] for each in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE)))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True).stdout
    assert told.split() == [b"2147483648", b"120", b"0"]


def test_more_text_than_a_register_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if `main` does not count what it tells: one long text may be that of every cell."""
    path = book(tmp_path / "long.xlsx", {"S": [["x" * 1000]] * 20})
    _told_with(monkeypatch, tmp_path, MOST_TEXT=21_000)
    assert len(list(read_sheet(path, path.read_bytes(), None)[1])) == 20
    _told_with(monkeypatch, tmp_path, MOST_TEXT=20_000)
    with pytest.raises(BadInput, match="far larger unpacked"):
        read_sheet(path, path.read_bytes(), None)


def test_a_name_of_a_sheet_that_no_command_could_hold_is_refused(tmp_path: Path) -> None:
    """Turns red if the name goes to the reader as a word of its command."""
    path = book(tmp_path / "r.xlsx", {"S": [["x"]]})
    for name in ("x" * 200_000, "a\0b", "\ud800", "-x"):
        with pytest.raises(BadInput, match="wanted one of S"):
            read_sheet(path, path.read_bytes(), name)


def test_rejects_of_a_workbook_are_put_right_as_csv(at_school: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if the file of rejects has lost a cell, or holds dates as numbers."""
    rows = [AS_EXCEL_KEEPS_IT | {"name": "Zoë – Ó Súilleabháin", "fte": 8}]
    report = import_members(at_school, Taking(book(tmp_path / "m.xlsx", {"Members": table(rows)})))
    write_rejects(tmp_path / "rejects.csv", report.headings, report.rejects)
    text = (tmp_path / "rejects.csv").read_text("utf-8-sig")
    assert ",Members!M2,fte,8," in text
    (tmp_path / "right.csv").write_text(text.replace(",8,yes", ",0.8,yes"), "utf-8")
    assert _counts(import_members(at_school, Taking(tmp_path / "right.csv"))) == (1, 0, 0, 0)
    assert the_member(at_school, "A100").name == "Zoë – Ó Súilleabháin"


def test_every_kind_of_file_may_be_a_workbook(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if a kind reads CSV only: each refuses a workbook for its headings, so it was read."""
    from casework.register.kinds import KINDS

    file = book(tmp_path / "w.xlsx", {"S": [["nothing known"], ["x"]]})
    for kind in KINDS.values():
        with pytest.raises(BadInput, match=r"w\.xlsx: line 1: heading: found"):
            kind.take_in(uow, Taking(file))
