"""
What the page of one claim for lost pay shows: what happened to it, what is next and who does it, and why it pays what
it does. A claim is its id: nobody is named, and no account is shown.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app.case_records import EventLine
from app.claim_views import ClaimLine, batches_of, claim_line, unpayable
from app.offered_acts import OfferedAct, offered_for
from app.sentences import by_whom
from app.templating import long_date, pence
from casework.pay.calculation import why_payable
from casework.pay.models import Claim, ClaimState, PaymentBatch, PaymentLine
from core.calendar import london_day
from core.errors import NotFound
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork

DECIDE = ("claim_approved", "claim_refused", "payee_confirmed")
ACTS: Mapping[ClaimState, tuple[str, ...]] = {
    ClaimState.SUBMITTED: ("claim_refused",),
    ClaimState.CALCULATED: DECIDE,
    ClaimState.APPROVED_ONCE: DECIDE,
    ClaimState.APPROVED: ("payment_batch_prepared", "claim_refused", "payee_confirmed"),
    ClaimState.IN_BATCH: ("payment_batch_released",),
    ClaimState.PAID: ("payment_returned",),
    ClaimState.RETURNED: DECIDE,
    ClaimState.REFUSED: ("claim_submitted",),
}
WAITS: Mapping[ClaimState, str] = {
    ClaimState.SUBMITTED: "Mandate reckons it by itself. Where no rule can answer, what is lacking stands below.",
    ClaimState.CALCULATED: "Two different people approve it, neither of them the claimant; one may refuse it.",
    ClaimState.APPROVED_ONCE: "A second person approves it, who is not the claimant.",
    ClaimState.APPROVED: "Whoever prepares payments puts it into a payment file.",
    ClaimState.IN_BATCH: "Somebody other than whoever prepared its payment file releases that file.",
    ClaimState.PAID: "Nobody has anything to do, unless the bank sends the payment back.",
    ClaimState.RETURNED: "Two people approve it again, and one confirms the account with the member.",
    ClaimState.REFUSED: "Nobody, unless the member claims again: the days are free for a better claim.",
}
LEFT_OUT = "It is left out of every payment file until what stands below is settled."
NAMED_BY = {"payment_returned": "paid", **dict.fromkeys(DECIDE, "claim")}
"""The field of each act's form that names the claim."""


@dataclass(frozen=True, slots=True)
class DayLine:
    """A strike day of the claim and its share of what is payable."""

    on: date
    pence: int | None


@dataclass(frozen=True, slots=True)
class PaymentOf:
    """A payment of the claim: its reference and file, when that left and, if it did, when it came back and why."""

    reference: str
    batch: str
    pence: int
    released_on: date | None
    returned_on: date | None
    returned_because: str | None


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """Everything a claim's page shows; `waits` says who must do what, `why` what is payable, None before that is."""

    claim: ClaimLine
    case_ref: str
    workplace: str
    shares: tuple[DayLine, ...]
    method: str | None
    evidence_sha256: str
    why: Mapping[str, Any] | None
    waits: str
    next: tuple[OfferedAct, ...]
    payments: tuple[PaymentOf, ...]
    events: tuple[EventLine, ...]


def claim_page(uow: UnitOfWork, claim_id: uuid.UUID) -> ClaimPage:
    """One claim by its id; `NotFound` otherwise, and for one of a case that is not reached."""
    claim = uow.session.scalars(select(Claim).where(Claim.id == claim_id)).one_or_none()
    if claim is None:
        raise NotFound("claim", claim_id)
    case, payments, why = claim.case, _payments(uow, claim_id), why_payable(claim)
    offered = offered_for(uow, [case], ACTS[claim.state])
    return ClaimPage(
        claim=claim_line(claim, batches_of(uow, [claim_id]).get(claim_id)),
        case_ref=case.ref,
        workplace=case.workplace.name,
        shares=tuple(DayLine(each.on, each.pence) for each in claim.days),
        method=claim.method.replace("-", " ") if claim.method else None,
        evidence_sha256=claim.evidence_sha256,
        why=why.as_dict() if why else None,
        waits=LEFT_OUT if claim.state is ClaimState.APPROVED and unpayable(claim) else WAITS[claim.state],
        next=tuple(_of_this(each, claim_id) for each in offered),
        payments=tuple(_payment(line, batch) for line, batch in payments),
        events=_events(uow, claim, [batch for _, batch in payments]),
    )


def _of_this(act: OfferedAct, claim_id: uuid.UUID) -> OfferedAct:
    """An act whose form names this claim already."""
    field = NAMED_BY.get(act.name)
    if act.href is None or field is None:
        return act
    path, _, anchor = act.href.partition("#")
    return replace(act, href=f"{path}&{field}={claim_id}#{anchor}")


def _payments(uow: UnitOfWork, claim_id: uuid.UUID) -> list[tuple[PaymentLine, PaymentBatch]]:
    wanted = (
        select(PaymentLine, PaymentBatch)
        .join(PaymentBatch, PaymentBatch.id == PaymentLine.batch_id)
        .where(PaymentLine.claim_id == claim_id)
        .order_by(PaymentBatch.prepared_on, PaymentLine.end_to_end_id)
    )
    return list(uow.session.execute(wanted).tuples())


def _payment(line: PaymentLine, batch: PaymentBatch) -> PaymentOf:
    return PaymentOf(
        line.end_to_end_id, batch.ref, line.pence, batch.released_on, line.returned_on, line.returned_because
    )


def _events(uow: UnitOfWork, claim: Claim, files: list[PaymentBatch]) -> tuple[EventLine, ...]:
    """What history says of the claim and of the release of its files; what was recorded last first."""
    refs = {each.history_ref: each.ref for each in files}
    wanted = (
        select(HistoryEntry)
        .where(HistoryEntry.subject.in_([claim.ref, *refs]), HistoryEntry.action.in_(SENTENCES))
        .order_by(HistoryEntry.seq.desc())
    )
    return tuple(
        EventLine(
            SENTENCES[each.action]({**each.facts, "file": refs.get(each.subject, "")}),
            london_day(each.at),
            each.at,
            by_whom(each.actor),
        )
        for each in uow.session.scalars(wanted)
    )


Facts = Mapping[str, Any]


def _made(facts: Facts) -> str:
    days = [long_date(date.fromisoformat(str(each))) for each in facts["days"]]
    return f"The claim was made, for {', '.join(days)}."


def _reckoned(facts: Facts) -> str:
    given, payable = pence(facts["calculated_pence"]), pence(facts["payable_pence"])
    return f"It was reckoned: the rule gives {given}, and {payable} is payable."


def _approved(facts: Facts) -> str:
    return "It was approved by a second person." if facts["state"] == ClaimState.APPROVED else "It was approved once."


def _returned(facts: Facts) -> str:
    on = long_date(date.fromisoformat(str(facts["returned_on"])))
    return f"The bank sent {pence(facts['pence'])} back on {on}; it is owed again."


SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "pay:claim:submitted": _made,
    "pay:claim:calculated": _reckoned,
    "pay:claim:approved": _approved,
    "pay:claim:refused": lambda _facts: "It was refused, and the member was told why.",
    "pay:claim:payee_confirmed": lambda _facts: "The member was asked, and the changed account was confirmed.",
    "pay:claim:put_in_batch": lambda _facts: "It was put into a payment file.",
    "pay:batch:released": lambda facts: f"The payment file {facts['file']} was released to the bank.",
    "pay:claim:returned": _returned,
}
