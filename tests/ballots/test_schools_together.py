"""One ballot over several schools of one dispute (s. 228A): papers, thresholds, mandates, and one that leaves."""

from __future__ import annotations

import pytest

from ballots.audit import audit_ballots
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.models import ActionStage, Ballot, BallotScope
from ballots.repository import entitled, latest_mandate, mandates_of
from ballots.steps import readiness_of
from casework.deadlines import DeadlineKind
from casework.disputes import dispute_of, is_settled
from casework.lifecycle import EventKind, Stage
from core.errors import Conflict, RuleViolation
from core.unit_of_work import UnitOfWork
from notifications.models import Notice
from tests.ballots.scenes import BOTH, CLOSES, OPENS, SECOND, Ladder, dump
from tests.ballots.schools import Schools, carried, joined, together, voting_over
from tests.builders import happen
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

PREPARATION, RESULT, NEGOTIATION = Stage.BALLOT_PREPARATION, Stage.BALLOT_RESULT, Stage.OFFICER_NEGOTIATION


def refused(ladder: Ladder, scope: str = "aggregate") -> list[str]:
    with pytest.raises(RuleViolation) as caught:
        ladder.act("ballot_authorised", **BOTH, scope=scope, opens_on=day(OPENS), closes_on=day(CLOSES))
    assert all(found.cure for found in caught.value.findings)
    return [found.code for found in caught.value.findings]


@pytest.mark.parametrize("place", [0, 2])
def test_one_ballot_covers_every_school_that_is_ready(uow: UnitOfWork, place: int) -> None:
    """Turns red if `authorise_ballot` covers `[case]` whatever the scope, or records on one case alone."""
    made = together(joined(uow, 4, 5, 6), place)
    ballot = made[0].ballot
    assert (ballot.scope, ballot.entitled, len(ballot.cases), len(ballot.legs)) == (BallotScope.AGGREGATE, 15, 3, 1)
    assert made.count(EventKind.BALLOT_AUTHORISED) == [1, 1, 1]
    assert made.each(lambda ladder: ladder.deadline(DeadlineKind.BALLOT_OPENS)) == [day(OPENS)] * 3
    assert uow.session.query(Ballot).count() == 1


def test_a_school_that_is_not_ready_is_left_out_and_one_alone_is_no_aggregate(uow: UnitOfWork) -> None:
    """Turns red if `_ready` asks neither for the stage nor for a ballot under way, or one school counts as several."""
    made = joined(uow, 4, 5, 6).on("Tue 2026-10-06")
    made[2].act("ballot_authorised", **BOTH, opens_on=day(OPENS), closes_on=day(CLOSES))
    together(made)
    assert [len(each.cases) for each in uow.session.query(Ballot).order_by(Ballot.ref)] == [1, 2]
    made[0].act("ballot_cancelled", reason="not yet")
    happen(made.uow, made[1].case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    assert refused(made[1]) == ["aggregate_of_one"]


def test_a_school_that_rests_is_neither_woken_nor_balloted(uow: UnitOfWork) -> None:
    """Turns red if `_ready` does not ask for the rest."""
    made = joined(uow, 4, 5, 6).on("Tue 2026-10-06")
    happen(made.uow, made[1].case, (EventKind.CASE_RESTED, {"reason": "members asked", "wake_on": "2027-03-01"}))
    together(made)
    assert {case.id for case in made[0].ballot.cases} == {made[0].case_id, made[2].case_id}
    assert made[1].case.wake_on == day("Mon 2027-03-01")


def test_the_employer_has_one_notice_that_sums_over_the_schools(uow: UnitOfWork) -> None:
    """Turns red if the second school's run prepares papers again, or the figures are of one school."""
    made = together(joined(uow, 4, 5, 6))
    made.work().work()
    notices = uow.session.query(Notice).filter_by(kind="notice_of_ballot").all()
    assert {each.medium for each in notices} == {"letter", "mail"}
    assert len(notices) == 2
    facts = notices[0].facts
    assert facts["total"] == 15
    assert [site["urn"] for site in facts["workplaces"]] == made.each(lambda ladder: ladder.case.workplace.urn)
    assert len(made[0].papers("sample_voting_paper")) == 2


def test_what_is_done_on_one_case_moves_all_of_them_once(uow: UnitOfWork) -> None:
    """Turns red if `record_for_all` records on one case, or a step acts again in another case's run."""
    made = voting_over(together(joined(uow, 4, 5, 6)))
    for kind in (EventKind.BALLOT_NOTICES_SERVED, EventKind.BALLOT_OPENED, EventKind.BALLOT_CLOSED):
        assert made.count(kind) == [1, 1, 1]
    carried(made, 15, 8, 3)
    assert made.count(EventKind.RESULT_DECLARED) == [1, 1, 1]
    assert made.stages == [RESULT] * 3
    told = uow.session.query(Notice).filter_by(kind="ballot_result_members").all()
    assert len({each.recipient_key for each in told}) == len(told) == 15
    assert uow.session.query(Notice).filter_by(kind="ballot_result_employer").count() == 2
    assert made.each(lambda ladder: ladder.met(DeadlineKind.RESULT_TO_EMPLOYERS)) == [day("Thu 2026-11-19")] * 3
    with pytest.raises(Conflict, match="Its result stands"):
        made[2].act("result_declared", entitled=15, cast=11, strike_yes=8, strike_no=3, asos_yes=8, asos_no=3)
    made[1].act("scrutineer_reported", received_on=day("Thu 2026-11-19"), clean=True)
    with pytest.raises(Conflict, match="one report on a ballot"):
        made[2].act("scrutineer_reported", received_on=day("Thu 2026-11-19"), clean=True)
    assert list(audit_ballots(uow)) == []


def test_a_second_run_over_every_school_finds_nothing_to_do(uow: UnitOfWork) -> None:
    """Turns red if one of the steps does not ask for the ballot's stage before it acts."""
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 8, 3)
    before = dump(uow)
    made.work().work(backwards=True)
    assert dump(uow) == before


