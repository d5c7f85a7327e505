"""Whether figures give a mandate: every threshold at its boundary and one vote below."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.mandate import ActionKind
from ballots.result import Count, QuestionResult, Result, Service, Votes, result, short_by, thresholds_for
from core.errors import BadInput
from core.law import Consultation, current_law
from core.law_changes import with_parameters
from core.nations import Nation
from tests.days import day

LAW = current_law()
STRIKE, ASOS = ActionKind.STRIKE, ActionKind.ASOS
B = {"opened_on": date(2024, 2, 12), "closed_on": date(2024, 3, 28)}
C = {"opened_on": date(2026, 9, 21), "closed_on": date(2026, 10, 19)}
A = {"opened_on": date(2016, 9, 12), "closed_on": date(2016, 10, 31)}
CHANGE = date(2026, 2, 18)


def declare(entitled: int, *questions: Votes, **facts: Any) -> Result:
    return result(Count(entitled=entitled, questions=questions, **facts), LAW)


def strike(entitled: int, yes: int, no: int, spoiled: int = 0, **facts: Any) -> QuestionResult:
    answer = declare(entitled, Votes(STRIKE, yes, no, spoiled), **facts).questions[STRIKE]
    assert answer is not None
    return answer


def test_the_first_timeline_in_england() -> None:
    """Turns red if one question's Yes serves for another, or 390 of 1,000 are enough."""
    outcome = declare(1000, Votes(STRIKE, 390, 126, 4), Votes(ASOS, 430, 86, 4), cast=520, **B)
    assert outcome.turnout is not None
    assert (outcome.turnout.cast, outcome.turnout.required, outcome.turnout.met) == (520, True, True)
    lost, won = outcome.questions[STRIKE], outcome.questions[ASOS]
    assert lost is not None
    assert won is not None
    assert (lost.majority_met, lost.support_met, lost.mandate, lost.reasons) == (
        True,
        False,
        False,
        ("support_not_met",),
    )
    assert (lost.short_by, won.mandate, won.short_by) == (10, True, 0)
    assert outcome.mandate_last_day == day("Fri 2024-09-27")
    assert [(finding.code, finding.severity) for finding in outcome.findings] == [("support_not_met", "note")]


def test_the_first_timeline_in_wales() -> None:
    """Turns red if the Welsh carve-out is lost."""
    answer = strike(1000, 390, 126, 4, nation=Nation.WALES, **B)
    assert (answer.support_required, answer.mandate) == (False, True)


@pytest.mark.parametrize(
    ("yes", "entitled", "met", "short"),
    [
        (24, 47, True, 0),
        (23, 47, False, 1),
        (25, 50, True, 0),
        (24, 49, False, 1),
        (50, 100, True, 0),
        (49, 100, False, 1),
    ],
)
def test_turnout_at_the_boundary(yes: int, entitled: int, met: bool, short: int) -> None:
    """Turns red if exactly half fails, or 49.99 per cent is rounded up."""
    answer = strike(entitled, yes, 0, **C)
    assert (answer.turnout_met, answer.mandate, answer.short_by) == (met, met, short)


def test_spoiled_papers_count_for_turnout() -> None:
    """Turns red if spoiled papers are left out of the papers returned."""
    assert strike(100, 40, 5, 5, **C).turnout_met
    assert not strike(100, 40, 5, 4, **C).turnout_met


@pytest.mark.parametrize(("yes", "met", "short"), [(400, True, 0), (399, False, 1)])
def test_support_at_the_boundary(yes: int, met: bool, short: int) -> None:
    """Turns red if exactly forty per cent fails."""
    answer = strike(1000, yes, 120, **B)
    assert (answer.support_met, answer.short_by) == (met, short)


@pytest.mark.parametrize(
    ("opened", "nation", "service", "required"),
    [
        ("Wed 2017-03-01", Nation.ENGLAND, Service.STATE_TEACHING, True),
        ("Tue 2017-02-28", Nation.ENGLAND, Service.STATE_TEACHING, False),
        ("Tue 2026-02-17", Nation.SCOTLAND, Service.STATE_TEACHING, True),
        ("Wed 2026-02-18", Nation.SCOTLAND, Service.STATE_TEACHING, False),
        ("Mon 2024-02-12", Nation.ENGLAND, Service.FURTHER_EDUCATION, True),
        ("Mon 2024-02-12", Nation.ENGLAND, Service.STATE_SUPPORT, False),
        ("Mon 2024-02-12", Nation.ENGLAND, Service.INDEPENDENT, False),
        ("Mon 2024-02-12", Nation.ENGLAND, Service.OTHER, False),
        ("Tue 2017-09-12", Nation.WALES, Service.STATE_TEACHING, True),
        ("Wed 2017-09-13", Nation.WALES, Service.STATE_TEACHING, False),
    ],
)
def test_where_and_when_support_is_required(opened: str, nation: Nation, service: Service, required: bool) -> None:
    """Turns red if the threshold is asked of another service, nation or time."""
    answer = strike(100, 90, 0, opened_on=day(opened), closed_on=date(2026, 6, 1), nation=nation, service=service)
    assert answer.support_required is required


