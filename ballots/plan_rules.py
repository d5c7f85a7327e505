"""The table of a plan's steps: what each is called, what it hangs on, what fixes it, its rule and where that stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ballots.action_notice import notice_length
from ballots.plan_days import BALLOT_NOTICE_DAYS, SAMPLE_PAPER_DAYS, VOTING_DAYS, PlannedDays, Reckoning
from ballots.plan_facts import FIRST_ACTION, Binding, StepName
from core.calendar import in_days, in_words
from core.findings import Citation
from core.law import LegalValue
from core.tulrca import ACTION_NOTICE_WINDOW, MEMBERS_TOLD

SUPERVISOR = "ballots.picket_supervisor_required"


class Planned:
    """The days of one plan, and the law that its steps fall under."""

    def __init__(self, reckoning: Reckoning, first_action_on: date, days: PlannedDays) -> None:
        self.reckoning = reckoning
        self.wish = reckoning.wish
        self.terms = reckoning.terms
        self.law = reckoning.law
        self.first_action_on = first_action_on
        self.days = days

    @cached_property
    def ballot_notice(self) -> LegalValue:
        """The days of the notice of ballot before the last lawful opening."""
        return self.law.at(BALLOT_NOTICE_DAYS, self.days[StepName.BALLOT_OPENS].lawful)

    @cached_property
    def sample_paper(self) -> LegalValue:
        """The days of the sample voting paper before the last lawful opening."""
        return self.law.at(SAMPLE_PAPER_DAYS, self.days[StepName.BALLOT_OPENS].lawful)

    @cached_property
    def voting_expected(self) -> LegalValue:
        """The days of voting that the Code expects."""
        closes_on = self.days[StepName.BALLOT_CLOSES].safe
        return self.law.at(VOTING_DAYS, closes_on)

    @cached_property
    def voting_planned(self) -> int:
        """The days from the safe opening to the safe close."""
        return (self.days[StepName.BALLOT_CLOSES].safe - self.days[StepName.BALLOT_OPENS].safe).days

    @cached_property
    def action_notice(self) -> LegalValue:
        """The length of a notice of action received on its last lawful day."""
        return notice_length(self.days[StepName.ACTION_NOTICE].lawful, self.terms, self.law)

    @cached_property
    def action_notice_arrives(self) -> date:
        """The last day on which a notice of action handed over on its safe day may be received."""
        safe = self.days[StepName.ACTION_NOTICE].safe
        return self.reckoning.open_days.latest_arrival(safe, self.wish.channel)

    @cached_property
    def action_notice_safely(self) -> LegalValue:
        """The length of a notice of action that arrives then."""
        return notice_length(self.action_notice_arrives, self.terms, self.law)

    @cached_property
    def supervisor(self) -> LegalValue:
        """Whether a picket needs a supervisor on the first day of action."""
        return self.law.at(SUPERVISOR, self.first_action_on)


@dataclass(frozen=True, slots=True)
class StepRule:
    """
    One step of every plan.

    `hangs_on` is the step that fixes this one, or `FIRST_ACTION`; `fixed_by` the rule between the two; `rule` says it
    in a few words, and `citation` where it stands, both under the law of a plan's own days.
    """

    label: str
    hangs_on: str
    fixed_by: Binding
    rule: Callable[[Planned], str]
    citation: Callable[[Planned], Citation]


def _before_opening(days: LegalValue) -> str:
    return f"{in_days(days.whole)} before the opening"


def _before_action(plan: Planned) -> str:
    length, safely = plan.action_notice, plan.action_notice_safely
    rule = f"{in_days(length.whole)} before the action"
    if safely.whole == length.whole:
        return rule
    received_on, arrives = plan.days[StepName.ACTION_NOTICE].lawful, plan.action_notice_arrives
    return f"{rule} if received on {in_words(received_on)}, {safely.whole} if received by {in_words(arrives)}"


def _before_pickets(plan: Planned) -> str:
    told = "a supervisor appointed and the police told" if plan.supervisor.flag else "no supervisor needed by law"
    return f"before the first picket; {told}"


STEPS: Mapping[StepName, StepRule] = {
    StepName.AUTHORISE: StepRule(
        "Authorise the ballot",
        hangs_on=StepName.BALLOT_NOTICE,
        fixed_by=Binding.ORDER,
        rule=lambda _: "decided before the notice of ballot leaves",
        citation=lambda plan: plan.ballot_notice.citation,
    ),
    StepName.BALLOT_NOTICE: StepRule(
        "Notice of ballot",
        hangs_on=StepName.BALLOT_OPENS,
        fixed_by=Binding.NOTICE,
        rule=lambda plan: _before_opening(plan.ballot_notice),
        citation=lambda plan: plan.ballot_notice.citation,
    ),
    StepName.SAMPLE_PAPER: StepRule(
        "Sample voting paper",
        hangs_on=StepName.BALLOT_OPENS,
        fixed_by=Binding.NOTICE,
        rule=lambda plan: _before_opening(plan.sample_paper),
        citation=lambda plan: plan.sample_paper.citation,
    ),
    StepName.BALLOT_OPENS: StepRule(
        "Ballot opens",
        hangs_on=StepName.BALLOT_CLOSES,
        fixed_by=Binding.VOTING,
        rule=lambda plan: f"not after the close; {in_days(plan.voting_planned)} of voting planned",
        citation=lambda plan: plan.voting_expected.citation,
    ),
    StepName.BALLOT_CLOSES: StepRule(
        "Ballot closes",
        hangs_on=StepName.RESULT_TO_EMPLOYERS,
        fixed_by=Binding.COUNT,
        rule=lambda _: "no notice before the result is told",
        citation=lambda _: ACTION_NOTICE_WINDOW,
    ),
    StepName.RESULT_TO_MEMBERS: StepRule(
        "Result to members",
        hangs_on=StepName.RESULT_TO_EMPLOYERS,
        fixed_by=Binding.DESPATCH,
        rule=lambda _: "as soon as reasonably practicable",
        citation=lambda _: MEMBERS_TOLD,
    ),
    StepName.RESULT_TO_EMPLOYERS: StepRule(
        "Result to employers",
        hangs_on=StepName.ACTION_NOTICE,
        fixed_by=Binding.DESPATCH,
        rule=lambda _: "with the notice of action or before it",
        citation=lambda _: ACTION_NOTICE_WINDOW,
    ),
    StepName.ACTION_NOTICE: StepRule(
        "Notice of action",
        hangs_on=FIRST_ACTION,
        fixed_by=Binding.NOTICE,
        rule=_before_action,
        citation=lambda plan: plan.action_notice.citation,
    ),
    StepName.PICKETS: StepRule(
        "Pickets arranged",
        hangs_on=FIRST_ACTION,
        fixed_by=Binding.ORDER,
        rule=_before_pickets,
        citation=lambda plan: plan.supervisor.citation,
    ),
}
"""In the order in which the steps are taken. The plan's steps and the reasons of their days both read it."""

STEP_NAMES: Mapping[str, str] = {
    **{name: step.label for name, step in STEPS.items()},
    FIRST_ACTION: "First day of action",
}
"""What people call each step, and what a step may hang on."""
