"""Notices of action, instructions, action on its days and the end of it: by itself, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from ballots.action_steps import end_action, issues_of, prepare_action_notices
from ballots.mandate import ActionKind
from ballots.models import ActionStage
from casework import repository
from casework.deadlines import DeadlineKind
from casework.lifecycle import EventKind, Stage
from core.errors import BadInput
from notifications import proof
from notifications.lifecycle import State
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.ballots.law import keep_fresh
from tests.ballots.scenes import BOTH, ENTITLED, SECOND, STEPS, WON, Ladder, dump
from tests.builders import a_member, happen
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

Climb = Callable[[str], Ladder]
DAYS = (day("Wed 2027-01-27"), day("Thu 2027-01-28"))
LAST = "Tue 2027-11-16"


def asos(ladder: Ladder, starts: str = "Mon 2026-12-07") -> Ladder:
    return ladder.act("asos_authorised", instructions=[2, 6], starts_on=day(starts))


def told(ladder: Ladder, kind: str) -> Counter[str]:
    return Counter(each.recipient_key for each in ladder.uow.session.query(Notice).filter_by(kind=kind))


def test_no_notice_of_action_before_the_employer_was_told_the_result(climb: Climb) -> None:
    """Turns red if `prepare_action_notices` does not ask `issues_of` (s. 234A(4)(a))."""
    ladder = climb("closed").act("result_declared", **WON).on("Thu 2026-11-19")
    asos(ladder)
    (action,) = ladder.actions
    assert [each.code for each in issues_of(ladder.uow, action)] == ["action_notice_before_result_told"]
    assert not ladder.papers("notice_of_action", f"action:{action.id}")
    ladder.arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED)
    assert len(ladder.papers("notice_of_action", f"action:{action.id}")) == 2


def test_the_notice_may_arrive_on_the_day_the_result_is_told(climb: Climb) -> None:
    """Turns red if the same day counts as before the result."""
    ladder = climb("closed").act("result_declared", **WON).on("Thu 2026-11-19")
    asos(ladder).arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED).action_arrives()
    assert ladder.actions[-1].stage is ActionStage.NOTIFIED
    assert ladder.met(DeadlineKind.ACTION_NOTICE_RECEIVED) == day("Thu 2026-11-19")


@pytest.mark.parametrize(
    ("received", "stage"),
    [("Fri 2026-11-27", ActionStage.NOTIFIED), ("Sat 2026-11-28", ActionStage.AUTHORISED)],
)
def test_a_notice_counts_up_to_the_tenth_day_before(climb: Climb, received: str, stage: ActionStage) -> None:
    """Turns red if `serve_action_notices` does not judge the day of receipt, or by a day more or less."""
    ladder = asos(climb("won").on("Fri 2026-11-20")).act("action_notices_approved", by=SECOND)
    ladder.on(received).arrives("notice_of_action", f"action:{ladder.actions[-1].id}")
    assert ladder.actions[-1].stage is stage
    ladder.on("Mon 2026-12-07", work=True)
    assert ladder.stage is (Stage.ASOS_IN_FORCE if stage is ActionStage.NOTIFIED else Stage.ASOS_AUTHORISED)


def test_a_machines_word_does_not_notify_action(climb: Climb) -> None:
    ladder = asos(climb("won").on("Fri 2026-11-20")).act("action_notices_approved", by=SECOND)
    ladder.arrives("notice_of_action", f"action:{ladder.actions[-1].id}", how=ReceiptKind.DELIVERED)
    assert ladder.actions[-1].stage is ActionStage.AUTHORISED


def test_an_unapproved_notice_stays_here(climb: Climb) -> None:
    """Turns red if `queue_approved` queues what nobody approved."""
    ladder = asos(climb("won").on("Fri 2026-11-20")).work()
    assert ladder.notice_of_action().state is State.RENDERED


def test_each_member_has_the_instructions_once_and_only_when_notified(climb: Climb) -> None:
    """Turns red if sheets go out with the authorisation, or the second run does not look for the first's."""
    ladder = asos(climb("won").on("Fri 2026-11-20")).work()
    assert not told(ladder, "instruction_sheet")
    a_member(ladder.uow, ladder.case.workplace, joined_on=day("Fri 2026-11-20"))
    ladder.action_arrives().work()
    sheets = told(ladder, "instruction_sheet")
    assert sheets.keys() > told(ladder, "ballot_result_members").keys()
    assert (len(sheets), set(sheets.values())) == (13, {1})


