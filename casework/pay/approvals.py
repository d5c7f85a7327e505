"""Deciding on a claim: two different people approve, neither the claimant; one may refuse. The member is told."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from casework.pay import told
from casework.pay.claims import PAYEE_CONFIRMED, POLICY, claim_of, noted, payee_digest
from casework.pay.models import OVER, Claim, ClaimState
from casework.people.models import Account
from casework.register.models import Member, Officer
from core.errors import RuleViolation, StageError
from core.findings import Finding, Severity
from core.people import two_people
from core.unit_of_work import UnitOfWork

OPEN_TO_CONFIRMATION = frozenset(ClaimState) - OVER - {ClaimState.IN_BATCH}
OPEN_TO_APPROVAL = frozenset({ClaimState.CALCULATED, ClaimState.APPROVED_ONCE, ClaimState.RETURNED})


def approve(uow: UnitOfWork, case_id: uuid.UUID, claim_id: uuid.UUID) -> Claim:
    """The first or second approval by whoever acts; the second decides the claim and tells the member."""
    claim = claim_of(uow, case_id, claim_id)
    if claim.state not in OPEN_TO_APPROVAL:
        raise StageError(f"The claim {claim.id}", claim.state, "claim_approved", tuple(sorted(OPEN_TO_APPROVAL)))
    faults = [*_person_faults(uow, claim), *_amount_faults(claim)]
    if faults:
        raise RuleViolation("The claim cannot be approved.", tuple(faults))
    if claim.first_approver is None:
        claim.first_approver, claim.state = uow.actor, ClaimState.APPROVED_ONCE
    else:
        claim.second_approver, claim.state = uow.actor, ClaimState.APPROVED
        told.decided(uow, claim)
    noted(uow, claim, "approved", payable_pence=claim.payable_pence)
    return claim


def refuse(uow: UnitOfWork, case_id: uuid.UUID, claim_id: uuid.UUID, reason: str) -> Claim:
    """Refuse a claim that is not yet in a payment file. Its days are free for a better claim."""
    claim = claim_of(uow, case_id, claim_id)
    if is_claimant(uow, claim):
        raise RuleViolation("The claim cannot be refused.", (OWN_CLAIM,))
    claim.state = ClaimState.REFUSED
    claim.refusal_reason = reason
    told.decided(uow, claim)
    claim.first_approver = claim.second_approver = None
    claim.days = []
    noted(uow, claim, "refused")
    return claim


def confirm_payee(uow: UnitOfWork, case_id: uuid.UUID, claim_id: uuid.UUID, account_ends: str) -> Claim:
    """
    The claimant was asked, by a way known before, and confirms the account that the register now holds: `account_ends`
    are its last digits as the claimant told them, so that an account which nobody asked about is not confirmed.

    Wanted where the account changed after the claim was made: a changed account is how reimbursements are stolen. Who
    confirms it neither prepares nor releases the file. `StageError` for a claim that is in a file, paid or refused,
    `RuleViolation` where the register holds an account that ends otherwise.
    """
    claim = claim_of(uow, case_id, claim_id)
    if claim.state not in OPEN_TO_CONFIRMATION:
        raise StageError(f"The claim {claim.id}", claim.state, "payee_confirmed", tuple(sorted(OPEN_TO_CONFIRMATION)))
    if is_claimant(uow, claim):
        raise RuleViolation("The account cannot be confirmed.", (OWN_CLAIM,))
    if not (claim.member.account_number or "").endswith(account_ends):
        raise RuleViolation("The account cannot be confirmed.", (_ANOTHER_ACCOUNT,))
    claim.payee_sha256 = payee_digest(claim.member)
    noted(uow, claim, PAYEE_CONFIRMED)
    return claim


def is_claimant(uow: UnitOfWork, claim: Claim) -> bool:
    """Whether whoever acts is the member who claims: as a member, or by an officer's or account's mail address."""
    kind, _, key = uow.actor.partition(":")
    if kind == "member":
        return key == str(claim.member_id)
    if kind not in {"officer", "account"}:
        return False
    person = Officer if kind == "officer" else Account
    same_person = select(person.id).join(Member, func.lower(Member.email) == func.lower(person.email))
    return any(str(each) == key for each in uow.session.scalars(same_person.where(Member.id == claim.member_id)))


def _person_faults(uow: UnitOfWork, claim: Claim) -> list[Finding]:
    faults = [OWN_CLAIM] if is_claimant(uow, claim) else []
    first = claim.first_approver
    return [*faults, _SAME_PERSON] if first is not None and not two_people(first, uow.actor) else faults


def _amount_faults(claim: Claim) -> list[Finding]:
    return [] if claim.payable_pence else [_NOTHING_TO_PAY]


OWN_CLAIM = Finding(
    "own_claim", Severity.STOP, "Nobody decides on a claim of their own.", "Ask somebody else to decide.", POLICY
)
_SAME_PERSON = Finding(
    "same_approver",
    Severity.STOP,
    "You gave the first approval; the second has to be another person's.",
    "Ask another person to approve.",
    POLICY,
)
_ANOTHER_ACCOUNT = Finding(
    "another_account",
    Severity.STOP,
    "The account that the register holds does not end in the digits that the member told.",
    "Pay nothing to it. Find out who changed the register, have it corrected, and ask the member again.",
    POLICY,
)
_NOTHING_TO_PAY = Finding(
    "nothing_to_pay",
    Severity.STOP,
    "The claim comes to nothing, so there is nothing to approve.",
    "Refuse it with the reason, so that the member may claim afresh.",
    POLICY,
)
