"""Pay lost to a strike: part of what was claimed, nothing of it, somebody else's payslip, a second round."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from casework.lifecycle import EventKind, Stage
from casework.pay.audit import audit_pay
from casework.pay.models import ClaimState, PaymentLine
from core.errors import BadInput, Conflict, MandateError, RuleViolation, StageError
from core.unit_of_work import reading
from tests.days import day
from tests.stories.climb import CLAUSES
from tests.stories.conftest import FULLY_ON_BOTH, ON_BOTH, At
from tests.stories.telling import FINANCE, OFFICER, Story
from tests.stories.ways import ways

BOTH = ("Wed 2027-01-27", "Thu 2027-01-28")
ONE, TWO = FINANCE


@pytest.mark.parametrize(("payslip", "paid"), [(20_000, 20_000), (15_000, 15_000), (25_000, 20_000)])
def test_what_was_deducted_is_paid_up_to_what_the_rule_gives(at: At, payslip: int, paid: int) -> None:
    """Two days at a 365th of 36,500 pounds. Turns red if more than the loss or more than the rule's figure is paid."""
    story = at("pay_reimbursement").on("Mon 2027-02-01").claim(0, *BOTH, pence=payslip)
    (claim,) = story.claims()
    assert (claim.state, claim.calculated_pence, claim.payable_pence) == (ClaimState.CALCULATED, 20_000, paid)
    story.approve_claims(by=ONE).approve_claims(by=TWO).pay()
    assert [each.state for each in story.claims()] == [ClaimState.PAID]
    assert story.told("claim_decided").total() == 1


def test_one_claim_is_refused_and_made_afresh(at: At) -> None:
    """Turns red if a refused claim is paid, keeps its days, or cannot be made again with a better payslip."""
    story = at("pay_reimbursement").on("Mon 2027-02-01").claim(0, *BOTH, pence=20_000).claim(1, BOTH[0], pence=10_000)
    first = story.claims()[0]
    story.act("claim_refused", by=ONE, claim=first.id, reason="the payslip is of another month")
    assert isinstance(story.refused("payment_batch_prepared", by=ONE), RuleViolation)
    story.claim(0, *BOTH, pence=20_000).approve_claims(by=ONE)
    assert all(each.state is ClaimState.APPROVED_ONCE for each in story.claims())
    assert isinstance(story.refused("claim_approved", by=ONE, claim=first.id), RuleViolation)
    story.approve_claims(by=TWO).pay()
    assert [each.payable_pence for each in story.claims()] == [20_000, 10_000]
    assert story.told("claim_decided").total() == 3


@ON_BOTH
def test_nobody_is_paid_twice(at: At) -> None:
    """Turns red if a claim stands twice, a day not struck is taken, or one person prepares and releases."""
    story = at("pay_reimbursement").on("Mon 2027-02-01").claim(0, *BOTH, pence=20_000)
    for days, error in ((BOTH, Conflict), (("Fri 2027-01-29",), MandateError)):
        with pytest.raises(error):
            story.claim(0 if error is Conflict else 1, *days, pence=10_000)
    story.approve_claims(by=ONE).approve_claims(by=TWO).act("payment_batch_prepared", by=ONE)
    assert isinstance(story.refused("payment_batch_released", by=ONE, batch="P-2027-0001"), RuleViolation)
    story.act("payment_batch_released", by=TWO, batch="P-2027-0001")
    assert isinstance(story.refused("payment_batch_prepared", by=ONE), RuleViolation)


@ways("pay_reimbursement claims_settled agreed")
def test_the_claims_close_sixty_days_after_the_strike(at: At) -> None:
    """Turns red if claims close on the sixtieth day, or by themselves while somebody might still claim."""
    story = at("pay_reimbursement").on("Mon 2027-02-01").settle("Mon 2027-02-01", CLAUSES)
    story.claim(0, *BOTH, pence=20_000).approve_claims(by=ONE).approve_claims(by=TWO).pay()
    story.on("Mon 2027-03-29")
    refusal = story.refused("claims_window_closed", by=ONE, reason="the others worked")
    assert isinstance(refusal, RuleViolation)
    assert story.stage is Stage.PAY_REIMBURSEMENT
    story.on("Tue 2027-03-30").act("claims_window_closed", by=ONE, reason="the others worked")
    assert story.stage is Stage.SETTLED


