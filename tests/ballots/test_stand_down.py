"""A stand-down: one act stops everything, everybody is told once, and going on takes a second person."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import update

from ballots import gate, stand_down, stand_down_messages, stood_down
from ballots.action_steps import send_strike_calls
from ballots.models import ActionStage
from casework import repository as cases
from casework import stand_downs
from casework.deadlines import DeadlineKind
from casework.lifecycle import EventKind, Stage
from casework.stand_downs import Party, StandDown, StandDownReason, StandDownRecipient
from core.clock import Clock, london_instant
from core.errors import Conflict, RuleViolation
from core.history import HistoryEntry, verify
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import Medium, State
from notifications.models import Notice
from tests.ballots.scenes import ENTITLED, OFFICER, SECOND, Ladder, dump
from tests.ballots.schools import carried, joined, together, voting_over
from tests.builders import a_member, a_workplace
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]
ORDER = {"reason": "injunction", "note": "The High Court granted an injunction."}
ERROR = {**ORDER, "reason": "error"}


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation with a provider for text messages."""
    monkeypatch.setenv("MANDATE_SMS_URL", "https://texts.example.org/v1/messages")
    monkeypatch.setenv("MANDATE_SMS_KEY", "a-key-of-sixteen-letters")
    settings.cache_clear()
    yield
    settings.cache_clear()


def stood(ladder: Ladder) -> StandDown:
    """The one stand-down there is."""
    return ladder.uow.session.query(StandDown).one()


def told(uow: UnitOfWork) -> list[Notice]:
    """Every message made of a stand-down."""
    while stand_down_messages.tell(uow, 5):
        pass
    return uow.session.query(Notice).filter(Notice.subject_ref.startswith("stand_down:")).all()


def quietly_called(ladder: Ladder) -> Notice:
    """A member who joins is called, and the call is still in the queue."""
    member = a_member(ladder.uow, ladder.case.workplace, joined_on=ladder.uow.today)
    send_strike_calls(ladder.uow, ladder.case_id)
    ladder.uow.session.flush()
    return ladder.uow.session.query(Notice).filter_by(kind="strike_call", recipient_key=f"member:{member.id}").one()


def test_one_act_stops_the_action_and_every_call_that_is_still_here(climb: Climb) -> None:
    """Turns red if `order` does not call `_keep_back`, or `_mark_off`."""
    ladder = climb("striking").on("Mon 2027-01-18")
    call = quietly_called(ladder)
    assert call.state is State.QUEUED
    stand_down.order(ladder.uow, ladder.case_id, StandDownReason.INJUNCTION, "The High Court.")
    ladder.uow.session.expire_all()
    assert call.state is State.CANCELLED
    assert {each.stage for each in ladder.actions} == {ActionStage.STOOD_DOWN}
    assert ladder.deadline(DeadlineKind.STRIKE_ENDS) is None
    assert ladder.deadline(DeadlineKind.MANDATE_ENDS) is not None
    assert verify(ladder.uow.session).whole


def test_pressing_twice_does_nothing_more(climb: Climb) -> None:
    """Turns red if `order` does not give back the row that stands: the second would be refused, or tell again."""
    ladder = climb("striking").on("Mon 2027-01-18")
    first = stand_down.order(ladder.uow, ladder.case_id, StandDownReason.INJUNCTION, "The High Court.")
    told(ladder.uow)
    before = dump(ladder.uow)
    again = stand_down.order(ladder.uow, ladder.case_id, StandDownReason.INJUNCTION, "The High Court.")
    told(ladder.uow)
    assert again is first
    assert dump(ladder.uow) == before


@pytest.mark.parametrize(
    ("reason", "note"), [(StandDownReason.INJUNCTION, "Another word."), (StandDownReason.ERROR, "The High Court.")]
)
def test_another_order_meanwhile_is_refused_in_words(climb: Climb, reason: StandDownReason, note: str) -> None:
    """Turns red if `order` leaves out the look at the reason or the note: they would be taken, and kept nowhere."""
    ladder = climb("striking").on("Mon 2027-01-18")
    stand_down.order(ladder.uow, ladder.case_id, StandDownReason.INJUNCTION, "The High Court.")
    before = dump(ladder.uow)
    with pytest.raises(Conflict, match="since Monday 18 January 2027 because of an injunction; nothing was recorded"):
        stand_down.order(ladder.uow, ladder.case_id, reason, note)
    assert dump(ladder.uow) == before


