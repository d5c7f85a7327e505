"""
Reading a file that a person exported, CSV or a workbook: headings, line numbers, and rows that cannot be used.

A file that cannot be read whole is refused with `BadInput`. A row that cannot be used becomes a `Reject`, and the
rest of the file goes on.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as part
from pathlib import Path

from casework.register.spreadsheets import is_of_rejects, unguarded
from casework.register.workbooks import SheetRow, address, is_workbook, read_sheet
from core.csv_files import rows_of_csv
from core.errors import BadInput, shortened, visible


@dataclass(frozen=True, slots=True)
class Reject:
    """
    A row that was not taken in, and its first fault.

    `line` is where the row starts in the file, `cell` the address of the faulty cell in a workbook, `field` the heading
    as the file spells it, `other_fields` those that are also at fault. `cells` is the row as it stood; it may name a
    person and is kept out of the representation.
    """

    line: int
    field: str
    found: str
    wanted: str
    other_fields: tuple[str, ...] = ()
    cells: tuple[str, ...] = part(default=(), repr=False)
    cell: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", shortened(self.field))
        object.__setattr__(self, "found", shortened(visible(shortened(self.found))))
        object.__setattr__(self, "other_fields", tuple(map(shortened, self.other_fields)))


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
    values that mean an absent value, besides the empty cell. `digits` are the fields that Excel spoils when it keeps
    them as numbers: how many digits each has, or 0 where that varies. Of the fields `either` a file has at least one.
    """

    spellings: Mapping[str, tuple[str, ...]]
    required: frozenset[str]
    missing: frozenset[str] = frozenset()
    digits: Mapping[str, int] = part(default_factory=dict)
    either: tuple[str, ...] = ()
    _by_spelling: Mapping[str, str] = part(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = [(_folded(each), name) for name, spellings in self.spellings.items() for each in spellings]
        # Of two fields with one spelling it is the first.
        object.__setattr__(self, "_by_spelling", dict(reversed(named)))

    def fits(self, headings: Iterable[str]) -> bool:
        """Whether the headings are those of this kind of file."""
        fields = {self.field_of(heading) for heading in headings}
        return self.required <= fields and (not self.either or not fields.isdisjoint(self.either))

    def field_of(self, heading: str) -> str | None:
        """Our name for a heading, or None."""
        return self._by_spelling.get(_folded(heading))


class HeadingMissing(BadInput):
    """A file without a column that it needs. `headings` are all that it has."""

    def __init__(self, path: Path, line: int, headings: Sequence[str], any_of: Sequence[str]) -> None:
        wanted = "a column " + " or ".join(any_of)
        super().__init__(field="heading", found=", ".join(headings), wanted=wanted, path=path.name, line=line)
        self.headings = tuple(headings)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """
    A file that could be read: its digest, its headings and its rows; `fields` gives our name of each column.

    `sheet` is the sheet of a workbook that was read, absent for CSV.
    """

    path: Path
    sha256: str
    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    rows: tuple[SourceRow | Reject, ...]
    sheet: str | None = None

    def heading_of(self, name: str) -> str:
        """The file's own heading for one of our field names."""
        return self.headings[self.fields.index(name)] if name in self.fields else name

    def reject(self, row: SourceRow, name: str, found: object, wanted: str, others: tuple[str, ...] = ()) -> Reject:
        """Turn a row down for one of its fields."""
        other_headings = tuple(self.heading_of(other) for other in others)
        known = self.sheet is not None and name in self.fields
        cell = address(str(self.sheet), self.fields.index(name), row.line) if known else ""
        return Reject(row.line, self.heading_of(name), str(found), wanted, other_headings, row.cells, cell)


def read_file(path: Path, vocabulary: Vocabulary, sheet: str | None = None) -> SourceFile:
    """
    Read a CSV file, or one sheet of a workbook: the one named `sheet`, else the only one that holds anything.

    What guarded the cells of a file of rejected rows is taken off them. Raise `BadInput` when it cannot be read whole.
    """
    content = _content(path)
    if is_workbook(content):
        name, rows = read_sheet(path, content, sheet)
        return _of_workbook(path, content, vocabulary, name, rows)
    if sheet is not None:
        raise BadInput(field="sheet", found=sheet, wanted="no sheet: the file is no workbook", path=path.name)
    numbered = rows_of_csv(path, content)
    line, headings = next(numbered, (1, ()))
    if is_of_rejects(headings):
        headings = tuple(map(unguarded, headings))
        numbered = ((number, tuple(map(unguarded, cells))) for number, cells in numbered)
    fields = _fields_of(path, line, headings, vocabulary)
    same: dict[str, str] = {}
    taken = tuple(_source_row(line, _shared(cells, same), headings, fields, vocabulary) for line, cells in numbered)
    return SourceFile(path, hashlib.sha256(content).hexdigest(), headings, fields, taken)


def _of_workbook(path: Path, content: bytes, vocabulary: Vocabulary, name: str, rows: Iterator[SheetRow]) -> SourceFile:
    first = next(rows)
    last = max(place for place, cell in enumerate(first.cells) if cell.strip())
    headings = first.cells[: last + 1]
    if is_of_rejects(headings):
        headings = tuple(map(unguarded, headings))
        rows = (replace(row, cells=tuple(map(unguarded, row.cells))) for row in rows)
    fields = _fields_of(path, first.line, headings, vocabulary)
    same: dict[str, str] = {}
    taken = tuple(_sheet_row(name, row, _shared(row.cells, same), headings, fields, vocabulary) for row in rows)
    return SourceFile(path, hashlib.sha256(content).hexdigest(), headings, fields, taken, name)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        wanted = f"a CSV file or workbook to read ({error.strerror})"
        raise BadInput(field="FILE", found=path.name, wanted=wanted) from None


def _shared(cells: tuple[str, ...], same: dict[str, str]) -> tuple[str, ...]:
    # A register repeats most of its cells: kept once each, the whole of it stays small.
    return tuple(same.setdefault(cell, cell) for cell in cells)


def _fields_of(path: Path, line: int, headings: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str | None, ...]:
    fields = tuple(vocabulary.field_of(heading) for heading in headings)
    for name, spellings in vocabulary.spellings.items():
        if fields.count(name) > 1:
            found = [heading for heading, field_name in zip(headings, fields, strict=True) if field_name == name]
            raise BadInput(
                field="heading", found=", ".join(found), wanted=f"one column {spellings[0]}", path=path.name, line=line
            )
        if name in vocabulary.required and name not in fields:
            raise HeadingMissing(path, line, headings, spellings)
    if vocabulary.either and not set(vocabulary.either).intersection(fields):
        raise HeadingMissing(path, line, headings, vocabulary.either)
    return fields


def _source_row(
    line: int, cells: tuple[str, ...], headings: tuple[str, ...], fields: tuple[str | None, ...], words: Vocabulary
) -> SourceRow | Reject:
    if len(cells) != len(headings):
        found = f"{len(cells)} cell" if len(cells) == 1 else f"{len(cells)} cells"
        return Reject(line, "row", found, f"{len(headings)} cells, one a heading", cells=cells)
    pairs = zip(fields, cells, strict=True)
    return SourceRow(line, cells, {name: _present(cell, words.missing) for name, cell in pairs if name})


def _sheet_row(
    sheet: str,
    row: SheetRow,
    cells: tuple[str, ...],
    headings: tuple[str, ...],
    fields: tuple[str | None, ...],
    words: Vocabulary,
) -> SourceRow | Reject:
    beyond = [place for place in range(len(headings), len(cells)) if cells[place].strip()]
    if beyond:
        cell, wanted = address(sheet, beyond[0], row.line), "nothing right of the last heading"
        return Reject(row.line, "row", cells[beyond[0]], wanted, cells=cells, cell=cell)
    cells = cells[: len(headings)] + ("",) * (len(headings) - len(cells))
    for place in sorted(row.numbers):
        width = words.digits.get(fields[place] or "")
        if width is not None and len(cells[place]) != width:
            wanted = "the digits as text: a cell that holds a number has lost the zeros it may have begun with"
            cell = address(sheet, place, row.line)
            return Reject(row.line, headings[place], f"the number {cells[place]}", wanted, cells=cells, cell=cell)
    return _source_row(row.line, cells, headings, fields, words)


def _present(cell: str, missing: frozenset[str]) -> str:
    tidy = unicodedata.normalize("NFC", " ".join(cell.split()))
    return "" if tidy in missing else tidy


def _folded(heading: str) -> str:
    return " ".join(heading.split()).casefold()