@pytest.mark.parametrize(
    ("service", "opened", "noted"),
    [
        (Service.FURTHER_EDUCATION, "Mon 2024-02-12", True),
        (Service.FURTHER_EDUCATION, "Mon 2026-03-02", False),
        (Service.STATE_TEACHING, "Mon 2024-02-12", False),
    ],
)
def test_further_education_is_told_how_narrow_the_threshold_is(service: Service, opened: str, noted: bool) -> None:
    """Turns red if a college is held to the threshold without a word, or after its repeal."""
    outcome = declare(100, Votes(STRIKE, 90, 0), opened_on=day(opened), closed_on=date(2026, 6, 1), service=service)
    assert [finding.code for finding in outcome.findings] == (["support_scope_narrow"] if noted else [])


def test_the_law_says_whether_a_spoiled_paper_is_a_vote() -> None:
    """
    Fifty papers of a hundred, four of them spoiled: half voted by s. 297A, and not without it.

    Turns red if spoiled papers count for turnout whatever `ballots.turnout_counts_spoiled` says.
    """
    parameter = LAW.parameter("ballots.turnout_counts_spoiled")
    never = replace(parameter, values=tuple(replace(value, value=False) for value in parameter.values))
    count = Count(entitled=100, questions=(Votes(STRIKE, 40, 6, 4),), **C)
    by_law = {flag: result(count, law) for flag, law in ((True, LAW), (False, with_parameters(LAW, [never])))}
    answers = {flag: outcome.questions[STRIKE] for flag, outcome in by_law.items()}
    assert {flag: (answer.turnout_met, answer.short_by) for flag, answer in answers.items() if answer} == {
        True: (True, 0),
        False: (False, 4),
    }
    assert {flag: outcome.turnout.met for flag, outcome in by_law.items() if outcome.turnout} == {
        True: True,
        False: False,
    }


@pytest.mark.parametrize(
    ("yes", "no", "spoiled", "majority", "reasons", "short"),
    [
        (31, 30, 0, True, (), 0),
        (30, 30, 0, False, ("majority_not_met",), 1),
        (31, 29, 2, False, ("majority_contested",), 1),
        (31, 28, 2, True, (), 0),
        (29, 31, 0, False, ("majority_not_met",), 3),
    ],
)
def test_the_strict_majority(
    yes: int, no: int, spoiled: int, majority: bool, reasons: tuple[str, ...], short: int
) -> None:
    """Turns red if spoiled papers leave the denominator, or half is a majority."""
    answer = strike(100, yes, no, spoiled, **C)
    assert (answer.majority_met, answer.mandate, answer.reasons) == (majority, majority, reasons)
    assert answer.short_by == short


def test_a_contested_majority_is_a_warn_and_no_mandate() -> None:
    """Turns red if the lenient reading gives a mandate."""
    outcome = declare(100, Votes(STRIKE, 31, 29, 2), **C)
    assert not outcome.has_mandate
    assert outcome.mandate_last_day is None
    assert [(finding.code, finding.severity) for finding in outcome.findings] == [("majority_contested", "warn")]


def test_before_2017_there_was_only_the_majority() -> None:
    """Turns red if a later threshold is asked of an older ballot."""
    outcome = declare(1000, Votes(STRIKE, 11, 9), **A)
    assert outcome.turnout is not None
    assert (outcome.turnout.required, outcome.has_mandate) == (False, True)
    assert outcome.mandate_last_day == day("Sun 2016-11-27")