def test_everybody_concerned_is_told_once_by_the_fastest_way(climb: Climb, texts: None) -> None:
    """Turns red if `fastest` tries mail first, or `_write_down` leaves the reps among the members."""
    ladder = climb("striking").on("Mon 2027-01-18")
    members = list(cases.members_at(ladder.uow, ladder.case.workplace_id))
    members[0].is_rep, members[1].phone, members[2].phone = True, "+447700900123", "+447700900124"
    ladder.act("dispute_stood_down", **ORDER)
    found = told(ladder.uow)
    assert Counter(each.kind for each in found) == {
        "stood_down_rep": 1,
        "stood_down_member": ENTITLED - 1,
        "stood_down_employer": 1,
        "stood_down_officer": 1,
    }
    assert len({each.recipient_key for each in found}) == len(found)
    by_text = {each.recipient_key for each in found if each.medium is Medium.SMS}
    assert by_text == {f"member:{members[1].id}", f"member:{members[2].id}"}
    assert {each.state for each in found} == {State.QUEUED}
    rows = ladder.uow.session.query(StandDownRecipient).all()
    assert {row.notice_id for row in rows} == {each.id for each in found}


def test_without_a_channel_for_texts_a_phone_counts_for_nothing(climb: Climb) -> None:
    """Turns red if `fastest` does not ask which media have a channel: the message could never leave."""
    ladder = climb("striking").on("Mon 2027-01-18")
    for member in cases.members_at(ladder.uow, ladder.case.workplace_id):
        member.phone = "+447700900123"
    ladder.act("dispute_stood_down", **ORDER)
    assert {each.medium for each in told(ladder.uow)} == {Medium.MAIL}


def test_whom_a_text_does_not_reach_is_told_by_mail(climb: Climb, texts: None) -> None:
    """Turns red if `tell` asks only for those who have no message yet."""
    ladder = climb("striking").on("Mon 2027-01-18")
    [member, *_] = cases.members_at(ladder.uow, ladder.case.workplace_id)
    member.phone = "+447700900123"
    ladder.act("dispute_stood_down", **ORDER)
    [text] = [each for each in told(ladder.uow) if each.medium is Medium.SMS]
    text.state, text.epoch = State.SENDING, 1
    text.state = State.FAILED_PERMANENT
    ladder.uow.session.flush()
    ours = [each for each in told(ladder.uow) if each.recipient_key == f"member:{member.id}"]
    assert {each.medium for each in ours} == {Medium.SMS, Medium.MAIL}
    assert not stand_downs.anybody_untold(ladder.uow)


def test_who_was_called_and_left_the_school_since_is_told_too(climb: Climb) -> None:
    """Turns red if `_write_down_called` is not called: the register of today has lost them, the call has not."""
    ladder = climb("striking").on("Mon 2027-01-18")
    moved, left, *_ = cases.members_at(ladder.uow, ladder.case.workplace_id)
    moved.workplace_id = a_workplace(ladder.uow).id
    left.left_on = day("Fri 2027-01-15")
    ladder.uow.session.flush()
    ladder.act("dispute_stood_down", **ORDER)
    keys = {each.recipient_key for each in told(ladder.uow)}
    assert {f"member:{moved.id}", f"member:{left.id}"} <= keys


def test_who_cannot_be_written_to_hinders_nobody(climb: Climb) -> None:
    """Turns red if one address that cannot be used undoes the messages made with it."""
    ladder = climb("striking").on("Mon 2027-01-18")
    [member, *_] = cases.members_at(ladder.uow, ladder.case.workplace_id)
    member.email, member.postal_lines = "no address", []
    ladder.act("dispute_stood_down", **ORDER)
    assert len([each for each in told(ladder.uow) if each.kind == "stood_down_member"]) == ENTITLED - 1
    [row] = ladder.uow.session.query(StandDownRecipient).filter_by(unreachable=True)
    assert row.party_id == member.id


def test_messages_name_no_other_member_and_the_employers_nobody(climb: Climb) -> None:
    """Turns red if a fact with a name is added to a message of a stand-down."""
    ladder = climb("striking").on("Mon 2027-01-18")
    members = list(cases.members_at(ladder.uow, ladder.case.workplace_id))
    for place, member in enumerate(members):
        member.name = f"Person Number{place}."
    ladder.act("dispute_stood_down", **ORDER)
    for notice in told(ladder.uow):
        others = [each.name for each in members if notice.recipient_key != f"member:{each.id}"]
        said = notice.body.decode() + (notice.html or b"").decode()
        assert not [name for name in others if name in said]


