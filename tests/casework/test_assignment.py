"""Which officer takes a case, and the reason that is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.assignment import Assignment, Candidate, choose_officer
from core.findings import Finding, Severity


def officer(key: str, open_cases: int = 0, limit: int = 5, *, active: bool = True) -> Candidate:
    """An officer of the area who has room."""
    return Candidate(key, active, open_cases, limit)


def chosen(*candidates: Candidate, declined: tuple[str, ...] = ()) -> str:
    """Who is chosen, or the code of why nobody is."""
    answer = choose_officer(candidates, area="Kent", declined=declined)
    return answer.officer_id if isinstance(answer, Assignment) else answer.code


@pytest.mark.parametrize(
    ("candidates", "wanted"),
    [
        ([officer("a", 3), officer("b", 2), officer("c", 4)], "b"),
        ([officer("b", 2), officer("a", 2)], "a"),
        ([officer("a", 4, 5), officer("b", 5, 5)], "a"),
        ([officer("a", 5, 5), officer("b", 6, 5)], "officers_at_limit"),
        ([officer("a", 0, 0)], "officers_at_limit"),
        ([officer("a", active=False), officer("b", 4)], "b"),
        ([officer("a", active=False)], "no_officer_covers_area"),
        ([], "no_officer_covers_area"),
    ],
    ids=[
        "least loaded",
        "lower id between equals",
        "the last place at a limit",
        "all at the limit",
        "a limit of none",
        "only who is active",
        "nobody active",
        "nobody at all",
    ],
)
def test_who_is_chosen(candidates: list[Candidate], wanted: str) -> None:
    assert chosen(*candidates) == wanted


def test_who_declined_is_not_asked_again() -> None:
    """Red when `declined` is not looked at: the case would go back and forth for ever."""
    assert chosen(officer("a"), officer("b", 4), declined=("a",)) == "b"
    assert chosen(officer("a"), declined=("a",)) == "no_officer_covers_area"


def test_the_reason_gives_the_load_and_names_nobody() -> None:
    answer = choose_officer([officer("a", 1), officer("b", 3)], area="Kent")
    reason = "Covers Kent and carries 1 open case, the least of the 2 officers with room there."
    assert answer == Assignment("a", reason)
    alone = choose_officer([officer("a", 2)], area="Kent")
    assert alone == Assignment("a", "The only officer with room who covers Kent; carries 2 open cases.")


@pytest.mark.parametrize("candidates", [[], [officer("a", 5, 5)]])
def test_when_nobody_can_be_chosen_a_finding_says_why_and_what_to_do(candidates: list[Candidate]) -> None:
    answer = choose_officer(candidates, area="Kent")
    assert isinstance(answer, Finding)
    assert answer.severity is Severity.STOP
    assert "Kent" in answer.sentence
    assert answer.cure


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        officer_id=st.uuids().map(str),
        active=st.booleans(),
        open_cases=st.integers(0, 9),
        open_case_limit=st.integers(0, 9),
    ),
    unique_by=lambda each: each.officer_id,
)


@given(candidates=CANDIDATES, data=st.data())
def test_the_choice_is_lawful_least_loaded_and_the_same_in_any_order(
    candidates: list[Candidate], data: st.DataObject
) -> None:
    answer = choose_officer(candidates, area="Kent")
    assert choose_officer(data.draw(st.permutations(candidates)), area="Kent") == answer
    fit = [each for each in candidates if each.active and each.open_cases < each.open_case_limit]
    if isinstance(answer, Finding):
        assert fit == []
    else:
        (taken,) = [each for each in fit if each.officer_id == answer.officer_id]
        assert taken.open_cases == min(each.open_cases for each in fit)
