"""The steps of reimbursement, and what a second run of them does."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from casework import repository
from casework.cases import Case, CaseEvent
from casework.lifecycle import EventKind, Stage
from casework.pay.approvals import refuse
from casework.pay.claims import claims_of, submit
from casework.pay.models import ClaimState, ClaimWindow
from casework.pay.payments import release
from casework.pay.steps import calculate_claims, close_claims, close_window
from casework.register.models import Member
from core.errors import Conflict, RuleViolation, StageError
from core.history import HistoryEntry
from core.settings import settings
from core.unit_of_work import UnitOfWork
from tests.builders import UP_TO_STRIKE, a_case, a_member, acting, happen, later
from tests.casework.pay.claiming import FINANCE_2, SECOND, approved, batched, given

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")


def history_length(uow: UnitOfWork) -> int:
    """How many entries history has."""
    return uow.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


def paid(uow: UnitOfWork, case: Case, member: Member) -> None:
    """The member's claim, paid."""
    release(acting(uow, FINANCE_2), batched(uow, case, member).ref)


def test_calculating_twice_changes_nothing(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `calculate` does not look at the claim's state."""
    claim = submit(uow, case.id, member.membership_number, given())
    calculate_claims(uow, case.id)
    before = history_length(uow)
    calculate_claims(uow, case.id)
    assert claim.state is ClaimState.CALCULATED
    assert history_length(uow) == before


def test_calculating_leaves_an_approved_claim_alone(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = approved(uow, case, member)
    calculate_claims(uow, case.id)
    assert claim.state is ClaimState.APPROVED


def test_the_round_ends_when_every_member_has_claimed_and_is_served(
    uow: UnitOfWork, case: Case, member: Member
) -> None:
    paid(uow, case, member)
    close_claims(uow, case.id)
    settled = repository.last_event(uow, case.id, EventKind.CLAIMS_SETTLED)
    assert settled is not None
    assert settled.facts == {"round": 1, "claims": 1, "paid": 1}
    assert case.stage is Stage.STRIKE_ESCALATION


def test_with_an_agreement_the_case_is_settled(uow: UnitOfWork, case: Case, member: Member) -> None:
    happen(uow, case, EventKind.SETTLEMENT_REACHED)
    paid(uow, case, member)
    close_claims(uow, case.id)
    assert case.stage is Stage.SETTLED


def test_closing_claims_twice_records_it_once(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `close_claims` does not look at the stage."""
    paid(uow, case, member)
    close_claims(uow, case.id)
    close_claims(uow, case.id)
    settled = select(func.count()).where(CaseEvent.kind == EventKind.CLAIMS_SETTLED)
    assert uow.session.scalar(settled) == 1


def test_a_refused_claim_is_served_too(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = submit(uow, case.id, member.membership_number, given())
    refuse(uow, case.id, claim.id, "nothing was deducted")
    close_claims(uow, case.id)
    assert case.stage is Stage.STRIKE_ESCALATION


@pytest.mark.parametrize("state", [ClaimState.SUBMITTED, ClaimState.APPROVED, ClaimState.IN_BATCH])
def test_a_claim_under_way_keeps_the_round_open(uow: UnitOfWork, case: Case, member: Member, state: ClaimState) -> None:
    """Red when `close_claims` takes a claim in a file that was not released for paid."""
    if state is ClaimState.SUBMITTED:
        submit(uow, case.id, member.membership_number, given())
    elif state is ClaimState.APPROVED:
        approved(uow, case, member)
    else:
        batched(uow, case, member)
    close_claims(uow, case.id)
    assert case.stage is Stage.PAY_REIMBURSEMENT


def test_a_member_who_has_not_claimed_keeps_the_round_open_for_ever(
    uow: UnitOfWork, case: Case, member: Member
) -> None:
    """Red when `close_claims` does not ask who has not claimed: that member's pay would be lost."""
    paid(uow, case, member)
    a_member(uow, case.workplace)
    close_claims(later(uow, 10 * settings().claim_window_days), case.id)
    assert case.stage is Stage.PAY_REIMBURSEMENT


def test_without_any_claim_nothing_closes_by_itself(uow: UnitOfWork, case: Case, member: Member) -> None:
    close_claims(uow, case.id)
    assert case.stage is Stage.PAY_REIMBURSEMENT
    assert claims_of(uow, case.id) == []


def test_a_person_closes_the_window_with_a_reason_and_the_number_left_is_kept(
    uow: UnitOfWork, case: Case, member: Member
) -> None:
    paid(uow, case, member)
    a_member(uow, case.workplace)
    days = (SECOND - uow.today).days + settings().claim_window_days
    window = close_window(later(uow, days + 1), case.id, "all were written to twice")
    assert (window.unclaimed, window.reason, window.round) == (1, "all were written to twice", 1)
    close_claims(uow, case.id)
    assert case.stage is Stage.STRIKE_ESCALATION


def test_the_window_is_not_closed_before_the_last_day_to_claim_is_over(uow: UnitOfWork, case: Case) -> None:
    """Boundary: the last day itself is still open. Red when `<=` in `close_window` is `<`."""
    days = (SECOND - uow.today).days + settings().claim_window_days
    with pytest.raises(RuleViolation, match="2026") as refused:
        close_window(later(uow, days), case.id, "enough")
    assert [finding.code for finding in refused.value.findings] == ["claims_open"]
    assert close_window(later(uow, days + 1), case.id, "enough").unclaimed == 0


def test_closing_the_window_twice_gives_the_same_row_and_other_words_are_refused(uow: UnitOfWork, case: Case) -> None:
    """Red when `close_window` leaves out the look at the reason: other words would be taken, and kept nowhere."""
    then = later(uow, 365)
    first = close_window(then, case.id, "enough")
    assert close_window(then, case.id, "enough").id == first.id
    with pytest.raises(Conflict, match=r"closed since .* nothing was recorded"):
        close_window(then, case.id, "again")
    assert first.reason == "enough"
    assert uow.session.scalar(select(func.count()).select_from(ClaimWindow)) == 1


def test_the_steps_leave_a_case_at_another_stage_alone(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, *UP_TO_STRIKE)
    before = history_length(uow)
    calculate_claims(uow, case.id)
    close_claims(uow, case.id)
    with pytest.raises(StageError):
        close_window(uow, case.id, "why not")
    assert history_length(uow) == before
    assert case.stage is Stage.STRIKE_ACTION


def test_a_resting_case_is_left_alone(uow: UnitOfWork, case: Case, member: Member) -> None:
    paid(uow, case, member)
    happen(uow, case, (EventKind.CASE_RESTED, {"reason": "holidays", "wake_on": "2026-10-01"}))
    close_claims(uow, case.id)
    assert case.stage is Stage.PAY_REIMBURSEMENT