def test_a_call_made_after_the_order_does_not_leave(climb: Climb) -> None:
    """Turns red if `gate.keeper` does not ask `stood_down.against_notice`."""
    ladder = climb("striking").on("Mon 2027-01-18")
    call = quietly_called(ladder)
    ask = gate.keeper()
    assert ask(ladder.uow, call) is None
    stand_down.order(ladder.uow, ladder.case_id, StandDownReason.ERROR, "A slip.")
    assert ask(ladder.uow, call) == "a stop stands against it: stood_down"
    assert {found.code for found in gate.against(ladder.uow, call)} == {"stood_down"}


def test_what_tells_people_to_stop_passes_the_gate(climb: Climb) -> None:
    """Turns red if a stand-down keeps every notice of its dispute back."""
    ladder = climb("striking").on("Mon 2027-01-18").act("dispute_stood_down", **ORDER)
    found = told(ladder.uow)
    assert found
    assert not [each for each in found if gate.keeper()(ladder.uow, each) is not None]
    assert not [each for each in found if each.kind in stood_down.kept_back()]


def test_a_call_in_a_workers_hands_is_called_off_and_listed(climb: Climb) -> None:
    """Turns red if `under_way` is not written down, or the worker is not told."""
    ladder = climb("striking").on("Mon 2027-01-18")
    call = quietly_called(ladder)
    call.state, call.epoch, call.lease_until = State.SENDING, 1, ladder.uow.now + timedelta(minutes=5)
    ladder.uow.session.flush()
    row = stand_down.order(ladder.uow, ladder.case_id, StandDownReason.ERROR, "A slip.")
    ladder.uow.session.expire_all()
    assert row.under_way == [str(call.id)]
    assert call.called_off == "stood down: error"


def test_days_to_come_are_withdrawn_and_the_strike_is_over(climb: Climb) -> None:
    """Turns red if `follow` does not close the strike: its case could never leave the stage."""
    ladder = climb("striking").on("Mon 2027-01-18").act("dispute_stood_down", **ERROR)
    assert ladder.kinds().count(EventKind.STRIKE_DAY_WITHDRAWN) == 2
    assert ladder.kinds().count(EventKind.STRIKE_OVER) == 1
    assert ladder.stage is Stage.OFFICER_NEGOTIATION
    assert {each.stage for each in ladder.actions} == {ActionStage.ENDED}


def test_the_strike_day_of_the_order_waits_for_a_person(climb: Climb) -> None:
    """Turns red if the day of the order is withdrawn by itself: some may have struck before the message came."""
    ladder = climb("striking").on("Wed 2027-01-27").act("dispute_stood_down", **ERROR)
    assert ladder.kinds().count(EventKind.STRIKE_DAY_WITHDRAWN) == 1
    assert ladder.stage is Stage.STRIKE_ACTION
    ladder.act("strike_day_held", on=day("Wed 2027-01-27"), took_part=3)
    assert ladder.stage is Stage.PAY_REIMBURSEMENT


def test_action_short_of_a_strike_waits_for_the_court_and_goes_on_under_its_notice(climb: Climb) -> None:
    """Turns red if `lift` ends what may resume, or resumes it without telling members."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("dispute_stood_down", **ORDER)
    assert ladder.stage is Stage.ASOS_IN_FORCE
    assert [each.stage for each in ladder.actions] == [ActionStage.STOOD_DOWN]
    resumes = day("Fri 2027-01-15")
    told(ladder.uow)
    ladder.on("Thu 2027-01-14").act("stand_down_lifted", by=SECOND, reason="discharged", resumes_on=resumes)
    assert [each.stage for each in ladder.actions] == [ActionStage.BEGUN]
    again = ladder.uow.session.query(Notice).filter_by(kind="action_resumes_members").all()
    assert len(again) == ENTITLED
    assert {each.facts["resumes_on"] for each in again} == {"2027-01-15"}
    assert stood(ladder).lifted_by == SECOND


def test_lifted_without_a_day_it_is_over(climb: Climb) -> None:
    """Turns red if action that no day of resumption was named for stays stood down."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("dispute_stood_down", **ORDER)
    ladder.on("Thu 2027-01-14").act("stand_down_lifted", by=SECOND, reason="discharged")
    assert [each.stage for each in ladder.actions] == [ActionStage.ENDED]
    assert ladder.stage is Stage.OFFICER_NEGOTIATION


