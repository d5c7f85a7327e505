"""Suspension by agreement, days taken out of a notice, a notice withdrawn, and a call repudiated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from ballots import stand_down_messages, suspensions, withdrawals
from ballots.barrister import against_action
from ballots.mandate import ActionKind
from ballots.models import ActionStage, ActionSuspension
from ballots.packs import packs_of_action
from ballots.repudiation import REPUDIATED
from casework import disputes, repository
from casework.deadlines import DeadlineKind, cases_due, open_deadlines
from casework.disputes import DisputeLeg
from casework.lifecycle import EventKind, Stage
from core.errors import BadInput, Conflict, RuleViolation
from core.history import HistoryEntry
from notifications.lifecycle import Medium, State
from notifications.models import Notice
from tests.ballots.scenes import ENTITLED, SECOND, Ladder
from tests.builders import a_workplace, an_employer
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]
PAUSE = {
    "agreed_on": day("Tue 2027-01-12"),
    "suspends_on": day("Mon 2027-01-18"),
    "resumes_on": day("Mon 2027-02-08"),
    "agreement": "the employer's letter of 12 January",
}
LATER = {
    "agreed_on": day("Mon 2027-01-18"),
    "resumes_on": day("Mon 2027-03-01"),
    "agreement": "the employer's letter of 18 January",
}
STOOD_DOWN = {"reason": "injunction", "note": "The High Court."}
REPUDIATION: dict[str, Any] = {
    "repudiated_by": "general_secretary",
    "called_by": "committee",
    "caller": "The committee of the Anytown association",
    "postal_lines": ["3 Office Street", "Anytown AN1 1AB"],
    "email": "committee@example.org",
    "call": "To leave the school at noon on Friday.",
    "known_on": day("Mon 2027-01-11"),
}


def suspended(climb: Climb) -> Ladder:
    return climb("in_force").on("Wed 2027-01-13").act("action_suspended", **PAUSE)


def kinds(ladder: Ladder, *names: str) -> Counter[str]:
    rows = ladder.uow.session.query(Notice).filter(Notice.kind.in_(names)).all()
    return Counter(each.kind for each in rows)


def refused(ladder: Ladder, act: str, **facts: Any) -> set[str]:
    with pytest.raises(RuleViolation) as caught:
        ladder.act(act, **facts)
    return {finding.code for finding in caught.value.findings}


def test_a_suspension_is_told_to_members_and_the_employer_and_resumes_by_itself(climb: Climb) -> None:
    """Turns red if `resume_suspended` does not look at the day, or calls members again on every run."""
    ladder = suspended(climb)
    told = ("action_suspended_members", "action_suspended_employer")
    assert kinds(ladder, *told) == {told[0]: ENTITLED, told[1]: 2}
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) == PAUSE["resumes_on"]
    ladder.on("Sun 2027-02-07", work=True)
    assert not kinds(ladder, "action_resumes_members")
    ladder.on("Mon 2027-02-08", work=True).work()
    assert kinds(ladder, "action_resumes_members", "action_resumes_employer") == {
        "action_resumes_members": ENTITLED,
        "action_resumes_employer": 2,
    }
    assert ladder.stage is Stage.ASOS_IN_FORCE
    assert [each.stage for each in ladder.actions] == [ActionStage.BEGUN]


def test_the_other_sides_barrister_sees_the_suspension_and_finds_nothing_in_it(climb: Climb) -> None:
    """Turns red if `packs` does not tell of the agreement: the gap would be a restart without notice."""
    ladder = suspended(climb).on("Mon 2027-02-08", work=True)
    [action] = ladder.actions
    [pack, *_] = packs_of_action(ladder.uow, action)
    assert [each.suspended is not None for each in pack.action_notices] == [True]
    assert len(pack.action) == 2
    codes = {found.code for found in against_action(ladder.uow, action).findings}
    assert "restart_without_notice" not in codes


def test_an_agreement_made_after_the_action_stopped_is_refused(climb: Climb) -> None:
    """Turns red if `suspend` does not ask the rule (s. 234A(7B))."""
    ladder = climb("in_force").on("Tue 2027-01-19")
    late = {**PAUSE, "agreed_on": day("Mon 2027-01-18")}
    assert "restart_without_notice" in refused(ladder, "action_suspended", **late)
    assert not ladder.uow.session.query(ActionSuspension).count()


def test_an_agreement_that_is_not_made_yet_suspends_nothing(climb: Climb) -> None:
    """Turns red if `suspend` or `extend` does not ask `not_made_yet`: the employer would be told of an agreement."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    assert refused(ladder, "action_suspended", **PAUSE) == {"agreement_to_come"}
    assert not ladder.uow.session.query(ActionSuspension).count()
    ladder = suspended(climb).on("Thu 2027-01-14")
    later = {**LATER, "agreed_on": day("Fri 2027-01-15")}
    assert refused(ladder, "suspension_extended", **later) == {"agreement_to_come"}


