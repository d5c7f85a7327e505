"""Why each day of a plan is what it is: the statute's reason, and after it the plan's own allowances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from ballots.action_notice import notice_length
from ballots.channels import EMAIL_DAYS, POST_OFFICE_DAYS, Channel
from ballots.plan_days import (
    BALLOT_NOTICE_DAYS,
    SAMPLE_PAPER_DAYS,
    VOTING_DAYS,
    LawfulAndSafe,
    PlannedDays,
    Reckoning,
)
from ballots.plan_facts import StepName
from ballots.reasons import NOTICE_OF_BALLOT, SAMPLE_PAPER, TOLD, action_notice_under, received_before_opening
from core.calendar import earliest_event, in_days, in_words
from core.findings import Citation
from core.law import Certainty
from core.why import POLICY, Why

PRACTICE = "The safe day is the union's practice, not law."

BY_CHANNEL: Mapping[Channel, str] = {Channel.HAND: "by hand", Channel.EMAIL: "by email", Channel.POST: "by post"}

_ALLOWANCES: Mapping[Channel, str] = {
    Channel.HAND: "received the same day",
    Channel.EMAIL: f"received by the first office day on or after the {EMAIL_DAYS}rd day after it",
    Channel.POST: f"received by the {POST_OFFICE_DAYS}nd office day after it",
}
_CLOSED = "another channel, a bank holiday, or other days on which offices are closed"


class PlanReasons:
    """The reasons for the days of one plan."""

    def __init__(self, reckoning: Reckoning, first_action_on: date, days: PlannedDays) -> None:
        self.reckoning = reckoning
        self.law = reckoning.law
        self.channel = reckoning.wish.channel
        self.first_action_on = first_action_on
        self.days = days

    def why(self, name: StepName) -> Why:
        """Why a step has its two days."""
        return _REASONS[name](self)

    def authorise(self) -> Why:
        day, served_on = self.days[StepName.AUTHORISE], self.days[StepName.BALLOT_NOTICE].safe
        opens_on = self.days[StepName.BALLOT_OPENS].lawful
        notice = self.law.at(BALLOT_NOTICE_DAYS, opens_on)
        return _practice(
            "The ballot is decided on before the employer is told of it: lawfully on the last day for the notice of "
            "ballot, safely on an office day before that notice leaves.",
            {"last lawful opening": in_words(opens_on), "notice of ballot leaves": in_words(served_on)},
            f"{in_words(opens_on)} − {in_days(notice.whole)} = {in_words(day.lawful)}",
            f"the last office day before {in_words(served_on)} = {in_words(day.safe)}",
            notice.citation,
            "another day for the notice of ballot",
            POLICY,
        )

    def ballot_notice(self) -> Why:
        return self.before_opening(StepName.BALLOT_NOTICE, NOTICE_OF_BALLOT, BALLOT_NOTICE_DAYS)

    def sample_paper(self) -> Why:
        return self.before_opening(StepName.SAMPLE_PAPER, SAMPLE_PAPER, SAMPLE_PAPER_DAYS)

    def before_opening(self, name: StepName, paper: str, parameter: str) -> Why:
        opens = self.days[StepName.BALLOT_OPENS]
        lawful = received_before_opening(paper, opens.lawful, self.law.at(parameter, opens.lawful))
        by = self.reckoning.paper_received_by(opens.safe, parameter)
        wanted = f"planned opening {in_words(opens.safe)} − {in_days((opens.safe - by).days)} = {in_words(by)}"
        return self.handed_over(lawful, self.days[name], wanted)

    def opening(self) -> Why:
        day, closes = self.days[StepName.BALLOT_OPENS], self.days[StepName.BALLOT_CLOSES]
        window = self.law.at(VOTING_DAYS, closes.safe)
        asked = self.reckoning.wish.opens_for is not None
        return _practice(
            "The Act sets no length of voting, so the last lawful opening is the last lawful close; the Code of "
            f"Practice expects {window.whole} days.",
            {"days of voting": f"{(closes.safe - day.safe).days}, {'asked for' if asked else 'by the Code'}"},
            f"{self.last_notice()}; opening, close, result and notice may share that day",
            f"{in_words(closes.safe)} − {in_days((closes.safe - day.safe).days)} = {in_words(day.safe)}",
            window.citation,
            "another close, or another length of voting",
            window.certainty,
        )

    def closing(self) -> Why:
        day, told_on = self.days[StepName.BALLOT_CLOSES], self.days[StepName.RESULT_TO_EMPLOYERS].safe
        return _practice(
            "Notice of action counts only once the result is told, and the result comes after the close; all three on "
            "one day is lawful. The plan leaves a day for the count.",
            {"result told": in_words(told_on)},
            f"{self.last_notice()}; close, result and notice may share that day",
            f"{in_words(told_on)} − 1 day for the count = {in_words(day.safe)}",
            TOLD,
            "another day for the result",
        )

    def result_to_members(self) -> Why:
        return self.result("Everyone entitled to vote is told the result as soon as reasonably practicable")

    def result_to_employers(self) -> Why:
        return self.result("Every employer concerned is told the result as soon as reasonably practicable")

    def result(self, duty: str) -> Why:
        day = self.days[StepName.RESULT_TO_EMPLOYERS]
        arrives = self.reckoning.open_days.latest_arrival(day.safe, self.channel)
        length = notice_length(arrives, self.reckoning.terms, self.law)
        return _practice(
            f"{duty}; the Act names no day. Without it the notice of action does not count, so it is told with that "
            "notice or before it.",
            {"notice of action leaves": in_words(day.safe)},
            f"{self.last_notice()}; result and notice may share that day",
            f"in the same despatch as the notice of action, {in_words(day.safe)}: received by {in_words(arrives)} at "
            f"the latest, + {in_days(length.whole)} = {in_words(earliest_event(arrives, length.whole))}",
            TOLD,
            "another day for the notice of action",
        )

    def action_notice(self) -> Why:
        day, terms = self.days[StepName.ACTION_NOTICE], self.reckoning.terms
        lawful = action_notice_under(self.law, self.first_action_on, day.lawful, terms)
        arrivals = self.reckoning.open_days.arrivals(day.safe, self.channel)
        allowed = max(self.reckoning.earliest(arrival) for arrival in arrivals)
        return self.handed_over(lawful, day, f"on whichever day it arrives, it allows action by {in_words(allowed)}")

    def last_notice(self) -> str:
        """The sum that gives the last lawful day for the notice of action, on which so much else hangs."""
        received_by = self.days[StepName.ACTION_NOTICE].lawful
        why = action_notice_under(self.law, self.first_action_on, received_by, self.reckoning.terms)
        return why.arithmetic.partition(";")[0]

    def pickets(self) -> Why:
        supervisor = self.law.at("ballots.picket_supervisor_required", self.first_action_on)
        needed = "needs a supervisor, who is named to the police" if supervisor.flag else "needs no supervisor by law"
        day = self.days[StepName.PICKETS]
        return _practice(
            f"Pickets are arranged before they stand. Under the law of the first day of action a picket {needed}.",
            {"first day of action": in_words(self.first_action_on)},
            in_words(day.lawful),
            f"the last office day before {in_words(self.first_action_on)} = {in_words(day.safe)}",
            supervisor.citation,
            "another first day of action",
            supervisor.certainty,
        )

    def handed_over(self, lawful: Why, day: LawfulAndSafe, wanted: str) -> Why:
        """The statute's reason for a paper's lawful day, and how the paper travels from its safe day."""
        arrives = self.reckoning.open_days.latest_arrival(day.safe, self.channel)
        how = BY_CHANNEL[self.channel]
        return Why(
            rule=f"{lawful.rule} {PRACTICE}",
            inputs={**lawful.inputs, "channel": f"{how}: {_ALLOWANCES[self.channel]}"},
            arithmetic=f"Lawful: {lawful.arithmetic}. Safe: {wanted}; handed over {how} by 17:00 on "
            f"{in_words(day.safe)}, received on {in_words(arrives)} at the latest",
            citation=lawful.citation,
            certainty=lawful.certainty,
            changes_if=f"{lawful.changes_if}; {_CLOSED}",
        )


def _practice(
    rule: str,
    inputs: dict[str, str],
    lawfully: str,
    safely: str,
    citation: Citation,
    changes_if: str,
    certainty: str = Certainty.CONFIRMED,
) -> Why:
    """The reason for a day that the statute bounds only through another step."""
    return Why(
        rule=f"{rule} {PRACTICE}",
        inputs=inputs,
        arithmetic=f"Lawful: {lawfully}. Safe: {safely}",
        citation=citation,
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
