"""
What is due: reminders go out, resting cases wake, and cases whose day has come are handed on to be advanced.

One query finds each kind of due row and the rows are worked in chunks. The end is checked by a count that shares
nothing with the query: a sweep that found nothing must also have left nothing.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass

from prefect import flow, task

from casework import deadlines, reminders
from casework.handlers import ADVANCE_CASE
from core import sweeps, work
from core.calendar import london_day
from core.sweeps import SweepRun
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows.batches import FLOW, RETRIED, call, each_row, in_chunks
from flows.edge import sealed
from flows.errors import Failure, StepsFailed, SweepIncomplete
from flows.hooks import keep
from flows.telling import telling

NAME = "deadline_sweep"


@dataclass(frozen=True, slots=True)
class Due:
    """Ids of what the sweep has to do."""

    deadline_ids: list[str]
    case_ids: list[str]


@task(name="find_due", **RETRIED)
@sealed
async def find_due() -> Due:
    """The deadlines of which a level is to be told, and the cases to hand on."""
    return await asyncio.to_thread(_find_due)


def _find_due() -> Due:
    with reading() as uow:
        recalled = [str(each) for each in deadlines.to_remind(uow)]
        due = [] if _swept_today(uow) else [str(each) for each in deadlines.cases_due(uow)]
    return Due(recalled, due)


def _swept_today(uow: UnitOfWork) -> bool:
    # A date moves a case once, at the first sweep of its day; whatever else moves one asks for itself.
    last = uow.session.get(SweepRun, NAME)
    return last is not None and london_day(last.last_success_at) == uow.today


@task(name="send_reminders", **RETRIED)
@sealed
async def send_reminders(deadline_ids: list[str]) -> list[Failure]:
    """Put the reminder of each deadline's level into the outbox."""
    return await each_row(NAME, "deadline", deadline_ids, reminders.remind, ahead=reminders.hold_deadlines)


@task(name="hand_on", **RETRIED)
@sealed
async def hand_on(case_ids: list[str]) -> list[Failure]:
    """Ask for each case to be advanced; waking one that rests is the first thing that advancing does."""
    return await each_row(NAME, "case", case_ids, _ask_to_advance)


def _ask_to_advance(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    work.ask_for(uow, ADVANCE_CASE, case_id)


@task(name="note_success", **RETRIED)
@sealed
async def note_success(due: Due, failed: list[Failure]) -> dict[str, int]:
    """Count what is left by another way, and keep the success with its counts."""
    return await asyncio.to_thread(_note_success, due, failed)


def _note_success(due: Due, failed: list[Failure]) -> dict[str, int]:
    with unit_of_work(f"flow:{NAME}") as uow:
        left = unreminded(uow, at_most=len(failed) + 1)
        if left > len(failed):
            raise SweepIncomplete(left)
        tried = {f"deadline:{each}" for each in due.deadline_ids} | {f"case:{each}" for each in due.case_ids}
        keep(uow, NAME, failed, tried - {failure.subject for failure in failed})
        counts = {"to_remind": len(due.deadline_ids), "handed_on": len(due.case_ids), "failed": len(failed)}
        return sweeps.succeeded(uow, NAME, {**counts, "left": left}).counts


def unreminded(uow: UnitOfWork, *, at_most: int) -> int:
    """
    How many deadlines have a level that is due and was not told, counted no further than `at_most`.

    The earliest days that stand open are compared here and not by the database: a query that overlooks a due row, or
    mistakes the day, does not overlook it a second time. However many rows there are, so few are read.
    """
    return sum(day <= uow.today for day in deadlines.first_unreminded(uow, at_most))


@flow(name=NAME, **FLOW)
@sealed
async def deadline_sweep() -> None:
    """Remind, wake and hand on everything that is due; may run at any time, as often as one likes."""
    with telling(NAME) as counts:
        due = await call(find_due)
        failed = await in_chunks(send_reminders, due.deadline_ids)
        failed += await in_chunks(hand_on, due.case_ids)
        noted = await call(note_success, due, failed)
        counts |= noted
        if failed:
            raise StepsFailed(failed)
