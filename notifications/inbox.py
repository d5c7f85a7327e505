"""
What comes back by mail: bounces, delivery reports (RFC 3464) and automatic replies, each counted once.

A report counts only when it quotes the Message-ID of a notice of ours and names the address that notice went to. What
fits nothing is kept as seen and left to a person; nothing of its text is stored.
"""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import default
from enum import StrEnum

from sqlalchemy import select

from core.errors import Conflict
from core.unit_of_work import UnitOfWork
from notifications import outbox, proof
from notifications.lifecycle import EvidenceClass, State, may_follow
from notifications.models import InboxItem, Notice
from notifications.proof import ReceiptKind
from notifications.rendering import sha256

SOURCE = "mailbox"
ACTOR = "flow:mailbox"


class Reading(StrEnum):
    """What an incoming mail turned out to be."""

    BOUNCED = "bounced"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    AUTOMATIC_REPLY = "automatic_reply"
    UNMATCHED = "unmatched"
    SEEN_BEFORE = "seen_before"


ACTIONS = {
    "failed": Reading.BOUNCED,
    "delivered": Reading.DELIVERED,
    "relayed": Reading.AUTOMATIC_REPLY,
    "expanded": Reading.AUTOMATIC_REPLY,
    "delayed": Reading.DELAYED,
}
"""RFC 3464, 2.3.3. `relayed` and `expanded` promise nothing about the mailbox: class C."""


@dataclass(frozen=True, slots=True)
class Report:
    """The parts of an incoming mail that matter. `addresses` are those it speaks of, in lower case."""

    reading: Reading
    original_id: str | None
    addresses: frozenset[str]


def take_mail(uow: UnitOfWork, content: bytes) -> Reading:
    """
    Read one incoming mail and act on it; the second copy of it does nothing.

    A bounce withdraws the proof; before the statutory date the letter is served instead, after it only a person
    decides. A delivery report is class B, an automatic reply class C.
    """
    mail = email.message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    if not first_sight(uow, SOURCE, _header(mail, "Message-ID") or sha256(content), content):
        return Reading.SEEN_BEFORE
    report = read_report(mail)
    notice = _matched(uow, report)
    if notice is None:
        return Reading.UNMATCHED
    _act(uow, notice, report.reading, sha256(content))
    return report.reading


def first_sight(uow: UnitOfWork, source: str, external_id: str, payload: bytes) -> bool:
    """Whether this thing from outside is new. Raises `Conflict` when the same id came with another content."""
    key, digest = external_id[:200], sha256(payload)
    seen = uow.session.get(InboxItem, (source, key))
    if seen is None:
        uow.session.add(InboxItem(source=source, external_id=key, payload_sha=digest, seen_at=uow.now))
        uow.session.flush()
        return True
    if seen.payload_sha != digest:
        raise Conflict(f"An item of {source} came a second time under the same id with another content.")
    return False


def read_report(mail: EmailMessage) -> Report:
    """What a mail reports, of which Message-ID and for which addresses."""
    statuses = [block for part in mail.walk() for block in _status_blocks(part)]
    readings = {ACTIONS.get(_header(block, "Action").lower(), Reading.UNMATCHED) for block in statuses}
    addresses = frozenset(_address(_header(block, "Final-Recipient")) for block in statuses)
    if readings:
        worst = next(reading for reading in Reading if reading in readings)
        return Report(worst, _original_id(mail), addresses)
    automatic = _header(mail, "Auto-Submitted").lower() not in {"", "no"}
    reading = Reading.AUTOMATIC_REPLY if automatic else Reading.UNMATCHED
    return Report(reading, _header(mail, "In-Reply-To") or None, frozenset({_address(_header(mail, "From"))}))


def _status_blocks(part: Message) -> Iterator[Message]:
    if part.get_content_type() == "message/delivery-status":
        payload = part.get_payload()
        yield from (block for block in payload if isinstance(block, Message) and block["Action"])


def _original_id(mail: EmailMessage) -> str | None:
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            quoted = email.message_from_string(str(part.get_payload()), policy=default)
            return _header(quoted, "Message-ID") or None
        if part is not mail and part["Message-ID"]:
            return _header(part, "Message-ID")
    return None


def _header(mail: Message, name: str) -> str:
    return str(mail[name] or "").strip()


def _address(field: str) -> str:
    return field.rpartition(";")[2].rpartition("<")[2].strip(" >").lower()


def _matched(uow: UnitOfWork, report: Report) -> Notice | None:
    if report.original_id is None or report.reading is Reading.UNMATCHED:
        return None
    notice = uow.session.scalar(select(Notice).where(Notice.message_id == report.original_id))
    ours = notice is not None and (notice.recipient_email or "").lower() in report.addresses
    return notice if ours else None


def _act(uow: UnitOfWork, notice: Notice, reading: Reading, digest: str) -> None:
    if reading is Reading.BOUNCED:
        _take_back(uow, notice)
    elif reading is Reading.DELIVERED:
        _keep(uow, notice, EvidenceClass.B, ReceiptKind.DELIVERY_REPORT, digest)
    elif reading is Reading.AUTOMATIC_REPLY:
        _keep(uow, notice, EvidenceClass.C, ReceiptKind.AUTOMATIC_REPLY, digest)


def _take_back(uow: UnitOfWork, notice: Notice) -> None:
    if not may_follow(notice.state, State.REVOKED):
        return
    proof.revoke(uow, notice.id, reason="the mail bounced")
    if notice.latest_receipt_on is None or uow.today <= notice.latest_receipt_on:
        outbox.re_serve(uow, notice.id)


def _keep(uow: UnitOfWork, notice: Notice, worth: EvidenceClass, kind: ReceiptKind, digest: str) -> None:
    proof.record_receipt(
        uow, notice.id, evidence_class=worth, kind=kind, received_on=uow.today, recorded_by=ACTOR, sha256=digest
    )
