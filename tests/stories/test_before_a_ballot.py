"""The rungs before a ballot, and the ways that do not lead straight up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework import repository
from casework.lifecycle import EventKind, Stage
from casework.register.models import Officer
from core.errors import BadInput, Conflict, StageError
from core.unit_of_work import reading, unit_of_work
from tests.builders import an_association, an_officer
from tests.days import day
from tests.stories.conftest import FULLY_ON_BOTH, At
from tests.stories.telling import STAFF, Story
from tests.stories.ways import ways

UP_TO_THE_OFFICER = ("raised", "members_meeting", "head_meeting", "officer_assigned")
WITH_AN_OFFICER = ("officer_members_meeting", "officer_negotiation")
BEFORE_A_BALLOT = (*UP_TO_THE_OFFICER, *WITH_AN_OFFICER)


@ways(
    "members_meeting members_meeting_held no_majority",
    "members_meeting members_meeting_held majority",
    "members_meeting case_rested",
    "members_meeting case_woken",
    "head_meeting head_letter_sent",
)
def test_members_are_not_ready_and_meet_again_in_the_new_term(at: At) -> None:
    """Turns red if a tie carries the case on, or a resting case writes to the head teacher."""
    story = at("members_meeting").on("Tue 2026-09-08")
    story.act("members_meeting_held", by=STAFF, happened_on=day("Tue 2026-09-08"), present=10, in_favour=5)
    assert story.stage is Stage.MEMBERS_MEETING
    story.act("case_rested", by=STAFF, reason="half of those present want to wait", wake_on=day("Mon 2026-11-02"))
    story.on("Mon 2026-11-02")
    assert story.kinds()[-1] is EventKind.CASE_WOKEN
    assert not story.told("model_letter_to_head")
    story.on("Wed 2026-11-04")
    story.act("members_meeting_held", by=STAFF, happened_on=day("Wed 2026-11-04"), present=11, in_favour=8)
    assert story.stage is Stage.HEAD_MEETING
    assert story.due() == {"head_answer": day("Sat 2026-11-14")}


@ways("{place} case_closed")
@pytest.mark.parametrize("place", BEFORE_A_BALLOT)
def test_members_let_it_be(at: At, place: str) -> None:
    """Turns red if a closed case keeps a deadline, or can still be acted on."""
    story = at(place).act("case_closed", reason="members no longer pursue it")
    assert (story.stage, story.due()) == (Stage.CLOSED, {})
    assert story.offers() == {"case_reopened"}
    story.on("Mon 2026-12-07")
    assert story.kinds()[-1] is EventKind.CASE_CLOSED


@ways("{place} issue_added")
@pytest.mark.parametrize("place", BEFORE_A_BALLOT)
def test_another_issue_is_added(at: At, place: str) -> None:
    """Turns red if the row of the issue is not written, or an issue counts twice."""
    story = at(place)
    story.act("issue_added", by=STAFF, issue="email").act("issue_added", by=STAFF, issue="email")
    with reading() as uow:
        codes = [row.code for row in repository.get(uow, story.case_id).issues]
    assert codes == ["email", "meetings", "observation"]


def test_no_issue_is_added_once_the_ballot_is_prepared(at: At) -> None:
    """Turns red if a dispute over two matters becomes one over three behind the voters' backs."""
    assert isinstance(at("ballot_preparation").refused("issue_added", by=STAFF, issue="email"), StageError)


@ways("head_meeting head_met adjourned", "head_meeting head_did_not_answer", "officer_assigned officer_assigned")
def test_the_head_puts_it_off_and_then_says_nothing(at: At) -> None:
    """
    The tenth day after the letter is a Friday, and all of it is the head teacher's.

    Turns red if the case is referred on the day itself (`<=` in `refer_unanswered`), or an adjournment starts the ten
    days afresh.
    """
    story = at("head_meeting")
    assert story.due() == {"head_answer": day("Fri 2026-09-18")}
    story.on("Mon 2026-09-14")
    story.act("head_met", by=STAFF, happened_on=day("Mon 2026-09-14"), answer="adjourned")
    story.on("Fri 2026-09-18")
    assert story.stage is Stage.HEAD_MEETING
    story.on("Sat 2026-09-19")
    assert story.stage is Stage.OFFICER_ASSIGNED
    assert story.events(EventKind.HEAD_DID_NOT_ANSWER)[0].happened_on == day("Sat 2026-09-19")
    assert sum(story.told("officer_assigned").values()) == 1


@ways("officer_assigned officer_declined", "officer_assigned officer_accepted")
def test_the_first_officer_declines_and_another_accepts(at: At) -> None:
    """Turns red if whoever declined is asked again, or the days to accept do not begin afresh."""
    story = at("officer_assigned")
    first = _officer(story)
    with unit_of_work("staff:test") as uow:
        second = an_officer(uow, repository.get(uow, story.case_id).workplace.association).id
    story.on("Thu 2026-09-17").act("officer_declined", reason="works at the same school")
    assert _officer(story) == second != first
    assert story.due() == {"officer_accepts": day("Sun 2026-09-20")}
    assert len(story.told("officer_assigned")) == 2
    story.on("Fri 2026-09-18").act("officer_accepted")
    assert (story.stage, story.due()) == (Stage.OFFICER_MEMBERS_MEETING, {})


