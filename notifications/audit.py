"""Whether the notices stored are the bytes that history says were prepared, and what shows receipt is what was kept."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from core import history
from core.findings import Finding, Severity
from core.reading import read_each
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import BY_JOURNAL
from notifications.models import Attempt, EvidenceFile, Notice
from notifications.outbox import PREPARED
from notifications.particulars import of_notice
from notifications.results import ATTEMPTED

CURE = "Keep this database as it is, restore the last good backup beside it, and compare the two."


def audit_notices(uow: UnitOfWork) -> Iterator[Finding]:
    """Each notice's parts, its attempts, and the files of evidence, against what history has of them."""
    yield from _parts(uow)
    yield from _attempts(uow)
    yield from _files(uow)


def _parts(uow: UnitOfWork) -> Iterator[Finding]:
    prepared = {entry.subject: dict(entry.facts) for entry in history.entries_of(uow.session, PREPARED)}
    for key, notice in read_each(uow.session, select(Notice), Notice.id):
        told = prepared.pop(f"notice:{key}", None)
        if notice is None:
            yield _fault("row_unreadable", key, "The row of this notice cannot be read.")
        elif told is None:
            yield _fault("notice_unrecorded", key, "This notice is not in the history.")
        elif not _is_as_prepared(notice, told):
            yield _fault("notice_changed", key, "The notice is not what history says was prepared.")
    for gone in sorted(prepared):
        yield _fault("notice_missing", gone.removeprefix("notice:"), "History names this notice; it is gone.")


def _is_as_prepared(notice: Notice, told: Mapping[str, Any]) -> bool:
    """
    Every part against the digest in its row, and that against the history, which notes each part there is; what was
    frozen beside them against its digest there.
    """
    own = {
        "sha256": (notice.sha256, notice.body),
        "html_sha256": (notice.html_sha256, notice.html),
        "attachment_sha256": (notice.attachment_sha256, notice.attachment),
    }
    whole = all(_digest(content) == digest == told.get(name) for name, (digest, content) in own.items())
    return whole and told.get("particulars") == of_notice(notice)


def _attempts(uow: UnitOfWork) -> Iterator[Finding]:
    """What channels said: as many attempts with each outcome as history has of a notice."""
    told: Counter[tuple[str, object, object]] = Counter()
    for entry in history.entries_of(uow.session, ATTEMPTED):
        facts = dict(entry.facts)
        told[entry.subject, facts.get("epoch"), facts.get("outcome")] += 1
    stored: Counter[tuple[str, object, object]] = Counter()
    for key, attempt in read_each(uow.session, select(Attempt), Attempt.id):
        if attempt is None:
            yield _fault("row_unreadable", key, "The row of an attempt cannot be read.")
        elif attempt.outcome is not None and attempt.channel != BY_JOURNAL:
            stored[f"notice:{attempt.notice_id}", attempt.epoch, attempt.outcome.value] += 1
    for subject in sorted({subject for subject, _, _ in (told - stored) + (stored - told)}):
        yield _fault(
            "attempts_changed",
            subject.removeprefix("notice:"),
            "The attempts to send it are not those that history has.",
        )


def _files(uow: UnitOfWork) -> Iterator[Finding]:
    for digest, file in read_each(uow.session, select(EvidenceFile), EvidenceFile.sha256):
        if file is None or _digest(file.content) != digest:
            sentence = f"file {digest}: What shows a receipt is not what was kept."
            yield Finding("evidence_file_changed", Severity.STOP, sentence, CURE, where=f"file {digest}")


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _fault(code: str, key: object, sentence: str) -> Finding:
    return Finding(code, Severity.STOP, f"notice {key}: {sentence}", CURE, where=f"notice {key}")
