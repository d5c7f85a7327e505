"""`mandate webhook`: addresses of other programs that are told of events."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated

import typer

from app import webhook_views
from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.plain import plain
from casework.webhooks import addresses
from casework.webhooks.events import Event
from core.errors import BadInput

app = typer.Typer(
    no_args_is_help=True,
    help="Programs that are told of events. Example: mandate webhook list",
)
Id = Annotated[str, typer.Argument(metavar="ID", help="As `mandate webhook list --json` has it.")]


@app.command(epilog="Example: mandate webhook add http://127.0.0.1:9000/hook --event case.recorded")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="https, or http to 127.0.0.1.")],
    event: Annotated[list[str], typer.Option("--event", help="One of " + ", ".join(Event) + ".")],
    as_json: AsJson = False,
) -> None:
    """Tell an address of events from now on, and print the secret that its messages are signed with."""
    with acting(None) as uow:
        row, secret = addresses.make(uow, url, event, f"cli:{uuid.uuid4()}")
        document = {"id": str(row.id), "url": row.url, "events": row.events, "secret": secret}
    answer(document, as_json=as_json, people=lambda: _tell(str(secret)))


@app.command("list", epilog="Example: mandate webhook list --json")
def list_all(as_json: AsJson = False) -> None:
    """Every address that is told, and how many events wait, were told and were given up."""
    with acting(None, changing=False) as uow:
        found = webhook_views.lines(uow)
    rows = [(str(each.id), each.url, str(each.told), str(each.waiting), str(each.dead)) for each in found]
    answer(
        {"webhooks": plain(found)},
        as_json=as_json,
        people=lambda: _list(rows, [f"{each.url}: {each.failing}" for each in found if each.failing]),
    )


def _list(rows: Sequence[tuple[str, ...]], failing: list[str]) -> None:
    print_table("Webhooks", ("Id", "Address", "Told", "Waiting", "Given up"), rows)
    for each in failing:
        typer.echo(each)


@app.command(epilog="Example: mandate webhook rotate 0198c2a0-1111-7222-8333-444455556666")
def rotate(webhook: Id, as_json: AsJson = False) -> None:
    """Give an address another secret; for a day messages are signed with the one so far too."""
    with acting(None) as uow:
        secret = addresses.rotate(uow, _id(webhook), f"cli:{uuid.uuid4()}")
    answer({"secret": secret}, as_json=as_json, people=lambda: _tell(str(secret)))


@app.command(epilog="Example: mandate webhook end 0198c2a0-1111-7222-8333-444455556666")
def end(webhook: Id, as_json: AsJson = False) -> None:
    """Tell an address nothing more."""
    with acting(None) as uow:
        row = addresses.end(uow, _id(webhook))
        document = plain({"id": row.id, "ended_at": row.ended_at})
    answer(document, as_json=as_json, people=lambda: typer.echo("It is told nothing more."))


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadInput(field="ID", found=text, wanted="an id of `mandate webhook list --json`") from None


def _tell(secret: str) -> None:
    typer.echo("Give the other program this secret, by a way that nobody else reads. It is not shown again:")
    typer.echo(secret)