def test_a_suspension_that_is_over_is_not_told_of(climb: Climb) -> None:
    """Turns red if `suspend` takes days that are over: members would be called to resume on a day of last month."""
    ladder = climb("in_force").on("Wed 2027-02-10")
    assert refused(ladder, "action_suspended", **PAUSE) == {"suspension_over"}
    assert not kinds(ladder, "action_suspended_members", "action_resumes_members")


def test_action_is_suspended_once_at_a_time(climb: Climb) -> None:
    """Turns red if `suspend` does not ask whether the action is suspended already."""
    ladder = suspended(climb)
    again = {**PAUSE, "suspends_on": day("Mon 2027-02-15"), "resumes_on": day("Mon 2027-03-01")}
    with pytest.raises(Conflict, match="suspended already"):
        ladder.act("action_suspended", **again)


def test_a_suspension_does_not_lie_across_the_one_before(climb: Climb) -> None:
    """
    Turns red if `suspend` does not ask when the one before ended: action that was taken between the two would be
    missing from what the barrister looks at.
    """
    ladder = suspended(climb).on("Tue 2027-01-19").act("dispute_stood_down", **STOOD_DOWN)
    while stand_down_messages.tell(ladder.uow):
        pass
    ladder.on("Thu 2027-01-21")
    ladder.act("stand_down_lifted", by=SECOND, reason="discharged", resumes_on=day("Fri 2027-02-12"))
    again = {"agreed_on": day("Thu 2027-01-21"), "agreement": "a second letter", "resumes_on": day("Mon 2027-03-01")}
    across = {**again, "suspends_on": day("Fri 2027-02-05")}
    assert refused(ladder, "action_suspended", **across) == {"suspensions_overlap"}
    ladder.act("action_suspended", **again, suspends_on=day("Mon 2027-02-15"))
    assert ladder.uow.session.query(ActionSuspension).count() == 2


def test_a_suspension_is_extended_before_its_day_and_not_after(climb: Climb) -> None:
    """Turns red if `extend` moves the day without telling, or after the action was free to resume."""
    ladder = suspended(climb).on("Fri 2027-02-05")
    ladder.act("suspension_extended", **{**LATER, "agreed_on": day("Fri 2027-02-05")})
    assert kinds(ladder, "action_suspended_members") == {"action_suspended_members": 2 * ENTITLED}
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) == day("Mon 2027-03-01")
    ladder.on("Mon 2027-02-08", work=True)
    assert not kinds(ladder, "action_resumes_members")
    wrong = {**LATER, "agreed_on": day("Tue 2027-03-02"), "resumes_on": day("Mon 2027-03-08")}
    assert refused(ladder.on("Tue 2027-03-02"), "suspension_extended", **wrong) == {"extended_too_late"}


def test_the_day_of_a_further_agreement_is_kept_and_told_beside_the_first(climb: Climb) -> None:
    """Turns red if `extend` does not keep when it was agreed further, or the letter says the first day only."""
    ladder = suspended(climb).on("Mon 2027-01-18").act("suspension_extended", **LATER)
    row = ladder.uow.session.query(ActionSuspension).one()
    assert (row.agreed_on, row.extended_agreed_on) == (PAUSE["agreed_on"], LATER["agreed_on"])
    assert (row.agreement, row.extended_agreement) == (PAUSE["agreement"], LATER["agreement"])
    told = ladder.uow.session.query(Notice).filter_by(kind="action_suspended_employer", medium=Medium.MAIL).all()
    [mail] = [each for each in told if each.facts["resumes_on"] == "2027-03-01"]
    assert "agreed on Tuesday 12 January 2027" in mail.body.decode()
    assert "by a further agreement of Monday 18 January 2027" in mail.body.decode()
    [entry] = ladder.uow.session.query(HistoryEntry).filter_by(action="ballots:action:suspension_extended")
    assert entry.facts["agreed_on"] == "2027-01-18"


