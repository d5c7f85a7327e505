"""Who is entitled to vote, and that every count of them agrees."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.constituency import Voter, constituency_findings, entitled_to_vote, figures
from core.findings import Severity
from tests.days import day, maybe_day

HILL, DALE, ELSEWHERE = (UUID(int=number) for number in (1, 2, 3))
NORTH, SOUTH = UUID(int=11), UUID(int=12)
FROZEN = day("Tue 2026-10-06")


def voter(number: int = 1, **changes: object) -> Voter:
    values: dict[str, object] = {
        "member_id": UUID(int=1000 + number),
        "employer_id": NORTH,
        "workplace_id": HILL,
        "category": "teacher",
        "joined_on": date(2020, 1, 1),
        "left_on": None,
    }
    return Voter(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("joined", "left", "entitled"),
    [
        ("Tue 2026-10-06", None, True),
        ("Wed 2026-10-07", None, False),
        ("Mon 2026-09-07", "Tue 2026-10-06", True),
        ("Mon 2026-09-07", "Mon 2026-10-05", False),
        ("Tue 2026-10-06", "Tue 2026-10-06", True),
    ],
)
def test_membership_on_the_day_itself_counts(joined: str, left: str | None, entitled: bool) -> None:
    """Turns red if `<=` becomes `<` on either side of `Voter.is_member_on`."""
    member = voter(joined_on=day(joined), left_on=maybe_day(left))
    assert bool(entitled_to_vote([member], frozenset({HILL}), FROZEN)) is entitled


def test_one_person_listed_twice_votes_once() -> None:
    """Turns red if `entitled_to_vote` keeps a list instead of one entry for each member id."""
    twice = [voter(1), voter(2), voter(1, category="support staff")]
    listed = entitled_to_vote(twice, frozenset({HILL}), FROZEN)
    assert [each.member_id for each in listed] == [UUID(int=1001), UUID(int=1002)]


def test_members_of_other_workplaces_are_left_out() -> None:
    """Turns red if the workplace is not looked at (s. 227(1): those, and only those, who will be called)."""
    members = [voter(1), voter(2, workplace_id=DALE), voter(3, workplace_id=ELSEWHERE)]
    listed = entitled_to_vote(members, frozenset({HILL, DALE}), FROZEN)
    assert {each.workplace_id for each in listed} == {HILL, DALE}


def test_a_workplace_without_voters_stops() -> None:
    """Turns red if the workplaces are not compared with those of the voters."""
    (found,) = constituency_findings([voter()], frozenset({HILL, DALE}))
    assert (found.code, found.severity) == ("constituency_empty", Severity.STOP)
    assert found.sentence == "1 of the 2 workplaces has no member entitled to vote."
    (alone,) = constituency_findings([], frozenset({HILL}))
    assert alone.sentence == "The workplace has no member entitled to vote."
    (both,) = constituency_findings([], frozenset({HILL, DALE}))
    assert both.sentence == "2 of the 2 workplaces have no member entitled to vote."
    assert str(found.citation) == "TULRCA 1992, s. 227(1)"


def test_two_employers_in_one_ballot_stop() -> None:
    """Turns red if `len(employers) > 1` becomes `> 2`."""
    members = [voter(1), voter(2, workplace_id=DALE, employer_id=SOUTH)]
    (found,) = constituency_findings(members, frozenset({HILL, DALE}))
    assert (found.code, found.severity) == ("electorate_mixes_employers", Severity.STOP)
    assert str(found.citation) == "TULRCA 1992, s. 228"


def test_one_employer_with_voters_everywhere_is_fine() -> None:
    members = [voter(1), voter(2, workplace_id=DALE)]
    assert constituency_findings(members, frozenset({HILL, DALE})) == ()


REGISTER = st.lists(
    st.builds(
        voter,
        st.integers(0, 30),
        workplace_id=st.sampled_from([HILL, DALE, ELSEWHERE]),
        category=st.sampled_from(["teacher", "head teacher", "support staff"]),
        joined_on=st.dates(FROZEN - timedelta(days=3), FROZEN + timedelta(days=3)),
        left_on=st.none() | st.dates(FROZEN - timedelta(days=3), FROZEN + timedelta(days=3)),
    )
)


@given(REGISTER)
def test_the_three_totals_are_always_equal(register: list[Voter]) -> None:
    """Turns red if any of the three counts another list, as by dropping a category."""
    listed = entitled_to_vote(register, frozenset({HILL, DALE}), FROZEN)
    counted = figures(listed)
    assert counted.total == len(listed) == sum(counted.by_workplace.values()) == sum(counted.by_category.values())


@given(REGISTER, st.randoms())
def test_the_list_does_not_depend_on_the_order_of_the_register(register: list[Voter], shuffler: object) -> None:
    """Turns red if `sorted` is dropped: one person listed once, in any order, gives one list."""
    once = list({each.member_id: each for each in register}.values())
    mixed = list(once)
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    places = frozenset({HILL, DALE})
    assert entitled_to_vote(mixed, places, FROZEN) == entitled_to_vote(once, places, FROZEN)
