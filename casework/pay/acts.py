"""What a person can record about reimbursement."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from casework.acts import Act, Facts, Reason
from casework.lifecycle import Stage, stages
from casework.pay import approvals, claims, payments, returns, steps
from casework.people.roles import CLAIM_STAFF, FINANCE, Role
from core.unit_of_work import UnitOfWork

PAYING = frozenset({Stage.PAY_REIMBURSEMENT})
PAID_ONCE = frozenset(stages(Stage.OFFICER_NEGOTIATION, Stage.CLOSED))
"""Where a case may have got to when the bank sends a payment back."""


def _in_small_letters(given: object) -> object:
    # PowerShell prints a digest in capitals.
    return given.lower() if isinstance(given, str) else given


class ClaimMade(Facts):
    """A member's claim. The payslip stays in the finance file; its digest says which file it was."""

    membership_number: str = Field(min_length=1, title="Membership number")
    days: list[date] = Field(
        min_length=1, title="Strike days", description="Dates such as 2026-12-01, separated by commas"
    )
    deducted_pence: int = Field(gt=0, title="Deducted according to the payslip, in pence")
    evidence_sha256: Annotated[str, BeforeValidator(_in_small_letters)] = Field(
        pattern="^[0-9a-f]{64}$",
        title="SHA-256 of the payslip file",
        description="What certutil -hashfile FILE SHA256, shasum -a 256 FILE or sha256sum FILE prints of it",
    )


class OneClaim(Facts):
    """It is named by its id."""

    claim: uuid.UUID = Field(title="Claim")


class PayeeConfirmed(OneClaim):
    """The member was asked by a way known before, and told its last digits. Whoever confirms it pays nothing to it."""

    account_ends: str = Field(
        pattern="^[0-9]{4}$",
        title="Last four digits of the account number",
        description="As the member told them when asked, not as a list or a letter has them",
    )


class PaymentReturned(Facts):
    """The claim is owed again, and is approved, confirmed and paid anew."""

    paid: uuid.UUID = Field(title="Which payment", description="The claim that was paid")
    returned_on: date = Field(title="On which day did it come back")
    reason: str = Field(min_length=3, title="Why", description="The bank's reason. No names of people")


class ClaimRefused(OneClaim):
    """A refusal, in words the member reads."""

    reason: str = Field(min_length=3, title="Why", description="The member reads this. No names of people")


class BatchPrepared(Facts):
    """Every approved claim of the case, in one file that another person releases."""

    reason: str | None = Field(
        default=None,
        min_length=3,
        title="Why the total repeats",
        description="Only when an equal total was paid lately",
    )


class BatchReleased(Facts):
    """By another person than prepared it; its claims are paid from then on."""

    batch: str = Field(min_length=1, title="Batch")


def submit_claim(uow: UnitOfWork, case_id: uuid.UUID, given: ClaimMade, _key: str | None) -> None:
    """Take in a claim."""
    days = tuple(sorted(set(given.days)))
    submission = claims.Submission(days, given.deducted_pence, given.evidence_sha256)
    claims.submit(uow, case_id, given.membership_number, submission)


def approve_claim(uow: UnitOfWork, case_id: uuid.UUID, given: OneClaim, _key: str | None) -> None:
    """Give the first or the second approval."""
    approvals.approve(uow, case_id, given.claim)


def refuse_claim(uow: UnitOfWork, case_id: uuid.UUID, given: ClaimRefused, _key: str | None) -> None:
    """Refuse a claim."""
    approvals.refuse(uow, case_id, given.claim, given.reason)


def confirm_payee(uow: UnitOfWork, case_id: uuid.UUID, given: PayeeConfirmed, _key: str | None) -> None:
    """Confirm an account that changed."""
    approvals.confirm_payee(uow, case_id, given.claim, given.account_ends)


def close_window(uow: UnitOfWork, case_id: uuid.UUID, given: Reason, _key: str | None) -> None:
    """Close the claims to those who have not claimed."""
    steps.close_window(uow, case_id, given.reason)


def prepare_batch(uow: UnitOfWork, case_id: uuid.UUID, given: BatchPrepared, _key: str | None) -> None:
    """Prepare the payment file of the case."""
    payments.prepare_batch(uow, case_id, given.reason)


def release_batch(uow: UnitOfWork, case_id: uuid.UUID, given: BatchReleased, _key: str | None) -> None:
    """Release a payment file."""
    payments.release(uow, given.batch, case_id)


def return_payment(uow: UnitOfWork, case_id: uuid.UUID, given: PaymentReturned, _key: str | None) -> None:
    """Record a payment that came back."""
    returns.record_return(uow, case_id, given.paid, given.returned_on, given.reason)


ACTS: tuple[Act, ...] = (
    Act("claim_submitted", "Record a claim for lost pay", ClaimMade, CLAIM_STAFF, PAYING, submit_claim),
    Act("claim_approved", "Approve a claim", OneClaim, FINANCE, PAID_ONCE, approve_claim, returns.may_pay),
    Act("claim_refused", "Refuse a claim", ClaimRefused, FINANCE, PAID_ONCE, refuse_claim, returns.may_pay),
    Act(
        "payee_confirmed",
        "Confirm a changed account",
        PayeeConfirmed,
        FINANCE,
        PAID_ONCE,
        confirm_payee,
        returns.may_pay,
    ),
    Act("claims_window_closed", "Close the claims", Reason, FINANCE, PAYING, close_window),
    Act(
        "payment_batch_prepared",
        "Prepare the payment file",
        BatchPrepared,
        frozenset({Role.FINANCE_PREPARER}),
        PAID_ONCE,
        prepare_batch,
        returns.may_pay,
    ),
    Act(
        "payment_batch_released",
        "Release the payment file",
        BatchReleased,
        frozenset({Role.FINANCE_APPROVER}),
        PAID_ONCE,
        release_batch,
        returns.may_pay,
    ),
    Act(
        "payment_returned",
        "Record a payment that the bank sent back",
        PaymentReturned,
        FINANCE,
        PAID_ONCE,
        return_payment,
        returns.may_return,
    ),
)
