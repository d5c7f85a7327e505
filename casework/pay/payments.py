"""
The payment file: approved claims into one file, built once, stored as bytes, released by a second person.

A claim has one payment line that stands (a unique index over those that the bank did not send back), so neither a
double click nor two batches racing can put it into two files. The file is never built again: `content` is what was
released.
"""

from __future__ import annotations

import csv
import hashlib
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from casework import handlers
from casework.pay import journalled, told
from casework.pay.claims import POLICY, confirmed_account, noted, payee_digest
from casework.pay.models import Claim, ClaimState, PaymentBatch, PaymentLine
from core import history
from core.db import lock_for_append
from core.errors import Conflict, NotFound, RuleViolation, StageError
from core.findings import Finding, Severity
from core.history import HistoryEntry
from core.money import PENCE_IN_A_POUND, in_pounds
from core.people import two_people
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import quarantine

HEADINGS = ("sort_code", "account_number", "payee", "amount", "reference")
FORMULA_MARKS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
ZERO_PENCE = 0
TRIES = "C23456789ABDEFGHIJKLMNOPQRSTUVWXYZ"
"""The second letter of a payment's reference: of the first, the second, and each that follows one sent back."""
PREPARED = "pay:batch:prepared"
PAYEE_CHANGED = "payee_changed"
BATCH_LOCK = 0x42415443
"""One batch is prepared at a time: they are numbered in turn, and a total is compared with the batches before."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One row of the file: six and eight digits, the payee's name, integer pence, the end-to-end reference."""

    sort_code: str
    account_number: str
    payee: str
    pence: int
    reference: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text; the amount in pounds with two decimals."""
        pounds, pence = divmod(self.pence, PENCE_IN_A_POUND)
        return self.sort_code, self.account_number, self.payee, f"{pounds}.{pence:02d}", self.reference


def file_content(lines: Sequence[FileLine]) -> bytes:
    """The file as a bank's upload takes it: CSV in UTF-8 with headings, lines ended as RFC 4180 has it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(line.cells for line in lines)
    return text.getvalue().encode()


def end_to_end_id(claim_id: uuid.UUID, returned: int = 0) -> str:
    """
    The reference of a claim's payment: the same for ever, 35 characters, which is what banks carry.

    `returned` counts the payments of the claim that came back before: each next one has a reference of its own.
    """
    return f"M{TRIES[returned]}-{claim_id.hex}"


def is_safe_cell(text: str) -> bool:
    """Whether a spreadsheet reads a cell as text: formula marks and control characters are refused, never altered."""
    return bool(text) and not text.lstrip().startswith(FORMULA_MARKS) and text.isprintable()


def prepare_batch(uow: UnitOfWork, case_id: uuid.UUID | None = None, repeat_reason: str | None = None) -> PaymentBatch:
    """
    Put every approved claim (of one case, or of all) into a new file.

    A claim that cannot be paid is left out and named in `left_out`. `RuleViolation` when none is left, and when another
    batch of the last days had the same total and no reason is given for the second.
    """
    quarantine.refuse(uow, "No payment file is prepared.")
    lock_for_append(uow.session, BATCH_LOCK)
    payable, left_out = _payable(uow, case_id)
    if not payable:
        raise RuleViolation("There is nothing to pay.", (_NOTHING_APPROVED, *left_out))
    total = sum(claim.payable_pence or ZERO_PENCE for claim in payable)
    if not repeat_reason and _is_repeat(uow, total):
        raise RuleViolation("The batch is not prepared.", (_repeat_total(total),))
    batch = _batch(uow, payable, total)
    batch.repeat_reason = repeat_reason
    batch.left_out = [finding.as_dict() for finding in left_out]
    uow.session.add(batch)
    uow.session.flush()
    for claim in payable:
        claim.state = ClaimState.IN_BATCH
        noted(uow, claim, "put_in_batch", batch=batch.id)
    note(uow, batch, "prepared")
    return batch


def _payable(uow: UnitOfWork, case_id: uuid.UUID | None) -> tuple[list[Claim], list[Finding]]:
    approved = select(Claim).where(Claim.state == ClaimState.APPROVED)
    if case_id is not None:
        approved = approved.where(Claim.case_id == case_id)
    claims = uow.session.scalars(approved.order_by(Claim.id).with_for_update()).all()
    lost = _left_before_restore(uow, claims)
    faults = {claim.id: lost.get(claim.id) or payee_fault(claim) or _confirmed_fault(uow, claim) for claim in claims}
    left_out = [fault for fault in faults.values() if fault is not None]
    return [claim for claim in claims if faults[claim.id] is None], left_out


