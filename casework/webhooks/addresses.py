"""Which addresses are told: made, given another secret, ended. Each is usable when it is made, and looked at again."""

from __future__ import annotations

import ipaddress
import socket
import uuid
from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import func, select

from casework.webhooks import signing
from casework.webhooks.events import Event
from casework.webhooks.models import LONGEST_URL, State, Webhook, WebhookDelivery
from core import history
from core.db import lock_for_append, new_id
from core.errors import BadInput, Conflict, NotFound, require_each
from core.history import HistoryEntry
from core.settings import Settings, settings
from core.unit_of_work import UnitOfWork
from notifications.channels.outward import is_public, is_readable

MADE, ROTATED, ENDED = "webhook:address:made", "webhook:secret:rotated", "webhook:address:ended"
MOST = 20
HOOKS_LOCK = 0x484F4F4B
PORTS = {"http": 80, "https": 443}
INSIDE = (".localhost", ".local", ".internal", ".home.arpa", ".lan")
"""The ends of names that lead nowhere on the internet."""
NOT_INSIDE = (
    "an address of the public internet: this one leads into a private network or to this machine, and nothing is sent "
    "there; a program on this machine is told at http://127.0.0.1:PORT/…"
)


def make(uow: UnitOfWork, url: str, events: Sequence[str], request_key: str) -> tuple[Webhook, str | None]:
    """
    An address that is told from now on, and its secret, this once; no secret where the request was sent before.

    `BadInput` naming `url` or `events`; `Conflict` for the request's key with another address, or too many of them.
    """
    lock_for_append(uow.session, HOOKS_LOCK)
    _, wanted = require_each(partial(require_usable, url), partial(_known, events))
    asked = history.digest([uow.actor, request_key])
    before = uow.session.scalars(select(Webhook).where(Webhook.request_sha256 == asked)).one_or_none()
    if before is not None:
        if (before.url, before.events) != (url, wanted):
            raise Conflict("This key was used before for another webhook; nothing was made. Send a new key.")
        return before, None
    if len(standing(uow)) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already. End one first.")
    secret = signing.new_secret()
    row = Webhook(id=new_id(), url=url, events=wanted, secret=signing.sealed(settings(), secret), request_sha256=asked)
    row.told_to, row.made_at, row.made_by = last_entry(uow), uow.now, uow.actor
    uow.session.add(row)
    uow.session.flush()
    history.record(uow, MADE, row.ref, {"events": wanted, "host": urlsplit(url).hostname})
    return row, secret


def rotate(uow: UnitOfWork, webhook_id: uuid.UUID, request_key: str) -> str | None:
    """
    A new secret, this once; for a day events are signed with the one so far too. None where the request was sent
    before: it counted then, and its secret was shown then.
    """
    row, asked = get(uow, webhook_id), history.digest([uow.actor, request_key])
    rotations = select(HistoryEntry).where(HistoryEntry.subject == row.ref, HistoryEntry.action == ROTATED)
    if any(entry.facts.get("request_sha256") == asked for entry in uow.session.scalars(rotations)):
        return None
    secret = signing.new_secret()
    signing.replace(row, secret, uow.now)
    history.record(uow, ROTATED, row.ref, {"request_sha256": asked})
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
        history.record(uow, ENDED, row.ref)
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


def last_entry(uow: UnitOfWork) -> int:
    """The number of the newest entry of history."""
    return uow.session.scalar(select(func.max(HistoryEntry.seq))) or 0


def require_usable(url: str) -> None:
    """`BadInput` for an address that is neither https to the internet nor of another program here, by its number."""
    wanted = "https://…, or http to this machine as http://127.0.0.1:PORT/…, without a name or password in it"
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.username is None and parts.password is None and parts.port != 0
    except ValueError:
        usable = False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not (usable and plain and is_readable(url) and (parts.scheme == "https" or is_this_machine(url))):
        raise BadInput(field="url", found=url, wanted=wanted)
    if not is_this_machine(url) and leads_inside(parts.hostname or ""):
        raise BadInput(field="url", found=url, wanted=NOT_INSIDE)
    if is_own(url, settings()):
        raise BadInput(field="url", found=url, wanted="a port of another program than this service and its Prefect")


def leads_inside(host: str) -> bool:
    """
    Whether a host lies in a private network or on this machine, as far as it shows without asking anybody: by its
    number, however it is written, or by a name that is no name of the internet (RFC 6761, RFC 6762, RFC 8375).
    """
    name = host.rstrip(".").lower()
    try:
        return not is_public(name)
    except ValueError:
        pass
    try:
        return not is_public(socket.inet_ntoa(socket.inet_aton(name)))
    except OSError:
        return "." not in name or name.endswith(INSIDE)


def is_this_machine(url: str) -> bool:
    """Whether an address is of this machine, said as a number: a name could lead elsewhere later."""
    parts = urlsplit(url)
    try:
        return parts.scheme in PORTS and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def is_own(url: str, configured: Settings) -> bool:
    """Whether an address leads back to this service: to its dashboard, or to the server of Prefect beside it."""
    if not is_this_machine(url):
        return False
    ports = {configured.dashboard_port, configured.prefect_port}
    if configured.prefect_api_url:
        ports.add(_port(configured.prefect_api_url))
    return _port(url) in ports


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or PORTS.get(parts.scheme, 0)


def _known(events: Sequence[str]) -> list[str]:
    for each in events:
        if each not in list(Event):
            raise BadInput(field="events", found=each, wanted="some of " + ", ".join(Event))
    if not events:
        raise BadInput(field="events", found="none", wanted="at least one of " + ", ".join(Event))
    return [each.value for each in Event if each in events]
