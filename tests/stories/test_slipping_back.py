"""Agreements that are watched: kept to, broken, reopened with their history, climbed for again."""

from __future__ import annotations

import pytest

from ballots.repository import latest_mandate
from casework import repository
from casework.agreements.settlement import gains_of
from casework.disputes import dispute_of
from casework.lifecycle import EventKind, Stage
from core.errors import BadInput, RuleViolation
from core.unit_of_work import reading
from notifications.proof import ReceiptKind
from tests.days import day
from tests.stories.climb import CARRIED, CLAUSES
from tests.stories.conftest import FULLY_ON_BOTH, At
from tests.stories.telling import STAFF, Story
from tests.stories.ways import ways


def _over(at: At, rung: str, *, with_officer: bool) -> Story:
    """A case that settled with its officer, or with the head teacher before there was one, and came to a rung."""
    story = at("officer_negotiation" if with_officer else "head_meeting").on(
        "Mon 2026-10-05" if with_officer else "Tue 2026-09-15"
    )
    story.act("settlement_reached", happened_on=story.today, clauses=list(CLAUSES))
    if rung != "settled":
        story.act("agreement_signed_off", happened_on=story.today)
    if rung == "closed":
        story.act("monitoring_finished", reason="kept to")
    return story


@ways("{rung} case_reopened")
@pytest.mark.parametrize("rung", ["settled", "monitoring", "closed"])
def test_it_reopens_where_the_officer_left_it(at: At, rung: str) -> None:
    """Turns red if a case cannot be reopened from a rung, loses its officer, or keeps a check of what is broken."""
    story = _over(at, rung, with_officer=True)
    before = len(story.kinds())
    story.on("Mon 2026-11-02").act("case_reopened", reason="the calendar was withdrawn", issues=["meetings"])
    assert (story.stage, story.due()) == (Stage.OFFICER_NEGOTIATION, {})
    assert len(story.kinds()) == before + 1
    with reading() as uow:
        statuses = {row.code: row.status.value for row in repository.get(uow, story.case_id).issues}
    assert statuses == {"meetings": "reopened", "observation": "settled"}


@ways("{rung} case_reopened no_officer")
@pytest.mark.parametrize("rung", ["settled", "monitoring", "closed"])
def test_it_reopens_and_an_officer_is_found(at: At, rung: str) -> None:
    """Turns red if a case that settled with the head teacher reopens with nobody to take it."""
    story = _over(at, rung, with_officer=False)
    story.on("Mon 2026-11-02").act("case_reopened", reason="the calendar was withdrawn")
    assert story.stage is Stage.OFFICER_ASSIGNED
    assert story.kinds()[-1] is EventKind.OFFICER_ASSIGNED
    assert story.due() == {"officer_accepts": day("Thu 2026-11-05")}


@ways("settled agreement_signed_off", "monitoring monitoring_check_recorded", "monitoring monitoring_finished")
@FULLY_ON_BOTH
def test_it_is_kept_to_for_a_term(at: At) -> None:
    """Turns red if a check does not set the day of the next one, or the end of monitoring leaves one open."""
    story = _over(at, "monitoring", with_officer=True)
    assert story.due() == {"monitoring_check": day("Sun 2027-01-03")}
    story.on("Mon 2027-01-04")
    story.act("monitoring_check_recorded", by=STAFF, happened_on=day("Mon 2027-01-04"), evidence="four meetings")
    assert story.due() == {"monitoring_check": day("Sun 2027-04-04")}
    story.on("Mon 2027-04-05").act("monitoring_finished", reason="kept to for two terms")
    assert (story.stage, story.due()) == (Stage.CLOSED, {})


@ways("monitoring case_closed")
def test_it_is_closed_before_the_first_check(at: At) -> None:
    """Turns red if closing leaves the check open."""
    story = _over(at, "monitoring", with_officer=True).act("case_closed", reason="the school closes")
    assert (story.stage, story.due()) == (Stage.CLOSED, {})


def test_nothing_is_signed_while_an_issue_has_no_answer(at: At) -> None:
    """Turns red if `sign_off` does not ask for a clause of every issue."""
    story = at("officer_negotiation").act("settlement_reached", happened_on=day("Mon 2026-09-28"), clauses=[CLAUSES[0]])
    refusal = story.refused("agreement_signed_off", happened_on=day("Mon 2026-09-28"))
    assert isinstance(refusal, RuleViolation)
    assert [finding.where for finding in refusal.findings] == ["observation"]
    story.act("agreement_recorded", clauses=[CLAUSES[1]])
    story.act("agreement_signed_off", happened_on=day("Mon 2026-09-28"))
    assert story.stage is Stage.MONITORING


@FULLY_ON_BOTH
def test_a_broken_promise_leads_up_the_ladder_again_under_a_new_ballot(at: At) -> None:
    """
    The mandate of November 2026 would have lasted to November 2027; the dispute it was for is settled, so it is spent.

    Turns red if the old mandate covers new action, if the kept clause is lost with the broken one, or history is cut.
    """
    story = at("monitoring").on("Tue 2027-06-29")
    story.act(
        "monitoring_check_recorded",
        by=STAFF,
        happened_on=day("Tue 2027-06-29"),
        broken=["meetings"],
        evidence="Six meetings after school in four weeks",
    )
    assert story.stage is Stage.OFFICER_NEGOTIATION
    assert sum(story.told("case_reopened").values()) == 2
    assert story.due() == {"head_answer": day("Fri 2027-07-09")}
    with reading() as uow:
        assert latest_mandate(uow, story.case_id) is None
        assert [clause.issue for clause in gains_of(uow, story.case_id)] == ["observation"]
    story.on("Mon 2027-07-05").act("negotiation_held", happened_on=day("Mon 2027-07-05"), answer="refused")
    assert isinstance(story.refused("ballot_authorised", **_ballot()), Exception)
    story.act("dispute_declared").ballot("Mon 2027-09-20", "Mon 2027-10-18", ["strike", "asos"])
    story.on("Mon 2027-09-06").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Tue 2027-10-19")
    story.act("result_declared", **CARRIED).on("Wed 2027-10-20")
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    story.act("escalation_sought", happened_on=day("Wed 2027-10-20")).strike("Fri 2027-10-22", "Thu 2027-11-18")
    assert story.stage is Stage.STRIKE_ACTION
    assert story.due()["mandate_ends"] == day("Tue 2028-10-17")
    with reading() as uow:
        dispute = dispute_of(uow, story.case_id)
        assert dispute is not None
        assert dispute.declared_on == day("Mon 2027-07-05")
        assert repository.state_of(uow, story.case_id).times_reopened == 1
    assert story.kinds().count(EventKind.BALLOT_OPENED) == 2


def _ballot() -> dict[str, object]:
    return {"questions": ["asos"], "opens_on": day("Mon 2027-09-20"), "closes_on": day("Mon 2027-10-18")}


def test_a_check_names_only_what_was_agreed(at: At) -> None:
    """Turns red if an issue can be found broken that no clause is about."""
    refusal = at("monitoring").refused(
        "monitoring_check_recorded",
        by=STAFF,
        happened_on=day("Thu 2027-04-01"),
        broken=["email"],
        evidence="mail",
    )
    assert isinstance(refusal, BadInput)
