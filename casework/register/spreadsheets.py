"""Cells that a spreadsheet would work out as formulas, kept from it by an apostrophe and brought back exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence

REJECT_HEADINGS = ("rejected_line", "rejected_cell", "rejected_field", "rejected_found", "rejected_wanted")
OURS = "rejected_"
# Some programs trim what stands before, take a line feed for the beginning, or read the wide signs of East Asian text.
BEGINS = r"(?:\s*[=+\-@＝＋－＠]|[\t\r\n])"
FORMULA = re.compile(f"'*{BEGINS}")
GUARDED = re.compile(f"'+{BEGINS}")


def guarded(cell: str) -> str:
    """
    The cell with an apostrophe before it where it would be a formula, or looks as if one stood there already.

    >>> guarded("=A1"), guarded("'-5"), guarded("'Oast' Lane")
    ("'=A1", "''-5", "'Oast' Lane")
    """
    return "'" + cell if FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """
    The cell that `guarded` was given.

    >>> unguarded("'=A1"), unguarded("''-5"), unguarded("'Oast' Lane")
    ('=A1', "'-5", "'Oast' Lane")
    """
    return cell[1:] if GUARDED.match(cell) else cell


def is_of_rejects(headings: Sequence[str]) -> bool:
    """Whether the headings are those of a file of rejected rows that we wrote."""
    return set(REJECT_HEADINGS).issubset(headings)
