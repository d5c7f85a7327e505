"""What the outbox and a notice's page show. The bytes of a notice are loaded only for the page that shows them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from app import notice_cases
from app.templating import long_date
from casework import addresses
from casework.deadlines import Deadline, DeadlineKind
from core.errors import NotFound
from core.findings import Finding
from core.unit_of_work import UnitOfWork
from notifications import listing, proof
from notifications.language import ENGLISH, WELSH
from notifications.lifecycle import NEVER_SENT, EvidenceClass, Medium, State
from notifications.messages import registry
from notifications.models import Attempt, Evidence, EvidenceFile, Notice

NEEDS_A_PERSON = (State.HELD, State.UNKNOWN, State.FAILED_PERMANENT, State.REVOKED)
ORDER = (*NEEDS_A_PERSON, *(state for state in State if state not in NEEDS_A_PERSON))
RECEIVABLE = frozenset(State) - NEVER_SENT
"""States of a notice that went out or may have, so that its receipt can be recorded."""

TAKEN_BACK = frozenset({"case", "dispute", "ballot", "action"})
"""Subjects of the notices whose proof an act of the case withdraws."""

ISO_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
MEDIA = {Medium.MAIL: "email", Medium.LETTER: "letter", Medium.SMS: "text message", Medium.WEBHOOK: "webhook"}
LANGUAGE_NAMES = {ENGLISH: "English", WELSH: "Welsh"}
RECIPIENTS = {
    "member": "A member",
    "workplace": "The workplace",
    "employer": "The employer",
    "officer": "The officer",
    "scrutineer": "The scrutineer",
    "account": "Whoever signs in",
}

WAITS_FOR = {
    "notice_of_ballot": DeadlineKind.BALLOT_NOTICE_RECEIVED,
    "sample_voting_paper": DeadlineKind.SAMPLE_PAPER_RECEIVED,
    "notice_of_action": DeadlineKind.ACTION_NOTICE_RECEIVED,
}
"""The deadline of the case that a paper's receipt is due by."""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """
    Something that speaks for receipt, and whether it still stands; `kept`: its file can be downloaded. It `proves`
    receipt while it stands and is of class A or B.
    """

    evidence_class: str
    kind: str
    received_on: date
    sha256: str | None
    revoked_because: str | None
    kept: bool
    proves: bool


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One try at sending."""

    number: int
    channel: str
    started_at: datetime
    outcome: str | None
    reply: str | None


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice in a list. `to` says what the recipient is; a member is never named."""

    id: uuid.UUID
    kind: str
    label: str
    subject_line: str
    to: str
    by: str
    state: State
    statutory: bool
    held_because: str | None
    latest_receipt_on: date | None
    received_on: date | None
    other_copy_received_on: date | None
    evidence_class: str | None
    created_at: datetime
    sha256: str
    has_letter: bool


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many notices of one kind to members stand in one state: a workplace's members are told by the dozen."""

    label: str
    state: State
    count: int


@dataclass(frozen=True, slots=True)
class NoticePage:
    """
    Everything a notice's page shows. `text` is the mail's body; None for a letter, which is its PDF. `why` is of the
    day by which it has to be received. `language` is that of its words, and `reads` what the recipient reads by now.
    `may_be_taken_back`: its receipt is proved, and the case's act can withdraw that.
    """

    line: NoticeLine
    facts: Mapping[str, Any]
    law: Mapping[str, Any]
    policy: str
    attachment_sha256: str | None
    html_sha256: str | None
    language: str
    reads: str
    approved_by: str | None
    approved_at: datetime | None
    queued_at: datetime | None
    instead_of: uuid.UUID | None
    attempts: tuple[AttemptLine, ...]
    evidence: tuple[EvidenceLine, ...]
    text: str | None
    case_ref: str | None
    may_be_received: bool
    may_be_taken_back: bool
    why: Mapping[str, Any] | None
    findings: tuple[Finding, ...]