def _officer(story: Story) -> object:
    with reading() as uow:
        return repository.get(uow, story.case_id).officer_id


def test_nobody_covers_the_school_until_an_officer_comes(at: At) -> None:
    """Turns red if somebody is assigned who does not cover the school, or the next look does not find the new one."""
    story = at("officer_assigned").act("officer_declined", reason="has left the association")
    assert (story.stage, _officer(story), story.due()) == (Stage.OFFICER_ASSIGNED, None, {})
    assert isinstance(story.refused("officer_accepted"), StageError)
    with unit_of_work("staff:test") as uow:
        new: Officer = an_officer(uow, repository.get(uow, story.case_id).workplace.association)
    story.on("Mon 2026-09-28").act("issue_added", by=STAFF, issue="email")
    assert _officer(story) == new.id


@ways("officer_assigned officer_assigned", "officer_assigned officer_accepted")
def test_an_officer_from_next_door_is_assigned_by_hand(at: At) -> None:
    """Turns red if one who is assigned can be passed over, or the one chosen is not told and given days to accept."""
    story = at("officer_assigned")
    first = _officer(story)
    with unit_of_work("staff:test") as uow:
        neighbour: Officer = an_officer(uow, an_association(uow, name="Next door"))
        gone: Officer = an_officer(uow, an_association(uow, name="Far away"), active=False)
    chosen = {"officer": neighbour.id, "reason": "nobody else has room"}
    assert isinstance(story.refused("officer_assigned", **chosen), Conflict)
    story.on("Thu 2026-09-17").act("officer_declined", reason="works at the same school")
    assert (story.stage, _officer(story)) == (Stage.OFFICER_ASSIGNED, None)
    assert isinstance(story.refused("officer_assigned", officer=gone.id, reason="was here once"), BadInput)
    story.act("officer_assigned", by=STAFF, **chosen)
    assert _officer(story) == neighbour.id != first
    assert story.due() == {"officer_accepts": day("Sun 2026-09-20")}
    assert story.told("officer_assigned")[f"officer:{neighbour.id}"] == 1
    story.act("officer_accepted")
    assert story.stage is Stage.OFFICER_MEMBERS_MEETING


@ways(
    "officer_negotiation negotiation_held adjourned",
    "officer_negotiation negotiation_held refused",
    "ballot_preparation dispute_declared",
)
def test_negotiation_fails_at_the_second_meeting(at: At) -> None:
    """Turns red if an adjournment leads to a ballot, or the employer is not told what the dispute is about."""
    story = at("officer_negotiation").on("Mon 2026-10-05")
    story.act("negotiation_held", happened_on=day("Mon 2026-10-05"), answer="adjourned").on("Fri 2026-10-09")
    assert story.stage is Stage.OFFICER_NEGOTIATION
    story.act("negotiation_held", happened_on=day("Fri 2026-10-09"), answer="refused").act("dispute_declared")
    assert sum(story.told("dispute_notified").values()) == 2
    assert isinstance(story.refused("dispute_declared"), Conflict)


@ways("head_meeting head_met accepted", "settled case_closed")
def test_it_settles_with_the_head_and_nobody_wants_it_watched(at: At) -> None:
    """Turns red if a settled case cannot be closed without monitoring."""
    story = at("head_meeting").on("Tue 2026-09-15")
    story.act("head_met", by=STAFF, happened_on=day("Tue 2026-09-15"), answer="accepted")
    story.act("case_closed", reason="the head teacher retires and the calendar stands")
    assert (story.stage, story.due()) == (Stage.CLOSED, {})


def test_nothing_happens_tomorrow_or_before_its_stage_began(at: At) -> None:
    """Turns red if `_check_day` lets a meeting be recorded for a day that has not come, or before the letter went."""
    story = at("head_meeting").on("Tue 2026-09-15")
    for on in (story.today + timedelta(days=1), day("Mon 2026-09-07")):
        assert isinstance(story.refused("head_met", by=STAFF, happened_on=on, answer="refused"), BadInput)


@ways("raised members_meeting_arranged", "head_meeting head_met refused", "officer_members_meeting assessment_recorded")
def test_it_goes_straight_up_to_a_ballot(at: At) -> None:
    """Turns red if a rung is left out, or entered on another day than the one on which it was reached."""
    story = at("ballot_preparation")
    assert story.ladder == list(Stage)[:7]
    with reading() as uow:
        assert repository.get(uow, story.case_id).entered_on == day("Mon 2026-10-05")


@ways("ballot_result case_closed")
@FULLY_ON_BOTH
def test_members_won_and_let_it_be(at: At) -> None:
    """Turns red if a case with a mandate cannot be closed, or its last day is still waited for."""
    story = at("mandate").act("case_closed", reason="the head teacher has left")
    assert (story.stage, story.due()) == (Stage.CLOSED, {})
