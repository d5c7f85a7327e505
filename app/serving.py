"""
Serving: the dashboard in this process, the worker and Prefect's server as its children.

Without Prefect's server the worker runs the same steps plainly, so that nothing waits for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app import prefect_server
from app.dashboard import require_free, require_ready, run_dashboard
from core.db import Database
from core.errors import ServiceUnavailable
from core.settings import Settings

STOP_SECONDS = 15.0


def serve_all(configured: Settings, *, prefect: bool, port: int | None = None) -> None:
    """
    Serve until asked to stop (SIGINT, SIGTERM); the children end with it.

    What would keep the dashboard from answering is found before anything is started.
    """
    chosen = port or configured.dashboard_port
    require_ready(Database(configured.effective_database_url))
    require_free(chosen)
    with ExitStack() as stack:
        if prefect:
            _start_prefect(stack, configured)
        stack.enter_context(worker(configured))
        sys.stderr.write(f"The dashboard is at http://127.0.0.1:{chosen} (Ctrl-C ends it)\n")
        run_dashboard(chosen, configured.effective_database_url)


def _start_prefect(stack: ExitStack, configured: Settings) -> None:
    try:
        stack.enter_context(prefect_server.running(configured))
    except ServiceUnavailable as error:
        sys.stderr.write(f"{error}\nThe worker goes on without it.\n")


@contextmanager
def worker(configured: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as a child process for the length of a block."""
    named = {
        "MANDATE_HOME": str(configured.home),
        "MANDATE_DATABASE_URL": configured.effective_database_url,
        "MANDATE_PREFECT_PORT": str(configured.prefect_port),
    }
    command = [sys.executable, "-c", "from app.cli.main import run; run()", "worker"]
    # A session of its own: Ctrl-C is this process's to answer, and it ends its children in order.
    child = subprocess.Popen(command, env={**os.environ, **named}, start_new_session=True)  # noqa: S603 - our own
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
