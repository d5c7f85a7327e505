"""Files as people export them: encodings, headings, line numbers, and what is refused whole."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.register.reading import Reject, SourceRow, Vocabulary, read_file
from casework.register.rejects import rejects_as_csv, write_rejects
from core.errors import BadInput

WORDS = Vocabulary({"urn": ("URN",), "name": ("EstablishmentName", "Establishment name")}, frozenset({"urn", "name"}))


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "extract.csv"
    path.write_bytes(content)
    return path


def _values(path: Path) -> list[dict[str, str]]:
    return [dict(row.values) for row in read_file(path, WORDS).rows if isinstance(row, SourceRow)]


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("cp1252", b"")], ids=["plain", "marked", "1252"]
)
def test_an_accented_name_reads_the_same_in_each_encoding(tmp_path: Path, encoding: str, mark: bytes) -> None:
    """Red when the fallback to cp1252 becomes latin-1: the dash is a control character there."""
    path = _file(tmp_path, mark + "URN,EstablishmentName\r\n100001,Zoë – École\r\n".encode(encoding))
    assert _values(path) == [{"urn": "100001", "name": "Zoë – École"}]


def test_headings_are_known_without_regard_to_case_order_or_spacing(tmp_path: Path) -> None:
    """Red when `_folded` stops folding case."""
    path = _file(tmp_path, b"Spare, establishment  NAME ,urn\nx,Oast Lane,100001\n")
    assert _values(path) == [{"name": "Oast Lane", "urn": "100001"}]


def test_one_name_in_two_spellings_of_unicode_is_one_name(tmp_path: Path) -> None:
    """Red when cells are not brought to NFC."""
    path = _file(tmp_path, "URN,EstablishmentName\n1,Zoe\u0308\n".encode())
    assert _values(path)[0]["name"] == "Zo\u00eb"


def test_a_row_is_numbered_by_the_line_it_starts_on(tmp_path: Path) -> None:
    """Red when the line is taken after the row was read: the cell with a line break ends on line 3."""
    path = _file(tmp_path, b'URN,EstablishmentName\n1,"Oast\nLane"\n\n2,Mill Lane\n')
    assert [row.line for row in read_file(path, WORDS).rows] == [2, 5]


def test_rows_without_anything_in_them_are_no_rows(tmp_path: Path) -> None:
    """Red when the reader yields rows of empty cells: spreadsheets leave many at the end."""
    path = _file(tmp_path, b"URN,EstablishmentName\n1,Oast Lane\n,\n \n")
    assert len(read_file(path, WORDS).rows) == 1


@pytest.mark.parametrize(("row", "found"), [("1", "1 cell"), ("1,a,b", "3 cells")])
def test_a_row_with_the_wrong_number_of_cells_is_rejected_alone(tmp_path: Path, row: str, found: str) -> None:
    """Red when cells are paired with headings without counting them."""
    path = _file(tmp_path, f"URN,EstablishmentName\n{row}\n2,Mill Lane\n".encode())
    first, second = read_file(path, WORDS).rows
    assert isinstance(first, Reject)
    assert (first.line, first.field, first.found, first.wanted) == (2, "row", found, "2 cells, one a heading")
    assert isinstance(second, SourceRow)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "extract.csv: line 1: heading: found '', wanted a column URN."),
        (b"URN,Name\n1,x\n", "wanted a column EstablishmentName or Establishment name."),
        (b"URN,EstablishmentName,Establishment name\n", "wanted one column EstablishmentName."),
        (b'URN,EstablishmentName\n1,"Oast\n2,x\n', "line 2: text: found 'unexpected end of data'"),
        (b"URN,EstablishmentName\n1,\xff\x81\n", "line 2: text: found 'the byte 0x81', wanted text in UTF-8"),
        (b"PK\x03\x04rest", "found 'a workbook that is damaged', wanted an unlocked .xlsx workbook"),
        ("URN,EstablishmentName\n".encode("utf-16"), "found 'UTF-16 text', wanted CSV in UTF-8 or Windows-1252."),
    ],
    ids=["empty", "heading missing", "heading twice", "open quotes", "no encoding", "workbook", "utf-16"],
)
def test_a_file_that_cannot_be_read_whole_is_refused_and_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    """Red when any of the checks in `_content`, `_decoded` or `_fields_of` is taken out."""
    with pytest.raises(BadInput) as refusal:
        read_file(_file(tmp_path, content), WORDS)
    assert sentence in str(refusal.value)


def test_a_missing_file_is_a_fault_of_the_input(tmp_path: Path) -> None:
    """Red when `OSError` is let through."""
    with pytest.raises(BadInput, match=r"FILE: found .*absent\.csv"):
        read_file(tmp_path / "absent.csv", WORDS)


def test_rejected_rows_can_be_put_right_and_read_again(tmp_path: Path) -> None:
    """Red when the columns of an earlier round are written a second time: headings would stand twice."""
    path = tmp_path / "rejects.csv"
    headings = ("URN", "EstablishmentName")
    for _round in range(2):
        write_rejects(path, headings, (Reject(7, "URN", "12", "six digits", cells=("12", "Oast, Lane")),))
        again = read_file(path, WORDS)
        headings = again.headings
    assert headings.count("rejected_wanted") == 1
    assert [dict(row.values) for row in again.rows if isinstance(row, SourceRow)] == [
        {"urn": "12", "name": "Oast, Lane"}
    ]


def test_a_reject_does_not_show_its_row_in_logs() -> None:
    """Red when `cells` takes part in the representation: the row may name a person."""
    assert "Rowanmere" not in repr(Reject(2, "email", "", "an address", cells=("Siân Rowanmere",)))


def test_cells_beyond_the_headings_stand_at_the_end_of_a_rejected_row(tmp_path: Path) -> None:
    """Red when they are cut off, or a row without any is narrower than the headings: it would be rejected again."""
    path = _file(tmp_path, b"URN,EstablishmentName\n1,Oast, Kent\n2\n")
    rejects = tuple(row for row in read_file(path, WORDS).rows if isinstance(row, Reject))
    write_rejects(tmp_path / "rejects.csv", ("URN", "EstablishmentName"), rejects)
    headings, long, short = (tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()
    assert headings.endswith("rejected_wanted,rejected_cell_3")
    assert long.endswith('"2 cells, one a heading", Kent')
    assert short.endswith('"2 cells, one a heading",')
    assert len(_values(tmp_path / "rejects.csv")) == 2


STARTS = ("=", "+", "-", "@", "\t", "\r")
CELLS = st.tuples(
    st.sampled_from(("", "'", "''")), st.sampled_from(("", *STARTS)), st.text(st.characters(codec="utf-8"), max_size=5)
).map("".join)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), CELLS.filter(lambda name: "\0" not in name))
def test_no_rejected_cell_is_a_formula_and_each_comes_back_as_it_stood(rows: list[tuple[str, str]], name: str) -> None:
    """
    Turns red if a cell goes out unguarded (`guarded` gives the cell back), comes back guarded (`read_file` takes
    nothing off), or one that had an apostrophe loses it (`FORMULA` without its apostrophes).
    """
    headings = ("URN", "EstablishmentName", f"{name}x")
    rejects = tuple(Reject(7, f"{name}x", one, "-", cells=("1", one, other)) for one, other in rows)
    content = rejects_as_csv(headings, rejects)
    written = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert not [cell for row in written for cell in row if cell.startswith(STARTS)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rejects.csv"
        file.write_bytes(content)
        read = read_file(file, WORDS)
    assert read.headings[:3] == headings
    assert [row.cells[:3] for row in read.rows] == [each.cells for each in rejects]


def test_an_apostrophe_of_any_other_file_is_left_alone(tmp_path: Path) -> None:
    """Turns red if `read_file` takes it off without looking at the headings."""
    assert _values(_file(tmp_path, b"URN,EstablishmentName\n1,'-5\n")) == [{"urn": "1", "name": "'-5"}]
