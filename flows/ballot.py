"""From an authorised ballot to its result being told."""

from __future__ import annotations

from prefect import flow, task

from ballots import steps
from flows.action import end_action, resume_suspended
from flows.batches import FLOW, RETRIED, each_case, in_order
from flows.edge import sealed
from flows.errors import Failure

NAME = "ballot_organisation"


@task(name="set_ballot_deadlines", **RETRIED)
@sealed
async def set_ballot_deadlines(case_ids: list[str]) -> list[Failure]:
    """Set the statutory days of each ballot; days that stand already stay."""
    return await each_case(NAME, case_ids, steps.set_ballot_deadlines)


@task(name="prepare_ballot_notices", **RETRIED)
@sealed
async def prepare_ballot_notices(case_ids: list[str]) -> list[Failure]:
    """Make the notice of ballot, the sample paper and the scrutineer's instruction."""
    return await each_case(NAME, case_ids, steps.prepare_ballot_notices)


@task(name="serve_ballot_notices", **RETRIED)
@sealed
async def serve_ballot_notices(case_ids: list[str]) -> list[Failure]:
    """Queue approved papers, and note the ballots whose employers have received them."""
    return await each_case(NAME, case_ids, steps.serve_ballot_notices)


@task(name="open_ballots", **RETRIED)
@sealed
async def open_ballots(case_ids: list[str]) -> list[Failure]:
    """Open each ballot on its day, if nothing stands in its way."""
    return await each_case(NAME, case_ids, steps.open_ballot)


@task(name="close_ballots", **RETRIED)
@sealed
async def close_ballots(case_ids: list[str]) -> list[Failure]:
    """Close each ballot once its last day of voting is over."""
    return await each_case(NAME, case_ids, steps.close_ballot)


@task(name="tell_results", **RETRIED)
@sealed
async def tell_results(case_ids: list[str]) -> list[Failure]:
    """Tell members and employers each declared result."""
    return await each_case(NAME, case_ids, steps.tell_result)


@flow(name=NAME, **FLOW)
@sealed
async def ballot_organisation(case_ids: list[str]) -> None:
    """Notices, voting and result. A lost ballot is told here too, after its case went back to negotiation."""
    await in_order(
        case_ids,
        set_ballot_deadlines,
        prepare_ballot_notices,
        serve_ballot_notices,
        open_ballots,
        close_ballots,
        tell_results,
        end_action,
        resume_suspended,
    )
