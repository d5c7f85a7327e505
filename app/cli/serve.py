"""`mandate serve`: the dashboard on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from core.logs import configure
from core.settings import settings

app = typer.Typer(help="Answer with the dashboard on this machine, until stopped.", epilog="Example: mandate serve")


@app.command(epilog="Example: mandate serve --port 8321")
def serve(
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="TCP port on 127.0.0.1.")] = None,
) -> None:
    """Show the dashboard at http://127.0.0.1:8321 and answer the API there. Ctrl-C or SIGTERM ends it."""
    configure()
    from app.dashboard import run_dashboard

    chosen = port or settings().dashboard_port
    typer.echo(f"The dashboard is at http://127.0.0.1:{chosen}", err=True)
    run_dashboard(chosen, settings().effective_database_url)
