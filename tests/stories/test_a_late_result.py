"""Voting is over, and the case goes on before anybody has counted; the result is told all the same (s. 231)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from ballots.mandate import ActionKind
from ballots.repository import mandate_for
from casework.disputes import dispute_of
from casework.lifecycle import Stage
from core.unit_of_work import reading
from notifications.proof import ReceiptKind
from tests.days import day
from tests.stories.climb import CARRIED, CLAUSES, LOST, SECOND_COUNT
from tests.stories.conftest import At
from tests.stories.telling import SECOND, Story
from tests.stories.ways import ways

# The same rungs again on another engine would tell nothing new.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def _closed(story: Story) -> None:
    story.act("case_closed", reason="members no longer pursue it")


def _reopened(story: Story) -> None:
    _closed(story)
    story.on("Fri 2026-11-20").act("case_reopened", reason="members pursue it again")


def _prepared(story: Story) -> None:
    _reopened(story)
    story.act("negotiation_held", happened_on=day("Fri 2026-11-20"), answer="refused")


def _asos_authorised(story: Story) -> None:
    story.act("asos_authorised", instructions=[9], starts_on=day("Mon 2027-11-15"))


def _asos_in_force(story: Story) -> None:
    _asos_authorised(story)
    story.act("action_notices_approved", by=SECOND).on("Fri 2027-11-05").arrives("notice_of_action")
    story.on("Mon 2027-11-15")


def _sought(story: Story) -> None:
    story.act("escalation_sought", happened_on=day("Tue 2027-11-02"))


def _striking(story: Story) -> None:
    _sought(story)
    story.strike("Fri 2027-11-05", "Mon 2027-11-15")


def _paying(story: Story) -> None:
    _striking(story)
    story.struck("Mon 2027-11-15", 6).on("Tue 2027-11-16")


GONE_TO: Mapping[str, tuple[str, Callable[[Story], None]]] = {
    "closed": ("ballot_result", _closed),
    "officer_negotiation": ("ballot_result", _reopened),
    "ballot_preparation": ("ballot_result", _prepared),
    "asos_authorised": (SECOND_COUNT, _asos_authorised),
    "asos_in_force": (SECOND_COUNT, _asos_in_force),
    "strike_escalation": (SECOND_COUNT, _sought),
    "strike_action": (SECOND_COUNT, _striking),
    "pay_reimbursement": (SECOND_COUNT, _paying),
}


@ways("{rung} result_declared {outcome}")
@pytest.mark.parametrize("rung", GONE_TO)
@pytest.mark.parametrize("outcome", ["mandate", "no_mandate"])
def test_the_result_is_told_where_the_case_has_gone(at: At, rung: str, outcome: str) -> None:
    """Turns red if a rung cannot hear the result, is left because of it, or its flow does not tell it."""
    begins, goes_on = GONE_TO[rung]
    story = at(begins)
    goes_on(story)
    told = story.told("ballot_result_members").total()
    story.act("result_declared", **(CARRIED if outcome == "mandate" else LOST))
    assert story.stage is Stage(rung)
    assert story.told("ballot_result_members").total() == told + 12
    assert "result_to_employers" in story.due()
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    assert "result_to_employers" not in story.due()
    with reading() as uow:
        dispute = dispute_of(uow, story.case_id)
        assert dispute is not None
        mandate = mandate_for(uow, dispute.id, story.case_id, ActionKind.ASOS)
        lasts = None if mandate is None else mandate.last_day
    before = day("Tue 2027-11-16") if begins == SECOND_COUNT else None
    after = day("Tue 2028-10-31") if begins == SECOND_COUNT else day("Tue 2027-11-16")
    assert lasts == (after if outcome == "mandate" else before)


SETTLED_AND = ("settled", "monitoring", "closed")


@ways("{rung} result_declared no_mandate")
@pytest.mark.parametrize("rung", SETTLED_AND)
def test_what_was_settled_before_the_count_gives_no_mandate(at: At, rung: str) -> None:
    """Turns red if the flow of a settled case does not run `tell_results`, or a settled dispute gains a mandate."""
    story = at("ballot_result").settle("Wed 2026-11-18", CLAUSES)
    if rung != "settled":
        story.act("agreement_signed_off", happened_on=day("Wed 2026-11-18"))
    if rung == "closed":
        story.act("monitoring_finished", reason="the head teacher has left and the new one keeps to it")
    story.on("Fri 2026-11-20").act("result_declared", **CARRIED)
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    assert (len(story.told("ballot_result_members")), set(story.told("ballot_result_members").values())) == (12, {1})
    assert sum(story.told("ballot_result_employer").values()) == 2
    assert story.stage is Stage(rung)
    with reading() as uow:
        dispute = dispute_of(uow, story.case_id)
        assert dispute is not None
        assert mandate_for(uow, dispute.id, story.case_id, ActionKind.ASOS) is None
