"""What can happen on any rung: the two sides agree, the case rests and wakes, the scrutineer's report comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ballots.models import ActionStage
from ballots.repository import actions_of
from casework import repository
from casework.agreements.settlement import unsigned
from casework.cases import IssueStatus
from casework.disputes import dispute_of
from casework.lifecycle import EventKind, Stage
from core.errors import BadInput, Conflict, StageError
from core.unit_of_work import reading
from tests.days import day
from tests.sampling import every
from tests.stories.climb import CLAUSES, LOST, MANDATE
from tests.stories.conftest import At
from tests.stories.telling import STAFF, Story
from tests.stories.ways import ways

# The same rungs again on another engine would tell nothing new.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

RUNGS = tuple(stage.value for stage in Stage)
SETTLES = RUNGS[: RUNGS.index("pay_reimbursement")]
REPORTS = RUNGS[RUNGS.index("ballot_result") : RUNGS.index("closed")]


@ways("{rung} settlement_reached")
@pytest.mark.parametrize("rung", every(4, SETTLES))
def test_the_two_sides_agree(at: At, rung: str) -> None:
    """
    Turns red if a rung has no settlement, if an issue stays open, or if a dispute, action or wait outlives the
    agreement.
    """
    story = at(rung).act("settlement_reached", happened_on=at_today(), clauses=list(CLAUSES))
    assert (story.stage, story.due()) == (Stage.SETTLED, {})
    with reading() as uow:
        dispute, agreement = dispute_of(uow, story.case_id), unsigned(uow, story.case_id)
        assert dispute is None or dispute.settled_on == story.today
        assert agreement is not None
        assert {clause.issue for clause in agreement.clauses} == {"meetings", "observation"}
        assert {row.status for row in repository.get(uow, story.case_id).issues} == {IssueStatus.SETTLED}
        assert {action.stage for action in actions_of(uow, story.case_id)} <= {ActionStage.ENDED}
    story.act("agreement_signed_off", happened_on=at_today())
    assert story.stage is Stage.MONITORING
    assert story.due() == {"monitoring_check": story.today + timedelta(days=90)}


def at_today() -> str:
    """The day that the story stands at."""
    with reading() as uow:
        return uow.today.isoformat()


@ways("{rung} settlement_reached pay_owed")
@pytest.mark.parametrize("rung", ["strike_action", "pay_reimbursement"])
def test_they_agree_after_members_struck_and_pay_comes_first(at: At, rung: str) -> None:
    """Turns red if the case counts as settled while pay is owed, or the second day is still called."""
    story = at("strike_action").struck("Wed 2027-01-27", 7)
    if rung == "pay_reimbursement":
        story.struck("Thu 2027-01-28", 6).on("Fri 2027-01-29")
        assert story.stage is Stage.PAY_REIMBURSEMENT
        story.settle("Fri 2027-01-29", CLAUSES)
    else:
        story.settle("Wed 2027-01-27", CLAUSES)
        assert {each.facts["day"] for each in story.notices("strike_day_called_off")} == {"2027-01-28"}
    assert story.stage is Stage.PAY_REIMBURSEMENT
    assert "agreement_signed_off" not in story.offers()


@ways("{rung} case_rested", "{rung} case_woken")
@pytest.mark.parametrize("rung", every(4, RUNGS[:-1]))
def test_it_rests_and_wakes_on_the_day_named(at: At, rung: str) -> None:
    """Turns red if a case cannot rest on a rung, wakes a day early or late, or moves while it rests."""
    story = at(rung)
    wakes = story.today + timedelta(days=1)
    story.act("case_rested", by=STAFF, reason="everybody is away", wake_on=wakes)
    assert story.due()["case_wakes"] == wakes
    story.on(f"{wakes:%a %Y-%m-%d}")
    assert "case_wakes" not in story.due()
    assert [event.happened_on for event in story.events(EventKind.CASE_WOKEN)][-1:] == [wakes]


def test_a_person_wakes_it_earlier(at: At) -> None:
    """Turns red if waking leaves the day of waking open, or a case that does not rest can be woken."""
    story = at("officer_negotiation")
    assert isinstance(story.refused("case_woken", by=STAFF), Conflict)
    story.act("case_rested", by=STAFF, reason="half-term and then the inspection", wake_on=day("Mon 2026-11-02"))
    story.on("Wed 2026-10-14").act("case_woken", by=STAFF)
    assert story.due() == {}
    assert "case_woken" not in story.offers()


def test_nobody_sleeps_over_a_day_that_the_law_sets(at: At) -> None:
    """Turns red if `_check_rest` does not look at the statutory days: the ballot closes on 17 November."""
    story = at("ballot_open")
    wanted = story.refused("case_rested", by=STAFF, reason="holidays", wake_on=day("Wed 2026-11-18"))
    assert isinstance(wanted, BadInput)
    story.act("case_rested", by=STAFF, reason="holidays", wake_on=day("Tue 2026-11-17"))
    story.on("Wed 2026-11-18")
    assert story.stage is Stage.BALLOT_RESULT


def test_a_closed_case_does_not_rest(at: At) -> None:
    """Turns red if `closed` is among the stages at which a case rests."""
    refusal = at("closed").refused("case_rested", by=STAFF, reason="holidays", wake_on=day("Mon 2027-09-06"))
    assert isinstance(refusal, StageError)


@ways("{rung} scrutineer_reported")
@pytest.mark.parametrize("rung", every(4, REPORTS))
def test_the_report_comes_when_it_comes(at: At, rung: str) -> None:
    """Turns red if the scrutineer's report on voting that is over cannot be taken in at a later rung."""
    story = at(MANDATE if rung == "ballot_result" else rung)
    story.act("scrutineer_reported", received_on=day("Mon 2026-11-16") + timedelta(days=1), clean=True)
    assert story.stage is Stage(rung)
    assert isinstance(story.refused("scrutineer_reported", received_on=story.today, clean=True), Conflict)


@ways("{rung} scrutineer_reported")
@pytest.mark.parametrize("rung", ["officer_negotiation", "ballot_preparation"])
def test_the_report_on_a_lost_ballot_comes_later(at: At, rung: str) -> None:
    """Turns red if the report is asked of the ballot to come."""
    story: Story = at("ballot_result").act("result_declared", **LOST)
    if rung == "ballot_preparation":
        story.on("Mon 2026-11-23").act("negotiation_held", happened_on=day("Mon 2026-11-23"), answer="refused")
    story.act("scrutineer_reported", received_on=story.today, clean=True)
    assert story.stage is Stage(rung)