@pytest.mark.parametrize(
    ("today", "stage"), [("Sun 2026-12-06", Stage.ASOS_AUTHORISED), ("Mon 2026-12-07", Stage.ASOS_IN_FORCE)]
)
def test_action_begins_on_its_day(climb: Climb, today: str, stage: Stage) -> None:
    """Turns red if `starts_on > today` is dropped or reversed."""
    ladder = asos(climb("won").on("Fri 2026-11-20")).action_arrives().on(today, work=True)
    assert ladder.stage is stage


def test_action_does_not_begin_once_the_proof_of_its_notice_is_withdrawn(climb: Climb) -> None:
    """Turns red if `_proof_stands` is not asked."""
    ladder = asos(climb("won").on("Fri 2026-11-20")).action_arrives()
    proof.revoke(ladder.uow, ladder.notice_of_action().id, reason="another letter was meant")
    ladder.on("Mon 2026-12-07", work=True)
    assert ladder.stage is Stage.ASOS_AUTHORISED


def test_action_does_not_begin_after_its_mandate(climb: Climb) -> None:
    """
    Turns red if `is_live` is not asked: the worker was away from before the first day until after the last.

    The case goes back to negotiation, from where a fresh ballot can be held.
    """
    ladder = asos(climb("won").on("Fri 2026-11-20"), LAST).action_arrives()
    ladder.on("Wed 2027-11-17", work=True)
    assert [action.stage for action in ladder.actions] == [ActionStage.ENDED]
    assert EventKind.ASOS_BEGAN not in ladder.kinds()
    assert ladder.stage is Stage.OFFICER_NEGOTIATION


def test_action_never_notified_before_its_mandate_ended_is_withdrawn(climb: Climb) -> None:
    """Turns red if a case can be stuck: the table names no other way on from authorised action."""
    ladder = asos(climb("won").on("Fri 2026-11-20"), LAST).on("Wed 2027-11-17", work=True)
    assert ladder.stage is Stage.OFFICER_NEGOTIATION
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) is None


def test_members_are_told_to_stop_on_the_last_day_and_the_action_ends_after_it(climb: Climb) -> None:
    """Turns red if `today < last_day` becomes `<=` (told too late), or the action ends a day early (s. 234)."""
    ladder = climb("in_force").on("Mon 2027-11-15", work=True)
    assert not told(ladder, "stand_down")
    ladder.on(LAST, work=True)
    assert (len(told(ladder, "stand_down")), set(told(ladder, "stand_down").values())) == (ENTITLED, {1})
    assert ladder.stage is Stage.ASOS_IN_FORCE
    notice = ladder.uow.session.query(Notice).filter_by(kind="stand_down").first()
    assert notice is not None
    assert (notice.facts["reason"], notice.facts["last_day"]) == ("mandate_ends", "2027-11-16")
    ladder.on("Wed 2027-11-17", work=True)
    assert (ladder.stage, ladder.actions[-1].stage) == (Stage.OFFICER_NEGOTIATION, ActionStage.ENDED)
    assert ladder.met(DeadlineKind.MANDATE_ENDS) == day(LAST)
    assert set(told(ladder, "stand_down").values()) == {1}
    assert not repository.state_of(ladder.uow, ladder.case_id).asos_in_force


def test_action_beside_a_strike_ends_with_its_mandate_too(climb: Climb) -> None:
    """Turns red if the end is only noted while the case stands at action short of a strike."""
    ladder = climb("striking").on("Fri 2027-01-29")
    for on in DAYS:
        ladder.act("strike_day_withdrawn", on=on, reason="talks")
    assert ladder.stage is Stage.OFFICER_NEGOTIATION
    assert repository.state_of(ladder.uow, ladder.case_id).asos_in_force
    ladder.on(LAST, work=True).on("Wed 2027-11-17", work=True)
    assert told(ladder, "stand_down").total() == ENTITLED
    assert not repository.state_of(ladder.uow, ladder.case_id).asos_in_force
    assert ladder.stage is Stage.OFFICER_NEGOTIATION


@pytest.mark.parametrize("reopened", [False, True])
def test_members_of_a_case_that_is_closed_are_not_told_of_terms(climb: Climb, reopened: bool) -> None:
    """Turns red if `_how_it_ended` says settled whenever a case is over, or goes by where the case stands now."""
    ladder = climb("in_force").on("Tue 2027-01-12").act("escalation_sought", happened_on=day("Tue 2027-01-12"))
    ladder.act("escalation_meeting_held", happened_on=day("Tue 2027-01-12"), present=10, in_favour=2)
    happen(ladder.uow, ladder.case, (EventKind.CASE_CLOSED, {"reason": "members no longer pursue it"}))
    happen(ladder.uow, ladder.case, *((EventKind.CASE_REOPENED,) if reopened else ()))
    ladder.work()
    notice = ladder.uow.session.query(Notice).filter_by(kind="stand_down").first()
    assert notice is not None
    assert (notice.facts["reason"], notice.facts["last_day"]) == ("closed", "2027-01-12")
    assert b"no longer pursues the dispute" in notice.body
    assert b"agreed" not in notice.body


