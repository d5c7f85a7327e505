"""The deduction for days of strike: exact shares, rounded once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.pay.deduction import Deduction, Method, StrikePay, deduction, round_half_up, shares
from core.errors import BadInput
from core.law import current_law
from core.nations import Nation
from tests.days import day

LAW = current_law()
TUESDAY = day("Tue 2026-12-01")


def deduct(salary: str, days: int = 1, **facts: Any) -> Deduction:
    struck = tuple(TUESDAY + timedelta(days=offset) for offset in range(days))
    return deduction(StrikePay(annual_salary=Decimal(salary), days=struck, **facts), LAW)


def pence(outcome: Deduction) -> list[int]:
    assert outcome.days is not None
    return [each.deduction_pence for each in outcome.days]


def codes(outcome: Deduction) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in outcome.findings]


@pytest.mark.parametrize(
    ("salary", "facts", "total"),
    [
        ("36500.00", {}, 10000),
        ("36500.00", {"day_fraction": Fraction(1, 2)}, 5000),  # half a day: 1/730
        ("40000.00", {}, 10959),  # 10958.90
        ("36500.00", {"fte": Fraction(4, 5), "method": Method.ACTUAL_SALARY}, 8000),
        ("36500.00", {"fte": Fraction(4, 5), "method": Method.HOURS_DUE}, 10000),
        ("36500.00", {"fte": Fraction(4, 5), "method": Method.HOURS_DUE, "day_fraction": Fraction(1, 2)}, 5000),
        ("26100.00", {"fraction": Fraction(1, 260)}, 10038),
        ("23500.00", {"nation": Nation.SCOTLAND}, 10000),
    ],
)
def test_one_day(salary: str, facts: dict[str, Any], total: int) -> None:
    """Turns red if the working-day fraction (1/260) is used, or a part-timer's day is reckoned the other way."""
    assert deduct(salary, **facts).total_pence == total


@pytest.mark.parametrize(("salary", "total"), [("0.05", 3), ("0.049999999", 2), ("0.03", 2), ("0.01", 1)])
def test_a_half_penny_goes_up(salary: str, total: int) -> None:
    """Turns red if halves go to the even penny, as Decimal and `round` have them."""
    assert deduct(salary, fraction=Fraction(1, 2)).total_pence == total


def test_the_total_is_rounded_once_and_the_days_sum_to_it() -> None:
    """Turns red if each day is rounded by itself (3 x 10958.90 would make 32877)."""
    outcome = deduct("40000.00", 3)
    assert outcome.total_pence == 32877
    assert pence(outcome) == [10959, 10959, 10959]
    outcome = deduct("40001.00", 3)  # 10959.178 a day
    assert (outcome.total_pence, pence(outcome)) == (32878, [10960, 10959, 10959])


def test_days_are_printed_in_order() -> None:
    """Turns red if the days stand as they were typed."""
    later, sooner = day("Wed 2026-12-02"), TUESDAY
    outcome = deduction(StrikePay(Decimal(36500), (later, sooner)), LAW)
    assert outcome.days is not None
    assert [each.date for each in outcome.days] == [sooner, later]


def test_each_day_has_the_law_of_its_own() -> None:
    """Turns red if the first day's fraction serves for all (Scotland changed on 1 September 2011)."""
    days = (day("Wed 2011-08-31"), day("Thu 2011-09-01"))
    outcome = deduction(StrikePay(Decimal("61335.00"), days, nation=Nation.SCOTLAND), LAW)
    assert pence(outcome) == [23500, 26100]
    assert codes(outcome) == [("law_practitioner", "warn"), ("law_practitioner", "warn")]


def test_the_source_is_given_and_none_for_the_contract_s_own_fraction() -> None:
    """Turns red if a figure is printed without where it comes from."""
    assert deduct("36500").citation is not None
    assert "3.2" in str(deduct("36500").citation)
    assert deduct("36500", fraction=Fraction(1, 260)).citation is None


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, []),
        ({"fte": Fraction(4, 5)}, [("part_time_method_unsettled", "warn")]),
        ({"fte": Fraction(4, 5), "method": Method.HOURS_DUE}, []),
        ({"nation": Nation.SCOTLAND}, [("law_practitioner", "warn")]),
        ({"nation": Nation.SCOTLAND, "fraction": Fraction(1, 235)}, []),
    ],
)
def test_warns(facts: dict[str, Any], found: list[tuple[str, str]]) -> None:
    """Turns red if what is not settled is passed over in silence."""
    assert codes(deduct("36500", **facts)) == found


