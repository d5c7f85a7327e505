"""`mandate officer`: who can act on cases."""

from __future__ import annotations

import typer

from app.cli.acting import row
from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from casework import repository
from casework.register.models import Officer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def officer() -> None:
    """Who can act on cases. Example: mandate officer list."""


@app.command("list", epilog="Example: mandate officer list --json")
def list_all(as_json: AsJson = False) -> None:
    """Every officer with the cases carried. Names are shown on the terminal only; the JSON has references."""
    with acting(None, changing=False) as uow:
        officers = repository.officers(uow)
        carried = repository.open_cases_by_officer(uow, officers)
        found = [
            (each, each.association.name, carried.get(each.id, 0))
            for each in sorted(officers, key=lambda each: (each.association.name, str(each.id)))
        ]
    document = {
        "officers": [
            {
                "officer": f"officer:{each.id}",
                "association": association,
                "active": each.active,
                "open_cases": number,
                "open_case_limit": each.open_case_limit,
            }
            for each, association, number in found
        ]
    }
    answer(document, as_json=as_json, people=lambda: _tell(found))


def _tell(found: list[tuple[Officer, str, int]]) -> None:
    rows = [
        row(
            f"officer:{each.id}",
            each.name,
            association,
            f"{number} of {each.open_case_limit}",
            None if each.active else "not active",
        )
        for each, association, number in found
    ]
    if not rows:
        typer.echo("There is no officer yet. `mandate import officers FILE` takes them in.")
        return
    print_table("Officers", ("Act as", "Name", "Association", "Open cases", ""), rows)
