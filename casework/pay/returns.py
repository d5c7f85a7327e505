"""
Payments that the bank sends back.

The claim is owed again. It is paid again only in a new file, after two people have approved it anew and one has
confirmed the account; the payment that came back stays on record, and never counts as paid.
"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select

from casework import repository
from casework.lifecycle import Stage
from casework.pay import told
from casework.pay.approvals import OWN_CLAIM, is_claimant
from casework.pay.claims import POLICY, claim_of, noted, tallies
from casework.pay.models import OVER, Claim, ClaimState, PaymentLine
from core.calendar import in_words
from core.errors import BadInput, RuleViolation, StageError
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork

RETURNED = "returned"


def record_return(uow: UnitOfWork, case_id: uuid.UUID, claim_id: uuid.UUID, returned_on: date, reason: str) -> Claim:
    """
    Record that the bank sent a claim's payment back on a day.

    `StageError` for a claim that is not paid, `BadInput` for a day before its file was released or after today,
    `RuleViolation` when whoever acts is the claimant.
    """
    claim = claim_of(uow, case_id, claim_id)
    if claim.state is not ClaimState.PAID:
        raise StageError(f"The claim {claim.id}", claim.state, "payment_returned", (ClaimState.PAID,))
    if is_claimant(uow, claim):
        raise RuleViolation("The return cannot be recorded.", (OWN_CLAIM,))
    line = uow.session.scalars(select(PaymentLine).filter_by(claim_id=claim.id, returned_on=None)).one()
    released = line.batch.released_on
    if released is None or not released <= returned_on <= uow.today:
        first = released.isoformat() if released else "its release"
        wanted = f"a day from {first}, when its file was released, to today, {uow.today.isoformat()}"
        raise BadInput(field="returned_on", found=returned_on.isoformat(), wanted=wanted)
    line.returned_on, line.returned_because = returned_on, reason
    claim.state = ClaimState.RETURNED
    claim.first_approver = claim.second_approver = None
    claim.findings = [*claim.findings, _sent_back(returned_on, reason).as_dict()]
    uow.session.flush()
    noted(uow, claim, RETURNED, batch=line.batch_id, pence=line.pence, returned_on=returned_on)
    told.returned(uow, claim, line, returned_on)
    return claim


def may_return(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether a claim of the case is paid."""
    return ClaimState.PAID in tallies(uow, case_id)


def may_pay(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether claims of the case are being decided and paid: at its own stage, and as long as one came back later."""
    paying = repository.get(uow, case_id).stage is Stage.PAY_REIMBURSEMENT
    return paying or not OVER.issuperset(tallies(uow, case_id))


def _sent_back(on: date, reason: str) -> Finding:
    return Finding(
        "payment_sent_back",
        Severity.WARN,
        f"The bank sent the payment back on {in_words(on)}: {reason.rstrip('. ')}.",
        "Ask the member for the account by a way known before, correct the register, and have the payee confirmed.",
        POLICY,
    )
