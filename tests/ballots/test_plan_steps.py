"""The table of steps: what each hangs on, what binds its safe day, its rule, and one citation for step and reason."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings

from ballots.channels import ALLOWANCES, CLOSING_HOUR, EMAIL_DAYS, POST_OFFICE_DAYS, Channel
from ballots.mandate import ActionKind
from ballots.plan import Plan, StepName, Wish, plan
from ballots.plan_days import COUNT_DAYS
from ballots.plan_facts import BINDING_NAMES, Binding
from ballots.plan_rules import STEP_NAMES, STEPS
from core.law import ROOT, current_law
from core.nations import Nation
from tests.ballots.test_plan_properties import wishes
from tests.days import day

LAW = current_law()
PAGE = (ROOT / "docs" / "planning.md").read_text(encoding="utf-8")

HANGS_ON = {
    "authorise": "ballot_notice",
    "ballot_notice": "ballot_opens",
    "sample_paper": "ballot_opens",
    "ballot_opens": "ballot_closes",
    "ballot_closes": "result_to_employers",
    "result_to_members": "result_to_employers",
    "result_to_employers": "action_notice",
    "action_notice": "first_action",
    "pickets": "first_action",
}

TOLD_FIRST = "TULRCA 1992, ss. 231A and 234A(4)(a)"
CODE = "Code of Practice: Industrial Action Ballots and Notice to Employers, paras on the voting period"
ALWAYS_CITED = {
    "authorise": "TULRCA 1992, s. 226A(1)(a)",
    "ballot_notice": "TULRCA 1992, s. 226A(1)(a)",
    "sample_paper": "TULRCA 1992, s. 226A(1)(b)",
    "ballot_opens": CODE,
    "ballot_closes": TOLD_FIRST,
    "result_to_members": "TULRCA 1992, s. 231",
    "result_to_employers": TOLD_FIRST,
}
CITED_FROM = {
    "Mon 2016-11-14": ("TULRCA 1992, s. 234A(4)(b) as it stood", "TULRCA 1992, s. 220"),
    "Wed 2024-04-24": (
        "Trade Union Act 2016, s. 8, amending s. 234A(4)(b)",
        "Trade Union Act 2016, s. 10, inserting s. 220A",
    ),
    "Wed 2027-01-06": ("Employment Rights Act 2025, s. 74(1)(c)", "Employment Rights Act 2025, s. 75"),
}
"""Where the notice of action and the pickets stand, by the law of a first day of action."""


@pytest.mark.parametrize(("first", "sections"), CITED_FROM.items())
def test_every_step_and_its_reason_cite_the_same_section(first: str, sections: tuple[str, str]) -> None:
    """
    The result is owed to members by section 231 and to employers by 231A; a notice before it counts for nothing.

    Turns red if the reason for the close cites `tulrca.TOLD` again, or any entry of the table another section.
    """
    steps = plan(Wish(day(first), channel=Channel.HAND), LAW).steps
    cited = {**ALWAYS_CITED, **dict(zip(("action_notice", "pickets"), sections, strict=True))}
    assert {step.step: str(step.citation) for step in steps} == cited
    assert {step.step: str(step.why.citation) for step in steps} == cited


@example(Wish(date(2026, 2, 28)))  # safe under the older law, lawful under the newer
@given(wishes(forwards=False))
@settings(max_examples=40)
def test_no_reason_cites_for_itself(wish: Wish) -> None:
    """Turns red if `PlanReasons.handed_over` cites the law of another day than the table does."""
    steps = plan(wish, LAW).steps
    assert len(steps) == len(StepName) - (wish.kind is ActionKind.ASOS)
    assert [step.why.citation for step in steps] == [step.citation for step in steps]


def test_every_step_hangs_on_the_one_after_it_that_fixes_it() -> None:
    """Turns red if the pickets hang on the notice of action, or an entry of the table on another step."""
    for wish in (Wish(date(2027, 1, 6)), Wish(today=date(2016, 9, 1), channel=Channel.POST)):
        assert {step.step: step.hangs_on for step in plan(wish, LAW).steps} == HANGS_ON
    assert [*STEPS] == [*StepName]
    assert {*HANGS_ON, *HANGS_ON.values()} == set(STEP_NAMES)


def binding_of(outcome: Plan, name: str) -> list[str]:
    """What binds a step's safe day."""
    return [each.value for step in outcome.steps if step.step == name for each in step.binding]


