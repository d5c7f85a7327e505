"""Which roles one person may hold, where, and what they reach."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.people.roles import DUTIES, NEVER_TOGETHER, Grant, Place, Reach, Role, covers, faults

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)
SCHOOL, OTHER_SCHOOL = uuid.UUID(int=3), uuid.UUID(int=4)
ME, SOMEBODY = uuid.UUID(int=5), uuid.UUID(int=6)

places = st.builds(
    Place,
    workplace_id=st.sampled_from([SCHOOL, OTHER_SCHOOL]),
    association_id=st.sampled_from([HERE, THERE, None]),
    officer_id=st.sampled_from([ME, SOMEBODY, None]),
)
grants = st.builds(
    Grant,
    role=st.sampled_from(list(Role)),
    association_id=st.sampled_from([HERE, None]),
    workplace_id=st.sampled_from([SCHOOL, None]),
).filter(lambda grant: not faults([grant]))


def test_every_role_says_what_it_is_for() -> None:
    """Turns red when a role is added without its duty."""
    assert set(DUTIES) == set(Role)


@given(grants, places)
def test_a_role_reaches_nothing_beyond_its_place(grant: Grant, place: Place) -> None:
    """Turns red if `covers` compares the association of no role that is held at one."""
    if covers(grant, place, ME):
        assert grant.role is not Role.OPERATOR
        assert grant.association_id in (None, place.association_id)
        assert grant.workplace_id in (None, place.workplace_id)
        assert grant.reach is not Reach.OWN_CASES or place.officer_id in (ME, None)


@given(places)
def test_a_role_at_an_association_does_not_reach_a_workplace_of_none(place: Place) -> None:
    """Turns red if two absent associations count as the same one."""
    everywhere = Grant(Role.NATIONAL_OFFICIAL)
    assert covers(everywhere, place, None)
    if place.association_id is None:
        assert not covers(Grant(Role.ASSOCIATION_SECRETARY, association_id=HERE), place, None)


@pytest.mark.parametrize("pair", sorted(NEVER_TOGETHER, key=sorted), ids=lambda pair: "+".join(sorted(pair)))
def test_some_roles_are_never_one_persons(pair: frozenset[Role]) -> None:
    """Turns red if the pair is taken out of the table, or the roles are compared with their places."""
    held = [_somewhere(role) for role in pair]
    assert [each.code for each in faults(held)] == ["roles_apart"]
    assert all(not faults([each]) for each in held)


@pytest.mark.parametrize(
    "grant",
    [
        Grant(Role.ASSOCIATION_SECRETARY),
        Grant(Role.CASEWORKER),
        Grant(Role.WORKPLACE_REP),
        Grant(Role.WORKPLACE_REP, association_id=HERE),
        Grant(Role.NATIONAL_OFFICIAL, association_id=HERE),
        Grant(Role.OPERATOR, workplace_id=SCHOOL),
        Grant(Role.BALLOT_TEAM, workplace_id=SCHOOL),
        Grant(Role.CASEWORKER, association_id=HERE, workplace_id=SCHOOL),
    ],
    ids=str,
)
def test_a_role_is_held_where_it_can_be(grant: Grant) -> None:
    """Turns red if a secretary of no association, or an operator of one school, passes."""
    assert [each.code for each in faults([grant])] == ["role_misplaced"]


def _somewhere(role: Role) -> Grant:
    wanted = {
        Role.WORKPLACE_REP: Grant(role, workplace_id=SCHOOL),
        Role.ASSOCIATION_SECRETARY: Grant(role, association_id=HERE),
        Role.CASEWORKER: Grant(role, association_id=HERE),
    }
    return wanted.get(role, Grant(role))
