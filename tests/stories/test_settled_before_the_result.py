"""A ballot is held, and the two sides agree before the scrutineer has counted."""

from __future__ import annotations

import pytest

from ballots.lifecycle import BallotStage
from ballots.repository import ballots_of, mandates_of
from casework.lifecycle import Stage
from core.unit_of_work import reading
from notifications.proof import ReceiptKind
from tests.days import day
from tests.stories.climb import CARRIED, CLAUSES
from tests.stories.conftest import At
from tests.stories.telling import Story
from tests.stories.ways import ways

LATER = {"settled": 1, "monitoring": 2, "closed": 3}


def agreed_before_the_count(at: At, rung: str) -> Story:
    """The case settles on the morning after the vote, and goes on to a rung before anybody has counted."""
    story = at("ballot_result").settle("Wed 2026-11-18", CLAUSES)
    if rung in {"monitoring", "closed"}:
        story.act("agreement_signed_off", happened_on=day("Wed 2026-11-18"))
    if rung == "closed":
        story.act("monitoring_finished", reason="the head teacher has left and the new one keeps to it")
    return story


@ways("{rung} result_declared no_mandate")
@pytest.mark.parametrize("rung", LATER)
def test_the_result_is_told_all_the_same(at: At, rung: str) -> None:
    """Turns red if the flow of a settled case does not run `tell_results`, or the act is not open to it (s. 231)."""
    story = agreed_before_the_count(at, rung).on("Fri 2026-11-20").act("result_declared", **CARRIED)
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    assert (len(story.told("ballot_result_members")), set(story.told("ballot_result_members").values())) == (12, {1})
    assert sum(story.told("ballot_result_employer").values()) == 2
    assert story.stage is Stage(rung)
    with reading() as uow:
        (ballot,) = ballots_of(uow, story.case_id, BallotStage.DECLARED)
        assert not mandates_of(uow, ballot.id)
