"""Members are called to a strike once, with its days still to come, and told when a day is off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest

from ballots import gate
from ballots.action_steps import send_strike_calls
from casework import repository
from casework.deadlines import DeadlineKind, open_deadlines
from casework.lifecycle import EventKind, Stage
from core.clock import Clock, london_instant
from notifications import proof
from notifications.lifecycle import State
from notifications.models import Notice
from tests.ballots.scenes import ENTITLED, SECOND, Ladder, dump
from tests.builders import a_member, happen
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

Climb = Callable[[str], Ladder]
FIRST, SECOND_DAY = day("Wed 2027-01-27"), day("Thu 2027-01-28")


def notices(ladder: Ladder, kind: str) -> list[Notice]:
    return ladder.uow.session.query(Notice).filter_by(kind=kind).order_by(Notice.created_at).all()


def days_told(ladder: Ladder) -> dict[str, list[str]]:
    """The strike days of each member's call."""
    return {each.recipient_key: each.facts["days"] for each in notices(ladder, "strike_call")}


def joined(ladder: Ladder) -> str:
    """A member who joins today, after which every step runs; how notices call the member."""
    member = a_member(ladder.uow, ladder.case.workplace, joined_on=ladder.uow.today)
    ladder.work()
    return f"member:{member.id}"


def test_nobody_is_called_before_the_notice_has_arrived_in_time(climb: Climb) -> None:
    """
    Turns red if `authorise_strike` calls members itself: only notified action may be called.

    The notice arrives on the last lawful day or the day after; the employer must have had it ten days before (s. 234A).
    """
    for arrives, called in (("Sun 2027-01-17", ENTITLED), ("Mon 2027-01-18", 0)):
        ladder = climb("in_force").on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))
        ladder.act("strike_authorised", days=[FIRST, SECOND_DAY]).act("action_notices_approved", by=SECOND)
        assert not notices(ladder, "strike_call")
        ladder.on(arrives).arrives("notice_of_action", f"action:{ladder.actions[-1].id}")
        assert len(notices(ladder, "strike_call")) == called


def test_each_member_is_called_once_with_every_day(climb: Climb) -> None:
    """Turns red if `_tell` writes to some members only, or the facts are not those of the action."""
    ladder = climb("striking").work()
    calls = notices(ladder, "strike_call")
    assert Counter(each.recipient_key for each in calls) == {
        f"member:{member.id}": 1 for member in repository.members_at(ladder.uow, ladder.case.workplace_id)
    }
    assert {tuple(each.facts["days"]) for each in calls} == {("2027-01-27", "2027-01-28")}
    assert {each.state for each in calls} == {State.ACCEPTED}
    workplace = ladder.case.workplace
    told = {(each.facts["workplace_name"], each.facts["employer_name"]) for each in calls}
    assert told == {(workplace.name, workplace.employer.name)}
    assert {each.law["ballots.pickets_at_an_entrance"]["value"] for each in calls} == {"6"}


def test_who_joins_before_the_last_day_is_called_to_the_days_still_to_come(climb: Climb) -> None:
    """Turns red if `day > uow.today` becomes `>=` or is dropped: a call that comes on its day calls nobody."""
    ladder = climb("striking")
    early = joined(ladder.on("Tue 2027-01-26"))
    late = joined(ladder.on("Wed 2027-01-27"))
    too_late = joined(ladder.on("Thu 2027-01-28"))
    told = days_told(ladder)
    assert (told[early], told[late], told.get(too_late)) == (["2027-01-27", "2027-01-28"], ["2027-01-28"], None)


def test_calling_again_after_a_day_calls_nobody_twice(climb: Climb) -> None:
    """Turns red if `uncalled` is everybody: on the first strike day the facts differ, and the outbox would refuse."""
    ladder = climb("striking").on("Wed 2027-01-27")
    # The reminder of that day, which nobody sent in time, is taken back.
    send_strike_calls(ladder.uow, ladder.case_id)
    before = dump(ladder.uow)
    send_strike_calls(ladder.uow, ladder.case_id)
    assert dump(ladder.uow) == before


