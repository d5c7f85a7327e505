"""
Delivery of what is due: a clock for `notifications.delivery`, which alone sends and alone tries again.

Messages of a stand-down are made here, between two rounds: the first leave while the others are still being made.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict
from datetime import timedelta

from prefect import flow, task

from ballots import gate, stand_down_messages
from casework import stand_downs
from casework.pay import journalled  # noqa: F401  a delivery compares the lines of payment files too
from core import sweeps
from core.db import database
from core.settings import settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows.batches import CHUNK, FLOW, RETRIED, TASK, call
from flows.edge import sealed
from flows.errors import Failure, StepsFailed, SweepIncomplete
from flows.hooks import keep
from flows.telling import telling
from notifications import waiting
from notifications.channels.configured import configured_channels
from notifications.delivery import DeliveryReport, deliver_due

NAME = "outbox_delivery"
TOLD_FIRST = 25
"""Messages of a stand-down that are made before the first of them leave: those of officers and reps, as a rule."""
OVERLOOKED = timedelta(minutes=3)


# No retries: a second try belongs to the outbox, which knows whether a copy may have gone out.
@task(name="deliver", **TASK)
@sealed
async def deliver() -> DeliveryReport:
    """Hand at most one chunk of due notices to their channels."""
    return await asyncio.to_thread(_deliver)


@task(name="tell_stood_down", **RETRIED)
@sealed
async def tell_stood_down(most: int) -> int:
    """Make the messages of a stand-down for some of those who have none yet; for how many."""
    return await asyncio.to_thread(_tell_stood_down, most)


def _tell_stood_down(most: int) -> int:
    told = 0
    while told < most:
        with reading() as uow:
            if not stand_downs.anybody_untold(uow):
                break
        with unit_of_work(f"flow:{NAME}") as uow:
            made = stand_down_messages.tell(uow, min(most, stand_down_messages.TOGETHER))
        if not made:  # another worker is about it
            break
        told += made
    return told


def _deliver() -> DeliveryReport:
    return deliver_due(database(), configured_channels(settings()), limit=CHUNK, keeper=gate.keeper)


def _note_success(failed: list[Failure], counts: Counter[str]) -> dict[str, int]:
    with unit_of_work(f"flow:{NAME}") as uow:
        if not failed and not counts["quarantined"] and overlooks_a_notice(uow):
            raise SweepIncomplete(1)
        keep(uow, NAME, failed, ())
        return sweeps.succeeded(uow, NAME, {**counts, "failed": len(failed)}).counts


def _summed(reports: list[DeliveryReport]) -> tuple[list[Failure], Counter[str]]:
    """What failed in all deliveries of a sweep, and their numbers."""
    counts: Counter[str] = Counter()
    failed: list[Failure] = []
    for report in reports:
        numbers = asdict(report)
        failed += [_failure(sentence) for sentence in numbers.pop("failures")]
        counts.update(numbers)
    return failed, counts


def overlooks_a_notice(uow: UnitOfWork) -> bool:
    """
    Whether a notice has waited for longer than two sweeps.

    The earliest instant is compared here and not by the database, as with the reminders that a sweep left.
    """
    since = waiting.first_unsent(uow, list(configured_channels(settings())))
    return since is not None and uow.now - since > OVERLOOKED


def _failure(sentence: str) -> Failure:
    subject, _, error = sentence.rpartition(": ")
    return Failure(subject, error, "notifications/delivery.py")


@flow(name=NAME, **FLOW)
@sealed
async def outbox_delivery() -> None:
    """Deliver chunk by chunk until nothing more is due; several workers may do so at once."""
    with telling(NAME) as counts:
        reports: list[DeliveryReport] = []
        more = True
        while more:
            told = await call(tell_stood_down, CHUNK if reports else TOLD_FIRST)
            reports.append(await call(deliver))
            more = told > 0 or (reports[-1].due == CHUNK and not reports[-1].failures)
        failed, summed = _summed(reports)
        counts |= await asyncio.to_thread(_note_success, failed, summed)
        if failed:
            raise StepsFailed(failed)
