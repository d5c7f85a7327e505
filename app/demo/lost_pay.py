"""Lost pay: claims by those who struck, two approvals each, a payment file and its release."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from app.demo.screenplay import By, CaseInPlay, Facts, FactsOf, Scene
from casework.pay.deduction import StrikePay, deduction
from casework.pay.models import Claim, ClaimState, PaymentBatch, PaymentLine
from casework.register.models import Member, Workplace
from core.law import Law
from core.unit_of_work import reading


@dataclass(frozen=True, slots=True)
class Days:
    """The days of reimbursement, in order."""

    claimed: date
    approved: date
    approved_again: date
    prepared: date
    released: date


def reimbursement(days: Days, strike_days: Sequence[date], *, claiming: int) -> tuple[Scene, ...]:
    """From the first claim to the money; `claiming` is the percentage of members who lost pay."""
    finance, second = By.FINANCE, By.SECOND_FINANCE
    first_look, second_look = waiting(ClaimState.CALCULATED), waiting(ClaimState.APPROVED_ONCE)
    claims = claims_for(strike_days, claiming)
    return (
        Scene(days.claimed, "claim_submitted", By.STAFF, "Members claim their lost pay", claims),
        Scene(days.approved, "claim_approved", finance, "Finance approves the claims", first_look),
        Scene(days.approved_again, "claim_approved", second, "A second person approves the claims", second_look),
        Scene(days.prepared, "payment_batch_prepared", finance, "The payment file is prepared"),
        Scene(days.released, "payment_batch_released", second, "The payment file is released", unreleased),
    )


def claims_for(strike_days: Sequence[date], claiming: int) -> FactsOf:
    """Those who struck claim what their payslip says was deducted."""

    def facts(case: CaseInPlay) -> list[Facts]:
        with reading() as uow:
            of_school = select(Member).join(Workplace).where(Workplace.urn == case.school.urn)
            members = uow.session.scalars(of_school.order_by(Member.membership_number).limit(case.part(claiming)))
            return [_claim(member, strike_days, _deducted(member, strike_days, uow.law)) for member in members]

    return facts


def _deducted(member: Member, strike_days: Sequence[date], law: Law) -> int:
    pay = StrikePay(
        annual_salary=Decimal(member.annual_salary_pence) / 100, days=tuple(strike_days), fte=Fraction(member.fte)
    )
    return deduction(pay, law).total_pence or 0


def _claim(member: Member, strike_days: Sequence[date], deducted: int) -> Facts:
    return {
        "membership_number": member.membership_number,
        "days": list(strike_days),
        "deducted_pence": deducted,
        "evidence_sha256": hashlib.sha256(f"payslip of {member.membership_number}".encode()).hexdigest(),
    }


def waiting(state: ClaimState) -> FactsOf:
    """The claims of the case in a state."""

    def facts(case: CaseInPlay) -> list[Facts]:
        with reading() as uow:
            ids = select(Claim.id).where(Claim.case_id == case.case_id, Claim.state == state).order_by(Claim.id)
            return [{"claim": str(each)} for each in uow.session.scalars(ids)]

    return facts


def unreleased(case: CaseInPlay) -> list[Facts]:
    """The payment files of the case that wait for their release."""
    with reading() as uow:
        of_case = (
            select(PaymentBatch.ref)
            .join(PaymentLine, PaymentLine.batch_id == PaymentBatch.id)
            .join(Claim, Claim.id == PaymentLine.claim_id)
            .where(Claim.case_id == case.case_id, PaymentBatch.released_on.is_(None))
        )
        return [{"batch": ref} for ref in uow.session.scalars(of_case.distinct())]