def test_the_thresholds_are_of_all_the_schools_together(uow: UnitOfWork) -> None:
    """Seven of fifteen is no half, wherever they vote; eight is. Turns red if the mandate names one school only."""
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 6, 1)
    assert made.stages == [NEGOTIATION] * 3
    assert not mandates_of(uow, made[0].ballot.id)


def test_the_mandate_is_of_every_school(uow: UnitOfWork) -> None:
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 8, 0)
    assert made.stages == [RESULT] * 3
    places = {str(ladder.case.workplace_id) for ladder in made}
    assert [set(row.workplace_ids) for row in mandates_of(uow, made[0].ballot.id)] == [places, places]
    assert made.each(lambda ladder: ladder.deadline(DeadlineKind.MANDATE_ENDS)) == [day("Tue 2027-11-16")] * 3


@pytest.mark.parametrize("place", [0, 1])
def test_cancelling_from_any_school_cancels_for_all(uow: UnitOfWork, place: int) -> None:
    """Turns red if `call_off` records on the asking case alone."""
    made = together(joined(uow, 4, 5))
    made[place].act("ballot_cancelled", reason="another plan")
    assert (made.stages, made[0].ballot.stage) == ([NEGOTIATION] * 2, BallotStage.CANCELLED)
    assert made.each(lambda ladder: ladder.deadline(DeadlineKind.BALLOT_OPENS)) == [None, None]


def test_a_ballot_that_has_not_opened_is_cancelled_when_one_of_its_schools_settles(uow: UnitOfWork) -> None:
    """
    Nobody is asked who is not in dispute (s. 227(1)).

    Turns red if `abandon_ballots` looks at the dispute as a whole, or `readiness_of` names no school that settled.
    """
    made = together(joined(uow, 4, 5, 6))
    made.on("Wed 2026-10-07")[0].act("ballot_notices_approved", by=SECOND)
    made.on("Thu 2026-10-08")[0].arrives("notice_of_ballot").arrives("sample_voting_paper")
    made.on("Fri 2026-10-09")
    happen(made.uow, made[1].case, EventKind.SETTLEMENT_REACHED)
    assert [found.code for found in readiness_of(uow, made[0].ballot)] == ["workplace_settled"]
    made[1].work()
    assert made[0].ballot.stage is BallotStage.CANCELLED
    assert made.stages == [NEGOTIATION, Stage.SETTLED, NEGOTIATION]
    assert made.count(EventKind.BALLOT_CANCELLED) == [1, 0, 1]
    dispute = dispute_of(uow, made[0].case_id)
    assert dispute is not None
    assert dispute.settled_on is None


