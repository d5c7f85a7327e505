"""
Telling webhooks: each event posted as JSON and signed, tried again with growing waits, and given up at last. Nothing is
redirected, and no name leads into a private network.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from casework.webhooks import addresses, signing
from casework.webhooks.queueing import (
    LAST_TRY_BEGINS_SECONDS,
    LONGEST_TRY_SECONDS,
    Answer,
    Parcel,
    anything_to_do,
    gather,
    give_back,
    note,
    take,
)
from core import sweeps
from core.clock import Clock
from core.db import Database
from core.settings import settings
from core.sweeps import SweepRun
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.channels.outward import AddressRefused, Lost, NotSent, Outward

SWEEP, ACTOR = "webhooks", "flow:webhooks"
PERIOD = timedelta(minutes=5)
"""So often it is noted that a round went well, though there was nothing to tell."""
GONE = 410
NOTHING = {"gathered": 0, "told": 0, "failed": 0}
NEVER = threading.Event()


def send_due(database: Database, stop: threading.Event = NEVER) -> dict[str, int]:
    """Gather what history holds, tell whoever is due once, and count. Told to `stop`, it ends after the try at hand."""
    with reading(on=database) as uow:
        if not addresses.standing(uow):
            return NOTHING
        if not anything_to_do(uow):
            last = uow.session.get(SweepRun, SWEEP)
            seldom = last is not None and timedelta() <= uow.now - last.last_success_at < PERIOD
            return NOTHING if seldom else _succeeded(database, NOTHING)
    with unit_of_work(ACTOR, on=database) as uow:
        gathered = gather(uow)
        parcels = take(uow)
    told, failed = _tell(database, parcels, stop)
    return _succeeded(database, {"gathered": gathered, "told": told, "failed": failed})


def _tell(database: Database, parcels: list[Parcel], stop: threading.Event) -> tuple[int, int]:
    told, failed, until = 0, 0, time.monotonic() + LAST_TRY_BEGINS_SECONDS
    # Waited for once: what else is due at an address that does not answer has had its try with the first.
    silent: dict[str, Answer] = {}
    for parcel in parcels:
        if stop.is_set() or time.monotonic() > until:
            with unit_of_work(ACTOR, on=database) as uow:
                give_back(uow, parcel.delivery_id)
            continue
        answer = silent.get(parcel.url) or post(parcel)
        if answer.silent:
            silent[parcel.url] = answer
        told, failed = told + answer.told, failed + (not answer.told)
        with unit_of_work(ACTOR, on=database) as uow:
            note(uow, parcel.delivery_id, answer)
    return told, failed


def _succeeded(database: Database, counts: dict[str, int]) -> dict[str, int]:
    with unit_of_work(ACTOR, on=database) as uow:
        return sweeps.succeeded(uow, SWEEP, counts).counts


def is_late(uow: UnitOfWork) -> bool:
    """Whether somebody is to be told, and no round went well for two periods."""
    hooks, last = addresses.standing(uow), uow.session.get(SweepRun, SWEEP)
    if not hooks:
        return False
    began = max(min(hook.made_at for hook in hooks), last.last_success_at if last else hooks[0].made_at)
    return uow.now - began > sweeps.MISSED_PERIODS * PERIOD


def post(parcel: Parcel) -> Answer:
    """One try. Nothing of what the other program says is kept but its status."""
    at = int(Clock().now().timestamp())
    signatures = [signing.signed(each, parcel.event_id, at, parcel.content) for each in parcel.secrets]
    headers = {
        "Content-Type": "application/json",
        "webhook-id": parcel.event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signatures),
    }
    if addresses.is_own(parcel.url, settings()):
        return Answer(told=False, final=True, says="the address is this service's own")
    try:
        private = addresses.is_this_machine(parcel.url)
        with Outward(private=private, ca_file=settings().ca_file, seconds=LONGEST_TRY_SECONDS) as http:
            status = http.request("POST", parcel.url, headers=headers, content=parcel.content).status
    except AddressRefused as error:
        return Answer(told=False, final=True, says=str(error))
    except (NotSent, Lost) as error:
        return Answer(told=False, final=False, says=str(error)[:200], silent=True)
    return Answer(told=200 <= status < 300, final=status == GONE, says=f"status {status}")
