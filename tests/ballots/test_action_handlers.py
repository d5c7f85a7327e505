"""Authorising action, approving its notice and recording its days, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ballots.mandate import ActionKind, Pattern
from ballots.models import ActionStage, MandateRow
from casework import repository
from casework.deadlines import DeadlineKind
from casework.lifecycle import EventKind, Stage
from casework.register.models import Member
from core.errors import BadInput, Conflict, NotFound, RuleViolation
from notifications.lifecycle import State
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.ballots.scenes import BOTH, SECOND, WON, Ladder, dump
from tests.builders import a_member, an_employer, happen
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

Climb = Callable[[str], Ladder]
DAYS = (day("Wed 2027-01-27"), day("Thu 2027-01-28"))


def asos(ladder: Ladder, starts: str, *instructions: int) -> Ladder:
    return ladder.act("asos_authorised", instructions=list(instructions or (2, 6)), starts_on=day(starts))


def escalated(ladder: Ladder) -> Ladder:
    return ladder.act("escalation_sought", happened_on=ladder.uow.today)


def codes(ladder: Ladder, name: str, **facts: Any) -> list[str]:
    with pytest.raises(RuleViolation) as caught:
        ladder.act(name, **facts)
    assert all(found.cure for found in caught.value.findings)
    return [found.code for found in caught.value.findings]


def test_asos_is_continuous_and_counted(climb: Climb) -> None:
    ladder = asos(climb("won").on("Fri 2026-11-20"), "Mon 2026-12-07", 6, 2, 6)
    (action,) = ladder.actions
    assert (action.kind, action.pattern, action.instructions) == (ActionKind.ASOS, Pattern.CONTINUOUS, [2, 6])
    assert (action.affected, action.by_category) == (12, {"support staff": 2, "teacher": 10})
    assert ladder.deadline(DeadlineKind.ACTION_NOTICE_RECEIVED) == day("Fri 2026-11-27")
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) == day("Mon 2026-12-07")
    assert ladder.deadline(DeadlineKind.STRIKE_ENDS) is None


def test_a_strike_is_discontinuous_and_names_its_days_once_and_in_order(climb: Climb) -> None:
    ladder = escalated(climb("in_force").on("Mon 2027-01-11")).act("strike_authorised", days=[*reversed(DAYS), DAYS[0]])
    action = ladder.actions[-1]
    assert (action.kind, action.pattern, action.strike_days) == (ActionKind.STRIKE, Pattern.DISCONTINUOUS, DAYS)
    assert ladder.deadline(DeadlineKind.ACTION_NOTICE_RECEIVED) == day("Sun 2027-01-17")
    assert ladder.deadline(DeadlineKind.STRIKE_ENDS) == DAYS[-1]


@pytest.mark.parametrize(("today", "found"), [("Fri 2026-11-27", []), ("Sat 2026-11-28", ["action_notice_late"])])
def test_days_with_too_short_notice_are_refused(climb: Climb, today: str, found: list[str]) -> None:
    """Turns red if `latest < today` becomes `<=`, or is dropped: ten days before 7 December (s. 234A(4))."""
    ladder = climb("won").on(today)
    facts = {"instructions": [2], "starts_on": day("Mon 2026-12-07")}
    if found:
        assert codes(ladder, "asos_authorised", **facts) == found
    else:
        assert ladder.act("asos_authorised", **facts).stage is Stage.ASOS_AUTHORISED


@pytest.mark.parametrize(("last", "found"), [("Tue 2027-11-16", []), ("Wed 2027-11-17", ["mandate_expired"])])
def test_the_last_day_of_the_mandate_is_lawful_and_the_next_is_not(climb: Climb, last: str, found: list[str]) -> None:
    """Turns red if only the first day of a strike is compared with the mandate (s. 234)."""
    ladder = escalated(climb("in_force").on("Mon 2027-01-11"))
    facts = {"days": [DAYS[0], day(last)]}
    if found:
        assert codes(ladder, "strike_authorised", **facts) == found
    else:
        assert ladder.act("strike_authorised", **facts).actions[-1].strike_days[-1] == day(last)


def test_a_contested_day_is_refused_while_nobody_can_override_it(climb: Climb) -> None:
    """Turns red if the gate lets a warn pass: the stricter reading of the months decides."""
    ladder = escalated(climb("in_force").on("Mon 2027-01-11"))
    for row in ladder.uow.session.query(MandateRow):
        row.last_day, row.last_day_lenient = day("Mon 2027-11-15"), day("Tue 2027-11-16")
    assert codes(ladder, "strike_authorised", days=[day("Tue 2027-11-16")]) == ["mandate_expired"]


def test_a_yes_to_asos_is_no_yes_to_a_strike(climb: Climb) -> None:
    """Turns red if mandates are given for every question asked, carried or not (s. 226(2)(a)(iii))."""
    ladder = climb("closed").act("result_declared", **{**WON, "strike_yes": 1, "strike_no": 8})
    escalated(ladder.on("Thu 2026-11-19").arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED))
    assert codes(ladder, "strike_authorised", days=list(DAYS)) == ["action_kind_not_balloted"]


def test_members_who_want_a_strike_that_was_not_balloted_can_have_a_ballot(climb: Climb) -> None:
    """Turns red if talks cannot fail at escalation: the case would be stuck without a strike mandate."""
    ladder = climb("closed").act("result_declared", **{**WON, "strike_yes": 1, "strike_no": 8})
    escalated(ladder).act("escalation_meeting_held", happened_on=ladder.uow.today, present=10, in_favour=9)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "adjourned"}))
    assert ladder.stage is Stage.STRIKE_ESCALATION
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    days = {"opens_on": day("Tue 2026-12-01"), "closes_on": day("Mon 2027-01-11")}
    ladder.act("ballot_authorised", questions=["strike"], **days)
    assert (ladder.stage, ladder.ballot.questions) == (Stage.BALLOT_PREPARATION, ["strike"])


def test_a_mandate_of_a_settled_dispute_is_no_mandate_for_the_next(climb: Climb) -> None:
    """Turns red if `mandate_for` does not ask for the dispute: the older strike mandate lasts to November 2027."""
    ladder = climb("won").on("Fri 2026-11-20")
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED, EventKind.CASE_REOPENED)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    ladder.act("dispute_declared")
    ladder.act("ballot_authorised", questions=["asos"], opens_on=day("Mon 2026-11-30"), closes_on=day("Mon 2026-12-14"))
    ladder.act("ballot_notices_approved", by=SECOND).arrives("notice_of_ballot").arrives("sample_voting_paper")
    ladder.on("Mon 2026-11-30", work=True).on("Tue 2026-12-15", work=True)
    ladder.act("result_declared", entitled=12, cast=10, asos_yes=9, asos_no=1)
    escalated(ladder)
    assert codes(ladder, "strike_authorised", days=list(DAYS)) == ["action_kind_not_balloted"]


def test_an_employer_that_changed_since_the_ballot_was_never_told(climb: Climb) -> None:
    """Turns red if the employer of now is not compared with the mandate's: the school became an academy."""
    ladder = climb("won").on("Fri 2026-11-20")
    ladder.case.workplace.employer = an_employer(ladder.uow)
    ladder.uow.session.flush()
    facts = {"instructions": [2], "starts_on": day("Mon 2026-12-07")}
    assert codes(ladder, "asos_authorised", **facts) == ["employer_wrong"]


