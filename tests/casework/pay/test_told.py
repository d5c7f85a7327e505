"""What a member hears of a claim: each thing once, to the member alone, in bytes that hold what was done."""

from __future__ import annotations

import pytest

from casework.cases import Case
from casework.pay.approvals import refuse
from casework.pay.claims import submit
from casework.pay.payments import prepare_batch, release
from casework.pay.returns import record_return
from casework.register.models import Member
from core.errors import StageError
from core.unit_of_work import UnitOfWork
from notifications import listing
from notifications.lifecycle import Medium, Policy, State
from notifications.models import Notice
from tests.builders import a_member, acting, later
from tests.casework.pay.claiming import FINANCE_1, FINANCE_2, FINANCE_3, approved, batched, calculated, do, ends, given

pytestmark = pytest.mark.engines("sqlite")


def told(uow: UnitOfWork, member: Member) -> list[Notice]:
    """What a member was written, oldest first."""
    found = uow.session.query(Notice).filter_by(recipient_key=f"member:{member.id}", statutory=False)
    return [each for each in found.order_by(Notice.created_at, Notice.idem_key) if each.subject_ref.startswith("claim")]


def kinds(uow: UnitOfWork, member: Member) -> list[str]:
    """Their kinds in the order of the life of a claim."""
    return sorted(each.kind for each in told(uow, member))


def test_a_claim_that_came_is_confirmed_with_what_it_says(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Turns red if `submit` leaves out `told.received`: nobody would hear of a claim made in their name."""
    submit(uow, case.id, member.membership_number, given())
    (notice,) = told(uow, member)
    assert (notice.kind, notice.medium, notice.state) == ("claim_received", Medium.MAIL, State.QUEUED)
    said = notice.body.decode()
    assert "£200.00" in said
    assert "Tuesday 2 June 2026" in said
    assert "Wednesday 3 June 2026" in said
    assert "If you did not make this claim" in said


def test_a_claim_made_afresh_is_confirmed_afresh(uow: UnitOfWork, case: Case, member: Member) -> None:
    """
    Turns red if the version of `claim_received` does not name the submission, or a claim made afresh keeps what the
    refused one came to: the database lets nobody be paid more than the payslip shows.
    """
    claim = calculated(uow, case, member)
    refuse(acting(uow, FINANCE_1), case.id, claim.id, "the payslip is of another month")
    submit(uow, case.id, member.membership_number, given(pence=19_000))
    said = [each.body.decode() for each in told(uow, member) if each.kind == "claim_received"]
    assert ["£200.00" in each for each in said].count(True) == 1
    assert ["£190.00" in each for each in said].count(True) == 1


def test_a_payment_is_told_when_its_file_is_released_and_once(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Turns red if `release` tells before it is sure, or a second press tells again."""
    other = a_member(uow, case.workplace)
    batch = batched(uow, case, member)
    assert "claim_paid" not in kinds(uow, member)
    for _ in range(2):
        release(acting(uow, FINANCE_2), batch.ref)
    (notice,) = [each for each in told(uow, member) if each.kind == "claim_paid"]
    assert notice.policy is Policy.HOLD
    said = notice.body.decode()
    assert batch.lines[0].end_to_end_id in said
    assert "£200.00" in said
    assert member.account_number is not None
    assert member.account_number not in said
    assert not told(uow, other)


def test_a_payment_that_came_back_is_told_and_then_the_next_payment(
    uow: UnitOfWork, case: Case, member: Member
) -> None:
    """Turns red if the version of `claim_paid` is the claim's alone, or the bank's reason is told on."""
    batch = batched(uow, case, member)
    release(acting(uow, FINANCE_2), batch.ref)
    claim = batch.lines[0].claim
    after = later(uow, 5)
    record_return(acting(after, FINANCE_3), case.id, claim.id, after.today, "account closed by police")
    (notice,) = [each for each in told(uow, member) if each.kind == "payment_returned"]
    assert "police" not in notice.body.decode()
    assert "The union still owes you the money" in notice.body.decode()
    assert claim.findings[-1]["sentence"].endswith(": account closed by police.")
    with pytest.raises(StageError):
        record_return(acting(after, FINANCE_3), case.id, claim.id, after.today, "again")
    do(acting(after, FINANCE_1), case, "claim_approved", claim=claim.id)
    do(acting(after, FINANCE_2), case, "claim_approved", claim=claim.id)
    do(acting(after, FINANCE_3), case, "payee_confirmed", claim=claim.id, account_ends=ends(member))
    again = prepare_batch(acting(after, FINANCE_1), case.id, "paid again")
    release(acting(after, FINANCE_2), again.ref)
    assert kinds(uow, member).count("claim_paid") == 2
    assert kinds(uow, member).count("payment_returned") == 1


def test_nothing_of_a_claim_goes_to_anybody_else(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Turns red if a message about a claim is addressed to the workplace."""
    claim = approved(uow, case, member)
    assert {each.recipient_key for each in listing.about(uow, claim.ref)} == {f"member:{member.id}"}