@pytest.mark.parametrize(
    ("lifted", "resumes", "begins"),
    [
        ("Wed 2026-12-02", "Thu 2026-12-03", "Mon 2026-12-07"),
        ("Tue 2026-12-08", "Mon 2026-12-14", "Mon 2026-12-14"),
    ],
)
def test_action_that_had_not_begun_begins_on_the_later_of_both_days(
    climb: Climb, lifted: str, resumes: str, begins: str
) -> None:
    """
    Turns red if `begin_action` does not ask `first_day`: action would count as begun while it stood down, and days
    before members are called to it; or if the day that the order cancelled is not set again.
    """
    ladder = climb("won").on("Fri 2026-11-20")
    ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07")).action_arrives()
    ladder.on("Tue 2026-12-01").act("dispute_stood_down", **ORDER)
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) is None
    told(ladder.uow)
    ladder.on(lifted).act("stand_down_lifted", by=SECOND, reason="discharged", resumes_on=day(resumes))
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) == day(begins)
    assert [each.stage for each in ladder.actions] == [ActionStage.NOTIFIED]
    again = ladder.uow.session.query(Notice).filter_by(kind="action_resumes_members")
    assert {each.facts["resumes_on"] for each in again} == {day(begins).isoformat()}
    ladder.on(begins, work=True)
    events = cases.events_of(ladder.uow, ladder.case_id)
    assert [each.happened_on for each in events if each.kind is EventKind.ASOS_BEGAN] == [day(begins)]
    assert ladder.met(DeadlineKind.ACTION_BEGINS) == day(begins)


def test_instructions_that_were_kept_back_are_sent_when_action_goes_on(climb: Climb) -> None:
    """
    Turns red if `instruct` counts a sheet that was cancelled: members would be told to follow instructions that never
    left. Whoever holds them gets none again.
    """
    ladder = climb("won").on("Fri 2026-11-20")
    ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07")).action_arrives()
    sheets = ladder.uow.session.query(Notice).filter_by(kind="instruction_sheet")
    [holds, *others] = sheets.all()
    for each in others:
        ladder.uow.session.execute(update(Notice).where(Notice.id == each.id).values(state=State.QUEUED))
    ladder.on("Tue 2026-12-01")
    stand_down.order(ladder.uow, ladder.case_id, StandDownReason.INJUNCTION, "The High Court.")
    told(ladder.uow)
    ladder.uow.session.expire_all()
    assert Counter(each.state for each in sheets) == {State.CANCELLED: ENTITLED - 1, State.ACCEPTED: 1}
    second = replace(ladder.uow, actor=SECOND)
    stand_down.lift(second, ladder.case_id, "discharged", day("Wed 2026-12-09"))
    ladder.work().on("Wed 2026-12-09", work=True)
    again = [each for each in sheets if each.state is State.ACCEPTED and each.id != holds.id]
    assert {each.recipient_key for each in again} == {each.recipient_key for each in others}
    assert {each.facts["starts"] for each in again} == {"2026-12-09"}
    assert len(again) == ENTITLED - 1
    assert ladder.met(DeadlineKind.ACTION_BEGINS) == day("Wed 2026-12-09")