def test_nobody_left_to_act_is_refused(climb: Climb) -> None:
    """Turns red if the affected are not looked at: a notice of nobody."""
    ladder = climb("won").on("Fri 2026-11-20")
    for member in ladder.uow.session.query(Member):
        member.left_on = day("Thu 2026-11-19")
    facts = {"instructions": [2], "starts_on": day("Mon 2026-12-07")}
    assert codes(ladder, "asos_authorised", **facts) == ["constituency_empty"]


def test_joiners_since_the_ballot_are_counted_as_affected(climb: Climb) -> None:
    """Turns red if the frozen list is counted instead: those who joined after the ballot may be called too."""
    ladder = climb("won").on("Fri 2026-11-20")
    a_member(ladder.uow, ladder.case.workplace, joined_on=day("Thu 2026-11-19"))
    asos(ladder, "Mon 2026-12-07")
    assert ladder.actions[-1].affected == 13
    assert ladder.notice_of_action().facts["total"] == 13


def test_other_days_withdraw_what_was_not_notified(climb: Climb) -> None:
    """Turns red if `withdraw_unserved` is dropped: two notices of the same kind would stand side by side."""
    ladder = asos(climb("won").on("Fri 2026-11-20"), "Mon 2026-12-07")
    first = ladder.notice_of_action()
    ladder.act("action_notices_approved", by=SECOND)
    asos(ladder, "Mon 2026-12-14", 2)
    assert [action.stage for action in ladder.actions] == [ActionStage.ENDED, ActionStage.AUTHORISED]
    assert ladder.deadline(DeadlineKind.ACTION_BEGINS) == day("Mon 2026-12-14")
    assert ladder.deadline(DeadlineKind.ACTION_NOTICE_RECEIVED) == day("Fri 2026-12-04")
    ladder.act("notice_received", notice=first.id, received_on=ladder.uow.today, how=ReceiptKind.HANDED_OVER)
    assert ladder.actions[0].stage is ActionStage.ENDED


