"""Taking a claim in: its days, its claimant, and what approvers are warned of."""

from __future__ import annotations

from datetime import date

import pytest

from casework.cases import Case
from casework.lifecycle import EventKind, Stage
from casework.pay.approvals import refuse
from casework.pay.claims import claims_of, in_membership, round_of, strike_days, submit, unclaimed
from casework.pay.models import Claim, ClaimState
from casework.register.models import Member
from core import history
from core.calendar import in_words
from core.errors import BadInput, Conflict, NotFound, RuleViolation, StageError
from core.unit_of_work import UnitOfWork
from tests.builders import UP_TO_RESULT, UP_TO_STRIKE, a_case, a_member, a_workplace, at_pay, happen
from tests.builders import strike_days as held
from tests.casework.pay.claiming import FIRST, SECOND, given


def codes(claim: Claim) -> list[str]:
    """The codes of a claim's findings."""
    return [finding["code"] for finding in claim.findings]


def test_a_claim_is_for_the_strike_days_that_the_case_recorded(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = submit(uow, case.id, member.membership_number, given())
    assert claim.state is ClaimState.SUBMITTED
    assert [day.on for day in claim.days] == [FIRST, SECOND]
    assert claim.payslip_pence == 20_000
    assert claim.submitted_on == uow.today


@pytest.mark.parametrize("day", [date(2026, 6, 1), date(2026, 6, 4)], ids=["the day before", "the day after"])
def test_a_day_that_was_no_strike_day_is_refused_by_name(
    uow: UnitOfWork, case: Case, member: Member, day: date
) -> None:
    """Red when `_faults` drops `if day not in held`, or does not say which days were held."""
    with pytest.raises(RuleViolation) as refused:
        submit(uow, case.id, member.membership_number, given(FIRST, day))
    assert [finding.code for finding in refused.value.findings] == ["not_a_strike_day"]
    sentence = refused.value.findings[0].sentence
    assert sentence.startswith(in_words(day))
    assert sentence.endswith(f"one was on {in_words(FIRST)}; one was on {in_words(SECOND)}.")
    assert refused.value.findings[0].citation is not None
    assert claims_of(uow, case.id) == []


def test_a_day_is_never_claimed_twice_even_in_another_case(uow: UnitOfWork, member: Member, case: Case) -> None:
    """Red when `_faults` drops `elif day in taken`; the unique key then still holds."""
    submit(uow, case.id, member.membership_number, given(FIRST))
    other = at_pay(uow, FIRST, workplace=case.workplace, issue="email")
    with pytest.raises(RuleViolation, match="claimed already"):
        submit(uow, other.id, member.membership_number, given(FIRST))


@pytest.mark.parametrize(
    ("joined_on", "left_on", "day", "member_that_day"),
    [
        (date(2026, 6, 2), None, date(2026, 6, 1), False),
        (date(2026, 6, 2), None, date(2026, 6, 2), True),
        (date(2020, 1, 1), date(2026, 6, 2), date(2026, 6, 2), True),
        (date(2020, 1, 1), date(2026, 6, 2), date(2026, 6, 3), False),
    ],
)
def test_membership_counts_its_first_and_last_day(
    joined_on: date, left_on: date | None, day: date, member_that_day: bool
) -> None:
    assert in_membership(Member(joined_on=joined_on, left_on=left_on), day) is member_that_day


def test_a_claimant_who_was_not_yet_a_member_is_refused_that_day(uow: UnitOfWork, case: Case) -> None:
    """Red when `_faults` drops the test of membership."""
    late = a_member(uow, case.workplace, joined_on=SECOND)
    with pytest.raises(RuleViolation) as refused:
        submit(uow, case.id, late.membership_number, given())
    assert [(each.code, each.where) for each in refused.value.findings] == [("not_in_membership", "days")]
    assert in_words(FIRST) in refused.value.findings[0].sentence


def test_a_second_claim_of_the_round_is_a_conflict(uow: UnitOfWork, case: Case, member: Member) -> None:
    submit(uow, case.id, member.membership_number, given(FIRST))
    with pytest.raises(Conflict, match="stands already"):
        submit(uow, case.id, member.membership_number, given(SECOND))


def test_a_refused_claim_may_be_made_afresh_with_the_same_days(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `refuse` keeps the claim's days."""
    claim = submit(uow, case.id, member.membership_number, given())
    refuse(uow, case.id, claim.id, "the payslip shows another month")
    again = submit(uow, case.id, member.membership_number, given(evidence="b" * 64))
    assert again.id == claim.id
    assert (again.state, again.submissions, again.evidence_sha256) == (ClaimState.SUBMITTED, 2, "b" * 64)
    assert [day.on for day in again.days] == [FIRST, SECOND]


def test_an_unknown_membership_number_is_not_repeated_in_the_error(uow: UnitOfWork, case: Case) -> None:
    with pytest.raises(BadInput) as refused:
        submit(uow, case.id, "998877", given())
    assert "998877" not in str(refused.value)
    assert refused.value.field == "membership_number"


def test_nothing_is_claimed_before_pay_is_owed(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, *UP_TO_RESULT)
    member = a_member(uow, case.workplace)
    with pytest.raises(StageError, match=Stage.BALLOT_RESULT):
        submit(uow, case.id, member.membership_number, given())


def test_a_case_that_is_not_there_is_not_found(uow: UnitOfWork, member: Member) -> None:
    with pytest.raises(NotFound):
        submit(uow, member.id, member.membership_number, given())


def test_a_claimant_of_another_workplace_is_a_warn(uow: UnitOfWork, case: Case) -> None:
    elsewhere = a_member(uow, a_workplace(uow))
    claim = submit(uow, case.id, elsewhere.membership_number, given())
    assert codes(claim) == ["works_elsewhere"]
    assert claim.findings[0]["severity"] == "warn"


def test_one_payslip_for_two_members_is_a_warn_on_the_second(uow: UnitOfWork, case: Case, member: Member) -> None:
    first = submit(uow, case.id, member.membership_number, given())
    second = submit(uow, case.id, a_member(uow, case.workplace).membership_number, given())
    assert codes(first) == []
    assert codes(second) == ["payslip_seen_before"]


def test_whoever_was_in_membership_on_a_strike_day_is_waited_for(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `unclaimed` looks at today's members only: who left after the strike would be lost."""
    left = a_member(uow, case.workplace, left_on=FIRST)
    a_member(uow, case.workplace, joined_on=date(2026, 6, 4))
    a_member(uow, case.workplace, left_on=date(2026, 6, 1))
    assert set(unclaimed(uow, case.id)) == {member.id, left.id}
    submit(uow, case.id, member.membership_number, given())
    assert unclaimed(uow, case.id) == [left.id]


def test_a_second_strike_is_a_second_round_in_which_the_same_member_claims(
    uow: UnitOfWork, case: Case, member: Member
) -> None:
    """Red when a claim is unique for case and member alone."""
    claim = submit(uow, case.id, member.membership_number, given())
    refuse(uow, case.id, claim.id, "nothing was deducted")
    happen(uow, case, EventKind.CLAIMS_SETTLED)
    third = date(2026, 7, 1)
    happen(uow, case, EventKind.STRIKE_NOTICE_SERVED, *held(third), EventKind.STRIKE_OVER)
    assert round_of(uow, case.id) == 2
    assert strike_days(uow, case.id, in_round=2) == {third}
    assert strike_days(uow, case.id) == {FIRST, SECOND, third}
    assert unclaimed(uow, case.id) == [member.id]
    late = submit(uow, case.id, member.membership_number, given(FIRST, third))
    assert late.id != claim.id
    assert unclaimed(uow, case.id) == []


def test_a_case_without_strike_days_waits_for_nobody(uow: UnitOfWork) -> None:
    case = a_case(uow)
    a_member(uow, case.workplace)
    happen(uow, case, *UP_TO_STRIKE)
    assert unclaimed(uow, case.id) == []


def test_history_holds_ids_and_digests_of_a_claim_but_no_membership_number(
    uow: UnitOfWork, case: Case, member: Member
) -> None:
    claim = submit(uow, case.id, member.membership_number, given())
    entries = uow.session.query(history.HistoryEntry).filter_by(subject=claim.ref).all()
    assert [entry.action for entry in entries] == ["pay:claim:submitted"]
    assert member.membership_number not in str(entries[0].facts)
    assert member.name not in str(entries[0].facts)