def test_settlement_ends_action_the_same_day(climb: Climb) -> None:
    """Turns red if `settled` is not looked at."""
    ladder = climb("in_force").on("Tue 2027-01-12")
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    ladder.work().work()
    assert ladder.actions[-1].stage is ActionStage.ENDED
    assert set(told(ladder, "stand_down").values()) == {1}
    notice = ladder.uow.session.query(Notice).filter_by(kind="stand_down").first()
    assert notice is not None
    assert (notice.facts["reason"], notice.facts["last_day"]) == ("settled", "2027-01-12")


def test_settlement_withdraws_what_was_only_authorised(climb: Climb) -> None:
    """Turns red if `end_action` looks at notified action only: the notice would go out after a reopening."""
    ladder = asos(climb("won").on("Fri 2026-11-20"))
    notice = ladder.notice_of_action()
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    end_action(ladder.uow, ladder.case_id)
    assert (ladder.actions[-1].stage, notice.state) == (ActionStage.ENDED, State.CANCELLED)


def test_members_who_vote_a_strike_down_withdraw_its_days(climb: Climb) -> None:
    """Turns red if an unserved strike outlives the stage it was authorised at."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))
    ladder.act("strike_authorised", days=list(DAYS))
    ladder.act("escalation_meeting_held", happened_on=day("Mon 2027-01-11"), present=10, in_favour=5)
    strike = ladder.actions[-1]
    assert (strike.kind, strike.stage) == (ActionKind.STRIKE, ActionStage.ENDED)
    assert ladder.deadline(DeadlineKind.STRIKE_ENDS) is None


def test_a_strike_is_over_once_every_day_is_recorded(climb: Climb) -> None:
    """Turns red if the last day alone, or the record of one day, ends the strike."""
    ladder = climb("striking").on("Wed 2027-01-27").act("strike_day_held", on=DAYS[0], took_part=5)
    ladder.on("Fri 2027-01-29", work=True)
    assert ladder.stage is Stage.STRIKE_ACTION
    ladder.act("strike_day_withdrawn", on=DAYS[1], reason="talks")
    assert (ladder.stage, ladder.actions[-1].stage) == (Stage.PAY_REIMBURSEMENT, ActionStage.ENDED)


def test_a_second_strike_may_follow_while_action_goes_on(climb: Climb) -> None:
    """
    Turns red if a strike without a settlement ends action short of a strike, or its days stand in the next one's way.
    """
    ladder = climb("striking").on("Wed 2027-01-27").act("strike_day_held", on=DAYS[0], took_part=5)
    ladder.on("Thu 2027-01-28").act("strike_day_held", on=DAYS[1], took_part=5).on("Fri 2027-01-29", work=True)
    happen(ladder.uow, ladder.case, EventKind.CLAIMS_SETTLED)
    assert (ladder.stage, ladder.actions[0].stage) == (Stage.STRIKE_ESCALATION, ActionStage.BEGUN)
    again = day("Wed 2027-02-10")
    ladder.on("Fri 2027-01-29").act("strike_authorised", days=[again]).action_arrives()
    assert (ladder.stage, ladder.deadline(DeadlineKind.STRIKE_ENDS)) == (Stage.STRIKE_ACTION, again)
    ladder.on("Wed 2027-02-10").act("strike_day_held", on=again, took_part=4).on("Thu 2027-02-11", work=True)
    assert [action.stage for action in ladder.actions] == [ActionStage.BEGUN, ActionStage.ENDED, ActionStage.ENDED]
    assert ladder.stage is Stage.PAY_REIMBURSEMENT
    assert not told(ladder, "stand_down")


def test_a_strike_is_not_over_on_its_last_day(climb: Climb) -> None:
    """Turns red if `>= today` becomes `> today` in `end_strike`."""
    ladder = climb("striking").on("Wed 2027-01-27").act("strike_day_held", on=DAYS[0], took_part=5)
    ladder.on("Thu 2027-01-28").act("strike_day_held", on=DAYS[1], took_part=5)
    assert ladder.stage is Stage.STRIKE_ACTION
    assert ladder.on("Fri 2027-01-29", work=True).stage is Stage.PAY_REIMBURSEMENT


def test_a_strike_day_on_the_mandates_last_day_can_be_recorded_afterwards(climb: Climb) -> None:
    """Turns red if `end_action` ends a strike with its mandate: the case would be stuck and pay never claimed."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))
    ladder.act("strike_authorised", days=[day(LAST)]).action_arrives()
    ladder.on(LAST, work=True).on("Wed 2027-11-17", work=True)
    ladder.act("strike_day_held", on=day(LAST), took_part=5)
    assert ladder.stage is Stage.PAY_REIMBURSEMENT


