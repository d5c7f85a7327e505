"""What is offered at each rung, and the one sentence that refuses what makes no sense there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.acts import ACTS as CASE_ACTS
from app.acts import acts_offered
from app.choices import choices_for
from ballots.acts import ACTS, Figures, Receipt
from ballots.lifecycle import BallotStage
from ballots.repository import latest_mandate
from casework import repository
from casework.deadlines import DeadlineKind
from casework.lifecycle import EventKind, Stage
from core.errors import BadInput, Conflict
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium
from notifications.messages import message_kind
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.ballots.scenes import BOTH, CLOSES, ENTITLED, OFFICER, OPENS, SECOND, WON, Ladder
from tests.builders import a_case, a_member, a_workplace, acting, happen
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

Climb = Callable[[str], Ladder]
WATCHED = {
    "dispute_declared",
    "ballot_authorised",
    "ballot_notices_approved",
    "ballot_cancelled",
    "turnout_reported",
    "result_declared",
    "scrutineer_reported",
    "action_notices_approved",
    "asos_authorised",
    "escalation_sought",
    "case_woken",
}
REPORT = {"received_on": day("Fri 2026-11-20"), "clean": True}


def offered(ladder: Ladder) -> set[str]:
    return {act.name for act in acts_offered(ladder.uow, ladder.case)} & WATCHED


def refused(ladder: Ladder, name: str, **facts: Any) -> str:
    with pytest.raises(Conflict) as told:
        ladder.act(name, by=SECOND, **facts)
    return str(told.value)


@pytest.mark.parametrize(
    ("rung", "acts"),
    [
        ("disputed", {"ballot_authorised"}),
        ("planned", {"ballot_notices_approved", "ballot_cancelled"}),
        ("noticed", {"ballot_cancelled"}),
        ("closed", {"result_declared"}),
        ("won", {"scrutineer_reported", "asos_authorised", "escalation_sought"}),
    ],
)
def test_what_makes_sense_is_offered_and_nothing_else(climb: Climb, rung: str, acts: set[str]) -> None:
    """Turns red if `acts_offered` gives all that the stage allows, or one `offered=` is left out in `ballots.acts`."""
    assert offered(climb(rung)) == acts


def test_the_turnout_is_offered_while_members_vote(climb: Climb) -> None:
    """Turns red if `may_report_turnout` says no."""
    assert offered(climb("noticed").on(OPENS, work=True)) == {"ballot_cancelled", "turnout_reported"}


def test_the_same_dispute_is_declared_once_and_again_over_more(climb: Climb) -> None:
    """Turns red if `require_matters` does not compare the matters."""
    ladder = climb("disputed")
    assert "was declared on Tuesday 1 September 2026. Authorise a ballot" in refused(ladder, "dispute_declared")
    ladder.case.issues[0].code = "ppa"
    ladder.uow.session.flush()
    assert "dispute_declared" in offered(ladder)


def test_papers_that_are_not_prepared_or_are_approved_cannot_be_approved(climb: Climb) -> None:
    """Turns red if `approve_ballot_notices` approves nothing and says so to nobody."""
    ladder = climb("disputed")
    assert "takes a ballot under way, and this case has none" in refused(ladder, "ballot_notices_approved")
    authorise = next(act for act in ACTS if act.name == "ballot_authorised")
    facts = authorise.facts.model_validate({**BOTH, "opens_on": day(OPENS), "closes_on": day(CLOSES)})
    authorise.handler(acting(ladder.on("Tue 2026-10-06").uow, OFFICER), ladder.case_id, facts, None)
    assert "not prepared yet" in refused(ladder, "ballot_notices_approved")
    ladder.work().act("ballot_notices_approved", by=SECOND)
    assert "approved already" in refused(ladder, "ballot_notices_approved")


def test_a_refusal_says_what_comes_next_and_lists_no_stages(climb: Climb) -> None:
    """Turns red if `current_ballot` raises the table's own sentence."""
    assert refused(climb("won"), "ballot_cancelled", reason="too late").endswith(
        "is declared. Its result stands; members may be asked again in another ballot."
    )
    assert refused(climb("noticed"), "turnout_reported", cast=1).endswith(
        "It opens by itself on Tuesday 20 October 2026."
    )


def test_the_scrutineer_reports_once(climb: Climb) -> None:
    """Turns red if `reported_ballot` does not look for the report that came."""
    ladder = climb("won")
    assert "Declare the result first" in refused(climb("closed"), "scrutineer_reported", **REPORT)
    ladder.on("Fri 2026-11-20").act("scrutineer_reported", **REPORT)
    assert "scrutineer_reported" not in offered(ladder)
    assert "there is one report on a ballot" in refused(ladder, "scrutineer_reported", **REPORT)


