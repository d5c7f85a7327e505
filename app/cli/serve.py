"""`mandate serve`: the dashboard, the worker and Prefect's server, on this machine."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.loading import loading
from core.logs import configure
from core.settings import settings

app = typer.Typer()


@app.command(epilog="Example: mandate serve --port 8321")
def serve(
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="TCP port on 127.0.0.1.")] = None,
    prefect: Annotated[bool, typer.Option("--prefect/--no-prefect", help="Start Prefect's server too.")] = True,
    dashboard_only: Annotated[
        bool, typer.Option("--dashboard-only", help="No worker: nothing happens by itself.")
    ] = False,
) -> None:
    """
    Show the dashboard at http://127.0.0.1:8321 and answer the API there, until Ctrl-C or SIGTERM.

    Brings the database up to date first. A worker beside the dashboard advances cases, sends reminders and delivers
    notices; without Prefect's server it does so plainly. What dies is started again.
    """
    configure()
    if dashboard_only:
        with loading():
            from app import prefect_server
            from app.dashboard import run_dashboard

        prefect_server.adopt(settings())
        run_dashboard(port or settings().dashboard_port, settings().effective_database_url)
        return
    sys.stderr.write("Starting ...\n")  # the import below takes seconds
    sys.stderr.flush()
    with loading():
        from app.serving import serve_all

    serve_all(settings(), prefect=prefect, port=port)