def test_an_unsent_notice_of_withdrawn_action_stays_here(climb: Climb) -> None:
    """Turns red if `take_back` is dropped from `withdraw`."""
    ladder = asos(climb("won").on("Fri 2026-11-20"), "Mon 2026-12-07")
    first = ladder.notice_of_action()
    asos(ladder, "Mon 2026-12-14")
    assert first.state is State.CANCELLED
    assert ladder.notice_of_action().state is State.RENDERED


def test_notified_asos_is_not_authorised_over(climb: Climb) -> None:
    """Turns red if `_require_none_notified` is dropped: the second could never be served once the first has begun."""
    ladder = asos(climb("won").on("Fri 2026-11-20"), "Mon 2026-12-07").action_arrives()
    assert ladder.actions[-1].stage is ActionStage.NOTIFIED
    with pytest.raises(Conflict, match="begins by itself on Monday 7 December 2026"):
        asos(ladder, "Mon 2026-12-14")


def test_whoever_authorised_the_action_does_not_approve_its_notice(climb: Climb) -> None:
    """Turns red if `require_second_person` is not asked for action."""
    ladder = asos(climb("won").on("Fri 2026-11-20"), "Mon 2026-12-07")
    assert codes(ladder, "action_notices_approved") == ["second_person_wanted"]


def test_there_must_be_a_notice_to_approve(climb: Climb) -> None:
    """The result was not told, so no notice is made yet."""
    ladder = climb("closed").act("result_declared", **WON)
    asos(ladder, "Mon 2026-12-07")
    with pytest.raises(Conflict, match="once the employer was told the result"):
        ladder.act("action_notices_approved", by=SECOND)


def test_an_unknown_instruction_is_refused(climb: Climb) -> None:
    with pytest.raises(NotFound, match="99"):
        asos(climb("won").on("Fri 2026-11-20"), "Mon 2026-12-07", 99)


@pytest.mark.parametrize("on", ["Tue 2027-01-26", "Fri 2027-01-29"])
def test_a_day_that_was_not_notified_is_refused(climb: Climb, on: str) -> None:
    """Turns red if `_notified_strike` takes any day (s. 234A(3)(b): each intended date)."""
    ladder = climb("striking").on("Fri 2027-01-29")
    for name, facts in (("strike_day_held", {"took_part": 3}), ("strike_day_withdrawn", {"reason": "talks"})):
        with pytest.raises(BadInput, match="notified of"):
            ladder.act(name, on=day(on), **facts)


def test_a_strike_day_is_recorded_once_and_not_before_it_comes(climb: Climb) -> None:
    """Turns red if `settled_days` is not asked, or a day to come is taken."""
    ladder = climb("striking").on("Tue 2027-01-26")
    with pytest.raises(BadInput, match="happened_on"):
        ladder.act("strike_day_held", on=DAYS[0], took_part=3)
    ladder.on("Wed 2027-01-27").act("strike_day_held", on=DAYS[0], took_part=3)
    with pytest.raises(BadInput, match="not recorded yet"):
        ladder.act("strike_day_held", on=DAYS[0], took_part=3)
    with pytest.raises(BadInput, match="not recorded yet"):
        ladder.act("strike_day_withdrawn", on=DAYS[0], reason="talks")


def test_no_more_take_part_than_are_affected_or_have_joined_since(climb: Climb) -> None:
    """Turns red if only those in the notice count: who joined after the ballot may be called too."""
    ladder = climb("striking").on("Wed 2027-01-27")
    with pytest.raises(BadInput, match="at most the 12 members"):
        ladder.act("strike_day_held", on=DAYS[0], took_part=13)
    a_member(ladder.uow, ladder.case.workplace, joined_on=day("Mon 2027-01-25"))
    ladder.act("strike_day_held", on=DAYS[0], took_part=13)


