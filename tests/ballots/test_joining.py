"""When a school may join a dispute, and when schools may vote in one ballot: the rules alone."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.joining import Joined, Joining, SchoolOfBallot, aggregate_findings, issues_before_joining
from core.findings import Severity
from tests.days import day

EMPLOYER, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
CASE = Joining(EMPLOYER, frozenset({"meetings"}), live_dispute=None, left_on=None)
DISPUTE = Joined(
    "D-2026-0001", frozenset({EMPLOYER}), frozenset({"meetings", "observation"}), settled_on=None, ballot=None
)
SETTLED = day("Mon 2026-10-05")


def codes(case: Joining, dispute: Joined) -> list[str]:
    found = issues_before_joining(case, dispute)
    assert all(each.severity is Severity.STOP and each.cure for each in found)
    return [each.code for each in found]


@pytest.mark.parametrize(
    ("case", "dispute", "found"),
    [
        ({}, {}, []),
        ({}, {"settled_on": SETTLED}, ["dispute_settled"]),
        ({"employer_id": OTHER}, {}, ["dispute_with_other_employer"]),
        ({"live_dispute": "D-2026-0002"}, {}, ["dispute_of_its_own"]),
        ({"live_dispute": "D-2026-0001"}, {}, ["dispute_joined_already"]),
        ({}, {"same_workplace": "2026-0003"}, ["workplace_in_dispute_already"]),
        ({"live_dispute": "D-2026-0001"}, {"same_workplace": "2026-0003"}, ["dispute_joined_already"]),
        ({"left_on": SETTLED}, {}, ["dispute_left"]),
        ({"issues": frozenset({"cover"})}, {}, ["dispute_over_other_matters"]),
        ({"issues": frozenset({"meetings", "cover"})}, {}, []),
        ({"issues": frozenset({"meetings", "cover"})}, {"ballot": "B-1"}, ["matters_fixed"]),
        ({"issues": frozenset({"meetings", "observation"})}, {"ballot": "B-1"}, []),
        ({"issues": frozenset({"cover"})}, {"ballot": "B-1"}, ["dispute_over_other_matters"]),
    ],
)
def test_what_keeps_a_case_from_joining(case: dict[str, object], dispute: dict[str, object], found: list[str]) -> None:
    """Turns red if one of the conditions of `issues_before_joining` is left out or turned round."""
    assert codes(replace(CASE, **case), replace(DISPUTE, **dispute)) == found


ISSUES = st.frozensets(st.sampled_from(["meetings", "observation", "cover", "ppa", "email"]), min_size=1)


@given(issues=ISSUES, matters=ISSUES, balloted=st.booleans())
def test_matters_widen_only_around_what_is_shared_and_only_before_a_ballot(
    issues: frozenset[str], matters: frozenset[str], balloted: bool
) -> None:
    """Turns red if a case may join without a shared matter, or may add one to a ballot that stands."""
    dispute = replace(DISPUTE, matters=matters, ballot="B-1" if balloted else None)
    allowed = not codes(replace(CASE, issues=issues), dispute)
    assert allowed == bool(issues & matters and (not balloted or issues <= matters))


HILL = SchoolOfBallot("Hill", frozenset({"meetings"}), "england", "state_teaching")


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, []),
        ({"issues": frozenset({"cover"})}, ["workplace_not_affected"]),
        ({"nation": "wales"}, ["aggregate_under_two_laws"]),
        ({"service": "fee_paying"}, ["aggregate_under_two_laws"]),
    ],
)
def test_what_keeps_schools_from_voting_together(other: dict[str, object], found: list[str]) -> None:
    """Turns red if a condition of `aggregate_findings` is left out (s. 228A(2))."""
    schools = [HILL, replace(HILL, name="Vale", **other)]
    assert [each.code for each in aggregate_findings(schools, frozenset({"meetings"}))] == found
    assert [each.code for each in aggregate_findings(schools[::-1], frozenset({"meetings"}))] == found


def test_one_school_is_no_aggregate() -> None:
    assert [each.code for each in aggregate_findings([HILL], frozenset({"meetings"}))] == ["aggregate_of_one"]
