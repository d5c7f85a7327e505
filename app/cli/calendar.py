"""`mandate calendar`: the secret addresses by which calendar programs read the deadlines of an account."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from app import calendars
from app.access import grants_to_look
from app.cli.acting import said
from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.narrowing import narrow, widen
from app.plain import plain
from ballots import calendar_keys
from casework.people import accounts
from casework.people.models import Account
from core.clock import Clock
from core.errors import NotFound
from core.unit_of_work import UnitOfWork

app = typer.Typer(
    no_args_is_help=True,
    help="Calendars of deadlines, by secret addresses. Example: mandate calendar add jo@union.test",
)
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The mail address of the account.")]


@app.command(epilog="Example: mandate calendar add jo@union.test --ballot B-2026-0001-1")
def add(
    email: Email,
    ballot: Annotated[str, typer.Option("--ballot", metavar="REF", help="Of this ballot, not of the cases.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a calendar of the account's cases, or of a ballot it reaches, and print its address."""
    with acting(None) as uow:
        account = _account(uow, email)
        narrow(uow.session, grants_to_look(account), account.officer_id)
        line, key = calendars.make(uow, account.id, ballot.strip().upper(), f"cli:{uuid.uuid4()}", Clock().now())
        widen(uow.session)
    url = calendars.address(str(key))
    document = {**plain(line), "url": url}
    answer(document, as_json=as_json, people=lambda: _tell_address(url))


@app.command("list", epilog="Example: mandate calendar list jo@union.test")
def list_all(email: Email, as_json: AsJson = False) -> None:
    """The calendars that the account keeps; an address is never shown again."""
    with acting(None, changing=False) as uow:
        found = calendars.of_account(uow, _account(uow, email).id)
    rows = [(each.short, each.ballot or "the account's cases", said(each.made_at)) for each in found]
    answer(
        {"calendars": plain(found)},
        as_json=as_json,
        people=lambda: print_table("Calendars", ("Name", "Of", "Made"), rows),
    )


@app.command(epilog="Example: mandate calendar end jo@union.test 0123456789ab")
def end(
    email: Email,
    short: Annotated[str, typer.Argument(metavar="NAME", help="As `mandate calendar list` has it.")],
    as_json: AsJson = False,
) -> None:
    """End a calendar: its address is worth nothing any more."""
    with acting(None) as uow:
        row = calendar_keys.end(uow, _account(uow, email).id, short, Clock().now())
        document = plain({"short": row.short, "ended_at": row.ended_at})
    answer(document, as_json=as_json, people=lambda: typer.echo(f"The calendar {short} is ended."))


def _account(uow: UnitOfWork, email: str) -> Account:
    account = accounts.by_email(uow, email)
    if account is None:
        raise NotFound("account with the mail address", email)
    return account


def _tell_address(url: str) -> None:
    typer.echo("The calendar's address, which is not shown again. Whoever has it can read the calendar:")
    typer.echo(url)