def test_what_is_missing_stops_where_no_question_passes() -> None:
    """Turns red if a ballot without any mandate leaves only notes."""
    outcome = declare(100, Votes(STRIKE, 20, 25), Votes(ASOS, 22, 23), **C)
    assert [(finding.where, finding.code, finding.severity) for finding in outcome.findings] == [
        ("questions.strike", "majority_not_met", "stop"),
        ("questions.strike", "turnout_not_met", "stop"),
        ("questions.asos", "majority_not_met", "stop"),
        ("questions.asos", "turnout_not_met", "stop"),
    ]
    assert all(finding.citation is not None for finding in outcome.findings)
    sentences = [finding.sentence for finding in outcome.findings]
    assert sentences[0] == "Strike action: 20 Yes of 45 papers returned is no majority."
    assert sentences[3] == "Action short of a strike: 45 of 100 entitled voted; at least half of them had to."


def test_papers_cast_are_the_largest_count_of_a_question() -> None:
    """Turns red if the questions' papers are added up, or the first question's taken."""
    outcome = declare(1000, Votes(STRIKE, 390, 126), Votes(ASOS, 430, 86, 4), **B)
    assert outcome.turnout is not None
    assert outcome.turnout.cast == 520


@pytest.mark.parametrize(
    ("facts", "questions", "words"),
    [
        ({"entitled": 100, "cast": 50}, [Votes(STRIKE, 40, 10, 1)], "question strike: found 51"),
        ({"entitled": 100, "cast": 101}, [Votes(STRIKE, 40, 10)], "cast: found 101"),
        ({"entitled": 40}, [Votes(STRIKE, 40, 1)], "cast: found 41"),
        ({"entitled": 0}, [Votes(STRIKE, 0, 0)], "entitled: found 0"),
        ({"entitled": 100}, [], "question: found 'none'"),
        ({"entitled": 100}, [Votes(STRIKE, 40, 1), Votes(STRIKE, 40, 1)], "question strike: found 'given twice'"),
        ({"entitled": 100, "cast": 60}, [Votes(STRIKE, 40, -1)], "question strike: found 'a count below 0'"),
    ],
)
def test_contradictory_figures_are_bad_input(facts: dict[str, int], questions: list[Votes], words: str) -> None:
    """Turns red if impossible figures are counted."""
    with pytest.raises(BadInput, match=words):
        Count(questions=tuple(questions), **C, **facts)  # type: ignore[arg-type]


def test_a_ballot_closed_before_it_opened_is_bad_input() -> None:
    """Turns red if the days are not compared, or one day of voting is refused."""
    assert declare(9, Votes(STRIKE, 5, 0), opened_on=CHANGE, closed_on=CHANGE).has_mandate
    with pytest.raises(BadInput, match="closes"):
        Count(entitled=9, questions=(Votes(STRIKE, 5, 0),), opened_on=CHANGE, closed_on=date(2026, 2, 17))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"nation": Nation.NORTHERN_IRELAND, **C}, "unsupported_jurisdiction"),
        ({"opened_on": date(2005, 9, 30), "closed_on": date(2005, 10, 31)}, "no_law_in_force"),
    ],
)
def test_no_law_no_answer(facts: dict[str, Any], code: str) -> None:
    """Turns red if figures are judged by no law in particular."""
    outcome = declare(100, Votes(STRIKE, 90, 0), **facts)
    assert [finding.code for finding in outcome.findings] == [code]
    assert (outcome.turnout, outcome.questions, outcome.has_mandate) == (None, {STRIKE: None}, False)


COUNTS = st.integers(0, 300)


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.sampled_from([A["opened_on"], B["opened_on"], C["opened_on"]]))
def test_short_by_is_the_least_number_that_carries(yes: int, no: int, spoiled: int, rest: int, opened: date) -> None:
    """
    Trying every number of further Yes papers finds the same least one.

    Turns red if `short_by` forgets that a further vote is a further paper, or is off by one.
    """
    wanted = thresholds_for(opened, Service.STATE_TEACHING, Consultation(LAW, Nation.ENGLAND))
    entitled, cast = yes + no + spoiled + rest + 1, yes + no + spoiled

    def carries(more: int) -> bool:
        majority = 2 * (yes + more) > cast + more
        turnout = wanted.turnout is None or 2 * (cast + more) >= entitled
        support = wanted.support is None or 5 * (yes + more) >= 2 * entitled
        return majority and turnout and support

    assert short_by(yes, cast, entitled, wanted) == next(more for more in range(2000) if carries(more))


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_further_yes_never_loses_a_mandate(yes: int, no: int, spoiled: int, rest: int) -> None:
    """Turns red if any threshold is compared the wrong way round."""
    entitled = yes + no + spoiled + rest + 1
    before = strike(entitled, yes, no, spoiled, **B)
    after = strike(entitled, yes + 1, no, spoiled, **B)
    assert after.mandate or not before.mandate
    assert before.mandate == (before.short_by == 0)