def test_notices_of_action_are_approved_once(climb: Climb) -> None:
    """Turns red if `may_approve_action_papers` counts what is approved."""
    ladder = climb("won").on("Fri 2026-11-20")
    assert "action_notices_approved" not in offered(ladder)
    ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    assert "action_notices_approved" in offered(ladder)
    ladder.act("action_notices_approved", by=SECOND)
    assert "action_notices_approved" not in offered(ladder)
    assert "approved already" in refused(ladder, "action_notices_approved")


def test_a_case_is_woken_only_from_its_rest(climb: Climb) -> None:
    """Turns red if the act is offered to every case."""

    ladder = climb("won")
    happen(ladder.uow, ladder.case, (EventKind.CASE_RESTED, {"reason": "exams", "wake_on": "2026-11-27"}))
    assert "case_woken" in offered(ladder)


@pytest.mark.parametrize(("members", "present", "found"), [(3, 3, None), (3, 4, "at most the 3"), (0, 400, None)])
def test_no_more_are_present_than_are_in_membership(
    uow: UnitOfWork, members: int, present: int, found: str | None
) -> None:
    """Turns red if `recording` leaves out `_require_members`; who joins later does not count for the day."""
    workplace = a_workplace(uow)
    for _ in range(members):
        a_member(uow, workplace)
        a_member(uow, workplace, joined_on=uow.today + timedelta(days=1))
    case = a_case(uow, workplace)
    happen(uow, case, (EventKind.MEMBERS_MEETING_ARRANGED, {"meets_on": "2026-09-01"}))
    held = CASE_ACTS["members_meeting_held"]
    facts = held.facts.model_validate({"happened_on": uow.today, "present": present, "in_favour": 1})
    if found is None:
        held.handler(uow, case.id, facts, None)
        return
    with pytest.raises(BadInput, match=found):
        held.handler(uow, case.id, facts, None)


def test_receipt_is_asked_only_of_what_is_not_proved(climb: Climb) -> None:
    """Turns red if `choices._notices` offers members' papers, those that are proved, or the oldest first."""
    ladder = climb("won")

    def choices() -> list[str]:
        return [each.text for each in choices_for(ladder.uow, ladder.case_id, Receipt)["notice"]]

    about = [each for each in ladder.uow.session.query(Notice) if each.recipient_key.startswith("member:")]
    assert Counter(each.kind for each in about)["ballot_result_members"] == ENTITLED
    assert all(f"{label}" not in text for text in choices() for label in {each.subject_line for each in about})
    assert 0 < len(choices()) < ENTITLED
    first = choices()[0]
    unproved = [each for each in ladder.papers("sample_voting_paper") if each.medium is Medium.MAIL]
    ladder.act("notice_received", notice=unproved[0].id, received_on=ladder.uow.today, how=ReceiptKind.ACKNOWLEDGED)
    assert first.startswith(message_kind("notice_of_ballot").label)
    assert not [text for text in choices() if text.startswith(message_kind("sample_voting_paper").label)]


OVER_AGAIN = {"opens_on": day("Tue 2026-12-08"), "closes_on": day("Tue 2027-01-12")}
FOUR_OF_TWELVE = {"entitled": ENTITLED, "cast": 4, "strike_yes": 4, "strike_no": 0, "asos_yes": 4, "asos_no": 0}


def in_dispute_again(ladder: Ladder) -> Ladder:
    """The case settled before its result, reopened, and is in a new dispute."""
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED, EventKind.CASE_REOPENED)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    return ladder.act("dispute_declared")


def test_the_result_of_a_held_ballot_is_declared_although_the_case_is_in_a_new_dispute(climb: Climb) -> None:
    """Members and employers are owed it (ss. 231, 231A). Turns red if `closed_ballot` asks the latest dispute alone."""
    ladder = in_dispute_again(climb("closed"))
    first = ladder.ballot
    assert "result_declared" in offered(ladder)
    ladder.act("result_declared", **WON)
    assert (first.stage, first.told_members_on) == (BallotStage.DECLARED, ladder.uow.today)
    assert latest_mandate(ladder.uow, ladder.case_id) is None
    assert ladder.stage is Stage.BALLOT_PREPARATION
    assert "ballot_authorised" in offered(ladder)