def test_days_of_an_unserved_strike_are_no_strike_days(climb: Climb) -> None:
    """Turns red if action at any stage counts as notified."""
    ladder = escalated(climb("in_force").on("Mon 2027-01-11")).act("strike_authorised", days=list(DAYS))
    with pytest.raises(BadInput, match="notified of"):
        ladder.on("Wed 2027-01-27").act("strike_day_held", on=DAYS[0], took_part=3)


def test_a_refused_authorisation_leaves_nothing(climb: Climb) -> None:
    ladder = climb("won").on("Sat 2026-11-28")
    before = dump(ladder.uow)
    assert codes(ladder, "asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    assert dump(ladder.uow) == before


@pytest.mark.parametrize(
    ("today", "first", "found"),
    [
        ("Tue 2026-02-17", "Tue 2026-03-03", []),
        ("Tue 2026-02-17", "Mon 2026-03-02", []),
        ("Wed 2026-02-18", "Sat 2026-02-28", []),
        ("Wed 2026-02-18", "Fri 2026-02-27", ["action_notice_late"]),
    ],
)
def test_the_length_of_notice_around_the_change_of_law(
    straddling: Callable[[], Ladder], today: str, first: str, found: list[str]
) -> None:
    """
    Turns red if fourteen days are asked of a notice received from 18 February 2026, or ten of one before it.

    On 17 February action on 2 March may still be authorised: its notice is lawful if it arrives from the 18th.
    """
    ladder = straddling().on(today)
    facts = {"instructions": [2], "starts_on": day(first)}
    if found:
        assert codes(ladder, "asos_authorised", **facts) == found
        return
    ladder.act("asos_authorised", **facts)
    made = ladder.uow.session.query(Notice).filter_by(kind="notice_of_action").all()
    fourteen_days_left = (day(first) - day(today)).days >= 14
    assert bool(made) is (fourteen_days_left or day(today) >= date(2026, 2, 18))


@pytest.mark.parametrize(
    ("received", "notified"), [("Sat 2026-02-14", True), ("Mon 2026-02-16", False), ("Wed 2026-02-18", True)]
)
def test_a_receipt_is_judged_by_the_law_of_its_own_day(
    straddling: Callable[[], Ladder], received: str, notified: bool
) -> None:
    """
    For 28 February 2026 the employer has it by the 14th (fourteen days) or on the 18th (ten), and not on the 16th.

    Turns red if ten days are counted whatever the day of receipt: the pack says another day than the proof.
    """
    ladder = straddling().on("Fri 2026-02-13").act("asos_authorised", instructions=[2], starts_on=day("Sat 2026-02-28"))
    ladder.act("action_notices_approved", by=SECOND)
    ladder.on(received).arrives("notice_of_action", f"action:{ladder.actions[-1].id}")
    assert (ladder.actions[-1].stage is ActionStage.NOTIFIED) is notified


def test_an_employer_that_had_a_notice_before_the_change_keeps_the_older_law(
    straddling: Callable[[], Ladder],
) -> None:
    """Turns red if `notice_terms` is empty: fourteen days and every figure, SI 2026/3, Sch. 2, para 10."""
    ladder = straddling().on("Fri 2026-02-13")
    ladder.act("asos_authorised", instructions=[2], starts_on=day("Sat 2026-02-28")).action_arrives()
    ladder.on("Sat 2026-02-28", work=True)
    escalated(ladder.on("Mon 2026-03-02"))
    assert codes(ladder, "strike_authorised", days=[day("Fri 2026-03-13")]) == ["action_notice_late"]
    ladder.act("strike_authorised", days=[day("Mon 2026-03-16")])
    assert ladder.notice_of_action().facts["by_category"] == {"support staff": 2, "teacher": 10}


@pytest.fixture
def straddling(climb: Climb) -> Callable[[], Ladder]:
    """A ballot carried under the older law, its result told on 9 February 2026."""

    def made() -> Ladder:
        ladder = climb("older")
        assert repository.get(ladder.uow, ladder.case_id).stage is Stage.BALLOT_RESULT
        assert BOTH["questions"] == ladder.ballot.questions
        return ladder

    return made
