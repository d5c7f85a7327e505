"""Lost pay: claims by those who struck, two approvals each, a payment file and its release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from app.demo.opening import SCHOOL, Cast
from app.demo.screenplay import STRIKE_DAYS, Counts, Scene
from casework.pay.deduction import StrikePay, deduction
from casework.pay.models import Claim, ClaimState, PaymentBatch
from casework.register.models import Member, Workplace
from core.unit_of_work import reading

CLAIMED_ON = date(2027, 3, 1)
APPROVED_ON = date(2027, 3, 3)
APPROVED_AGAIN_ON = date(2027, 3, 4)
PREPARED_ON = date(2027, 3, 5)
RELEASED_ON = date(2027, 3, 8)
CLAIMING_PERCENT = 43


def claims(cast: Cast, counts: Counts) -> Iterator[Scene]:
    """Those who struck claim what their payslip says was deducted."""
    with reading() as uow:
        at_school = select(Member).join(Workplace).where(Workplace.urn == SCHOOL).order_by(Member.membership_number)
        members = uow.session.scalars(at_school.limit(counts.part(CLAIMING_PERCENT))).all()
        for member in members:
            pay = StrikePay(
                annual_salary=Decimal(member.annual_salary_pence) / 100, days=STRIKE_DAYS, fte=Fraction(member.fte)
            )
            deducted = deduction(pay, uow.law).total_pence
            payslip = hashlib.sha256(f"payslip of {member.membership_number}".encode()).hexdigest()
            facts = {
                "membership_number": member.membership_number,
                "days": [day.isoformat() for day in STRIKE_DAYS],
                "deducted_pence": deducted,
                "evidence_sha256": payslip,
            }
            yield Scene(CLAIMED_ON, "claim_submitted", cast.staff, "Members claim their lost pay", facts)


def approvals(cast: Cast, on: date) -> Iterator[Scene]:
    """Finance looks at each claim; twice, by two people."""
    by = cast.finance if on == APPROVED_ON else cast.second_finance
    waiting = ClaimState.CALCULATED if on == APPROVED_ON else ClaimState.APPROVED_ONCE
    said = "Finance approves the claims" if on == APPROVED_ON else "A second person approves the claims"
    with reading() as uow:
        ids = uow.session.scalars(select(Claim.id).where(Claim.state == waiting).order_by(Claim.id)).all()
    for claim_id in ids:
        yield Scene(on, "claim_approved", by, said, {"claim": str(claim_id)})


def payment(cast: Cast, on: date) -> Iterator[Scene]:
    """One person prepares the payment file, another releases it."""
    if on == PREPARED_ON:
        yield Scene(on, "payment_batch_prepared", cast.finance, "The payment file is prepared")
        return
    with reading() as uow:
        refs = uow.session.scalars(select(PaymentBatch.ref).where(PaymentBatch.released_on.is_(None))).all()
    for ref in refs:
        yield Scene(on, "payment_batch_released", cast.second_finance, "The payment file is released", {"batch": ref})
