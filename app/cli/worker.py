"""`mandate worker`: the process that does what acts and the clock ask for."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Annotated, Any

import typer

from app import prefect_server
from app.loading import loading
from app.revisions import require_ready
from core.db import database
from core.logs import configure
from core.settings import settings

app = typer.Typer(help="Do what acts and the clock ask for, until stopped.", epilog="Example: mandate worker")


@app.command(epilog="Example: mandate worker --verbose")
def worker(
    verbose: Annotated[bool, typer.Option("--verbose", help="Say in the log what is done.")] = False,
) -> None:
    """
    Advance cases, send reminders and deliver notices as they fall due. Ctrl-C ends it after the work at hand.

    Uses Prefect's server when it answers and goes on without it when it does not. Several may work on one database.
    """
    configure(verbose=verbose)
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: Any) -> None:
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, ask_to_stop)
    prefect_server.adopt(settings())
    require_ready(database())
    with loading():
        from app.worker import Worker  # imports Prefect, which reads the environment just made

    Worker().run(stop)
    # Everything is committed. Prefect's threads would wait half a minute for a server that may have stopped before us.
    sys.stderr.flush()
    os._exit(0)
