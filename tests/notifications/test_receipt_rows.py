"""The print house's receipt file, read strictly: every row is used, or told with its line, its column and why."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from notifications.receipt_rows import HEADINGS, ReceiptFile, ReceiptRow, RowFault, Status, read_receipts

DIGEST = "a" * 64
HEAD = ",".join(HEADINGS)
GOOD = f"{DIGEST},one.pdf,2026-09-02,AB 12,signed_for,2026-09-03"


def read(*lines: str, end: str = "\n") -> ReceiptFile:
    """A file of these lines."""
    return read_receipts("posted.csv", ("\n".join(lines) + end).encode())


def test_a_row_is_read_as_it_stands() -> None:
    """Turns red if a column is taken for another: headings may come in any order and in capitals."""
    ours = read(HEAD, GOOD)
    turned = read(
        "Status,Received on,NAME,tracking ref,posted_on,sha256,theirs",
        f"SIGNED_FOR,2026-09-03,one.pdf,AB 12,2026-09-02,{DIGEST.upper()},x",
    )
    row = ReceiptRow(2, DIGEST, "one.pdf", date(2026, 9, 2), "AB 12", Status.SIGNED_FOR, date(2026, 9, 3))

    assert (ours.rows, ours.faults) == ((row,), ())
    assert (turned.rows, turned.faults) == ((row,), ())


CELLS = dict(zip(HEADINGS, (DIGEST, "one.pdf", "2026-09-02", "", "posted", ""), strict=True))
SIGNED = {"status": "signed_for", "tracking_ref": "AB 12", "received_on": "2026-09-03"}
A_DAY = "the day of posting, such as 2026-09-01"
RECEIPT = "the day of receipt, such as 2026-09-03, as the status is "
A_REFERENCE = "a reference of up to 60 letters and digits"


@pytest.mark.parametrize(
    ("changed", "field", "wanted"),
    [
        ({"sha256": "abc"}, "sha256", "the 64 hexadecimal digits of the manifest"),
        ({"status": "sent"}, "status", "one of posted, signed_for, courier, delivered, returned, not_printed"),
        ({"posted_on": "02/09/2026"}, "posted_on", A_DAY),
        ({"posted_on": "2026-02-30"}, "posted_on", A_DAY),
        ({"posted_on": ""}, "posted_on", A_DAY),
        ({"status": "not_printed"}, "posted_on", "nothing, as the letter was not printed"),
        ({**SIGNED, "received_on": ""}, "received_on", RECEIPT + "signed_for"),
        ({**SIGNED, "status": "courier", "received_on": "2026-9-3"}, "received_on", RECEIPT + "courier"),
        ({"received_on": "2026-09-03"}, "received_on", "nothing, as the status is posted"),
        ({**SIGNED, "received_on": "2026-09-01"}, "received_on", "a day not before the day of posting"),
        ({**SIGNED, "tracking_ref": ""}, "tracking_ref", A_REFERENCE),
        ({"tracking_ref": "=1+1"}, "tracking_ref", A_REFERENCE),
        ({"tracking_ref": "A" * 61}, "tracking_ref", A_REFERENCE),
    ],
)
def test_a_row_that_cannot_be_used_is_told_alone(changed: dict[str, str], field: str, wanted: str) -> None:
    """Turns red if a rule of `_row` or `_day_fault` is left out: the row would be taken for what it does not say."""
    row = CELLS | changed
    file = read(HEAD, ",".join(row.values()), GOOD)

    assert file.faults == (RowFault(2, field, row[field], wanted),)
    assert [each.line for each in file.rows] == [3]


@pytest.mark.parametrize(("row", "found"), [(f"{DIGEST},one.pdf", "2 cells"), (GOOD + ",x", "7 cells")])
def test_a_row_of_another_width_is_told_alone(row: str, found: str) -> None:
    """Turns red if what is missing is taken for empty."""
    assert read(HEAD, row, GOOD).faults == (RowFault(2, "row", found, "6 cells, one a heading"),)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), "file: found 'nothing', wanted headings and rows"),
        (("sha256,name,posted_on,status", "x"), "posted.csv: line 1: heading: .*wanted one column tracking_ref"),
        ((HEAD + ",status", GOOD + ",x"), "posted.csv: line 1: heading: .*wanted one column status"),
        ((HEAD, GOOD, "total,2"), "posted.csv: line 3: total: found '1 rows', wanted 2 rows before the last line"),
        ((HEAD, "total,0", GOOD), "posted.csv: line 2: total: found '0 rows'"),
        ((HEAD, GOOD, "total"), "posted.csv: line 3: total: found '1 rows', wanted a number of rows"),
        ((HEAD, '"' + GOOD), "posted.csv: line 2: text: "),
    ],
)
def test_fm_10_a_file_that_is_not_whole_is_refused_whole(lines: tuple[str, ...], message: str) -> None:
    """
    Turns red if the number in the last line is not compared with the rows: a file cut off at a line looks whole.
    """
    with pytest.raises(BadInput, match=message):
        read(*lines)


def test_fm_10_a_last_row_without_a_line_end_is_not_used() -> None:
    """
    Cut off in the middle, a reference is another reference.

    Turns red if `_cut_off` is not asked.
    """
    file = read(HEAD, GOOD, GOOD.replace("one", "two"), end="")

    assert [row.name for row in file.rows] == ["one.pdf"]
    assert [(fault.line, fault.field) for fault in file.faults] == [(3, "row")]
    assert read(HEAD, GOOD, "total,1", end="").faults == ()


def test_fm_10_wherever_a_file_is_cut_off_no_row_is_misread() -> None:
    """
    Every beginning of a file is refused, or gives rows that the whole file has too.

    Turns red if a row is taken before its line has ended.
    """
    whole = "\n".join([HEAD, GOOD, f"{DIGEST},two.pdf,2026-09-02,CD 34,posted,", "total,2", ""]).encode()
    rows = read_receipts("posted.csv", whole).rows
    for length in range(len(whole)):
        try:
            cut = read_receipts("posted.csv", whole[:length])
        except BadInput:
            continue
        assert set(cut.rows) <= set(rows)


@settings(max_examples=150)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: (HEAD + "\n" + text + "\n").encode())))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    """Turns red if anything but `BadInput` comes out of a file that is none."""
    try:
        file = read_receipts("posted.csv", content)
    except BadInput:
        return
    assert all(row.name is not None for row in file.rows)
