"""What a claim pays: the payslip's figure, up to what the rule of the day gives."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from casework.pay.claims import POLICY, doubts_about, noted
from casework.pay.deduction import WHOLE, Deduction, Method, StrikePay, deduction, shares
from casework.pay.models import Claim, ClaimState
from casework.register.models import Member
from core.findings import Finding, Severity, stops
from core.law import Law
from core.money import PENCE_IN_A_POUND, in_pounds
from core.unit_of_work import UnitOfWork
from core.why import POLICY as POLICY_CERTAINTY
from core.why import Why


def calculate(uow: UnitOfWork, claim: Claim) -> None:
    """
    Calculate a submitted claim. One that no rule can answer for (no salary, no law) stays submitted, with the reason.
    """
    if claim.state is not ClaimState.SUBMITTED:
        return
    doubts = doubts_about(uow, claim)
    if claim.member.annual_salary_pence == 0:
        claim.findings = [finding.as_dict() for finding in (*doubts, _NO_SALARY)]
        return
    answer = by_the_rule(claim, uow.law)
    given = answer.total_pence
    difference = [] if given is None else differences(claim.payslip_pence, given)
    claim.findings = [finding.as_dict() for finding in (*doubts, *_part_time(claim), *answer.findings, *difference)]
    if given is None or stops(answer.findings):
        return
    _keep(claim, answer, given)
    noted(uow, claim, "calculated", calculated_pence=given, payable_pence=claim.payable_pence)


def by_the_rule(claim: Claim, law: Law) -> Deduction:
    """
    What the rule gives for a claim's days.

    How a part-timer's day is reckoned is not settled and each employer has a way of its own: of the two methods, the
    one that comes nearest to the payslip is taken.
    """
    methods = (Method.ACTUAL_SALARY,) if Fraction(claim.member.fte) == WHOLE else tuple(Method)
    answers = [deduction(_strike_pay(claim, claim.member, method), law) for method in methods]
    return min(answers, key=lambda answer: abs(claim.payslip_pence - (answer.total_pence or 0)))


def _strike_pay(claim: Claim, member: Member, method: Method) -> StrikePay:
    return StrikePay(
        annual_salary=Decimal(member.annual_salary_pence) / PENCE_IN_A_POUND,
        days=tuple(day.on for day in claim.days),
        nation=claim.case.workplace.nation,
        fte=Fraction(member.fte),
        method=method,
    )


def differences(payslip_pence: int, given_pence: int) -> list[Finding]:
    """The warn that approvers see when the payslip and the rule do not say the same."""
    pounds = in_pounds(payslip_pence), in_pounds(given_pence)
    if payslip_pence > given_pence:
        sentence = "The payslip shows {} deducted, and the rule gives {}: the rule's figure is paid.".format(*pounds)
        cure = "Take up the higher deduction with the employer; check the salary in the register."
        return [Finding("payslip_above_rule", Severity.WARN, sentence, cure, POLICY, "deducted_pence")]
    if payslip_pence < given_pence:
        sentence = "The payslip shows {} deducted, and the rule gives {}: the payslip's figure is paid.".format(*pounds)
        cure = "Make sure that the whole deduction has shown: a day is reimbursed once."
        return [Finding("payslip_below_rule", Severity.WARN, sentence, cure, POLICY, "deducted_pence")]
    return []


def why_payable(claim: Claim) -> Why | None:
    """Why a claim pays what it does; None before it is reckoned."""
    if claim.calculated_pence is None or claim.payable_pence is None:
        return None
    payslip, given, payable = map(in_pounds, (claim.payslip_pence, claim.calculated_pence, claim.payable_pence))
    return Why(
        rule="Paid is what the payslip shows was deducted, up to what the rule gives for the strike days: never more "
        "than was lost.",
        inputs={"payslip": payslip, "the rule gives": given, "strike days": str(len(claim.days))},
        arithmetic=f"the lower of {payslip} and {given} is {payable}",
        citation=POLICY,
        certainty=POLICY_CERTAINTY,
        changes_if="another payslip, or a salary put right in the register before two people approve it",
    )


def _part_time(claim: Claim) -> list[Finding]:
    if Fraction(claim.member.fte) == WHOLE:
        return []
    sentence = "How a part-timer's day is deducted is not settled: the method nearest to the payslip was taken."
    cure = "Compare with how the employer reckons part-time pay."
    return [Finding("part_time_method_unsettled", Severity.WARN, sentence, cure, POLICY, "method")]


def _keep(claim: Claim, answer: Deduction, given: int) -> None:
    claim.state = ClaimState.CALCULATED
    claim.annual_salary_pence, claim.fte = claim.member.annual_salary_pence, claim.member.fte
    claim.method = answer.method.value
    claim.calculated_pence = given
    claim.payable_pence = payable = min(claim.payslip_pence, given)
    part = Fraction(payable, given) if given else WHOLE
    parts = [day.deduction_pence * part for day in answer.days or ()]
    for day, pence in zip(claim.days, shares(payable, parts), strict=True):
        day.pence = pence


_NO_SALARY = Finding(
    "no_salary",
    Severity.STOP,
    "The register holds no salary for the claimant, so nothing can be calculated.",
    "Put the salary into the register; the claim is then calculated.",
    POLICY,
)
