"""The steps of a plan in words: the table's entry for each, what binds its safe day, and that day by each channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from ballots.channels import OFFICES_CLOSE, Channel, EveryDayOpen, OpenDays
from ballots.plan_days import BALLOT_NOTICE_DAYS, SAMPLE_PAPER_DAYS, PlannedDays, Reckoning
from ballots.plan_facts import FIRST_ACTION, Binding, Step, StepName
from ballots.plan_reasons import PlanReasons
from ballots.plan_rules import STEPS, Planned
from core.calendar import LONDON, shift

_BEFORE_OPENING: Mapping[StepName, str] = {
    StepName.BALLOT_NOTICE: BALLOT_NOTICE_DAYS,
    StepName.SAMPLE_PAPER: SAMPLE_PAPER_DAYS,
}
_BEFORE_ACTION = {StepName.RESULT_TO_EMPLOYERS, StepName.ACTION_NOTICE}


def steps_of(reckoning: Reckoning, first_action_on: date, days: PlannedDays) -> tuple[Step, ...]:
    """The steps of a plan whose days are reckoned, in the order in which they are taken."""
    return _Steps(Planned(reckoning, first_action_on, days)).steps()


class _Steps:
    """One plan, step by step."""

    def __init__(self, plan: Planned) -> None:
        self.plan = plan
        self.reckoning = plan.reckoning
        self.days = plan.days
        self.reasons = PlanReasons(plan)
        self.every_day_open = EveryDayOpen(plan.wish.nation)

    def steps(self) -> tuple[Step, ...]:
        return tuple(self.step(name) for name in self.days)

    def step(self, name: StepName) -> Step:
        day, entry, today = self.days[name], STEPS[name], self.plan.wish.today
        by_channel = self.by_channel(name)
        return Step(
            step=name,
            latest_lawful=day.lawful,
            latest_safe=day.safe,
            margin_days=(day.lawful - day.safe).days,
            slack_days=None if today is None else (day.safe - today).days,
            rule=entry.rule(self.plan),
            citation=entry.citation(self.plan),
            hangs_on=entry.hangs_on,
            binding=(entry.fixed_by, *self.allowances(name, by_channel or {})),
            safe_by=datetime.combine(day.safe, OFFICES_CLOSE, tzinfo=LONDON),
            by_channel=by_channel,
            why=self.reasons.why(name),
        )

    def by_channel(self, name: StepName) -> dict[Channel, date] | None:
        """The safe day of a paper by each channel, the opening or the first day of action staying where it is."""
        if name not in _BEFORE_ACTION and name not in _BEFORE_OPENING:
            return None
        return {each: self.handed_over(name, each) for each in Channel}

    def handed_over(self, name: StepName, channel: Channel, open_days: OpenDays | None = None) -> date:
        """The safe day of a paper by a channel, on the plan's own office days or on others, all else unchanged."""
        if name in _BEFORE_ACTION:
            return self.reckoning.safe_action_notice(self.plan.first_action_on, channel, open_days)
        opens_on = self.days[StepName.BALLOT_OPENS].safe
        return self.reckoning.safe_paper(opens_on, _BEFORE_OPENING[name], channel, open_days)

    def allowances(self, name: StepName, by_channel: Mapping[Channel, date]) -> Iterator[Binding]:
        """What takes days off between what a step hangs on and its safe day: without it that day would be later."""
        safe = self.days[name].safe
        if STEPS[name].fixed_by is Binding.ORDER and safe < shift(self.hangs_on(name), -1):
            yield Binding.CLOSED_OFFICES
        if STEPS[name].fixed_by is not Binding.NOTICE:
            return
        if safe < by_channel[Channel.HAND]:
            yield Binding.CHANNEL
        if safe < self.handed_over(name, self.plan.wish.channel, self.every_day_open):
            yield Binding.CLOSED_OFFICES
        if name is StepName.ACTION_NOTICE and safe < self.last_in_time():
            yield Binding.EARLIER_RECEIPT

    def last_in_time(self) -> date:
        """The last office day from which a notice of action arrives by its last lawful day, if sooner will do too."""
        lawful = self.days[StepName.ACTION_NOTICE].lawful
        return self.reckoning.open_days.last_hand_over(lawful, self.plan.wish.channel)

    def hangs_on(self, name: StepName) -> date:
        """The safe day of what a step hangs on; of the first day of action, that day."""
        on = STEPS[name].hangs_on
        return self.plan.first_action_on if on == FIRST_ACTION else self.days[StepName(on)].safe
