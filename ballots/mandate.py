"""
The mandate a ballot gives: from when to when, for which kind of action, and what lies outside it.

The period begins with the date of the ballot, which is the last day of voting (TULRCA 1992, s. 246), and ends
at midnight. Before March 2017 the law limited only when action had to begin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from core.calendar import PeriodEnd, end_of_months, end_of_weeks, in_words, last_day_touched, london_day
from core.findings import Citation, Finding, Severity
from core.law import Certainty, Consultation, LegalValue
from core.tulrca import CALLED_BEFORE, MANDATE
from core.why import Why


class ActionKind(StrEnum):
    """The two kinds that are balloted apart; a Yes to one is no Yes to the other."""

    STRIKE = "strike"
    ASOS = "asos"

    @property
    def words(self) -> str:
        """As people say it: `strike action`, `action short of a strike`."""
        return "strike action" if self is ActionKind.STRIKE else "action short of a strike"


class Pattern(StrEnum):
    """How action falls on days, in the words of s. 234A(3) TULRCA."""

    CONTINUOUS = "continuous"
    DISCONTINUOUS = "discontinuous"


class Shortfall(StrEnum):
    """What a question lacks for a mandate; a finding has the same code."""

    MAJORITY_CONTESTED = "majority_contested"
    MAJORITY = "majority_not_met"
    TURNOUT = "turnout_not_met"
    SUPPORT = "support_not_met"


@dataclass(frozen=True, slots=True)
class MandatePeriod:
    """
    From the date of the ballot to the last lawful day, strict and lenient.

    `months` is the length without any agreement; None where the law limits only when action begins, which
    `begins_by` says. `agreed_until` is the day agreed, if the agreement has effect; `citation` is then that of the
    agreement's limit. `why` is of the last day, where a timetable says it.
    """

    first_day: date
    last_day: date
    last_day_lenient: date
    months: int | None
    begins_by: bool
    agreed_until: date | None
    citation: Citation
    why: Why | None = field(default=None, compare=False)

    def expiry(self, day: date) -> Finding | None:
        """What is wrong with action on a day: nothing, a contested day (warn) or a day too late (stop)."""
        return expiry(day, self.last_day, self.last_day_lenient, begins_by=self.begins_by)


@dataclass(frozen=True, slots=True)
class Mandate:
    """
    Support of one ballot for one kind of action at some workplaces of one employer.

    A value: who, where, which kind, from when to when, from which ballot. Every later act names one.
    """

    employer_id: UUID
    workplace_ids: frozenset[UUID]
    kind: ActionKind
    first_day: date
    last_day: date
    last_day_lenient: date
    ballot_id: UUID
    begins_by: bool = False

    def is_live(self, on: date) -> bool:
        """Whether a day lies within the mandate on the strict reading."""
        return self.first_day <= on <= self.last_day

    def covers(self, kind: ActionKind, workplace_id: UUID, on: date) -> bool:
        """Whether action of a kind at a workplace on a day has the ballot's support, strictly read."""
        return kind is self.kind and workplace_id in self.workplace_ids and self.is_live(on)

    def findings(self, starts_at: datetime, ends_at: datetime) -> tuple[Finding, ...]:
        """
        What is wrong with action between two aware instants.

        Duties that run past the last midnight are outside the mandate. Where the law limits only the
        beginning, the end of the action does not matter.
        """
        starts_on = london_day(starts_at)
        last_on = starts_on if self.begins_by else last_day_touched(ends_at)
        early = [_before_the_ballot(starts_on, self.first_day)] if starts_on < self.first_day else []
        late = expiry(last_on, self.last_day, self.last_day_lenient, begins_by=self.begins_by)
        return tuple(early + ([late] if late else []))


def expiry(day: date, last_day: date, last_day_lenient: date, *, begins_by: bool) -> Finding | None:
    """
    What is wrong with action on a day: nothing up to `last_day`, a warn up to `last_day_lenient`, then a stop.

    Source: TULRCA 1992, s. 234; that the ballot's own day counts, RCN (High Court, 27 April 2023).
    """
    if day <= last_day:
        return None
    return _contested(day, last_day) if day <= last_day_lenient else _expired(day, last_day, begins_by)


def _expired(day: date, last_day: date, begins_by: bool) -> Finding:
    limit = "had to begin by" if begins_by else "has no support of the ballot after"
    return Finding(
        code="mandate_expired",
        severity=Severity.STOP,
        sentence=f"Action on {in_words(day)} is too late: it {limit} {in_words(last_day)}.",
        cure="Hold a fresh ballot, or take the action within the mandate.",
        citation=MANDATE,
        case="Secretary of State v Royal College of Nursing, High Court, 27 April 2023",
    )


