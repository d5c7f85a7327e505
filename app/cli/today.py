"""`mandate today`: what needs somebody today, as the home page has it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from app.board_filters import officer_named
from app.cli.acting import row, words
from app.cli.database import ACTOR, AsOf, acting
from app.cli.options import AsJson, count_option
from app.cli.output import answer, print_table
from app.today import MOST, Today, TodayTold, Viewer, as_document, today
from core.calendar import in_words

app = typer.Typer()

SHOWN = 50


@app.command("today", epilog="Example: mandate today --as-of 2026-10-06")
def needs(
    officer: Annotated[
        str, typer.Option("--officer", metavar="OFFICER", help="Only this officer's cases: officer:<id>.")
    ] = "",
    most: Annotated[int, count_option("--most", help="How many to list at most.")] = SHOWN,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """What breaks the law first, then what soon will, what waits for a person, and cases that have gone quiet."""
    only = officer_named(officer)
    with acting(as_of, changing=False) as uow:
        found = today(uow, Viewer(ACTOR, only, only=only), min(most, MOST))
        document = as_document(found)
    answer(asdict(document), as_json=as_json, people=lambda: _tell(found, document))


def _tell(found: Today, document: TodayTold) -> None:
    if not found.total:
        typer.echo(f"Nothing needs anybody on {in_words(found.as_of)}.")
        return
    counts = ", ".join(f"{count} {words(urgency)}" for urgency, count in document.counts.items())
    rows = [
        row(words(each.urgency), each.due_on, each.days_to_spare, each.case_ref, each.what, each.who)
        for each in document.needs
    ]
    columns = ("Urgency", "By", "Days to spare", "Case", "What", "Who")
    print_table(f"Needs somebody on {in_words(found.as_of)}: {counts}", columns, rows, folds=("What", "Who"))
    left = found.total - len(rows)
    if left > 0:
        typer.echo(f"And {left} more; --most lists them.")
