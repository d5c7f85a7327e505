"""What the page of a plan shows beside its steps: the drawing, and the case it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.charts import Span, Timeline, timeline
from ballots.mandate import ActionKind
from ballots.plan import Plan, StepName, Wish
from ballots.plan_facts import STEP_NAMES
from casework import repository
from core.calendar import in_words
from core.nations import Nation
from core.unit_of_work import UnitOfWork

TODAY_WITHIN_DAYS = 60
"""Today is drawn when it lies within so many days of the plan's first day; from further off it squashes the rest."""

TOGETHER = (StepName.BALLOT_OPENS, StepName.BALLOT_CLOSES, StepName.RESULT_TO_EMPLOYERS)
"""Steps without a bar of their own: voting is one bar, and the result is told to all on the same days."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """The case that a plan is for."""

    ref: str
    workplace: str
    employer: str
    nation: Nation


def planned_case(uow: UnitOfWork, ref: str) -> PlannedCase | None:
    """The case with a reference, None for an empty one; `NotFound` for one that is not there."""
    if not ref:
        return None
    case = repository.find(uow, ref)
    return PlannedCase(case.ref, case.workplace.name, case.workplace.employer.name, case.workplace.nation)


def drawing(wish: Wish, plan: Plan) -> Timeline:
    """A bar from the safe day to the lawful one for each step, and one for the voting as planned."""
    assert plan.first_action_on is not None, "only a plan with steps is drawn"
    days = {step.step: step for step in plan.steps}
    voting = (days[StepName.BALLOT_OPENS].latest_safe, days[StepName.BALLOT_CLOSES].latest_safe)
    spans = []
    for step in plan.steps:
        if step.step is StepName.BALLOT_OPENS:
            spans.append(Span("Voting, as planned", *voting))
        elif step.step not in TOGETHER:
            label = "Result told" if step.step is StepName.RESULT_TO_MEMBERS else STEP_NAMES[step.step]
            spans.append(Span(label, step.latest_safe, step.latest_lawful))
    spans.append(Span("First day of action", plan.first_action_on, plan.first_action_on))
    kind = "strike" if wish.kind is ActionKind.STRIKE else "action short of a strike"
    return timeline(
        "plan-days",
        f"From the decision to the {kind}",
        f"Each bar runs from the last safe day to the last lawful one. Voting is planned from {in_words(voting[0])} to "
        f"{in_words(voting[1])}; the first day of action is {in_words(plan.first_action_on)}.",
        spans,
        today=_near(wish.today, spans[0].first_on),
        dated=True,
    )


def _near(today: date | None, first_on: date) -> date | None:
    return today if today is not None and abs((first_on - today).days) <= TODAY_WITHIN_DAYS else None