def lines(uow: UnitOfWork, subjects: Sequence[str]) -> tuple[NoticeLine, ...]:
    """The notices about any of the subjects to anybody but members, newest first."""
    ours = select(Notice).where(Notice.subject_ref.in_(subjects), Notice.recipient_key.not_like(listing.TO_A_MEMBER))
    return _lines(uow, ours)


def to_members(uow: UnitOfWork, subjects: Sequence[str]) -> tuple[Crowd, ...]:
    """The notices about any of the subjects to members, who may be thousands, as counts: the newest kinds first."""
    counted = (
        select(Notice.kind, Notice.state, func.count())
        .where(Notice.subject_ref.in_(subjects), Notice.recipient_key.like(listing.TO_A_MEMBER))
        .group_by(Notice.kind, Notice.state)
        .order_by(func.max(Notice.created_at).desc(), Notice.kind, Notice.state)
    )
    known = registry()
    return tuple(
        Crowd(known[kind].label if kind in known else kind, state, count)
        for kind, state, count in uow.session.execute(counted).tuples()
    )


def page(uow: UnitOfWork, notice_id: uuid.UUID) -> NoticePage:
    """One notice; `NotFound` otherwise."""
    notice = _notice(uow, notice_id)
    return NoticePage(
        line=told(uow, [notice])[0],
        facts={name: _in_words(value) for name, value in notice.facts.items()},
        law=notice.law,
        policy=notice.policy.value,
        attachment_sha256=notice.attachment_sha256,
        html_sha256=notice.html_sha256,
        language=LANGUAGE_NAMES[notice.language],
        reads=LANGUAGE_NAMES[addresses.reads(uow, notice.recipient_key)],
        approved_by=notice.approved_by,
        approved_at=notice.approved_at,
        queued_at=notice.queued_at,
        instead_of=notice.instead_of_id,
        attempts=tuple(_attempt(row) for row in notice.attempts),
        evidence=_evidence(uow, notice.evidence),
        text=notice.body.decode("utf-8") if notice.medium is Medium.MAIL else None,
        case_ref=case_ref_of(uow, notice.subject_ref),
        may_be_received=notice.state in RECEIVABLE,
        may_be_taken_back=notice.state is State.EVIDENCED and notice.subject_ref.partition(":")[0] in TAKEN_BACK,
        why=why_of(uow, notice),
        findings=tuple(each for each in addresses.replaced(uow, [notice.subject_ref]) if each.where == notice.ref),
    )


def addressed(label: str, to: str) -> str:
    """
    A notice and what its recipient is, who may stand in the label already.

    >>> addressed("Notice of ballot", "The employer"), addressed("Stand-down, to the employer", "The employer")
    ('Notice of ballot to the employer', 'Stand-down, to the employer')
    """
    who = f"{to[:1].lower()}{to[1:]}"
    return label if label.endswith(who) else f"{label} to {who}"


def why_of(uow: UnitOfWork, notice: Notice) -> Mapping[str, Any] | None:
    """Why a paper has to be received by its day: what the case's deadline of that day says."""
    kind, cases = WAITS_FOR.get(notice.kind), notice_cases.cases_of(notice.subject_ref)
    if kind is None or cases is None:
        return None
    statement = (
        select(Deadline.why)
        .where(Deadline.case_id.in_(cases))
        .where(Deadline.kind == kind, Deadline.due_on == notice.latest_receipt_on)
        .order_by(Deadline.id)
        .limit(1)
    )
    return uow.session.scalar(statement)


def letter(uow: UnitOfWork, notice_id: uuid.UUID) -> bytes:
    """The PDF of a letter, or the one that travels with a mail; `NotFound` when the notice has none."""
    notice = _notice(uow, notice_id)
    found = notice.body if notice.medium is Medium.LETTER else notice.attachment
    if found is None:
        raise NotFound("letter with notice", notice_id)
    return found


def case_ref_of(uow: UnitOfWork, subject_ref: str) -> str | None:
    """The reference of the case that a notice's subject belongs to; the first of those a ballot covers."""
    return notice_cases.case_refs(uow, [subject_ref]).get(subject_ref)


