"""Action short of a strike, from its authorisation to its end."""

from __future__ import annotations

from prefect import flow

from flows.action import (
    begin_action,
    end_action,
    prepare_action_notices,
    resume_suspended,
    send_instruction_sheets,
    serve_action_notices,
)
from flows.ballot import tell_results
from flows.batches import FLOW, in_order
from flows.edge import sealed

NAME = "asos_authorisation"


@flow(name=NAME, **FLOW)
@sealed
async def asos_authorisation(case_ids: list[str]) -> None:
    """Notice of action, instructions to members, action, and its end. The employer is told the result first."""
    await in_order(
        case_ids,
        tell_results,
        prepare_action_notices,
        serve_action_notices,
        send_instruction_sheets,
        begin_action,
        end_action,
        resume_suspended,
    )
