"""The cells of a CSV file, each row with the line it starts on: UTF-8, Windows-1252, or some lines in each."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from core.errors import BadInput

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LONGEST_CELL = 1_000_000
NUL = "\0"
READABLE = "CSV in UTF-8 or Windows-1252"


def rows_of_csv(path: Path, content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The line and the cells of every row that holds anything. Raise `BadInput` when the text cannot be read whole."""
    if content.startswith(UTF_16_MARKS):
        raise unreadable(path, 1, "UTF-16 text", READABLE)
    reader = csv.reader(io.StringIO(_decoded(path, content), newline=""), strict=True)
    csv.field_size_limit(LONGEST_CELL)
    line = 1
    try:
        for cells in reader:
            if line == 1 and any(NUL in cell for cell in cells):
                raise unreadable(path, line, "NUL characters, as in UTF-16 text or a file of no text", READABLE)
            if any(cell.strip() for cell in cells):
                yield line, tuple(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise unreadable(path, line, str(error), "comma-separated values with closed quotation marks") from None


def unreadable(path: Path, line: int, found: str, wanted: str) -> BadInput:
    """Why the text of a file cannot be read."""
    return BadInput(field="text", found=found, wanted=wanted, path=path.name, line=line)


def _decoded(path: Path, content: bytes) -> str:
    """
    A file that is no UTF-8 is read line by line, in Windows-1252 where a line is no UTF-8.

    Extracts put together from two sources hold both; read as one encoding, half of the accents would go wrong.
    """
    text = content.removeprefix(codecs.BOM_UTF8)
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        lines = text.split(b"\n")
        return "\n".join(_decoded_line(path, number, line) for number, line in enumerate(lines, start=1))


def _decoded_line(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError as error:
        found = f"the byte 0x{line[error.start]:02x}"
        raise unreadable(path, number, found, "text in UTF-8 or Windows-1252") from None
