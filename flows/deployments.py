"""The one registry of flows that run by the clock: what, when, and how long silence may last."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from prefect import Flow
from prefect.schedules import Cron

from flows.deadline_sweep import deadline_sweep
from flows.outbox_delivery import outbox_delivery
from flows.service_sweep import service_sweep

Sweep = Flow[[], Awaitable[None]]
LONDON = "Europe/London"
DEPLOYMENT = "by-the-clock"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A flow without parameters, its cron line in London time, and the period that the line means."""

    flow: Sweep
    cron: str
    period: timedelta


SCHEDULED: Mapping[str, Scheduled] = {
    deadline_sweep.name: Scheduled(deadline_sweep, "*/15 * * * *", timedelta(minutes=15)),
    outbox_delivery.name: Scheduled(outbox_delivery, "* * * * *", timedelta(minutes=1)),
    service_sweep.name: Scheduled(service_sweep, "*/5 * * * *", timedelta(minutes=5)),
}


async def register() -> dict[uuid.UUID, Sweep]:
    """Tell the Prefect server of every scheduled flow; the same again changes nothing. Gives the deployments' ids."""
    registered: dict[uuid.UUID, Sweep] = {}
    for each in SCHEDULED.values():
        schedule = Cron(each.cron, timezone=LONDON)
        deployment = await each.flow.ato_deployment(DEPLOYMENT, schedule=schedule)
        registered[await deployment.aapply()] = each.flow
    return registered
