"""The dashboard as a process: one server on loopback over one database."""

from __future__ import annotations

import signal
import socket
from typing import Any

import uvicorn
from fastapi import FastAPI

from app import uploads
from app.links import LOOPBACK
from app.revisions import require_ready
from app.web import create_app
from casework.pay import journalled
from core.db import Database
from core.errors import ServiceUnavailable

STOP_SECONDS = 5
"""How long requests that are being answered may take once the dashboard is to end."""


def run_dashboard(port: int, database_url: str) -> None:
    """
    Answer on 127.0.0.1 until asked to stop (SIGINT, SIGTERM).

    `ServiceUnavailable` when the database or the port cannot be had, `ConfigurationError` when it has no tables yet.
    """
    database = Database(database_url)
    require_ready(database)
    require_free(port)
    uploads.forget_old()
    journalled.look(database)
    serve_here(create_app(database), port)


def serve_here(app: FastAPI, port: int) -> None:
    """Answer on 127.0.0.1 until asked to stop."""
    # After its own orderly end the server raises the signal again: whoever called must still get to end the rest.
    signal.signal(signal.SIGTERM, _end)
    # The address of the caller is the socket's own: a header that claims another is not believed.
    uvicorn.run(
        app,
        host=LOOPBACK,
        port=port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _end(_signal: int, _frame: Any) -> None:
    raise SystemExit(0)


def require_free(port: int) -> None:
    """`ServiceUnavailable` when another program holds the port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            raise ServiceUnavailable(
                f"Port {port} of this machine is taken. Stop what uses it, or choose another with --port."
            ) from None
