"""
Reading a CSV file that a person exported: encodings, headings, line numbers, and rows that cannot be used.

A file that cannot be read whole is refused with `BadInput`. A row that cannot be used becomes a `Reject`, and the
rest of the file goes on.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from pathlib import Path

from core.errors import BadInput

REJECT_HEADINGS = ("rejected_line", "rejected_field", "rejected_found", "rejected_wanted")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ZIP_MARK = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Reject:
    """
    A row that was not taken in, and its first fault.

    `line` is where the row starts in the file, `field` the heading as the file spells it, `other_fields` those that are
    also at fault. `cells` is the row as it stood; it may name a person and is kept out of the representation.
    """

    line: int
    field: str
    found: str
    wanted: str
    other_fields: tuple[str, ...] = ()
    cells: tuple[str, ...] = part(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a file: `values` by our own field names, for the headings that are known."""

    line: int
    cells: tuple[str, ...] = part(repr=False)
    values: Mapping[str, str] = part(repr=False)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """
    The headings of a kind of file: our field name -> the spellings of its heading.

    Spellings are compared without regard to case. Headings that no field knows are left alone. `missing` are the cell
    values that mean an absent value, besides the empty cell.
    """

    spellings: Mapping[str, tuple[str, ...]]
    required: frozenset[str]
    missing: frozenset[str] = frozenset()

    def field_of(self, heading: str) -> str | None:
        """Our name for a heading, or None."""
        wanted = _folded(heading)
        matches = (name for name, spellings in self.spellings.items() if wanted in map(_folded, spellings))
        return next(matches, None)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that could be read: its digest, its headings and its rows; `fields` gives our name of each column."""

    path: Path
    sha256: str
    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    rows: tuple[SourceRow | Reject, ...]

    def heading_of(self, name: str) -> str:
        """The file's own heading for one of our field names."""
        return self.headings[self.fields.index(name)] if name in self.fields else name

    def reject(self, row: SourceRow, name: str, found: object, wanted: str, others: tuple[str, ...] = ()) -> Reject:
        """Turn a row down for one of its fields."""
        other_headings = tuple(self.heading_of(other) for other in others)
        return Reject(row.line, self.heading_of(name), str(found), wanted, other_headings, row.cells)


def read_file(path: Path, vocabulary: Vocabulary) -> SourceFile:
    """Read a CSV file in UTF-8 or, failing that, Windows-1252. Raise `BadInput` when it cannot be read whole."""
    content = _content(path)
    numbered = _numbered_cells(path, _decoded(path, content))
    line, headings = next(numbered, (1, ()))
    fields = _fields_of(path, line, headings, vocabulary)
    rows = tuple(_source_row(line, cells, headings, fields, vocabulary.missing) for line, cells in numbered)
    return SourceFile(path, hashlib.sha256(content).hexdigest(), headings, fields, rows)


def write_rejects(path: Path, headings: tuple[str, ...], rejects: tuple[Reject, ...]) -> None:
    """
    Write the rejected rows as they stood, each with its fault, so that they can be put right and imported again.

    Raise `BadInput` when the file cannot be written.
    """
    kept = [index for index, heading in enumerate(headings) if heading not in REJECT_HEADINGS]
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*(headings[index] for index in kept), *REJECT_HEADINGS])
            writer.writerows(_reject_cells(reject, kept) for reject in rejects)
    except OSError as error:
        raise BadInput(field="--rejects", found=str(path), wanted=f"a file to write to ({error.strerror})") from None


def _reject_cells(reject: Reject, kept: list[int]) -> list[str]:
    padded = [*reject.cells, *[""] * (max(kept, default=0) + 1 - len(reject.cells))]
    return [*(padded[index] for index in kept), str(reject.line), reject.field, reject.found, reject.wanted]


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(field="FILE", found=str(path), wanted=f"a CSV file to read ({error.strerror})") from None
    if content.startswith(ZIP_MARK):
        raise _unreadable(path, 1, "a spreadsheet workbook", "the sheet saved as CSV")
    if content.startswith(UTF_16_MARKS):
        raise _unreadable(path, 1, "UTF-16 text", "CSV in UTF-8 or Windows-1252")
    return content


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{content[error.start]:02x}"
        raise _unreadable(path, line, found, "text in UTF-8 or Windows-1252") from None


def _numbered_cells(path: Path, text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, tuple(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise _unreadable(path, line, str(error), "comma-separated values with closed quotation marks") from None


def _unreadable(path: Path, line: int, found: str, wanted: str) -> BadInput:
    return BadInput(field="text", found=found, wanted=wanted, path=path.name, line=line)


def _fields_of(path: Path, line: int, headings: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str | None, ...]:
    fields = tuple(vocabulary.field_of(heading) for heading in headings)
    for name, spellings in vocabulary.spellings.items():
        if fields.count(name) > 1:
            found = [heading for heading, field_name in zip(headings, fields, strict=True) if field_name == name]
            raise BadInput(field="heading", found=found, wanted=f"one column {spellings[0]}", path=path.name, line=line)
        if name in vocabulary.required and name not in fields:
            wanted = "a column " + " or ".join(spellings)
            raise BadInput(field="heading", found=list(headings), wanted=wanted, path=path.name, line=line)
    return fields


def _source_row(
    line: int,
    cells: tuple[str, ...],
    headings: tuple[str, ...],
    fields: tuple[str | None, ...],
    missing: frozenset[str],
) -> SourceRow | Reject:
    if len(cells) != len(headings):
        found = f"{len(cells)} cell" if len(cells) == 1 else f"{len(cells)} cells"
        return Reject(line, "row", found, f"{len(headings)} cells, one a heading", cells=cells)
    pairs = zip(fields, cells, strict=True)
    return SourceRow(line, cells, {name: _present(cell, missing) for name, cell in pairs if name})


def _present(cell: str, missing: frozenset[str]) -> str:
    tidy = unicodedata.normalize("NFC", " ".join(cell.split()))
    return "" if tidy in missing else tidy


def _folded(heading: str) -> str:
    return " ".join(heading.split()).casefold()