def test_where_two_ballots_await_their_results_the_act_names_one(climb: Climb) -> None:
    """
    A count never lands on the other ballot, nor does the turnout of one bind the other.

    Turns red if `closed_ballot` picks one of several, or `_require_reported` does not look at the ballot.
    """
    ladder = in_dispute_again(climb("closed"))
    first = ladder.ballot
    second = ladder.act("ballot_authorised", **BOTH, **OVER_AGAIN).ballot
    ladder.act("ballot_notices_approved", by=SECOND).arrives("notice_of_ballot").arrives("sample_voting_paper")
    ladder.on("Tue 2026-12-08", work=True).act("turnout_reported", cast=9).on("Wed 2027-01-13", work=True)
    assert [each.stage for each in (first, second)] == [BallotStage.CLOSED] * 2
    choices = choices_for(ladder.uow, ladder.case_id, Figures)["ballot"]
    assert [each.value for each in choices] == [first.ref, second.ref]
    for named in ({}, {"ballot": "B-none"}):
        with pytest.raises(BadInput) as caught:
            ladder.act("result_declared", **FOUR_OF_TWELVE, **named)
        assert caught.value.field == "ballot"
    ladder.act("result_declared", **FOUR_OF_TWELVE, ballot=first.ref)
    assert (first.stage, second.stage) == (BallotStage.DECLARED, BallotStage.CLOSED)
    assert ladder.stage is Stage.BALLOT_RESULT
    assert ladder.kinds().count(EventKind.RESULT_DECLARED) == 1
    ladder.act("result_declared", **WON)
    assert (second.stage, second.result and second.result["cast"]) == (BallotStage.DECLARED, 10)
    assert latest_mandate(ladder.uow, ladder.case_id) is not None


def test_the_result_of_a_ballot_is_declared_while_members_vote_in_the_next(climb: Climb) -> None:
    """
    It is told like any other, stands in what happened, and leaves the ballot of now alone (ss. 231, 231A).

    Turns red if `_VOTING` loses a stage or `_outcome_of_result` does not ask which ballot it is of, if `_counted`
    forgets the ballot of now, or `cases_told` sets the case no day to tell by.
    """
    ladder = in_dispute_again(climb("closed"))
    first = ladder.ballot
    second = ladder.act("ballot_authorised", **BOTH, **OVER_AGAIN).ballot
    ladder.act("ballot_notices_approved", by=SECOND).arrives("notice_of_ballot").arrives("sample_voting_paper")
    ladder.on("Tue 2026-12-08", work=True)
    assert (ladder.stage, "result_declared" in offered(ladder)) == (Stage.BALLOT_OPEN, True)
    ladder.act("result_declared", **FOUR_OF_TWELVE, ballot=first.ref)
    assert (first.stage, first.told_members_on, second.stage) == (
        BallotStage.DECLARED,
        day("Tue 2026-12-08"),
        BallotStage.OPEN,
    )
    assert ladder.stage is Stage.BALLOT_OPEN
    assert ladder.kinds().count(EventKind.RESULT_DECLARED) == 1
    assert repository.state_of(ladder.uow, ladder.case_id).ballot_id == str(second.id)
    assert ladder.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) == day("Wed 2026-12-09")
    ladder.on("Wed 2027-01-13", work=True).act("result_declared", **WON)
    assert (second.stage, ladder.stage) == (BallotStage.DECLARED, Stage.BALLOT_RESULT)


def test_the_employer_is_told_of_an_earlier_ballot_that_is_counted_last(climb: Climb) -> None:
    """Turns red if `tell_result` asks for the receipt of the ballot authorised last: its duty was met long before."""
    ladder = in_dispute_again(climb("closed"))
    first = ladder.ballot
    ladder.act("ballot_authorised", **BOTH, **OVER_AGAIN)
    ladder.act("ballot_notices_approved", by=SECOND).arrives("notice_of_ballot").arrives("sample_voting_paper")
    second = ladder.on("Tue 2026-12-08", work=True).on("Wed 2027-01-13", work=True).ballot
    ladder.act("result_declared", **WON, ballot=second.ref)
    ladder.on("Thu 2027-01-14").arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED)
    ladder.on("Fri 2027-01-15").act("result_declared", **FOUR_OF_TWELVE, ballot=first.ref)
    assert ladder.stage is Stage.BALLOT_RESULT
    assert ladder.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) == day("Mon 2027-01-18")
    ladder.on("Mon 2027-01-18")
    ladder.arrives("ballot_result_employer", f"ballot:{first.id}", how=ReceiptKind.ACKNOWLEDGED)
    assert ladder.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) is None


def test_a_ballot_of_a_dispute_that_is_over_does_not_stand_in_the_way_of_the_next(climb: Climb) -> None:
    """The count of the first is awaited still. Turns red if `is_under_ballot` does not ask whether the case left."""
    ladder = in_dispute_again(climb("closed"))
    assert ladder.ballot.stage is BallotStage.CLOSED
    assert offered(ladder) == {"ballot_authorised", "result_declared"}
