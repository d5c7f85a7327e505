"""
The cells of one sheet of an Excel workbook (.xlsx), as the text that a person sees, each row with its number there.

Excel keeps numbers without their leading zeros and dates as numbers with a format: which cells held a number is told
beside the text, so that the reader can turn down what lost something.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from core.errors import BadInput

ZIP_MARK = b"PK\x03\x04"
OLE_MARK = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORKBOOK_PART = "xl/workbook.xml"
SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
CELL_WITH_VALUE = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*[^/]>')
MOST_UNPACKED = 1_000_000_000
MOST_CELLS = 30_000_000
WHOLE_DIGITS = 15
LETTERS = 26


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet as text; `numbers` are the places of cells that held a number."""

    line: int
    cells: tuple[str, ...]
    numbers: frozenset[int]


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are those of a workbook, or of something that Excel may have saved."""
    return content.startswith((ZIP_MARK, OLE_MARK))


def read_sheet(path: Path, content: bytes, wanted: str | None) -> tuple[str, Iterator[SheetRow]]:
    """
    The name of the sheet and its rows that hold anything, by number.

    `wanted` names the sheet; without it the only one that holds anything is read, hidden ones left aside. Raise
    `BadInput` for what is no workbook, is locked or old, and when the sheet cannot be told.
    """
    _refuse_other_files(path, content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheet = _sheet(path, book, wanted)
            rows = sheet.to_python(skip_empty_area=False)
    except CalamineError as error:
        raise _not_usable(path, f"a workbook that cannot be read ({type(error).__name__})") from None
    return sheet.name, _rows(rows)


def address(sheet: str, place: int, line: int) -> str:
    """
    The address of a cell by its place in the row, from 0.

    >>> address("Members", 27, 7)
    'Members!AB7'
    """
    letters, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, LETTERS)
        letters = chr(ord("A") + letter) + letters
    return f"{sheet}!{letters}{line}"


def _refuse_other_files(path: Path, content: bytes) -> None:
    if content.startswith(OLE_MARK):
        locked = ENCRYPTED in content
        raise _not_usable(path, "a workbook locked with a password" if locked else "a workbook of the old kind (.xls)")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if WORKBOOK_PART not in parts.namelist():
                raise _not_usable(path, "a ZIP file that is no Excel workbook")
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise _not_usable(path, "a workbook that unpacks to more than a gigabyte")
            for part in filter(SHEET_PART.fullmatch, parts.namelist()):
                _refuse_stray_cells(path, parts.read(part))
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError):
        raise _not_usable(path, "a workbook that is damaged") from None


def _refuse_stray_cells(path: Path, sheet: bytes) -> None:
    """One cell in the last corner of a sheet would make a table of billions."""
    columns, lines = 0, 0
    for letters, line in CELL_WITH_VALUE.findall(sheet):
        place = 0
        for letter in letters:
            place = place * LETTERS + letter - ord("A") + 1
        columns, lines = max(columns, place), max(lines, int(line))
    if columns * lines > MOST_CELLS:
        raise _not_usable(path, f"a sheet with a cell as far out as column {columns}, row {lines}")


def _not_usable(path: Path, found: str) -> BadInput:
    return BadInput(field="FILE", found=found, wanted="an unlocked .xlsx workbook, or the sheet as CSV", path=path.name)


def _sheet(path: Path, book: CalamineWorkbook, wanted: str | None) -> CalamineSheet:
    if wanted is not None:
        if wanted not in book.sheet_names:
            names = "one of " + ", ".join(book.sheet_names)
            raise BadInput(field="sheet", found=wanted, wanted=names, path=path.name)
        return book.get_sheet_by_name(wanted)
    shown = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
    filled = [sheet for sheet in map(book.get_sheet_by_name, shown) if sheet.height]
    if len(filled) > 1:
        found = [sheet.name for sheet in filled]
        raise BadInput(field="sheet", found=found, wanted="the name of the sheet to read", path=path.name)
    if not filled:
        raise BadInput(field="sheet", found=shown, wanted="a sheet that holds something", path=path.name)
    return filled[0]


def _rows(rows: list[list[Any]]) -> Iterator[SheetRow]:
    for line, values in enumerate(rows, start=1):
        cells = tuple(map(_text, values))
        if any(cell.strip() for cell in cells):
            numbers = frozenset(place for place, value in enumerate(values) if _is_number(value))
            yield SheetRow(line, cells, numbers)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**WHOLE_DIGITS else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, str | int | timedelta) else ""