def _left_before_restore(uow: UnitOfWork, claims: Sequence[Claim]) -> dict[uuid.UUID, Finding]:
    references = _references(uow, claims)
    lost = journalled.lost_payments(uow, references.values())
    return {claim.id: journalled.paid_before_restore(claim.ref) for claim in claims if references[claim.id] in lost}


def payee_fault(claim: Claim) -> Finding | None:
    """Why an approved claim cannot be paid to the account that the register holds; None when it can."""
    digest = payee_digest(claim.member)
    if digest is None:
        return _left_out(claim, "no_account", "The register holds no account to pay to.", "Ask the member for one.")
    if digest != claim.payee_sha256:
        sentence = "The account in the register is not the one the claim was made with."
        return _left_out(claim, PAYEE_CHANGED, sentence, "Ask the member by a known way, then confirm the payee.")
    if not is_safe_cell(claim.member.name):
        sentence = "The payee's name would be read as a formula, or has characters that cannot be printed."
        return _left_out(claim, "payee_unsafe", sentence, "Correct the name in the register.")
    return None


def _confirmed_fault(uow: UnitOfWork, claim: Claim) -> Finding | None:
    if not confirmed_account(uow, claim):
        return None
    sentence = "You confirmed the changed account of this claim."
    return _left_out(claim, "confirmed_by_you", sentence, "Have another person prepare its payment file.")


def _left_out(claim: Claim, code: str, sentence: str, cure: str) -> Finding:
    return Finding(code, Severity.STOP, sentence, cure, POLICY, where=claim.ref)


def _is_repeat(uow: UnitOfWork, total_pence: int) -> bool:
    since = uow.today - timedelta(days=settings().repeat_total_days)
    same = select(PaymentBatch.id).where(PaymentBatch.total_pence == total_pence, PaymentBatch.prepared_on >= since)
    return uow.session.scalar(same.limit(1)) is not None


def _repeat_total(total_pence: int) -> Finding:
    days = settings().repeat_total_days
    return Finding(
        "repeat_total",
        Severity.STOP,
        f"Another batch of the last {days} days came to {in_pounds(total_pence)} as well.",
        "Make sure that it is not the same payment, and say in the reason why the totals are equal.",
        POLICY,
        "reason",
    )


def _batch(uow: UnitOfWork, payable: Sequence[Claim], total: int) -> PaymentBatch:
    references = _references(uow, payable)
    content = file_content([file_line(claim, references[claim.id]) for claim in payable])
    return PaymentBatch(
        ref=_next_ref(uow),
        prepared_by=uow.actor,
        prepared_on=uow.today,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        lines_count=len(payable),
        total_pence=total,
        lines=[
            PaymentLine(
                claim_id=claim.id,
                payee_member_id=claim.member_id,
                pence=claim.payable_pence or ZERO_PENCE,
                end_to_end_id=references[claim.id],
            )
            for claim in payable
        ],
    )


def _references(uow: UnitOfWork, payable: Sequence[Claim]) -> dict[uuid.UUID, str]:
    ids = [claim.id for claim in payable]
    before = select(PaymentLine.claim_id, func.count()).where(PaymentLine.claim_id.in_(ids))
    returned: dict[uuid.UUID, int] = dict(uow.session.execute(before.group_by(PaymentLine.claim_id)).tuples().all())
    return {claim_id: end_to_end_id(claim_id, returned.get(claim_id, 0)) for claim_id in ids}


def file_line(claim: Claim, reference: str) -> FileLine:
    """The row of a claim's payment, with the account that the register holds."""
    member = claim.member
    return FileLine(
        member.sort_code or "",
        member.account_number or "",
        member.name,
        claim.payable_pence or ZERO_PENCE,
        reference,
    )


def _next_ref(uow: UnitOfWork) -> str:
    count = uow.session.scalar(
        select(func.count()).select_from(PaymentBatch).where(PaymentBatch.ref.like(f"P-{uow.today.year}-%"))
    )
    return f"P-{uow.today.year}-{(count or 0) + 1:04d}"


