"""Voting is over, and the case goes on before anybody has counted; the result is told all the same (s. 231)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import pytest

from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.repository import ballots_of, mandate_for
from casework.disputes import dispute_of
from casework.lifecycle import EventKind, Stage
from core.unit_of_work import reading
from notifications.proof import ReceiptKind
from tests.days import day
from tests.sampling import every
from tests.stories.climb import CARRIED, CLAUSES, LOST, QUESTIONS, SECOND_COUNT
from tests.stories.conftest import At
from tests.stories.telling import SECOND, Story
from tests.stories.ways import ways

# The same rungs again on another engine would tell nothing new.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def _asos_authorised(story: Story) -> None:
    story.act("asos_authorised", instructions=[9], starts_on=day("Mon 2027-11-15"))


def _asos_in_force(story: Story) -> None:
    _asos_authorised(story)
    story.act("action_notices_approved", by=SECOND).on("Fri 2027-11-05").arrives("notice_of_action")
    story.on("Mon 2027-11-15")


def _ended(story: Story) -> None:
    _asos_in_force(story)
    story.on("Wed 2027-11-17")


def _prepared(story: Story) -> None:
    _ended(story)
    story.act("negotiation_held", happened_on=day("Wed 2027-11-17"), answer="refused")


def _sought(story: Story) -> None:
    story.act("escalation_sought", happened_on=day("Tue 2027-11-02"))


def _striking(story: Story) -> None:
    _sought(story)
    story.strike("Fri 2027-11-05", "Mon 2027-11-15")


def _paying(story: Story) -> None:
    _striking(story)
    story.struck("Mon 2027-11-15", 6).on("Tue 2027-11-16")


GONE_TO: Mapping[str, Callable[[Story], None]] = {
    "asos_authorised": _asos_authorised,
    "asos_in_force": _asos_in_force,
    "officer_negotiation": _ended,
    "ballot_preparation": _prepared,
    "strike_escalation": _sought,
    "strike_action": _striking,
    "pay_reimbursement": _paying,
}
"""Where a case may be, in dispute still, when its second ballot is counted."""


@ways("{rung} result_declared {outcome}")
@pytest.mark.parametrize(("rung", "outcome"), every(6, itertools.product(GONE_TO, ["mandate", "no_mandate"])))
def test_the_result_is_told_where_the_case_has_gone(at: At, rung: str, outcome: str) -> None:
    """Turns red if a rung cannot hear the result, is left because of it, or its flow does not tell it."""
    story = at(SECOND_COUNT)
    GONE_TO[rung](story)
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
        assert mandate is not None
        assert mandate.last_day == day("Tue 2028-10-31" if outcome == "mandate" else "Tue 2027-11-16")


def _settled(story: Story) -> None:
    story.settle("Wed 2026-11-18", CLAUSES)


def _monitored(story: Story) -> None:
    _settled(story)
    story.act("agreement_signed_off", happened_on=day("Wed 2026-11-18"))


def _kept(story: Story) -> None:
    _monitored(story)
    story.act("monitoring_finished", reason="the head teacher has left and the new one keeps to it")


def _closed(story: Story) -> None:
    story.act("case_closed", reason="members no longer pursue it")


def _reopened(story: Story) -> None:
    _closed(story)
    story.on("Fri 2026-11-20").act("case_reopened", reason="members pursue it again")


def _refused_again(story: Story) -> None:
    _reopened(story)
    story.act("negotiation_held", happened_on=day("Fri 2026-11-20"), answer="refused")


LEFT: Sequence[tuple[str, Callable[[Story], None]]] = (
    ("settled", _settled),
    ("monitoring", _monitored),
    ("closed", _kept),
    ("closed", _closed),
    ("officer_negotiation", _reopened),
    ("ballot_preparation", _refused_again),
)


@ways("{rung} result_declared no_mandate")
@pytest.mark.parametrize(("rung", "left"), every(6, LEFT))
def test_what_was_over_before_the_count_gives_no_mandate(at: At, rung: str, left: Callable[[Story], None]) -> None:
    """
    Turns red if the flow of a settled case does not run `tell_results`, a dispute that is over gains a mandate, or a
    case that is closed goes on in its dispute.
    """
    story = at("ballot_result")
    left(story)
    story.on("Fri 2026-11-20").act("result_declared", **CARRIED)
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    assert (len(story.told("ballot_result_members")), set(story.told("ballot_result_members").values())) == (12, {1})
    assert sum(story.told("ballot_result_employer").values()) == 2
    assert story.stage is Stage(rung)
    with reading() as uow:
        dispute = dispute_of(uow, story.case_id)
        assert dispute is not None
        assert mandate_for(uow, dispute.id, story.case_id, ActionKind.ASOS) is None


VOTES_AGAIN = {"ballot_open": "Tue 2026-12-08", "ballot_result": "Wed 2027-01-13"}


@ways("{rung} result_declared earlier")
@pytest.mark.parametrize("rung", VOTES_AGAIN)
def test_the_result_is_told_while_members_vote_in_the_next_dispute(at: At, rung: str) -> None:
    """Turns red if the case hears nothing of the count, is moved by it, or its flow does not tell it."""
    story = at("ballot_result")
    _refused_again(story)
    with reading() as uow:
        [first] = ballots_of(uow, story.case_id, BallotStage.CLOSED)
    story.act("dispute_declared").ballot("Tue 2026-12-08", "Tue 2027-01-12", QUESTIONS)
    story.on("Mon 2026-11-23").arrives("notice_of_ballot").arrives("sample_voting_paper").on(VOTES_AGAIN[rung])
    assert story.stage is Stage(rung)
    story.act("result_declared", **LOST, ballot=first.ref)
    assert story.stage is Stage(rung)
    assert len(story.told("ballot_result_members")) == 12
    assert len(story.events(EventKind.RESULT_DECLARED)) == 1
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    assert "result_to_employers" not in story.due()
    story.on("Wed 2027-01-13").act("result_declared", **CARRIED)
    assert story.stage is Stage.BALLOT_RESULT
    assert len(story.events(EventKind.RESULT_DECLARED)) == 2
