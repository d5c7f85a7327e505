"""
The statutory timetable of one ballot: every latest day, what the papers must hold, how long the mandate lasts.

Each rule is chosen by its own date, not by one change of regime; receipt counts, not sending. Receipt dates
that are not given are taken as the latest lawful day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from ballots import reasons, threshold_reasons
from ballots.action_notice import (
    action_notice_contents,
    earliest_action,
    latest_action_notice,
    notice_length,
)
from ballots.mandate import MandatePeriod, mandate_period
from ballots.paper import VotingPaper, voting_paper
from ballots.timetable_facts import (
    ActionNotice,
    BallotFacts,
    NoticeContents,
    NoticeOfBallot,
    SamplePaper,
    ScrutineerTerms,
    Thresholds,
    Timetable,
)
from ballots.timetable_findings import TimetableReview
from core.calendar import end_of_weeks, latest_receipt
from core.errors import NoLawInForce
from core.findings import Finding
from core.law import Consultation, Law
from core.law_findings import no_law_in_force, stale, unconfirmed, unsupported_jurisdiction

Step = TypeVar("Step")


def timetable(facts: BallotFacts, law: Law) -> Timetable:
    """
    The timetable of a ballot, with what is wrong with the dates given.

    Never raises for law that is missing: the step is None and a `no_law_in_force` stop says so.
    """
    refused = unsupported_jurisdiction(facts.nation)
    if refused is not None:
        return Timetable(None, None, None, None, None, None, None, (refused,))
    return _Timetabling(facts, law).timetable()


def notice_of_ballot(facts: BallotFacts, law: Consultation) -> NoticeOfBallot:
    """When the employer must have the notice of ballot and what it states (s. 226A)."""
    days = law.at("ballots.notice_of_ballot_days", facts.opens_on)
    latest = latest_receipt(facts.opens_on, days.whole)
    contents = law.at("ballots.notice_of_ballot_contents", facts.ballot_notice_received_on or latest)
    full = "by_category" in contents.items
    return NoticeOfBallot(
        latest_receipt=latest,
        days=days.whole,
        contents=NoticeContents.FULL_FIGURES if full else NoticeContents.LISTS_AND_TOTAL,
        items=contents.items,
        citation=days.citation,
        why=reasons.received_before_opening(
            reasons.NOTICE_OF_BALLOT, facts.opens_on, days, law.planned(days.parameter)
        ),
    )


def sample_paper(facts: BallotFacts, law: Consultation) -> SamplePaper:
    """When the employer must have the sample voting paper (s. 226A)."""
    days = law.at("ballots.sample_paper_days", facts.opens_on)
    why = reasons.received_before_opening(reasons.SAMPLE_PAPER, facts.opens_on, days, law.planned(days.parameter))
    return SamplePaper(latest_receipt(facts.opens_on, days.whole), days.whole, days.citation, why)


def paper(facts: BallotFacts, law: Consultation) -> VotingPaper:
    """What the voting paper must hold (s. 229)."""
    received_on = facts.sample_received_on or sample_paper(facts, law).latest_receipt
    bears = voting_paper(facts.opens_on, received_on, law)
    events = {"sample_paper_received_on": received_on}
    statement = law.at("ballots.dismissal_warning_statement", facts.opens_on, events)
    return replace(bears, why=reasons.voting_paper(facts.opens_on, received_on, statement))


def scrutineer(facts: BallotFacts, law: Consultation) -> ScrutineerTerms:
    """Whether there must be a scrutineer, and the last day for the report (ss. 226B, 226C, 231B)."""
    exempt = law.at("ballots.scrutineer_exempt_voters", facts.opens_on)
    weeks = law.at("ballots.scrutineer_report_weeks", facts.closes_on)
    required = None if facts.entitled is None else facts.entitled > exempt.whole
    due_on = end_of_weeks(facts.closes_on, weeks.whole)
    why = reasons.report_due(facts.closes_on, due_on, weeks, law.planned(weeks.parameter))
    return ScrutineerTerms(required, due_on, weeks.citation, why)


def thresholds(facts: BallotFacts, law: Consultation) -> Thresholds:
    """The shares that must vote and must vote Yes (s. 226)."""
    turnout = law.at("ballots.turnout_fraction", facts.opens_on)
    support = law.at("ballots.support_fraction", facts.opens_on)
    planned = (*law.planned(turnout.parameter), *law.planned(support.parameter))
    why = threshold_reasons.wanted(facts.opens_on, facts.entitled, turnout, support, planned)
    return Thresholds(turnout.fraction, support.fraction, turnout.keyed_on, turnout.citation, why)


def action_notice(facts: BallotFacts, law: Consultation) -> ActionNotice:
    """How long the notice of action is, and what the dates given make of it (s. 234A)."""
    terms, first = facts.notice_terms, facts.first_action_on
    latest = None if first is None else latest_action_notice(first, terms, law)
    received_on = facts.action_notice_received_on or latest
    length = notice_length(received_on or facts.closes_on, terms, law)
    return ActionNotice(
        days=length.whole,
        latest_receipt=latest,
        earliest_action_if_received=None if received_on is None else earliest_action(received_on, terms, law),
        items=action_notice_contents(received_on or facts.closes_on, terms, law).items,
        citation=length.citation,
        why=None if first is None or latest is None else reasons.action_notice_under(law, first, latest, terms),
        earliest_why=None if received_on is None else reasons.earliest_action_under(law, received_on, terms),
    )


class _Timetabling:
    """One run over one ballot: the steps, and what was found on the way."""

    def __init__(self, facts: BallotFacts, law: Law) -> None:
        self.facts = facts
        self.law = Consultation(law, facts.nation)
        self.missing: dict[str, Finding] = {}
        self.agreement: tuple[Finding, ...] = ()

    def timetable(self) -> Timetable:
        steps = Timetable(
            ballot_notice=self._step(notice_of_ballot),
            sample_paper=self._step(sample_paper),
            voting_paper=self._step(paper),
            scrutineer=self._step(scrutineer),
            thresholds=self._step(thresholds),
            action_notice=self._step(action_notice),
            mandate=self._step(self._mandate),
            findings=(),
        )
        return replace(steps, findings=self._findings(steps))

    def _step(self, rule: Callable[[BallotFacts, Consultation], Step]) -> Step | None:
        return self._try(partial(rule, self.facts, self.law))

    def _try(self, rule: Callable[[], Step]) -> Step | None:
        try:
            return rule()
        except NoLawInForce as error:
            self.missing.setdefault(error.parameter, no_law_in_force(error))
            return None

    def _mandate(self, facts: BallotFacts, law: Consultation) -> MandatePeriod:
        period, self.agreement = mandate_period(facts.opens_on, facts.closes_on, law, facts.longer_mandate_until)
        return replace(period, why=reasons.mandate_end_under(law, facts.opens_on, period))

    def _findings(self, steps: Timetable) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for rule in TimetableReview(steps, self.facts, self.law).rules():
            found += self._try(rule) or []
        consulted = self.law.given()
        return (
            *self.missing.values(),
            *found,
            *self.agreement,
            *unconfirmed(consulted),
            *stale(consulted, self.facts.today),
        )
