"""`mandate restore`: after a restored backup, what went out by the journal and is not in the database any more."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any

import typer

from app.cli.acting import STAFF, ActingAs, actor_named
from app.cli.database import acting
from app.cli.facts import asked
from app.cli.options import AsJson
from app.cli.output import answer
from app.errors import UNREACHABLE
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

By = Annotated[
    str, typer.Option("--by", metavar="WHO", help='Who has looked: "Jo Example, head of operations", or officer:<id>.')
]

app = typer.Typer(
    no_args_is_help=True,
    help="After a restored backup: what had gone out, and letting sending go on. Example: mandate restore status",
)


@app.command("status", epilog="Example: mandate restore status --check --json")
def status(
    as_json: AsJson = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 4 while sending stands still.")] = False,
) -> None:
    """Whether sending and paying stand still, and what the journal knows that this database does not. Sends nothing."""
    from app import restoring

    with acting(None, changing=False) as uow:
        document = restoring.document(uow)
    answer(document, as_json=as_json, people=lambda: _tell(restoring.sentences(document), document))
    if check and (document["quarantine"] or document["alarm"]):
        raise typer.Exit(UNREACHABLE)


@app.command("reconcile", epilog='Example: mandate restore reconcile --by "Jo Example, head of operations"')
def reconcile(by: By, acting_as: ActingAs = STAFF, as_json: AsJson = False) -> None:
    """Write what the journal knows into this database, so that it is not sent or paid again. Sends nothing."""
    from app import restoring

    _do(restoring.Looked, restoring.reconcile, {"by": by}, acting_as, as_json=as_json, people=_tell_counts)


@app.command("end", epilog='Example: mandate restore end --by "Jo Example, head of operations" --because "drill over"')
def end(
    by: By,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why it is safe to go on.")],
    which: Annotated[
        str | None, typer.Option("--which", metavar="ID", help="The quarantine that was looked at.")
    ] = None,
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
) -> None:
    """Let sending and paying go on, in the name of whoever has looked."""
    from app import restoring

    given = {"by": by, "because": because, "which": _id(which)}
    said = lambda told: typer.echo(f"Sending and paying go on. Ended by {told['ended_by']}.")  # noqa: E731 - one line
    _do(restoring.Ended, restoring.end, given, acting_as, as_json=as_json, people=said)


def _do(
    shape: type[Any],
    handler: Callable[[UnitOfWork, Any], dict[str, Any]],
    given: dict[str, Any],
    acting_as: str,
    *,
    as_json: bool,
    people: Callable[[dict[str, Any]], None],
) -> None:
    from pydantic import ValidationError

    try:
        facts = shape(**given)
    except ValidationError as invalid:
        told = invalid.errors(include_url=False)[0]
        raise BadInput(field=f"--{told['loc'][-1]}", found=told["input"], wanted=asked(told["msg"])) from None
    with acting(None) as uow:
        uow.actor = actor_named(uow, acting_as)
        document = handler(uow, facts)
    answer(document, as_json=as_json, people=lambda: people(document))


def _id(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise BadInput(field="--which", found=text, wanted="the id from `mandate restore status --json`") from None


def _tell(sentences: Any, document: dict[str, Any]) -> None:
    for sentence in sentences:
        typer.echo(sentence)
    typer.echo(f"Journal: {document['journal']}")
    if document["to_reconcile"]:
        typer.echo("Next: `mandate restore reconcile --by WHO`, then `mandate restore end --by WHO --because WHY`.")
    elif document["quarantine"]:
        typer.echo("Next: `mandate restore end --by WHO --because WHY`.")


def _tell_counts(counts: dict[str, Any]) -> None:
    told = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in counts.items() if number)
    typer.echo(f"Taken in: {told or 'nothing, for nothing was missing'}. Nothing was sent.")
    typer.echo("See `mandate restore status`; `mandate restore end` lets sending go on.")
