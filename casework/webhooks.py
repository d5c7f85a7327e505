"""
Webhooks: addresses of other programs that are told of events. What is told is read off the history, in its order, so
that nothing is told of what was not committed and nothing is left out; it holds ids and no name.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import history, sealing
from core.db import Base, StoredEnum, lock_for_append, new_id
from core.errors import BadInput, ConfigurationError, Conflict, NotFound
from core.history import HistoryEntry
from core.settings import Settings, settings
from core.unit_of_work import UnitOfWork
from notifications.channels.outward import is_readable

MADE, ROTATED, ENDED = "webhook:address:made", "webhook:secret:rotated", "webhook:address:ended"
PURPOSE = "secrets of webhooks"
SECRET_BYTES = 32
PREFIX = "whsec_"
MOST = 20
READ_AT_ONCE = 500
OLD_SECRET_LASTS = timedelta(days=1)
"""How long an event is signed with the secret before the last one too, so that nobody has to change at one moment."""
HOOKS_LOCK = 0x484F4F4B
LONGEST_URL = 500


class Event(StrEnum):
    """What a program can be told of."""

    CASE_RECORDED = "case.recorded"
    DEADLINE_REACHED = "deadline.reached"
    NOTICE_PROVED = "notice.proved"
    NOTICE_BOUNCED = "notice.bounced"
    BALLOT_RESULT = "ballot.result"


EVENTS: Mapping[Event, str] = {
    Event.CASE_RECORDED: "Something was recorded of a case, and the stage it is at",
    Event.DEADLINE_REACHED: "A deadline has come near, or has passed unmet",
    Event.NOTICE_PROVED: "A notice is shown to have been received",
    Event.NOTICE_BOUNCED: "A notice came back, or was refused for good",
    Event.BALLOT_RESULT: "The result of a ballot was declared",
}
ACTIONS = {
    "case:event:recorded",
    "deadline:reminder:sent",
    "notifications:notice:receipt_recorded",
    "notifications:notice:receipt_shown",
    "notifications:notice:bounced",
    "notifications:notice:attempted",
}
"""What of the history makes an event."""


class State(StrEnum):
    """How far an event has come on its way to one address."""

    WAITING = "waiting"
    TOLD = "told"
    DEAD = "dead"


class Webhook(Base):
    """
    An address that is told of the `events` it names, signed with its `secret` (sealed). `told_to` is the last entry of
    the history that was looked at for it. `request_sha256` lets a request that is sent twice make one.
    """

    __tablename__ = "webhooks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    url: Mapped[str] = mapped_column(String(LONGEST_URL))
    events: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    rotated_at: Mapped[datetime | None]
    told_to: Mapped[int]
    request_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]


class WebhookDelivery(Base):
    """One event on its way to one address: the same `event_id` and the same `body` for every try."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_deliveries_state_next_at", "state", "next_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhooks.id"))
    event_id: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[State] = mapped_column(StoredEnum(State), default=State.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    answered: Mapped[str | None] = mapped_column(String(200))

    webhook: Mapped[Webhook] = relationship()


def make(uow: UnitOfWork, url: str, events: Sequence[str], request_key: str) -> tuple[Webhook, str | None]:
    """
    An address that is told from now on, and its secret, this once; no secret where the request was sent before.

    `BadInput` naming `url` or `events`; `Conflict` for the request's key with another address, or too many of them.
    """
    lock_for_append(uow.session, HOOKS_LOCK)
    require_usable(url)
    wanted = _known(events)
    asked = history.digest([uow.actor, request_key])
    before = uow.session.scalars(select(Webhook).where(Webhook.request_sha256 == asked)).one_or_none()
    if before is not None:
        if (before.url, before.events) != (url, wanted):
            raise Conflict("This key was used before for another webhook; nothing was made. Send a new key.")
        return before, None
    if len(standing(uow)) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already. End one first.")
    secret = new_secret()
    row = Webhook(id=new_id(), url=url, events=wanted, secret=sealed(settings(), secret), request_sha256=asked)
    row.told_to, row.made_at, row.made_by = _last(uow), uow.now, uow.actor
    uow.session.add(row)
    uow.session.flush()
    history.record(uow, MADE, f"webhook:{row.id}", {"events": wanted, "host": urlsplit(url).hostname})
    return row, secret


def rotate(uow: UnitOfWork, webhook_id: uuid.UUID) -> str:
    """A new secret, this once; for a day events are signed with the one so far too."""
    row = get(uow, webhook_id)
    secret = new_secret()
    row.old_secret, row.secret, row.rotated_at = row.secret, sealed(settings(), secret), uow.now
    history.record(uow, ROTATED, f"webhook:{row.id}")
    return secret


def end(uow: UnitOfWork, webhook_id: uuid.UUID) -> Webhook:
    """Tell an address nothing more; what was still on its way to it is given up. A second time changes nothing."""
    row = uow.session.get(Webhook, webhook_id, with_for_update=True)
    if row is None:
        raise NotFound("webhook", webhook_id)
    if row.ended_at is None:
        row.ended_at = uow.now
        waiting = select(WebhookDelivery).filter_by(webhook_id=row.id, state=State.WAITING)
        for each in uow.session.scalars(waiting):
            each.state, each.answered = State.DEAD, "the webhook was ended"
        history.record(uow, ENDED, f"webhook:{row.id}")
    return row


def get(uow: UnitOfWork, webhook_id: uuid.UUID) -> Webhook:
    """An address that is told, nobody else writing it until commit; `NotFound` for none, or one that was ended."""
    row = uow.session.get(Webhook, webhook_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        raise NotFound("webhook", webhook_id)
    return row


def standing(uow: UnitOfWork) -> Sequence[Webhook]:
    """Every address that is told, the one made first at the head."""
    rows = select(Webhook).where(Webhook.ended_at.is_(None)).order_by(Webhook.made_at, Webhook.id)
    return uow.session.scalars(rows).all()


def gather(uow: UnitOfWork) -> int:
    """Make a delivery of each event that history holds since the last look; how many there are."""
    lock_for_append(uow.session, HOOKS_LOCK)
    last, made = _last(uow), 0
    for hook in standing(uow):
        since = select(HistoryEntry).where(HistoryEntry.seq > hook.told_to, HistoryEntry.seq <= last)
        rows = since.where(HistoryEntry.action.in_(ACTIONS)).order_by(HistoryEntry.seq).limit(READ_AT_ONCE)
        found = uow.session.scalars(rows).all()
        for entry in found:
            for told in events_of(entry):
                if told["type"] in hook.events:
                    uow.session.add(_delivery(uow, hook, entry, told))
                    made += 1
        hook.told_to = found[-1].seq if len(found) == READ_AT_ONCE else last
    uow.session.flush()
    return made


def events_of(entry: HistoryEntry) -> list[dict[str, Any]]:
    """The events that an entry of history makes, as they are told: `{"type", "timestamp", "data"}`, ids only."""
    kind, _, key = entry.subject.partition(":")
    facts, at = entry.facts, entry.at.isoformat()
    found: list[tuple[Event, dict[str, Any]]] = []
    match entry.action:
        case "case:event:recorded":
            data = {"case": key, "event": facts["kind"], "stage": facts["stage"]}
            found.append((Event.CASE_RECORDED, data))
            if facts["kind"] == "result_declared":
                found.append((Event.BALLOT_RESULT, {"case": key}))
        case "deadline:reminder:sent":
            data = {"case": key, "deadline": str(facts["deadline"]), "level": facts["level"]}
            found.append((Event.DEADLINE_REACHED, data))
        case "notifications:notice:receipt_recorded" | "notifications:notice:receipt_shown":
            found.append((Event.NOTICE_PROVED, {kind: key}))
        case "notifications:notice:bounced":
            found.append((Event.NOTICE_BOUNCED, {kind: key}))
        case "notifications:notice:attempted" if facts.get("outcome") == "perm":
            found.append((Event.NOTICE_BOUNCED, {kind: key}))
    return [{"type": event.value, "timestamp": at, "data": data} for event, data in found]


def _delivery(uow: UnitOfWork, hook: Webhook, entry: HistoryEntry, told: Mapping[str, Any]) -> WebhookDelivery:
    event_id = history.digest([entry.hash, told["type"]])
    body = json.dumps({"id": event_id, **told}, sort_keys=True)
    row = WebhookDelivery(webhook_id=hook.id, event_id=event_id, seq=entry.seq, body=body, next_at=uow.now)
    row.state, row.tries = State.WAITING, 0
    return row


def require_usable(url: str) -> None:
    """`BadInput` for an address that is neither https nor http to this machine by its number."""
    wanted = "https://…, or http to this machine as http://127.0.0.1:PORT/…, without a name or password in it"
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.username is None and parts.password is None and parts.port != 0
    except ValueError:
        usable = False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not (usable and plain and is_readable(url) and (parts.scheme == "https" or is_this_machine(url))):
        raise BadInput(field="url", found=url, wanted=wanted)


def is_this_machine(url: str) -> bool:
    """Whether an address is of this machine, said as a number: a name could lead elsewhere later."""
    parts = urlsplit(url)
    try:
        return parts.scheme in {"http", "https"} and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def secrets_of(hook: Webhook, at: datetime) -> list[str]:
    """The secrets that an event is signed with now, the present one first."""
    kept = [hook.secret]
    if hook.old_secret is not None and hook.rotated_at is not None and at - hook.rotated_at < OLD_SECRET_LASTS:
        kept.append(hook.old_secret)
    return [opened(settings(), each) for each in kept]


def new_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(configured: Settings, secret: str) -> bytes:
    """A secret as it is stored."""
    return sealing.sealed(configured, PURPOSE, secret)


def opened(configured: Settings, kept: bytes) -> str:
    """A secret again; `ConfigurationError` when it was sealed under another signing secret of the installation."""
    secret = sealing.opened(configured, PURPOSE, kept)
    if secret is None:
        raise ConfigurationError(
            "The secrets of webhooks were sealed with another signing secret. Put it back, or rotate each of them."
        )
    return secret


def _known(events: Sequence[str]) -> list[str]:
    for each in events:
        if each not in list(Event):
            raise BadInput(field="events", found=each, wanted="some of " + ", ".join(Event))
    if not events:
        raise BadInput(field="events", found="none", wanted="at least one of " + ", ".join(Event))
    return [each.value for each in Event if each in events]


def _last(uow: UnitOfWork) -> int:
    return uow.session.scalar(select(func.max(HistoryEntry.seq))) or 0
