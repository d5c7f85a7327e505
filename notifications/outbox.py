"""
The outbox: a notice is written in the transaction of the act it speaks of, and sent by nobody before that commits.

Nothing here sends; `delivery` does. Every function may be called twice with the same effect as once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core import history
from core.calendar import london_day
from core.errors import BadInput, Conflict, NotFound, RuleViolation, StageError
from core.findings import Finding, Severity
from core.history import HistoryEntry
from core.holding import hold, made
from core.people import two_people
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import listing
from notifications.channels.available import missing_settings
from notifications.channels.envelope import from_line
from notifications.keys import idem_key, letter_key, message_id
from notifications.lifecycle import Medium, NotHeld, State, may_follow
from notifications.messages import Message, MessageKind, message_kind
from notifications.models import Notice
from notifications.particulars import of_notice
from notifications.receipt_links import address
from notifications.recipients import Recipient, addressed
from notifications.rendering import NOBODY, PDF, Page, Rendered, on_letterhead, render
from notifications.showing import Names
from notifications.supplied import require_usable

PREPARED = "notifications:notice:prepared"
RELEASED = "notifications:notice:released"
NOT_GONE = frozenset({State.RENDERED, State.APPROVED, State.QUEUED, State.TEMP_WAIT, State.HELD})
BEYOND_QUEUE = frozenset(State) - {State.RENDERED, State.APPROVED, State.CANCELLED}

WANTED: Mapping[Medium, str] = MappingProxyType(
    {
        Medium.MAIL: "an e-mail address",
        Medium.LETTER: "a postal address",
        Medium.SMS: "a mobile number",
        Medium.WEBHOOK: "a webhook address",
    }
)


def prepare(
    uow: UnitOfWork,
    message: Message,
    to: Recipient,
    *,
    medium: Medium,
    subject_ref: str,
    content_version: str = "1",
    latest_receipt_on: date | None = None,
    send_after: datetime | None = None,
    others: Names = NOBODY,
) -> Notice:
    """
    Render once and freeze. The same subject, kind, recipient, medium and version give the row that already stands; one
    that was cancelled stays so, and what should go after all needs another version.

    `latest_receipt_on` is the last London date on which receipt is in time; `others` are names that its words must not
    hold. Raises `Conflict` when the row that stands was made of other facts, `BadInput` for facts or addresses that
    cannot be used, `RenderingError` for words that leave out what they must show or name another.
    """
    checked = _checked(message, to, medium)
    standing = _standing(uow, idem_key(subject_ref, message.kind, to.key, medium, content_version), checked.facts)
    if standing is not None:
        return standing
    notice = _made(uow, checked, to, medium, subject_ref, content_version, others)
    notice.latest_receipt_on = latest_receipt_on
    notice.send_after = send_after or uow.now
    return _added(uow, notice)


def made_out(
    uow: UnitOfWork, message: Message, to: Recipient, medium: Medium, subject_ref: str, content_version: str
) -> Notice:
    """The row of a notice, rendered and frozen, and not in the database yet. Raises as `prepare` does."""
    return _made(uow, _checked(message, to, medium), to, medium, subject_ref, content_version, NOBODY)


def _checked(message: Message, to: Recipient, medium: Medium) -> Message:
    kind = message_kind(message.kind)
    facts = kind.check(message.facts)
    _check_address(kind, to, medium)
    return Message(kind.name, facts, message.law)


def _made(
    uow: UnitOfWork,
    message: Message,
    to: Recipient,
    medium: Medium,
    subject_ref: str,
    content_version: str,
    others: Names,
) -> Notice:
    """Of a message that was checked."""
    kind = message_kind(message.kind)
    require_usable(kind, to.language)
    key = idem_key(subject_ref, kind.name, to.key, medium, content_version)
    page = Page(kind, message.facts, message.law, to, uow.today, address(message_id(key), kind, medium, settings()))
    notice = _row(uow, page, medium, render(page, medium, others))
    notice.subject_ref, notice.content_version, notice.idem_key = subject_ref, content_version, key
    notice.message_id, notice.send_after = message_id(key), uow.now
    return notice


def approve(uow: UnitOfWork, notice_id: uuid.UUID, approver: str) -> Notice:
    """
    Approve the bytes as they stand. `approver` is an opaque reference such as `officer:<id>`.

    `RuleViolation` when a statutory notice would be approved by whoever drew it up.
    """
    notice = get(uow, notice_id)
    if notice.approved_by is not None:
        return notice
    if notice.statutory:
        require_another(notice.created_by, approver)
    notice.state = State.APPROVED
    notice.approved_by, notice.approved_at = approver, uow.now
    history.record(uow, "notifications:notice:approved", notice.ref, {"sha256": notice.sha256, "approver": approver})
    return notice


def require_another(drawn_up_by: str, approver: str) -> None:
    """`RuleViolation` unless a statutory notice is approved by another person than the one who drew it up."""
    if not two_people(drawn_up_by, approver):
        raise RuleViolation("The notice is not approved.", (_SAME_HAND,))


_SAME_HAND = Finding(
    "same_hand",
    Severity.STOP,
    "Whoever drew up a statutory notice cannot also approve it.",
    "Have another person read and approve it.",
)


def queue(uow: UnitOfWork, notice_id: uuid.UUID) -> Notice:
    """Let an approved notice go. Raises `StageError` for one that nobody has approved, or that was cancelled."""
    notice = get(uow, notice_id)
    if notice.state in BEYOND_QUEUE:
        return notice
    notice.state = State.QUEUED
    notice.queued_at = uow.now
    history.record(uow, "notifications:notice:queued", notice.ref, {"message_id": notice.message_id})
    return notice


def enqueue(
    uow: UnitOfWork,
    message: Message,
    to: Recipient,
    *,
    medium: Medium,
    subject_ref: str,
    content_version: str = "1",
    latest_receipt_on: date | None = None,
    send_after: datetime | None = None,
    others: Names = NOBODY,
) -> Notice:
    """Prepare, approve and queue in one go. A statutory notice is refused: a person approves its bytes first."""
    if message_kind(message.kind).statutory:
        raise StageError(f"The statutory notice {message.kind}", "rendered", "queued", ("approved",))
    notice = prepare(
        uow,
        message,
        to,
        medium=medium,
        subject_ref=subject_ref,
        content_version=content_version,
        latest_receipt_on=latest_receipt_on,
        send_after=send_after,
        others=others,
    )
    if notice.state is State.RENDERED:
        approve(uow, notice.id, uow.actor)
        queue(uow, notice.id)
    return notice


def cancel(uow: UnitOfWork, notice_id: uuid.UUID, reason: str) -> Notice:
    """
    Take back a notice that has not gone out. Raises `StageError` for one that has, or may have.

    One that a worker has just claimed is called off: it is cancelled if the worker has not handed it over yet, which it
    looks at before each hand-over.
    """
    notice = get(uow, notice_id)
    if notice.state is State.CANCELLED:
        return notice
    if notice.state is State.SENDING:
        return _called_off(uow, notice, reason)
    return taken_back(uow, notice, reason)


def taken_back(uow: UnitOfWork, notice: Notice, reason: str) -> Notice:
    """A notice that the caller holds is cancelled."""
    notice.state = State.CANCELLED
    history.record(uow, "notifications:notice:cancelled", notice.ref, {"reason": reason})
    return notice


def may_be_taken_back(notice: Notice) -> bool:
    """Whether it can be cancelled, or called off while a worker has it."""
    return notice.state is State.SENDING or may_follow(notice.state, State.CANCELLED)


def keep(uow: UnitOfWork, notice: Notice, because: str) -> Notice:
    """A notice that the caller holds waits for a person."""
    notice.state = State.HELD
    notice.held_because = because
    history.record(uow, "notifications:notice:held", notice.ref, {"because": because})
    return notice


def _called_off(uow: UnitOfWork, notice: Notice, reason: str) -> Notice:
    if notice.called_off is None:
        notice.called_off = reason
        history.record(uow, "notifications:notice:called_off", notice.ref, {"reason": reason})
    return notice


def comes_too_late(uow: UnitOfWork, notice: Notice) -> bool:
    """Whether a statutory notice could no longer arrive in time, and nobody has since released it all the same."""
    last = notice.latest_receipt_on
    if not notice.statutory or last is None or uow.today <= last:
        return False
    released = select(HistoryEntry.at).where(HistoryEntry.subject == notice.ref, HistoryEntry.action == RELEASED)
    return all(london_day(at) <= last for at in uow.session.scalars(released))


def retime(uow: UnitOfWork, subject_ref: str, kind: str, latest_receipt_on: date) -> int:
    """Give the papers of a kind that have not gone out another last day of receipt; how many there were."""
    here = [each for each in listing.about(uow, subject_ref, kinds=(kind,)) if each.state in NOT_GONE]
    for notice in here:
        notice.latest_receipt_on = latest_receipt_on
        facts = {"latest_receipt_on": latest_receipt_on}
        history.record(uow, "notifications:notice:retimed", notice.ref, facts)
    return len(here)


def release(uow: UnitOfWork, notice_id: uuid.UUID, reason: str) -> Notice:
    """A person has looked at a held notice and wants the same bytes sent again. `NotHeld` for any other."""
    notice = get(uow, notice_id)
    if notice.state is not State.HELD:
        raise NotHeld(notice.state)
    notice.state = State.QUEUED
    notice.held_because, notice.send_after = None, uow.now
    history.record(uow, RELEASED, notice.ref, {"reason": reason})
    return notice


def re_serve(uow: UnitOfWork, notice_id: uuid.UUID) -> Notice | None:
    """The same notice by letter, in place of a mail that failed; None when `also_by_letter` gives none."""
    letter = also_by_letter(uow, notice_id)
    failed = get(uow, notice_id)
    if letter is not None and failed.state is not State.RE_SERVED:
        failed.state = State.RE_SERVED
        history.record(uow, "notifications:notice:re_served", failed.ref, {"by": letter.id})
    return letter


def also_by_letter(uow: UnitOfWork, notice_id: uuid.UUID) -> Notice | None:
    """
    Queue the letter of a mail; None when the frozen recipient has no postal address, or nobody approved the letter.

    Where the mail carried the letter, those approved bytes are posted; otherwise its text is set on letterhead.
    """
    mail = get(uow, notice_id)
    if mail.medium is not Medium.MAIL or not mail.recipient_postal:
        return None
    standing = uow.session.scalar(select(Notice).where(Notice.idem_key == letter_key(mail)))
    if standing is None:
        return _as_letter(uow, mail)
    return standing if standing.state in BEYOND_QUEUE else None


def get(uow: UnitOfWork, notice_id: uuid.UUID) -> Notice:
    """The row, locked until commit; raises `NotFound`."""
    notice = hold(uow.session, Notice, notice_id)
    if notice is None:
        raise NotFound("notice", notice_id)
    return notice


def _check_address(kind: MessageKind, to: Recipient, medium: Medium) -> None:
    if medium not in kind.media:
        raise BadInput(field=f"{kind.name}: medium", found=medium.value, wanted=" or ".join(kind.media))
    missing = missing_settings(settings(), medium)
    if missing is not None:
        raise BadInput(field=f"{kind.name}: medium", found=medium.value, wanted=f"one with a channel: set {missing}")
    if not to.can_receive(medium):
        raise BadInput(field=f"recipient {to.key}", found=f"no address for {medium}", wanted=WANTED[medium])


def _standing(uow: UnitOfWork, key: str, facts: Mapping[str, object]) -> Notice | None:
    standing = uow.session.scalar(select(Notice).where(Notice.idem_key == key))
    if standing is not None and standing.facts != facts:
        cure = "Ask for it with the same facts, or under a new content version."
        raise Conflict(f"The notice {key} already stands and was made of other facts. {cure}")
    return standing


def _row(uow: UnitOfWork, page: Page, medium: Medium, rendered: Rendered) -> Notice:
    return Notice(
        kind=page.kind.name,
        medium=medium,
        recipient_key=page.recipient.key,
        recipient_name=page.recipient.name,
        recipient_email=page.recipient.email,
        recipient_postal=list(page.recipient.postal_lines),
        recipient_phone=page.recipient.phone,
        recipient_webhook=page.recipient.webhook,
        sender=from_line(settings()) if medium is Medium.MAIL else None,
        language=rendered.language,
        facts=dict(page.facts),
        law=dict(page.law),
        subject_line=rendered.subject_line,
        body=rendered.body,
        content_type=rendered.content_type,
        sha256=rendered.sha256,
        attachment=rendered.attachment,
        attachment_sha256=rendered.attachment_sha256,
        html=rendered.html,
        html_sha256=rendered.html_sha256,
        statutory=page.kind.statutory,
        policy=page.kind.policy,
        state=State.RENDERED,
        created_by=uow.actor,
        created_at=uow.now,
    )


def _added(uow: UnitOfWork, notice: Notice) -> Notice:
    try:
        with uow.session.begin_nested():
            uow.session.add(notice)
            uow.session.flush()
    except IntegrityError:
        # Another transaction committed the same key between our look and our insert.
        standing = _standing(uow, notice.idem_key, notice.facts)
        if standing is None:
            raise
        return standing
    history.record(uow, PREPARED, notice.ref, as_prepared(notice))
    return made(uow.session, notice, notice.id)


def as_prepared(notice: Notice) -> dict[str, str]:
    """What history notes of a notice that was drawn up: its kind, and digests of each part and of what lies beside."""
    parts = {
        "particulars": of_notice(notice),
        "sha256": notice.sha256,
        "html_sha256": notice.html_sha256,
        "attachment_sha256": notice.attachment_sha256,
    }
    return {"kind": notice.kind} | {name: digest for name, digest in parts.items() if digest is not None}


def _as_letter(uow: UnitOfWork, mail: Notice) -> Notice:
    """A letter that says what the mail said and was approved to say, under the mail's date."""
    key = letter_key(mail)
    kind = message_kind(mail.kind)
    link = address(mail.message_id, kind, mail.medium, settings())
    page = Page(kind, mail.facts, mail.law, addressed(mail), london_day(mail.created_at), link)
    letter = _row(uow, page, Medium.LETTER, _same_words(mail, page))
    letter.subject_ref, letter.content_version = mail.subject_ref, mail.content_version
    letter.idem_key, letter.message_id = key, message_id(key)
    letter.latest_receipt_on, letter.send_after = mail.latest_receipt_on, uow.now
    letter.instead_of_id = mail.id
    # Who drew up what it says; whoever serves it again is not its author.
    letter.created_by = mail.created_by
    letter = _added(uow, letter)
    approve(uow, letter.id, mail.approved_by or uow.actor)
    return queue(uow, letter.id)


def _same_words(mail: Notice, page: Page) -> Rendered:
    if mail.attachment is not None:
        return Rendered(mail.subject_line, mail.attachment, PDF, language=mail.language)
    return on_letterhead(page, mail.subject_line, mail.body.decode())