def test_nothing_resumes_while_the_dispute_stands_down(climb: Climb) -> None:
    """Turns red if `resume_suspended` does not look whether the dispute stands down."""
    ladder = suspended(climb).act("dispute_stood_down", reason="injunction", note="The High Court.")
    ladder.on("Mon 2027-02-08", work=True)
    assert not kinds(ladder, "action_resumes_members")


@pytest.mark.parametrize(
    ("ending", "facts"),
    [
        ("notice_withdrawn", {"kind": "asos", "reason": "talks"}),
        ("dispute_stood_down", {"reason": "error", "note": "A slip in the notice."}),
        ("dispute_stood_down", STOOD_DOWN),
    ],
)
def test_a_suspension_of_action_that_is_off_is_not_extended(climb: Climb, ending: str, facts: dict[str, Any]) -> None:
    """
    Turns red if `suspensions._rows` does not ask at which stage the action is: everybody would be told in writing that
    action resumes which is over, or stopped for a court.
    """
    ladder = suspended(climb).on("Fri 2027-01-15").act(ending, **facts)
    before = kinds(ladder, "action_suspended_members", "action_suspended_employer")
    assert not suspensions.may_extend(ladder.uow, ladder.case_id)
    with pytest.raises(Conflict, match="notified or under way"):
        ladder.on("Mon 2027-01-18").act("suspension_extended", **LATER)
    assert kinds(ladder, "action_suspended_members", "action_suspended_employer") == before
    assert ladder.uow.session.query(ActionSuspension).one().resumes_on == PAUSE["resumes_on"]
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) is None


@pytest.mark.parametrize(
    ("ordered", "lifted", "resumes", "called", "awaited"),
    [
        ("Thu 2027-01-14", "Fri 2027-01-15", "Fri 2027-01-15", ["2027-01-15", "2027-02-08"], "2027-02-08"),
        ("Thu 2027-01-14", "Fri 2027-01-15", "Mon 2027-01-18", ["2027-02-08"], "2027-02-08"),
        ("Tue 2027-01-19", "Thu 2027-01-21", "Fri 2027-01-22", ["2027-02-08"], "2027-02-08"),
        ("Tue 2027-01-19", "Thu 2027-01-21", "Mon 2027-02-08", ["2027-02-08"], None),
        ("Tue 2027-01-19", "Wed 2027-02-10", "Fri 2027-02-12", ["2027-02-12"], None),
    ],
)
def test_a_stand_down_that_is_lifted_does_not_break_an_agreed_suspension(
    climb: Climb, ordered: str, lifted: str, resumes: str, called: list[str], awaited: str | None
) -> None:
    """
    Turns red if `after_stand_down` calls members to action inside the suspension, twice for one resumption, or leaves
    the day of resumption cancelled, which the order cancelled.
    """
    ladder = suspended(climb).on(ordered).act("dispute_stood_down", **STOOD_DOWN)
    while stand_down_messages.tell(ladder.uow):
        pass
    ladder.on(lifted).act("stand_down_lifted", by=SECOND, reason="discharged", resumes_on=day(resumes))
    awaits = ladder.deadline(DeadlineKind.ACTION_BEGINS)
    assert (awaits.isoformat() if awaits else None) == awaited
    ladder.on("Sun 2027-02-07" if awaited else resumes, work=True)
    ladder.on("Mon 2027-02-15", work=True)
    again = ladder.uow.session.query(Notice).filter_by(kind="action_resumes_members").all()
    assert Counter(each.facts["resumes_on"] for each in again) == dict.fromkeys(called, ENTITLED)
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) is None
    assert [each.stage for each in ladder.actions] == [ActionStage.BEGUN]


BESIDE_A_STRIKE = {**PAUSE, "agreed_on": day("Mon 2027-01-18"), "suspends_on": day("Wed 2027-01-20")}


def due(ladder: Ladder) -> list[str]:
    found = open_deadlines(ladder.uow, ladder.case_id, DeadlineKind.ACTION_BEGINS, DeadlineKind.STRIKE_ENDS)
    return [each.due_on.isoformat() for each in found]


