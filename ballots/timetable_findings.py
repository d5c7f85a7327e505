"""What is wrong with the dates and choices of a ballot, given its timetable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from ballots.action_notice import earliest_action, is_contested
from ballots.agreement import agreement_findings
from ballots.reasons import NOTICE_OF_BALLOT, SAMPLE_PAPER
from ballots.timetable_facts import BallotFacts, Timetable
from ballots.voting_window import voting_window_short
from core.calendar import in_words
from core.findings import Citation, Finding, Severity
from core.law import Consultation
from core.tulrca import ACTION_NOTICE_WINDOW


def method_not_permitted(facts: BallotFacts, law: Consultation) -> list[Finding]:
    """A stop for a way of voting that the law does not have on the opening day."""
    methods = law.at("ballots.voting_methods", facts.opens_on)
    if facts.method in methods.items:
        return []
    return [
        Finding(
            code="method_not_permitted",
            severity=Severity.STOP,
            sentence=f"No confirmed law permits {facts.method} voting in a ballot opened on "
            f"{in_words(facts.opens_on)}.",
            cure=f"Vote by: {', '.join(methods.items)}.",
            citation=methods.citation,
            where="method",
        )
    ]


def window_short(facts: BallotFacts, law: Consultation) -> list[Finding]:
    """A warn for fewer days of voting than the Code of Practice expects on the opening day."""
    return voting_window_short((facts.closes_on - facts.opens_on).days, facts.opens_on, "closes", law)


class TimetableReview:
    """What is wrong with one ballot's dates and choices; each rule answers with a list of findings."""

    def __init__(self, steps: Timetable, facts: BallotFacts, law: Consultation) -> None:
        self.steps = steps
        self.facts = facts
        self.law = law

    def rules(self) -> tuple[Callable[[], list[Finding]], ...]:
        """Every rule, in the order in which the findings are shown."""
        return (
            lambda: method_not_permitted(self.facts, self.law),
            lambda: window_short(self.facts, self.law),
            self.papers_late,
            self.agreement_without_effect,
            self.notice_before_result,
            self.action_notice_late,
            self.mandate_expired,
            self.deadline_passed,
        )

    def papers_late(self) -> list[Finding]:
        """A stop for a notice of ballot or a sample voting paper received after its latest day."""
        return [
            _late(paper)
            for paper in _before_opening(self.steps, self.facts)
            if paper.received_on is not None and paper.received_on > paper.latest
        ]

    def agreement_without_effect(self) -> list[Finding]:
        """A warn for an agreement to shorter notice that the law for this notice does not know."""
        step = self.steps.action_notice
        if step is None:
            return []
        received_on = self.facts.action_notice_received_on or step.latest_receipt or self.facts.closes_on
        return agreement_findings(received_on, self.facts.notice_terms, self.law)

    def notice_before_result(self) -> list[Finding]:
        """A stop for a notice of action received before there can be a result to tell."""
        received_on = self.facts.action_notice_received_on
        if received_on is None or received_on >= self.facts.closes_on:
            return []
        return [
            Finding(
                code="action_notice_before_result_told",
                severity=Severity.STOP,
                sentence=(
                    f"Notice of action received on {in_words(received_on)} comes before voting ends on "
                    f"{in_words(self.facts.closes_on)}; it counts only from the day the employer was told the result."
                ),
                cure="Tell the employer the result, then give the notice; the same day will do.",
                citation=ACTION_NOTICE_WINDOW,
                where="action_notice_received",
            )
        ]

    def action_notice_late(self) -> list[Finding]:
        """
        A stop for action sooner than the notice allows, or sooner than any notice after the ballot could; a warn where
        an agreement that a saving may keep allows it.
        """
        step, first = self.steps.action_notice, self.facts.first_action_on
        if step is None or first is None:
            return []
        received_on = self.facts.action_notice_received_on or self.facts.closes_on
        allowed = earliest_action(received_on, self.facts.notice_terms, self.law)
        if first >= allowed:
            return []
        contested = is_contested(first, received_on, self.facts.notice_terms, self.law)
        return [
            Finding(
                code="action_notice_late",
                severity=Severity.WARN if contested else Severity.STOP,
                sentence=(
                    f"Notice received on {in_words(received_on)} allows action from {in_words(allowed)}, "
                    f"not on {in_words(first)}."
                    if self.facts.action_notice_received_on
                    else f"Voting ends on {in_words(self.facts.closes_on)}; even notice received that day allows "
                    f"action only from {in_words(allowed)}, not on {in_words(first)}."
                ),
                cure=f"Take the action on {in_words(allowed)} or later.",
                citation=step.citation,
                where="first_action",
            )
        ]

    def mandate_expired(self) -> list[Finding]:
        """A stop or warn for a first day of action after the mandate's end."""
        if self.steps.mandate is None or self.facts.first_action_on is None:
            return []
        finding = self.steps.mandate.expiry(self.facts.first_action_on)
        return [] if finding is None else [finding]

    def deadline_passed(self) -> list[Finding]:
        """A warn, given today, for each paper not recorded as received whose latest day is past."""
        if self.facts.today is None:
            return []
        return [
            _passed(paper)
            for paper in _papers(self.steps, self.facts)
            if paper.received_on is None and self.facts.today > paper.latest
        ]


class _Paper(NamedTuple):
    """A paper that the employer receives: its field, its name, and the days of its receipt."""

    field: str
    name: str
    received_on: date | None
    latest: date
    citation: Citation


def _before_opening(steps: Timetable, facts: BallotFacts) -> list[_Paper]:
    given = (
        ("ballot_notice", NOTICE_OF_BALLOT, facts.ballot_notice_received_on, steps.ballot_notice),
        ("sample_paper", SAMPLE_PAPER, facts.sample_received_on, steps.sample_paper),
    )
    return [
        _Paper(field, name, received_on, step.latest_receipt, step.citation)
        for field, name, received_on, step in given
        if step is not None
    ]


def _papers(steps: Timetable, facts: BallotFacts) -> list[_Paper]:
    papers, notice = _before_opening(steps, facts), steps.action_notice
    if notice is not None and notice.latest_receipt is not None:
        received_on = facts.action_notice_received_on
        papers.append(_Paper("action_notice", "notice of action", received_on, notice.latest_receipt, notice.citation))
    return papers


def _late(paper: _Paper) -> Finding:
    return Finding(
        code=f"{paper.field}_late",
        severity=Severity.STOP,
        sentence=f"The employer had to have the {paper.name} by {in_words(paper.latest)}.",
        cure="Open the ballot later, or serve in time.",
        citation=paper.citation,
        where=f"{paper.field}_received",
    )


def _passed(paper: _Paper) -> Finding:
    return Finding(
        code="deadline_passed",
        severity=Severity.WARN,
        sentence=f"The latest day for the {paper.name} was {in_words(paper.latest)}, and no receipt is recorded.",
        cure="Record the receipt if there was one in time; otherwise move the day it serves.",
        citation=paper.citation,
    )
