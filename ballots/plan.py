"""
Planning a ballot: backwards from the first day of action wanted, forwards from today.

The law's own latest days come from statute only; beside each stands the latest safe day, which allows for the way a
paper travels and for closed offices. The allowances are the union's practice, not law. docs/planning.md says how both
are reckoned.
"""

from __future__ import annotations

from datetime import date

from ballots.action_notice import NoticeTerms
from ballots.channels import Channel
from ballots.mandate import ActionKind, MandatePeriod, mandate_period
from ballots.plan_days import PlannedDays, Reckoning, never_sooner
from ballots.plan_facts import Plan, ReBallot, Step, StepDays, StepName, Wish
from ballots.plan_findings import PlanReview
from ballots.plan_steps import steps_of
from core.calendar import shift
from core.errors import NoLawInForce
from core.findings import Finding
from core.law import Consultation, Law
from core.law_findings import no_law_in_force, unsupported_jurisdiction

__all__ = ["Channel", "Plan", "ReBallot", "Step", "StepName", "Wish", "plan"]


def plan(wish: Wish, law: Law) -> Plan:
    """
    The plan for a wish: backwards where a first day of action is given, forwards otherwise.

    Never raises for law that is missing: the plan is empty and a stop says so.
    """
    refused = unsupported_jurisdiction(wish.nation)
    if refused is not None:
        return _no_plan(refused)
    try:
        return _Planning(wish, law).plan()
    except NoLawInForce as error:
        return _no_plan(no_law_in_force(error))


def _no_plan(stop: Finding) -> Plan:
    return Plan(None, (), None, None, None, None, None, (stop,))


class _Planning:
    """One wish under one law."""

    def __init__(self, wish: Wish, law: Law) -> None:
        self.wish = wish
        self.law = law
        # What the search looks up is no part of the plan, so the plan itself consults the law afresh.
        self.search = Reckoning(wish, Consultation(law, wish.nation))
        self.reckoning = Reckoning(wish, Consultation(law, wish.nation))

    def plan(self) -> Plan:
        earliest = self._earliest_safe()
        first_action_on = self.wish.first_action_on or earliest[self.wish.kind]
        assert first_action_on is not None, "a wish has a first day of action or today, and from today both are found"
        days = self.reckoning.backwards(first_action_on)
        steps = steps_of(self.reckoning, first_action_on, days)
        mandate = self._mandate(days)
        return Plan(
            first_action_on=first_action_on,
            steps=steps,
            earliest_asos=earliest[ActionKind.ASOS],
            earliest_strike=earliest[ActionKind.STRIKE],
            earliest_lawful=None if self.wish.today is None else self.search.earliest_lawful(self.wish.today),
            mandate=mandate,
            re_ballot=None if mandate.begins_by else self._re_ballot(mandate),
            findings=PlanReview(self.reckoning, first_action_on, steps, earliest[self.wish.kind]).findings(mandate),
        )

    def _earliest_safe(self) -> dict[ActionKind, date | None]:
        today = self.wish.today
        if today is None:
            return dict.fromkeys(ActionKind)
        asos_on = self.search.earliest_safe(today, never_sooner(self.wish, self.law, today))
        strike_on = self.search.earliest_safe(today, asos_on, school_open=True)
        return {ActionKind.ASOS: asos_on, ActionKind.STRIKE: strike_on}

    def _mandate(self, days: PlannedDays) -> MandatePeriod:
        opens_on, closes_on = days[StepName.BALLOT_OPENS].safe, days[StepName.BALLOT_CLOSES].safe
        return mandate_period(opens_on, closes_on, self.reckoning.law)[0]

    def _re_ballot(self, mandate: MandatePeriod) -> ReBallot:
        """An agreement to shorter notice was for this ballot's action; the next one is planned without it."""
        continues_on, terms = shift(mandate.last_day, 1), NoticeTerms(False, self.wish.earlier_action_notice_on)
        days = Reckoning(self.wish, Consultation(self.law, self.wish.nation), terms).backwards(continues_on)
        start_by, today = days[StepName.AUTHORISE].safe, self.wish.today
        slack = None if today is None else (start_by - today).days
        steps = (StepDays(name, day.lawful, day.safe) for name, day in days.items())
        return ReBallot(continues_on, start_by, slack, tuple(steps))
