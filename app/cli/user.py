"""`mandate user`: who may sign in to the dashboard, what they are for, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

import typer

from app import people_views
from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.links import dashboard_at, welcome_url
from app.people_views import PersonLine, RoleLine
from casework.people import accounts, api_tokens, digests
from casework.people.models import Account
from casework.people.roles import Grant, Role
from core.clock import Clock
from core.errors import NotFound, require_each
from core.settings import settings
from core.unit_of_work import UnitOfWork

app = typer.Typer(
    no_args_is_help=True,
    help="Who may sign in. Example: mandate user add --name 'Jo Example' --email jo@union.test --role auditor",
)

ROLES = ", ".join(each.value for each in Role)
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The mail address of the account.")]
RoleName = Annotated[str, typer.Option("--role", metavar="ROLE", help=f"One of {ROLES}.")]
Place = Annotated[
    str, typer.Option("--place", metavar="WHERE", help="An association's name, or a workplace's URN or UKPRN.")
]


@app.command(epilog="Example: mandate user add --name 'Jo Example' --email jo@union.test --role ballot_team")
def add(
    name: Annotated[str, typer.Option("--name", help="The name that colleagues know.")],
    email: Annotated[str, typer.Option("--email", help="The mail address to sign in with.")],
    role: RoleName,
    place: Place = "",
    officer: Annotated[
        str, typer.Option("--officer", metavar="officer:<id>", help="Who they are; see `mandate officer list`.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Make an account, and print the link with which its owner chooses a password and a second factor."""
    with acting(None) as uow:
        at = Clock().now()
        who, grant = require_each(
            partial(accounts.newcomer, uow, name, email, officer), partial(people_views.read_grant, uow, role, place)
        )
        account = accounts.add(uow, who, [grant], at)
        url = _url(accounts.give_link(uow, account.id, at))
        document = _document(people_views.person(uow, account.id)) | {"link": url}
    answer(document, as_json=as_json, people=lambda: _tell_link(url))


@app.command("list", epilog="Example: mandate user list")
def list_all(as_json: AsJson = False) -> None:
    """Every account, its roles and how it stands."""
    with acting(None, changing=False) as uow:
        found = people_views.people(uow)
    answer({"users": [_document(each) for each in found]}, as_json=as_json, people=lambda: _tell(found))


@app.command(epilog="Example: mandate user link jo@union.test")
def link(email: Email, as_json: AsJson = False) -> None:
    """A new link for somebody who cannot get in; what they have now works until it is used."""
    with acting(None) as uow:
        url = _url(accounts.give_link(uow, _account(uow, email).id, Clock().now()))
    answer({"link": url}, as_json=as_json, people=lambda: _tell_link(url))


@app.command(epilog="Example: mandate user give jo@union.test --role caseworker --place Brightwell")
def give(email: Email, role: RoleName, place: Place = "", as_json: AsJson = False) -> None:
    """Give an account a role besides those it holds."""
    _with_roles(email, lambda uow, held: (*held, people_views.read_grant(uow, role, place)), as_json=as_json)


@app.command(epilog="Example: mandate user take jo@union.test --role caseworker --place Brightwell")
def take(email: Email, role: RoleName, place: Place = "", as_json: AsJson = False) -> None:
    """Take a role away from an account."""

    def fewer(uow: UnitOfWork, held: Sequence[Grant]) -> Sequence[Grant]:
        gone = people_views.read_grant(uow, role, place)
        if gone not in held:
            raise NotFound("role of the account called", gone.key)
        return [each for each in held if each != gone]

    _with_roles(email, fewer, as_json=as_json)


@app.command(epilog="Example: mandate user confirm jo@union.test")
def confirm(email: Email, as_json: AsJson = False) -> None:
    """Let stand what an account may do that somebody made or changed on the dashboard."""
    _changed(email, lambda uow, account: accounts.confirm(uow, account.id), as_json=as_json)


@app.command(epilog="Example: mandate user close jo@union.test")
def close(email: Email, as_json: AsJson = False) -> None:
    """Nobody signs in with it any more, and whoever is signed in is signed out."""
    _changed(email, lambda uow, account: accounts.close(uow, account.id, Clock().now()), as_json=as_json)


