"""Suspension by agreement, days taken out of a notice, a notice withdrawn, and a call repudiated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ballots import suspensions
from ballots.barrister import against_action
from ballots.models import ActionStage, ActionSuspension
from ballots.packs import packs_of_action
from ballots.repudiation import REPUDIATED
from casework.deadlines import DeadlineKind
from casework.lifecycle import EventKind, Stage
from core.errors import BadInput, Conflict, RuleViolation
from core.history import HistoryEntry
from notifications.lifecycle import Medium
from notifications.models import Notice
from tests.ballots.scenes import ENTITLED, SECOND, Ladder
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]
PAUSE = {
    "agreed_on": day("Tue 2027-01-12"),
    "suspends_on": day("Mon 2027-01-18"),
    "resumes_on": day("Mon 2027-02-08"),
    "agreement": "the employer's letter of 12 January",
}
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
    assert refused(ladder, "action_suspended", **late) == {"restart_without_notice"}
    assert not ladder.uow.session.query(ActionSuspension).count()


def test_a_suspension_is_extended_before_its_day_and_not_after(climb: Climb) -> None:
    """Turns red if `extend` moves the day without telling, or after the action was free to resume."""
    ladder = suspended(climb).on("Fri 2027-02-05")
    later = {"agreed_on": day("Fri 2027-02-05"), "resumes_on": day("Mon 2027-03-01")}
    ladder.act("suspension_extended", **later)
    assert kinds(ladder, "action_suspended_members") == {"action_suspended_members": 2 * ENTITLED}
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) == day("Mon 2027-03-01")
    ladder.on("Mon 2027-02-08", work=True)
    assert not kinds(ladder, "action_resumes_members")
    wrong = {"agreed_on": day("Tue 2027-03-02"), "resumes_on": day("Mon 2027-03-08")}
    assert refused(ladder, "suspension_extended", **wrong) == {"extended_too_late"}


def test_nothing_resumes_while_the_dispute_stands_down(climb: Climb) -> None:
    """Turns red if `resume_suspended` does not look whether the dispute stands down."""
    ladder = suspended(climb).act("dispute_stood_down", reason="injunction", note="The High Court.")
    ladder.on("Mon 2027-02-08", work=True)
    assert not kinds(ladder, "action_resumes_members")


STOOD_DOWN = {"reason": "injunction", "note": "The High Court."}
LATER = {"agreed_on": day("Mon 2027-01-18"), "resumes_on": day("Mon 2027-03-01")}


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
    ladder.on(lifted).act("stand_down_lifted", by=SECOND, reason="discharged", resumes_on=day(resumes))
    awaits = ladder.deadline(DeadlineKind.ACTION_BEGINS)
    assert (awaits.isoformat() if awaits else None) == awaited
    ladder.on("Sun 2027-02-07" if awaited else resumes, work=True)
    ladder.on("Mon 2027-02-15", work=True)
    again = ladder.uow.session.query(Notice).filter_by(kind="action_resumes_members").all()
    assert Counter(each.facts["resumes_on"] for each in again) == dict.fromkeys(called, ENTITLED)
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) is None
    assert [each.stage for each in ladder.actions] == [ActionStage.BEGUN]


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
