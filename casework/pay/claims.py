"""
Claims for pay lost to a strike.

A claim is for strike days that the case's events say were held, each at most once for ever. Paid is what was really
deducted, by the payslip, up to what the rule of the day gives: a difference is a warn that both approvers see
(docs/decisions/0005-what-a-claim-pays.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from casework import handlers, repository
from casework.cases import Case, CaseEvent
from casework.lifecycle import EventKind, Stage
from casework.pay import told
from casework.pay.models import Claim, ClaimDay, ClaimState
from casework.register.models import Member
from core import history
from core.calendar import in_words
from core.errors import BadInput, Conflict, NotFound, RuleViolation, StageError
from core.findings import Citation, Finding, Severity
from core.history import HistoryEntry
from core.people import two_people
from core.unit_of_work import UnitOfWork, asked_once

POLICY = Citation(
    "The union's rules", "reimbursement of pay lost to a strike", "docs/decisions/0005-what-a-claim-pays.md"
)
PAYEE_CONFIRMED = "payee_confirmed"


@dataclass(frozen=True, slots=True)
class Submission:
    """What a member claims: days in order, the pence the payslip says were deducted, the payslip's SHA-256."""

    days: tuple[date, ...]
    deducted_pence: int
    evidence_sha256: str


def submit(uow: UnitOfWork, case_id: uuid.UUID, membership_number: str, given: Submission) -> Claim:
    """
    Take in a claim; one that was refused may be made afresh.

    `RuleViolation` names every day that was no strike day of the case, that is claimed already, or on which the
    claimant was not in membership. `Conflict` when the member's claim of this round is under way.
    """
    case = repository.get(uow, case_id, for_update=True)
    require_paying(case, "claim_submitted")
    member = _member(uow, membership_number)
    claim = _standing(uow, case_id, member.id)
    _refuse_days(_faults(uow, case_id, member, given.days, claim))
    claim = _afresh(claim, given) if claim else _new(uow, case, member, given)
    claim.submitted_on = uow.today
    claim.payee_sha256 = payee_digest(member)
    claim.findings = [finding.as_dict() for finding in doubts_about(uow, claim)]
    uow.session.add(claim)
    uow.session.flush()
    noted(uow, claim, "submitted", days=list(given.days), evidence_sha256=given.evidence_sha256)
    told.received(uow, claim)
    return claim


def require_paying(case: Case, wanted: str) -> None:
    """`StageError` unless the case is at the stage of reimbursement."""
    if case.stage is not Stage.PAY_REIMBURSEMENT:
        raise StageError("The case", case.stage, wanted, (Stage.PAY_REIMBURSEMENT,))


def _member(uow: UnitOfWork, membership_number: str) -> Member:
    member = uow.session.scalars(select(Member).filter_by(membership_number=membership_number)).one_or_none()
    if member is None:
        # The number given is not repeated: it may be somebody's.
        raise BadInput(field="membership_number", found="a number not in the register", wanted="a member's number")
    return member


def _standing(uow: UnitOfWork, case_id: uuid.UUID, member_id: uuid.UUID) -> Claim | None:
    this_round = select(Claim).filter_by(case_id=case_id, member_id=member_id, round=round_of(uow, case_id))
    claim = uow.session.scalars(this_round.with_for_update()).one_or_none()
    if claim is not None and claim.state is not ClaimState.REFUSED:
        raise Conflict(f"This member's claim stands already, as {claim.id}. It can be made afresh once it is refused.")
    return claim


def _new(uow: UnitOfWork, case: Case, member: Member, given: Submission) -> Claim:
    return Claim(
        case=case,
        member=member,
        round=round_of(uow, case.id),
        state=ClaimState.SUBMITTED,
        payslip_pence=given.deducted_pence,
        evidence_sha256=given.evidence_sha256,
        days=[ClaimDay(member_id=member.id, on=day) for day in given.days],
    )


def _afresh(claim: Claim, given: Submission) -> Claim:
    claim.state = ClaimState.SUBMITTED
    claim.submissions += 1
    claim.payslip_pence, claim.evidence_sha256 = given.deducted_pence, given.evidence_sha256
    # What the refused claim came to may be more than this payslip shows.
    claim.calculated_pence = claim.payable_pence = None
    claim.days = [ClaimDay(member_id=claim.member_id, on=day) for day in given.days]
    return claim


def _faults(
    uow: UnitOfWork, case_id: uuid.UUID, member: Member, days: Sequence[date], own: Claim | None
) -> list[Finding]:
    held = strike_days(uow, case_id)
    claimed = select(ClaimDay.on).where(ClaimDay.member_id == member.id, ClaimDay.on.in_(days))
    taken = set(uow.session.scalars(claimed if own is None else claimed.where(ClaimDay.claim_id != own.id)))
    when = [f"one was on {in_words(each)}" for each in sorted(held)]
    none_then = "; ".join(["no strike day of this case was held then", *when])
    faults = []
    for day in days:
        if day not in held:
            faults.append(_fault("not_a_strike_day", day, none_then))
        elif not in_membership(member, day):
            faults.append(_fault("not_in_membership", day, "the claimant was not in membership"))
        elif day in taken:
            faults.append(_fault("day_already_claimed", day, "pay lost that day is claimed already"))
    return faults