def test_a_fraction_of_practice_says_what_it_rests_on() -> None:
    """Turns red if the note of the law file does not reach the reader."""
    (finding,) = deduct("23500", nation=Nation.SCOTLAND).findings
    assert finding.sentence.startswith("The fraction 1/235 rests on practice. The daily rate of the handbook")


def test_a_weekend_is_a_warn() -> None:
    """Turns red if Saturday is taken for a day of work."""
    assert codes(deduct("36500", 5)) == [("day_not_worked", "warn")]  # Tuesday to Saturday


@pytest.mark.parametrize(
    ("days", "nation", "code"),
    [
        (("Fri 1999-12-31",), Nation.ENGLAND, "no_law_in_force"),
        (("Sat 2000-01-01", "Fri 1999-12-31"), Nation.SCOTLAND, "no_law_in_force"),
        (("Tue 2026-12-01",), Nation.NORTHERN_IRELAND, "unsupported_jurisdiction"),
    ],
)
def test_no_law_no_figure(days: tuple[str, ...], nation: Nation, code: str) -> None:
    """Turns red if a figure is made up where the files hold no law."""
    outcome = deduction(StrikePay(Decimal(36500), tuple(map(day, days)), nation=nation), LAW)
    assert codes(outcome) == [(code, "stop")]
    assert (outcome.days, outcome.total_pence, outcome.citation) == (None, None, None)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"annual_salary": Decimal(0)}, "annual-salary"),
        ({"annual_salary": Decimal(-1)}, "annual-salary"),
        ({"annual_salary": Decimal("NaN")}, "annual-salary"),
        ({"days": ()}, "days: found 'none'"),
        ({"days": (TUESDAY, TUESDAY)}, "days: found 'a date given twice'"),
        ({"fte": Fraction(0)}, "fte: found '0'"),
        ({"fte": Fraction(6, 5)}, "fte: found '6/5'"),
        ({"day_fraction": Fraction(3, 2)}, "day-fraction"),
        ({"fraction": Fraction(2)}, "fraction: found '2'"),
    ],
)
def test_impossible_amounts_are_bad_input(facts: dict[str, Any], words: str) -> None:
    """Turns red if an impossible amount is reckoned with."""
    with pytest.raises(BadInput, match=words):
        StrikePay(**{"annual_salary": Decimal(36500), "days": (TUESDAY,), **facts})


AMOUNTS = st.fractions(min_value=0, max_value=10**6, max_denominator=10**4)


@given(st.lists(AMOUNTS, min_size=1, max_size=40))
def test_shares_sum_to_the_total_and_stay_within_a_penny(exact: list[Fraction]) -> None:
    """Turns red if a remainder is lost or given twice."""
    total = round_half_up(sum(exact, Fraction(0)))
    split = shares(total, exact)
    assert sum(split) == total
    assert all(amount - 1 < share < amount + 1 for share, amount in zip(split, exact, strict=True))


@given(AMOUNTS)
def test_half_up_is_the_nearest(amount: Fraction) -> None:
    """Turns red if a half goes down, or the floor is taken."""
    assert Fraction(-1, 2) < round_half_up(amount) - amount <= Fraction(1, 2)


@given(st.decimals(min_value=1, max_value=200000, places=2), st.integers(1, 20))
def test_more_days_never_cost_less(salary: Decimal, count: int) -> None:
    """Turns red if the total does not grow with the days."""
    days = tuple(date(2026, 11, 2) + timedelta(days=offset) for offset in range(count + 1))
    fewer = deduction(StrikePay(salary, days[:-1]), LAW).total_pence
    more = deduction(StrikePay(salary, days), LAW).total_pence
    assert fewer is not None
    assert more is not None
    assert fewer <= more
