"""What a claim pays: the payslip's figure up to the rule's."""

from __future__ import annotations

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from casework.cases import Case
from casework.pay.calculation import differences
from casework.pay.models import Claim, ClaimState
from casework.pay.steps import calculate_claims
from casework.register.models import Member
from core.findings import Severity
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from tests.builders import a_member, a_workplace, at_pay
from tests.casework.pay.claiming import A_DAY, FIRST, SECOND, calculated, given

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")


def codes(claim: Claim) -> list[str]:
    """The codes of a claim's findings."""
    return [finding["code"] for finding in claim.findings]


@pytest.mark.parametrize(
    ("payslip", "payable", "finding"),
    [
        (19_999, 19_999, ["payslip_below_rule"]),
        (20_000, 20_000, []),
        (20_001, 20_000, ["payslip_above_rule"]),
        (1, 1, ["payslip_below_rule"]),
    ],
)
def test_the_lower_of_payslip_and_rule_is_paid_and_a_difference_is_shown(
    uow: UnitOfWork, case: Case, member: Member, payslip: int, payable: int, finding: list[str]
) -> None:
    """Red when `min` in `_keep` is `max`."""
    claim = calculated(uow, case, member, given(pence=payslip))
    assert (claim.calculated_pence, claim.payable_pence) == (2 * A_DAY, payable)
    assert sum(day.pence or 0 for day in claim.days) == payable
    assert codes(claim) == finding


def test_what_it_was_calculated_from_stays_with_the_claim(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = calculated(uow, case, member)
    member.annual_salary_pence = 1
    calculate_claims(uow, case.id)
    assert (claim.annual_salary_pence, claim.fte, claim.method) == (3_650_000, "1", "actual-salary")
    assert claim.payable_pence == 2 * A_DAY


@pytest.mark.parametrize(
    ("payslip", "method", "payable"),
    [
        (16_000, "actual-salary", 16_000),
        (17_999, "actual-salary", 16_000),
        (18_001, "hours-due", 18_001),
        (20_000, "hours-due", 20_000),
        (25_000, "hours-due", 20_000),
    ],
)
def test_for_a_part_timer_the_method_nearest_to_the_payslip_is_taken(
    uow: UnitOfWork, case: Case, payslip: int, method: str, payable: int
) -> None:
    claim = calculated(uow, case, a_member(uow, case.workplace, fte="0.8"), given(pence=payslip))
    assert (claim.method, claim.payable_pence) == (method, payable)
    assert "part_time_method_unsettled" in codes(claim)


def test_the_fraction_is_that_of_the_nation(uow: UnitOfWork) -> None:
    case = at_pay(uow, FIRST, SECOND, workplace=a_workplace(uow, nation=Nation.SCOTLAND))
    member = a_member(uow, case.workplace, annual_salary_pence=2_350_000)
    claim = calculated(uow, case, member)
    assert claim.payable_pence == 2 * A_DAY
    assert "law_practitioner" in codes(claim)


@pytest.mark.parametrize(("changes", "code"), [({"annual_salary_pence": 0}, "no_salary")])
def test_what_cannot_be_calculated_waits_with_its_reason(
    uow: UnitOfWork, case: Case, changes: dict[str, int], code: str
) -> None:
    member = a_member(uow, case.workplace, **changes)
    claim = calculated(uow, case, member)
    assert (claim.state, claim.payable_pence, codes(claim)) == (ClaimState.SUBMITTED, None, [code])
    member.annual_salary_pence = 3_650_000
    calculate_claims(uow, case.id)
    assert claim.state is ClaimState.CALCULATED


def test_where_the_law_files_hold_nothing_the_claim_waits(uow: UnitOfWork) -> None:
    case = at_pay(uow, FIRST, SECOND, workplace=a_workplace(uow, nation=Nation.NORTHERN_IRELAND))
    claim = calculated(uow, case, a_member(uow, case.workplace))
    assert (claim.state, codes(claim)) == (ClaimState.SUBMITTED, ["unsupported_jurisdiction"])


@for_all(payslip=st.integers(1, 10**7), rule=st.integers(1, 10**7))
def test_a_difference_is_one_warn_and_equality_none(payslip: int, rule: int) -> None:
    found = differences(payslip, rule)
    assert len(found) == (payslip != rule)
    assert all(finding.severity is Severity.WARN and finding.citation for finding in found)
