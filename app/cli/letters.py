"""`mandate letters`: letters in the folder, what the print house says of them, and the secret of a webhook's host."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.acting import STAFF, ActingAs, actor_named, said
from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.errors import BAD_INPUT
from core.errors import ConfigurationError
from core.settings import settings

SHOWN = 20
NAMED = 3

app = typer.Typer(
    no_args_is_help=True,
    help="Letters laid for the print house, and what it says of them. Example: mandate letters receipt posted.csv",
)


@app.command("list", epilog="Example: mandate letters list --json")
def list_all(as_json: AsJson = False, as_of: AsOf = None) -> None:
    """The letters in the folder of which no receipt file has spoken yet, the oldest first."""
    from app import letter_views

    with acting(as_of, changing=False) as uow:
        document = letter_views.letters(uow, settings())
    answer(document, as_json=as_json, people=lambda: _tell_letters(document))


@app.command("receipt", epilog="Example: mandate letters receipt posted.csv --dry-run")
def receipt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The print house's receipt file, as CSV.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing.")] = False,
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Take in what the print house says of its letters: posted (class C, no proof), signed for, by courier, come back.

    Columns: sha256, name, posted_on, tracking_ref, status, and received_on for what arrived. A row that cannot be used
    is listed with its line; the others are taken in. The same file again changes nothing.
    """
    from app import letter_views

    content = letter_views.content_of(file)
    with acting(as_of, changing=not dry_run) as uow:
        uow.actor = actor_named(uow, acting_as)
        document = letter_views.take(uow, file.name, content, dry_run=dry_run)
    answer(document, as_json=as_json, people=lambda: _tell(document))
    if document["rows"] and len(document["faults"]) == document["rows"]:
        raise typer.Exit(BAD_INPUT)


@app.command("hook", epilog="Example: mandate letters hook notices.example.org")
def hook(
    host: Annotated[str, typer.Argument(metavar="HOST", help="A host of MANDATE_WEBHOOK_HOSTS.")],
    as_json: AsJson = False,
) -> None:
    """Print the secret with which webhooks to one host are signed, for whoever runs that host, and for nobody else."""
    from notifications.channels.webhook import WebhookChannel, secret_for

    configured = settings()
    if not configured.has_webhooks:
        raise ConfigurationError("No webhook is sent: set MANDATE_WEBHOOK_SECRET and MANDATE_WEBHOOK_HOSTS.")
    channel = WebhookChannel.of(configured)
    if not channel.allows(host.lower()):
        raise ConfigurationError(f"MANDATE_WEBHOOK_HOSTS does not allow {host}: add it there first.")
    document = {"host": host.lower(), "secret": secret_for(channel.secret, host)}
    answer(document, as_json=as_json, people=lambda: typer.echo(document["secret"]))


@app.command("texts", epilog="Example: mandate letters texts --json")
def texts(as_json: AsJson = False) -> None:
    """Try every text that is supplied in another language, as before a notice is made of it; exit 1 if one fails."""
    from app import text_views

    document = text_views.texts()
    failed = any(each["fault"] for each in document["texts"])
    answer(document, as_json=as_json, people=lambda: _tell_texts(document), refused=failed)


def _tell_texts(document: dict[str, Any]) -> None:
    rows = [(each["label"], each["language"], each["fault"] or "can be used") for each in document["texts"]]
    if rows:
        print_table("Texts in other languages", ("message", "language", "tried"), rows, folds=("message", "tried"))
    else:
        typer.echo(f"No text in another language is supplied in {document['folder']}. Everything goes in English.")


def _tell_letters(document: dict[str, Any]) -> None:
    letters = document["without_receipt"]
    days = document["receipt_days"]
    awaited = f"it has {days} days to" if days else "it is not asked to"
    typer.echo(f"The print house has said nothing of {_letters(letters)} in {document['folder']}; {awaited}.")
    rows = [(each["name"], said(each["laid_at"]), "LATE" if each["overdue"] else "") for each in letters[:SHOWN]]
    if rows:
        print_table("Letters without a receipt", ("file", "laid", ""), rows, folds=("file",))
    if len(letters) > SHOWN:
        typer.echo(f"{len(letters) - SHOWN} more are not shown; --json prints them all.")


def _tell(document: dict[str, Any]) -> None:
    repeated, faults = document["repeated"], document["faults"]
    counts = f"{document['recorded']} recorded, {document['unchanged']} unchanged, {len(repeated)} repeated"
    typer.echo(f"{document['file']}: {document['rows']} rows: {counts}, {len(faults)} not usable.")
    typer.echo(f"{document['proved']} of the recorded ones prove receipt; being posted does not.")
    if document["dry_run"]:
        typer.echo("Dry run: nothing was stored.")
    if document["returned"]:
        typer.echo(f"{document['returned']} came back or were never printed: a person is asked about each.")
    if repeated:
        typer.echo(f"Repeated, perhaps posted twice: line {_few(repeated, SHOWN)}.")
    if document["reordered"]:
        typer.echo(
            f"{document['reordered']} rows stand in another order than the letters were laid; that changes nothing."
        )
    if faults:
        rows = [(str(each["line"]), each["field"], each["found"], each["wanted"]) for each in faults[:SHOWN]]
        print_table("Rows that cannot be used", ("Line", "Field", "Found", "Wanted"), rows)
    if document["missing"]:
        missing = document["missing"]
        typer.echo(f"Nothing is said of {_letters(missing)} laid up to the last day of posting: {_few(missing)}.")


def _few(some: Sequence[object], most: int = NAMED) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(some) - most} more" if len(some) > most else ""
    return ", ".join(map(str, some[:most])) + more


def _letters(some: Sequence[object]) -> str:
    return "1 letter" if len(some) == 1 else f"{len(some)} letters"
