"""
Tables of the outbox: notices, the attempts to send them, the evidence of receipt, what came in from outside, what
only a person can do about a notice, and what a journal knew of.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from core.db import Base, StoredEnum, new_id
from notifications.lifecycle import EvidenceClass, Medium, Outcome, Policy, State, require_step


def _one_of(column: str, kind: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(member.value) for member in kind)})"


UNAPPROVED = "('rendered', 'cancelled')"


class Notice(Base):
    """
    One message to one recipient by one medium. Recipient, sender, facts and bytes are frozen when the row is made.

    `body` is what the recipient reads: the text of a mail, the PDF of a letter. `html` is the same mail for readers who
    want it laid out. `attachment` is the PDF that travels with the mail of a kind that has a letter. `sender` is what
    the From line of a mail says; None for anything else. `language` is that of the texts, by ISO 639-1. `law` holds
    parameter → what it was, as the caller used it; `law_told` has it in words. `called_off` says why it should not go
    out although a worker had claimed it.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(_one_of("state", State), name="state"),
        CheckConstraint(_one_of("medium", Medium), name="medium"),
        CheckConstraint(_one_of("policy", Policy), name="policy"),
        CheckConstraint("state <> 'sending' OR lease_until IS NOT NULL", name="sending_has_lease"),
        CheckConstraint(
            f"NOT statutory OR approved_by IS NOT NULL OR state IN {UNAPPROVED}", name="statutory_is_approved"
        ),
        Index("ix_notices_state_send_after", "state", "send_after"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    subject_ref: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    medium: Mapped[Medium] = mapped_column(StoredEnum(Medium))
    content_version: Mapped[str] = mapped_column(String(80))
    idem_key: Mapped[str] = mapped_column(String(400), unique=True)

    recipient_key: Mapped[str] = mapped_column(String(80), index=True)
    recipient_name: Mapped[str] = mapped_column(Text)
    recipient_email: Mapped[str | None] = mapped_column(Text)
    recipient_postal: Mapped[list[Any]]
    recipient_phone: Mapped[str | None] = mapped_column(Text)
    recipient_webhook: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2), default="en", server_default="en")

    facts: Mapped[dict[str, Any]]
    law: Mapped[dict[str, Any]]
    subject_line: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes]
    content_type: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    attachment: Mapped[bytes | None]
    attachment_sha256: Mapped[str | None] = mapped_column(String(64))
    html: Mapped[bytes | None]
    html_sha256: Mapped[str | None] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(200), unique=True)

    statutory: Mapped[bool]
    policy: Mapped[Policy] = mapped_column(StoredEnum(Policy))
    send_after: Mapped[datetime]
    latest_receipt_on: Mapped[date | None]
    state: Mapped[State] = mapped_column(StoredEnum(State))
    epoch: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    taken_by: Mapped[uuid.UUID | None]
    held_because: Mapped[str | None] = mapped_column(Text)
    called_off: Mapped[str | None] = mapped_column(Text)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_at: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    instead_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("notices.id"), index=True)

    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.epoch", viewonly=True)
    evidence: Mapped[list[Evidence]] = relationship(order_by="Evidence.received_at", viewonly=True)

    @property
    def ref(self) -> str:
        """How history names this row."""
        return f"notice:{self.id}"

    @validates("state")
    def _only_by_the_table(self, _key: str, wanted: State) -> State:
        if self.state is not None:
            require_step(self.ref, self.state, wanted)
        return wanted


class Attempt(Base):
    """
    One try at sending, committed before anything leaves. No outcome: it is under way, or its worker died.

    `asked_at` is when a provider was last asked what became of what it took.
    """

    __tablename__ = "notice_attempts"
    __table_args__ = (
        UniqueConstraint("notice_id", "epoch"),
        Index("ix_notice_attempts_started_at", "started_at"),
        CheckConstraint(f"outcome IS NULL OR {_one_of('outcome', Outcome)}", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", name="finished_with_outcome"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notices.id"))
    epoch: Mapped[int]
    channel: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    outcome: Mapped[Outcome | None] = mapped_column(StoredEnum(Outcome))
    reply_code: Mapped[int | None]
    reply_text: Mapped[str | None] = mapped_column(Text)
    provider_ref: Mapped[str | None] = mapped_column(String(200))
    finished_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]


