"""Whether claims and payment files are what history says was reckoned and prepared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from casework.audit import fault
from casework.pay.models import Claim, PaymentBatch, PaymentLine
from casework.pay.payments import PREPARED, is_whole
from casework.pay.returns import RETURNED
from core import history
from core.findings import Finding
from core.reading import read_each
from core.unit_of_work import UnitOfWork

CALCULATED, SENT_BACK = "pay:claim:calculated", f"pay:claim:{RETURNED}"


def audit_pay(uow: UnitOfWork) -> Iterator[Finding]:
    """Each payment file against the digest, the lines and the total that history holds; each claim against its sum."""
    yield from _batch_faults(uow, {entry.subject: entry.facts for entry in history.entries_of(uow.session, PREPARED)})
    reckoned = {entry.subject: entry.facts for entry in history.entries_of(uow.session, CALCULATED)}
    for key, claim in read_each(uow.session, select(Claim), Claim.id):
        if claim is None:
            yield fault("row_unreadable", f"claim {key}", "The row of this claim cannot be read.")
        elif claim.payable_pence != dict(reckoned.get(claim.ref, {})).get("payable_pence"):
            yield fault("claim_changed", f"claim {key}", "What is to be paid is not what history says was reckoned.")
    yield from _return_faults(uow)


def _return_faults(uow: UnitOfWork) -> Iterator[Finding]:
    """What history says was sent back, against the lines that say so."""
    told = Counter(
        (entry.subject, entry.facts["batch"], entry.facts["returned_on"])
        for entry in history.entries_of(uow.session, SENT_BACK)
    )
    lines = uow.session.scalars(select(PaymentLine).where(PaymentLine.returned_on.is_not(None)))
    stored = Counter((f"claim:{line.claim_id}", str(line.batch_id), str(line.returned_on)) for line in lines)
    for subject, *_ in sorted((told - stored) + (stored - told)):
        yield fault("return_changed", subject, "The payments sent back are not those that history knows.")


def _batch_faults(uow: UnitOfWork, prepared: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    whole = select(PaymentBatch).options(selectinload(PaymentBatch.lines))
    for ref, batch in read_each(uow.session, whole, PaymentBatch.ref):
        if batch is None:
            yield fault("row_unreadable", ref, "The row of this payment file cannot be read.")
        elif not is_whole(batch, prepared.pop(batch.history_ref, None)):
            yield fault("payment_file_changed", ref, "The payment file is not what history says was prepared.")
    kept = {f"batch:{key}" for key in uow.session.scalars(select(PaymentBatch.id))}
    for gone in sorted(prepared.keys() - kept):
        yield fault("payment_file_missing", gone, "History names this payment file; it is gone.")
