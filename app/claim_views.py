"""
What pages show of claims for lost pay and of payment files. Nobody is named: a claim is its id, and who may approve it
stands with the act. Accounts stand in the payment file alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.offered_acts import OfferedAct, offered_for
from app.sentences import by_whom
from casework import repository
from casework.cases import Case
from casework.pay.claims import claims_of, unclaimed
from casework.pay.models import Claim, ClaimState, PaymentBatch, PaymentLine
from casework.pay.payments import payee_fault
from core.errors import NotFound
from core.findings import Finding
from core.unit_of_work import UnitOfWork

ACTS = (
    "claim_submitted", "claim_approved", "claim_refused", "payee_confirmed", "claims_window_closed",
    "payment_batch_prepared", "payment_batch_released", "payment_returned",
)  # fmt: skip
TO_BE_PAID = frozenset({ClaimState.CALCULATED, ClaimState.APPROVED_ONCE, ClaimState.APPROVED})
"""States in which it is told why a claim would be left out of a payment file."""


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim. `approved_by` are whoever approved it, as what they are; `batch` the file that its payment is in."""

    id: uuid.UUID
    round: int
    state: ClaimState
    submitted_on: date
    days: tuple[date, ...]
    payslip_pence: int
    calculated_pence: int | None
    payable_pence: int | None
    approved_by: tuple[str, ...]
    refusal_reason: str | None
    batch: str | None
    findings: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """The claims of one case; `not_yet_claimed` counts members who struck and have not claimed."""

    case_ref: str
    workplace: str
    claims: tuple[ClaimLine, ...]
    not_yet_claimed: int
    next: tuple[OfferedAct, ...]


@dataclass(frozen=True, slots=True)
class CaseClaims:
    """How many claims of a case stand in each state, and what is payable on them."""

    case_ref: str
    workplace: str
    counts: dict[ClaimState, int]
    payable_pence: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One payment file with its control totals; who prepared and who released it, as what they are."""

    ref: str
    prepared_on: date
    prepared_by: str
    released_on: date | None
    released_by: str | None
    lines: int
    total_pence: int
    sha256: str
    left_out: int


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One payment of a file: its end-to-end reference and its claim. The payee and the account stand in the file."""

    reference: str
    claim_id: uuid.UUID
    case_ref: str
    pence: int
    returned_on: date | None
    returned_because: str | None


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One payment file with its lines and what was left out of it."""

    line: BatchLine
    repeat_reason: str | None
    payments: tuple[PaidLine, ...]
    left_out: tuple[dict[str, Any], ...]
    next: tuple[OfferedAct, ...]


def claims_page(uow: UnitOfWork, ref: str) -> ClaimsPage:
    """The claims of a case by its reference; `NotFound` otherwise."""
    case = repository.find(uow, ref)
    claims = claims_of(uow, case.id)
    batches = batches_of(uow, [each.id for each in claims])
    return ClaimsPage(
        case.ref,
        case.workplace.name,
        tuple(claim_line(each, batches.get(each.id)) for each in claims),
        len(unclaimed(uow, case.id)),
        offered_for(uow, [case], ACTS),
    )


def all_claims(uow: UnitOfWork) -> tuple[CaseClaims, ...]:
    """The cases with claims, the newest first."""
    wanted = (
        select(Claim.case_id, Claim.state, func.count(), func.coalesce(func.sum(Claim.payable_pence), 0))
        .group_by(Claim.case_id, Claim.state)
        .order_by(Claim.case_id)
    )
    counts: dict[uuid.UUID, dict[ClaimState, int]] = {}
    payable: dict[uuid.UUID, int] = {}
    for case_id, state, number, pence in uow.session.execute(wanted):
        counts.setdefault(case_id, {})[state] = number
        payable[case_id] = payable.get(case_id, 0) + int(pence)
    cases = sorted(uow.session.scalars(select(Case).where(Case.id.in_(counts))), key=lambda each: newest(each.ref))
    return tuple(
        CaseClaims(
            case.ref,
            case.workplace.name,
            {state: counts[case.id][state] for state in ClaimState if state in counts[case.id]},
            payable[case.id],
        )
        for case in cases
    )


def newest(ref: str) -> tuple[int, int]:
    """
    Where a case's reference stands among others, the newest first: as text, the ten-thousandth of a year would not.

    >>> sorted(("2026-9999", "2027-0001", "2026-10000"), key=newest)
    ['2027-0001', '2026-10000', '2026-9999']
    """
    year, number = ref.split("-")
    return -int(year), -int(number)


def batches(uow: UnitOfWork) -> tuple[BatchLine, ...]:
    """The payment files, the latest first."""
    rows = uow.session.scalars(select(PaymentBatch).order_by(PaymentBatch.prepared_on.desc(), PaymentBatch.ref.desc()))
    return tuple(_batch(row) for row in rows)


def batch_page(uow: UnitOfWork, ref: str) -> BatchPage:
    """One payment file by its reference; `NotFound` otherwise, and for one of which no claim is reached."""
    batch = uow.session.scalars(select(PaymentBatch).where(PaymentBatch.ref == ref)).one_or_none()
    if batch is None:
        raise NotFound("payment batch", ref)
    wanted = (
        select(PaymentLine, Claim)
        .join(Claim, Claim.id == PaymentLine.claim_id)
        .where(PaymentLine.batch_id == batch.id)
        .order_by(PaymentLine.end_to_end_id)
    )
    rows = uow.session.execute(wanted).tuples().all()
    cases = {claim.case_id: claim.case for _, claim in rows}
    return BatchPage(
        _batch(batch),
        batch.repeat_reason,
        tuple(
            PaidLine(
                row.end_to_end_id,
                claim.id,
                cases[claim.case_id].ref,
                row.pence,
                row.returned_on,
                row.returned_because,
            )
            for row, claim in rows
        ),
        _left_out(uow, batch),
        offered_for(uow, cases.values(), ("payment_returned",) if batch.released_on else ("payment_batch_released",)),
    )


def claim_line(row: Claim, batch: str | None) -> ClaimLine:
    """A claim, and the file that its standing payment is in."""
    approvers = [each for each in (row.first_approver, row.second_approver) if each]
    fault = unpayable(row)
    return ClaimLine(
        row.id,
        row.round,
        row.state,
        row.submitted_on,
        tuple(day.on for day in row.days),
        row.payslip_pence,
        row.calculated_pence,
        row.payable_pence,
        tuple(by_whom(each) for each in approvers),
        row.refusal_reason,
        batch,
        (*row.findings, *([fault.as_dict()] if fault else [])),
    )


def unpayable(row: Claim) -> Finding | None:
    """Why a claim on its way would be left out of a payment file now; None too where the claimant is not reached."""
    return payee_fault(row) if row.state in TO_BE_PAID and row.member is not None else None


def batches_of(uow: UnitOfWork, claims: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The payment file that each of these claims is in, but for payments that came back."""
    wanted = (
        select(PaymentLine.claim_id, PaymentBatch.ref)
        .join(PaymentBatch, PaymentBatch.id == PaymentLine.batch_id)
        .where(PaymentLine.claim_id.in_(claims), PaymentLine.returned_on.is_(None))
    )
    return dict(uow.session.execute(wanted).tuples().all())


