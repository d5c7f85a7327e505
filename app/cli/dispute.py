"""`mandate dispute`: standing all action of a dispute down in one act, lifting that, and who has been reached."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app import stand_down_views
from app.cli.acting import Ref, add_acts, row, words
from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table, write_csv
from app.stand_down_views import SHOWN, PersonStanding
from core.calendar import in_words, london_day
from core.errors import NotFound

app = typer.Typer(
    no_args_is_help=True,
    help="Stand all action of a dispute down. REF is the dispute's reference or that of one of its cases. "
    "Example: mandate dispute standing D-2026-0001",
)

HINDRANCES = 5
COMMANDS = {"stand-down": "dispute_stood_down", "lift": "stand_down_lifted"}

add_acts(app, "dispute", COMMANDS)


@app.command("standing", epilog="Example: mandate dispute standing D-2026-0001 --not-reached")
def standing(
    ref: Ref,
    not_reached: Annotated[bool, typer.Option("--not-reached", help="Only those who are not reached yet.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write everybody to a CSV file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Whether action stands down, how many have been tried and reached, and who has not."""
    with acting(None, changing=False) as uow:
        found = stand_down_views.standing_page(uow, ref, not_reached=not_reached)
        dispute = stand_down_views.dispute_named(uow, ref).ref
        text = stand_down_views.as_csv(uow, ref, not_reached=not_reached) if csv is not None and found else None
    if csv is not None and text is None:
        raise NotFound("stand-down of the dispute", dispute)
    if csv is not None and text is not None:
        write_csv(csv, text)
    document = {"dispute": dispute, "stand_down": stand_down_views.as_document(found) if found else None}
    answer(document, as_json=as_json, people=lambda: _tell(document))


def _tell(document: dict[str, Any]) -> None:
    told = document["stand_down"]
    if told is None:
        typer.echo(f"Dispute {document['dispute']}: no stand-down was ordered.")
        return
    ordered = in_words(london_day(told["ordered_at"]))
    state = "stands" if told["stands"] else "was lifted"
    typer.echo(f"Dispute {document['dispute']}: the stand-down of {ordered} ({told['reason']}) {state}.")
    if told["nobody"]:
        typer.echo(told["nobody"])
        return
    reached = told["counts"][PersonStanding.REACHED]
    typer.echo(f"{told['attempted']:,} of {told['total']:,} tried, {reached:,} reached.{_pace(told)}")
    _tell_what_hinders(told)
    columns = ("As", "All", *(words(each) for each in PersonStanding))
    rows = [
        row(words(each["party"]), each["total"], *(each["counts"][at] for at in PersonStanding))
        for each in told["parties"]
    ]
    print_table("Who", columns, rows)
    if told["under_way"]:
        typer.echo(f"Calls that were under way when it was ordered: {len(told['under_way'])}. They may have arrived.")
    missing = [each for each in told["people"] if each["standing"] is not PersonStanding.REACHED]
    if missing:
        shown = [
            row(
                words(each["party"]),
                each["party_id"],
                words(each["standing"]),
                each["by"] or "",
                each["why"] or "",
                each["case_ref"],
                each["workplace"],
                each["notice_id"] or "",
            )
            for each in missing
        ]
        title = f"Not reached yet (the first {SHOWN} looked at)"
        columns = ("As", "Id", "How far", "By", "Why", "Case", "Workplace", "Notice")
        print_table(title, columns, shown, folds=("Why", "Workplace"), drops=("Notice", "Workplace", "Case"))
        typer.echo(f"Whoever is not reached is rung up and hears: {told['to_say']}")
        typer.echo(f"Names and telephone numbers are on the dashboard's page /disputes/{document['dispute']}/standing.")


def _tell_what_hinders(told: dict[str, Any]) -> None:
    laid = told["counts"][PersonStanding.LAID_IN_A_FOLDER]
    if laid:
        were = "1 mail was" if laid == 1 else f"{laid:,} mails were"
        typer.echo(
            f"{were} laid in a folder of this machine and handed to nobody, because no mail server was set. Nobody was "
            "told by that: telephone them, and set MANDATE_SMTP_HOST."
        )
    for each in told["hindered"][:HINDRANCES]:
        typer.echo(f"{each['people']:,} not reached: {each['why']}")


def _pace(told: dict[str, Any]) -> str:
    if told["first_after"] is None:
        return ""
    most = "" if told["most_after"] is None else f", 95 in a hundred {told['most_after']:.0f} s after"
    return f" The first was tried {told['first_after']:.0f} s after the order{most}."
