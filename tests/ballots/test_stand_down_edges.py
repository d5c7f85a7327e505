"""The edges of a stand-down: whom it concerns to the day, what waits for a court, and from which day action goes on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from app.stand_down_people import to_say
from app.stand_down_views import PersonStanding, standing_page
from ballots import stand_down, stand_down_messages
from ballots.models import ActionStage
from casework import disputes
from casework.deadlines import DeadlineKind
from casework.register.models import Member
from casework.stand_downs import REASONS, Party, StandDown, StandDownReason, StandDownRecipient
from core.errors import Conflict
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, State
from notifications.models import Notice
from tests.ballots.scenes import ENTITLED, SECOND, Ladder
from tests.ballots.schools import joined, together
from tests.builders import a_member
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]
ORDER = {"reason": "injunction", "note": "The High Court granted an injunction."}


def stop(ladder: Ladder, reason: StandDownReason = StandDownReason.INJUNCTION) -> None:
    """The order alone: no step follows it yet."""
    stand_down.order(ladder.uow, ladder.case_id, reason, "As advised.")


def lift(ladder: Ladder, resumes_on: date | None = None) -> None:
    """Everybody was told; a second person lifts it, and no step follows yet."""
    while stand_down_messages.tell(ladder.uow):
        pass
    stand_down.lift(replace(ladder.uow, actor=SECOND), ladder.case_id, "discharged", resumes_on)


def concerned(uow: UnitOfWork, party: Party) -> set[uuid.UUID]:
    return {row.party_id for row in uow.session.query(StandDownRecipient).filter_by(party=party)}


def authorised(climb: Climb) -> Ladder:
    """Action short of a strike that its employer had no notice of yet."""
    ladder = climb("won").on("Fri 2026-11-20")
    return ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))


def stages(ladder: Ladder) -> list[ActionStage]:
    return [each.stage for each in ladder.actions]


def test_every_reason_has_its_words() -> None:
    """Turns red if a reason is added without words: the page and the history of its stand-down could not be shown."""
    assert set(REASONS) == set(StandDownReason)


def test_a_school_that_left_the_dispute_is_told_while_its_action_goes_on(climb: Climb) -> None:
    """Turns red if `_schools` asks only for cases that have not left: members there hold the same calls."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    part = disputes.part_of(ladder.uow, ladder.case_id)
    assert part is not None
    part.settled_on = ladder.uow.today
    ladder.uow.session.flush()
    stop(ladder)
    assert len(concerned(ladder.uow, Party.MEMBER)) == ENTITLED
    assert stages(ladder) == [ActionStage.STOOD_DOWN]


