"""Queries over cases."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from casework import repository
from casework.lifecycle import EventKind, Stage
from core.errors import NotFound
from core.unit_of_work import UnitOfWork
from tests.builders import UP_TO_HEAD, UP_TO_NEGOTIATION, a_case, a_member, a_workplace, an_officer, happen

K = EventKind


def test_a_case_is_found_by_reference_and_by_id(uow: UnitOfWork) -> None:
    case = a_case(uow)
    assert repository.find(uow, case.ref) == case
    assert repository.find(uow, str(case.id)) == case
    assert repository.get(uow, case.id, for_update=True) == case


@pytest.mark.parametrize("key", ["2026-9999", "nonsense", str(uuid.UUID(int=1))])
def test_a_case_that_is_not_there_is_not_found(uow: UnitOfWork, key: str) -> None:
    with pytest.raises(NotFound, match=key):
        repository.find(uow, key)


def test_events_come_oldest_first_and_the_last_of_a_kind_is_the_last(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD, (K.HEAD_MET, {"answer": "adjourned"}), (K.HEAD_MET, {"answer": "refused"}))
    assert [event.kind for event in repository.events_of(uow, case.id)][-2:] == [K.HEAD_MET, K.HEAD_MET]
    last = repository.last_event(uow, case.id, K.HEAD_MET)
    assert last is not None
    assert last.facts == {"answer": "refused"}
    assert repository.last_event(uow, case.id, K.CASE_CLOSED) is None


def test_members_of_today_are_those_in_membership_at_the_workplace(uow: UnitOfWork) -> None:
    """Boundary: the first and the last day of membership count. Red when either comparison is strict."""
    workplace = a_workplace(uow)
    day = timedelta(days=1)
    counted = [
        a_member(uow, workplace),
        a_member(uow, workplace, joined_on=uow.today),
        a_member(uow, workplace, left_on=uow.today),
    ]
    a_member(uow, workplace, joined_on=uow.today + day)
    a_member(uow, workplace, left_on=uow.today - day)
    a_member(uow, a_workplace(uow))
    assert {row.id for row in repository.members_at(uow, workplace.id)} == {row.id for row in counted}


def test_an_officer_carries_the_cases_that_are_not_closed(uow: UnitOfWork) -> None:
    workplace = a_workplace(uow)
    officer = an_officer(uow, workplace.association)
    for closed, issue in ((False, "meetings"), (False, "email"), (True, "observation")):
        case = a_case(uow, workplace, (issue,))
        happen(uow, case, *UP_TO_NEGOTIATION)
        case.officer_id = officer.id
        if closed:
            case.stage = Stage.CLOSED
    uow.session.flush()
    a_case(uow, workplace, ("observation",))
    assert repository.open_cases_by_officer(uow, [officer, an_officer(uow)]) == {officer.id: 2}


def test_only_the_officers_of_an_association_cover_its_area(uow: UnitOfWork) -> None:
    """Red when every officer is found: one of another area would be assigned."""
    workplace = a_workplace(uow)
    made = [an_officer(uow, workplace.association) for _ in range(2)]
    an_officer(uow)
    assert repository.officers_of(uow, workplace.association_id) == sorted(made, key=lambda row: row.id)
    assert repository.officers_of(uow, None) == []


def test_every_officer_is_listed_in_one_order(uow: UnitOfWork) -> None:
    made = [an_officer(uow) for _ in range(3)]
    assert repository.officers(uow) == sorted(made, key=lambda row: row.id)
