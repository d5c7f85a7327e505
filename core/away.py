"""
A database that is away, busy or asks for another try: how its errors are told from a fault, and what to say of them.

The driver's own words hold statements and people's data; they are never shown.
"""

from __future__ import annotations

import re
import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

SQLITE_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
POSTGRES_PASSING = ("08", "40", "53", "55P03", "57P")
"""SQLSTATE beginnings: connection lost, rolled back by the server, out of resources, lock not had, shutting down."""

POSTGRES_AT_ONCE = ("40", "55P03")
"""SQLSTATE beginnings: PostgreSQL undid one of two acts that waited for each other, or one that waited too long."""

CORRECT = "correct MANDATE_DATABASE_URL"
UNREACHED: tuple[tuple[str, str], ...] = (
    (r"connection refused", f"nothing listens at that host and port. Start the server, or {CORRECT}."),
    (r"no such file or directory", f"no server has its socket there. Start the server, or {CORRECT}."),
    (
        r"resolve host|translate host name|name or service not known|name resolution",
        f"no machine of that name is known. Look at the host, and {CORRECT}.",
    ),
    (
        r"timeout expired|timed out|no route to host|network is unreachable",
        "the machine does not answer. See whether it is up, and whether a firewall stands between.",
    ),
    (
        r"authentication failed|no password supplied|role .* does not exist",
        f"the server does not take this user with this password. Look at both, and {CORRECT}.",
    ),
    (
        r"database .* does not exist",
        f"the server has no database of that name. Create it with `createdb`, or {CORRECT}.",
    ),
    (r"pg_hba\.conf", "the server takes no connection of this user from here. Its pg_hba.conf wants a line for it."),
    (
        r"too many clients|too many connections|remaining connection slots",
        "the server takes no more connections. Try again in a minute, or raise its max_connections.",
    ),
    (r"starting up|shutting down|recovery mode", "the server is starting or stopping. Try again in a minute."),
)
"""What PostgreSQL's library says when no connection comes about, and what that means to whoever runs Mandate."""


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
    reason = None if hasattr(error.orig, "sqlite_errorcode") else _why_unreached(str(error.orig))
    if reason is not None:
        return f"cannot be reached: {reason}"
    return "cannot be reached, is locked, or lacks a table (`mandate init` brings it up to date)."


def _why_unreached(said: str) -> str | None:
    return next((reason for words, reason in UNREACHED if re.search(words, said, re.IGNORECASE)), None)


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
