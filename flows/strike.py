"""A strike, from the wish for one to its last day."""

from __future__ import annotations

from prefect import flow

from flows.action import (
    end_action,
    end_strikes,
    prepare_action_notices,
    resume_suspended,
    send_strike_calls,
    serve_action_notices,
)
from flows.ballot import tell_results
from flows.batches import FLOW, in_order
from flows.edge import sealed

NAME = "strike_escalation"


@flow(name=NAME, **FLOW)
@sealed
async def strike_escalation(case_ids: list[str]) -> None:
    """Notice of the strike days, the call to members and the strike's end. Other action may go on beside it."""
    await in_order(
        case_ids,
        tell_results,
        prepare_action_notices,
        serve_action_notices,
        send_strike_calls,
        end_strikes,
        end_action,
        resume_suspended,
    )
