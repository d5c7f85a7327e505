"""
Telling webhooks: each event posted as JSON and signed, in the manner of Standard Webhooks; tried again with growing
waits, and given up at last. Nothing is redirected, and no name leads into a private network.
"""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework import webhooks
from casework.webhooks import PREFIX, State, WebhookDelivery
from core import sweeps
from core.clock import Clock
from core.db import Database
from core.settings import settings
from core.signing import signature
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.channels.outward import AddressRefused, Lost, NotSent, Outward

SWEEP, ACTOR = "webhooks", "flow:webhooks"
WAITS = tuple(timedelta(minutes=each) for each in (1, 5, 30, 120, 300, 600, 1440, 1440))
"""How long after each try the next one is made; after the last there is none."""
A_ROUND = 50
SECONDS = 10.0
ROUND_SECONDS = 15.0
"""After so long no further try is begun in a round: the worker that makes them has stand-downs to send too."""
LEASE = timedelta(seconds=2 * A_ROUND * SECONDS)
"""Longer than a round in which nobody answers: no other worker takes what this one has not told yet."""
GONE = 410


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


def send_due(database: Database) -> dict[str, int]:
    """Gather what history holds, tell whoever is due once, and count."""
    with reading(on=database) as uow:
        if not webhooks.standing(uow):
            return {"gathered": 0, "told": 0, "failed": 0}
    with unit_of_work(ACTOR, on=database) as uow:
        gathered = webhooks.gather(uow)
        parcels = take(uow)
    told, failed, began = 0, 0, time.monotonic()
    # Waited for once: what else is due at an address that does not answer has had its try with the first.
    silent: dict[str, Answer] = {}
    for parcel in parcels:
        if time.monotonic() - began > ROUND_SECONDS:
            with unit_of_work(ACTOR, on=database) as uow:
                give_back(uow, parcel.delivery_id)
            continue
        answer = silent.get(parcel.url) or post(parcel)
        if answer.silent:
            silent[parcel.url] = answer
        told, failed = told + answer.told, failed + (not answer.told)
        with unit_of_work(ACTOR, on=database) as uow:
            note(uow, parcel.delivery_id, answer)
    if not (gathered or parcels):
        return {"gathered": 0, "told": 0, "failed": 0}
    with unit_of_work(ACTOR, on=database) as uow:
        counts = {"gathered": gathered, "told": told, "failed": failed}
        return sweeps.succeeded(uow, SWEEP, counts).counts


def take(uow: UnitOfWork) -> list[Parcel]:
    """The deliveries that are due, this worker's for the length of a lease: nothing is held while one is on its way."""
    due = select(WebhookDelivery).where(WebhookDelivery.state == State.WAITING, WebhookDelivery.next_at <= uow.now)
    rows = due.options(joinedload(WebhookDelivery.webhook)).order_by(WebhookDelivery.next_at, WebhookDelivery.seq)
    found = uow.session.scalars(rows.limit(A_ROUND).with_for_update(of=WebhookDelivery, skip_locked=True)).all()
    for row in found:
        row.tries += 1
        row.next_at = uow.now + LEASE
    return [
        Parcel(row.id, row.webhook.url, row.event_id, row.body.encode(), webhooks.secrets_of(row.webhook, uow.now))
        for row in found
    ]


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


def post(parcel: Parcel) -> Answer:
    """One try. Nothing of what the other program says is kept but its status."""
    at = int(Clock().now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": parcel.event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signed(each, parcel.event_id, at, parcel.content) for each in parcel.secrets),
    }
    try:
        private = webhooks.is_this_machine(parcel.url)
        with Outward(private=private, ca_file=settings().ca_file, seconds=SECONDS) as http:
            status = http.request("POST", parcel.url, headers=headers, content=parcel.content).status
    except AddressRefused as error:
        return Answer(told=False, final=True, says=str(error))
    except (NotSent, Lost) as error:
        return Answer(told=False, final=False, says=str(error)[:200], silent=True)
    return Answer(told=200 <= status < 300, final=status == GONE, says=f"status {status}")


def signed(secret: str, event_id: str, at: int, content: bytes) -> str:
    """The signature of one secret: HMAC-SHA-256 of the id, the second and the body, joined by full stops."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(signature(key, f"{event_id}.{at}.".encode() + content, 32)).decode()