def test_a_leaver_is_not_called(climb: Climb) -> None:
    """Turns red if `call_to_strike` asks the frozen list of the ballot instead of the register of today."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))
    leaver = repository.members_at(ladder.uow, ladder.case.workplace_id)[0]
    leaver.left_on = day("Tue 2027-01-12")
    ladder.act("strike_authorised", days=[FIRST]).on("Thu 2027-01-14").action_arrives()
    assert f"member:{leaver.id}" not in days_told(ladder)
    assert len(days_told(ladder)) == ENTITLED - 1


def test_nobody_is_called_once_the_proof_of_the_notice_is_withdrawn(climb: Climb) -> None:
    """Turns red if `send_strike_calls` does not ask `issues_standing`."""
    ladder = climb("striking").on("Mon 2027-01-18")
    proof.revoke(ladder.uow, ladder.notice_of_action().id, reason="another letter was meant")
    joiner = joined(ladder)
    assert joiner not in days_told(ladder)


@pytest.mark.parametrize(
    ("today", "on", "told"),
    [
        ("Tue 2027-01-26", FIRST, ENTITLED),
        ("Wed 2027-01-27", FIRST, ENTITLED),
        ("Thu 2027-01-28", FIRST, 0),
    ],
)
def test_a_day_called_off_is_told_to_all_who_were_called_until_it_is_over(
    climb: Climb, today: str, on: object, told: int
) -> None:
    """Turns red if `withdraw_strike_day` tells nobody, or `on >= uow.today` becomes `>` or is dropped."""
    ladder = climb("striking").on(today).act("strike_day_withdrawn", on=on, reason="talks").work()
    called_off = notices(ladder, "strike_day_called_off")
    assert (len(called_off), {each.facts["day"] for each in called_off}) == (told, {"2027-01-27"} if told else set())
    assert len({each.recipient_key for each in called_off}) == told


def test_both_days_can_be_called_off_one_after_the_other(climb: Climb) -> None:
    """Turns red if `call_off` has no content version of its own day: the outbox would refuse the second."""
    ladder = climb("striking").on("Mon 2027-01-18")
    for on in (FIRST, SECOND_DAY):
        ladder.act("strike_day_withdrawn", on=on, reason="talks")
    assert len(notices(ladder, "strike_day_called_off")) == 2 * ENTITLED


def test_only_who_was_called_to_a_day_hears_that_it_is_off(climb: Climb) -> None:
    """
    Turns red if `call_off` writes to the members of today, or does not look at the days of the call: one joined too
    late for the first day, one has left since.
    """
    ladder = climb("striking").on("Tue 2027-01-26")
    leaver = repository.members_at(ladder.uow, ladder.case.workplace_id)[0]
    leaver.left_on = day("Mon 2027-01-25")
    late = joined(ladder.on("Wed 2027-01-27"))
    ladder.act("strike_day_withdrawn", on=FIRST, reason="talks")
    told = {each.recipient_key for each in notices(ladder, "strike_day_called_off")}
    assert f"member:{leaver.id}" in told
    assert late not in told


def test_a_day_called_off_is_not_called_again(climb: Climb) -> None:
    """Turns red if `settled_days` is not asked: who joins after would be called to a day that is off."""
    ladder = climb("striking").on("Mon 2027-01-18").act("strike_day_withdrawn", on=FIRST, reason="talks")
    joiner = joined(ladder)
    assert days_told(ladder)[joiner] == ["2027-01-28"]


def test_a_settlement_calls_off_the_days_still_to_come(climb: Climb) -> None:
    """
    Turns red if `end_action` ends a strike without `_call_off_days`, calls off a day that was held, or still waits for
    the last day.
    """
    ladder = climb("striking").on("Wed 2027-01-27").act("strike_day_held", on=FIRST, took_part=5)
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    ladder.work().work()
    assert ladder.stage is Stage.PAY_REIMBURSEMENT
    called_off = notices(ladder, "strike_day_called_off")
    assert (len(called_off), {each.facts["day"] for each in called_off}) == (ENTITLED, {"2027-01-28"})
    assert not open_deadlines(ladder.uow, ladder.case.id, DeadlineKind.STRIKE_ENDS)


def test_who_joins_after_the_settlement_is_not_called(climb: Climb) -> None:
    """Turns red if `send_strike_calls` does not ask for the stage: it may run before `end_action` does."""
    ladder = climb("striking").on("Mon 2027-01-18")
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    joiner = joined(ladder)
    assert joiner not in days_told(ladder)


def reminders(ladder: Ladder) -> dict[tuple[str, str], Notice]:
    """The reminders of strike days, by member and day."""
    return {(each.recipient_key, each.facts["day"]): each for each in notices(ladder, "strike_day_reminder")}


def test_each_member_called_is_reminded_the_afternoon_before_each_day(climb: Climb) -> None:
    """
    Turns red if `_remind` sends at once, on the day itself, or by the clock of another zone; each once, and the step
    run again makes none.
    """
    ladder = climb("striking").work()
    waiting = reminders(ladder)
    assert len(waiting) == 2 * ENTITLED
    assert {
        on: {each.send_after.isoformat() for (_, day_of), each in waiting.items() if day_of == on} for _, on in waiting
    } == {
        "2027-01-27": {"2027-01-26T15:00:00+00:00"},
        "2027-01-28": {"2027-01-27T15:00:00+00:00"},
    }
    assert {each.state for each in waiting.values()} == {State.QUEUED}
    ladder.uow = replace(ladder.uow, clock=Clock(london_instant(day("Tue 2027-01-26"), time(16))))
    ladder.work().on("Wed 2027-01-27").work()
    states = {on: {each.state for (_, day_of), each in reminders(ladder).items() if day_of == on} for _, on in waiting}
    assert states["2027-01-27"] == {State.ACCEPTED}
    assert len(reminders(ladder)) == 2 * ENTITLED


def test_who_is_called_on_the_day_before_is_not_reminded_as_well(climb: Climb) -> None:
    """Turns red if `_eve(day).date() > uow.today` becomes `>=`: two messages about the same day on one afternoon."""
    ladder = climb("striking")
    early = joined(ladder.on("Tue 2027-01-26"))
    assert {on for who, on in reminders(ladder) if who == early} == {"2027-01-28"}


def test_a_day_called_off_takes_its_reminders_back(climb: Climb) -> None:
    """Turns red if `call_off` leaves out `_take_back_reminders`: members would strike on a day that is off."""
    ladder = climb("striking").on("Mon 2027-01-18").act("strike_day_withdrawn", on=FIRST, reason="talks")
    ladder.on("Wed 2027-01-27").work()
    for (_, on), each in reminders(ladder).items():
        assert (each.state is State.CANCELLED) is (on == "2027-01-27")


def test_a_settlement_takes_the_reminders_back(climb: Climb) -> None:
    """Turns red if a settled strike is ended without calling off its days."""
    ladder = climb("striking").on("Mon 2027-01-18")
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    ladder.work().work()
    assert {each.state for each in reminders(ladder).values()} == {State.CANCELLED}


def test_a_reminder_that_did_not_go_before_its_day_never_goes(climb: Climb) -> None:
    """Turns red if the gate lets a reminder pass that says tomorrow of today: a worker may have been down for days."""
    ladder = climb("striking")
    reminder = next(iter(reminders(ladder).values()))
    eve, on_the_day = day("Tue 2027-01-26"), day("Wed 2027-01-27")
    assert reminder.facts["day"] == on_the_day.isoformat()
    ladder.on("Tue 2027-01-26")
    assert (eve, gate.keeper()(ladder.uow, reminder)) == (ladder.uow.today, None)
    ladder.on("Wed 2027-01-27")
    assert gate.keeper()(ladder.uow, reminder) == "a stop stands against it: reminder_too_late"
    send_strike_calls(ladder.uow, ladder.case_id)
    assert {each.state for (_, on), each in reminders(ladder).items() if on == on_the_day.isoformat()} == {
        State.CANCELLED
    }
