"""
What comes back by mail, each counted once: bounces, reports of delivery, automatic replies, and people's answers.

A report counts only when it fits a notice of ours: it came to the signed return path of one, or it quotes the
Message-ID of one and names the address that notice went to. What fits nothing waits until a person has settled it. Of a
mail nothing is stored but the file itself, beside the evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from core import history
from core.calendar import in_words, london_day, london_time
from core.errors import BadInput, Conflict, NotFound
from core.settings import settings
from core.signing import key_for
from core.unit_of_work import UnitOfWork
from notifications import evidence_files, outbox, proof, return_path, tasks
from notifications.ladder import OFFICES_CLOSE
from notifications.lifecycle import State
from notifications.mail_reports import Reading, Report, read_report
from notifications.models import InboxItem, Notice
from notifications.proof import ReceiptKind, Sign
from notifications.rendering import sha256
from notifications.return_path import Returned
from notifications.tasks import TaskKind

__all__ = [
    "Reading",
    "Taken",
    "any_unreadable",
    "first_sight",
    "set_aside",
    "settle",
    "settle_bounces",
    "take",
    "unsettled",
]

SOURCE = "mailbox"
ACTOR = "flow:mailbox"
BOUNCED_LAST_EVENING = (
    "the mail bounced on its last day, once offices had closed: nobody is asked about it after that day"
)
BOUNCED_LATE = "the mail bounced after the last day of receipt: it cannot be served in time any more"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a mail turned out to be, and the notice it is about."""

    reading: Reading
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class _Matched:
    """The notice a mail is about, and what it says of it; `epoch` is that of the attempt, where the mail names one."""

    notice: Notice
    reading: Reading
    epoch: int | None = None


def take(uow: UnitOfWork, content: bytes) -> Taken:
    """
    Read one incoming mail and act on it; the second copy of it does nothing.

    A bounce withdraws what machines said for receipt; before the statutory date the letter is served instead, after it
    only a person decides. A report of delivery is class B, an automatic reply or a read receipt class C. An answer of a
    person is a task; so is what a server sent that no program can read, and no silence shows receipt after it. Raises
    `BadInput` for bytes that are no mail.
    """
    report = read_report(content)
    item = _new_item(uow, report.own_id, content)
    if item is None:
        return Taken(Reading.SEEN_BEFORE, None)
    matched = _matched(uow, report)
    digest = evidence_files.keep_mail(uow, content)
    if matched is None:
        item.reading = Reading.UNMATCHED.value
        return Taken(Reading.UNMATCHED, None)
    item.reading = matched.reading.value
    _act(uow, matched, report, digest)
    return Taken(matched.reading, matched.notice)


def set_aside(uow: UnitOfWork, content: bytes) -> None:
    """Keep bytes that could not be read as a mail, for a person to settle."""
    item = _new_item(uow, None, content)
    if item is not None:
        evidence_files.keep_mail(uow, content)
        item.reading = Reading.UNREADABLE.value


def _new_item(uow: UnitOfWork, own_id: str | None, content: bytes) -> InboxItem | None:
    """The row of a mail that was not here before. The same Message-ID over another content is another mail."""
    key, digest = own_id or sha256(content), sha256(content)
    try:
        new = first_sight(uow, SOURCE, key, content)
    except Conflict:
        key = digest
        new = first_sight(uow, SOURCE, key, content)
    return uow.session.get_one(InboxItem, (SOURCE, _external(key))) if new else None


def first_sight(uow: UnitOfWork, source: str, external_id: str, payload: bytes) -> bool:
    """Whether this thing from outside is new. Raises `Conflict` when the same id came with another content."""
    key, digest = _external(external_id), sha256(payload)
    seen = uow.session.get(InboxItem, (source, key))
    if seen is None:
        uow.session.add(InboxItem(source=source, external_id=key, payload_sha=digest, seen_at=uow.now))
        uow.session.flush()
        return True
    if seen.payload_sha != digest:
        raise Conflict(f"An item of {source} came a second time under the same id with another content.")
    return False


def unsettled(uow: UnitOfWork) -> Sequence[InboxItem]:
    """The mails that fitted no notice, or that no program could read, and that nobody has settled, the oldest first."""
    rows = select(InboxItem).where(*_waits_for_a_person(Reading.UNMATCHED, Reading.UNREADABLE))
    return uow.session.scalars(rows.order_by(InboxItem.seen_at, InboxItem.external_id)).all()


def any_unreadable(uow: UnitOfWork) -> bool:
    """Whether a mail lies here that no program could read and nobody has settled: it may be a bounce."""
    rows = select(InboxItem.payload_sha).where(*_waits_for_a_person(Reading.UNREADABLE))
    return uow.session.scalar(rows.limit(1)) is not None


def _waits_for_a_person(*readings: Reading) -> tuple[ColumnElement[bool], ...]:
    wanted = [each.value for each in readings]
    return (InboxItem.source == SOURCE, InboxItem.reading.in_(wanted), InboxItem.settled_at.is_(None))


