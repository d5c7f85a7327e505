"""
Payment files in the journal: a line before a file is handed over for the bank, outside the database.

After a restore it tells which files had left. The line holds references, digests and actors: no name and no account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.pay.models import PaymentBatch
from core.db import Database
from core.errors import ServiceUnavailable
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork
from notifications import quarantine
from notifications.comparing import WATCHED, Entry
from notifications.journal import Journal
from notifications.models import LostSend, Quarantine
from notifications.quarantine import journal_of

EVENT = "payment_file"
PAYMENT = "payment"


def look(database: Database) -> Quarantine | None:
    """
    The quarantine that stands, one begun now because the journal knows more than the database, or None.

    Whoever starts to work looks by way of this: it knows the lines of payment files.
    """
    return quarantine.look(database, Journal.beside(database))


def write_down(uow: UnitOfWork, batch: PaymentBatch) -> None:
    """The line of a released file. `ServiceUnavailable` when it cannot be written: then the file is not handed over."""
    facts: dict[str, str | int] = {
        "batch": batch.ref,
        "sha256": batch.sha256,
        "total_pence": batch.total_pence,
        "references": " ".join(reference for reference, _ in sorted_lines(batch)),
        "prepared_by": batch.prepared_by,
        "prepared_on": batch.prepared_on.isoformat(),
        "released_by": batch.released_by or "",
        "released_on": (batch.released_on or uow.today).isoformat(),
    }
    try:
        journal_of(uow).write(uow.now, EVENT, **facts)
    except OSError as error:
        raise ServiceUnavailable(
            f"The journal cannot be written ({error.strerror}), so the file is not handed over: after a restore nobody "
            "could tell that it had left. See docs/operations.md."
        ) from None


def sorted_lines(batch: PaymentBatch) -> list[tuple[str, int]]:
    """Reference and pence of each payment, in the order of the file: that of the claims' ids."""
    lines = sorted(batch.lines, key=lambda line: line.claim_id)
    return [(line.end_to_end_id, line.pence) for line in lines]


def unknown_files(session: Session, lines: Sequence[Entry]) -> Iterable[Entry]:
    """Of the journal's payment files, those that this database neither released nor took in as lost."""
    digests = {str(each["sha256"]) for each in lines}
    released = select(PaymentBatch.sha256).where(
        PaymentBatch.sha256.in_(digests), PaymentBatch.released_on.is_not(None)
    )
    lost = select(LostSend.sha256).where(LostSend.sha256.in_(digests), LostSend.kind == PAYMENT)
    have = {*session.scalars(released), *session.scalars(lost)}
    return list({str(each["sha256"]): each for each in lines if each["sha256"] not in have}.values())


def lost_payments(uow: UnitOfWork, references: Iterable[str]) -> dict[str, str]:
    """Of these end-to-end references, those that left in a file which this database cannot rebuild, with its digest."""
    rows = select(LostSend.reference, LostSend.sha256).where(
        LostSend.kind == PAYMENT, LostSend.reference.in_(list(references))
    )
    return dict(uow.session.execute(rows).tuples().all())


def paid_before_restore(where: str) -> Finding:
    """Why an approved claim is left out: by the journal it was in a file that left before the restore."""
    return Finding(
        "paid_before_restore",
        Severity.STOP,
        "By the journal this payment left in a file before the database was restored.",
        "Run `mandate restore reconcile` once every claim of that file is approved as it was; the file is then known "
        "by its digest. If the bank never took it, or the claims differ, refuse the claim and have it made anew.",
        where=where,
    )


WATCHED[EVENT] = unknown_files