def test_an_open_ballot_goes_on_for_the_others(uow: UnitOfWork) -> None:
    """
    Its members had the right to vote when it was accorded, and are told the result; their school gets no mandate.

    Turns red if `_give_mandates` names every workplace of the ballot, or `record_for_all` tells a settled case of one.
    """
    made = together(joined(uow, 4, 5, 6))
    made.on("Wed 2026-10-07")[0].act("ballot_notices_approved", by=SECOND)
    made.on("Thu 2026-10-08")[0].arrives("notice_of_ballot").arrives("sample_voting_paper")
    made.on(OPENS, work=True).on("Mon 2026-11-02")
    happen(made.uow, made[1].case, EventKind.SETTLEMENT_REACHED)
    carried(made.work().on("Wed 2026-11-18", work=True), 15, 8, 3)
    assert made.stages == [RESULT, Stage.SETTLED, RESULT]
    places = {str(made[place].case.workplace_id) for place in (0, 2)}
    assert [set(row.workplace_ids) for row in mandates_of(uow, made[0].ballot.id)] == [places, places]
    assert made.count(EventKind.RESULT_DECLARED) == [1, 1, 1]
    assert made.count(EventKind.BALLOT_CLOSED) == [1, 0, 1]
    assert len(entitled(uow, made[0].ballot.id)) == 15
    assert uow.session.query(Notice).filter_by(kind="ballot_result_members").count() == 15
    assert latest_mandate(uow, made[1].case_id) is None
    assert list(audit_ballots(uow)) == []


def striking(made: Schools) -> None:
    """Two schools of three authorise strike days, and the employer has the notice of each."""
    made.on("Fri 2026-11-20")
    for ladder in made:
        ladder.act("escalation_sought", happened_on=day("Fri 2026-11-20"))
        ladder.act("escalation_meeting_held", happened_on=day("Fri 2026-11-20"), present=4, in_favour=4)
        ladder.act("strike_authorised", days=[day("Tue 2026-12-08"), day("Wed 2026-12-09")])
    made.on("Mon 2026-11-23")
    for ladder in made:
        ladder.action_arrives()


def test_each_school_has_a_notice_of_action_of_its_own_and_one_that_settles_ends_nobody_elses(uow: UnitOfWork) -> None:
    """
    Turns red if a settlement ends the dispute of the others (`leave`), or `end_action` asks whether the dispute is
    settled and not the case's part in it; or if two notices for the same days bear the same reference.
    """
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 8, 3)
    striking(made)
    papers = [ladder.notice_of_action() for ladder in made]
    assert len({paper.facts["reference"] for paper in papers}) == 3
    assert [paper.facts["total"] for paper in papers] == [4, 5, 6]
    assert [[site["urn"] for site in paper.facts["workplaces"]] for paper in papers] == [
        [ladder.case.workplace.urn] for ladder in made
    ]
    made.on("Mon 2026-12-07")
    happen(made.uow, made[0].case, EventKind.SETTLEMENT_REACHED)
    made.work()
    assert made.stages == [Stage.SETTLED, Stage.STRIKE_ACTION, Stage.STRIKE_ACTION]
    assert [ladder.actions[-1].stage for ladder in made] == [
        ActionStage.ENDED,
        ActionStage.NOTIFIED,
        ActionStage.NOTIFIED,
    ]
    off = uow.session.query(Notice).filter_by(kind="strike_day_called_off").all()
    assert len({each.recipient_key for each in off}) == 4
    made.on("Tue 2026-12-08")[1].act("strike_day_held", on=day("Tue 2026-12-08"), took_part=5)
    assert [is_settled(made.uow, ladder.case_id) for ladder in made] == [True, False, False]


def test_the_dispute_is_settled_with_the_last_school(uow: UnitOfWork) -> None:
    """Turns red if `leave` settles the dispute with the first, or never."""
    made = joined(uow, 4, 5)
    dispute = dispute_of(uow, made[0].case_id)
    assert dispute is not None
    for place, settled in ((1, None), (0, made.uow.today)):
        happen(made.uow, made[place].case, EventKind.SETTLEMENT_REACHED)
        assert dispute.settled_on == settled


