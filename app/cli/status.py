"""`mandate status`: whether everything that should run does run."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.errors import UNREACHABLE
from app.templating import date_time
from core.db import database
from core.settings import settings

app = typer.Typer()


@app.command("status", epilog="Example: mandate status --check --json")
def status(
    as_json: AsJson = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 4 when there is trouble, for a monitor.")] = False,
) -> None:
    """Show what runs, when the sweeps last succeeded, what waits, what stands failed, and whether Prefect answers."""
    from app.status import document

    with acting(None, changing=False):  # explains a database that cannot be used
        told = document(database(), settings())
    answer(told, as_json=as_json, people=lambda: _show(told))
    if check and told["troubles"]:
        raise typer.Exit(UNREACHABLE)


def _show(told: dict[str, Any]) -> None:
    for trouble in told["troubles"]:
        typer.secho(f"TROUBLE  {trouble}", fg=typer.colors.RED, bold=True)
    for note in told["notes"]:
        typer.secho(f"NOTE  {note}", fg=typer.colors.YELLOW)
    there = "answers" if told["prefect"]["answers"] else "does not answer; the worker goes on without it"
    typer.echo(f"Prefect {there}: {told['prefect']['api']}")
    typer.echo(f"Database: {told['database']['address']}, migration {told['database']['migration']}")
    _show_what_runs(told)
    _show_what_waits(told)
    rows = [(row["name"], _at(row["last_success_at"]), "LATE" if row["late"] else "in time") for row in told["sweeps"]]
    print_table("Sweeps", ("sweep", "last success", ""), rows)
    if told["failures"]:
        columns = ("flow", "subject", "error", "place", "times")
        print_table("What stands failed", columns, [[str(row[key]) for key in columns] for row in told["failures"]])


def _show_what_runs(told: dict[str, Any]) -> None:
    if not told["serve"]["running"]:
        typer.echo("`mandate serve` does not run on this home.")
    else:
        children = [
            (
                row["name"],
                row["state"],
                str(row["pid"] or ""),
                row["since"] or "",
                str(row["restarts"]),
                row["last_end"],
            )
            for row in told["serve"]["children"]
        ]
        columns = ("process", "state", "pid", "since", "restarts", "how it last ended")
        print_table(
            f"Served at {told['serve']['dashboard']}", columns, [[str(cell or "") for cell in row] for row in children]
        )
    for row in told["workers"]:
        typer.echo(f"Worker {row['host']}:{row['pid']}, last seen {row['seen_seconds_ago']} seconds ago")


def _show_what_waits(told: dict[str, Any]) -> None:
    cases, notices = told["cases_to_advance"], told["notices"]
    since = f", the oldest since {_at(cases['oldest_asked_at'])}" if cases["count"] else ""
    typer.echo(f"Cases waiting to be advanced: {cases['count']}{since}")
    states = ", ".join(f"{count} {state}" for state, count in notices["by_state"].items() if count)
    due = (
        f"; the oldest that is due and has not gone: {_at(notices['oldest_due_at'])}"
        if notices["oldest_due_at"]
        else ""
    )
    typer.echo(f"Notices: {states or 'none'}{due}")
    mail = told["mail"]
    laid = f"laid in {mail['folder']} and handed to nobody, because MANDATE_SMTP_HOST names no mail server"
    typer.echo(f"Mail: handed to {mail['relay']}" if mail["relay"] else f"Mail: {laid}")
    typer.echo(f"Deadlines that were missed and are still open: {told['overdue_deadlines']}")
    typer.echo(f"Letters of which the print house has not spoken in time: {told['letters_overdue']}")
    hooks = told["webhooks"]
    if hooks["count"]:
        typer.echo(f"Webhooks: {hooks['count']}, the last round that went well: {_at(hooks['last_success_at'])}")
    stale = f", for {', '.join(told['law']['stale'])}" if told["law"]["stale"] else ""
    typer.echo(f"Cases that wait for a check of the law: {told['law']['cases_waiting']}{stale}")
    runs = ", ".join(f"{count} {state}" for state, count in told["runs"].items() if count)
    typer.echo(f"Runs: {runs or 'none'}")


def _at(instant: datetime | None) -> str:
    return date_time(instant) if instant else "never"
