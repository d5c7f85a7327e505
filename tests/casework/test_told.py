"""What members hear before there is a dispute: of their meeting, and who their officer is."""

from __future__ import annotations

from collections import Counter

import pytest

from casework import handlers, repository
from casework.lifecycle import EventKind
from core.unit_of_work import UnitOfWork
from notifications import listing
from notifications.models import Notice
from tests.builders import UP_TO_HEAD, a_case, a_member, a_workplace, an_officer, happen, later

pytestmark = pytest.mark.engines("sqlite")
K = EventKind


def of_kind(uow: UnitOfWork, kind: str) -> list[Notice]:
    """The notices of a kind."""
    return uow.session.query(Notice).filter_by(kind=kind).all()


def test_each_member_of_the_workplace_is_called_to_the_meeting(uow: UnitOfWork) -> None:
    """Turns red if `_follow` leaves out `tell_of`, or members of other workplaces are called."""
    place = a_workplace(uow)
    members = [a_member(uow, place) for _ in range(3)]
    a_member(uow, a_workplace(uow))
    case = a_case(uow, place, ("meetings", "email"))
    handlers.record(uow, case.id, K.MEMBERS_MEETING_ARRANGED, {"meets_on": uow.today})
    calls = of_kind(uow, "meeting_call")
    assert Counter(each.recipient_key for each in calls) == {f"member:{each.id}": 1 for each in members}
    assert len(calls[0].facts["issues"]) == 2
    assert {each.subject_ref for each in calls} == {f"case:{case.id}"}
    assert not any(
        other.name in calls[0].body.decode() for other in members[1:] if calls[0].recipient_name != other.name
    )


def test_the_same_form_sent_twice_calls_nobody_twice(uow: UnitOfWork) -> None:
    """Turns red if `record` tells members before it looks for its key."""
    place = a_workplace(uow)
    a_member(uow, place)
    case = a_case(uow, place)
    for _ in range(2):
        handlers.record(uow, case.id, K.MEMBERS_MEETING_ARRANGED, {"meets_on": uow.today}, key="form-1")
    assert len(of_kind(uow, "meeting_call")) == 1


def test_nobody_is_called_to_a_meeting_that_is_over(uow: UnitOfWork) -> None:
    """Turns red if `_call_to_meeting` does not look at the day: what was arranged may be recorded afterwards."""
    place = a_workplace(uow)
    a_member(uow, place)
    case = a_case(uow, place)
    after = later(uow, 3)
    handlers.record(after, case.id, K.MEMBERS_MEETING_ARRANGED, {"meets_on": uow.today})
    assert not of_kind(uow, "meeting_call")


def test_members_hear_who_their_officer_is_once_the_officer_accepted(uow: UnitOfWork) -> None:
    """Turns red if members are told at the assignment: an officer may decline."""
    place = a_workplace(uow)
    a_member(uow, place)
    case = a_case(uow, place)
    happen(uow, case, *UP_TO_HEAD, (K.HEAD_MET, {"answer": "refused"}))
    officer = an_officer(uow, place.association)
    happen(uow, case, (K.OFFICER_ASSIGNED, {"officer_id": str(officer.id), "reason": "the only one"}))
    assert not of_kind(uow, "officer_introduced")
    happen(uow, case, K.OFFICER_ACCEPTED)
    (told,) = of_kind(uow, "officer_introduced")
    assert officer.name in told.body.decode()
    assert repository.get(uow, case.id).officer_id == officer.id
    assert listing.about(uow, f"case:{case.id}")
