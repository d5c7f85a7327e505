"""
A database that is away, busy or asks for another try: how its errors are told from a fault, and what to say of them.

The driver's own words hold statements and people's data; they are never shown.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

SQLITE_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
POSTGRES_PASSING = ("08", "40", "53", "55P03", "57P")
"""SQLSTATE beginnings: connection lost, rolled back by the server, out of resources, lock not had, shutting down."""

POSTGRES_AT_ONCE = ("40", "55P03")
"""SQLSTATE beginnings: PostgreSQL undid one of two acts that waited for each other, or one that waited too long."""


def database_is_away(error: BaseException) -> bool:
    """Whether the database refused for a reason that passes; a wrong statement or a broken rule never does."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in SQLITE_PASSING
    state = _sqlstate(error)
    return state.startswith(POSTGRES_PASSING) if state else isinstance(error, OperationalError)


def how_away(error: DBAPIError) -> str:
    """The end of a sentence that begins with the database's name: why it did not do what was asked, and what to do."""
    if _sqlstate(error).startswith(POSTGRES_AT_ONCE):
        return "was busy with another act, so nothing of this one was recorded. Do it again."
    if error.connection_invalidated:
        return "lost the connection before it said that the act was recorded. See whether it was; if not, do it again."
    return "cannot be reached, is locked, or lacks a table (`mandate init` brings it up to date)."


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
