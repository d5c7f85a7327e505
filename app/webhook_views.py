"""Webhooks as the page, the API and the command line show them: never a secret."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from casework.webhooks import addresses, signing
from casework.webhooks.models import State, Webhook, WebhookDelivery
from core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """
    An address that is told: of what, how many events stand where, and what it answered to the last try. `failing` says
    why it is told nothing now, and what to do; None while nothing is in the way.
    """

    id: uuid.UUID
    url: str
    events: tuple[str, ...]
    made_at: datetime
    waiting: int
    told: int
    dead: int
    answered: str | None
    failing: str | None


def lines(uow: UnitOfWork) -> tuple[WebhookLine, ...]:
    """Every address that is told, the one made first at the head."""
    return tuple(line(uow, each) for each in addresses.standing(uow))


def line(uow: UnitOfWork, hook: Webhook) -> WebhookLine:
    """One of them."""
    counted = select(WebhookDelivery.state, func.count()).where(WebhookDelivery.webhook_id == hook.id)
    counts = dict(uow.session.execute(counted.group_by(WebhookDelivery.state)).tuples().all())
    tried = select(WebhookDelivery.answered).where(
        WebhookDelivery.webhook_id == hook.id, WebhookDelivery.answered.is_not(None)
    )
    last = uow.session.scalar(tried.order_by(WebhookDelivery.seq.desc()).limit(1))
    stand = (counts.get(State.WAITING, 0), counts.get(State.TOLD, 0), counts.get(State.DEAD, 0))
    failing = None if signing.secrets_of(hook, uow.now) else signing.UNOPENED
    return WebhookLine(hook.id, hook.url, tuple(hook.events), hook.made_at, *stand, last, failing)


def count_failing(uow: UnitOfWork) -> int:
    """How many addresses are told nothing now because their secret cannot be opened."""
    return sum(not signing.secrets_of(each, uow.now) for each in addresses.standing(uow))
