"""Why a threshold is met or not: sums of whole numbers that agree with the result, on every date and figure."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.mandate import ActionKind
from ballots.result import Count, Service, Votes, result
from ballots.result_reasons import ResultReasons, reasons_of
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.law import current_law
from core.nations import Nation

LAW = current_law()
REGIMES = (date(2016, 5, 3), date(2024, 2, 12), date(2026, 9, 21))


def reasons(opened: date, entitled: int, yes: int, no: int, spoiled: int = 0, **facts: object) -> ResultReasons:
    votes = Votes(ActionKind.STRIKE, yes, no, spoiled)
    count = Count(opened, opened, entitled, (votes,), **facts)  # type: ignore[arg-type]
    return reasons_of(count, result(count, LAW), LAW)


def test_the_sums_of_a_ballot_in_an_important_public_service() -> None:
    told = reasons(date(2024, 2, 12), 1000, 390, 126, 4).questions[ActionKind.STRIKE]
    assert told["majority"].arithmetic == "390 × 2 = 780; 520 × 1 = 520; 780 is more than 520: met"
    assert told["turnout"].arithmetic == "520 × 2 = 1,040; 1,000 × 1 = 1,000; 1,040 is not less than 1,000: met"
    assert told["support"].arithmetic == "390 × 5 = 1,950; 1,000 × 2 = 2,000; 1,950 is less than 2,000: not met"
    assert told["support"].rule == "In an important public service at least 2/5 of those entitled must say Yes."


def test_a_threshold_that_does_not_apply_says_so() -> None:
    """Turns red if the support threshold is explained to a ballot that it is not for."""
    independent = reasons(date(2024, 2, 12), 1000, 390, 126, service=Service.INDEPENDENT)
    support = independent.questions[ActionKind.STRIKE]["support"]
    assert support.rule == "The ballot is not in an important public service: no share must say Yes."
    assert support.arithmetic == "nothing is required"
    welsh = reasons(date(2024, 2, 12), 1000, 390, 126, nation=Nation.WALES).questions[ActionKind.STRIKE]["support"]
    assert welsh.rule == "The law of the day asks for no share of those entitled to say Yes."
    old = reasons(date(2016, 5, 3), 1000, 390, 126).questions[ActionKind.STRIKE]["turnout"]
    assert old.rule == "The law of the day asks for no turnout."


def test_the_planned_end_of_the_turnout_test_is_named() -> None:
    turnout = reasons(date(2026, 9, 21), 100, 60, 10).questions[ActionKind.STRIKE]["turnout"]
    assert turnout.changes_if.startswith("a planned change of the law, end-of-turnout-test (")


def test_only_a_contested_majority_has_another_reading() -> None:
    contested = reasons(date(2026, 9, 21), 100, 40, 39, 2).questions[ActionKind.STRIKE]["majority"]
    assert "spoiled papers out" in contested.changes_if
    assert contested.arithmetic.endswith("80 is not more than 81: not met")
    assert reasons(date(2026, 9, 21), 100, 60, 10).questions[ActionKind.STRIKE]["majority"].changes_if == ""


def test_no_mandate_has_no_last_day_to_explain_and_no_law_no_reasons() -> None:
    assert reasons(date(2026, 9, 21), 100, 10, 60).mandate is None
    assert reasons(date(1990, 1, 8), 100, 60, 10) == ResultReasons({}, None)


@given(
    opened=st.sampled_from(REGIMES),
    service=st.sampled_from(Service),
    nation=st.sampled_from([Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND]),
    yes=st.integers(0, 300),
    no=st.integers(0, 300),
    spoiled=st.integers(0, 20),
    others=st.integers(1, 900),
)
def test_every_sum_ends_as_the_result_does(
    opened: date, service: Service, nation: Nation, yes: int, no: int, spoiled: int, others: int
) -> None:
    """Turns red if a sum is taken with other figures, or compares the other way, than the result."""
    votes = Votes(ActionKind.STRIKE, yes, no, spoiled)
    count = Count(opened, opened, votes.papers + others, (votes,), service=service, nation=nation)
    answered = result(count, LAW)
    question, told = answered.questions[ActionKind.STRIKE], reasons_of(count, answered, LAW)
    assert question is not None
    for name, met in (
        ("majority", question.majority_met),
        ("turnout", question.turnout_met),
        ("support", question.support_met),
    ):
        arithmetic = told.questions[ActionKind.STRIKE][name].arithmetic
        assert arithmetic == "nothing is required" or (not arithmetic.endswith("not met")) is met
    assert (told.mandate is not None) is answered.has_mandate


@pytest.mark.parametrize("entitled", [99, 100, 101])
def test_what_is_wanted_is_told_in_votes_where_the_number_entitled_is_known(entitled: int) -> None:
    step = timetable(BallotFacts(date(2026, 9, 21), date(2026, 10, 19), entitled=entitled), LAW).thresholds
    assert step is not None
    assert step.why.arithmetic == f"turnout: 1/2 of {entitled}, so at least {(entitled + 1) // 2}"
