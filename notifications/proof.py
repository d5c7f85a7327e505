"""
Proof of service: what speaks for receipt, how much it proves, and on which London date it counts.

Only class A and B prove receipt. What a machine says by itself (accepted by a relay, "delivered", an automatic reply)
is class C: kept, shown, and never counted.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import or_, select

from core import history
from core.calendar import in_words, london_day
from core.errors import BadInput, Conflict, StageError
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import NEVER_SENT, EvidenceClass, Outcome, State, leading_to, may_follow
from notifications.models import Attempt, Evidence, Notice

NO_BOUNCE_FOR = timedelta(hours=72)


class ReceiptKind(StrEnum):
    """What was seen."""

    HANDED_OVER = "handed_over"
    SIGNED_FOR = "signed_for"
    COURIER = "courier"
    ACKNOWLEDGED = "acknowledged"
    DELIVERY_REPORT = "delivery_report"
    NO_BOUNCE = "no_bounce"
    DELIVERED = "delivered"
    POSTED = "posted"
    READ_RECEIPT = "read_receipt"
    AUTOMATIC_REPLY = "automatic_reply"


WORTH: Mapping[ReceiptKind, EvidenceClass] = MappingProxyType(
    {
        ReceiptKind.HANDED_OVER: EvidenceClass.A,
        ReceiptKind.SIGNED_FOR: EvidenceClass.A,
        ReceiptKind.COURIER: EvidenceClass.A,
        ReceiptKind.ACKNOWLEDGED: EvidenceClass.A,
        ReceiptKind.DELIVERY_REPORT: EvidenceClass.B,
        ReceiptKind.NO_BOUNCE: EvidenceClass.B,
        ReceiptKind.DELIVERED: EvidenceClass.C,
        ReceiptKind.POSTED: EvidenceClass.C,
        ReceiptKind.READ_RECEIPT: EvidenceClass.C,
        ReceiptKind.AUTOMATIC_REPLY: EvidenceClass.C,
    }
)
"""The most that each kind of receipt can prove."""


@dataclass(frozen=True, slots=True)
class ReceiptStatus:
    """
    Receipt of one notice, counting what was served instead of it.

    `received_on` is None without proof; `in_doubt` says that a proof was withdrawn and none stands.
    """

    notice_id: uuid.UUID
    received_on: date | None
    evidence_class: EvidenceClass | None
    in_doubt: bool
    latest_receipt_on: date | None

    @property
    def in_time(self) -> bool | None:
        """Whether proof stands for a day not later than the last one; None where no day is set."""
        if self.latest_receipt_on is None:
            return None
        return self.received_on is not None and self.received_on <= self.latest_receipt_on


def record_receipt(
    uow: UnitOfWork,
    notice_id: uuid.UUID,
    *,
    evidence_class: EvidenceClass | str,
    kind: ReceiptKind | str,
    received_on: date,
    recorded_by: str,
    sha256: str | None = None,
) -> Evidence:
    """
    Keep a receipt; with class A or B the notice is `evidenced`. Recording the same one again changes nothing.

    `sha256` is the digest of the paper or mail that shows it. Raises `BadInput` for a class above what the kind can
    prove, a date in the future or before the notice was let go; `StageError` for a notice that never went out;
    `Conflict` while proof for another day stands.
    """
    notice = outbox.get(uow, notice_id)
    worth, seen = EvidenceClass(evidence_class), _kind(kind)
    _check(uow, notice, worth, seen, received_on)
    standing = _standing(uow, notice, seen, received_on)
    if standing is not None:
        return standing
    if worth is not EvidenceClass.C:
        _check_agrees(uow, notice, received_on)
    evidence = Evidence(
        notice_id=notice.id,
        attempt_id=_last_accepted(uow, notice),
        evidence_class=worth,
        kind=seen.value,
        received_on=received_on,
        received_at=uow.now,
        recorded_by=recorded_by,
        sha256=sha256,
    )
    uow.session.add(evidence)
    if worth is not EvidenceClass.C and may_follow(notice.state, State.EVIDENCED):
        notice.state = State.EVIDENCED
    facts = {"class": worth, "kind": seen, "received_on": received_on, "recorded_by": recorded_by}
    history.record(uow, "notifications:notice:receipt_recorded", notice.ref, facts)
    return evidence


def revoke(uow: UnitOfWork, notice_id: uuid.UUID, *, reason: str) -> Notice:
    """
    Withdraw every proof of a notice: a bounce came after all, or a receipt turned out to be wrong.

    The notice is not sent again; a person decides (`outbox.re_serve`, or new evidence).
    """
    notice = outbox.get(uow, notice_id)
    standing = select(Evidence).where(Evidence.notice_id == notice.id, Evidence.revoked_at.is_(None))
    for evidence in uow.session.scalars(standing):
        evidence.revoked_at, evidence.revoked_because = uow.now, reason
    if notice.state is not State.REVOKED:
        notice.state = State.REVOKED
        history.record(uow, "notifications:notice:proof_revoked", notice.ref, {"reason": reason})
    return notice


def received_on(uow: UnitOfWork, notice_id: uuid.UUID) -> date | None:
    """The earliest London date for which class A or B evidence stands, or None."""
    return receipt_status(uow, [notice_id])[notice_id].received_on


def receipt_status(uow: UnitOfWork, notice_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, ReceiptStatus]:
    """The status of each notice, in two queries."""
    asked = set(notice_ids)
    rows = uow.session.scalars(select(Notice).where(or_(Notice.id.in_(asked), Notice.instead_of_id.in_(asked)))).all()
    proofs = uow.session.scalars(
        select(Evidence).where(
            Evidence.notice_id.in_([row.id for row in rows]), Evidence.evidence_class != EvidenceClass.C
        )
    ).all()
    return {row.id: _status(row, rows, proofs) for row in rows if row.id in asked}


def _status(notice: Notice, rows: Sequence[Notice], proofs: Sequence[Evidence]) -> ReceiptStatus:
    family = {notice.id} | {row.id for row in rows if row.instead_of_id == notice.id}
    ours = [proof for proof in proofs if proof.notice_id in family]
    standing = sorted((proof.received_on, proof.evidence_class) for proof in ours if proof.revoked_at is None)
    earliest, worth = standing[0] if standing else (None, None)
    doubt = earliest is None and (notice.state is State.REVOKED or bool(ours))
    return ReceiptStatus(notice.id, earliest, worth, doubt, notice.latest_receipt_on)


def _kind(kind: ReceiptKind | str) -> ReceiptKind:
    try:
        return ReceiptKind(kind)
    except ValueError:
        raise BadInput(field="receipt kind", found=kind, wanted="one of " + ", ".join(ReceiptKind)) from None


def _check(uow: UnitOfWork, notice: Notice, worth: EvidenceClass, kind: ReceiptKind, received_on: date) -> None:
    if notice.state in NEVER_SENT and not notice.epoch:
        raise StageError(notice.ref, notice.state, "receipt", leading_to(State.EVIDENCED))
    if worth < WORTH[kind]:
        wanted = f"{WORTH[kind]}, the most that {kind} can prove"
        raise BadInput(field="evidence class", found=worth.value, wanted=wanted)
    if not london_day(notice.queued_at or notice.created_at) <= received_on <= uow.today:
        wanted = "a day between the sending of the notice and today"
        raise BadInput(field="received_on", found=received_on.isoformat(), wanted=wanted)
    if kind is ReceiptKind.NO_BOUNCE and not _quiet_for_long_enough(uow, notice):
        raise BadInput(field="receipt kind", found=kind.value, wanted="72 hours without a bounce after hand-over")


def _check_agrees(uow: UnitOfWork, notice: Notice, received_on: date) -> None:
    other = select(Evidence.received_on).where(
        Evidence.notice_id == notice.id,
        Evidence.evidence_class != EvidenceClass.C,
        Evidence.received_on != received_on,
        Evidence.revoked_at.is_(None),
    )
    day = uow.session.scalar(other.limit(1))
    if day is not None:
        raise Conflict(
            f"Proof already stands that this notice was received on {in_words(day)}, and it was received once only. "
            "If that proof is wrong, withdraw it with a reason, then record the right day."
        )


def _quiet_for_long_enough(uow: UnitOfWork, notice: Notice) -> bool:
    accepted = select(Attempt.finished_at).where(Attempt.notice_id == notice.id, Attempt.outcome == Outcome.ACCEPTED)
    handed_over_at = uow.session.scalar(accepted.order_by(Attempt.epoch.desc()).limit(1))
    return handed_over_at is not None and handed_over_at + NO_BOUNCE_FOR <= uow.now


def _standing(uow: UnitOfWork, notice: Notice, kind: ReceiptKind, received_on: date) -> Evidence | None:
    same = select(Evidence).where(
        Evidence.notice_id == notice.id,
        Evidence.kind == kind.value,
        Evidence.received_on == received_on,
        Evidence.revoked_at.is_(None),
    )
    return uow.session.scalar(same)


def _last_accepted(uow: UnitOfWork, notice: Notice) -> uuid.UUID | None:
    accepted = select(Attempt.id).where(Attempt.notice_id == notice.id, Attempt.outcome == Outcome.ACCEPTED)
    return uow.session.scalar(accepted.order_by(Attempt.epoch.desc()).limit(1))
