"""`mandate ballot mandates` and `mandate ballot mandate`: what ballots gave, as the pages of mandates show it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app import mandate_lines, mandate_views
from app.cli.acting import row
from app.cli.database import AsOf, acting
from app.cli.explaining import Explain, explain
from app.cli.options import AsJson
from app.cli.output import answer, print_table, write_csv
from app.mandate_lines import STANDINGS, MandateLine, MandateStanding
from app.mandate_views import MandatePage
from app.stored_words import action_stage
from app.tables_csv import as_csv
from core.calendar import counted, in_words

Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write them to this file as CSV, too.")]
Id = Annotated[uuid.UUID, typer.Argument(metavar="ID", help="Its id, as `mandate ballot mandates` has it.")]


def add_mandates(app: typer.Typer) -> None:
    """Add both commands to a group."""
    app.command("mandates", epilog="Example: mandate ballot mandates --json")(list_all)
    app.command("mandate", epilog="Example: mandate ballot mandate 0198c2a0-1111-7222-8333-444455556666")(show)


def list_all(csv: Csv = None, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """Every mandate that a ballot gave: those that last by their ends, then those that do not."""
    with acting(as_of, changing=False) as uow:
        found = mandate_lines.mandates(uow)
    if csv is not None:
        write_csv(csv, as_csv(mandate_lines.COLUMNS, mandate_lines.rows(found)))
    answer({"mandates": found}, as_json=as_json, people=lambda: tell_mandates(found))


def show(mandate_id: Id, explained: Explain = False, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """One mandate: its days, the schools and the action under it, and what can be recorded next."""
    with acting(as_of, changing=False) as uow:
        found = mandate_views.mandate_page(uow, mandate_id)
    answer({"mandate": found}, as_json=as_json, people=lambda: tell_mandate(found, explained=explained))


def tell_mandates(found: Sequence[MandateLine]) -> None:
    """All of them as a table."""
    if not found:
        typer.echo("No ballot has given a mandate yet.")
        return
    rows = [row(each.kind.words, each.employer, each.ballot_ref, each.last_day, _how(each), each.id) for each in found]
    columns = ("For", "Employer", "Ballot", "Last day", "How it stands", "Id")
    print_table("Mandates", columns, rows, folds=("For", "Employer", "How it stands"), drops=("Employer",))


def tell_mandate(found: MandatePage, *, explained: bool) -> None:
    """One in sentences, with the action under it as a table; `explained`: why its days fall where they do."""
    line = found.line
    typer.echo(f"Mandate for {line.kind.words} with {line.employer}, by the ballot {line.ballot_ref}: {_how(line)}.")
    ends = "; action begins not later than" if found.begins_by else " to"
    typer.echo(f"From {in_words(line.first_day)}{ends} {in_words(line.last_day)}.")
    if found.last_notice is not None:
        typer.echo(f"Notice of action on its last day is received by {in_words(found.last_notice.on)}, at the latest.")
    for school in found.schools:
        left = f"; left the dispute on {in_words(school.settled_on)}" if school.settled_on else ""
        typer.echo(f"School: {school.workplace}, case {school.case_ref}{left}.")
    rows = [
        row(each.case_ref, each.starts_on, action_stage(each.stage), len(each.days) or None, each.affected)
        for each in found.actions
    ]
    if rows:
        print_table("Action under it", ("Case", "From", "How it stands", "Strike days", "Members"), rows)
    for act in found.next:
        typer.echo(f"Next: {act.label} ({act.who}).")
    for heading, why in (
        ("First day", found.why_first),
        ("Last day", found.why),
        ("Last day to receive notice of action", found.last_notice and found.last_notice.why),
    ):
        if explained and why:
            explain(heading, why)


def _how(line: MandateLine) -> str:
    if line.standing is MandateStanding.LASTS:
        return f"it lasts, {counted(line.days_left, 'day')} left"
    said = STANDINGS[line.standing]
    return f"{said[0].lower()}{said[1:]}"
