"""What the page of a plan shows beside its steps: the drawing, and the case it is for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from app.charts import Span, Timeline, timeline
from app.forms import DATE_PARTS
from app.offered_acts import OfferedAct, offered_for
from app.plans import KINDS, ON_THE_LINE_BEFORE, RESULT_TOLD, VOTING, today_if_near
from ballots.plan import Plan, StepName, Wish
from ballots.plan_facts import FIRST_ACTION
from ballots.plan_rules import STEP_NAMES
from casework import repository
from core.calendar import in_words
from core.nations import Nation
from core.unit_of_work import UnitOfWork

BEFORE_BALLOT = ("dispute_declared", "ballot_authorised")
"""The acts that lead from a plan to its ballot, the earlier one first."""


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


def next_of_plan(uow: UnitOfWork, ref: str, wish: Wish, plan: Plan) -> OfferedAct | None:
    """
    What is recorded next on the way to the ballot that was planned, None where nothing of it is offered, or the ballot
    would have opened by now. The form of the ballot has the plan's days: its link fills them in.
    """
    if _days(plan)[StepName.BALLOT_OPENS] <= uow.today:
        return None
    offered = {each.name: each for each in offered_for(uow, [repository.find(uow, ref)], BEFORE_BALLOT)}
    ballot = offered.get("ballot_authorised")
    if ballot is None or ballot.href is None:
        return ballot or offered.get("dispute_declared")
    address, _, place = ballot.href.partition("#")
    return replace(ballot, href=f"{address}&{urlencode(_as_typed(wish, plan))}#{place}")


def _days(plan: Plan) -> dict[StepName, date]:
    return {step.step: step.latest_safe for step in plan.steps}


def _as_typed(wish: Wish, plan: Plan) -> dict[str, str]:
    days = _days(plan)
    fields = {"opens_on": days[StepName.BALLOT_OPENS], "closes_on": days[StepName.BALLOT_CLOSES]}
    return {"questions": wish.kind.value, **{k: v for name, day in fields.items() for k, v in _parts(name, day)}}


def _parts(name: str, day: date) -> list[tuple[str, str]]:
    return [(f"{name}-{part}", str(getattr(day, part))) for part in DATE_PARTS]


def drawing(wish: Wish, plan: Plan) -> Timeline:
    """A bar from the safe day to the lawful one for each step, and one for the voting as planned."""
    assert plan.first_action_on is not None, "only a plan with steps is drawn"
    days = {step.step: step for step in plan.steps}
    voting = (days[StepName.BALLOT_OPENS].latest_safe, days[StepName.BALLOT_CLOSES].latest_safe)
    spans = []
    for step in plan.steps:
        if step.step is StepName.BALLOT_OPENS:
            spans.append(Span(f"{VOTING}, as planned", *voting))
        elif step.step not in ON_THE_LINE_BEFORE:
            label = RESULT_TOLD if step.step is StepName.RESULT_TO_MEMBERS else STEP_NAMES[step.step]
            spans.append(Span(label, step.latest_safe, step.latest_lawful))
    spans.append(Span(STEP_NAMES[FIRST_ACTION], plan.first_action_on, plan.first_action_on))
    return timeline(
        "plan-days",
        f"From the decision to the {KINDS[wish.kind].lower()}",
        f"Each bar runs from the last safe day to the last lawful one. Voting is planned from {in_words(voting[0])} to "
        f"{in_words(voting[1])}; the first day of action is {in_words(plan.first_action_on)}.",
        spans,
        today=today_if_near(wish.today, spans[0].first_on),
        dated=True,
    )
