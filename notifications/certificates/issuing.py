"""
Issuing a certificate: drawing it up, and recording its digest in the history, by which it can be told from any other.

Issuing it again on the same day, while nothing about the notice has changed, gives the same file and records nothing
more: its head of the history is then the one of the first time, whatever else happened since.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core import history
from core.calendar import in_words
from core.errors import Conflict
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.certificates import sealing
from notifications.certificates.gathering import CERTIFIED, Setting, as_of, gathered
from notifications.certificates.pages import pdf_of
from notifications.certificates.shape import Certificate, last_day


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate as it leaves: `file` is its JSON under its seal, `digest` what the history has of it."""

    certificate: Certificate
    file: bytes
    digest: str

    @property
    def name(self) -> str:
        """What its files are called, without an ending."""
        return f"certificate-{self.certificate.notice}"

    def pdf(self) -> bytes:
        """Its pages, with the file inside; they take longer than the transaction should."""
        return pdf_of(self.file)


@dataclass(frozen=True, slots=True)
class Issue:
    """That a certificate was issued, as the history has it: for comparing a digest."""

    notice_id: str
    digest: str
    at: datetime
    by: str
    seq: int
    hash: str


def issue(uow: UnitOfWork, notice_id: uuid.UUID, setting: Setting) -> Issued:
    """
    The certificate of a notice as things stand, its digest in the history. Raises `NotFound`, and `Conflict` as of a
    day before the last thing that it would tell of.

    Nobody appends to the history meanwhile, so that its entries and its head are of one moment.
    """
    history.in_turn(uow.session)
    notice = outbox.get(uow, notice_id)
    certificate, before = gathered(uow, notice_id, setting), issues(uow, notice_id)
    last = last_day(certificate)
    if last is not None and certificate.drawn_on < last:
        raise Conflict(
            f"What is on record of this notice goes up to {in_words(last)}: no certificate can be drawn up as of an "
            "earlier day."
        )
    if before:
        again = _sealed(as_of(uow, certificate, before[-1].seq))
        if again.digest == before[-1].digest:
            return again
    issued = _sealed(certificate)
    if issued.digest not in {each.digest for each in before}:
        history.record(uow, CERTIFIED, notice.ref, {"sha256": issued.digest})
    return issued


def _sealed(certificate: Certificate) -> Issued:
    sealed = certificate.model_dump(mode="json")
    return Issued(certificate, sealing.file_of(sealed), history.digest(sealed))


def issues(uow: UnitOfWork, notice_id: uuid.UUID | None = None) -> Sequence[Issue]:
    """Every certificate that was issued, of one notice or of all, oldest first."""
    rows = select(HistoryEntry).where(HistoryEntry.action == CERTIFIED).order_by(HistoryEntry.seq)
    if notice_id is not None:
        rows = rows.where(HistoryEntry.subject == f"notice:{notice_id}")
    return [
        Issue(each.subject.partition(":")[2], str(each.facts.get("sha256")), each.at, each.actor, each.seq, each.hash)
        for each in uow.session.scalars(rows)
    ]
