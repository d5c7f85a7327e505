"""
Events on their way: read off the history in its order, so that nothing is told of what was not committed and nothing is
left out; taken by one worker at a time, and what came of each try kept.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from casework.webhooks import signing
from casework.webhooks.addresses import HOOKS_LOCK, last_entry, standing
from casework.webhooks.events import MAKES, events_of
from casework.webhooks.models import State, Webhook, WebhookDelivery
from core import history
from core.db import BUSY_TIMEOUT_MS, lock_for_append
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork

READ_AT_ONCE = 500
WAITS = tuple(timedelta(minutes=each) for each in (1, 5, 30, 120, 300, 600, 1440, 1440))
"""How long after each try the next one is made; after the last there is none."""
MOST_AT_ONCE = 50
LAST_TRY_BEGINS_SECONDS = 15.0
"""After so long no further try is begun in a round."""
LONGEST_TRY_SECONDS = 10.0
WRITING_SECONDS = BUSY_TIMEOUT_MS / 1000
"""For what is written in a round besides its tries: so long a write may wait until others have written."""
LONGEST_ROUND_SECONDS = LAST_TRY_BEGINS_SECONDS + LONGEST_TRY_SECONDS + WRITING_SECONDS
"""A round that is not over by then hangs. Until then what it has taken is its own, and nobody else's."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event for one address."""

    delivery_id: uuid.UUID
    url: str
    event_id: str
    content: bytes
    secrets: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a try: `final` says that no other one could go better, `silent` that nobody answered."""

    told: bool
    final: bool
    says: str
    silent: bool = False


def gather(uow: UnitOfWork) -> int:
    """Make a delivery of each event that history holds since the last look; how many there are."""
    lock_for_append(uow.session, HOOKS_LOCK)
    last, made = last_entry(uow), 0
    for hook in standing(uow):
        since = select(HistoryEntry).where(HistoryEntry.seq > hook.told_to, HistoryEntry.seq <= last)
        rows = since.where(HistoryEntry.action.in_(list(MAKES))).order_by(HistoryEntry.seq).limit(READ_AT_ONCE)
        found = uow.session.scalars(rows).all()
        for entry in found:
            for told in events_of(entry):
                if told["type"] in hook.events:
                    uow.session.add(_delivery(uow, hook, entry, told))
                    made += 1
        hook.told_to = found[-1].seq if len(found) == READ_AT_ONCE else last
    uow.session.flush()
    return made


def anything_to_do(uow: UnitOfWork) -> bool:
    """Whether history holds something that nobody looked at for a webhook yet, or a delivery is due."""
    hooks, last = standing(uow), last_entry(uow)
    if any(hook.told_to < last for hook in hooks):
        return True
    due = _due(uow, [hook.id for hook in hooks if signing.secrets_of(hook, uow.now)])
    return uow.session.scalar(due.limit(1)) is not None


def _due(uow: UnitOfWork, hook_ids: Sequence[uuid.UUID]) -> Select[tuple[WebhookDelivery]]:
    waiting = select(WebhookDelivery).where(WebhookDelivery.state == State.WAITING, WebhookDelivery.next_at <= uow.now)
    return waiting.where(WebhookDelivery.webhook_id.in_(hook_ids))


def _delivery(uow: UnitOfWork, hook: Webhook, entry: HistoryEntry, told: Mapping[str, Any]) -> WebhookDelivery:
    event_id = history.digest([entry.hash, told["type"]])
    body = json.dumps({"id": event_id, **told}, sort_keys=True)
    row = WebhookDelivery(webhook_id=hook.id, event_id=event_id, seq=entry.seq, body=body, next_at=uow.now)
    row.state, row.tries = State.WAITING, 0
    return row


def take(uow: UnitOfWork) -> list[Parcel]:
    """
    The deliveries that are due, this worker's until the longest round is over: nothing is held while one is on its way.
    What cannot be signed waits, and in nobody's way, until its webhook's secret can be opened again or is another.
    """
    secrets = {hook.id: signing.secrets_of(hook, uow.now) for hook in standing(uow)}
    rows = _due(uow, [each for each, found in secrets.items() if found]).options(joinedload(WebhookDelivery.webhook))
    rows = rows.order_by(WebhookDelivery.next_at, WebhookDelivery.seq).limit(MOST_AT_ONCE)
    found = uow.session.scalars(rows.with_for_update(of=WebhookDelivery, skip_locked=True)).all()
    for row in found:
        row.tries, row.next_at = row.tries + 1, uow.now + timedelta(seconds=LONGEST_ROUND_SECONDS)
    return [Parcel(row.id, row.webhook.url, row.event_id, row.body.encode(), secrets[row.webhook_id]) for row in found]


def give_back(uow: UnitOfWork, delivery_id: uuid.UUID) -> None:
    """Let a delivery that was taken and not tried be due again in a minute; no try of it is counted."""
    row = uow.session.get_one(WebhookDelivery, delivery_id, with_for_update=True)
    if row.state is State.WAITING:
        row.tries, row.next_at = row.tries - 1, uow.now + WAITS[0]


def note(uow: UnitOfWork, delivery_id: uuid.UUID, answer: Answer) -> None:
    """Keep what came of a try; the next one is made after its wait, or it is given up."""
    row = uow.session.get_one(WebhookDelivery, delivery_id, with_for_update=True)
    if row.state is not State.WAITING:
        return
    row.answered = answer.says
    if answer.told:
        row.state = State.TOLD
    elif answer.final or row.tries > len(WAITS):
        row.state = State.DEAD
    else:
        row.next_at = uow.now + WAITS[row.tries - 1]