def _fault(code: str, day: date, what: str) -> Finding:
    return Finding(
        code,
        Severity.STOP,
        f"{in_words(day)}: {what}.",
        "Claim without that day, or correct the record.",
        POLICY,
        "days",
    )


def _refuse_days(faults: list[Finding]) -> None:
    if faults:
        raise RuleViolation("The claim cannot be taken.", tuple(faults))


def doubts_about(uow: UnitOfWork, claim: Claim) -> list[Finding]:
    """What both approvers should look at before anything is calculated."""
    doubts = []
    if claim.member.workplace_id != claim.case.workplace_id:
        doubts.append(_doubt("works_elsewhere", "The register has the claimant at another workplace."))
    same_file = select(Claim.id).where(
        Claim.evidence_sha256 == claim.evidence_sha256, Claim.member_id != claim.member_id
    )
    if uow.session.scalar(same_file.limit(1)) is not None:
        doubts.append(_doubt("payslip_seen_before", "The same payslip file came with another member's claim."))
    return doubts


def _doubt(code: str, sentence: str) -> Finding:
    return Finding(code, Severity.WARN, sentence, "Look at the payslip before approving.", POLICY)


def in_membership(member: Member, day: date) -> bool:
    """Whether a day lies within a membership."""
    return member.joined_on <= day and (member.left_on is None or day <= member.left_on)


def payee_digest(member: Member) -> str | None:
    """A digest of the account a member is paid to, so that a change is noticed; None without an account."""
    if not (member.sort_code and member.account_number):
        return None
    return history.digest([member.sort_code, member.account_number])


def confirmed_account(uow: UnitOfWork, claim: Claim) -> bool:
    """Whether whoever acts once confirmed a changed account of the claim."""
    by = select(HistoryEntry.actor).filter_by(action=f"pay:claim:{PAYEE_CONFIRMED}", subject=claim.ref)
    return any(not two_people(actor, uow.actor) for actor in uow.session.scalars(by))


def round_of(uow: UnitOfWork, case_id: uuid.UUID) -> int:
    """Which round of claims a case is in: one more than the times its claims were settled."""
    settled = (
        select(func.count())
        .select_from(CaseEvent)
        .where(CaseEvent.case_id == case_id, CaseEvent.kind == EventKind.CLAIMS_SETTLED)
    )
    return (uow.session.scalar(settled) or 0) + 1


def strike_days(uow: UnitOfWork, case_id: uuid.UUID, in_round: int | None = None) -> frozenset[date]:
    """The strike days held; of all rounds unless one is named: a member missed in one round claims in the next."""
    kinds = (EventKind.STRIKE_DAY_HELD, EventKind.CLAIMS_SETTLED)
    events = select(CaseEvent).where(CaseEvent.case_id == case_id, CaseEvent.kind.in_(kinds)).order_by(CaseEvent.seq)
    days: set[date] = set()
    of_round = 1
    for event in uow.session.scalars(events):
        if event.kind is EventKind.CLAIMS_SETTLED:
            of_round += 1
        elif in_round in (None, of_round):
            days.add(date.fromisoformat(str(event.facts["on"])))
    return frozenset(days)


def claims_of(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[Claim]:
    """All claims of a case, oldest round first."""
    of_case = select(Claim).where(Claim.case_id == case_id).options(joinedload(Claim.member))
    return uow.session.scalars(of_case.order_by(Claim.round, Claim.submitted_on, Claim.id)).all()


@asked_once
def tallies(uow: UnitOfWork, case_id: uuid.UUID) -> Mapping[ClaimState, tuple[int, int]]:
    """Of each state in which claims of a case are: how many, and what is payable on them in pence."""
    counted = (
        select(Claim.state, func.count(), func.coalesce(func.sum(Claim.payable_pence), 0))
        .where(Claim.case_id == case_id)
        .group_by(Claim.state)
    )
    return {state: (count, int(pence)) for state, count, pence in uow.session.execute(counted)}


def claim_of(uow: UnitOfWork, case_id: uuid.UUID, claim_id: uuid.UUID) -> Claim:
    """One claim of that case, locked until commit; `NotFound` for another case's."""
    claim = uow.session.get(Claim, claim_id, with_for_update=True, populate_existing=True)
    if claim is None or claim.case_id != case_id:
        raise NotFound("claim", claim_id)
    return claim


def unclaimed(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """The members of the workplace who were in membership on a strike day of this round and have not claimed in it."""
    this_round = round_of(uow, case_id)
    days = strike_days(uow, case_id, in_round=this_round)
    if not days:
        return []
    case = repository.get(uow, case_id)
    statement = select(Member).where(
        Member.workplace_id == case.workplace_id,
        Member.joined_on <= max(days),
        or_(Member.left_on.is_(None), Member.left_on >= min(days)),
        Member.id.not_in(select(Claim.member_id).where(Claim.case_id == case_id, Claim.round == this_round)),
    )
    members = uow.session.scalars(statement.order_by(Member.id))
    return [member.id for member in members if any(in_membership(member, day) for day in days)]


def noted(uow: UnitOfWork, claim: Claim, action: str, **facts: object) -> None:
    """Put what happened to a claim into the history, and have a flow look at its case."""
    history.record(uow, f"pay:claim:{action}", claim.ref, {"case": claim.case_id, "state": claim.state, **facts})
    handlers.look_at(uow, claim.case_id)
