"""Flows and tasks as declared: each has one place, both hooks, and keeps nothing for Prefect to store."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil

import pytest
from prefect import Flow, Task
from prefect.cache_policies import NO_CACHE

import flows
from app import status
from ballots.stage_steps import STAGE_STEPS
from casework.lifecycle import Stage
from flows.case import STAGE_FLOWS, workplace_case
from flows.deployments import SCHEDULED
from flows.errors import Failure
from flows.hooks import note_failure
from flows.retries import when_database_is_away

MODULES = [importlib.import_module(f"flows.{each.name}") for each in pkgutil.iter_modules(flows.__path__)]
FLOWS = {part.name: part for module in MODULES for part in vars(module).values() if isinstance(part, Flow)}
TASKS = {part.name: part for module in MODULES for part in vars(module).values() if isinstance(part, Task)}
IDS = frozenset({"case_ids", "deadline_ids", "notice_ids"})
INSIDE = frozenset({"note_success", "note_end", "note_service", "tell_stood_down"})
"""Tasks that are handed values or numbers of this program; Prefect stores no task's arguments."""

PROMISED_FLOWS = {
    "workplace_case",
    "failed_negotiation",
    "ballot_organisation",
    "asos_authorisation",
    "strike_escalation",
    "pay_reimbursement",
    "monitoring",
    "deadline_sweep",
    "outbox_delivery",
    "service_sweep",
}
PROMISED_TASKS = {
    "assign_officers",
    "set_ballot_deadlines",
    "prepare_ballot_notices",
    "serve_ballot_notices",
    "open_ballots",
    "close_ballots",
    "tell_results",
    "prepare_action_notices",
    "serve_action_notices",
    "send_instruction_sheets",
    "send_strike_calls",
    "begin_action",
    "end_strikes",
    "end_action",
    "resume_suspended",
    "calculate_claims",
    "close_claims",
    "schedule_checks",
    "send_head_letters",
    "send_reminders",
    "deliver",
    "read_mail",
    "settle_bounces",
    "take_silence",
    "climb",
}


def test_every_flow_that_is_promised_exists_and_no_other() -> None:
    """The names of the architecture page."""
    assert set(FLOWS) == PROMISED_FLOWS


def test_every_task_that_is_promised_is_a_prefect_task() -> None:
    """Assigning, setting deadlines, preparing and serving notices are tasks of their own."""
    assert set(TASKS) >= PROMISED_TASKS


def test_every_flow_stands_in_exactly_one_table() -> None:
    """By the clock, or by stage; `workplace_case` alone starts the latter."""
    by_stage = {each.name for each in STAGE_FLOWS.values()}
    assert by_stage | set(SCHEDULED) | {workplace_case.name} == set(FLOWS)
    assert not by_stage & set(SCHEDULED)
    assert all(name == each.flow.name for name, each in SCHEDULED.items())


def test_stages_without_a_flow_wait_for_people() -> None:
    """Adding a stage means deciding this."""
    assert set(STAGE_STEPS) == set(STAGE_FLOWS)
    assert set(Stage) - set(STAGE_FLOWS) == {
        Stage.RAISED,
        Stage.MEMBERS_MEETING,
        Stage.OFFICER_MEMBERS_MEETING,
    }


@pytest.mark.parametrize("stage", STAGE_FLOWS)
def test_a_preview_does_what_a_worker_does(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red when a flow is given a task and `STAGE_STEPS` no step: previews would pass over what it sends."""
    done: list[object] = []

    async def each_case(_flow: str, _ids: list[str], step: object) -> list[Failure]:
        done.append(step)
        return []

    for module in MODULES:
        if "each_case" in vars(module):
            monkeypatch.setattr(module, "each_case", each_case)
    asyncio.run(STAGE_FLOWS[stage].fn(["a case"]))
    assert tuple(done) == STAGE_STEPS[stage]


def test_every_flow_that_ends_action_resumes_what_was_suspended() -> None:
    """
    Turns red if `resume_suspended` is left out of a flow: action that was suspended would never be called again. In
    monitoring the dispute is settled, and nothing is left to resume.
    """
    steps = {name: set(inspect.unwrap(flow.fn).__code__.co_names) for name, flow in FLOWS.items()}
    ending = {name for name, named in steps.items() if "end_action" in named}
    assert {name for name in ending if "resume_suspended" not in steps[name]} == {"monitoring"}
    assert len(ending) == 5


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_flow_has_both_hooks_and_stores_nothing(flow: Flow[..., object]) -> None:
    """Prefect keeps results, prints and messages in clear text."""
    assert flow.on_failure_hooks == [note_failure]
    assert flow.on_crashed_hooks == [note_failure]
    assert flow.persist_result is False
    assert flow.log_prints is False
    assert flow.isasync
    assert not flow.retries
    assert set(inspect.signature(flow.fn).parameters) <= IDS


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_task_is_never_cached_and_retried_only_for_the_database(task: Task[..., object]) -> None:
    """A cached task would skip what a new fact asks for; a retried send would go out twice."""
    assert task.cache_policy is NO_CACHE
    assert task.persist_result is False
    assert task.log_prints is False
    assert task.isasync
    assert task.retry_condition_fn is (None if task.name == "deliver" else when_database_is_away)
    assert bool(task.retries) is (task.name != "deliver")
    if task.name not in INSIDE:
        assert set(inspect.signature(task.fn).parameters) <= IDS


def test_the_status_command_knows_the_periods() -> None:
    """It does not import Prefect, so it has its own copy."""
    assert {name: each.period for name, each in SCHEDULED.items()} == status.PERIODS