class Evidence(Base):
    """Something that speaks for receipt. `received_on` is the London date the law counts."""

    __tablename__ = "notice_evidence"
    __table_args__ = (CheckConstraint(_one_of("evidence_class", EvidenceClass), name="evidence_class"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("notice_attempts.id"))
    evidence_class: Mapped[EvidenceClass] = mapped_column(StoredEnum(EvidenceClass))
    kind: Mapped[str] = mapped_column(String(60))
    received_on: Mapped[date]
    received_at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(String(64))
    recorded_by: Mapped[str] = mapped_column(String(80))
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(Text)


class InboxItem(Base):
    """
    One thing that came in from outside (a bounce, a receipt file), so that the second copy of it does nothing.

    `reading` says what a mail turned out to be. What fitted no notice waits until somebody has settled it.
    """

    __tablename__ = "notice_inbox"

    source: Mapped[str] = mapped_column(String(60), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    payload_sha: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime]
    reading: Mapped[str | None] = mapped_column(String(20))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(80))
    settled_how: Mapped[str | None] = mapped_column(Text)


class EvidenceFile(Base):
    """The paper, photograph or mail that shows a receipt, kept once however many receipts rest on it."""

    __tablename__ = "evidence_files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes]
    content_type: Mapped[str] = mapped_column(String(80))
    stored_by: Mapped[str] = mapped_column(String(80))
    stored_at: Mapped[datetime]


class ServiceTask(Base):
    """
    What only a person can do about a notice, such as handing it over. `act_by` is the latest useful moment.

    One task of a kind for a notice and what it is `about`: asking for it again changes nothing while it is open, and
    nothing after.
    """

    __tablename__ = "service_tasks"
    __table_args__ = (
        UniqueConstraint("notice_id", "kind", "about"),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done_by_somebody"),
        Index(
            "ix_service_tasks_open",
            "act_by",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(80), default="", server_default="")
    because: Mapped[str] = mapped_column(Text)
    act_by: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(80))
    done_how: Mapped[str | None] = mapped_column(Text)

    notice: Mapped[Notice] = relationship(viewonly=True)


class Quarantine(Base):
    """
    Since when nothing is sent because the database is older than the journal, and who let sending go on.

    One row is open at most. `found` counts what the journal knew and the database did not.
    """

    __tablename__ = "quarantines"
    __table_args__ = (CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    began_at: Mapped[datetime]
    found: Mapped[dict[str, Any]]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_because: Mapped[str | None] = mapped_column(Text)


class JournalMark(Base):
    """Up to which byte a journal was found in this database; `tail` is the digest of what stands before it."""

    __tablename__ = "journal_marks"

    journal: Mapped[str] = mapped_column(String(64), primary_key=True)
    upto: Mapped[int] = mapped_column(BigInteger)
    tail: Mapped[str] = mapped_column(String(64))
    marked_at: Mapped[datetime]


class LostSend(Base):
    """
    What went out by the journal and has no row here to stand in: the notice was made, or let go, after the backup.

    `reference` is a Message-ID, or a payment's end-to-end reference; `message_kind` and `recipient_sha256` say which
    kind of notice went to whom. No outcome: nobody knows whether it went out.
    """

    __tablename__ = "lost_sends"

    reference: Mapped[str] = mapped_column(String(200), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    message_kind: Mapped[str | None] = mapped_column(String(60))
    recipient_sha256: Mapped[str | None] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str | None] = mapped_column(String(10))
    began_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(String(80))
    noted_at: Mapped[datetime]
