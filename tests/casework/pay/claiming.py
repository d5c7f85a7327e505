"""Claims at every state, for the tests of pay."""

from __future__ import annotations

from datetime import date

from casework.cases import Case
from casework.pay.acts import ACTS
from casework.pay.claims import Submission, submit
from casework.pay.models import Claim, PaymentBatch
from casework.pay.payments import prepare_batch
from casework.pay.steps import calculate_claims
from casework.register.models import Member
from core.unit_of_work import UnitOfWork
from tests.builders import acting

FIRST = date(2026, 6, 2)
SECOND = date(2026, 6, 3)
A_DAY = 10_000
PAYSLIP = "a" * 64

FINANCE_1, FINANCE_2, FINANCE_3 = "officer:finance-1", "officer:finance-2", "officer:finance-3"


def given(*days: date, pence: int = 2 * A_DAY, evidence: str = PAYSLIP) -> Submission:
    """A claim for the days, both by default."""
    return Submission(days or (FIRST, SECOND), pence, evidence)


def do(uow: UnitOfWork, case: Case, name: str, key: str | None = None, **facts: object) -> None:
    """Do an act by its name, as the page's form would."""
    act = {each.name: each for each in ACTS}[name]
    act.handler(uow, case.id, act.facts.model_validate(facts), key)


def calculated(uow: UnitOfWork, case: Case, member: Member, submission: Submission | None = None) -> Claim:
    """A claim that is calculated."""
    claim = submit(uow, case.id, member.membership_number, submission or given())
    calculate_claims(uow, case.id)
    return claim


def approved(uow: UnitOfWork, case: Case, member: Member, submission: Submission | None = None) -> Claim:
    """A claim with both approvals."""
    claim = calculated(uow, case, member, submission)
    do(acting(uow, FINANCE_1), case, "claim_approved", claim=claim.id)
    do(acting(uow, FINANCE_2), case, "claim_approved", claim=claim.id)
    return claim


def batched(uow: UnitOfWork, case: Case, member: Member) -> PaymentBatch:
    """An approved claim of the member in a batch prepared by the first of finance."""
    approved(uow, case, member)
    return prepare_batch(acting(uow, FINANCE_1), case.id)


def ends(member: Member) -> str:
    """The last digits of a member's account, as the member tells them."""
    return (member.account_number or "")[-4:]