def settle(uow: UnitOfWork, digest: str, by: str, how: str) -> InboxItem:
    """
    Somebody has read a mail that fitted no notice; the same again changes nothing. Raises `NotFound`, and `Conflict`
    for other words than those that stand.
    """
    item = uow.session.scalar(
        select(InboxItem).where(InboxItem.source == SOURCE, InboxItem.payload_sha == digest).limit(1).with_for_update()
    )
    if item is None:
        raise NotFound("mail with the digest", digest)
    if item.settled_at is None:
        if not how.strip():
            raise BadInput(field="how", found="nothing", wanted="what was done, in a few words")
        item.settled_at, item.settled_by, item.settled_how = uow.now, by, how.strip()
        history.record(uow, "notifications:mail:settled", f"mail:{digest}", {"by": by})
    elif item.settled_how != how.strip():
        settled_on = in_words(london_day(item.settled_at))
        raise Conflict(f"This mail is settled since {settled_on}, and what was done then stands; nothing was recorded.")
    return item


def settle_bounces(uow: UnitOfWork, notice: Notice) -> bool:
    """What follows from a bounce that came before the result of the send, once that is known; whether anything did."""
    if not proof.take_back_if_bounced(uow, notice.id):
        return False
    _serve_again(uow, notice)
    return True


def _external(external_id: str) -> str:
    return external_id[:200]


def _matched(uow: UnitOfWork, report: Report) -> _Matched | None:
    """What a mail is about; None where it fits nothing. Nothing is said of a notice that was never sent."""
    returned = _by_return_path(report)
    notice = uow.session.get(Notice, returned.notice_id) if returned is not None else None
    if returned is not None and notice is not None and notice.epoch:
        reading = report.at_worst
        return _Matched(notice, Reading.UNCLEAR if reading is Reading.UNMATCHED else reading, returned.epoch)
    quoted = select(Notice).where(Notice.message_id.in_(report.quoted_ids))
    for notice in uow.session.scalars(quoted) if report.quoted_ids else ():
        reading = report.of(notice.recipient_email or "")
        if notice.epoch and reading is not Reading.UNMATCHED:
            return _Matched(notice, reading)
    return None


def _by_return_path(report: Report) -> Returned | None:
    base = settings().bounce_address
    key = key_for(settings(), return_path.PURPOSE) if base else b""
    for address in report.to if base else ():
        returned = return_path.read(address, base=base, key=key)
        if returned is not None:
            return returned
    return None


def _act(uow: UnitOfWork, matched: _Matched, report: Report, digest: str) -> None:
    notice, reading = outbox.get(uow, matched.notice.id), matched.reading
    if reading is Reading.BOUNCED:
        _against(uow, matched, Sign.BOUNCED, digest)
        _serve_again(uow, notice)
    elif reading is Reading.DELAYED:
        _against(uow, matched, Sign.DELAYED, digest)
    elif reading is Reading.DELIVERED:
        _keep_delivery(uow, matched, report, digest)
    elif reading is Reading.AUTOMATIC_REPLY:
        _keep(uow, matched, ReceiptKind.AUTOMATIC_REPLY, report, digest)
    elif reading is Reading.READ_RECEIPT:
        _keep(uow, matched, ReceiptKind.READ_RECEIPT, report, digest)
    elif reading is Reading.REPLY:
        _ask_to_read(uow, notice, digest, "somebody answered it; if the answer shows receipt, record that")
    elif reading is Reading.UNCLEAR:
        _against(uow, matched, Sign.UNCLEAR, digest)
        _ask_to_read(uow, notice, digest, "a mail server sent something about it that no program can read")


def _against(uow: UnitOfWork, matched: _Matched, sign: Sign, digest: str) -> None:
    proof.sign_against(uow, matched.notice.id, sign, sha256=digest, recorded_by=uow.actor, epoch=matched.epoch)


def _ask_to_read(uow: UnitOfWork, notice: Notice, digest: str, because: str) -> None:
    tasks.ask(uow, notice.id, TaskKind.READ_REPLY, because, None, about=digest)


def _serve_again(uow: UnitOfWork, notice: Notice) -> None:
    """By letter while that can be in time; after the last day nothing is sent as if it were, and a person decides."""
    if notice.state is not State.REVOKED:
        return
    last_day = notice.latest_receipt_on
    if last_day is not None and uow.today > last_day:
        tasks.ask(uow, notice.id, TaskKind.IN_DOUBT, BOUNCED_LATE, None)
        return
    outbox.re_serve(uow, notice.id)
    if uow.today == last_day and london_time(uow.now).time() >= OFFICES_CLOSE:
        # The next sweep may come after midnight, and it looks at no paper whose last day is over.
        tasks.ask(uow, notice.id, TaskKind.IN_DOUBT, BOUNCED_LAST_EVENING, None)


def _keep_delivery(uow: UnitOfWork, matched: _Matched, report: Report, digest: str) -> None:
    """Class B, but for one that contradicts what stands: a bounce, or proof of another day."""
    if proof.bounced(uow, matched.notice.id):
        _keep(uow, matched, ReceiptKind.DELIVERED, report, digest)
        return
    try:
        _keep(uow, matched, ReceiptKind.DELIVERY_REPORT, report, digest)
    except Conflict:
        _keep(uow, matched, ReceiptKind.DELIVERED, report, digest)


def _keep(uow: UnitOfWork, matched: _Matched, kind: ReceiptKind, report: Report, digest: str) -> None:
    """On the day its server says it wrote it, where that lies between the first attempt and today."""
    earliest = proof.earliest_on(uow, matched.notice, kind)
    said = london_day(report.said_at) if report.said_at else uow.today
    proof.record_receipt(
        uow,
        matched.notice.id,
        evidence_class=proof.WORTH[kind],
        kind=kind,
        received_on=said if earliest <= said <= uow.today else uow.today,
        recorded_by=uow.actor,
        sha256=digest,
        epoch=matched.epoch,
    )