def _left_out(uow: UnitOfWork, batch: PaymentBatch) -> tuple[dict[str, Any], ...]:
    """What was left out of a file, of the claims that are reached."""
    named = {str(each) for each in uow.session.scalars(select(Claim.id))} if batch.left_out else set()
    return tuple(each for each in batch.left_out if str(each.get("where")).removeprefix("claim:") in named)


def _batch(row: PaymentBatch) -> BatchLine:
    return BatchLine(
        row.ref,
        row.prepared_on,
        by_whom(row.prepared_by),
        row.released_on,
        by_whom(row.released_by) if row.released_by else None,
        row.lines_count,
        row.total_pence,
        row.sha256,
        len(row.left_out),
    )


CLAIM_COLUMNS = (
    "claim", "round", "state", "submitted_on", "days", "payslip_pence", "calculated_pence", "payable_pence", "batch",
)  # fmt: skip


def claim_rows(page: ClaimsPage) -> list[tuple[object, ...]]:
    """The claims of a case as rows of `CLAIM_COLUMNS`."""
    return [
        (
            each.id,
            each.round,
            each.state.value,
            each.submitted_on,
            " ".join(day.isoformat() for day in each.days),
            each.payslip_pence,
            each.calculated_pence,
            each.payable_pence,
            each.batch,
        )
        for each in page.claims
    ]


BATCH_COLUMNS = ("reference", "claim", "case", "pence", "returned_on", "returned_because")


def batch_rows(page: BatchPage) -> list[tuple[object, ...]]:
    """The payments of a file as rows of `BATCH_COLUMNS`: no payee and no account."""
    return [
        (each.reference, each.claim_id, each.case_ref, each.pence, each.returned_on, each.returned_because)
        for each in page.payments
    ]
