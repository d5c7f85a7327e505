"""Whether the notices stored are the bytes that history says were prepared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import select

from core import history
from core.findings import Finding, Severity
from core.reading import read_each
from core.unit_of_work import UnitOfWork
from notifications.models import Notice
from notifications.outbox import PREPARED

CURE = "Keep this database as it is, restore the last good backup beside it, and compare the two."


def audit_notices(uow: UnitOfWork) -> Iterator[Finding]:
    """Each notice's body against the digest that history holds; its attachment against the digest in its own row."""
    prepared = {entry.subject: dict(entry.facts).get("sha256") for entry in history.entries_of(uow.session, PREPARED)}
    for key, notice in read_each(uow.session, select(Notice), Notice.id):
        told = prepared.pop(f"notice:{key}", None)
        if notice is None:
            yield _fault("row_unreadable", key, "The row of this notice cannot be read.")
        elif told is None:
            yield _fault("notice_unrecorded", key, "This notice is not in the history.")
        elif not (
            told == notice.sha256 == _digest(notice.body) and _digest(notice.attachment) == notice.attachment_sha256
        ):
            yield _fault("notice_changed", key, "The notice is not what history says was prepared.")
    for gone in sorted(prepared):
        yield _fault("notice_missing", gone.removeprefix("notice:"), "History names this notice; it is gone.")


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _fault(code: str, key: object, sentence: str) -> Finding:
    return Finding(code, Severity.STOP, f"notice {key}: {sentence}", CURE, where=f"notice {key}")
