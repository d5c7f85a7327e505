"""Ballots that give no mandate, and those that never come to a count; and another after each."""

from __future__ import annotations

import pytest

from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.repository import ballot_of, ballots_of, mandates_of
from casework.deadlines import DeadlineKind, open_deadlines
from casework.lifecycle import EventKind, Stage
from core.errors import Conflict, RuleViolation, StageError
from core.unit_of_work import reading
from notifications.proof import ReceiptKind
from tests.days import day
from tests.stories.climb import CARRIED, LOST
from tests.stories.conftest import FULLY_ON_BOTH, At
from tests.stories.telling import Story
from tests.stories.ways import ways

NO_MAJORITY = {"entitled": 12, "cast": 10, "strike_yes": 5, "strike_no": 5, "asos_yes": 4, "asos_no": 6}
SPOILED = {
    "entitled": 12,
    "cast": 10,
    "strike_yes": 5,
    "strike_no": 4,
    "strike_spoiled": 1,
    "asos_yes": 2,
    "asos_no": 8,
}


@ways("ballot_open ballot_closed", "ballot_result result_declared no_mandate")
@FULLY_ON_BOTH
def test_five_of_twelve_are_too_few(at: At) -> None:
    """Turns red if the turnout is not asked, the result is not told because it is lost, or a mandate is given."""
    story = at("ballot_result").act("result_declared", **LOST)
    assert story.ladder[-3:] == [Stage.BALLOT_OPEN, Stage.BALLOT_RESULT, Stage.OFFICER_NEGOTIATION]
    assert (len(story.told("ballot_result_members")), set(story.told("ballot_result_members").values())) == (12, {1})
    assert sum(story.told("ballot_result_employer").values()) == 2
    assert {reasons for reasons, _ in answers(story).values()} == {("turnout_not_met",)}
    with reading() as uow:
        ballot = ballot_of(uow, story.case_id)
        assert ballot is not None
        assert not mandates_of(uow, ballot.id)
        assert not open_deadlines(uow, story.case_id, DeadlineKind.MANDATE_ENDS)
    refusal = story.refused("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    assert isinstance(refusal, StageError)


def answers(story: Story) -> dict[str, tuple[tuple[str, ...], int]]:
    """Why each question of the latest ballot was lost, and by how many votes."""
    with reading() as uow:
        ballot = ballot_of(uow, story.case_id)
        assert ballot is not None
        assert ballot.result is not None
        asked = ballot.result["questions"]
        return {kind: (tuple(each["reasons"]), each["short_by"]) for kind, each in asked.items()}


@pytest.mark.parametrize(
    ("figures", "strike"),
    [(NO_MAJORITY, (("majority_not_met",), 1)), (SPOILED, (("majority_contested",), 1))],
    ids=["a tie", "a spoiled paper"],
)
def test_half_is_no_majority(at: At, figures: dict[str, int], strike: tuple[tuple[str, ...], int]) -> None:
    """Turns red if a tie carries a question, or a spoiled paper does not count among those returned (s. 297A)."""
    story = at("ballot_result").act("result_declared", **figures)
    assert story.stage is Stage.OFFICER_NEGOTIATION
    assert answers(story)["strike"] == strike


def test_members_vote_for_one_and_against_the_other(at: At) -> None:
    """Turns red if a Yes to action short of a strike is taken for a Yes to a strike."""
    figures = {**CARRIED, "strike_yes": 4, "strike_no": 6}
    story = at("ballot_result").act("result_declared", **figures)
    assert story.stage is Stage.BALLOT_RESULT
    with reading() as uow:
        ballot = ballot_of(uow, story.case_id)
        assert ballot is not None
        assert [mandate.kind for mandate in mandates_of(uow, ballot.id)] == [ActionKind.ASOS]
    story.on("Thu 2026-11-19").arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    story.act("escalation_sought", happened_on=day("Thu 2026-11-19"))
    assert isinstance(story.refused("strike_authorised", days=[day("Wed 2026-12-09")]), RuleViolation)


def test_members_are_asked_again_and_more_of_them_vote(at: At) -> None:
    """
    The second ballot stands in the same dispute and needs new papers. Turns red if the first notice serves for it, or
    the lost ballot keeps another from being authorised.
    """
    story = at("ballot_result").act("result_declared", **LOST)
    story.on("Mon 2026-11-23").act("negotiation_held", happened_on=day("Mon 2026-11-23"), answer="refused")
    assert isinstance(story.refused("dispute_declared"), Conflict)
    story.ballot("Mon 2027-01-11", "Mon 2027-02-01", ["strike", "asos"])
    story.on("Mon 2026-12-14").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Tue 2027-02-02")
    story.act("result_declared", **CARRIED)
    assert story.stage is Stage.BALLOT_RESULT
    assert [len(story.told(kind)) for kind in ("notice_of_ballot", "ballot_result_members")] == [1, 12]
    assert set(story.told("ballot_result_members").values()) == {2}
    assert story.due()["mandate_ends"] == day("Mon 2028-01-31")
    with reading() as uow:
        assert len(ballots_of(uow, story.case_id, BallotStage.DECLARED)) == 2


@ways(
    "ballot_preparation ballot_authorised",
    "ballot_preparation ballot_cancelled",
    "ballot_preparation ballot_notices_served",
    "ballot_preparation ballot_opened",
)
def test_the_notice_comes_a_day_late_and_the_ballot_starts_again(at: At) -> None:
    """
    Turns red if a ballot opens whose notice came on the sixth day before, or a cancelled one keeps its waits or blocks
    the next.
    """
    story = at("ballot_preparation").ballot("Tue 2026-10-20", "Tue 2026-11-17", ["strike", "asos"])
    assert story.due()["ballot_notice_received"] == day("Tue 2026-10-13")
    story.on("Wed 2026-10-14").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Tue 2026-10-20")
    assert story.stage is Stage.BALLOT_PREPARATION
    story.act("ballot_cancelled", reason="the employer had the notice a day late")
    assert (story.stage, story.due()) == (Stage.OFFICER_NEGOTIATION, {})
    story.on("Wed 2026-10-21").act("negotiation_held", happened_on=day("Wed 2026-10-21"), answer="refused")
    story.ballot("Tue 2026-11-10", "Tue 2026-12-01", ["strike", "asos"])
    story.on("Tue 2026-11-03").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Tue 2026-11-10")
    assert story.stage is Stage.BALLOT_OPEN
    assert EventKind.BALLOT_OPENED in story.kinds()


@ways("ballot_open turnout_reported", "ballot_open ballot_cancelled")
def test_a_defect_is_found_while_members_vote(at: At) -> None:
    """Turns red if an open ballot cannot be cancelled, its figures are taken all the same, or it closes."""
    story = at("ballot_open").on("Mon 2026-11-02").act("turnout_reported", cast=4)
    story.act("ballot_cancelled", reason="papers went to members of another school")
    assert (story.stage, story.due()) == (Stage.OFFICER_NEGOTIATION, {})
    story.on("Wed 2026-11-18")
    assert EventKind.BALLOT_CLOSED not in story.kinds()
    assert isinstance(story.refused("result_declared", **CARRIED), Conflict)