@pytest.mark.parametrize(
    ("first", "channel", "name", "binding"),
    [
        ("Fri 2027-06-18", Channel.HAND, "action_notice", ["notice"]),
        ("Wed 2027-01-06", Channel.HAND, "action_notice", ["notice", "closed_offices"]),  # 27 December is a Sunday
        ("Wed 2027-01-06", Channel.EMAIL, "sample_paper", ["notice", "channel"]),  # received on Thursday 3 December
        ("Wed 2027-01-06", Channel.EMAIL, "ballot_notice", ["notice", "channel", "closed_offices"]),
        ("Wed 2027-01-06", Channel.POST, "action_notice", ["notice", "channel", "closed_offices"]),
        # By mail of 13 to 16 February 2026 it might arrive before the 18th, when fourteen days were wanted.
        (
            "Sat 2026-02-28",
            Channel.EMAIL,
            "action_notice",
            ["notice", "channel", "closed_offices", "earlier_receipt"],
        ),
        ("Sat 2026-02-28", Channel.HAND, "action_notice", ["notice"]),
        ("Wed 2027-01-06", Channel.HAND, "authorise", ["order"]),
        ("Fri 2027-06-18", Channel.HAND, "authorise", ["order", "closed_offices"]),  # a Monday's notice
        ("Tue 2027-06-15", Channel.HAND, "pickets", ["order"]),
        ("Mon 2027-06-14", Channel.HAND, "pickets", ["order", "closed_offices"]),
        ("Wed 2027-01-06", Channel.POST, "ballot_opens", ["voting"]),
        ("Wed 2027-01-06", Channel.POST, "ballot_closes", ["count"]),
        ("Wed 2027-01-06", Channel.POST, "result_to_members", ["despatch"]),
        ("Wed 2027-01-06", Channel.POST, "result_to_employers", ["despatch"]),
    ],
)
def test_what_fixed_a_safe_day(first: str, channel: Channel, name: str, binding: list[str]) -> None:
    """Turns red if `_Steps.allowances` names what took no day off, or leaves out what did."""
    assert binding_of(plan(Wish(day(first), channel=channel), LAW), name) == binding


ARRIVES_AFTER = {Channel.HAND: 0, Channel.EMAIL: 3, Channel.POST: 2}
"""Days until a paper arrives at the latest where no office ever closes."""


@given(wishes(forwards=False))
@settings(max_examples=60)
def test_a_binding_allowance_is_one_without_which_the_day_would_be_later(wish: Wish) -> None:
    """
    Counted again by hand: served by hand, or with every office open, the two papers before the opening leave later.

    Turns red if closed offices are blamed for the time that mail takes, or the channel for a weekend.
    """
    outcome = plan(wish, LAW)
    steps = {step.step: step for step in outcome.steps}
    opens_on = steps[StepName.BALLOT_OPENS].latest_safe
    for name, notice in ((StepName.BALLOT_NOTICE, 7), (StepName.SAMPLE_PAPER, 3)):
        step, by = steps[name], opens_on - timedelta(days=notice)
        assert step.by_channel is not None
        never_closed = by - timedelta(days=ARRIVES_AFTER[wish.channel])
        assert (Binding.CHANNEL in step.binding) is (step.by_channel[Channel.HAND] > step.latest_safe)
        assert (Binding.CLOSED_OFFICES in step.binding) is (never_closed > step.latest_safe)
        assert (step.binding == (Binding.NOTICE,)) is (step.latest_safe == by)
    authorised, served = steps[StepName.AUTHORISE], steps[StepName.BALLOT_NOTICE]
    gap = (served.latest_safe - authorised.latest_safe).days
    assert authorised.binding == ((Binding.ORDER,) if gap == 1 else (Binding.ORDER, Binding.CLOSED_OFFICES))


def test_closed_offices_that_are_given_bind() -> None:
    """Turns red if `Reckoning` leaves the spans given, or the bank holidays added, out of its office days."""
    first, shut = day("Fri 2027-06-18"), day("Tue 2027-06-08")
    open_then = plan(Wish(first, channel=Channel.HAND), LAW)
    shut_then = plan(Wish(first, channel=Channel.HAND, offices_closed=((shut, shut),)), LAW)
    added = plan(Wish(first, channel=Channel.HAND, nation=Nation.WALES, added_holidays=frozenset({shut})), LAW)
    assert binding_of(open_then, "action_notice") == ["notice"]
    assert binding_of(shut_then, "action_notice") == binding_of(added, "action_notice") == ["notice", "closed_offices"]


def test_every_binding_has_words() -> None:
    """Turns red if a kind of binding is added that people would read as a bare code, or that no page explains."""
    assert set(BINDING_NAMES) == set(Binding)
    assert len(set(BINDING_NAMES.values())) == len(Binding)
    table = PAGE.split("| Binding | |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == list(Binding)


def test_the_page_states_the_allowances() -> None:
    """Turns red if mail, post, the count or the closing hour is given more or less time than docs/planning.md says."""
    assert (EMAIL_DAYS, "on or after the third day after it" in PAGE) == (3, True)
    assert (POST_OFFICE_DAYS, "the second office day after it" in PAGE) == (2, True)
    assert (COUNT_DAYS, "a day for the count" in PAGE) == (1, True)
    assert (CLOSING_HOUR, "until 17:00" in PAGE) == ("17:00", True)
    assert [ALLOWANCES[each].split()[-6:] for each in (Channel.EMAIL, Channel.POST)] == [
        ["after", "the", "3rd", "day", "after", "it"],
        ["the", "2nd", "office", "day", "after", "it"],
    ]
