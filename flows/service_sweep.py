"""
Proof of service: the mailbox is read, silence that shows receipt is recorded, and papers climb the evidence ladder.

A clock for `notifications.mailbox` and `notifications.climbing`, which decide. What a mail or a silence changes is
looked at again by the cases it concerns.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from prefect import flow, task

from ballots.doubts import look_at_cases_of
from core import sweeps
from core.db import database
from core.settings import settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows.batches import FLOW, RETRIED, call, each_row, in_chunks
from flows.edge import place_of, sealed
from flows.errors import Failure, StepsFailed
from flows.hooks import keep
from flows.telling import telling
from notifications import climbing, mailbox, outbox, print_receipts, provider_status
from notifications.channels.configured import configured_channels
from notifications.inbox import Taken

NAME = "service_sweep"
THE_MAILBOX = "mailbox:configured"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came by mail, by reading, and what failed."""

    counts: dict[str, int]
    failed: list[Failure]


@task(name="read_mail", **RETRIED)
@sealed
async def read_mail() -> Heard:
    """Take every unread mail; a mailbox that cannot be reached fails this part only."""
    return await asyncio.to_thread(_read_mail)


def _read_mail() -> Heard:
    configured = settings()
    if not mailbox.is_read(configured):
        return Heard({}, [])
    try:
        report = mailbox.read_mailboxes(database(), configured, after=_after)
    except Exception as error:  # noqa: BLE001 - a mailbox that is away must not keep papers from climbing
        failure = Failure(THE_MAILBOX, type(error).__name__, place_of(error))
        return Heard({}, [failure])
    failed = [Failure(THE_MAILBOX, name, "notifications/mailbox.py") for name in sorted(set(report.failures))]
    counts = {**report.counts, "set_aside": report.set_aside}
    if report.to_the_end:
        with unit_of_work(f"flow:{NAME}") as uow:
            sweeps.succeeded(uow, climbing.MAILBOX, counts)
    return Heard(counts, failed)


def _after(uow: UnitOfWork, taken: Taken) -> None:
    if taken.notice is not None:
        look_at_cases_of(uow, taken.notice)


@task(name="hear_carriers", **RETRIED)
@sealed
async def hear_carriers() -> dict[str, int]:
    """Ask the providers of texts and post what became of theirs, and a person after letters nobody speaks of."""
    return await asyncio.to_thread(_hear_carriers)


def _hear_carriers() -> dict[str, int]:
    configured, actor = settings(), f"flow:{NAME}"
    said = provider_status.hear(database(), configured_channels(configured), actor)
    with unit_of_work(actor) as uow:
        late = print_receipts.alarm(uow, configured.print_receipt_days)
    return {"providers_said": said, "letters_overdue": late}


@dataclass(frozen=True, slots=True)
class Due:
    """Ids of notices, by what has to be done for them."""

    bounced: list[str]
    silent: list[str]
    to_climb: list[str]


@task(name="find_unproved", **RETRIED)
@sealed
async def find_unproved() -> Due:
    """The notices for which something follows now."""
    return await asyncio.to_thread(_find_unproved)


def _find_unproved() -> Due:
    with reading() as uow:
        found = (climbing.bounced_before_their_result(uow), climbing.silent(uow), climbing.to_climb(uow))
    return Due(*(list(map(str, ids)) for ids in found))


@task(name="settle_bounces", **RETRIED)
@sealed
async def settle_bounces(notice_ids: list[str]) -> list[Failure]:
    """Take proof back where a bounce came before the result of the send."""
    return await each_row(NAME, "notice", notice_ids, _looked_at(climbing.settle_bounce))


@task(name="take_silence", **RETRIED)
@sealed
async def take_silence(notice_ids: list[str]) -> list[Failure]:
    """Record which mails did not bounce for long enough."""
    return await each_row(NAME, "notice", notice_ids, _looked_at(climbing.take_silence))


@task(name="climb", **RETRIED)
@sealed
async def climb(notice_ids: list[str]) -> list[Failure]:
    """Try the next channel for each paper that nothing shows to have arrived, or ask a person."""
    return await each_row(NAME, "notice", notice_ids, _climb)


def _climb(uow: UnitOfWork, notice_id: uuid.UUID) -> None:
    climbing.climb(uow, notice_id)


def _looked_at(step: Callable[[UnitOfWork, uuid.UUID], bool]) -> Callable[[UnitOfWork, uuid.UUID], None]:
    def done(uow: UnitOfWork, notice_id: uuid.UUID) -> None:
        if step(uow, notice_id):
            look_at_cases_of(uow, outbox.get(uow, notice_id))

    return done


@task(name="note_service", **RETRIED)
@sealed
async def note_service(heard: Heard, due: Due, failed: list[Failure]) -> dict[str, int]:
    """Keep the success with its counts, and what failed."""
    return await asyncio.to_thread(_note_service, heard, due, failed)


def _note_service(heard: Heard, due: Due, failed: list[Failure]) -> dict[str, int]:
    ids = [*due.bounced, *due.silent, *due.to_climb]
    counts = Counter(heard.counts)
    counts.update({"silent": len(due.silent), "climbed": len(due.to_climb), "failed": len(failed)})
    with unit_of_work(f"flow:{NAME}") as uow:
        tried = {THE_MAILBOX, *(f"notice:{each}" for each in ids)}
        keep(uow, NAME, failed, tried - {failure.subject for failure in failed})
        return sweeps.succeeded(uow, NAME, counts).counts


@flow(name=NAME, **FLOW)
@sealed
async def service_sweep() -> None:
    """Hear what came back, then bring every paper that is not shown to have arrived one step further."""
    with telling(NAME) as counts:
        heard = await call(read_mail)
        carried = await call(hear_carriers)
        due = await call(find_unproved)
        failed = [*heard.failed]
        failed += await in_chunks(settle_bounces, due.bounced)
        failed += await in_chunks(take_silence, due.silent)
        failed += await in_chunks(climb, due.to_climb)
        counts |= carried | await call(note_service, heard, due, failed)
        if failed:
            raise StepsFailed(failed)
