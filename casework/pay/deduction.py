"""
What an employer may deduct from pay for days of strike.

Exact arithmetic throughout; the total is rounded once, half up, to whole pence, and the days are shares of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from core.calendar import SATURDAY, in_words
from core.errors import BadInput, NoLawInForce
from core.findings import Citation, Finding, Severity
from core.law import Certainty, Consultation, Law, LegalValue
from core.law_findings import no_law_in_force, stale, unconfirmed, unsupported_jurisdiction
from core.money import PENCE_IN_A_POUND
from core.nations import Nation

WHOLE = Fraction(1)
HALF = Fraction(1, 2)


class Method(StrEnum):
    """
    How a part-timer's day is reckoned; which is right is not settled, so the employer's own practice decides.

    `actual-salary`: the pay of the post, times the fraction, for each day. `hours-due`: the full-time salary,
    times the fraction, for a day on which a full day was due.
    """

    ACTUAL_SALARY = "actual-salary"
    HOURS_DUE = "hours-due"


@dataclass(frozen=True, slots=True)
class StrikePay:
    """
    The facts of one person's strike days.

    `annual_salary` is the full-time one, in pounds. `fte` is the post's share of full time, `day_fraction` the
    share of each day struck. `fraction` is the contract's own share of a year for a day; None: the law's.
    Raises `BadInput` for amounts that cannot be.
    """

    annual_salary: Decimal
    days: tuple[date, ...]
    nation: Nation = Nation.ENGLAND
    fraction: Fraction | None = None
    fte: Fraction = WHOLE
    method: Method | None = None
    day_fraction: Fraction = WHOLE

    def __post_init__(self) -> None:
        if not self.annual_salary.is_finite() or self.annual_salary <= 0:
            raise BadInput(field="annual-salary", found=str(self.annual_salary), wanted="more than 0 pounds")
        if not self.days:
            raise BadInput(field="days", found="none", wanted="at least one date")
        if len(set(self.days)) != len(self.days):
            raise BadInput(field="days", found="a date given twice", wanted="each date once")
        for field, share in (("fte", self.fte), ("day-fraction", self.day_fraction), ("fraction", self.fraction)):
            if share is not None and not 0 < share <= WHOLE:
                raise BadInput(field=field, found=str(share), wanted="more than 0 and at most 1")

    @property
    def method_used(self) -> Method:
        """The method asked for, or `actual-salary`."""
        return self.method or Method.ACTUAL_SALARY

    @property
    def yearly_pence(self) -> Fraction:
        """The year's pay that a day is a fraction of, in pence."""
        share = self.fte if self.method_used is Method.ACTUAL_SALARY else WHOLE
        return Fraction(self.annual_salary) * PENCE_IN_A_POUND * share


@dataclass(frozen=True, slots=True)
class DayDeduction:
    """One day's share of the total, in pence."""

    date: date
    deduction_pence: int


@dataclass(frozen=True, slots=True)
class Deduction:
    """The days in order of date, their total, and by which method and provision; None where no law answers."""

    days: tuple[DayDeduction, ...] | None
    total_pence: int | None
    method: Method
    citation: Citation | None
    findings: tuple[Finding, ...]


def deduction(facts: StrikePay, law: Law, today: date | None = None) -> Deduction:
    """
    The deduction for days of strike, by the contract's fraction if given, else by the law of each day.

    Never raises for law that is missing: the figures are None and a stop says so.
    """
    refused = unsupported_jurisdiction(facts.nation)
    if refused is not None:
        return Deduction(None, None, facts.method_used, None, (refused,))
    consultation = Consultation(law, facts.nation)
    try:
        for day in facts.days:  # a contract's own fraction answers no day that the law files do not reach
            law.at("pay.strike_deduction_fraction", day, nation=facts.nation)
        rates = _rates(facts, consultation)
    except NoLawInForce as error:
        return Deduction(None, None, facts.method_used, None, (no_law_in_force(error),))
    exact = [facts.yearly_pence * rate * facts.day_fraction for rate in rates]
    total = round_half_up(sum(exact, Fraction(0)))
    consulted = consultation.given()
    return Deduction(
        days=tuple(map(DayDeduction, sorted(facts.days), shares(total, exact))),
        total_pence=total,
        method=facts.method_used,
        citation=consulted[0].citation if consulted else None,
        findings=(*_findings(facts, consulted), *unconfirmed(consulted), *stale(consulted, today)),
    )


def _rates(facts: StrikePay, law: Consultation) -> list[Fraction]:
    """The fraction of a year's salary for each day, in order of date."""
    if facts.fraction is not None:
        return [facts.fraction] * len(facts.days)
    values = [law.at("pay.strike_deduction_fraction", day) for day in sorted(facts.days)]
    return [value.fraction for value in values if value.fraction is not None]


def round_half_up(amount: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return (amount + HALF).__floor__()


def shares(total: int, exact: Sequence[Fraction]) -> list[int]:
    """
    Whole shares that sum exactly to the rounded total of exact amounts, each within one of its own.

    Every share is rounded down; what then lacks goes, one each, to the largest remainders, earlier ones first.
    """
    floors = [amount.__floor__() for amount in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: floors[place] - exact[place])
    topped_up = set(by_remainder[: total - sum(floors)])
    return [floor + (place in topped_up) for place, floor in enumerate(floors)]


def _findings(facts: StrikePay, consulted: tuple[LegalValue, ...]) -> list[Finding]:
    found = []
    if facts.fte < WHOLE and facts.method is None:
        found.append(_method_not_settled())
    found += [_practice_only(value) for value in consulted if value.certainty is Certainty.PRACTITIONER]
    found += [_weekend(day) for day in sorted(facts.days) if day.weekday() >= SATURDAY]
    return found


def _method_not_settled() -> Finding:
    return Finding(
        code="part_time_method_unsettled",
        severity=Severity.WARN,
        sentence="How a part-timer's day is deducted is not settled; the pay of the post was taken.",
        cure="Say which way the employer does it: --method actual-salary or --method hours-due.",
        where="method",
    )


def _practice_only(value: LegalValue) -> Finding:
    return Finding(
        code="law_practitioner",
        severity=Severity.WARN,
        sentence=f"The fraction {value.fraction} rests on practice. {value.note or ''}".strip(),
        cure="Compare with the payslip, and give the contract's own fraction where there is one.",
        citation=value.citation,
        where="fraction",
    )


def _weekend(day: date) -> Finding:
    return Finding(
        code="day_not_worked",
        severity=Severity.WARN,
        sentence=f"{in_words(day)} is at a weekend. The figure takes it as a day on which work was due, which holds "
        "only where the contract or a continuous strike notified over it makes it one.",
        cure="Leave the day out if no work was due: then nothing is deducted for it.",
        where="days",
    )
