"""One trust, three schools, one dispute: voting together and apart, and one that settles before the others strike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ballots.models import ActionStage, Ballot
from ballots.repository import actions_of, mandates_of
from casework.cases import Pursuit
from casework.disputes import dispute_of
from casework.handlers import open_case
from casework.lifecycle import EventKind, Stage
from casework.register.employers import EmployerKind
from core.db import Database
from core.unit_of_work import reading, unit_of_work
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.builders import a_member, a_workplace, an_association, an_employer, an_officer
from tests.days import day
from tests.stories.climb import CLAUSES
from tests.stories.conftest import FULLY_ON_BOTH
from tests.stories.telling import SECOND, STAFF, Story
from tests.stories.ways import ways

pytestmark = FULLY_ON_BOTH
MEMBERS = (8, 10, 12)
QUESTIONS = ["strike", "asos"]
VOTING = {"opens_on": day("Tue 2026-10-20"), "closes_on": day("Tue 2026-11-17")}
STRIKE_DAY = "Wed 2026-12-09"


@dataclass
class Trust:
    """The stories of three schools under one clock."""

    schools: tuple[Story, ...]

    def __getitem__(self, place: int) -> Story:
        return self.schools[place]

    def on(self, written: str) -> Trust:
        """The morning of a day, for all of them."""
        self.schools[0].on(written)
        return self

    def each(self, name: str, *places: int, **facts: Any) -> Trust:
        """The same act at every school, or at those named."""
        for place in places or range(len(self.schools)):
            self.schools[place].act(name, **facts)
        return self

    @property
    def stages(self) -> list[Stage]:
        return [story.stage for story in self.schools]

    def count(self, kind: EventKind) -> list[int]:
        """How often it happened to each school."""
        return [story.kinds().count(kind) for story in self.schools]


@pytest.fixture
def trust(database: Database, tmp_path: Path) -> Trust:
    """Three schools of one trust, each after talks that failed: one officer and one association for all."""
    with unit_of_work("staff:test") as uow:
        employer = an_employer(uow, kind=EmployerKind.TRUST, name="Three Hills Trust")
        association = an_association(uow)
        an_officer(uow, association)
        ids = []
        for number in MEMBERS:
            workplace = a_workplace(uow, employer=employer, association=association)
            for _ in range(number):
                a_member(uow, workplace)
            ids.append(open_case(uow, workplace, ["meetings", "observation"], Pursuit.CONCURRENT, f"s{number}").id)
    stories = tuple(Story(case_id, tmp_path / "letters", said=1000 * place) for place, case_id in enumerate(ids))
    told = Trust(stories)
    told[0].work()
    told.each("members_meeting_arranged", by=STAFF, meets_on=day("Tue 2026-09-08")).on("Tue 2026-09-08")
    told.each("members_meeting_held", by=STAFF, happened_on=day("Tue 2026-09-08"), present=8, in_favour=7)
    told.on("Tue 2026-09-15").each("head_met", by=STAFF, happened_on=day("Tue 2026-09-15"), answer="refused")
    told.on("Mon 2026-09-21").each("officer_accepted").on("Mon 2026-09-28")
    ready = {"present": 8, "ready_for_asos": 8, "ready_to_strike": 7}
    told.each("assessment_recorded", happened_on=day("Mon 2026-09-28"), **ready).on("Mon 2026-10-05")
    return told.each("negotiation_held", happened_on=day("Mon 2026-10-05"), answer="refused")


def in_one_dispute(trust: Trust) -> str:
    """The first school declares the dispute, the others join it; its reference."""
    trust.each("dispute_declared", 0)
    with reading() as uow:
        dispute = dispute_of(uow, trust[0].case_id)
        assert dispute is not None
    trust.each("dispute_joined", 1, 2, dispute=dispute.ref)
    return dispute.ref


@ways("ballot_preparation dispute_joined", "ballot_open ballot_closed", "ballot_result result_declared mandate")
def test_one_ballot_is_won_one_school_settles_and_two_strike(trust: Trust) -> None:
    """
    Turns red if an act on one school moves it alone, if a second run tells anybody twice, or if the school that settles
    takes the others out of their dispute: `settle`, `end_action`, `mandate_for`.
    """
    in_one_dispute(trust)
    trust.on("Tue 2026-10-06")[1].act("ballot_authorised", questions=QUESTIONS, scope="aggregate", **VOTING)
    trust[2].act("ballot_notices_approved", by=SECOND)
    trust.on("Thu 2026-10-08")[0].arrives("notice_of_ballot").arrives("sample_voting_paper")
    assert trust.count(EventKind.BALLOT_NOTICES_SERVED) == [1, 1, 1]
    trust.on("Mon 2026-10-26")
    assert trust.stages == [Stage.BALLOT_OPEN] * 3
    trust[2].act("turnout_reported", cast=9)
    trust.on("Wed 2026-11-18")
    assert trust.stages == [Stage.BALLOT_RESULT] * 3
    counts = {"strike_yes": 14, "strike_no": 3, "asos_yes": 16, "asos_no": 1}
    trust[1].act("result_declared", entitled=30, cast=17, **counts)
    trust.on("Thu 2026-11-19")[2].arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    with reading() as uow:
        [ballot] = uow.session.scalars(select(Ballot)).all()
        assert (ballot.entitled, len(ballot.cases), len(mandates_of(uow, ballot.id))) == (30, 3, 2)
        papers = uow.session.scalars(select(Notice).where(Notice.kind == "notice_of_ballot")).all()
        assert {each.facts["total"] for each in papers} == {30}
        assert {len(each.facts["workplaces"]) for each in papers} == {3}
    told = trust[0].told("ballot_result_members")
    assert (len(told), set(told.values())) == (30, {1})

    trust.each("escalation_sought", happened_on=day("Thu 2026-11-19"))
    trust.each("escalation_meeting_held", happened_on=day("Thu 2026-11-19"), present=8, in_favour=8)
    trust.each("strike_authorised", days=[day(STRIKE_DAY)])
    trust.each("action_notices_approved", by=SECOND).on("Mon 2026-11-23")
    for story in trust.schools:
        story.arrives("notice_of_action")
    assert trust.stages == [Stage.STRIKE_ACTION] * 3

    trust.on("Mon 2026-12-07")[0].settle("Mon 2026-12-07", CLAUSES)
    assert trust.stages == [Stage.SETTLED, Stage.STRIKE_ACTION, Stage.STRIKE_ACTION]
    assert len(trust[0].told("strike_day_called_off")) == MEMBERS[0]
    trust.on(STRIKE_DAY).each("strike_day_held", 1, 2, on=day(STRIKE_DAY), took_part=7).on("Thu 2026-12-10")
    assert trust.stages == [Stage.SETTLED, Stage.PAY_REIMBURSEMENT, Stage.PAY_REIMBURSEMENT]
    trust[0].refused("strike_day_held", on=day(STRIKE_DAY), took_part=1)
    with reading() as uow:
        dispute = dispute_of(uow, trust[0].case_id)
        assert dispute is not None
        assert dispute.settled_on is None
        assert [actions_of(uow, story.case_id)[-1].stage for story in trust.schools] == [ActionStage.ENDED] * 3

    for place in (1, 2):
        trust[place].settle("Thu 2026-12-10", CLAUSES)
    with reading() as uow:
        dispute = dispute_of(uow, trust[2].case_id)
        assert dispute is not None
        assert dispute.settled_on == day("Thu 2026-12-10")


@ways("ballot_preparation dispute_joined", "ballot_result result_declared no_mandate")
def test_each_school_votes_apart_and_one_loses(trust: Trust) -> None:
    """
    Fifteen of thirty vote, and each workplace is counted alone. Turns red if the result of one school reaches another,
    or if the scrutineer's exemption is counted over one ballot (30 in all here need none).
    """
    in_one_dispute(trust)
    trust.on("Tue 2026-10-06").each("ballot_authorised", questions=QUESTIONS, **VOTING)
    trust.each("ballot_notices_approved", by=SECOND).on("Thu 2026-10-08")
    for story in trust.schools:
        story.arrives("notice_of_ballot").arrives("sample_voting_paper")
    trust.on("Wed 2026-11-18")
    assert trust.stages == [Stage.BALLOT_RESULT] * 3
    for story, entitled, yes in zip(trust.schools, MEMBERS, (6, 6, 3), strict=True):
        counts = {"strike_yes": yes, "strike_no": 0, "asos_yes": yes, "asos_no": 0}
        story.act("result_declared", entitled=entitled, cast=yes, **counts)
    assert trust.stages == [Stage.BALLOT_RESULT, Stage.BALLOT_RESULT, Stage.OFFICER_NEGOTIATION]
    with reading() as uow:
        ballots = uow.session.scalars(select(Ballot).order_by(Ballot.ref)).all()
        assert [(each.entitled, each.scrutineer) for each in ballots] == [(number, None) for number in MEMBERS]
    trust.on("Thu 2026-11-19")[0].arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    trust[0].act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    trust[2].refused("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    trust[2].settle("Thu 2026-11-19", CLAUSES)
    assert trust.stages == [Stage.ASOS_AUTHORISED, Stage.BALLOT_RESULT, Stage.SETTLED]


@ways("ballot_preparation ballot_cancelled")
def test_a_school_that_settles_before_the_ballot_opens_takes_it_down_and_the_others_vote_again(trust: Trust) -> None:
    """Turns red if `abandon_ballots` leaves the ballot standing, or if the others cannot be balloted without it."""
    ref = in_one_dispute(trust)
    trust.on("Tue 2026-10-06")[0].act("ballot_authorised", questions=QUESTIONS, scope="aggregate", **VOTING)
    trust.on("Fri 2026-10-09")[1].settle("Fri 2026-10-09", CLAUSES)
    assert trust.stages == [Stage.OFFICER_NEGOTIATION, Stage.SETTLED, Stage.OFFICER_NEGOTIATION]
    trust.each("negotiation_held", 0, 2, happened_on=day("Fri 2026-10-09"), answer="refused")
    again = {"opens_on": day("Tue 2026-10-27"), "closes_on": day("Tue 2026-11-24")}
    trust[2].act("ballot_authorised", questions=QUESTIONS, scope="aggregate", **again)
    with reading() as uow:
        ballots = uow.session.scalars(select(Ballot).order_by(Ballot.ref)).all()
        assert [(each.entitled, len(each.cases)) for each in ballots] == [(30, 3), (20, 2)]
        dispute = dispute_of(uow, trust[0].case_id)
        assert dispute is not None
        assert (dispute.ref, dispute.settled_on) == (ref, None)