def test_who_missed_the_first_round_claims_in_the_second(at: At) -> None:
    """Turns red if a day of an earlier strike is lost for whoever did not claim in its round."""
    story = at("pay_reimbursement").on("Tue 2027-03-30")
    story.claim(0, *BOTH, pence=20_000).approve_claims(by=ONE).approve_claims(by=TWO).pay()
    story.act("claims_window_closed", by=ONE, reason="the others worked")
    assert story.stage is Stage.STRIKE_ESCALATION
    story.strike("Wed 2027-03-31", "Wed 2027-04-21").struck("Wed 2027-04-21", 7).on("Thu 2027-04-22")
    story.claim(1, *BOTH, "Wed 2027-04-21", pence=30_000)
    assert [(each.round, each.payable_pence) for each in story.claims()] == [(1, 20_000), (2, 30_000)]
    assert len(story.events(EventKind.CLAIMS_SETTLED)) == 1


def test_a_payment_that_comes_to_the_same_again_wants_a_reason(at: At) -> None:
    """Turns red if a second file over the same pence goes out unasked: the usual trace of paying twice."""
    story: Story = at("pay_reimbursement").on("Mon 2027-02-01").claim(0, *BOTH, pence=20_000)
    story.approve_claims(by=ONE).approve_claims(by=TWO).pay().claim(1, *BOTH, pence=20_000)
    story.approve_claims(by=ONE).approve_claims(by=TWO)
    assert isinstance(story.refused("payment_batch_prepared", by=ONE), RuleViolation)
    story.pay(reason="another member lost the same two days")
    assert [each.state for each in story.claims()] == [ClaimState.PAID, ClaimState.PAID]
    assert story.today == day("Mon 2027-02-01")


@FULLY_ON_BOTH
def test_a_payment_that_the_bank_sends_back_is_paid_anew_and_once(at: At) -> None:
    """
    It comes back when the case is settled long since. Two approve again, another account is confirmed by one who
    neither prepares nor releases, and a new file replaces the payment.

    Turns red if a returned claim is still paid, goes into a file without new approvals, can come back twice, or what
    was sent back counts as reimbursed.
    """
    story = at("settled").on("Thu 2027-04-01")
    first, second = story.claims()
    story.act("payment_returned", by=ONE, paid=first.id, returned_on=story.today, reason="the account is closed")
    assert [each.state for each in story.claims()] == [ClaimState.RETURNED, ClaimState.PAID]
    assert story.stage is Stage.SETTLED
    again = {"paid": first.id, "returned_on": story.today, "reason": "the account is closed"}
    assert isinstance(story.refused("payment_returned", by=ONE, **again), StageError)
    assert isinstance(story.refused("payment_batch_prepared", by=ONE), RuleViolation)
    story.approve_claims(by=ONE).approve_claims(by=TWO)
    refusal = story.refused("payment_batch_prepared", by=ONE)
    assert isinstance(refusal, RuleViolation)
    assert {each.code for each in refusal.findings} == {"nothing_approved", "payee_changed"}
    story.act("payee_confirmed", by=OFFICER, claim=first.id, account_ends=story.account_ends(first.id)).pay()
    assert [each.state for each in story.claims()] == [ClaimState.PAID, ClaimState.PAID]
    with reading() as uow:
        lines = uow.session.scalars(select(PaymentLine).order_by(PaymentLine.returned_on.is_(None))).all()
        ours = [(line.returned_on is None, line.end_to_end_id[:3]) for line in lines if line.claim_id == first.id]
        assert ours == [(False, "MC-"), (True, "M2-")]
        assert sum(line.pence for line in lines if line.returned_on is None) == 30_000
        assert list(audit_pay(uow)) == []
    assert second.payable_pence == 20_000


def test_a_payment_that_came_back_for_good_is_refused(at: At) -> None:
    """Turns red if a returned claim cannot be refused, or a day before the file went is taken."""
    story = at("settled").on("Thu 2027-04-01")
    first, _ = story.claims()
    early = {"paid": first.id, "returned_on": day("Sun 2027-01-31"), "reason": "the account is closed"}
    assert isinstance(story.refused("payment_returned", by=ONE, **early), BadInput)
    story.act("payment_returned", by=ONE, **{**early, "returned_on": story.today})
    story.act("claim_refused", by=TWO, claim=first.id, reason="the member does not want it")
    assert [each.state for each in story.claims()] == [ClaimState.REFUSED, ClaimState.PAID]
    assert isinstance(story.refused("payment_batch_prepared", by=ONE), RuleViolation)
