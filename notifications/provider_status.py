"""
What a provider says later of a text message or a letter it took. None of it proves receipt.

A machine that says "delivered" or "despatched" gives class C. One that says it failed takes back what machines said for
the notice, so that the next way is tried or a person asked. A letter that was despatched may still come back: the
provider is asked about it again, less often, for as long as letters come back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from sqlalchemy import exists, or_, select, update

from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import outbox, proof, tasks
from notifications.channels import Channel
from notifications.lifecycle import EvidenceClass, Medium, Outcome, State
from notifications.models import Attempt, Evidence, Notice
from notifications.proof import ReceiptKind
from notifications.tasks import TaskKind

ASKED_FOR = timedelta(days=3)
"""Providers of texts try no longer than this."""
LETTERS_ASKED_FOR = timedelta(days=28)
"""A letter that was not delivered comes back by then."""
ASKED_AGAIN = timedelta(hours=12)
"""How long after it was last asked about a letter that was despatched is asked about again."""
ASKED_AT_ONCE = 200
SILENT_IN_A_ROW = 3
"""A provider that says nothing so often is away, and is asked again by the next sweep."""
FAILED = "the provider could not deliver it"

SAID: Mapping[str, ReceiptKind] = MappingProxyType(
    {
        "delivered": ReceiptKind.DELIVERED,
        "posted": ReceiptKind.POSTED,
        "dispatched": ReceiptKind.POSTED,
        "despatched": ReceiptKind.POSTED,
    }
)
"""What counts as having been heard of: class C, whatever the provider calls it."""
UNDELIVERED = frozenset({"failed", "undelivered", "undeliverable", "rejected", "expired", "returned"})


@runtime_checkable
class CanBeAsked(Protocol):
    """A provider that says what became of what it took."""

    @property
    def name(self) -> str:
        """As it stands with attempts."""
        ...

    def status_of(self, provider_ref: str) -> str | None:
        """Its word for it in lower case; None when it says nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Open:
    """A notice that a provider took and whose end has not been heard of, and the attempt by which it took it."""

    notice_id: uuid.UUID
    attempt_id: uuid.UUID
    provider_ref: str


def hear(database: Database, channels: Mapping[Medium, Channel], actor: str, as_of: datetime | None = None) -> int:
    """
    Ask each provider what became of what it took of late; of how many it said something that is kept.

    It is asked outside any transaction, and each answer is recorded in one of its own.
    """
    return sum(
        _hear(database, medium, channel, actor, as_of)
        for medium, channel in channels.items()
        if isinstance(channel, CanBeAsked)
    )


def _hear(database: Database, medium: Medium, provider: CanBeAsked, actor: str, as_of: datetime | None) -> int:
    with reading(as_of=as_of, on=database) as uow:
        waiting = unheard(uow, medium, provider.name)
    kept = silent = 0
    asked: list[uuid.UUID] = []
    for each in waiting:
        status = provider.status_of(each.provider_ref)
        asked.append(each.attempt_id)
        silent = silent + 1 if status is None else 0
        if silent == SILENT_IN_A_ROW:
            break
        if status is not None:
            with unit_of_work(actor, as_of=as_of, on=database) as uow:
                kept += take_status(uow, each.notice_id, status)
    if asked:
        with unit_of_work(actor, as_of=as_of, on=database) as uow:
            uow.session.execute(update(Attempt).where(Attempt.id.in_(asked)).values(asked_at=uow.now))
    return kept


def unheard(uow: UnitOfWork, medium: Medium, name: str) -> Sequence[Open]:
    """
    What the provider took of late and has not said the end of, at most `ASKED_AT_ONCE`.

    What it was never asked about comes first, then what it was asked about the longest ago: each has its turn. That a
    letter was despatched is not its end.
    """
    told = exists().where(Evidence.notice_id == Notice.id, Evidence.revoked_at.is_(None))
    ended, asked_for = told, ASKED_FOR
    if medium is Medium.LETTER:
        ended, asked_for = told.where(Evidence.kind != ReceiptKind.POSTED), LETTERS_ASKED_FOR
    rows = (
        select(Notice.id, Attempt.id, Attempt.provider_ref)
        .join(Attempt, Attempt.notice_id == Notice.id)
        .where(
            Notice.medium == medium,
            Notice.state == State.ACCEPTED,
            Attempt.channel == name,
            Attempt.outcome == Outcome.ACCEPTED,
            Attempt.provider_ref.is_not(None),
            Attempt.finished_at >= uow.now - asked_for,
            ~ended,
            or_(~told, Attempt.asked_at.is_(None), Attempt.asked_at <= uow.now - ASKED_AGAIN),
        )
        .order_by(Attempt.asked_at.asc().nulls_first(), Attempt.finished_at, Notice.id)
        .limit(ASKED_AT_ONCE)
    )
    return [Open(notice, attempt, str(ref)) for notice, attempt, ref in uow.session.execute(rows).tuples()]


def take_status(uow: UnitOfWork, notice_id: uuid.UUID, status: str) -> bool:
    """
    Keep what a provider says of a notice; whether it said anything that is kept. A second time changes nothing, on
    whatever day it comes.

    A failure withdraws what machines said and asks a person to reach the recipient; what a person signed for stands.
    """
    notice = outbox.get(uow, notice_id)
    if status in SAID:
        if _is_known(uow, notice, SAID[status]):
            return False
        proof.record_receipt(
            uow,
            notice.id,
            evidence_class=EvidenceClass.C,
            kind=SAID[status],
            received_on=uow.today,
            recorded_by=uow.actor,
        )
        return True
    if status not in UNDELIVERED:
        return False
    proof.revoke_unless_proved(uow, notice.id, reason=FAILED)
    tasks.ask(uow, notice.id, TaskKind.REACH, FAILED, None)
    return True


def _is_known(uow: UnitOfWork, notice: Notice, kind: ReceiptKind) -> bool:
    same = select(Evidence.id).where(
        Evidence.notice_id == notice.id, Evidence.kind == kind.value, Evidence.revoked_at.is_(None)
    )
    return uow.session.scalar(same.limit(1)) is not None
