"""From the letter to the head teacher to an officer's negotiation, and what follows when it fails."""

from __future__ import annotations

from prefect import flow, task

from casework import steps
from flows.batches import FLOW, RETRIED, each_case, in_order
from flows.edge import sealed
from flows.errors import Failure

NAME = "failed_negotiation"


@task(name="send_head_letters", **RETRIED)
@sealed
async def send_head_letters(case_ids: list[str]) -> list[Failure]:
    """Send the model letter to each head teacher and set the day to answer by."""
    return await each_case(NAME, case_ids, steps.send_head_letter)


@task(name="refer_unanswered", **RETRIED)
@sealed
async def refer_unanswered(case_ids: list[str]) -> list[Failure]:
    """Refer each case whose head teacher let the day pass."""
    return await each_case(NAME, case_ids, steps.refer_unanswered)


@task(name="assign_officers", **RETRIED)
@sealed
async def assign_officers(case_ids: list[str]) -> list[Failure]:
    """Assign the officer who covers each workplace, and set the day to accept by."""
    return await each_case(NAME, case_ids, steps.assign_officer)


@flow(name=NAME, **FLOW)
@sealed
async def failed_negotiation(case_ids: list[str]) -> None:
    """The rungs before a ballot: the head teacher is asked, then an officer takes the case."""
    await in_order(case_ids, send_head_letters, refer_unanswered, assign_officers)
