"""
The program that reads one sheet of a workbook in a process of its own: `workbooks.read_sheet` starts it.

A workbook is a small file that can say that it is a large one: a cell in the last corner of a sheet, parts that unpack
to gigabytes, sizes that are not true. The library that reads it asks for the memory at once, and when it is not to be
had, ends the process. No pattern looked for beforehand finds every such file; a limit on the memory of a process that
nobody else needs does, and holds against what is not yet known of the library too.

By standard input come the sheet that is wanted, as a line of JSON, and the workbook. Out goes a line of JSON that names
the sheet or says why it is refused, then one for each row. It imports nothing of ours, so that it starts at once.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

WORKBOOK_PART = "xl/workbook.xml"
MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 120
"""Of computing."""
MOST_TEXT = 512 * 1024**2
"""Bytes that go out. The full register's text is an eighth of it; who asked has to hold all of it too."""
WHOLE_DIGITS = 15
READABLE = "an unlocked .xlsx workbook, or the sheet as CSV"


class Refused(Exception):
    """Why the workbook cannot be read: which field, what was found, what is wanted."""


def main() -> None:
    """Read what came, tell what was found; the status is 1 when that is more than a register holds."""
    _limit()
    wanted: str | None = json.loads(sys.stdin.buffer.readline())
    try:
        name, rows = _read(sys.stdin.buffer.read(), wanted)
    except Refused as refusal:
        sys.stdout.write(json.dumps(refusal.args))
        return
    told = 0
    for each in chain([name], _filled(rows)):
        line = json.dumps(each)
        told += len(line) + 1
        if told > MOST_TEXT:
            raise SystemExit(1)
        sys.stdout.write(line + "\n")


def _limit() -> None:
    # Of a process that ends for want of memory nothing is to be left on the disk: it read who is in a union.
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_AS, MOST_MEMORY),
    ):
        hard = resource.getrlimit(what)[1]
        # A system that knows no such limit still ends this process and no other.
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _read(content: bytes, wanted: str | None) -> tuple[str, list[list[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if WORKBOOK_PART not in parts.namelist():
                raise _not_usable("a ZIP file that is no Excel workbook")
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError, ValueError):
        raise _not_usable("a workbook that is damaged") from None
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheet = _sheet(book, wanted)
            return sheet.name, sheet.to_python(skip_empty_area=False)
    except CalamineError as error:
        raise _not_usable(f"a workbook that cannot be read ({type(error).__name__})") from None


def _not_usable(found: str) -> Refused:
    return Refused("FILE", found, READABLE)


def _sheet(book: CalamineWorkbook, wanted: str | None) -> CalamineSheet:
    if wanted is not None:
        if wanted not in book.sheet_names:
            raise Refused("sheet", wanted, "one of " + ", ".join(book.sheet_names))
        return book.get_sheet_by_name(wanted)
    shown = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
    filled = [sheet for sheet in map(book.get_sheet_by_name, shown) if sheet.height]
    if len(filled) > 1:
        raise Refused("sheet", [sheet.name for sheet in filled], "the name of the sheet to read")
    if not filled:
        raise Refused("sheet", shown, "a sheet that holds something")
    return filled[0]


def _filled(rows: list[list[Any]]) -> Iterator[tuple[int, list[str], list[int]]]:
    """The number of each row that holds anything, its cells up to the last one filled, and the places of numbers."""
    for line, values in enumerate(rows, start=1):
        cells = list(map(_text, values))
        while cells and not cells[-1]:
            cells.pop()
        if any(cell.strip() for cell in cells):
            yield line, cells, [place for place, value in enumerate(values) if _is_number(value)]


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


if __name__ == "__main__":
    main()
