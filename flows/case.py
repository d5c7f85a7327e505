"""
Advancing cases as far as the facts allow.

Each stage has one flow, named in one table. A batch goes round until no case moves, for what one stage's flow records
can open the next stage. It ends when the next fact must come from a person or a date: a row, not a sleeping run.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from prefect import Flow, flow, task
from sqlalchemy import select

from casework import steps
from casework.cases import Case
from casework.handlers import ADVANCE_CASE
from casework.lifecycle import Stage
from core import work
from core.unit_of_work import reading, unit_of_work
from core.work import PendingWork
from flows.asos import asos_authorisation
from flows.ballot import ballot_organisation
from flows.batches import FLOW, RETRIED, call, chunks, each_case, in_chunks
from flows.edge import sealed
from flows.errors import Failure, StepsFailed
from flows.hooks import keep
from flows.monitoring import monitoring
from flows.negotiation import failed_negotiation
from flows.reimbursement import pay_reimbursement
from flows.strike import strike_escalation

NAME = "workplace_case"
ROUNDS = len(Stage)
"""A case can climb every rung once in one run; whoever wants more starts another."""

StageFlow = Flow[[list[str]], Awaitable[None]]

STAGE_FLOWS: Mapping[Stage, StageFlow] = {
    Stage.HEAD_MEETING: failed_negotiation,
    Stage.OFFICER_ASSIGNED: failed_negotiation,
    # A lost ballot has sent its case back here, and its result must still be told.
    Stage.OFFICER_NEGOTIATION: ballot_organisation,
    Stage.BALLOT_PREPARATION: ballot_organisation,
    Stage.BALLOT_OPEN: ballot_organisation,
    Stage.BALLOT_RESULT: ballot_organisation,
    Stage.ASOS_AUTHORISED: asos_authorisation,
    Stage.ASOS_IN_FORCE: asos_authorisation,
    Stage.STRIKE_ESCALATION: strike_escalation,
    Stage.STRIKE_ACTION: strike_escalation,
    Stage.PAY_REIMBURSEMENT: pay_reimbursement,
    Stage.SETTLED: monitoring,
    Stage.MONITORING: monitoring,
    Stage.CLOSED: monitoring,
}
"""The flow of each stage. At a stage without one only people act."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: two equal values mean that nothing was recorded in between."""

    stage: Stage
    events: int
    rests_until: date | None


@dataclass(frozen=True, slots=True)
class View:
    """The cases of a batch at one instant, with the pending rows that asked for them by then, which are taken."""

    today: date
    cases: Mapping[str, Standing]
    work_ids: Mapping[int, str]


@task(name="look", **RETRIED)
@sealed
async def look(case_ids: list[str]) -> View:
    """Where the cases of a batch stand, read in one transaction for each chunk."""
    return await asyncio.to_thread(_look, case_ids)


def _look(case_ids: list[str]) -> View:
    _take_asked(case_ids)
    cases: dict[str, Standing] = {}
    work_ids: dict[int, str] = {}
    with reading() as uow:
        for chunk in chunks(case_ids):
            ids = [uuid.UUID(each) for each in chunk]
            rows = select(Case.id, Case.stage, Case.events_count, Case.wake_on).where(Case.id.in_(ids))
            cases |= {
                str(row.id): Standing(row.stage, row.events_count, row.wake_on) for row in uow.session.execute(rows)
            }
            asked = select(PendingWork.id, PendingWork.subject_id).where(
                PendingWork.kind == ADVANCE_CASE,
                PendingWork.subject_id.in_(ids),
                PendingWork.done_at.is_(None),
                PendingWork.taken_until.is_not(None),
            )
            work_ids |= {row.id: str(row.subject_id) for row in uow.session.execute(asked)}
        return View(uow.today, cases, work_ids)


def _take_asked(case_ids: list[str]) -> None:
    # Before the look: whoever asks after it leaves a row of his own, which the next look finds, or the next run.
    for chunk in chunks(case_ids):
        ids = [uuid.UUID(each) for each in chunk]
        with reading() as uow:
            if not work.untaken(uow, ADVANCE_CASE, ids):
                continue
        with unit_of_work(f"flow:{NAME}") as uow:
            work.take(uow, work.untaken(uow, ADVANCE_CASE, ids))


@task(name="wake_cases", **RETRIED)
@sealed
async def wake_cases(case_ids: list[str]) -> list[Failure]:
    """Wake the cases whose rest is over."""
    return await each_case(NAME, case_ids, steps.wake_case)


@flow(name=NAME, **FLOW)
@sealed
async def workplace_case(case_ids: list[str]) -> None:
    """
    Advance a batch of cases until none of them moves.

    Raises `StepsFailed` at the end when a case could not be advanced; every other case was.
    """
    failed: dict[str, Failure] = {}
    view = await call(look, case_ids)
    moving = set(view.cases)
    for _ in range(ROUNDS):
        await _once_round(view, moving, failed)
        before, view = view, await call(look, case_ids)
        moving = _moved(before, view) - failed.keys()
        if not moving:
            break
    await call(note_end, view, failed, moving)
    if failed:
        raise StepsFailed(list(failed.values()))


def _moved(before: View, now: View) -> set[str]:
    """The cases to which something was recorded between two looks, or for which somebody asked anew."""
    recorded = {each for each, standing in now.cases.items() if standing != before.cases.get(each)}
    return recorded | {case_id for row_id, case_id in now.work_ids.items() if row_id not in before.work_ids}


async def _once_round(view: View, moving: set[str], failed: dict[str, Failure]) -> None:
    over = [each for each in sorted(moving) if _rest_is_over(view, each)]
    _keep(failed, await in_chunks(wake_cases, over))
    for stage_flow, ids in _by_flow(view, moving - failed.keys()).items():
        try:
            await call(stage_flow, ids)
        except StepsFailed as error:
            _keep(failed, error.failures)


def _keep(failed: dict[str, Failure], more: Sequence[Failure]) -> None:
    failed.update({failure.subject.removeprefix("case:"): failure for failure in more})


def _rest_is_over(view: View, case_id: str) -> bool:
    wakes_on = view.cases[case_id].rests_until
    return wakes_on is not None and wakes_on <= view.today


def _by_flow(view: View, case_ids: set[str]) -> dict[StageFlow, list[str]]:
    """The cases that do not rest, by the flow of their stage, in the order of the stages."""
    grouped: dict[StageFlow, list[str]] = {}
    awake = [each for each in sorted(case_ids) if _is_awake(view, each)]
    for stage, stage_flow in STAGE_FLOWS.items():
        ids = [each for each in awake if view.cases[each].stage is stage]
        if ids:
            grouped.setdefault(stage_flow, []).extend(ids)
    return grouped


def _is_awake(view: View, case_id: str) -> bool:
    wakes_on = view.cases[case_id].rests_until
    return wakes_on is None or wakes_on <= view.today


@task(name="note_end", **RETRIED)
@sealed
async def note_end(view: View, failed: dict[str, Failure], moving: set[str]) -> None:
    """Finish the pending rows that this run has answered, and keep what failed; what still moves is asked for anew."""
    await asyncio.to_thread(_note_end, view, failed, moving)


def _note_end(view: View, failed: dict[str, Failure], moving: set[str]) -> None:
    unanswered = failed.keys() | moving
    answered = [row_id for row_id, case_id in view.work_ids.items() if case_id not in unanswered]
    with unit_of_work(f"flow:{NAME}") as uow:
        for chunk in chunks(answered):
            work.finish(uow, chunk)
        keep(uow, NAME, failed.values(), {f"case:{each}" for each in view.cases.keys() - failed.keys()})