@pytest.mark.parametrize("ending", ["withdrawn", "held"])
def test_what_becomes_of_a_strike_leaves_the_day_of_resumption_due(climb: Climb, ending: str) -> None:
    """
    Turns red if `forget_days` cancels every day of the case, or `resume_suspended` does not make the day due again: no
    sweep would look at the case on it, and members would never be called again.
    """
    ladder = climb("striking").on("Mon 2027-01-18").act("action_suspended", **BESIDE_A_STRIKE)
    assert due(ladder) == ["2027-01-27", "2027-01-28", "2027-02-08"]
    if ending == "withdrawn":
        ladder.act("notice_withdrawn", kind="strike", reason="talks")
    else:
        for held in ("Wed 2027-01-27", "Thu 2027-01-28"):
            ladder.on(held).act("strike_day_held", on=day(held), took_part=3)
        ladder.on("Fri 2027-01-29", work=True)
    assert due(ladder) == ["2027-02-08"]
    ladder.on("Mon 2027-02-08")
    assert ladder.case_id in cases_due(ladder.uow)
    assert kinds(ladder.work(), "action_resumes_members") == {"action_resumes_members": ENTITLED}
    assert not due(ladder)


def test_withdrawing_suspended_action_leaves_the_days_of_the_strike_due(climb: Climb) -> None:
    """Turns red if `forget_days` forgets what other action awaits."""
    ladder = climb("striking").on("Mon 2027-01-18").act("action_suspended", **BESIDE_A_STRIKE)
    ladder.act("notice_withdrawn", kind="asos", reason="talks")
    assert due(ladder) == ["2027-01-27", "2027-01-28"]
    ladder.on("Mon 2027-02-08", work=True)
    assert not kinds(ladder, "action_resumes_members")


def test_action_that_is_suspended_before_it_begins_begins_on_its_day_all_the_same(climb: Climb) -> None:
    """Turns red if the day of resumption takes the place of the day on which action begins: no sweep would see it."""
    ladder = climb("won").on("Fri 2026-11-20")
    ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07")).action_arrives()
    christmas = {"suspends_on": day("Mon 2026-12-14"), "resumes_on": day("Mon 2027-01-11"), "agreement": "a letter"}
    ladder.on("Mon 2026-11-30").act("action_suspended", agreed_on=day("Mon 2026-11-30"), **christmas)
    assert due(ladder) == ["2026-12-07", "2027-01-11"]
    ladder.on("Mon 2026-12-07")
    assert ladder.case_id in cases_due(ladder.uow)
    assert [each.stage for each in ladder.work().actions] == [ActionStage.BEGUN]
    assert due(ladder) == ["2027-01-11"]


def test_a_strike_cannot_be_suspended(climb: Climb) -> None:
    ladder = climb("won")
    with pytest.raises(Conflict, match="No continuous action"):
        ladder.act("action_suspended", **PAUSE)


def test_days_fall_away_and_the_employer_is_told_which_are_left(climb: Climb) -> None:
    """Turns red if `vary` tells the employer nothing, or the wrong days."""
    ladder = climb("striking").on("Mon 2027-01-18")
    ladder.act("notice_varied", cancelled=[day("Wed 2027-01-27")], reason="talks")
    [letter, mail] = ladder.uow.session.query(Notice).filter_by(kind="notice_varied_employer").order_by(Notice.medium)
    assert {letter.medium, mail.medium} == {Medium.LETTER, Medium.MAIL}
    assert (mail.facts["cancelled"], mail.facts["left"]) == (["2027-01-27"], ["2027-01-28"])
    assert ladder.kinds().count(EventKind.STRIKE_DAY_WITHDRAWN) == 1
    assert kinds(ladder, "strike_day_called_off") == {"strike_day_called_off": ENTITLED}


def test_new_days_want_a_new_notice(climb: Climb) -> None:
    """Turns red if a varied notice can gain a day (s. 234A(3)(b), (4))."""
    ladder = climb("striking").on("Mon 2027-01-18")
    wanted = {"cancelled": [day("Wed 2027-01-27")], "added": [day("Fri 2027-01-29")], "reason": "talks"}
    assert refused(ladder, "notice_varied", **wanted) == {"new_dates_want_notice"}
    assert EventKind.STRIKE_DAY_WITHDRAWN not in ladder.kinds()


@pytest.mark.parametrize("on", ["Tue 2027-01-26", "Mon 2027-01-11"])
def test_a_day_that_was_not_notified_cannot_fall_away(climb: Climb, on: str) -> None:
    with pytest.raises(BadInput):
        climb("striking").on("Mon 2027-01-18").act("notice_varied", cancelled=[day(on)], reason="talks")


