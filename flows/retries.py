"""
Which errors are worth trying again: those of a database that is away, busy or asks for another try.

A send is never tried again from here. `notifications.delivery` alone knows whether a copy may have gone out.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from flows.errors import DatabaseAway

RETRY_DELAYS = [1.0, 5.0, 15.0]
"""Seconds before the second, third and fourth try."""

SQLITE_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
POSTGRES_PASSING = ("08", "40", "53", "57P")
"""SQLSTATE beginnings: connection lost, rolled back by the server, out of resources, shutting down."""


def database_is_away(error: BaseException) -> bool:
    """Whether the database refused for a reason that passes; a wrong statement or a broken rule never does."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in SQLITE_PASSING
    state = getattr(error.orig, "sqlstate", None)
    return state.startswith(POSTGRES_PASSING) if state else isinstance(error, OperationalError)


async def when_database_is_away(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's question after a failed try of a task."""
    return isinstance(await state.aresult(raise_on_failure=False), DatabaseAway)