def test_a_dispute_that_ended_with_nothing_left_is_not_stood_down(climb: Climb) -> None:
    """Turns red if `order` asks nothing of a dispute that is over: it would report success and have told nobody."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    disputes.leave(ladder.uow, ladder.case_id)
    ladder.work()
    dispute = disputes.dispute_of(ladder.uow, ladder.case_id)
    assert dispute is not None
    sentence = f"The dispute {dispute.ref} ended on Monday 11 January 2027. No action is left to stand down."
    with pytest.raises(Conflict, match=sentence):
        stop(ladder)
    assert ladder.uow.session.query(StandDown).count() == 0


def test_a_dispute_that_ended_is_stood_down_while_its_action_or_a_call_is_still_here(climb: Climb) -> None:
    """Turns red if `leaves_action` does not ask for action that no step has ended yet, or for calls that may leave."""
    ladder = climb("striking").on("Mon 2027-01-18")
    disputes.leave(ladder.uow, ladder.case_id)
    dispute = disputes.dispute_of(ladder.uow, ladder.case_id)
    assert dispute is not None
    assert stand_down.leaves_action(ladder.uow, dispute)
    for action in ladder.actions:
        action.stage = ActionStage.ENDED
    ladder.uow.session.flush()
    # The reminders of the strike days are still here.
    assert stand_down.leaves_action(ladder.uow, dispute)
    queued = update(Notice).where(Notice.kind == "strike_day_reminder")
    ladder.uow.session.execute(queued.values(state=State.CANCELLED))
    assert not stand_down.leaves_action(ladder.uow, dispute)
    ladder.uow.session.execute(queued.values(state=State.QUEUED))
    stop(ladder)
    assert ladder.uow.session.query(StandDown).count() == 1


def ended_with_reminders(climb: Climb) -> Ladder:
    """A dispute that ended, whose strike is over, and of whose messages only the reminders are still here."""
    ladder = climb("striking").on("Mon 2027-01-18")
    disputes.leave(ladder.uow, ladder.case_id)
    for action in ladder.actions:
        action.stage = ActionStage.ENDED
    ladder.uow.session.flush()
    return ladder


def test_of_a_dispute_that_ended_nobody_is_told_whom_no_call_can_reach(climb: Climb) -> None:
    """Turns red if `_keep_back` leaves what is filed under action that had ended: it would wait here, and be held."""
    ladder = ended_with_reminders(climb)
    stop(ladder)
    ladder.uow.session.expire_all()
    reminders = ladder.uow.session.query(Notice).filter_by(kind="strike_day_reminder")
    assert {each.state for each in reminders} == {State.CANCELLED}
    assert ladder.uow.session.query(StandDownRecipient).count() == 0
    page = standing_page(ladder.uow, ladder.case.ref)
    assert page is not None
    assert page.nobody is not None
    assert "kept back and never left" in page.nobody


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN])
def test_of_a_dispute_that_ended_whoever_a_call_may_yet_reach_is_told(climb: Climb, state: State) -> None:
    """Turns red if `_write_down_called` asks only about action that is on: the call would be the last they hear."""
    ladder = ended_with_reminders(climb)
    reminder = ladder.uow.session.query(Notice).filter_by(kind="strike_day_reminder").first()
    assert reminder is not None
    gone = {"state": state, "epoch": 1, "lease_until": ladder.uow.now}
    ladder.uow.session.execute(update(Notice).where(Notice.id == reminder.id).values(**gone))
    stop(ladder)
    [row] = ladder.uow.session.query(StandDownRecipient)
    assert (row.party, f"member:{row.party_id}") == (Party.MEMBER, reminder.recipient_key)
    assert row.stand_down.under_way == [str(reminder.id)]
    assert stand_down_messages.tell(ladder.uow) == 1
    page = standing_page(ladder.uow, ladder.case.ref)
    assert page is not None
    assert page.nobody is None


def test_whom_a_text_misses_after_action_went_on_is_rung_up_and_hears_the_truth(
    climb: Climb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if they drop out of the list, or are to hear that action is off which goes on, or on which is over."""
    monkeypatch.setenv("MANDATE_SMS_URL", "https://texts.example.org/v1/messages")
    monkeypatch.setenv("MANDATE_SMS_KEY", "a-key-of-sixteen-letters")
    settings.cache_clear()
    ladder = climb("in_force").on("Mon 2027-01-11")
    [member, *_] = ladder.uow.session.query(Member).filter_by(workplace_id=ladder.case.workplace_id)
    member.phone = "+447700900123"
    ladder.act("dispute_stood_down", **ORDER)
    lift(ladder.on("Thu 2027-01-14"), day("Mon 2027-01-18"))
    [text] = ladder.uow.session.query(Notice).filter_by(kind="stood_down_member", medium=Medium.SMS)
    failed = {"state": State.FAILED_PERMANENT, "epoch": 1}
    ladder.uow.session.execute(update(Notice).where(Notice.id == text.id).values(**failed))
    ladder.uow.session.expire_all()
    settings.cache_clear()
    assert stand_down_messages.tell(ladder.uow) == 0
    page = standing_page(ladder.uow, ladder.case.ref, only=PersonStanding.NOT_REACHED)
    assert page is not None
    assert [each.party_id for each in page.people] == [member.id]
    assert "was off from Monday 11 January 2027. It goes on from Monday 18 January 2027" in page.to_say
    for action in ladder.actions:
        action.stage = ActionStage.ENDED
    ladder.uow.session.flush()
    row = ladder.uow.session.query(StandDown).one()
    assert to_say(ladder.uow, row) == "What they were called to before Monday 11 January 2027 is off and stays off."


def test_while_it_stands_whoever_is_rung_up_hears_that_action_is_off(climb: Climb) -> None:
    """Turns red if `to_say` speaks of going on before the stand-down is lifted with a day."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    stop(ladder)
    row = ladder.uow.session.query(StandDown).one()
    assert to_say(ladder.uow, row) == "All action of this dispute has been off since Monday 11 January 2027."
    lift(ladder)
    assert "is off and stays off" in to_say(ladder.uow, row)


def test_a_ballot_may_be_forbidden_before_there_is_any_action(climb: Climb) -> None:
    """Turns red if `order` wants action of a dispute that goes on."""
    stop(climb("noticed"))


@pytest.mark.parametrize(
    ("joined_on", "left_on", "told"),
    [
        ("Mon 2026-10-05", "Mon 2027-01-11", True),
        ("Mon 2026-10-05", "Sun 2027-01-10", False),
        ("Mon 2027-01-11", None, True),
        ("Tue 2027-01-12", None, False),
    ],
)
def test_whoever_is_a_member_today_is_told(climb: Climb, joined_on: str, left_on: str | None, told: bool) -> None:
    """Turns red if the last day of a membership, or its first, does not count, or a day to come does."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    left = day(left_on) if left_on else None
    member = a_member(ladder.uow, ladder.case.workplace, joined_on=day(joined_on), left_on=left)
    stop(ladder)
    assert (member.id in concerned(ladder.uow, Party.MEMBER)) is told