def test_a_withdrawn_strike_is_off_at_once(climb: Climb) -> None:
    """Turns red if `withdraw_notice` leaves the case on strike, or tells members once a day."""
    ladder = climb("striking").on("Mon 2027-01-18").act("notice_withdrawn", kind="strike", reason="talks")
    assert kinds(ladder, "action_withdrawn_members", "action_withdrawn_employer", "strike_day_called_off") == {
        "action_withdrawn_members": ENTITLED,
        "action_withdrawn_employer": 2,
    }
    assert ladder.stage is Stage.OFFICER_NEGOTIATION
    assert ladder.deadline(DeadlineKind.STRIKE_ENDS) is None


@pytest.mark.parametrize(("rung", "kind"), [("striking", "strike"), ("in_force", "asos")])
def test_who_was_called_and_left_the_school_since_hears_of_the_withdrawal(climb: Climb, rung: str, kind: str) -> None:
    """Turns red if `withdraw_notice` asks the register of today only: whoever moved holds a call, and may follow it."""
    ladder = climb(rung).on("Mon 2027-01-18")
    moved, left, kept_back, *_ = repository.members_at(ladder.uow, ladder.case.workplace_id)
    moved.workplace_id = kept_back.workplace_id = a_workplace(ladder.uow).id
    left.left_on = day("Fri 2027-01-15")
    for call in ladder.uow.session.query(Notice).filter_by(recipient_key=f"member:{kept_back.id}"):
        ladder.uow.session.execute(update(Notice).where(Notice.id == call.id).values(state=State.CANCELLED))
    ladder.uow.session.flush()
    ladder.act("notice_withdrawn", kind=kind, reason="talks")
    told = Counter(
        each.recipient_key for each in ladder.uow.session.query(Notice).filter_by(kind="action_withdrawn_members")
    )
    assert len(told) == ENTITLED - 1
    assert (told[f"member:{moved.id}"], told[f"member:{left.id}"], told[f"member:{kept_back.id}"]) == (1, 1, 0)


def test_what_waits_to_leave_is_taken_back_with_the_notice(climb: Climb) -> None:
    """Turns red if `withdraw_notice` takes nothing back: the reminder would call members on the eve of the day."""
    ladder = climb("striking").on("Mon 2027-01-18")
    assert ladder.uow.session.query(Notice).filter_by(kind="strike_day_reminder", state=State.QUEUED).count()
    ladder.act("notice_withdrawn", kind="strike", reason="talks")
    reminders = ladder.uow.session.query(Notice).filter_by(kind="strike_day_reminder")
    assert {each.state for each in reminders} == {State.CANCELLED}


@pytest.mark.parametrize(
    ("recorded", "facts", "then"),
    [
        ("strike_day_held", {"took_part": 3}, Stage.PAY_REIMBURSEMENT),
        ("strike_day_withdrawn", {"reason": "nobody had struck yet"}, Stage.OFFICER_NEGOTIATION),
    ],
)
def test_the_strike_day_of_a_withdrawal_waits_for_a_person(
    climb: Climb, recorded: str, facts: dict[str, Any], then: Stage
) -> None:
    """
    Turns red if `withdraw_notice` calls off the day on which it is done, or ends the strike before the day is recorded:
    those who struck in the morning could claim no pay for it.
    """
    ladder = climb("striking").on("Wed 2027-01-27").act("notice_withdrawn", kind="strike", reason="talks")
    withdrawn = [each for each in ladder.kinds() if each is EventKind.STRIKE_DAY_WITHDRAWN]
    assert len(withdrawn) == 1
    assert ladder.stage is Stage.STRIKE_ACTION
    assert [each.stage for each in ladder.actions if each.kind is ActionKind.STRIKE] == [ActionStage.STOOD_DOWN]
    assert not withdrawals.may_vary(ladder.uow, ladder.case_id)
    ladder.act(recorded, on=day("Wed 2027-01-27"), **facts)
    assert ladder.stage is then
    assert [each.stage for each in ladder.actions if each.kind is ActionKind.STRIKE] == [ActionStage.ENDED]
    assert kinds(ladder, "strike_day_called_off") == {}


@pytest.mark.parametrize("today", ["Wed 2027-01-27", "Thu 2027-01-28"])
def test_a_day_that_has_come_cannot_fall_away(climb: Climb, today: str) -> None:
    """Turns red if `vary` takes a day that is over, or today: nobody would be asked whether anybody struck."""
    ladder = climb("striking").on(today)
    with pytest.raises(BadInput, match="to come"):
        ladder.act("notice_varied", cancelled=[day("Wed 2027-01-27")], reason="talks")
    assert EventKind.STRIKE_DAY_WITHDRAWN not in ladder.kinds()
    assert not kinds(ladder, "notice_varied_employer")


