"""Lost pay, from claims to the end of their round."""

from __future__ import annotations

from prefect import flow, task

from casework.pay import steps
from flows.action import end_action, resume_suspended
from flows.ballot import tell_results
from flows.batches import FLOW, RETRIED, each_case, in_order
from flows.edge import sealed
from flows.errors import Failure

NAME = "pay_reimbursement"


@task(name="calculate_claims", **RETRIED)
@sealed
async def calculate_claims(case_ids: list[str]) -> list[Failure]:
    """Calculate every claim that was submitted."""
    return await each_case(NAME, case_ids, steps.calculate_claims)


@task(name="close_claims", **RETRIED)
@sealed
async def close_claims(case_ids: list[str]) -> list[Failure]:
    """End each round in which everybody is served."""
    return await each_case(NAME, case_ids, steps.close_claims)


@flow(name=NAME, **FLOW)
@sealed
async def pay_reimbursement(case_ids: list[str]) -> None:
    """Calculation of claims and the end of their round. A settled dispute's action ends and a late result is told."""
    await in_order(case_ids, end_action, resume_suspended, tell_results, calculate_claims, close_claims)
