"""Tasks over authorised action, which the flows of several stages share."""

from __future__ import annotations

from prefect import task

from ballots import action_steps, suspensions
from flows.batches import RETRIED, each_case
from flows.edge import sealed
from flows.errors import Failure

NAME = "action"


@task(name="prepare_action_notices", **RETRIED)
@sealed
async def prepare_action_notices(case_ids: list[str]) -> list[Failure]:
    """Make the notice of action that each employer is owed, once it was told the result."""
    return await each_case(NAME, case_ids, action_steps.prepare_action_notices)


@task(name="serve_action_notices", **RETRIED)
@sealed
async def serve_action_notices(case_ids: list[str]) -> list[Failure]:
    """Queue approved notices of action, and note those that arrived in time."""
    return await each_case(NAME, case_ids, action_steps.serve_action_notices)


@task(name="send_instruction_sheets", **RETRIED)
@sealed
async def send_instruction_sheets(case_ids: list[str]) -> list[Failure]:
    """Send each member the instructions, once the notice has arrived in time."""
    return await each_case(NAME, case_ids, action_steps.send_instruction_sheets)


@task(name="send_strike_calls", **RETRIED)
@sealed
async def send_strike_calls(case_ids: list[str]) -> list[Failure]:
    """Call each member to the strike days, once the notice has arrived in time."""
    return await each_case(NAME, case_ids, action_steps.send_strike_calls)


@task(name="begin_action", **RETRIED)
@sealed
async def begin_action(case_ids: list[str]) -> list[Failure]:
    """Begin action short of a strike on its day, within its mandate."""
    return await each_case(NAME, case_ids, action_steps.begin_action)


@task(name="end_strikes", **RETRIED)
@sealed
async def end_strikes(case_ids: list[str]) -> list[Failure]:
    """End each strike whose last day is over and whose days are all accounted for."""
    return await each_case(NAME, case_ids, action_steps.end_strike)


@task(name="end_action", **RETRIED)
@sealed
async def end_action(case_ids: list[str]) -> list[Failure]:
    """End action with its mandate, with its dispute or after a stand-down, and tell members to stop."""
    return await each_case(NAME, case_ids, action_steps.end_action)


@task(name="resume_suspended", **RETRIED)
@sealed
async def resume_suspended(case_ids: list[str]) -> list[Failure]:
    """Call members again on the day on which suspended action resumes."""
    return await each_case(NAME, case_ids, suspensions.resume_suspended)
