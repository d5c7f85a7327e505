"""Term dates from a file: what lies between two terms is closed, and nothing else is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from app.term_dates import closed_between_terms
from core.errors import BadInput
from tests.days import day

HEADINGS = ("name", "starts", "ends")
TERMS = [
    ("autumn, second half", "2026-11-02", "2026-12-18"),
    ("autumn, first half", "2026-09-01", "2026-10-23"),
    ("spring", "2027-01-05", "2027-03-25"),
]
CLOSED = (
    (day("Sat 2026-10-24"), day("Sun 2026-11-01")),
    (day("Sat 2026-12-19"), day("Mon 2027-01-04")),
)


def test_the_days_between_terms_are_closed_in_any_order_of_rows(tmp_path: Path) -> None:
    """Turns red if a day of a term is closed, the first or last closed day is left out, or rows have to be in order."""
    path = tmp_path / "terms.csv"
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in (HEADINGS, *TERMS)))
    assert closed_between_terms(path) == CLOSED


def test_terms_that_follow_each_other_close_nothing(tmp_path: Path) -> None:
    """Turns red if two halves without a holiday between them make a span that ends before it begins."""
    path = tmp_path / "terms.csv"
    path.write_text("name,starts,ends\na,2026-09-01,2026-10-23\nb,2026-10-24,2026-12-18\n")
    assert closed_between_terms(path) == ()


def test_a_workbook_will_do(tmp_path: Path) -> None:
    """Turns red if the cells of a workbook that hold days are not read as days."""
    path = tmp_path / "terms.xlsx"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for name, starts, ends in TERMS:
        sheet.append((name, date.fromisoformat(starts), date.fromisoformat(ends)))
    book.save(path)
    assert closed_between_terms(path) == CLOSED


@pytest.mark.parametrize(("days", "refused"), [(366, False), (367, True)])
def test_a_gap_of_more_than_a_year_is_a_slip_of_the_pen(tmp_path: Path, days: int, refused: bool) -> None:
    """Turns red if a term of the wrong year closes the school for longer than a plan can take."""
    starts = date(2026, 12, 18) + timedelta(days=days)
    path = tmp_path / "terms.csv"
    path.write_text(f"name,starts,ends\na,2026-09-01,2026-12-18\nb,{starts},{starts + timedelta(days=30)}\n")
    if not refused:
        assert closed_between_terms(path) == ((date(2026, 12, 19), starts - timedelta(days=1)),)
        return
    with pytest.raises(BadInput) as caught:
        closed_between_terms(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == ("terms.csv", 3, "starts")