def test_what_stopped_for_no_court_wants_a_new_notice(climb: Climb) -> None:
    """Turns red if `Ceased` is not told apart by the reason of the stand-down (s. 234A(7))."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    stand_down.order(ladder.uow, ladder.case_id, StandDownReason.SETTLEMENT, "Terms are agreed.")
    second = replace(ladder.uow, actor=SECOND)
    with pytest.raises(RuleViolation) as refused:
        stand_down.lift(second, ladder.case_id, "no settlement", day("Fri 2027-01-15"))
    [finding] = refused.value.findings
    assert finding.code == "restart_without_notice"
    assert finding.citation is not None
    assert finding.citation.provision == "s. 234A(7)(a)"


def test_who_was_not_told_yet_is_told_after_it_is_lifted(climb: Climb) -> None:
    """
    Turns red if `_concerned` asks only for stand-downs that stand: whoever holds a call to the strike that is over
    would never hear of it.
    """
    ladder = climb("striking").on("Mon 2027-01-18").act("dispute_stood_down", **ERROR)
    ladder.act("stand_down_lifted", by=SECOND, reason="put right")
    assert {each.stage for each in ladder.actions} == {ActionStage.ENDED}
    assert stand_downs.anybody_untold(ladder.uow)
    assert Counter(each.kind for each in told(ladder.uow))["stood_down_member"] == ENTITLED
    assert not stand_downs.anybody_untold(ladder.uow)


def test_action_does_not_go_on_before_everybody_is_told_that_it_stopped(climb: Climb) -> None:
    """Turns red if `_resume` does not ask `anybody_untold`: people would be told to go on, and then to stop."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("dispute_stood_down", **ORDER)
    facts = {"reason": "discharged", "resumes_on": day("Fri 2027-01-15")}
    with pytest.raises(RuleViolation) as refused:
        ladder.on("Thu 2027-01-14").act("stand_down_lifted", by=SECOND, **facts)
    assert [each.code for each in refused.value.findings] == ["stand_down_untold"]
    assert stood(ladder).lifted_at is None
    told(ladder.uow)
    ladder.act("stand_down_lifted", by=SECOND, **facts)
    assert [each.stage for each in ladder.actions] == [ActionStage.BEGUN]


def test_after_action_went_on_nobody_is_told_to_stop(climb: Climb, texts: None) -> None:
    """Turns red if `_concerned` asks for every stand-down: a text that fails late would be followed by "stop"."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    [member, *_] = cases.members_at(ladder.uow, ladder.case.workplace_id)
    member.phone = "+447700900123"
    ladder.act("dispute_stood_down", **ORDER)
    before = len(told(ladder.uow))
    [text] = ladder.uow.session.query(Notice).filter_by(kind="stood_down_member", medium=Medium.SMS)
    text.state, text.epoch, text.lease_until = State.SENDING, 1, ladder.uow.now + timedelta(minutes=5)
    ladder.uow.session.flush()
    ladder.on("Thu 2027-01-14")
    ladder.act("stand_down_lifted", by=SECOND, reason="discharged", resumes_on=day("Fri 2027-01-15"))
    text.state = State.FAILED_PERMANENT
    ladder.uow.session.flush()
    assert len(told(ladder.uow)) == before


def test_what_stopped_for_the_unions_own_error_does_not_go_on_after_a_courts_order(climb: Climb) -> None:
    """
    Turns red if `order` does not end what an earlier stand-down stopped: where no step ran in between, action that
    ceased by the union's own will would resume as if a court had stopped it (s. 234A(7)).
    """
    ladder = climb("in_force").on("Mon 2027-01-11")
    second = replace(ladder.uow, actor=SECOND)
    stand_down.order(ladder.uow, ladder.case_id, StandDownReason.ERROR, "A slip in the notice.")
    stand_down.lift(second, ladder.case_id, "put right")
    assert [each.stage for each in ladder.actions] == [ActionStage.STOOD_DOWN]
    stand_down.order(ladder.uow, ladder.case_id, StandDownReason.INJUNCTION, "The High Court.")
    told(ladder.uow)
    with pytest.raises(Conflict, match="Nothing can resume"):
        stand_down.lift(second, ladder.case_id, "discharged", day("Fri 2027-01-15"))
    assert [each.stage for each in ladder.actions] == [ActionStage.ENDED]
    assert ladder.kinds().count(EventKind.ASOS_ENDED) == 1


def test_whoever_ordered_it_cannot_lift_it(climb: Climb) -> None:
    """Turns red if `lift` does not ask `two_people`."""
    ladder = climb("striking").on("Mon 2027-01-18").act("dispute_stood_down", **ORDER)
    with pytest.raises(RuleViolation, match="cannot be lifted"):
        ladder.act("stand_down_lifted", by=OFFICER, reason="changed my mind")
    with pytest.raises(Conflict, match="none to lift"):
        ladder.act("stand_down_lifted", by=SECOND, reason="fine").act("stand_down_lifted", by=OFFICER, reason="again")


def test_no_action_is_authorised_while_it_stands(climb: Climb) -> None:
    """Turns red if `_authorise` does not ask `stood_down.against_action`."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("dispute_stood_down", **ERROR)
    with pytest.raises(RuleViolation) as refused:
        ladder.act("asos_authorised", instructions=[2], starts_on=day("Mon 2027-02-01"))
    assert "stood_down" in {finding.code for finding in refused.value.findings}


