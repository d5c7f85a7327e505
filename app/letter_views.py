"""What the print house's receipts came to, and the letters without one, for the page, the command line and the API."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.settings import Settings
from core.unit_of_work import UnitOfWork
from notifications import print_receipts
from notifications.print_receipts import LaidLetter, Reconciliation
from notifications.receipt_rows import read_receipts

MOST_BYTES = 10 * 1024 * 1024
"""A row is some two hundred letters: fifty thousand of them."""


def take(uow: UnitOfWork, name: str, content: bytes, *, dry_run: bool) -> dict[str, Any]:
    """
    Record a receipt file and say what it came to; a `dry_run` is recorded in a unit of work that is thrown away.

    Raises `BadInput` for a file that is too large or cannot be read whole.
    """
    if len(content) > MOST_BYTES:
        wanted = f"a receipt file of at most {MOST_BYTES // 1024**2} megabytes"
        raise BadInput(field="file", found=f"{len(content) / 1024**2:.1f} megabytes", wanted=wanted)
    found = print_receipts.take(uow, read_receipts(name, content))
    uow.session.flush()  # a session that only looks does not flush by itself
    return document(found, name, dry_run=dry_run)


def document(found: Reconciliation, name: str, *, dry_run: bool) -> dict[str, Any]:
    """One file's reconciliation. `rows` = `recorded` + `unchanged` + the rows repeated + the faults."""
    told = asdict(found)
    faults = [{"file": name, **fault} for fault in told.pop("faults")]
    return {"file": name, "dry_run": dry_run, **told, "faults": faults}


def letters(uow: UnitOfWork, configured: Settings) -> dict[str, Any]:
    """The letters of which the print house has said nothing, and which of them are overdue."""
    days = configured.print_receipt_days
    late = {each.notice_id for each in print_receipts.overdue(uow, days)}
    lines = [_line(each, each.notice_id in late) for each in print_receipts.without_receipt(uow)]
    return {
        "folder": str(configured.effective_letters_folder),
        "receipt_days": days,
        "overdue": len(late),
        "without_receipt": lines,
    }


def place(line: dict[str, Any]) -> tuple[str, str, str]:
    """Where a letter stands in the list of them."""
    return line["laid_at"].isoformat(), line["name"], str(line["notice_id"])


def _line(letter: LaidLetter, late: bool) -> dict[str, Any]:
    return {**asdict(letter), "overdue": late}


def content_of(path: Path) -> bytes:
    """A file from the command line. Raises `BadInput` for one that cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        wanted = f"a CSV file to read ({error.strerror})"
        raise BadInput(field="FILE", found=path.name, wanted=wanted) from None
