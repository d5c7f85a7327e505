"""`mandate status`: whether everything that should run does run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from app import prefect_server
from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.errors import UNREACHABLE
from core import failures, sweeps, work
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import outbox

PERIODS = {"deadline_sweep": timedelta(minutes=15), "outbox_delivery": timedelta(minutes=1)}
"""How often each sweep should succeed; a test holds it to the schedules, whose import would need Prefect."""

app = typer.Typer(add_completion=False)


@app.command("status", epilog="Example: mandate status --check --json")
def status(
    as_json: AsJson = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 4 when a sweep is late, for a monitor.")] = False,
) -> None:
    """Show when the sweeps last succeeded, what waits, what stands failed, and whether Prefect answers."""
    with acting(None, changing=False) as uow:
        document = _document(uow)
    document["prefect"] = {
        "answers": prefect_server.answers(settings()),
        "api": prefect_server.api_url(settings()),
        "password_file": prefect_server.home(settings()) / "password",
    }
    answer(document, as_json=as_json, people=lambda: _show(document))
    if check and any(row["late"] for row in document["sweeps"]):
        raise typer.Exit(UNREACHABLE)


def _document(uow: UnitOfWork) -> dict[str, Any]:
    rows = {row.name: row for row in sweeps.last_successes(uow)}
    return {
        "at": uow.now,
        "clock_is_simulated": uow.clock.simulated,
        "cases_to_advance": work.waiting(uow),
        "notices": {state.value: count for state, count in outbox.counts(uow).items()},
        "sweeps": [_sweep(name, period, rows.get(name), uow) for name, period in PERIODS.items()],
        "failures": [
            {"flow": row.flow, "subject": row.subject, "error": row.error, "place": row.place, "times": row.times}
            | {"first_at": row.first_at, "last_at": row.last_at}
            for row in failures.standing(uow)
        ],
    }


def _sweep(name: str, period: timedelta, row: sweeps.SweepRun | None, uow: UnitOfWork) -> dict[str, Any]:
    return {
        "name": name,
        "every_minutes": period // timedelta(minutes=1),
        "last_success_at": row.last_success_at if row else None,
        "counts": row.counts if row else None,
        "late": row is None or row.is_late(uow.now, period),
    }


def _show(document: dict[str, Any]) -> None:
    there = "answers" if document["prefect"]["answers"] else "does not answer; the worker goes on without it"
    typer.echo(f"Prefect {there}: {document['prefect']['api']}")
    typer.echo(f"Cases waiting to be advanced: {document['cases_to_advance']}")
    states = ", ".join(f"{count} {state}" for state, count in document["notices"].items() if count)
    typer.echo(f"Notices: {states or 'none'}")
    rows = [
        (row["name"], _at(row["last_success_at"]), "LATE" if row["late"] else "in time") for row in document["sweeps"]
    ]
    print_table("Sweeps", ("sweep", "last success (UTC)", ""), rows)
    if document["failures"]:
        columns = ("flow", "subject", "error", "place", "times")
        print_table("What stands failed", columns, [[str(row[key]) for key in columns] for row in document["failures"]])


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M}" if instant else "never"
