"""
What shows a receipt, kept once by its digest: the photograph of a slip, a courier's paper, a mail that came back.

A file's kind is read off its first bytes, never off its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select

from core import history
from core.errors import BadInput, NotFound
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork
from notifications.models import EvidenceFile
from notifications.rendering import PDF, TEXT, sha256

MOST_BYTES = 10 * 1024 * 1024
"""A photograph of a telephone is some four megabytes."""
GIVEN_AGAIN = "notifications:evidence:given_again"
MAIL = "message/rfc822"
JPEG = "image/jpeg"
PNG = "image/png"
CSV = "text/csv"

BEGINNINGS: Mapping[bytes, str] = MappingProxyType(
    {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG},
)
ENDINGS: Mapping[str, str] = MappingProxyType(
    {PDF: "pdf", JPEG: "jpg", PNG: "png", MAIL: "eml", CSV: "csv", TEXT: "txt"}
)
"""How a downloaded file of each kind is called."""


def kind_of(content: bytes) -> str:
    """The content type of a document. Raises `BadInput` for what is no PDF, JPEG or PNG, is empty or too large."""
    if len(content) > MOST_BYTES:
        wanted = f"at most {MOST_BYTES // 1024 // 1024} megabytes"
        raise BadInput(field="document", found=f"{len(content) / 1024 / 1024:.1f} megabytes", wanted=wanted)
    found = next((kind for beginning, kind in BEGINNINGS.items() if content.startswith(beginning)), None)
    if found is None:
        said = "an empty file" if not content else "a file of another kind"
        raise BadInput(field="document", found=said, wanted="a PDF, or a photograph as JPEG or PNG")
    return found


def keep_document(uow: UnitOfWork, content: bytes) -> str:
    """Keep a document that a person gave; its SHA-256. Raises `BadInput` as `kind_of` does."""
    return _keep(uow, content, kind_of(content))


def keep_mail(uow: UnitOfWork, content: bytes) -> str:
    """Keep a mail that came in, unless it is too large: then its digest is all there is. Its SHA-256."""
    return _keep(uow, content, MAIL) if len(content) <= MOST_BYTES else sha256(content)


def keep_receipts(uow: UnitOfWork, content: bytes) -> str:
    """Keep the receipt file of a print house, on which its receipts rest; its SHA-256."""
    return _keep(uow, content, CSV)


def keep_statement(uow: UnitOfWork, content: bytes) -> str:
    """Keep what a person said of a delivery, as the programme wrote it down; its SHA-256."""
    return _keep(uow, content, TEXT)


def find(uow: UnitOfWork, digest: str) -> EvidenceFile:
    """The file of that digest, or `NotFound`."""
    found = uow.session.get(EvidenceFile, digest)
    if found is None:
        raise NotFound("file with the digest", digest)
    return found


def is_given(uow: UnitOfWork, digest: str) -> bool:
    """Whether whoever acts gave the file of that digest themselves, be it that somebody had given it before."""
    stored = select(EvidenceFile.sha256).where(EvidenceFile.sha256 == digest, EvidenceFile.stored_by == uow.actor)
    noted = select(HistoryEntry.seq).where(HistoryEntry.subject == _subject(digest), HistoryEntry.actor == uow.actor)
    return any(uow.session.scalars(each).first() is not None for each in (stored, noted))


def _subject(digest: str) -> str:
    return f"evidence:{digest}"


def _keep(uow: UnitOfWork, content: bytes, kind: str) -> str:
    digest = sha256(content)
    found = uow.session.get(EvidenceFile, digest)
    if found is not None and not is_given(uow, digest):
        history.record(uow, GIVEN_AGAIN, _subject(digest))
    if found is None:
        row = EvidenceFile(sha256=digest, content=content, content_type=kind, stored_by=uow.actor, stored_at=uow.now)
        uow.session.add(row)
        uow.session.flush()
    return digest