def test_a_withdrawn_notice_of_continuous_action_ends_it(climb: Climb) -> None:
    """Turns red if the case is not told that the action ended."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("notice_withdrawn", kind="asos", reason="talks")
    assert ladder.stage is Stage.OFFICER_NEGOTIATION
    assert [each.stage for each in ladder.actions] == [ActionStage.ENDED]
    with pytest.raises(Conflict, match="is notified"):
        ladder.act("notice_withdrawn", kind="asos", reason="again")


def test_a_repudiation_goes_to_caller_members_and_employer_in_the_words_of_the_act(climb: Climb) -> None:
    """Turns red if the statement is not that of the law files, or one of the three is left out (s. 21(2)-(3))."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("call_repudiated", **REPUDIATION)
    names = ("repudiation_members", "repudiation_employer", "repudiation_official")
    assert kinds(ladder, *names) == {names[0]: ENTITLED, names[1]: 2, names[2]: 2}
    statement = ladder.uow.law.at("ballots.repudiation_statement", ladder.uow.today).value
    for notice in ladder.uow.session.query(Notice).filter_by(kind="repudiation_members"):
        assert str(statement) in " ".join(notice.body.decode().split())
        assert "s. 21(3)" in notice.law["ballots.repudiation_statement"]["citation"]


def test_fm_24_a_repudiation_names_no_other_employer_of_the_dispute_to_the_employer(climb: Climb) -> None:
    """Turns red if `repudiation` hands no `others` on, or one of `tell_both_ways` and `enqueue` keeps them."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    dispute = disputes.dispute_of(ladder.uow, ladder.case_id)
    assert dispute is not None
    dispute.legs.append(DisputeLeg(employer=an_employer(ladder.uow, name="Borsetshire County Council")))
    ladder.uow.session.flush()
    with pytest.raises(BadInput, match="another employer of the dispute"):
        ladder.act("call_repudiated", **{**REPUDIATION, "call": "To leave, as at Borsetshire County Council."})
    assert not kinds(ladder, "repudiation_employer")
    own = f"To leave {ladder.case.workplace.employer.name} at noon."
    ladder.act("call_repudiated", **{**REPUDIATION, "call": own})
    assert kinds(ladder, "repudiation_employer") == {"repudiation_employer": 2}


def test_the_unions_own_call_cannot_be_repudiated(climb: Climb) -> None:
    """Turns red if what the union called by the rules can be disowned (s. 20(2), 21(1))."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    own = {**REPUDIATION, "called_by": "union"}
    assert refused(ladder, "call_repudiated", **own) == {"own_call_not_repudiable"}


def test_a_late_repudiation_goes_out_and_history_keeps_the_warn(climb: Climb) -> None:
    """Turns red if lateness stops a repudiation: late is better than none."""
    ladder = climb("in_force").on("Wed 2027-01-13").act("call_repudiated", **REPUDIATION)
    [entry] = ladder.uow.session.query(HistoryEntry).filter_by(action=REPUDIATED)
    assert entry.facts["warns"] == ["repudiated_late"]
    assert "Anytown" not in str(entry.facts)


def test_the_same_call_is_repudiated_once_a_day(climb: Climb) -> None:
    """Turns red if pressing again writes to everybody again."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("call_repudiated", **REPUDIATION)
    before = kinds(ladder, "repudiation_members")
    ladder.act("call_repudiated", **REPUDIATION)
    assert kinds(ladder, "repudiation_members") == before


@pytest.mark.parametrize(
    "other", [{"postal_lines": ["2 Narrow Street", "Anytown AN1 1TN"]}, {"repudiated_by": "president"}]
)
def test_a_repudiation_in_other_words_or_to_another_address_goes_out(climb: Climb, other: dict[str, object]) -> None:
    """Turns red if `_version` leaves out the address: the caller at the right one would be written to never."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("call_repudiated", **REPUDIATION)
    before = kinds(ladder, "repudiation_official")["repudiation_official"]
    ladder.act("call_repudiated", **{**REPUDIATION, **other})
    assert kinds(ladder, "repudiation_official")["repudiation_official"] == 2 * before
