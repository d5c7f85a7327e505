"""
The cells of one sheet of an Excel workbook (.xlsx), as the text that a person sees, each row with its number there.

Excel keeps numbers without their leading zeros and dates as numbers with a format: which cells held a number is told
beside the text, so that the reader can turn down what lost something.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from casework.register import sheet_reader
from core.errors import BadInput, shortened

ZIP_MARK = b"PK\x03\x04"
OLE_MARK = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
LETTERS = 26


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet as text up to its last filled cell; `numbers` are the places of cells that held a number."""

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
    `BadInput` for what is no workbook, is locked or old, when the sheet cannot be told, and for a workbook that needs
    more memory, time or text than a register does.
    """
    if content.startswith(OLE_MARK):
        locked = ENCRYPTED in content
        raise _not_usable(path, "a workbook locked with a password" if locked else "a workbook of the old kind (.xls)")
    told = io.BytesIO(_told(path, content, wanted))
    first = json.loads(next(told))
    if isinstance(first, list):
        field, found, wish = first
        raise BadInput(field=field, found=found, wanted=shortened(wish), path=path.name)
    return first, _rows(told)


def _told(path: Path, content: bytes, wanted: str | None) -> bytes:
    """What `sheet_reader` tells of the workbook. That process may end at any moment; this one goes on."""
    reader = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", sheet_reader.__file__],
        input=json.dumps(wanted).encode() + b"\n" + content,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if reader.returncode:
        raise _not_usable(path, "a workbook that is far larger unpacked, or has a cell far out")
    return reader.stdout


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


def _not_usable(path: Path, found: str) -> BadInput:
    return BadInput(field="FILE", found=found, wanted=sheet_reader.READABLE, path=path.name)


def _rows(told: io.BytesIO) -> Iterator[SheetRow]:
    for each in told:
        line, cells, numbers = json.loads(each)
        yield SheetRow(line, tuple(cells), frozenset(numbers))
