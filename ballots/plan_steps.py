"""The steps of a plan in words: what each hangs on, its rule, where that stands, and its safe day by each channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from ballots.action_notice import notice_length
from ballots.channels import Channel
from ballots.plan_days import BALLOT_NOTICE_DAYS, SAMPLE_PAPER_DAYS, VOTING_DAYS, PlannedDays, Reckoning
from ballots.plan_facts import FIRST_ACTION, Step, StepName
from ballots.plan_reasons import PlanReasons
from ballots.reasons import TOLD
from core.calendar import LONDON, in_days, in_words
from core.findings import Citation

OFFICES_CLOSE = time(17)
"""A paper handed over later counts from the next office day."""

_BEFORE_NOTICE = Citation(
    "TULRCA 1992", "ss. 231A, 234A(4)(a)", "https://www.legislation.gov.uk/ukpga/1992/52/section/234A"
)
SUPERVISOR = "ballots.picket_supervisor_required"

HANGS_ON: Mapping[StepName, str] = {
    StepName.AUTHORISE: StepName.BALLOT_NOTICE,
    StepName.BALLOT_NOTICE: StepName.BALLOT_OPENS,
    StepName.SAMPLE_PAPER: StepName.BALLOT_OPENS,
    StepName.BALLOT_OPENS: StepName.BALLOT_CLOSES,
    StepName.BALLOT_CLOSES: StepName.RESULT_TO_EMPLOYERS,
    StepName.RESULT_TO_MEMBERS: StepName.RESULT_TO_EMPLOYERS,
    StepName.RESULT_TO_EMPLOYERS: StepName.ACTION_NOTICE,
    StepName.ACTION_NOTICE: FIRST_ACTION,
    StepName.PICKETS: FIRST_ACTION,
}


@dataclass(frozen=True, slots=True)
class _Ground:
    """The rule of a step in a few words, and where it stands."""

    rule: str
    citation: Citation


def steps_of(reckoning: Reckoning, first_action_on: date, days: PlannedDays) -> tuple[Step, ...]:
    """The steps of a plan whose days are reckoned, in the order in which they are taken."""
    wording = _Wording(reckoning, first_action_on, days)
    return tuple(wording.step(name) for name in days)


class _Wording:
    """One plan in words."""

    def __init__(self, reckoning: Reckoning, first_action_on: date, days: PlannedDays) -> None:
        self.reckoning = reckoning
        self.law = reckoning.law
        self.wish = reckoning.wish
        self.first_action_on = first_action_on
        self.days = days
        self.reasons = PlanReasons(reckoning, first_action_on, days)

    def step(self, name: StepName) -> Step:
        day, today = self.days[name], self.wish.today
        ground = _GROUNDS[name](self)
        return Step(
            step=name,
            latest_lawful=day.lawful,
            latest_safe=day.safe,
            margin_days=(day.lawful - day.safe).days,
            slack_days=None if today is None else (day.safe - today).days,
            rule=ground.rule,
            citation=ground.citation,
            hangs_on=HANGS_ON[name],
            safe_by=datetime.combine(day.safe, OFFICES_CLOSE, tzinfo=LONDON),
            by_channel=self.by_channel(name),
            why=self.reasons.why(name),
        )

    def by_channel(self, name: StepName) -> dict[Channel, date] | None:
        """The safe day of a paper by each channel, the opening or the first day of action staying where it is."""
        if name in {StepName.ACTION_NOTICE, StepName.RESULT_TO_EMPLOYERS}:
            return {each: self.reckoning.safe_action_notice(self.first_action_on, each) for each in Channel}
        if name not in _DAYS_BEFORE_OPENING:
            return None
        opens_on = self.days[StepName.BALLOT_OPENS].safe
        by = self.reckoning.paper_received_by(opens_on, _DAYS_BEFORE_OPENING[name])
        return {each: self.reckoning.open_days.last_hand_over(by, each) for each in Channel}

    def authorise(self) -> _Ground:
        return _Ground("decided before the notice of ballot leaves", self.before_opening(BALLOT_NOTICE_DAYS).citation)

    def ballot_notice(self) -> _Ground:
        return self.before_opening(BALLOT_NOTICE_DAYS)

    def sample_paper(self) -> _Ground:
        return self.before_opening(SAMPLE_PAPER_DAYS)

    def before_opening(self, parameter: str) -> _Ground:
        days = self.law.at(parameter, self.days[StepName.BALLOT_OPENS].lawful)
        return _Ground(f"{in_days(days.whole)} before the opening", days.citation)

    def opening(self) -> _Ground:
        closes_on = self.days[StepName.BALLOT_CLOSES].safe
        planned = (closes_on - self.days[StepName.BALLOT_OPENS].safe).days
        citation = self.law.at(VOTING_DAYS, closes_on).citation
        return _Ground(f"not after the close; {in_days(planned)} of voting planned", citation)

    def closing(self) -> _Ground:
        return _Ground("no notice before the result is told", _BEFORE_NOTICE)

    def result_to_members(self) -> _Ground:
        return _Ground("as soon as reasonably practicable", TOLD)

    def result_to_employers(self) -> _Ground:
        return _Ground("with the notice of action or before it", _BEFORE_NOTICE)

    def action_notice(self) -> _Ground:
        day, terms = self.days[StepName.ACTION_NOTICE], self.reckoning.terms
        length = notice_length(day.lawful, terms, self.law)
        arrives = self.reckoning.open_days.latest_arrival(day.safe, self.wish.channel)
        safely = notice_length(arrives, terms, self.law)
        rule = f"{in_days(length.whole)} before the action"
        if safely.whole != length.whole:
            rule += f" if received on {in_words(day.lawful)}, {safely.whole} if received by {in_words(arrives)}"
        return _Ground(rule, length.citation)

    def pickets(self) -> _Ground:
        supervisor = self.law.at(SUPERVISOR, self.first_action_on)
        told = "a supervisor appointed and the police told" if supervisor.flag else "no supervisor needed by law"
        return _Ground(f"before the first picket; {told}", supervisor.citation)


_DAYS_BEFORE_OPENING = {StepName.BALLOT_NOTICE: BALLOT_NOTICE_DAYS, StepName.SAMPLE_PAPER: SAMPLE_PAPER_DAYS}

_GROUNDS: Mapping[StepName, Callable[[_Wording], _Ground]] = {
    StepName.AUTHORISE: _Wording.authorise,
    StepName.BALLOT_NOTICE: _Wording.ballot_notice,
    StepName.SAMPLE_PAPER: _Wording.sample_paper,
    StepName.BALLOT_OPENS: _Wording.opening,
    StepName.BALLOT_CLOSES: _Wording.closing,
    StepName.RESULT_TO_MEMBERS: _Wording.result_to_members,
    StepName.RESULT_TO_EMPLOYERS: _Wording.result_to_employers,
    StepName.ACTION_NOTICE: _Wording.action_notice,
    StepName.PICKETS: _Wording.pickets,
}
