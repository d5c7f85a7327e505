"""
Proof of service: what speaks for receipt, how much it proves, and on which London date it counts.

Only class A and B prove receipt. What a machine says by itself (accepted by a relay, "delivered", an automatic reply)
is class C: kept, shown, and never counted.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Row, and_, or_, select

from core import history
from core.calendar import in_words, london_day
from core.errors import BadInput, Conflict
from core.settings import NO_BOUNCE_FLOOR, settings
from core.unit_of_work import UnitOfWork
from notifications import attempts, evidence_files, outbox, tasks
from notifications.channels.smtp import SmtpChannel
from notifications.lifecycle import EvidenceClass, Medium, State, may_follow
from notifications.messages import message_kind
from notifications.models import Evidence, Notice
from notifications.receivable import NotSent, first_day, never_sent, wrong_day
from notifications.tasks import TaskKind

NO_BOUNCE_FOR = timedelta(hours=NO_BOUNCE_FLOOR)
RELAY = SmtpChannel.name
"""The channel that hands a mail to a server which would give it back."""
BOUNCE = "the mail bounced"


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


Told = Literal[
    "handed_over",
    "signed_for",
    "courier",
    "acknowledged",
    "delivery_report",
    "delivered",
    "posted",
    "read_receipt",
    "automatic_reply",
]
"""What somebody or something can tell. That no bounce came nobody tells: `record_silence` finds it, or it is not so."""
TOLD = tuple(ReceiptKind(each) for each in get_args(Told))


IS_PROOF = and_(Evidence.evidence_class != EvidenceClass.C, Evidence.revoked_at.is_(None))
"""True of evidence that shows receipt and was not withdrawn."""


class Sign(StrEnum):
    """What a mail server said against receipt, class C; what is unclear may be a bounce."""

    BOUNCED = "bounced"
    DELAYED = "delayed"
    UNCLEAR = "unclear"


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

    `received_on` is None without proof; `in_doubt` says that it bounced, or a proof was withdrawn, and none stands.
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
    document: bytes | None = None,
    epoch: int | None = None,
) -> Evidence:
    """
    Keep a receipt; with class A or B the notice is `evidenced`. Recording the same one again changes nothing.

    `epoch` is that of the attempt it speaks of, where it names one; without it the last that was accepted is noted.
    `sha256` is the digest of the paper or mail that shows it, `document` that paper itself (PDF, JPEG or PNG), which is
    kept. Raises `BadInput` for a kind that nobody tells, a class above what it can prove, a date in the future or
    before `earliest_on`, a document of another kind; `NotSent` for a notice that never went out; `Conflict` while
    proof for another day stands.
    """
    notice = outbox.get(uow, notice_id)
    if kind not in TOLD:
        raise BadInput(field="receipt kind", found=kind, wanted="one of " + ", ".join(TOLD))
    worth, seen = EvidenceClass(evidence_class), ReceiptKind(kind)
    _check(uow, notice, worth, seen, received_on)
    shown_by = sha256 if document is None else evidence_files.keep_document(uow, document)
    standing = _standing(uow, notice, seen, received_on, shown_by)
    if standing is not None:
        return standing
    if worth is not EvidenceClass.C:
        _check_agrees(uow, notice, seen, received_on)
    return _counted(uow, notice, _evidence(uow, notice, worth, seen, received_on, recorded_by, shown_by, epoch))


def earliest_on(uow: UnitOfWork, notice: Notice, kind: ReceiptKind) -> date:
    """The first London day that a receipt of this notice may have, by `receivable.first_day`."""
    began, was_carried = attempts.began_on(uow, notice.id), kind is ReceiptKind.HANDED_OVER
    return first_day(released_on=_released_on(notice), began_on=began, was_carried=was_carried)


def _released_on(notice: Notice) -> date:
    return london_day(notice.queued_at or notice.created_at)


def sign_against(
    uow: UnitOfWork, notice_id: uuid.UUID, sign: Sign, *, sha256: str, recorded_by: str, epoch: int | None = None
) -> Evidence:
    """
    Keep what a mail server said against receipt. A bounce withdraws what machines said for it, in any order.

    `epoch` is that of the attempt which came back, where the mail names it. What a person signed or answered stands:
    somebody had the notice, whatever became of one copy. Where nothing is left that proves receipt, a notice that had
    been handed over is `revoked`; one still on its way is by `take_back_if_bounced`.
    """
    notice = outbox.get(uow, notice_id)
    row = _evidence(uow, notice, EvidenceClass.C, sign, uow.today, recorded_by, sha256, epoch)
    history.record(uow, f"notifications:notice:{sign}", notice.ref, {"sha256": sha256})
    if sign is Sign.BOUNCED:
        _withdraw_what_machines_said(uow, notice)
    return row


def bounced(uow: UnitOfWork, notice_id: uuid.UUID) -> bool:
    """Whether a bounce of a notice is on record."""
    return _signs(uow, notice_id, Sign.BOUNCED)


def take_back_if_bounced(uow: UnitOfWork, notice_id: uuid.UUID) -> bool:
    """Revoke a handed-over notice whose bounce is on record and that nobody acknowledged; whether that was done."""
    notice = outbox.get(uow, notice_id)
    standing = _standing_proofs(uow, notice)
    if standing or not bounced(uow, notice_id) or not may_follow(notice.state, State.REVOKED):
        return False
    notice.state = State.REVOKED
    history.record(uow, "notifications:notice:proof_revoked", notice.ref, {"reason": BOUNCE})
    return True


def record_silence(uow: UnitOfWork, notice_id: uuid.UUID, *, heard_at: datetime, recorded_by: str) -> Evidence | None:
    """
    Class B for a mail that was handed over to a relay and of which no `Sign` came for long enough.

    `heard_at` is when the mailbox was last read to its end: nobody hears a bounce in a mailbox that is not read. None
    while that is too early, or where the union's practice takes no silence for receipt. A file that was laid in a
    folder was handed to nobody.
    """
    notice, hours = outbox.get(uow, notice_id), settings().no_bounce_hours
    if not hours or notice.medium is not Medium.MAIL or notice.state is not State.ACCEPTED:
        return None
    handed_over = attempts.accepted(uow, notice.id)
    if handed_over is None or handed_over.channel != RELAY or handed_over.finished_at is None:
        return None
    if min(heard_at, uow.now) < handed_over.finished_at + max(NO_BOUNCE_FOR, timedelta(hours=hours)):
        return None
    if _signs(uow, notice.id, *Sign) or _standing_proofs(uow, notice):
        return None
    day = london_day(handed_over.finished_at)
    row = _evidence(uow, notice, EvidenceClass.B, ReceiptKind.NO_BOUNCE, day, recorded_by)
    return _counted(uow, notice, row)


def revoke(uow: UnitOfWork, notice_id: uuid.UUID, *, reason: str) -> Notice:
    """
    Withdraw every proof of a notice: a bounce came after all, or a receipt turned out to be wrong.

    The notice is not sent again; a person decides (`outbox.re_serve`, or new evidence).
    """
    notice = outbox.get(uow, notice_id)
    standing = select(Evidence).where(Evidence.notice_id == notice.id, Evidence.revoked_at.is_(None))
    for evidence in uow.session.scalars(standing.where(Evidence.kind.not_in([sign.value for sign in Sign]))):
        evidence.revoked_at, evidence.revoked_because = uow.now, reason
    if notice.state is not State.REVOKED:
        notice.state = State.REVOKED
        history.record(uow, "notifications:notice:proof_revoked", notice.ref, {"reason": reason})
    return notice


def revoke_unless_proved(uow: UnitOfWork, notice_id: uuid.UUID, *, reason: str) -> None:
    """As `revoke`, where nothing proves receipt: what a person signed stands, whatever a machine says after it."""
    notice = outbox.get(uow, notice_id)
    if received_on(uow, notice.id) is None and may_follow(notice.state, State.REVOKED):
        revoke(uow, notice.id, reason=reason)


def copies_of(notice: Notice) -> ColumnElement[bool]:
    """What is true of every copy of the paper that a notice is, by whatever medium it goes."""
    return and_(
        Notice.subject_ref == notice.subject_ref,
        Notice.kind == notice.kind,
        Notice.recipient_key == notice.recipient_key,
        Notice.content_version == notice.content_version,
    )


def received_on(uow: UnitOfWork, notice_id: uuid.UUID) -> date | None:
    """The earliest London date for which class A or B evidence stands, or None."""
    return receipt_status(uow, [notice_id])[notice_id].received_on


def receipt_status(uow: UnitOfWork, notice_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, ReceiptStatus]:
    """The status of each notice, in two queries."""
    if not (asked := set(notice_ids)):
        return {}
    columns = (Notice.id, Notice.instead_of_id, Notice.state, Notice.latest_receipt_on)
    rows = uow.session.execute(select(*columns).where(or_(Notice.id.in_(asked), Notice.instead_of_id.in_(asked)))).all()
    counts = or_(Evidence.evidence_class != EvidenceClass.C, Evidence.kind == Sign.BOUNCED.value)
    found = uow.session.scalars(select(Evidence).where(Evidence.notice_id.in_([row.id for row in rows]), counts))
    told: defaultdict[uuid.UUID | None, list[Evidence]] = defaultdict(list)
    stands_for = {row.id: row.instead_of_id for row in rows}
    for proof, notice_id in ((each, of) for each in found for of in (each.notice_id, stands_for[each.notice_id])):
        told[notice_id].append(proof)
    return {row.id: _status(row, told[row.id]) for row in rows if row.id in asked}


def _evidence(
    uow: UnitOfWork,
    notice: Notice,
    worth: EvidenceClass,
    kind: ReceiptKind | Sign,
    received_on: date,
    recorded_by: str,
    shown_by: str | None = None,
    epoch: int | None = None,
) -> Evidence:
    row = Evidence(
        notice_id=notice.id,
        attempt_id=attempts.id_of(uow, notice.id, epoch),
        evidence_class=worth,
        kind=kind.value,
        received_on=received_on,
        received_at=uow.now,
        recorded_by=recorded_by,
        sha256=shown_by,
    )
    uow.session.add(row)
    return row


def _counted(uow: UnitOfWork, notice: Notice, row: Evidence) -> Evidence:
    """What follows from a receipt: it is told, and what proves receipt makes the notice `evidenced`."""
    if row.evidence_class is not EvidenceClass.C and may_follow(notice.state, State.EVIDENCED):
        notice.state = State.EVIDENCED
    told = ("kind", "received_on", "recorded_by", "sha256")
    facts = {"class": row.evidence_class} | {name: getattr(row, name) for name in told}
    history.record(uow, "notifications:notice:receipt_recorded", notice.ref, facts)
    _nobody_need_serve(uow, notice, row)
    return row


def _status(notice: Row[Any], ours: Sequence[Evidence]) -> ReceiptStatus:
    proved = [proof for proof in ours if proof.evidence_class is not EvidenceClass.C and proof.revoked_at is None]
    standing = sorted((proof.received_on, proof.evidence_class) for proof in proved)
    earliest, worth = standing[0] if standing else (None, None)
    doubt = earliest is None and (notice.state is State.REVOKED or bool(ours))
    return ReceiptStatus(notice.id, earliest, worth, doubt, notice.latest_receipt_on)


def _signs(uow: UnitOfWork, notice_id: uuid.UUID, *signs: Sign) -> bool:
    said = select(Evidence.id).where(
        Evidence.notice_id == notice_id,
        Evidence.kind.in_([each.value for each in signs]),
        Evidence.revoked_at.is_(None),
    )
    uow.session.flush()
    return uow.session.scalar(said.limit(1)) is not None


def _standing_proofs(uow: UnitOfWork, notice: Notice) -> Sequence[Evidence]:
    uow.session.flush()
    return uow.session.scalars(select(Evidence).where(Evidence.notice_id == notice.id, IS_PROOF)).all()


def _withdraw_what_machines_said(uow: UnitOfWork, notice: Notice) -> None:
    for proof in _standing_proofs(uow, notice):
        if proof.evidence_class is EvidenceClass.B:
            proof.revoked_at, proof.revoked_because = uow.now, BOUNCE
            facts = {"kind": proof.kind, "reason": BOUNCE}
            history.record(uow, "notifications:notice:receipt_withdrawn", notice.ref, facts)
    take_back_if_bounced(uow, notice.id)


def _nobody_need_serve(uow: UnitOfWork, notice: Notice, row: Evidence) -> None:
    """Whoever was asked to hand a paper over need not any more, once a copy of it is shown to have arrived in time."""
    enough = message_kind(notice.kind).proof
    if enough is None or row.evidence_class > enough:
        return
    if notice.latest_receipt_on is not None and row.received_on > notice.latest_receipt_on:
        return
    how = f"{row.kind.replace('_', ' ')} on {in_words(row.received_on)}"
    for copy_id in uow.session.scalars(select(Notice.id).where(copies_of(notice))).all():
        for kind in (TaskKind.HAND_OVER, TaskKind.IN_DOUBT):
            tasks.done_for(uow, copy_id, kind, uow.actor, how)


def _check(uow: UnitOfWork, notice: Notice, worth: EvidenceClass, kind: ReceiptKind, received_on: date) -> None:
    if never_sent(notice):
        raise NotSent(notice)
    if worth < WORTH[kind]:
        wanted = f"{WORTH[kind]}, the most that {kind} can prove"
        raise BadInput(field="evidence class", found=worth.value, wanted=wanted)
    if not earliest_on(uow, notice, kind) <= received_on <= uow.today:
        released, began = _released_on(notice), attempts.began_on(uow, notice.id)
        raise wrong_day(received_on, today=uow.today, released_on=released, began_on=began)


def _check_agrees(uow: UnitOfWork, notice: Notice, kind: ReceiptKind, received_on: date) -> None:
    for standing in _standing_proofs(uow, notice):
        if not _agree((kind, received_on), (ReceiptKind(standing.kind), standing.received_on)):
            raise Conflict(
                f"Proof already stands that this notice was received on {in_words(standing.received_on)}, and it was "
                "received once only. If that proof is wrong, withdraw it with a reason, then record the right day."
            )


def _agree(*proofs: tuple[ReceiptKind, date]) -> bool:
    """Whether receipts fit one arrival: whoever acknowledges a notice has had it since that day or earlier."""
    arrived = {day for kind, day in proofs if kind is not ReceiptKind.ACKNOWLEDGED}
    acknowledged = [day for kind, day in proofs if kind is ReceiptKind.ACKNOWLEDGED]
    return len(arrived) <= 1 and all(day <= said for day in arrived for said in acknowledged)


def _standing(
    uow: UnitOfWork, notice: Notice, kind: ReceiptKind, received_on: date, shown_by: str | None
) -> Evidence | None:
    """The same receipt as it was recorded before; a paper that shows it may be added to it, or be another one."""
    same = select(Evidence).where(
        Evidence.notice_id == notice.id,
        Evidence.kind == kind.value,
        Evidence.received_on == received_on,
        Evidence.revoked_at.is_(None),
    )
    for row in uow.session.scalars(same.order_by(Evidence.received_at)):
        if shown_by is None or row.sha256 in (None, shown_by):
            if row.sha256 is None and shown_by is not None:
                row.sha256 = shown_by
                facts = {"kind": kind, "received_on": received_on, "sha256": shown_by}
                history.record(uow, "notifications:notice:receipt_shown", notice.ref, facts)
            return row
    return None
