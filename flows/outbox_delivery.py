"""Delivery of what is due: a clock for `notifications.delivery`, which alone sends and alone tries again."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict

from prefect import flow, task

from ballots import gate
from core import sweeps
from core.db import database
from core.settings import settings
from core.unit_of_work import unit_of_work
from flows.batches import CHUNK, FLOW, TASK, call
from flows.edge import sealed
from flows.errors import Failure, StepsFailed
from flows.hooks import keep
from notifications.channels.configured import configured_channels
from notifications.delivery import DeliveryReport, deliver_due

NAME = "outbox_delivery"


# No retries: a second try belongs to the outbox, which knows whether a copy may have gone out.
@task(name="deliver", **TASK)
@sealed
async def deliver() -> DeliveryReport:
    """Hand at most one chunk of due notices to their channels."""
    return await asyncio.to_thread(_deliver)


def _deliver() -> DeliveryReport:
    return deliver_due(database(), configured_channels(settings()), limit=CHUNK, gate=gate.keeper())


def _note_success(reports: list[DeliveryReport]) -> list[Failure]:
    counts: Counter[str] = Counter()
    failed: list[Failure] = []
    for report in reports:
        numbers = asdict(report)
        sentences = numbers.pop("failures")
        counts.update(numbers)
        failed += [_failure(sentence) for sentence in sentences]
    with unit_of_work(f"flow:{NAME}") as uow:
        keep(uow, NAME, failed, ())
        sweeps.succeeded(uow, NAME, {**counts, "failed": len(failed)})
    return failed


def _failure(sentence: str) -> Failure:
    subject, _, error = sentence.rpartition(": ")
    return Failure(subject, error, "notifications/delivery.py")


@flow(name=NAME, **FLOW)
@sealed
async def outbox_delivery() -> None:
    """Deliver chunk by chunk until nothing more is due; several workers may do so at once."""
    reports = [await call(deliver)]
    while reports[-1].due == CHUNK and not reports[-1].failures:
        reports.append(await call(deliver))
    failed = await asyncio.to_thread(_note_success, reports)
    if failed:
        raise StepsFailed(failed)
