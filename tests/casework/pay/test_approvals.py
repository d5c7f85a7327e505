"""Two different people approve, neither the claimant; the member is told once for each decision."""

from __future__ import annotations

import pytest

from casework.cases import Case
from casework.pay.approvals import approve, confirm_payee, is_claimant, refuse
from casework.pay.claims import payee_digest, submit
from casework.pay.models import ClaimState
from casework.pay.payments import release
from casework.register.models import Member
from core.errors import NotFound, RuleViolation, StageError
from core.unit_of_work import UnitOfWork
from notifications import listing
from tests.builders import a_member, acting, an_officer, at_pay
from tests.casework.pay.claiming import (
    FINANCE_1,
    FINANCE_2,
    FINANCE_3,
    FIRST,
    approved,
    batched,
    calculated,
    ends,
    given,
)


def test_two_people_approve_a_claim(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = calculated(uow, case, member)
    assert approve(acting(uow, FINANCE_1), case.id, claim.id).state is ClaimState.APPROVED_ONCE
    assert approve(acting(uow, FINANCE_2), case.id, claim.id).state is ClaimState.APPROVED
    assert (claim.first_approver, claim.second_approver) == (FINANCE_1, FINANCE_2)


def test_the_second_approval_is_another_persons(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `_person_faults` does not compare with the first approver."""
    claim = calculated(uow, case, member)
    approve(acting(uow, FINANCE_1), case.id, claim.id)
    with pytest.raises(RuleViolation) as refused:
        approve(acting(uow, FINANCE_1), case.id, claim.id)
    assert [finding.code for finding in refused.value.findings] == ["same_approver"]
    assert claim.state is ClaimState.APPROVED_ONCE


def test_staff_at_another_door_is_no_second_person(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `_person_faults` compares the actors' letters."""
    claim = calculated(uow, case, member)
    approve(acting(uow, "staff:api"), case.id, claim.id)
    with pytest.raises(RuleViolation, match="has to be another person's"):
        approve(acting(uow, "staff:dashboard"), case.id, claim.id)
    assert approve(acting(uow, FINANCE_2), case.id, claim.id).state is ClaimState.APPROVED


def test_nobody_decides_on_a_claim_of_their_own(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `is_claimant` compares ids of officers only, and not their address."""
    same_person = an_officer(uow, email=member.email.upper())
    claim = calculated(uow, case, member)
    for actor in (f"member:{member.id}", f"officer:{same_person.id}"):
        own = acting(uow, actor)
        assert is_claimant(own, claim)
        with pytest.raises(RuleViolation, match="of their own"):
            approve(own, case.id, claim.id)
        with pytest.raises(RuleViolation, match="of their own"):
            refuse(own, case.id, claim.id, "no")
        with pytest.raises(RuleViolation, match="of their own"):
            confirm_payee(own, case.id, claim.id, ends(member))


def test_others_are_not_the_claimant(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = calculated(uow, case, member)
    other = a_member(uow, case.workplace)
    for actor in (f"member:{other.id}", f"officer:{an_officer(uow).id}", "staff:command-line"):
        assert not is_claimant(acting(uow, actor), claim)


def test_an_uncalculated_claim_is_not_approved(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = submit(uow, case.id, member.membership_number, given())
    with pytest.raises(StageError, match="submitted"):
        approve(uow, case.id, claim.id)


def test_a_third_approval_is_refused(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = approved(uow, case, member)
    with pytest.raises(StageError, match="approved"):
        approve(acting(uow, FINANCE_3), case.id, claim.id)


def test_a_claim_is_decided_on_in_its_own_case(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = calculated(uow, case, member)
    with pytest.raises(NotFound):
        approve(uow, at_pay(uow, FIRST).id, claim.id)


def test_a_claim_that_comes_to_nothing_is_not_approved(uow: UnitOfWork, case: Case) -> None:
    claim = calculated(uow, case, a_member(uow, case.workplace, annual_salary_pence=1))
    assert claim.payable_pence == 0
    with pytest.raises(RuleViolation, match="comes to nothing"):
        approve(uow, case.id, claim.id)


def test_the_member_is_told_of_the_approval_once(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = approved(uow, case, member)
    (notice,) = [each for each in listing.about(uow, claim.ref) if each.kind == "claim_decided"]
    assert notice.recipient_key == f"member:{member.id}"
    assert (notice.facts["decision"], notice.facts["total_pence"]) == ("approved", 20_000)
    assert "£200.00" in notice.body.decode()


def test_the_member_is_told_why_a_claim_is_refused_each_time(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when the notice's version does not name the submission: the second refusal would not be told."""
    claim = calculated(uow, case, member)
    refuse(uow, case.id, claim.id, "the payslip is of another month")
    calculated(uow, case, member)
    refuse(uow, case.id, claim.id, "the payslip shows no deduction")
    reasons = [each.facts["reason"] for each in listing.about(uow, claim.ref) if each.kind == "claim_decided"]
    assert sorted(reasons) == ["the payslip is of another month", "the payslip shows no deduction"]


def test_a_refusal_forgets_the_approvals(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `refuse` keeps `first_approver`: one approval would carry over to other facts."""
    claim = approved(uow, case, member)
    refuse(uow, case.id, claim.id, "the payslip was withdrawn")
    assert (claim.first_approver, claim.second_approver) == (None, None)


def test_a_claim_in_a_payment_file_is_not_refused(uow: UnitOfWork, case: Case, member: Member) -> None:
    batch = batched(uow, case, member)
    with pytest.raises(StageError, match="in_batch"):
        refuse(uow, case.id, batch.lines[0].claim_id, "too late")


def test_no_account_is_confirmed_once_the_file_is_made(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `confirm_payee` does not ask for the claim's state."""
    batch = batched(uow, case, member)
    for _ in range(2):
        with pytest.raises(StageError, match="payee_confirmed"):
            confirm_payee(acting(uow, FINANCE_3), case.id, batch.lines[0].claim_id, ends(member))
        if batch.released_by is None:
            release(acting(uow, FINANCE_2), batch.ref)
    assert batch.lines[0].claim.payee_sha256 is None


def test_a_changed_account_is_confirmed_by_a_person(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = calculated(uow, case, member)
    member.account_number = "87654321"
    assert claim.payee_sha256 != payee_digest(member)
    confirm_payee(uow, case.id, claim.id, "4321")
    assert claim.payee_sha256 == payee_digest(member)


@pytest.mark.parametrize("held", ["87654329", None])
def test_an_account_that_nobody_asked_about_is_not_confirmed(
    uow: UnitOfWork, case: Case, member: Member, held: str | None
) -> None:
    """It changed again while the member was asked. Red when `confirm_payee` confirms whatever the register holds."""
    claim = calculated(uow, case, member)
    before = claim.payee_sha256
    member.account_number = held
    with pytest.raises(RuleViolation) as refused:
        confirm_payee(uow, case.id, claim.id, "4321")
    assert [each.code for each in refused.value.findings] == ["another_account"]
    assert claim.payee_sha256 == before
