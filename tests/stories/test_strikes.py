"""Strikes: asked for straight away, called off, held twice, talked away at the last moment."""

from __future__ import annotations

import pytest

from casework.lifecycle import EventKind, Stage
from core.errors import BadInput, RuleViolation
from notifications.proof import ReceiptKind
from tests.days import day
from tests.stories.climb import CARRIED, MANDATE
from tests.stories.conftest import At
from tests.stories.ways import ways


@ways(
    "ballot_result escalation_sought", "strike_escalation strike_authorised", "strike_escalation strike_notice_served"
)
def test_members_were_asked_about_a_strike_only(at: At) -> None:
    """Turns red if the way from the result straight to a strike is gone, or a strike mandate covers other action."""
    story = at("ballot_preparation").ballot("Tue 2026-10-20", "Tue 2026-11-17", ["strike"])
    story.on("Thu 2026-10-08").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Wed 2026-11-18")
    figures = {name: number for name, number in CARRIED.items() if not name.startswith("asos")}
    story.act("result_declared", **figures).on("Thu 2026-11-19")
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    refusal = story.refused("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    assert isinstance(refusal, RuleViolation)
    story.act("escalation_sought", happened_on=day("Thu 2026-11-19")).strike("Tue 2026-11-24", "Fri 2026-12-04")
    assert Stage.ASOS_AUTHORISED not in story.ladder
    assert story.ladder[-2:] == [Stage.STRIKE_ESCALATION, Stage.STRIKE_ACTION]
    assert not story.told("instruction_sheet")


@ways("ballot_result asos_authorised")
def test_members_were_asked_about_other_action_only(at: At) -> None:
    """Turns red if a mandate for action short of a strike covers a strike."""
    story = at("ballot_preparation").ballot("Tue 2026-10-20", "Tue 2026-11-17", ["asos"])
    story.on("Thu 2026-10-08").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Wed 2026-11-18")
    story.act("result_declared", entitled=12, cast=10, asos_yes=9, asos_no=1).on("Thu 2026-11-19")
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    story.act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    assert story.stage is Stage.ASOS_AUTHORISED


@ways("strike_escalation escalation_meeting_held no_majority")
def test_members_do_not_want_to_strike_after_all(at: At) -> None:
    """Turns red if a strike can be authorised without the majority, or action short of it ends with the wish."""
    story = at("strike_escalation")
    story.act("escalation_meeting_held", happened_on=day("Mon 2027-01-11"), present=10, in_favour=5)
    assert story.stage is Stage.OFFICER_NEGOTIATION
    assert story.due() == {"mandate_ends": day("Tue 2027-11-16")}


@ways(
    "strike_escalation escalation_meeting_held majority",
    "strike_escalation negotiation_held adjourned",
    "strike_escalation negotiation_held accepted",
)
def test_the_threat_brings_management_to_the_table(at: At) -> None:
    """Turns red if talks are closed to a case whose members want to strike."""
    story = at("strike_escalation")
    story.act("escalation_meeting_held", happened_on=day("Mon 2027-01-11"), present=11, in_favour=8)
    story.on("Wed 2027-01-13").act("negotiation_held", happened_on=day("Wed 2027-01-13"), answer="adjourned")
    story.on("Fri 2027-01-15").act("negotiation_held", happened_on=day("Fri 2027-01-15"), answer="accepted")
    assert (story.stage, story.due()) == (Stage.SETTLED, {})
    assert len(story.told("stand_down")) == 12


@ways("strike_escalation negotiation_held refused")
def test_talks_fail_and_members_are_balloted_again(at: At) -> None:
    """Turns red if a case at the strike's threshold cannot go back to a ballot, or its action ends by that."""
    story = at("strike_escalation").on("Wed 2027-01-13")
    story.act("negotiation_held", happened_on=day("Wed 2027-01-13"), answer="refused")
    assert story.stage is Stage.BALLOT_PREPARATION
    story.ballot("Mon 2027-02-08", "Mon 2027-03-01", ["strike"])
    assert story.due()["mandate_ends"] == day("Tue 2027-11-16")


@ways("strike_action strike_day_withdrawn", "strike_action strike_over")
def test_both_days_are_called_off_and_nobody_loses_pay(at: At) -> None:
    """Turns red if a strike that nobody held leads to reimbursement, or members are not told."""
    story = at("strike_action").on("Tue 2027-01-26")
    story.act("strike_day_withdrawn", on=day("Wed 2027-01-27"), reason="talks begin")
    story.act("strike_day_withdrawn", on=day("Thu 2027-01-28"), reason="talks begin").on("Fri 2027-01-29")
    assert story.stage is Stage.OFFICER_NEGOTIATION
    assert (len(story.told("strike_day_called_off")), sum(story.told("strike_day_called_off").values())) == (12, 24)
    assert "strike_ends" not in story.due()


@ways("strike_action strike_day_held", "strike_action strike_over pay_owed")
def test_one_day_is_held_and_one_called_off(at: At) -> None:
    """Turns red if a day called off counts as held, or a day that was not notified can be held."""
    story = at("strike_action").struck("Wed 2027-01-27", 7)
    assert isinstance(story.refused("strike_day_held", on=day("Tue 2027-01-26"), took_part=1), BadInput)
    story.act("strike_day_withdrawn", on=day("Thu 2027-01-28"), reason="management makes an offer")
    assert isinstance(story.refused("strike_day_held", on=day("Thu 2027-01-28"), took_part=1), BadInput)
    story.on("Fri 2027-01-29")
    assert story.stage is Stage.PAY_REIMBURSEMENT
    assert [event.facts["on"] for event in story.events(EventKind.STRIKE_DAY_HELD)] == ["2027-01-27"]


@ways("pay_reimbursement claims_settled not_agreed")
def test_members_strike_again_in_march_on_new_notice(at: At) -> None:
    """
    Paid and not settled: the strike goes on, on days that take a notice of their own. Turns red if the first notice
    covers the new days, or ten days are not asked for.
    """
    story = at("pay_reimbursement").on("Mon 2027-02-01")
    for who in range(12):
        story.claim(who, "Wed 2027-01-27", pence=10_000)
    story.approve_claims(by="officer:finance-one").approve_claims(by="officer:finance-two").pay()
    assert story.stage is Stage.STRIKE_ESCALATION
    story.on("Mon 2027-02-22")
    too_soon = story.refused("strike_authorised", days=[day("Wed 2027-03-03")])
    assert isinstance(too_soon, RuleViolation)
    story.strike("Tue 2027-02-23", "Fri 2027-03-05")
    assert len(story.notices("notice_of_action")) == 6
    story.struck("Fri 2027-03-05", 9).on("Sat 2027-03-06")
    assert story.stage is Stage.PAY_REIMBURSEMENT


@pytest.mark.parametrize(
    ("served", "stage"), [("Sun 2027-01-17", "strike_action"), ("Mon 2027-01-18", "strike_escalation")]
)
def test_notice_of_a_wednesday_is_due_on_the_sunday_ten_days_before(at: At, served: str, stage: str) -> None:
    """Turns red if the tenth day before is not lawful, or the ninth is; a Sunday counts as any day."""
    story = at("strike_escalation")
    story.act("strike_authorised", days=[day("Wed 2027-01-27")])
    assert story.due()["action_notice_received"] == day("Sun 2027-01-17")
    story.act("action_notices_approved", by="officer:second").on(served).arrives("notice_of_action")
    assert story.stage is Stage(stage)


def test_strike_days_lie_within_the_mandate(at: At) -> None:
    """Turns red if the last day of the mandate is not lawful, or the day after it is."""
    story = at(MANDATE).act("escalation_sought", happened_on=day("Thu 2026-11-19")).on("Mon 2027-10-18")
    assert isinstance(story.refused("strike_authorised", days=[day("Wed 2027-11-17")]), RuleViolation)
    story.strike("Tue 2027-10-26", "Tue 2027-11-16")
    assert story.stage is Stage.STRIKE_ACTION
