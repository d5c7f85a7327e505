"""
Where what waits for finance is read: claims to approve, to pay and to look into, and payment files to release.

Nobody is shown an approval that would be refused them: not what they prepared or approved themselves, nor a claim of
their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from app import acts
from app.claim_views import unpayable
from app.need_sources import Asked, OfCase, cases_by_ref, form_of, joined, with_case
from app.people_views import named
from app.templating import pence
from casework.cases import Case
from casework.needs import Need, NeedKind, Urgency
from casework.pay.approvals import OPEN_TO_APPROVAL
from casework.pay.models import Claim, ClaimState, PaymentBatch, PaymentLine
from casework.people.models import Account
from casework.register.models import Member, Officer
from core.calendar import counted
from core.findings import Finding

APPROVE, CONFIRM, PREPARE, RELEASE = (
    "claim_approved",
    "payee_confirmed",
    "payment_batch_prepared",
    "payment_batch_released",
)
LOOKED_AT = 200
"""Of how many approved claims the account is looked at, the oldest first: one that is left out stays and grows old."""


def claims(asked: Asked) -> Iterator[Need]:
    """Claims that the viewer may approve: one need for a case."""
    actor, roles = asked.viewer.actor, acts.act_named(APPROVE).roles
    found = (
        joined(with_case(asked, func.count(Claim.id), func.sum(Claim.payable_pence)).join_from(Claim, Case))
        .where(Claim.state.in_(OPEN_TO_APPROVAL), Claim.payable_pence > 0)
        .where(or_(Claim.first_approver.is_(None), Claim.first_approver != actor))
        .where(Claim.member_id.not_in(_own_memberships(asked)))
        .group_by(*(each for each in with_case(asked).selected_columns))
        .order_by(func.min(Claim.submitted_on), Case.ref)
        .limit(asked.most)
    )
    for count, total, *rest in asked.uow.session.execute(found):
        of = OfCase(*rest)
        form = form_of(asked, of, APPROVE)
        if form is not None:
            yield _need(
                of,
                NeedKind.APPROVE_CLAIMS,
                f"claims:{of.ref}",
                f"{counted(count, 'claim')} for lost pay to approve, {pence(int(total))} in all",
                f"Another person than gave the first approval: {named(roles)}",
                form,
            )


def _own_memberships(asked: Asked) -> Any:
    """The ids of the members that the viewer is, by mail address: nobody decides on a claim of their own."""
    caller, address = asked.viewer.caller, func.lower(Member.email)
    own: list[ColumnElement[bool]] = []
    if caller is not None:
        own.append(
            address == select(func.lower(Account.email)).where(Account.id == caller.account_id).scalar_subquery()
        )
    if asked.viewer.officer_id is not None:
        officer = select(func.lower(Officer.email)).where(Officer.id == asked.viewer.officer_id)
        own.append(address == officer.scalar_subquery())
    return select(Member.id).where(or_(*own)) if own else select(Member.id).where(Member.id.is_(None))


def payments(asked: Asked) -> Iterator[Need]:
    """Payment files that the viewer may release."""
    first = (
        select(PaymentBatch.ref, PaymentBatch.total_pence, PaymentBatch.lines_count, func.min(Case.ref))
        .join(PaymentLine, PaymentLine.batch_id == PaymentBatch.id)
        .join(Claim, Claim.id == PaymentLine.claim_id)
        .join(Case, Case.id == Claim.case_id)
        .where(PaymentBatch.released_on.is_(None), PaymentBatch.prepared_by != asked.viewer.actor)
        .group_by(PaymentBatch.id, PaymentBatch.ref, PaymentBatch.total_pence, PaymentBatch.lines_count)
        .order_by(PaymentBatch.prepared_on, PaymentBatch.ref)
        .limit(asked.most)
    )
    rows = list(asked.uow.session.execute(asked.of_whom(first)).tuples())
    cases = cases_by_ref(asked, {ref for *_, ref in rows})
    for batch, total, count, ref in rows:
        form = form_of(asked, cases[ref], RELEASE) if ref in cases else None
        if form is not None:
            href, does = form
            yield _need(
                cases[ref],
                NeedKind.RELEASE_PAYMENT,
                f"batch:{batch}",
                f"The payment file {batch} to release: {pence(total)} in {counted(count, 'payment')}",
                f"Another person than prepared it: {named(acts.act_named(RELEASE).roles)}",
                (href.replace("#record", f"&batch={batch}#record"), does),
            )


def approved_claims(asked: Asked) -> Iterator[Need]:
    """Claims that wait for a payment file, and those that none would take: one need of each for a case."""
    caller = asked.viewer.caller
    if caller is not None and caller.roles.isdisjoint(acts.act_named(PREPARE).roles | acts.act_named(CONFIRM).roles):
        return
    found = (
        joined(with_case(asked, Claim).join_from(Claim, Case))
        .where(Claim.state == ClaimState.APPROVED, Claim.member_id.not_in(_own_memberships(asked)))
        .options(joinedload(Claim.member))
        .order_by(Claim.submitted_on, Claim.id)
        .limit(LOOKED_AT)
    )
    by_case: defaultdict[OfCase, list[Claim]] = defaultdict(list)
    for claim, *rest in asked.uow.session.execute(found):
        by_case[OfCase(*rest)].append(claim)
    for of, approved in by_case.items():
        judged = [(claim, unpayable(claim)) for claim in approved]
        yield from _to_pay(asked, of, [claim for claim, fault in judged if fault is None])
        yield from _left_out(asked, of, [(claim, fault) for claim, fault in judged if fault is not None])


def _to_pay(asked: Asked, of: OfCase, approved: Sequence[Claim]) -> Iterator[Need]:
    form = form_of(asked, of, PREPARE)
    if approved and form is not None:
        total = sum(claim.payable_pence or 0 for claim in approved)
        yield _need(
            of,
            NeedKind.PAY_CLAIMS,
            f"to-pay:{of.ref}",
            f"{counted(len(approved), 'approved claim')} to put into a payment file, {pence(total)} in all",
            named(acts.act_named(PREPARE).roles),
            form,
        )


def _left_out(asked: Asked, of: OfCase, faults: Sequence[tuple[Claim, Finding]]) -> Iterator[Need]:
    if faults and form_of(asked, of, CONFIRM) is not None:
        claim, fault = faults[0]
        yield _need(
            of,
            NeedKind.CLAIMS_LEFT_OUT,
            f"left-out:{of.ref}",
            f"{counted(len(faults), 'approved claim')} that no payment file takes. {fault.sentence}",
            named(acts.act_named(CONFIRM).roles),
            (f"/claims/{claim.id}" if len(faults) == 1 else f"/cases/{of.ref}/claims", "See what to do"),
        )


def _need(of: OfCase, kind: NeedKind, name: str, what: str, who: str, link: tuple[str, str]) -> Need:
    """What waits for finance on a case. `link` is where it is done, and its words."""
    return Need(id=name, kind=kind, urgency=Urgency.WAITING, what=what, who=who, href=link[0], does=link[1], **of.shown)