@app.command(epilog="Example: mandate user open jo@union.test")
def open(email: Email, as_json: AsJson = False) -> None:  # noqa: A001 - the command's word
    """Let somebody sign in again whose account was closed."""
    _changed(email, lambda uow, account: accounts.reopen(uow, account.id), as_json=as_json)


@app.command("set-up", epilog="Example: mandate user set-up")
def set_up(as_json: AsJson = False) -> None:
    """A new link that sets Mandate up, where nobody has an account yet."""
    with acting(None) as uow:
        url = _url(accounts.first_link(uow, Clock().now()))
    answer({"link": url}, as_json=as_json, people=lambda: _tell_link(url))


@app.command(epilog="Example: mandate user token jo@union.test --label reports --role auditor --days 30")
def token(
    email: Email,
    label: Annotated[str, typer.Option("--label", help="What the token is for.")],
    may: Annotated[str, typer.Option("--may", help="look, or act.")] = api_tokens.LOOK,
    days: Annotated[int, typer.Option("--days", help=f"For how many days: {api_tokens.LONGEST_DAYS} at most.")] = 90,
    role: Annotated[
        list[str] | None, typer.Option("--role", metavar="KEY", help="Only this role, as `mandate user list` has it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a program that acts for the account, and print it this once."""
    with acting(None) as uow:
        own = _account(uow, email)
        key = api_tokens.make(uow, own.id, label, may, days, Clock().now(), roles=role or ())
    answer({"token": key}, as_json=as_json, people=lambda: _tell_token(key))


@app.command(epilog="Example: mandate user digest jo@union.test --rhythm mondays --part deadlines")
def digest(
    email: Email,
    rhythm: Annotated[str, typer.Option("--rhythm", help="One of " + ", ".join(digests.Rhythm) + ".")] = "",
    part: Annotated[
        list[str] | None, typer.Option("--part", help="Some of " + ", ".join(digests.DigestPart) + "; without it, all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What an account is told by mail, and how often; without --rhythm only shown."""
    with acting(None, changing=bool(rhythm)) as uow:
        own = _account(uow, email)
        if rhythm:
            digests.choose(uow, own.id, rhythm, part or list(digests.DigestPart))
        found = digests.of_account(uow, own.id)
        document = {"rhythm": found.rhythm.value, "parts": list(found.parts)}
    answer(document, as_json=as_json, people=lambda: typer.echo(f"{document['rhythm']}: {', '.join(found.parts)}"))


def _tell_token(key: str) -> None:
    typer.echo("Give it to the program, by a way that nobody else reads. It is not shown again:")
    typer.echo(key)


def _with_roles(
    email: str,
    wanted: Callable[[UnitOfWork, Sequence[Grant]], Sequence[Grant]],
    *,
    as_json: bool,
) -> None:
    def change(uow: UnitOfWork, account: Account) -> None:
        accounts.set_roles(uow, account.id, tuple(wanted(uow, account.grants)), Clock().now())

    _changed(email, change, as_json=as_json)


def _changed(email: str, change: Callable[[UnitOfWork, Account], None], *, as_json: bool) -> None:
    with acting(None) as uow:
        account = _account(uow, email)
        change(uow, account)
        uow.session.flush()
        line = people_views.person(uow, account.id)
    answer(_document(line), as_json=as_json, people=lambda: _tell((line,)))


def _account(uow: UnitOfWork, email: str) -> Account:
    account = accounts.by_email(uow, email)
    if account is None:
        raise NotFound("account with the mail address", email)
    return account


def _url(key: str) -> str:
    return welcome_url(dashboard_at(settings()), key)


def _document(line: PersonLine) -> dict[str, Any]:
    return {
        "account": f"account:{line.id}",
        "email": line.email,
        "standing": line.standing,
        "roles": [each.key for each in line.roles],
    }


def _tell_link(url: str) -> None:
    typer.echo("Give them this link, by a way that nobody else reads. It works once and is not shown again:")
    typer.echo(url)


def _tell(found: Sequence[PersonLine]) -> None:
    if not found:
        typer.echo("Nobody has an account yet. `mandate user set-up` prints the link that makes the first one.")
        return
    rows = [(each.name, each.email, "; ".join(map(_in_words, each.roles)), each.standing) for each in found]
    print_table("Accounts", ("Name", "Mail address", "Roles", "State"), rows)


def _in_words(role: RoleLine) -> str:
    return f"{role.label}, {role.where}" if role.where else role.label