def test_a_case_without_a_dispute_has_nothing_to_stand_down(climb: Climb) -> None:
    ladder = climb("disputed")
    with pytest.raises(Conflict, match="never in one"):
        stand_down.order(ladder.uow, _undisputed(ladder.uow), StandDownReason.ERROR, "A slip.")


def _undisputed(uow: UnitOfWork) -> uuid.UUID:
    from tests.builders import a_case

    return a_case(uow).id


def test_every_school_of_the_dispute_stands_down_and_its_open_ballots_scrutineer_hears(uow: UnitOfWork) -> None:
    """Turns red if only the case's own action is stopped, or the scrutineer of an open ballot is left out."""
    made = together(joined(uow, 30, 30))
    made.on("Wed 2026-10-07")[0].act("ballot_notices_approved", by=SECOND)
    made.on("Thu 2026-10-08")[-1].arrives("notice_of_ballot").arrives("sample_voting_paper")
    made.on("Tue 2026-10-20", work=True)
    made[1].act("dispute_stood_down", **ERROR)
    found = told(made.uow)
    assert Counter(each.kind for each in found) == {
        "stood_down_member": 60,
        "stood_down_employer": 1,
        "stood_down_officer": 2,
        "stood_down_scrutineer": 1,
    }
    assert Party.SCRUTINEER in {row.party for row in made.uow.session.query(StandDownRecipient)}


def test_strikes_of_several_schools_are_off_together(uow: UnitOfWork) -> None:
    """Turns red if `_actions` asks for the action of one case only."""
    made = carried(voting_over(together(joined(uow, 30, 30))), 60, 40, 5)
    for ladder in made:
        ladder.on("Fri 2026-11-20").act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    made[0].act("dispute_stood_down", **ERROR)
    made.work()
    assert {each.stage for ladder in made for each in ladder.actions} == {ActionStage.ENDED}
    papers = made.uow.session.query(Notice).filter_by(kind="notice_of_action").all()
    assert {each.state for each in papers} <= {State.CANCELLED}


def test_history_says_what_was_done_and_names_nobody(climb: Climb) -> None:
    """Turns red if the note goes into the history: it may name people, and nothing there can be erased."""
    ladder = climb("striking").on("Mon 2027-01-18").act("dispute_stood_down", **ORDER)
    [entry] = ladder.uow.session.query(HistoryEntry).filter_by(action=stand_down.ORDERED)
    assert "High Court" not in str(entry.facts)
    assert entry.facts["reason"] == "injunction"
    assert entry.facts["actions"] == 2


def test_who_is_told_stands_in_order_reps_before_members(climb: Climb) -> None:
    """Turns red if `untold` does not go by the place of the party: those who tell others come first."""
    ladder = climb("striking").on("Mon 2027-01-18")
    [*_, last] = cases.members_at(ladder.uow, ladder.case.workplace_id)
    last.is_rep = True
    stand_down.order(ladder.uow, ladder.case_id, StandDownReason.ERROR, "A slip.")
    first = [row.party for row in stand_downs.untold(ladder.uow, 3)]
    assert first == [Party.OFFICER, Party.REP, Party.EMPLOYER]


def test_a_release_of_a_held_call_is_refused_while_it_stands(climb: Climb) -> None:
    """Turns red if `gate.refuse` passes what is not statutory."""
    ladder = climb("striking").on("Mon 2027-01-18")
    call = quietly_called(ladder)
    call.state = State.HELD
    ladder.uow.session.flush()
    row = StandDown(
        dispute_id=ladder.ballot.dispute_id,
        reason=StandDownReason.ERROR,
        note="A slip.",
        ordered_by=OFFICER,
        ordered_at=ladder.uow.now,
        under_way=[],
    )
    ladder.uow.session.add(row)
    ladder.uow.session.flush()
    with pytest.raises(RuleViolation, match="cannot go"):
        gate.refuse(ladder.uow, call)
    assert outbox.get(ladder.uow, call.id).state is State.HELD


def test_the_time_of_the_order_is_the_units_own(climb: Climb) -> None:
    ladder = climb("striking").on("Mon 2027-01-18")
    at = london_instant(day("Mon 2027-01-18"), time(17, 42))
    row = stand_down.order(replace(ladder.uow, clock=Clock(at)), ladder.case_id, StandDownReason.ERROR, "A slip.")
    assert row.ordered_at == at
    assert settings().union_name
