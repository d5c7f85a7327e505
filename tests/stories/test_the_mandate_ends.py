"""
The mandate of 17 November 2026 ends on 16 November 2027 at midnight, wherever the case stands.

Action short of a strike goes on beside whatever else a case does, and stops on that day everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from casework.lifecycle import EventKind, Stage
from core.errors import RuleViolation, StageError
from tests.days import day
from tests.sampling import every
from tests.stories.climb import CARRIED, SECOND_COUNT
from tests.stories.conftest import At
from tests.stories.telling import SECOND, Story
from tests.stories.ways import ways

# The same rungs again on another engine would tell nothing new.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

LAST_DAY, DAY_AFTER = "Tue 2027-11-16", "Wed 2027-11-17"


def _stands(story: Story) -> None:
    """Nothing else happens for ten months."""


def _talks_go_on(story: Story) -> None:
    story.act("escalation_meeting_held", happened_on=day("Mon 2027-01-11"), present=10, in_favour=4)


def _a_ballot_is_prepared(story: Story) -> None:
    story.on("Mon 2027-10-04").act("negotiation_held", happened_on=day("Mon 2027-10-04"), answer="refused")
    story.ballot("Mon 2027-11-08", "Mon 2027-12-06", ["strike", "asos"])


def _members_vote_again(story: Story) -> None:
    _a_ballot_is_prepared(story)
    story.on("Fri 2027-10-29").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Mon 2027-11-08")


def _days_are_not_recorded_yet(story: Story) -> None:
    story.on("Mon 2027-10-25").strike("Tue 2027-10-26", "Mon 2027-11-15", LAST_DAY)


def _pay_is_owed(story: Story) -> None:
    story.struck("Wed 2027-01-27", 7).struck("Thu 2027-01-28", 6).on("Fri 2027-01-29")


WAITING: Mapping[str, tuple[str, Callable[[Story], None]]] = {
    "asos_in_force": ("asos_in_force", _stands),
    "officer_negotiation": ("strike_escalation", _talks_go_on),
    "ballot_preparation": ("strike_escalation", _a_ballot_is_prepared),
    "ballot_open": ("strike_escalation", _members_vote_again),
    "ballot_result": (SECOND_COUNT, _stands),
    "strike_escalation": ("strike_escalation", _stands),
    "strike_action": ("strike_escalation", _days_are_not_recorded_yet),
    "pay_reimbursement": ("strike_action", _pay_is_owed),
}
THEN = {"asos_in_force": Stage.OFFICER_NEGOTIATION}


@ways("{rung} asos_ended")
@pytest.mark.parametrize("rung", every(3, WAITING))
def test_action_stops_with_it(at: At, rung: str) -> None:
    """Turns red if members are told to stop a day late, or not at all, or twice; or the case is thrown off its rung."""
    begins, goes_on = WAITING[rung]
    story = at(begins)
    goes_on(story)
    story.on("Mon 2027-11-15")
    assert (story.stage, story.told("stand_down")) == (Stage(rung), {})
    story.on(LAST_DAY)
    assert (len(story.told("stand_down")), EventKind.ASOS_ENDED in story.kinds()) == (12, False)
    story.on(DAY_AFTER).on("Thu 2027-11-18")
    assert story.events(EventKind.ASOS_ENDED)[0].happened_on == day(DAY_AFTER)
    assert set(story.told("stand_down").values()) == {1}
    assert story.stage is THEN.get(rung, Stage(rung))


@ways("asos_authorised asos_authorised", "asos_authorised asos_ended")
def test_it_ends_before_the_action_that_was_put_off(at: At) -> None:
    """
    Notice for 7 December comes on the thirtieth, too late; a first day in November is named, and never notified.

    Turns red if action begins without notice in time, or authorised action outlives its mandate.
    """
    story = at("mandate").act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    story.act("action_notices_approved", by=SECOND).on("Mon 2026-11-30").arrives("notice_of_action")
    story.on("Tue 2026-12-08").act("asos_authorised", instructions=[2], starts_on=day("Mon 2027-11-15"))
    assert story.stage is Stage.ASOS_AUTHORISED
    story.on(DAY_AFTER)
    assert story.stage is Stage.OFFICER_NEGOTIATION
    assert EventKind.ASOS_BEGAN not in story.kinds()


def test_action_goes_on_without_a_gap_under_a_new_mandate(at: At) -> None:
    """
    A second ballot in October carries action on from 17 November. Turns red if members are told to stop and to start
    again, or if the second notice is not owed.
    """
    story = at(SECOND_COUNT).act("result_declared", **CARRIED)
    story.on("Wed 2027-11-03").arrives("ballot_result_employer")
    story.act("asos_authorised", instructions=[2, 6], starts_on=day(DAY_AFTER))
    story.act("action_notices_approved", by=SECOND).on("Fri 2027-11-05").arrives("notice_of_action")
    story.on(LAST_DAY).on(DAY_AFTER)
    assert story.stage is Stage.ASOS_IN_FORCE
    assert not story.told("stand_down")
    assert len(story.events(EventKind.ASOS_BEGAN)) == 2


def test_after_it_no_strike_can_be_authorised(at: At) -> None:
    """Turns red if the mandate of last year still covers a strike: members have to be asked again."""
    story = at("strike_escalation").on(DAY_AFTER)
    assert isinstance(story.refused("strike_authorised", days=[day("Mon 2027-12-06")]), RuleViolation)


def test_after_it_no_other_action_can_be_authorised(at: At) -> None:
    """Turns red if a case without a mandate keeps the stage at which action is authorised."""
    story = at("asos_in_force").on(DAY_AFTER)
    refusal = story.refused("asos_authorised", instructions=[2], starts_on=day("Mon 2027-12-06"))
    assert isinstance(refusal, StageError)


@ways("asos_authorised action_notice_served", "asos_authorised asos_began", "asos_in_force escalation_sought")
def test_action_begins_by_itself_on_its_day(at: At) -> None:
    """Turns red if action begins before its day, or waits for a person."""
    story = at("asos_authorised")
    assert story.kinds()[-1] is EventKind.ACTION_NOTICE_SERVED
    story.on("Sun 2026-12-06")
    assert story.stage is Stage.ASOS_AUTHORISED
    story.on("Mon 2026-12-07")
    assert story.stage is Stage.ASOS_IN_FORCE
    story.on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))
    assert story.stage is Stage.STRIKE_ESCALATION
