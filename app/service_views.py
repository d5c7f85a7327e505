"""Proof of service for a page, the API and the command line: what only a person can do, and mails that fit nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app import approvals, notice_cases, notice_views
from app.notice_views import RECIPIENTS
from core.unit_of_work import UnitOfWork
from notifications import climbing, inbox, tasks
from notifications.inbox import Taken
from notifications.ladder import Rung, is_proved, reached, rung
from notifications.lifecycle import EvidenceClass
from notifications.messages import registry
from notifications.models import EvidenceFile, Notice, ServiceTask
from notifications.tasks import LABELS, TaskKind

RUNGS: dict[Rung, str] = {
    Rung.PREPARED: "drawn up",
    Rung.QUEUED: "queued",
    Rung.SENT: "sent",
    Rung.ACCEPTED: "accepted by a server, or laid down",
    Rung.DELIVERED: "delivered",
    Rung.OPENED: "opened",
    Rung.ACKNOWLEDGED: "acknowledged",
    Rung.HAND_SIGNED: "handed over or signed for",
}
"""The rungs of the ladder in words."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """
    What a person is asked to do about a notice. `to` says what the recipient is, never who; `file` is the digest of
    what is to be read, where it is kept.
    """

    id: uuid.UUID
    kind: TaskKind
    label: str
    because: str
    act_by: datetime | None
    opened_at: datetime
    notice_id: uuid.UUID
    notice: str
    to: str
    latest_receipt_on: date | None
    case_ref: str | None
    file: str | None
    done_at: datetime | None
    done_how: str | None


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail that fitted no notice; `kept` says whether its file can be opened."""

    digest: str
    seen_at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class RungLine:
    """One rung of the ladder: whether a paper has reached it, and whether it is the highest."""

    name: Rung
    label: str
    reached: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """How far a paper has come, the class of evidence that suffices for it, and what is asked about it."""

    rungs: tuple[RungLine, ...]
    enough: EvidenceClass | None
    proved: bool
    tasks: tuple[TaskLine, ...]


def ladder(uow: UnitOfWork, notice_id: uuid.UUID) -> Ladder:
    """The ladder of the paper that a notice is a copy of."""
    served = climbing.served_of(uow, notice_id)
    here, shown = rung(served.paper.copies), reached(served.paper.copies)
    rungs = tuple(RungLine(each, RUNGS[each], each in shown, each is here) for each in Rung)
    asked = tuple(task_lines(uow, tasks.about_notice(uow, served.ids)))
    return Ladder(rungs, served.paper.enough, is_proved(served.paper), asked)


def open_tasks(uow: UnitOfWork) -> tuple[TaskLine, ...]:
    """Everything that waits for a person, the nearest latest moment first."""
    return tuple(task_lines(uow, tasks.open_tasks(uow)))


def place(task: TaskLine) -> tuple[int, str, str, str]:
    """Where a task stands in the list of them."""
    by = task.act_by.isoformat() if task.act_by else ""
    return int(task.act_by is None), by, task.opened_at.isoformat(), str(task.id)


def document(uow: UnitOfWork) -> dict[str, Any]:
    """What waits for a person: `{"at": moment, "tasks": [...], "mails": [...], "approvals": [...]}`."""
    return {"at": uow.now, "tasks": open_tasks(uow), "mails": _mails(uow), "approvals": approvals.waiting(uow)}


def told(uow: UnitOfWork, found: Taken) -> dict[str, Any]:
    """What a mail turned out to be, for a program and for people."""
    notice = found.notice
    return {
        "reading": found.reading,
        "notice": notice.id if notice else None,
        "kind": notice.kind if notice else None,
        "case": notice_views.case_ref_of(uow, notice.subject_ref) if notice else None,
    }


def _mails(uow: UnitOfWork) -> tuple[MailLine, ...]:
    items = inbox.unsettled(uow)
    kept = _kept(uow, [item.payload_sha for item in items])
    return tuple(MailLine(item.payload_sha, item.seen_at, item.payload_sha in kept) for item in items)


def _kept(uow: UnitOfWork, digests: Sequence[str]) -> frozenset[str]:
    found = select(EvidenceFile.sha256).where(EvidenceFile.sha256.in_(digests))
    return frozenset(uow.session.scalars(found))


def task_lines(uow: UnitOfWork, rows: Sequence[ServiceTask]) -> Iterator[TaskLine]:
    """Tasks as people read them, in the order given."""
    kept = _kept(uow, [row.about for row in rows if row.about])
    columns = (Notice.id, Notice.kind, Notice.recipient_key, Notice.subject_ref, Notice.latest_receipt_on)
    found = select(*columns).where(Notice.id.in_([row.notice_id for row in rows]))
    notices = {each.id: each for each in uow.session.execute(found)}
    cases = notice_cases.case_refs(uow, [each.subject_ref for each in notices.values()])
    for row in rows:
        notice = notices[row.notice_id]
        known = registry().get(notice.kind)
        yield TaskLine(
            id=row.id,
            kind=TaskKind(row.kind),
            label=LABELS[TaskKind(row.kind)],
            because=row.because,
            act_by=row.act_by,
            opened_at=row.opened_at,
            notice_id=row.notice_id,
            notice=known.label if known else notice.kind,
            to=RECIPIENTS.get(notice.recipient_key.partition(":")[0], "Somebody"),
            latest_receipt_on=notice.latest_receipt_on,
            case_ref=cases.get(notice.subject_ref),
            file=row.about if row.about in kept else None,
            done_at=row.done_at,
            done_how=row.done_how,
        )