def _contested(day: date, last_day: date) -> Finding:
    return Finding(
        code="mandate_expired",
        severity=Severity.WARN,
        sentence=(
            f"By the stricter count of months the mandate ends on {in_words(last_day)}; "
            f"only by the other reading does it reach {in_words(day)}."
        ),
        cure="Take the action by the earlier day, or have a legal officer override this with a reason.",
        citation=MANDATE,
    )


def _before_the_ballot(day: date, ballot_on: date) -> Finding:
    return Finding(
        code="called_before_ballot_date",
        severity=Severity.STOP,
        sentence=f"Action on {in_words(day)} comes before the date of the ballot, {in_words(ballot_on)}.",
        cure="Wait for the result, tell it, and give notice of action.",
        citation=CALLED_BEFORE,
    )


def why_it_begins(first_day: date) -> Why:
    """Why a mandate begins on its first day: the date of the ballot (TULRCA 1992, ss. 234(1) and 246)."""
    return Why(
        rule="A mandate begins with the date of the ballot: the last day on which votes could be cast.",
        inputs={"date of the ballot": in_words(first_day)},
        arithmetic=in_words(first_day),
        citation=MANDATE,
        certainty=Certainty.CONFIRMED,
    )


def mandate_period(
    opened_on: date, closed_on: date, law: Consultation, agreed_until: date | None = None
) -> tuple[MandatePeriod, tuple[Finding, ...]]:
    """
    The mandate of a ballot opened and closed on two days, and what is to be said of an agreement to a longer one.

    `agreed_until` is the last day that union and employer agreed on. It lengthens a mandate only where the
    law in force for the ballot knows such an agreement, and never beyond that law's limit.
    """
    months = law.at("ballots.mandate_months", opened_on)
    agreed = law.at("ballots.mandate_agreed_months", opened_on)
    if months.whole_or_none is None:
        return _weeks_to_begin(opened_on, closed_on, law, agreed_until)
    ordinary = end_of_months(closed_on, months.whole)
    longest = end_of_months(closed_on, agreed.whole) if agreed.whole_or_none else None
    return _with_agreement(closed_on, ordinary, longest, months, agreed, agreed_until)


def _weeks_to_begin(
    opened_on: date, closed_on: date, law: Consultation, agreed_until: date | None
) -> tuple[MandatePeriod, tuple[Finding, ...]]:
    weeks = law.at("ballots.mandate_start_weeks", opened_on)
    agreed = law.at("ballots.mandate_agreed_start_weeks", opened_on)
    ordinary = end_of_weeks(closed_on, weeks.whole)
    longest = end_of_weeks(closed_on, agreed.whole)
    return _with_agreement(
        closed_on, PeriodEnd(ordinary, ordinary), PeriodEnd(longest, longest), weeks, agreed, agreed_until
    )


def _with_agreement(
    closed_on: date,
    ordinary: PeriodEnd,
    longest: PeriodEnd | None,
    length: LegalValue,
    agreed: LegalValue,
    agreed_until: date | None,
) -> tuple[MandatePeriod, tuple[Finding, ...]]:
    findings = _agreement_findings(ordinary, longest, agreed, agreed_until)
    end, effective = ordinary, None
    if agreed_until is not None and longest is not None and agreed_until > ordinary.strict:
        effective = min(agreed_until, longest.lenient)
        strict = min(agreed_until, longest.strict)
        end = PeriodEnd(strict=strict, lenient=max(effective, strict, ordinary.lenient))
    begins_by = length.unit == "weeks"
    period = MandatePeriod(
        first_day=closed_on,
        last_day=end.strict,
        last_day_lenient=end.lenient,
        months=None if begins_by else length.whole,
        begins_by=begins_by,
        agreed_until=effective,
        citation=(length if effective is None else agreed).citation,
    )
    return period, findings


def _agreement_findings(
    ordinary: PeriodEnd, longest: PeriodEnd | None, agreed: LegalValue, agreed_until: date | None
) -> tuple[Finding, ...]:
    if agreed_until is None:
        return ()
    if longest is None:
        said = "The law for this ballot knows no longer mandate by agreement; the agreement has no effect."
        return (_agreement_finding("agreement_without_effect", said, agreed.citation),)
    if agreed_until > longest.strict:
        said = (
            f"No agreement carries the mandate past {in_words(longest.strict)}; "
            f"the part up to {in_words(agreed_until)} has no effect."
        )
        return (_agreement_finding("mandate_agreement_too_long", said, agreed.citation),)
    if agreed_until <= ordinary.strict:
        said = f"The mandate lasts to {in_words(ordinary.strict)} without any agreement."
        return (_agreement_finding("agreement_without_effect", said, agreed.citation),)
    return ()


def _agreement_finding(code: str, sentence: str, citation: Citation) -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARN,
        sentence=sentence,
        cure="Plan by the last day shown here, or hold a fresh ballot in time.",
        citation=citation,
        where="employer_agrees_longer_mandate",
    )