def _in_words(value: Any) -> Any:
    """A stored fact with its ISO dates as people write them."""
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        return long_date(date.fromisoformat(value))
    if isinstance(value, list):
        return [_in_words(each) for each in value]
    if isinstance(value, dict):
        return {name: _in_words(each) for name, each in value.items()}
    return value


def _notice(uow: UnitOfWork, notice_id: uuid.UUID) -> Notice:
    notice = uow.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("notice", notice_id)
    return notice


def _lines(uow: UnitOfWork, statement: Select[tuple[Notice]]) -> tuple[NoticeLine, ...]:
    newest_first = statement.order_by(Notice.created_at.desc(), Notice.idem_key)
    rows = uow.session.scalars(newest_first.options(*listing.WITHOUT_BYTES)).all()
    return told(uow, rows)


def told(uow: UnitOfWork, rows: Sequence[Notice]) -> tuple[NoticeLine, ...]:
    """The rows as lines of a list, in their order."""
    statuses = proof.receipt_status(uow, [row.id for row in rows])
    proved = _proved_papers(uow, rows)
    return tuple(_line(row, statuses[row.id], proved.get(_paper(row))) for row in rows)


Paper = tuple[str, str, str, str]
"""What makes two notices copies of one paper that went by two ways."""


def _paper(notice: Notice) -> Paper:
    return (notice.subject_ref, notice.kind, notice.recipient_key, notice.content_version)


def _proved_papers(uow: UnitOfWork, rows: Sequence[Notice]) -> Mapping[Paper, date]:
    """The earliest day for which receipt of any copy is proved, for the papers that have a last day of receipt."""
    subjects = {row.subject_ref for row in rows if row.latest_receipt_on}
    if not subjects:
        return {}
    statement = (
        select(Notice.subject_ref, Notice.kind, Notice.recipient_key, Notice.content_version, Evidence.received_on)
        .join(Evidence, Evidence.notice_id == Notice.id)
        .where(Notice.subject_ref.in_(subjects), proof.IS_PROOF)
        .order_by(Evidence.received_on.desc())
    )
    return {(subject, kind, to, version): on for subject, kind, to, version, on in uow.session.execute(statement)}


def _line(notice: Notice, status: proof.ReceiptStatus, paper_received_on: date | None) -> NoticeLine:
    known = registry().get(notice.kind)
    return NoticeLine(
        id=notice.id,
        kind=notice.kind,
        label=known.label if known else notice.kind,
        subject_line=notice.subject_line,
        to=RECIPIENTS.get(notice.recipient_key.partition(":")[0], "Somebody"),
        by=MEDIA[notice.medium],
        state=notice.state,
        statutory=notice.statutory,
        held_because=notice.held_because,
        latest_receipt_on=notice.latest_receipt_on,
        received_on=status.received_on,
        other_copy_received_on=None if status.received_on else paper_received_on,
        evidence_class=status.evidence_class.value if status.evidence_class else None,
        created_at=notice.created_at,
        sha256=notice.sha256,
        has_letter=notice.medium is Medium.LETTER or notice.attachment_sha256 is not None,
    )


def _attempt(row: Attempt) -> AttemptLine:
    reply = " ".join(str(part) for part in (row.reply_code, row.reply_text) if part) or None
    return AttemptLine(row.epoch, row.channel, row.started_at, row.outcome.value if row.outcome else None, reply)


def _evidence(uow: UnitOfWork, rows: Sequence[Evidence]) -> tuple[EvidenceLine, ...]:
    files = select(EvidenceFile.sha256).where(EvidenceFile.sha256.in_([row.sha256 for row in rows if row.sha256]))
    kept = frozenset(uow.session.scalars(files))
    return tuple(
        EvidenceLine(
            row.evidence_class.value,
            row.kind,
            row.received_on,
            row.sha256,
            row.revoked_because,
            row.sha256 in kept,
            row.revoked_at is None and row.evidence_class is not EvidenceClass.C,
        )
        for row in rows
    )
