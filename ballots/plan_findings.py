"""What a plan has to be warned of: days that are past, a closed school, voting in the holidays, doubtful law."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from ballots.agreement import agreement_findings
from ballots.channels import within
from ballots.mandate import ActionKind, MandatePeriod
from ballots.plan_days import VOTING_DAYS, Reckoning
from ballots.plan_facts import Step, StepName
from ballots.plan_rules import STEP_NAMES
from ballots.voting_window import voting_window_short
from core.calendar import in_words, shift
from core.findings import Finding, Severity
from core.law_findings import stale, unconfirmed
from core.tulrca import ACTION_NOTIFIED

BY_HAND = "; or serve by hand and vote for a shorter time, while the lawful day is ahead"

TERMS_UNKNOWN = Finding(
    code="school_terms_unknown",
    severity=Severity.NOTE,
    sentence="No school terms were given, so days on which the school is closed are not known: days of voting or the "
    "first day of action may be among them.",
    cure="Give the days on which the school is closed, or its term dates, and plan again.",
    where="school-closed",
)


def folded(findings: Iterable[Finding], steps: Iterable[Step], today: date | None) -> tuple[Finding, ...]:
    """
    The findings for people: the steps that are too late in one finding for each severity, the gravest first.

    Where the first day of action is past, every step before it is, and that alone is said.
    """
    found = tuple(findings)
    late = [finding for finding in found if finding.code == "plan_too_late"]
    others = [finding for finding in found if finding.code != "plan_too_late"]
    if today is None or not late:
        return found
    if any(finding.code == "first_action_past" for finding in others):
        return tuple(others)
    by_name: dict[str | None, Step] = {step.step: step for step in steps}
    told = []
    for severity in (Severity.STOP, Severity.WARN):
        alike = [finding for finding in late if finding.severity is severity]
        told += alike if len(alike) < 2 else [_together(alike, [by_name[each.where] for each in alike], today)]
    return (*told, *others)


def _together(alike: list[Finding], steps: list[Step], today: date) -> Finding:
    unlawful = alike[0].severity is Severity.STOP
    days = ", ".join(
        f"{STEP_NAMES[step.step]} ({in_words(step.latest_lawful if unlawful else step.latest_safe)})" for step in steps
    )
    return replace(
        alike[0],
        sentence=f"Today is {in_words(today)}, and the last {'lawful' if unlawful else 'safe'} day is past of "
        f"{len(steps)} steps: {days}.",
        where=None,
    )


class PlanReview:
    """What is to be said of a plan whose steps stand; `earliest_on` is the earliest safe day, where today is known."""

    def __init__(
        self, reckoning: Reckoning, first_action_on: date, steps: tuple[Step, ...], earliest_on: date | None
    ) -> None:
        self.reckoning = reckoning
        self.wish = reckoning.wish
        self.law = reckoning.law
        self.first_action_on = first_action_on
        self.earliest_on = earliest_on
        self.steps = {step.step: step for step in steps}

    def findings(self, mandate: MandatePeriod) -> tuple[Finding, ...]:
        """Everything found, the gravest kind first."""
        expired = mandate.expiry(self.first_action_on)
        consulted = self.law.given()
        return (
            *self.action_past(),
            *self.too_late(),
            *([expired] if expired else []),
            *self.voting_short(),
            *self.voting_in_holidays(),
            *self.strike_on_a_closed_day(),
            *self.agreement(),
            *unconfirmed(consulted),
            *stale(consulted, self.wish.today),
        )

    def too_late(self) -> list[Finding]:
        """Given today: a stop for each step whose lawful day is past, a warn for one whose safe day is."""
        today = self.wish.today
        if today is None:
            return []
        return [self._too_late(step, today) for step in self.steps.values() if _is_past(step, today)]

    def action_past(self) -> list[Finding]:
        """Given today: a stop for a first day of action that is past, which nothing else can mend."""
        today = self.wish.today
        if today is None or self.first_action_on >= today:
            return []
        return [
            Finding(
                code="first_action_past",
                severity=Severity.STOP,
                sentence=(
                    f"The first day of action, {in_words(self.first_action_on)}, is past; today is {in_words(today)}."
                ),
                cure=f"Choose another first day of action: {self._later()}.",
                citation=self.steps[StepName.ACTION_NOTICE].citation,
                where="first-action",
            )
        ]

    def _too_late(self, step: Step, today: date) -> Finding:
        lawful = step.latest_lawful >= today
        return Finding(
            code="plan_too_late",
            severity=Severity.WARN if lawful else Severity.STOP,
            sentence=(
                f"{STEP_NAMES[step.step]}: safe until {in_words(step.latest_safe)}, lawful until "
                f"{in_words(step.latest_lawful)}; today is {in_words(today)}."
            ),
            cure=f"Choose another first day of action: {self._later()}{BY_HAND if lawful else ''}.",
            citation=step.citation,
            where=step.step,
        )

    def _later(self) -> str:
        return f"the earliest safe one is {in_words(self.earliest_on)}" if self.earliest_on else "a later one"

    def voting_short(self) -> list[Finding]:
        """A warn for fewer days of voting than the Code of Practice expects on the planned close."""
        closes_on = self.steps[StepName.BALLOT_CLOSES].latest_safe
        return voting_window_short(self.reckoning.days_of_voting(closes_on), closes_on, "opens-for", self.law)

    def voting_in_holidays(self) -> list[Finding]:
        """A warn for days of voting on which the school is closed for a holiday."""
        day, closes_on = (self.steps[name].latest_safe for name in (StepName.BALLOT_OPENS, StepName.BALLOT_CLOSES))
        closed = 0
        while day <= closes_on:
            closed += within(day, self.wish.school_closed)
            day = shift(day, 1)
        if not closed:
            return []
        return [
            Finding(
                code="voting_in_school_holiday",
                severity=Severity.WARN,
                sentence=f"Days of the planned voting that fall in a school holiday: {closed}.",
                cure="Plan a longer vote, so that members who are away can vote.",
                citation=self.law.at(VOTING_DAYS, closes_on).citation,
                where=StepName.BALLOT_OPENS,
            )
        ]

    def strike_on_a_closed_day(self) -> list[Finding]:
        """A warn for a strike that begins on a day on which the school is closed."""
        if self.wish.kind is not ActionKind.STRIKE or self.reckoning.open_days.is_school_day(self.first_action_on):
            return []
        return [
            Finding(
                code="strike_while_school_closed",
                severity=Severity.WARN,
                sentence=f"The school is closed on {in_words(self.first_action_on)}, the first day of the strike.",
                cure="Choose a first day on which the school is open.",
                citation=ACTION_NOTIFIED,
                where="first-action",
            )
        ]

    def agreement(self) -> list[Finding]:
        """What is to be said of an agreement to shorter notice, under the law of the safe day of the notice."""
        notice_on = self.steps[StepName.ACTION_NOTICE].latest_safe
        return agreement_findings(notice_on, self.reckoning.terms, self.law)


def _is_past(step: Step, today: date) -> bool:
    return min(step.latest_safe, step.latest_lawful) < today
