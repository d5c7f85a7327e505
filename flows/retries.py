"""
How a task is tried again when the database was away, busy or asked for another try.

A send is never tried again from here. `notifications.delivery` alone knows whether a copy may have gone out.
"""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from flows.errors import DatabaseAway

RETRY_DELAYS = [1.0, 5.0, 15.0]
"""Seconds before the second, third and fourth try."""


async def when_database_is_away(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's question after a failed try of a task."""
    return isinstance(await state.aresult(raise_on_failure=False), DatabaseAway)
