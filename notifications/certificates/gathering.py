"""
What is known of a paper, gathered from the database into a certificate.

A document that is about others too, such as the receipt file of a print house, is not handed on whole: of it the lines
about this notice are, and its digest.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.csv_files import rows_of_csv
from core.errors import BadInput, NotFound
from core.history import GENESIS, HistoryEntry
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import climbing, tasks
from notifications.certificates import shape
from notifications.certificates.annexes import HTML
from notifications.certificates.pages import made_by
from notifications.certificates.spelling import text_of
from notifications.certificates.standing import standing
from notifications.evidence_files import CSV
from notifications.messages import registry
from notifications.models import Attempt, Evidence, EvidenceFile, Notice, ServiceTask
from notifications.receipt_rows import spelled_alike
from notifications.recipients import OF_A_MEMBER
from notifications.rendering import PDF
from notifications.tasks import LABELS, TaskKind

CERTIFIED = "notifications:notice:certified"
OTHERS = HistoryEntry.action != CERTIFIED
SHA256 = "sha256"


@dataclass(frozen=True, slots=True)
class Setting:
    """What only the case knows of a notice: its reference, and why it has to be received by its day."""

    case_ref: str | None = None
    why: Mapping[str, Any] | None = None


def gathered(uow: UnitOfWork, notice_id: uuid.UUID, setting: Setting) -> shape.Certificate:
    """The certificate of a notice and its copies as they stand now. Raises `NotFound`."""
    rows = _copies(uow, notice_id)
    first = rows[0]
    kind = _kind(first)
    copies = [_copy(row, tasks.about_notice(uow, [row.id])) for row in rows]
    latest = min((row.latest_receipt_on for row in rows if row.latest_receipt_on is not None), default=None)
    return shape.Certificate(
        format=shape.FORMAT,
        version=1,
        made_by=made_by(),
        drawn_on=uow.today,
        union=shape.Union(name=settings().union_name, address=settings().union_address),
        notice=str(first.id),
        kind=kind,
        subject_ref=first.subject_ref,
        case_ref=setting.case_ref,
        personal=first.recipient_key.startswith(OF_A_MEMBER),
        latest_receipt_on=latest,
        why=None if setting.why is None else shape.Reason.model_validate(dict(setting.why), strict=False),
        copies=copies,
        documents=_documents(uow, rows),
        history=_history(uow, rows),
        standing=standing(kind, latest, copies, uow.today),
    )


def _copies(uow: UnitOfWork, notice_id: uuid.UUID) -> list[Notice]:
    """The notice first, then its copies by whatever medium, oldest first."""
    served = climbing.served_of(uow, notice_id)
    found = uow.session.scalars(select(Notice).where(Notice.id.in_(served.ids))).all()
    rows = {row.id: row for row in found}
    if notice_id not in rows:
        raise NotFound("notice", notice_id)
    return [rows[notice_id], *(rows[each] for each in served.ids if each != notice_id)]


def _kind(notice: Notice) -> shape.Kind:
    known = registry().get(notice.kind)
    return shape.Kind(
        name=notice.kind,
        label=known.label if known else notice.kind,
        statutory=notice.statutory,
        enough=known.proof if known else None,
    )


def _copy(notice: Notice, asked: Sequence[ServiceTask]) -> shape.Copy:
    epochs = {attempt.id: attempt.epoch for attempt in notice.attempts}
    return shape.Copy(
        id=str(notice.id),
        medium=notice.medium,
        instead_of=None if notice.instead_of_id is None else str(notice.instead_of_id),
        idem_key=notice.idem_key,
        message_id=notice.message_id,
        content_version=notice.content_version,
        language=notice.language,
        recipient=_recipient(notice),
        subject_line=notice.subject_line,
        contents=list(_contents(notice)),
        facts=dict(notice.facts),
        law=dict(notice.law),
        state=notice.state,
        held_because=notice.held_because,
        called_off=notice.called_off,
        created_by=notice.created_by,
        created_at=notice.created_at,
        approved_by=notice.approved_by,
        approved_at=notice.approved_at,
        queued_at=notice.queued_at,
        latest_receipt_on=notice.latest_receipt_on,
        epoch=notice.epoch,
        attempts=[_attempt(row) for row in notice.attempts],
        evidence=[_evidence(row, epochs) for row in notice.evidence],
        tasks=[_task(row) for row in asked],
    )


def _recipient(notice: Notice) -> shape.Recipient:
    return shape.Recipient(
        key=notice.recipient_key,
        name=notice.recipient_name,
        email=notice.recipient_email,
        postal=list(notice.recipient_postal),
        phone=notice.recipient_phone,
        webhook=notice.recipient_webhook,
    )


def _contents(notice: Notice) -> Iterator[shape.Content]:
    yield shape.Content(
        name="body", content_type=notice.content_type, sha256=notice.sha256, base64=text_of(notice.body)
    )
    if notice.html is not None and notice.html_sha256 is not None:
        html = text_of(notice.html)
        yield shape.Content(name="html", content_type=HTML, sha256=notice.html_sha256, base64=html)
    if notice.attachment is not None and notice.attachment_sha256 is not None:
        attachment = text_of(notice.attachment)
        yield shape.Content(name="attachment", content_type=PDF, sha256=notice.attachment_sha256, base64=attachment)


def _attempt(row: Attempt) -> shape.Attempt:
    return shape.Attempt(
        epoch=row.epoch,
        channel=row.channel,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        reply_code=row.reply_code,
        reply=row.reply_text,
        provider_ref=row.provider_ref,
    )


def _evidence(row: Evidence, epochs: Mapping[uuid.UUID, int]) -> shape.Proof:
    return shape.Proof(
        evidence_class=row.evidence_class,
        kind=row.kind,
        received_on=row.received_on,
        recorded_at=row.received_at,
        recorded_by=row.recorded_by,
        attempt=None if row.attempt_id is None else epochs.get(row.attempt_id),
        document=row.sha256,
        revoked_at=row.revoked_at,
        revoked_because=row.revoked_because,
    )


def _task(row: ServiceTask) -> shape.Task:
    label = LABELS[TaskKind(row.kind)] if row.kind in set(TaskKind) else row.kind
    return shape.Task(label=label, **{name: getattr(row, name) for name in shape.Task.model_fields if name != "label"})


def _documents(uow: UnitOfWork, rows: Sequence[Notice]) -> list[shape.Document]:
    digests = sorted({each.sha256 for row in rows for each in row.evidence if each.sha256 is not None})
    kept = {each: uow.session.get(EvidenceFile, each) for each in digests}
    ours = {part.sha256 for row in rows for part in _contents(row)}
    return [_document(digest, row, ours) for digest, row in kept.items()]


def _document(digest: str, row: EvidenceFile | None, ours: set[str]) -> shape.Document:
    if row is None:
        return shape.Document(sha256=digest, content_type=None, stored_by=None, stored_at=None, base64=None, lines=None)
    whole = row.content_type != CSV
    return shape.Document(
        sha256=digest,
        content_type=row.content_type,
        stored_by=row.stored_by,
        stored_at=row.stored_at,
        base64=text_of(row.content) if whole else None,
        lines=None if whole else list(_lines(row.content, ours)),
    )


def _lines(content: bytes, ours: set[str]) -> Iterator[shape.Line]:
    try:
        [(_, headings), *rows] = rows_of_csv(Path("receipts.csv"), content)
    except (BadInput, ValueError):
        return
    spelled = spelled_alike(headings)
    for line, cells in rows:
        found = dict(zip(spelled, cells, strict=False))
        found[SHA256] = found.get(SHA256, "").strip().lower()
        if found[SHA256] in ours:
            yield shape.Line(line=line, cells=found)


def _history(uow: UnitOfWork, rows: Sequence[Notice]) -> shape.History:
    """
    The entries about the copies, and the head of the chain. That certificates were issued is left out of both, so that
    issuing one again gives the same.
    """
    ours = select(HistoryEntry).where(HistoryEntry.subject.in_([row.ref for row in rows]), OTHERS)
    entries = [_entry(each) for each in uow.session.scalars(ours.order_by(HistoryEntry.seq))]
    return shape.History(entries=entries, head=_head(uow))


def _head(uow: UnitOfWork, before: int | None = None) -> shape.Head:
    """The head of the history, or what it was before an entry."""
    last = select(HistoryEntry.seq, HistoryEntry.hash).where(OTHERS).order_by(HistoryEntry.seq.desc()).limit(1)
    if before is not None:
        last = last.where(HistoryEntry.seq < before)
    seq, hash_ = uow.session.execute(last).tuples().first() or (0, GENESIS)
    return shape.Head(seq=seq, hash=hash_)


def as_of(uow: UnitOfWork, certificate: shape.Certificate, seq: int) -> shape.Certificate:
    """The same with the head that the history had before an entry."""
    known = certificate.history.model_copy(update={"head": _head(uow, seq)})
    return certificate.model_copy(update={"history": known})


def _entry(each: HistoryEntry) -> shape.Entry:
    return shape.Entry(
        seq=each.seq,
        prev=each.prev,
        hash=each.hash,
        at=each.at.isoformat(),
        actor=each.actor,
        action=each.action,
        subject=each.subject,
        facts=each.facts,
    )