def test_a_school_that_settled_and_reopened_wants_a_dispute_and_a_mandate_of_its_own(uow: UnitOfWork) -> None:
    """Turns red if `live_dispute_of` or `mandate_for` gives a reopened case what the dispute has for the others."""
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 8, 3).on("Fri 2026-11-20")
    happen(made.uow, made[2].case, EventKind.SETTLEMENT_REACHED, EventKind.CASE_REOPENED)
    happen(made.uow, made[2].case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    shared = dispute_of(uow, made[0].case_id)
    assert shared is not None
    with pytest.raises(RuleViolation, match="left the dispute"):
        made[2].act("dispute_joined", dispute=shared.ref)
    made[2].act("dispute_declared")
    own = dispute_of(uow, made[2].case_id)
    assert own is not None
    assert (own.id != shared.id, shared.settled_on) == (True, None)
    assert latest_mandate(uow, made[2].case_id) is None
    made[2].act("ballot_authorised", **BOTH, opens_on=day("Tue 2026-12-01"), closes_on=day("Mon 2027-01-11"))
    assert len(made[2].ballot.cases) == 1
    action = made[0].act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07")).actions[-1]
    assert (action.kind, action.stage) == (ActionKind.ASOS, ActionStage.AUTHORISED)


def test_the_order_in_which_the_schools_are_worked_does_not_matter(uow: UnitOfWork) -> None:
    """Forwards and backwards give the same. Turns red if a step relies on the case that it is asked for."""
    told = []
    for backwards in (False, True):
        made = together(joined(uow, 4, 5, 6))
        made.on("Wed 2026-10-07")[1].act("ballot_notices_approved", by=SECOND)
        made.on("Thu 2026-10-08")[2].arrives("notice_of_ballot").arrives("sample_voting_paper")
        made.on(OPENS).work(backwards=backwards)
        made.on("Wed 2026-11-18").work(backwards=backwards)
        ballot = made[0].ballot
        kinds = sorted(each.kind for each in uow.session.query(Notice).filter_by(subject_ref=f"ballot:{ballot.id}"))
        told.append((made.each(lambda ladder: ladder.kinds()), kinds, made.stages))
        uow = made.on("Tue 2026-09-01").uow
    assert told[0] == told[1]


def test_whoever_authorised_for_one_school_cannot_approve_from_another(uow: UnitOfWork) -> None:
    """Turns red if the second person is asked of the case and not of the ballot."""
    made = together(joined(uow, 4, 5))
    with pytest.raises(RuleViolation, match="cannot also approve"):
        made[1].act("ballot_notices_approved")


def test_a_school_that_is_over_with_it_is_passed_over_when_the_report_comes(uow: UnitOfWork) -> None:
    """Turns red if `_hears` says yes to every case: the report could not be recorded for the others."""
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 8, 3)
    over = (EventKind.SETTLEMENT_REACHED, EventKind.AGREEMENT_SIGNED_OFF, EventKind.MONITORING_FINISHED)
    happen(made.uow, made[1].case, *over)
    made[0].act("scrutineer_reported", received_on=day("Thu 2026-11-19"), clean=True)
    assert made.stages == [RESULT, Stage.CLOSED, RESULT]
    assert made.count(EventKind.SCRUTINEER_REPORTED) == [1, 0, 1]
    assert made.each(lambda ladder: ladder.deadline(DeadlineKind.SCRUTINEER_REPORT)) == [None] * 3


def test_a_school_whose_members_vote_again_is_passed_over_when_the_report_on_the_first_ballot_comes(
    uow: UnitOfWork,
) -> None:
    """Turns red if `_hears` does not ask whether the event means anything at the stage of a case in dispute."""
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 6, 1)
    happen(made.uow, made[1].case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    made[1].act("ballot_authorised", **BOTH, opens_on=day("Tue 2026-12-01"), closes_on=day("Mon 2027-01-11"))
    made[1].act("ballot_notices_approved", by=SECOND).arrives("notice_of_ballot").arrives("sample_voting_paper")
    made.on("Tue 2026-12-01", work=True)
    made[0].act("scrutineer_reported", received_on=day("Tue 2026-12-01"), clean=True)
    assert made.stages == [NEGOTIATION, Stage.BALLOT_OPEN, NEGOTIATION]
    assert made.count(EventKind.SCRUTINEER_REPORTED) == [1, 0, 1]
