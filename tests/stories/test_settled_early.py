"""Two cases that never needed a ballot."""

from __future__ import annotations

from casework.deadlines import open_deadlines
from casework.disputes import dispute_of
from casework.lifecycle import EventKind, Stage
from core.unit_of_work import reading
from tests.days import day
from tests.stories.climb import CLAUSES
from tests.stories.conftest import FULLY_ON_BOTH, At
from tests.stories.telling import STAFF, Story
from tests.stories.ways import ways


def nothing_is_open(story: Story) -> bool:
    with reading() as uow:
        return not open_deadlines(uow, story.case_id) and dispute_of(uow, story.case_id) is None


@FULLY_ON_BOTH
def test_the_head_agrees_at_the_first_meeting(at: At) -> None:
    """Turns red if the letter is not sent by itself, or its deadline outlives the answer."""
    story = at("members_meeting").on("Tue 2026-09-08")
    story.act("members_meeting_held", by=STAFF, happened_on=day("Tue 2026-09-08"), present=10, in_favour=9)
    assert set(story.told("model_letter_to_head").values()) == {2}
    assert len(list(story.letters.rglob("*.pdf"))) >= 1
    story.on("Tue 2026-09-15").act("head_met", by=STAFF, happened_on=day("Tue 2026-09-15"), answer="accepted")
    assert nothing_is_open(story)
    story.act("agreement_recorded", clauses=list(CLAUSES))
    story.act("agreement_signed_off", happened_on=day("Tue 2026-09-15"))
    assert story.ladder == [Stage.RAISED, Stage.MEMBERS_MEETING, Stage.HEAD_MEETING, Stage.SETTLED, Stage.MONITORING]
    assert story.told("settlement_record")
    assert EventKind.OFFICER_ASSIGNED not in story.kinds()


@ways("officer_negotiation negotiation_held accepted")
def test_the_officer_settles_it(at: At) -> None:
    """Turns red if the officer is not assigned by itself, or a settled negotiation still goes to a ballot."""
    story = at("officer_negotiation").on("Mon 2026-10-05")
    story.act("negotiation_held", happened_on=day("Mon 2026-10-05"), answer="accepted")
    assert story.stage is Stage.SETTLED
    assert nothing_is_open(story)
    story.act("agreement_recorded", clauses=list(CLAUSES))
    story.act("agreement_signed_off", happened_on=day("Mon 2026-10-05"))
    assert story.ladder == [*list(Stage)[:6], Stage.SETTLED, Stage.MONITORING]
    assert sum(story.told("officer_assigned").values()) == 1
