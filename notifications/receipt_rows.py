"""
The receipt file of a print house, row by row: what it says of each letter, and which rows cannot be read. Pure.

A file that cannot be read whole is refused with `BadInput`. A row that cannot be used is a `RowFault`, and the others
are read on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from core.csv_files import rows_of_csv
from core.errors import BadInput, shortened, visible

NEEDED = ("sha256", "name", "posted_on", "tracking_ref", "status")
HEADINGS = (*NEEDED, "received_on")
TOTAL = "total"
DIGEST = re.compile(r"[0-9a-f]{64}")
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 /._-]{0,59}")
LINE_ENDS = (b"\n", b"\r")


class Status(StrEnum):
    """What a print house says of a letter."""

    POSTED = "posted"
    SIGNED_FOR = "signed_for"
    COURIER = "courier"
    DELIVERED = "delivered"
    RETURNED = "returned"
    NOT_PRINTED = "not_printed"


RECEIVED = frozenset({Status.SIGNED_FOR, Status.COURIER, Status.DELIVERED})
"""What has a day of receipt."""
SIGNED = frozenset({Status.SIGNED_FOR, Status.COURIER})
"""What has somebody's signature, under a reference by which it can be asked for."""


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One letter as the print house speaks of it. `posted_on` is None for one that was not printed."""

    line: int
    sha256: str
    name: str
    posted_on: date | None
    tracking_ref: str
    status: Status
    received_on: date | None


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was not taken in: its line, the column, what was found there and what is wanted."""

    line: int
    field: str
    found: str
    wanted: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "found", shortened(visible(shortened(self.found))))


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """A file that could be read. `rows` and `faults` together are all its rows."""

    name: str
    content: bytes
    rows: tuple[ReceiptRow, ...]
    faults: tuple[RowFault, ...]


def read_receipts(name: str, content: bytes) -> ReceiptFile:
    """
    Read a receipt file. Raises `BadInput` for one that is no CSV, lacks a column, or has other than the rows it counts.

    A last row that neither a line end nor the line that counts the rows follows may be cut off, and is a fault.
    """
    numbered = list(rows_of_csv(Path(name), content))
    if not numbered:
        raise BadInput(field="file", found="nothing", wanted="headings and rows", path=name, line=1)
    (first, headings), *rows = numbered
    columns = _columns(name, first, headings)
    counted = _counted(name, rows)
    is_whole = counted is not rows or content.endswith(LINE_ENDS)
    read: list[ReceiptRow] = []
    faults: list[RowFault] = []
    for line, cells in counted:
        found = _row(line, cells, columns, len(headings))
        (read if isinstance(found, ReceiptRow) else faults).append(found)  # type: ignore[arg-type]
    if rows and not is_whole:
        _cut_off(rows[-1][0], read, faults)
    return ReceiptFile(name, content, tuple(read), tuple(faults))


def spelled_alike(headings: Sequence[str]) -> list[str]:
    """Headings in one spelling, however a file writes them: small letters, and one underscore for white space."""
    return [" ".join(each.split()).casefold().replace(" ", "_") for each in headings]


def _columns(name: str, line: int, headings: Sequence[str]) -> Mapping[str, int]:
    spelled = spelled_alike(headings)
    for wanted in HEADINGS:
        if spelled.count(wanted) > 1 or (wanted in NEEDED and wanted not in spelled):
            asked = f"one column {wanted}"
            raise BadInput(field="heading", found=", ".join(headings), wanted=asked, path=name, line=line)
    return {wanted: spelled.index(wanted) for wanted in HEADINGS if wanted in spelled}


def _counted(name: str, rows: Sequence[tuple[int, tuple[str, ...]]]) -> Sequence[tuple[int, tuple[str, ...]]]:
    """The rows without the line that counts them, which is the last where there is one."""
    for position, (line, cells) in enumerate(rows):
        if cells[0].strip().casefold() != TOTAL:
            continue
        said = cells[1].strip() if len(cells) > 1 else ""
        if position != len(rows) - 1 or said != str(position):
            wanted = f"{said or 'a number of'} rows before the last line, as it says: the file is not whole"
            raise BadInput(field=TOTAL, found=f"{position} rows", wanted=wanted, path=name, line=line)
        return rows[:-1]
    return rows


def _row(line: int, cells: Sequence[str], columns: Mapping[str, int], width: int) -> ReceiptRow | RowFault:
    if len(cells) != width:
        return RowFault(line, "row", f"{len(cells)} cells", f"{width} cells, one a heading")
    told = {name: cells[place].strip() for name, place in columns.items()}
    given = dict.fromkeys(HEADINGS, "") | told
    if not DIGEST.fullmatch(given["sha256"].lower()):
        return RowFault(line, "sha256", given["sha256"], "the 64 hexadecimal digits of the manifest")
    if given["status"].casefold() not in set(Status):
        return RowFault(line, "status", given["status"], "one of " + ", ".join(Status))
    status = Status(given["status"].casefold())
    posted_on, received_on = _day(given["posted_on"]), _day(given["received_on"])
    fault = _day_fault(line, given, status, posted_on, received_on)
    if fault is not None:
        return fault
    if not (REFERENCE.fullmatch(given["tracking_ref"]) or (not given["tracking_ref"] and status not in SIGNED)):
        return RowFault(line, "tracking_ref", given["tracking_ref"], "a reference of up to 60 letters and digits")
    digest = given["sha256"].lower()
    return ReceiptRow(line, digest, given["name"], posted_on, given["tracking_ref"], status, received_on)


def _day_fault(
    line: int, given: Mapping[str, str], status: Status, posted_on: date | None, received_on: date | None
) -> RowFault | None:
    unposted = status is Status.NOT_PRINTED
    if posted_on is None and (given["posted_on"] or not unposted):
        return RowFault(line, "posted_on", given["posted_on"], "the day of posting, such as 2026-09-01")
    if unposted and posted_on is not None:
        return RowFault(line, "posted_on", given["posted_on"], "nothing, as the letter was not printed")
    if received_on is None and (given["received_on"] or status in RECEIVED):
        wanted = f"the day of receipt, such as 2026-09-03, as the status is {status}"
        return RowFault(line, "received_on", given["received_on"], wanted)
    if received_on is not None and status not in RECEIVED:
        return RowFault(line, "received_on", given["received_on"], f"nothing, as the status is {status}")
    if received_on is not None and posted_on is not None and received_on < posted_on:
        return RowFault(line, "received_on", given["received_on"], "a day not before the day of posting")
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
    except ValueError:
        return None


def _cut_off(line: int, read: list[ReceiptRow], faults: list[RowFault]) -> None:
    """The last row is no longer taken for whole."""
    if read and read[-1].line == line:
        read.pop()
        wanted = "a line end after the last row, without which nobody can tell that it is whole"
        faults.append(RowFault(line, "row", "a row at the very end of the file", wanted))