def release(uow: UnitOfWork, key: str, case_id: uuid.UUID | None = None) -> PaymentBatch:
    """
    Let a batch go to the bank, by another person than the one who prepared it; its claims are then paid.

    A batch that was released stays as it is. `NotFound` when none of its lines is of the case that is named, `Conflict`
    when the stored file no longer is what was prepared.
    """
    quarantine.refuse(uow, "No payment file is released.")
    batch = find_batch(uow, key)
    if case_id is not None and case_id not in {line.claim.case_id for line in batch.lines}:
        raise NotFound("payment batch of this case", key)
    if batch.released_by is not None:
        return batch
    if not two_people(batch.prepared_by, uow.actor):
        raise RuleViolation("The batch is not released.", (_SAME_PERSON,))
    if any(confirmed_account(uow, line.claim) for line in batch.lines):
        raise RuleViolation("The batch is not released.", (_CONFIRMED_BY_YOU,))
    _check_whole(uow, batch)
    mark_released(uow, batch, uow.actor, uow.today)
    for line in batch.lines:
        told.paid(uow, line.claim, line, uow.today)
    return batch


def mark_released(uow: UnitOfWork, batch: PaymentBatch, by: str, on: date) -> None:
    """A batch may go to the bank: its claims are paid."""
    batch.released_by, batch.released_on = by, on
    for line in batch.lines:
        line.claim.state = ClaimState.PAID
        line.claim.payee_sha256 = None
        handlers.look_at(uow, line.claim.case_id)
    note(uow, batch, "released")


def hand_over(uow: UnitOfWork, key: str) -> tuple[PaymentBatch, bytes]:
    """
    A released batch with its file, for the bank. The journal has a line of it before it is given.

    `StageError` for a batch that nobody released, `ServiceUnavailable` when the journal cannot be written.
    """
    quarantine.refuse(uow, "No payment file is handed over.")
    batch = find_batch(uow, key)
    if batch.released_on is None:
        raise StageError(f"The payment file {batch.ref}", "prepared", "fetching it", ("payment_batch_released",))
    content = file_of(uow, key)
    journalled.write_down(uow, batch)
    note(uow, batch, "handed_over")
    return batch, content


def find_batch(uow: UnitOfWork, key: str) -> PaymentBatch:
    """A batch by its reference or its id, locked until commit."""
    batch = uow.session.scalars(select(PaymentBatch).filter_by(ref=key).with_for_update()).one_or_none()
    if batch is not None:
        return batch
    try:
        return uow.session.get_one(PaymentBatch, uuid.UUID(key), with_for_update=True)
    except (ValueError, NoResultFound):
        raise NotFound("payment batch", key) from None


def file_of(uow: UnitOfWork, key: str) -> bytes:
    """The file as it was prepared: the stored bytes, checked against their digest and control totals."""
    batch = find_batch(uow, key)
    _check_whole(uow, batch)
    return batch.content


def _check_whole(uow: UnitOfWork, batch: PaymentBatch) -> None:
    prepared = select(HistoryEntry.facts).filter_by(action=PREPARED, subject=batch.history_ref)
    if not is_whole(batch, uow.session.scalars(prepared.order_by(HistoryEntry.seq).limit(1)).first()):
        raise Conflict(f"The file of {batch.ref} is not what was prepared. Do not send it; look at the history.")


def is_whole(batch: PaymentBatch, prepared: Mapping[str, Any] | None) -> bool:
    """Whether file, lines and totals are what history says was prepared; False when it says nothing."""
    lines = [line.pence for line in batch.lines]
    as_stored = {"sha256": batch.sha256, "lines": batch.lines_count, "total_pence": batch.total_pence}
    return (
        prepared == as_stored
        and hashlib.sha256(batch.content).hexdigest() == batch.sha256
        and (len(lines), sum(lines)) == (batch.lines_count, batch.total_pence)
        and sum(_pence_in(batch.content)) == batch.total_pence
    )


def _pence_in(content: bytes) -> list[int]:
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return [int(row["amount"].replace(".", "")) for row in rows]


def note(uow: UnitOfWork, batch: PaymentBatch, action: str) -> None:
    """Say in history what became of a batch, with its control totals."""
    facts = {"sha256": batch.sha256, "lines": batch.lines_count, "total_pence": batch.total_pence}
    history.record(uow, f"pay:batch:{action}", batch.history_ref, facts)


_NOTHING_APPROVED = Finding(
    "nothing_approved",
    Severity.STOP,
    "No approved claim can be put into a payment file.",
    "Have claims approved by two people first, or cure what is named for each.",
    POLICY,
)
_CONFIRMED_BY_YOU = Finding(
    "confirmed_by_you",
    Severity.STOP,
    "You confirmed a changed account that this batch pays to; another person has to release it.",
    "Ask somebody else to release it.",
    POLICY,
)
_SAME_PERSON = Finding(
    "same_person",
    Severity.STOP,
    "You prepared this batch; another person has to release it.",
    "Ask somebody else to release it.",
    POLICY,
)
