"""Why each day of a plan is what it is: the statute's reason, and after it the plan's own allowances."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ballots.channels import ALLOWANCES, CHANNEL_NAMES, CLOSING_HOUR
from ballots.plan_days import BALLOT_NOTICE_DAYS, COUNT_DAYS, SAMPLE_PAPER_DAYS
from ballots.plan_facts import StepName
from ballots.plan_rules import STEPS, Planned
from ballots.reasons import NOTICE_OF_BALLOT, SAMPLE_PAPER, action_notice_under, received_before_opening
from core.calendar import earliest_event, in_days, in_words
from core.law import Certainty, LegalValue
from core.why import POLICY, Why

PRACTICE = "The safe day is the union's practice, not law."
_CLOSED = "another channel, a bank holiday, or other days on which offices are closed"
_FOR_THE_COUNT = f"{in_days(COUNT_DAYS)} for the count"


class PlanReasons:
    """The reasons for the days of one plan; each cites what the table of steps cites."""

    def __init__(self, plan: Planned) -> None:
        self.plan = plan
        self.reckoning = plan.reckoning
        self.days = plan.days

    def why(self, name: StepName) -> Why:
        """Why a step has its two days."""
        return _REASONS[name](self)

    def authorise(self) -> Why:
        day, served_on = self.days[StepName.AUTHORISE], self.days[StepName.BALLOT_NOTICE].safe
        opens_on = self.days[StepName.BALLOT_OPENS].lawful
        return self.practice(
            StepName.AUTHORISE,
            "The ballot is decided on before the employer is told of it: lawfully on the last day for the notice of "
            "ballot, safely on an office day before that notice leaves.",
            {"last lawful opening": in_words(opens_on), "notice of ballot leaves": in_words(served_on)},
            f"{in_words(opens_on)} − {in_days(self.plan.ballot_notice.whole)} = {in_words(day.lawful)}",
            f"the last office day before {in_words(served_on)} = {in_words(day.safe)}",
            "another day for the notice of ballot",
            POLICY,
        )

    def ballot_notice(self) -> Why:
        return self.before_opening(
            StepName.BALLOT_NOTICE, NOTICE_OF_BALLOT, self.plan.ballot_notice, BALLOT_NOTICE_DAYS
        )

    def sample_paper(self) -> Why:
        return self.before_opening(StepName.SAMPLE_PAPER, SAMPLE_PAPER, self.plan.sample_paper, SAMPLE_PAPER_DAYS)

    def before_opening(self, name: StepName, paper: str, lawful_days: LegalValue, parameter: str) -> Why:
        opens = self.days[StepName.BALLOT_OPENS]
        by = self.reckoning.paper_received_by(opens.safe, parameter)
        wanted = f"planned opening {in_words(opens.safe)} − {in_days((opens.safe - by).days)} = {in_words(by)}"
        return self.handed_over(name, received_before_opening(paper, opens.lawful, lawful_days), wanted)

    def opening(self) -> Why:
        day, closes = self.days[StepName.BALLOT_OPENS], self.days[StepName.BALLOT_CLOSES]
        window, planned = self.plan.voting_expected, self.plan.voting_planned
        asked = self.plan.wish.opens_for is not None
        return self.practice(
            StepName.BALLOT_OPENS,
            "The Act sets no length of voting, so the last lawful opening is the last lawful close; the Code of "
            f"Practice expects {in_days(window.whole)}.",
            {"days of voting": f"{planned}, {'asked for' if asked else 'by the Code'}"},
            f"{self.last_notice()}; opening, close, result and notice may share that day",
            f"{in_words(closes.safe)} − {in_days(planned)} = {in_words(day.safe)}",
            "another close, or another length of voting",
            window.certainty,
        )

    def closing(self) -> Why:
        day, told_on = self.days[StepName.BALLOT_CLOSES], self.days[StepName.RESULT_TO_EMPLOYERS].safe
        return self.practice(
            StepName.BALLOT_CLOSES,
            "Notice of action counts only once the result is told, and the result comes after the close; all three on "
            f"one day is lawful. The plan leaves {_FOR_THE_COUNT}.",
            {"result told": in_words(told_on)},
            f"{self.last_notice()}; close, result and notice may share that day",
            f"{in_words(told_on)} − {_FOR_THE_COUNT} = {in_words(day.safe)}",
            "another day for the result",
        )

    def result_to_members(self) -> Why:
        return self.result(
            StepName.RESULT_TO_MEMBERS,
            "Everyone entitled to vote is told the result as soon as reasonably practicable; the Act names no day. The "
            "plan tells them when it tells the employers.",
        )

    def result_to_employers(self) -> Why:
        return self.result(
            StepName.RESULT_TO_EMPLOYERS,
            "Every employer concerned is told the result as soon as reasonably practicable; the Act names no day. "
            "Without it the notice of action does not count, so it is told with that notice or before it.",
        )

    def result(self, name: StepName, rule: str) -> Why:
        told_on, arrives = self.days[name].safe, self.plan.action_notice_arrives
        length = self.plan.action_notice_safely
        return self.practice(
            name,
            rule,
            {"notice of action leaves": in_words(told_on)},
            f"{self.last_notice()}; result and notice may share that day",
            f"in the same despatch as the notice of action, {in_words(told_on)}: received by {in_words(arrives)} at "
            f"the latest, + {in_days(length.whole)} = {in_words(earliest_event(arrives, length.whole))}",
            "another day for the notice of action",
        )

    def action_notice(self) -> Why:
        safe = self.days[StepName.ACTION_NOTICE].safe
        arrivals = self.reckoning.open_days.arrivals(safe, self.plan.wish.channel)
        allowed = max(self.reckoning.earliest(arrival) for arrival in arrivals)
        wanted = f"on whichever day it arrives, it allows action by {in_words(allowed)}"
        return self.handed_over(StepName.ACTION_NOTICE, self.lawful_notice(), wanted)

    def lawful_notice(self) -> Why:
        """Why the notice of action has its last lawful day, on which so much else hangs."""
        received_by = self.days[StepName.ACTION_NOTICE].lawful
        return action_notice_under(self.plan.law, self.plan.first_action_on, received_by, self.plan.terms)

    def last_notice(self) -> str:
        """The sum that gives that day."""
        return self.lawful_notice().arithmetic.partition(";")[0]

    def pickets(self) -> Why:
        supervisor, first_action_on = self.plan.supervisor, self.plan.first_action_on
        needed = "needs a supervisor, who is named to the police" if supervisor.flag else "needs no supervisor by law"
        day = self.days[StepName.PICKETS]
        return self.practice(
            StepName.PICKETS,
            f"Pickets are arranged before they stand. Under the law of the first day of action a picket {needed}.",
            {"first day of action": in_words(first_action_on)},
            in_words(day.lawful),
            f"the last office day before {in_words(first_action_on)} = {in_words(day.safe)}",
            "another first day of action",
            supervisor.certainty,
        )

    def handed_over(self, name: StepName, lawful: Why, wanted: str) -> Why:
        """The statute's reason for a paper's lawful day, and how the paper travels from its safe day."""
        safe, channel = self.days[name].safe, self.plan.wish.channel
        arrives = self.reckoning.open_days.latest_arrival(safe, channel)
        how = CHANNEL_NAMES[channel].lower()
        return Why(
            rule=f"{lawful.rule} {PRACTICE}",
            inputs={**lawful.inputs, "channel": f"{how}: {ALLOWANCES[channel]}"},
            arithmetic=f"Lawful: {lawful.arithmetic}. Safe: {wanted}; handed over {how} by {CLOSING_HOUR} on "
            f"{in_words(safe)}, received on {in_words(arrives)} at the latest",
            citation=STEPS[name].citation(self.plan),
            certainty=lawful.certainty,
            changes_if=f"{lawful.changes_if}; {_CLOSED}",
        )

    def practice(
        self,
        name: StepName,
        rule: str,
        inputs: dict[str, str],
        lawfully: str,
        safely: str,
        changes_if: str,
        certainty: str = Certainty.CONFIRMED,
    ) -> Why:
        """The reason for a day that the statute bounds only through another step."""
        return Why(
            rule=f"{rule} {PRACTICE}",
            inputs=inputs,
            arithmetic=f"Lawful: {lawfully}. Safe: {safely}",
            citation=STEPS[name].citation(self.plan),
            certainty=certainty,
            changes_if=changes_if,
        )


_REASONS: Mapping[StepName, Callable[[PlanReasons], Why]] = {
    StepName.AUTHORISE: PlanReasons.authorise,
    StepName.BALLOT_NOTICE: PlanReasons.ballot_notice,
    StepName.SAMPLE_PAPER: PlanReasons.sample_paper,
    StepName.BALLOT_OPENS: PlanReasons.opening,
    StepName.BALLOT_CLOSES: PlanReasons.closing,
    StepName.RESULT_TO_MEMBERS: PlanReasons.result_to_members,
    StepName.RESULT_TO_EMPLOYERS: PlanReasons.result_to_employers,
    StepName.ACTION_NOTICE: PlanReasons.action_notice,
    StepName.PICKETS: PlanReasons.pickets,
}