def test_the_receipt_of_a_notice_is_awaited_no_more(climb: Climb) -> None:
    """Turns red if `OFF` leaves the notice of action out: the case would warn of a paper that may not leave."""
    ladder = authorised(climb)
    assert ladder.deadline(DeadlineKind.ACTION_NOTICE_RECEIVED) is not None
    stop(ladder)
    assert ladder.deadline(DeadlineKind.ACTION_NOTICE_RECEIVED) is None
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) is None


def test_the_scrutineer_of_a_ballot_that_is_not_open_hears_nothing(uow: UnitOfWork) -> None:
    """Turns red if `_others` does not ask whether the ballot is open."""
    made = together(joined(uow, 30, 30))
    assert made[0].ballot.scrutineer is not None
    stop(made[0])
    assert not concerned(made.uow, Party.SCRUTINEER)
    assert len(concerned(made.uow, Party.MEMBER)) == 60


def test_what_was_not_notified_does_not_wait_for_the_court(climb: Climb) -> None:
    """Turns red if `_waits_for_the_court` does not ask `_was_notified`: there is no notice it could go on under."""
    ladder = authorised(climb).act("dispute_stood_down", **ORDER)
    assert stages(ladder) == [ActionStage.ENDED]


def test_nothing_waits_for_the_court_after_its_mandate(climb: Climb) -> None:
    """Turns red if `_waits_for_the_court` does not ask whether the mandate lasts."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("dispute_stood_down", **ORDER)
    last = ladder.actions[0].mandate.last_day
    ladder.on(f"{last:%a %Y-%m-%d}", work=True)
    assert stages(ladder) == [ActionStage.STOOD_DOWN]
    after = date.fromordinal(last.toordinal() + 1)
    ladder.on(f"{after:%a %Y-%m-%d}", work=True)
    assert stages(ladder) == [ActionStage.ENDED]


def test_nothing_waits_for_the_court_after_a_settlement(climb: Climb) -> None:
    """Turns red if `_waits_for_the_court` does not ask whether the case has left the dispute."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("dispute_stood_down", **ORDER)
    part = disputes.part_of(ladder.uow, ladder.case_id)
    assert part is not None
    part.settled_on = ladder.uow.today
    ladder.uow.session.flush()
    stand_down.follow(ladder.uow, ladder.case_id)
    assert stages(ladder) == [ActionStage.ENDED]


def test_action_goes_on_from_today_at_the_earliest(climb: Climb) -> None:
    """Turns red if a day that is over is taken, or today is not."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    stop(ladder)
    ladder.on("Thu 2027-01-14")
    with pytest.raises(Conflict, match="that day is over"):
        lift(ladder, day("Wed 2027-01-13"))
    assert stages(ladder) == [ActionStage.STOOD_DOWN]
    lift(ladder, day("Thu 2027-01-14"))
    assert stages(ladder) == [ActionStage.BEGUN]


def test_action_that_had_not_begun_stays_notified_and_keeps_its_own_day(climb: Climb) -> None:
    """Turns red if `_resume` names a day before the one notified, or takes all action for begun."""
    ladder = authorised(climb).action_arrives().on("Tue 2026-12-01")
    stop(ladder)
    lift(ladder, day("Wed 2026-12-02"))
    assert stages(ladder) == [ActionStage.NOTIFIED]
    again = ladder.uow.session.query(Notice).filter_by(kind="action_resumes_members")
    assert {each.facts["resumes_on"] for each in again} == {"2026-12-07"}


def test_what_was_not_notified_does_not_go_on(climb: Climb) -> None:
    """Turns red if `_resume` does not ask `_was_notified`: members would be called without a notice to the employer."""
    ladder = authorised(climb)
    stop(ladder)
    with pytest.raises(Conflict, match="had notice of"):
        lift(ladder, day("Mon 2026-12-07"))
    assert not ladder.uow.session.query(Notice).filter_by(kind="action_resumes_members").count()
