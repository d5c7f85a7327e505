"""
Claims: the right of one worker to send a notice once, written down before anything leaves.

Several notices are claimed in one transaction, with an attempt on record for each. Who claims holds the rows, so that
no two workers have the same one; the epoch tells the results of an earlier claim from those of a later.
"""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import defer

from core import workers
from core.calendar import in_words
from core.clock import Clock
from core.db import new_id
from core.unit_of_work import UnitOfWork
from notifications import lost_sends, outbox, waiting
from notifications.channels import Channel, Parcel
from notifications.lifecycle import Medium, State
from notifications.models import Attempt, Notice
from notifications.pacing import A_MINUTE, Pace, domain_of
from notifications.rendering import sha256

LEASE = timedelta(minutes=5)
WITHOUT_TEXTS = (Notice.facts, Notice.law, Notice.body, Notice.html, Notice.attachment)
"""What is long and not needed to decide what becomes of a notice."""
Gate = Callable[[UnitOfWork, Notice], str | None]
"""Why a notice has to wait for a person although it is due; None lets it go."""


class Then(StrEnum):
    """What becomes of a notice that was claimed and is not handed over."""

    WAIT = "wait"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a notice is not handed over although it was claimed. Nothing of it has gone out."""

    then: Then
    because: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one notice once, until `lease_until`."""

    parcel: Parcel
    attempt_id: uuid.UUID
    lease_until: datetime
    clock: Clock
    began: float = field(default_factory=time.monotonic)

    @property
    def notice_id(self) -> uuid.UUID:
        """Of which notice."""
        return self.parcel.notice_id


@dataclass(slots=True)
class Claimed:
    """What came of one look at several notices that were due; `kept_back` says why some must wait for a person."""

    claims: list[Claim] = field(default_factory=list)
    kept_back: dict[uuid.UUID, str] = field(default_factory=dict)
    paced: int = 0


def claim_all(
    uow: UnitOfWork, ids: Sequence[uuid.UUID], channels: Mapping[Medium, Channel], gate: Gate | None, pace: Pace
) -> Claimed:
    """
    Take those of the notices that are still due and nobody else holds, in the order of the ids.

    What may not go is held; what is beyond the pace of its domain is due again later, without an attempt.
    """
    claimed, going = Claimed(), []
    if pace.a_minute:
        pace.renew(_begun_of_late(uow))
    for notice in _locked(uow, ids):
        because = _unsealed(notice) or kept_back(uow, notice, gate)
        if because is not None:
            claimed.kept_back[notice.id] = because
        elif (later := _later(uow, notice, channels[notice.medium], pace)) is not None:
            notice.send_after = later
            claimed.paced += 1
        else:
            going.append(notice)
    claimed.claims = _taken(uow, going, channels)
    return claimed


def hold_all(uow: UnitOfWork, kept: Mapping[uuid.UUID, str]) -> int:
    """Let notices that are still due wait for a person; how many did. One that somebody else holds is left."""
    rows = _free(list(kept)).options(*map(defer, WITHOUT_TEXTS))
    notices = uow.session.scalars(rows).all()
    for notice in notices:
        outbox.keep(uow, notice, kept[notice.id])
    return len(notices)


def kept_back(uow: UnitOfWork, notice: Notice, gate: Gate | None) -> str | None:
    """Why a notice waits for a person today, if it does."""
    if outbox.comes_too_late(uow, notice):
        assert notice.latest_receipt_on is not None
        return f"the last day on which receipt is in time, {in_words(notice.latest_receipt_on)}, has passed"
    return lost_sends.went_out(uow, notice) or (gate(uow, notice) if gate is not None else None)


def _locked(uow: UnitOfWork, ids: Sequence[uuid.UUID]) -> list[Notice]:
    rows = _free(ids).where(Notice.send_after <= uow.now).options(defer(Notice.facts), defer(Notice.law))
    by_id = {notice.id: notice for notice in uow.session.scalars(rows)}
    return [by_id[each] for each in ids if each in by_id]


def _free(ids: Sequence[uuid.UUID]) -> Select[tuple[Notice]]:
    """Those that are to be sent and nobody else holds, to be held."""
    due = select(Notice).where(Notice.id.in_(ids), Notice.state.in_(waiting.DUE_STATES))
    return due.with_for_update(skip_locked=True)


def _unsealed(notice: Notice) -> str | None:
    sealed = (
        (notice.body, notice.sha256),
        (notice.attachment, notice.attachment_sha256),
        (notice.html, notice.html_sha256),
    )
    whole = all((None if content is None else sha256(content)) == digest for content, digest in sealed)
    return None if whole else "the stored bytes are not those that were sealed"


def _later(uow: UnitOfWork, notice: Notice, channel: Channel, pace: Pace) -> datetime | None:
    # A channel that knows its own copies lays files: no domain is at the other end of it.
    if notice.medium is not Medium.MAIL or channel.idempotent:
        return None
    return pace.later(domain_of(notice.recipient_email), uow.now)


def _begun_of_late(uow: UnitOfWork) -> dict[str, list[datetime]]:
    begun = (
        select(Notice.recipient_email, Attempt.started_at)
        .join(Notice, Notice.id == Attempt.notice_id)
        .where(Attempt.started_at > uow.now - A_MINUTE, Notice.medium == Medium.MAIL)
    )
    by_domain: dict[str, list[datetime]] = defaultdict(list)
    for address, at in uow.session.execute(begun).tuples():
        by_domain[domain_of(address)].append(at)
    return by_domain


def _taken(uow: UnitOfWork, going: Sequence[Notice], channels: Mapping[Medium, Channel]) -> list[Claim]:
    if not going:
        return []
    now, lease_until = uow.now, uow.now + LEASE
    marked = uow.session.execute(
        update(Notice)
        .where(Notice.id.in_([notice.id for notice in going]), Notice.state.in_(waiting.DUE_STATES))
        .values(state=State.SENDING, epoch=Notice.epoch + 1, lease_until=lease_until, taken_by=workers.present_id())
        .execution_options(synchronize_session=False)
    )
    if getattr(marked, "rowcount", 0) != len(going):
        raise RuntimeError("a notice that this transaction holds was changed by another")
    claims = [Claim(_parcel(notice), new_id(), lease_until, uow.clock) for notice in going]
    attempts = [
        {
            "id": claim.attempt_id,
            "notice_id": claim.notice_id,
            "epoch": claim.parcel.epoch,
            "channel": channels[claim.parcel.medium].name,
            "started_at": now,
        }
        for claim in claims
    ]
    uow.session.execute(insert(Attempt), attempts)
    return claims


def _parcel(notice: Notice) -> Parcel:
    return Parcel(
        notice_id=notice.id,
        epoch=notice.epoch + 1,
        kind=notice.kind,
        medium=notice.medium,
        message_id=notice.message_id,
        recipient_name=notice.recipient_name,
        recipient_email=notice.recipient_email,
        subject_line=notice.subject_line,
        body=notice.body,
        content_type=notice.content_type,
        sha256=notice.sha256,
        attachment=notice.attachment,
        dated_at=notice.queued_at or notice.created_at,
        html=notice.html,
        recipient_postal=tuple(notice.recipient_postal),
        recipient_phone=notice.recipient_phone,
        recipient_webhook=notice.recipient_webhook,
        sender=notice.sender,
        recipient_key=notice.recipient_key,
    )
