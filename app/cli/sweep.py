"""`mandate sweep`: the sweeps as plain commands, for a timer of the machine; no server of Prefect is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import typer

from app import prefect_server
from app.cli.options import AsJson
from app.cli.output import answer
from app.errors import UNREACHABLE
from app.loading import loading
from app.revisions import require_ready
from casework.pay import journalled
from core import sweeps
from core.db import database
from core.settings import settings
from core.unit_of_work import reading
from core.workers import RollCall, present, workers_folder
from notifications import waiting

app = typer.Typer(
    help="Run a sweep now, without Prefect.", no_args_is_help=True, epilog="Example: mandate sweep outbox"
)


@app.command("deadlines", epilog="Example: mandate sweep deadlines --json")
def deadlines_command(as_json: AsJson = False) -> None:
    """Send reminders that are due, wake resting cases and advance every case whose day has come."""
    prefect_server.adopt(settings())
    with loading():
        from app import runs

    advanced: set[str] = set()
    with _as_worker():
        failed = [*runs.sweep_deadlines(prefect=False), *runs.drain(prefect=False, seen=advanced)]
    _report("deadline_sweep", len(failed), {"cases_advanced": len(advanced)}, as_json=as_json)


@app.command("outbox", epilog="Example: mandate sweep outbox")
def outbox_command(as_json: AsJson = False) -> None:
    """Deliver every notice that is due."""
    prefect_server.adopt(settings())
    with loading():
        from app import runs

    with _as_worker():
        failed = runs.deliver(prefect=False)
    _report("outbox_delivery", len(failed), {}, as_json=as_json)


@app.command("service", epilog="Example: mandate sweep service --json")
def service_command(as_json: AsJson = False) -> None:
    """Read the mailbox, and bring every paper that is not shown to have arrived one step further."""
    prefect_server.adopt(settings())
    with loading():
        from app import runs

    with _as_worker():
        failed = [*runs.sweep_service(prefect=False), *runs.drain(prefect=False)]
    _report("service_sweep", len(failed), {}, as_json=as_json)


@app.command("digests", epilog="Example: mandate sweep digests")
def digests_command(as_json: AsJson = False) -> None:
    """Put today's digest of everybody who chose one into the outbox; a second time there is nobody left."""
    from app import digests

    counts = digests.send_due(database())
    answer(
        {"sweep": digests.SWEEP, "counts": counts},
        as_json=as_json,
        people=lambda: typer.echo(f"{digests.SWEEP}: {counts['sent']} of {counts['due']} had something to be told."),
    )


@app.command("webhooks", epilog="Example: mandate sweep webhooks")
def webhooks_command(as_json: AsJson = False) -> None:
    """Tell every webhook what is due; a message that is not taken is tried again later."""
    from casework.webhooks import sending

    counts = sending.send_due(database())
    answer(
        {"sweep": sending.SWEEP, "counts": counts},
        as_json=as_json,
        people=lambda: typer.echo(f"{sending.SWEEP}: {counts['told']} told, {counts['failed']} not taken."),
    )


@contextmanager
def _as_worker() -> Iterator[None]:
    """
    A worker for as long as it takes: what a killed one had taken is taken over, and what this one takes may be.

    `ConfigurationError` when the database has no tables yet, or wants another version of the program.
    """
    require_ready(database())
    folder = workers_folder(settings())
    with present(database(), folder):
        RollCall(database(), folder).hold()
        if journalled.look(database()) is not None:
            typer.echo("Nothing is sent or paid since a restore: see `mandate restore status`.", err=True)
        yield


def _report(name: str, failed: int, more: Mapping[str, int], *, as_json: bool) -> None:
    """Print what the sweep counted; exit 4 when it could not do everything."""
    with reading() as uow:
        row = next(each for each in sweeps.last_successes(uow) if each.name == name)
        due = waiting.due_count(uow)
    counts = {**row.counts, **more}
    document = {"sweep": name, "at": row.last_success_at, "counts": counts, "failed": failed, "notices_due": due}
    answer(document, as_json=as_json, people=lambda: _say(name, counts, due))
    if failed:
        typer.echo(f"{failed} could not be brought forward; `mandate status` names them.", err=True)
        raise typer.Exit(UNREACHABLE)


def _say(name: str, counts: Mapping[str, int], due: int) -> None:
    counted = ", ".join(f"{what.replace('_', ' ')} {number}" for what, number in counts.items() if number)
    typer.echo(f"{name}: {counted or 'nothing was due'}")
    if due:
        typer.echo(f"Notices that wait to go out: {due}. A worker sends them; without one, `mandate sweep outbox`.")
