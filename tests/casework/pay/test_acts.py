"""The acts of reimbursement as forms, the command line and the API give them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from casework.cases import Case
from casework.lifecycle import Stage, stages
from casework.pay.acts import ACTS, ClaimMade
from casework.pay.claims import claims_of
from casework.pay.models import ClaimState, PaymentBatch
from casework.pay.steps import calculate_claims, close_claims
from casework.register.models import Member
from core.unit_of_work import UnitOfWork
from tests.builders import a_member, acting, later
from tests.casework.pay.claiming import FINANCE_1, FINANCE_2, FIRST, PAYSLIP, do

GOOD: dict[str, Any] = {
    "membership_number": "100001",
    "days": [FIRST.isoformat()],
    "deducted_pence": 10_000,
    "evidence_sha256": PAYSLIP,
}


def test_a_round_of_claims_from_the_first_to_the_bank(uow: UnitOfWork, case: Case, member: Member) -> None:
    other = a_member(uow, case.workplace)
    silent = a_member(uow, case.workplace)
    for claimant, payslip in ((member, "1" * 64), (other, "2" * 64)):
        facts = {**GOOD, "membership_number": claimant.membership_number, "evidence_sha256": payslip}
        do(uow, case, "claim_submitted", **facts)
    calculate_claims(uow, case.id)
    first, second = claims_of(uow, case.id)
    do(acting(uow, FINANCE_1), case, "claim_approved", claim=first.id)
    do(acting(uow, FINANCE_2), case, "claim_approved", claim=first.id)
    do(acting(uow, FINANCE_1), case, "claim_refused", claim=second.id, reason="the payslip shows another month")
    do(acting(uow, FINANCE_1), case, "payment_batch_prepared")
    batch = uow.session.query(PaymentBatch).one()
    do(acting(uow, FINANCE_2), case, "payment_batch_released", batch=batch.ref)
    close_claims(uow, case.id)
    assert case.stage is Stage.PAY_REIMBURSEMENT, f"{silent.id} has not claimed"
    do(later(uow, 100), case, "claims_window_closed", reason="all were written to twice")
    close_claims(uow, case.id)
    assert case.stage is Stage.STRIKE_ESCALATION
    assert [claim.state for claim in (first, second)] == [ClaimState.PAID, ClaimState.REFUSED]


def test_claims_are_made_at_reimbursement_and_paid_whenever_the_money_comes_back() -> None:
    """Turns red if a payment that a bank sends back later cannot be paid again, or a claim is made at another stage."""
    of_the_rung = {act.name for act in ACTS if act.stages == frozenset({Stage.PAY_REIMBURSEMENT})}
    assert of_the_rung == {"claim_submitted", "claims_window_closed"}
    later = {act.name for act in ACTS if act.stages == frozenset(stages(Stage.OFFICER_NEGOTIATION, Stage.CLOSED))}
    assert of_the_rung | later == {act.name for act in ACTS}
    assert len(ACTS) == 8


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("days", []),
        ("days", ""),
        ("days", "yesterday"),
        ("days", "2026-02-30"),
        ("deducted_pence", 0),
        ("deducted_pence", -1),
        ("deducted_pence", 100.5),
        ("evidence_sha256", "a" * 63),
        ("evidence_sha256", "g" * 64),
        ("membership_number", ""),
        ("payee", "Somebody Else"),
    ],
)
def test_bad_facts_are_refused_by_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        ClaimMade.model_validate({**GOOD, field: value})
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


def test_a_digest_in_capitals_is_the_same_digest() -> None:
    """As PowerShell prints it. Red when it is refused, or kept beside its like in small letters."""
    facts = {"membership_number": "1042", "days": [FIRST], "deducted_pence": 1, "evidence_sha256": "AB" * 32}
    assert ClaimMade.model_validate(facts).evidence_sha256 == "ab" * 32