def balloted_again(ladder: Ladder) -> Ladder:
    """Action goes on while a second ballot carries both questions, with a mandate to 19 September 2028."""
    ladder.on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))
    ladder.act("escalation_meeting_held", happened_on=ladder.uow.today, present=10, in_favour=2)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    opens, closes = "Mon 2027-09-06", "Mon 2027-09-20"
    keep_fresh(ladder.on("Mon 2027-08-30").uow)
    ladder.act("ballot_authorised", **BOTH, opens_on=day(opens), closes_on=day(closes))
    ladder.act("ballot_notices_approved", by=SECOND).arrives("notice_of_ballot").arrives("sample_voting_paper")
    return ladder.on(opens, work=True).on("Tue 2027-09-21", work=True).act("result_declared", **WON)


@pytest.mark.parametrize(("starts", "gap"), [("Wed 2027-11-17", False), ("Thu 2027-11-18", True)])
def test_members_are_not_told_to_stop_what_goes_on(climb: Climb, starts: str, gap: bool) -> None:
    """Turns red if `_goes_on` is not asked, or a day without a mandate does not count as a gap."""
    ladder = balloted_again(climb("in_force")).arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED)
    asos(ladder, starts).action_arrives().on(LAST, work=True)
    assert bool(told(ladder, "stand_down")) is gap
    ladder.on("Wed 2027-11-17", work=True).on("Thu 2027-11-18", work=True)
    assert [action.stage for action in ladder.actions] == [ActionStage.ENDED, ActionStage.BEGUN]
    assert ladder.stage is Stage.ASOS_IN_FORCE
    assert ladder.deadline(DeadlineKind.MANDATE_ENDS) == day("Tue 2028-09-19")


def test_action_under_an_earlier_ballot_keeps_its_own_last_day(climb: Climb) -> None:
    """Turns red if a second ballot's mandate replaces the deadline of the first, under which action still goes on."""
    ladder = balloted_again(climb("in_force"))
    assert ladder.deadline(DeadlineKind.MANDATE_ENDS) == day(LAST)
    ladder.on(LAST, work=True).on("Wed 2027-11-17", work=True)
    assert told(ladder, "stand_down").total() == ENTITLED
    assert ladder.deadline(DeadlineKind.MANDATE_ENDS) == day("Tue 2028-09-19")
    assert ladder.stage is Stage.BALLOT_RESULT


def test_a_case_cannot_rest_over_a_day_of_the_law(climb: Climb) -> None:
    """Turns red if `_check_rest` asks for no deadlines: action would outlive its mandate while the case rests."""
    ladder = climb("in_force").on("Tue 2027-01-12")
    rest = {"reason": "exam season", "wake_on": "2027-11-17"}
    with pytest.raises(BadInput, match="a day up to 2027-11-16"):
        happen(ladder.uow, ladder.case, (EventKind.CASE_RESTED, rest))
    happen(ladder.uow, ladder.case, (EventKind.CASE_RESTED, {**rest, "wake_on": "2027-11-16"}))
    assert ladder.case.wake_on == day(LAST)


def test_a_notice_is_prepared_once(climb: Climb) -> None:
    ladder = asos(climb("won").on("Fri 2026-11-20"))
    before = dump(ladder.uow)
    prepare_action_notices(ladder.uow, ladder.case_id)
    assert dump(ladder.uow) == before


@pytest.mark.parametrize("event", [EventKind.SETTLEMENT_REACHED, EventKind.CASE_CLOSED])
def test_the_end_of_a_case_twice_is_its_end_once(climb: Climb, event: EventKind) -> None:
    ladder = climb("won").on("Fri 2026-11-20")
    happen(ladder.uow, ladder.case, (event, {"reason": "by agreement"}))
    ladder.work()
    once = dump(ladder.uow)
    for step in STEPS:
        step(ladder.uow, ladder.case_id)
    assert dump(ladder.uow) == once
