"""
Turning the table of acts into commands: each act's fields become options, and recording it says what comes next.

So page, API and command line reach the same acts with the same facts.
"""

from __future__ import annotations

import inspect
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from app import acts
from app.actors import actor_for
from app.cli import facts as reading_facts
from app.cli.database import ACTOR, AsOf, acting
from app.cli.facts import SEVERAL, described, example_options, from_given, option_of, wanted
from app.cli.options import AsJson
from app.cli.output import answer
from app.forms import Field, Kind
from app.people_views import named
from app.stand_down_views import case_of
from app.stored_words import stage_name
from app.templating import date_time, long_date
from casework.acts import Act, Facts, lead
from casework.cases import Case
from casework.deadlines import open_deadlines
from core import work
from core.calendar import in_words
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

Ref = Annotated[str, typer.Argument(metavar="REF", help="The case's reference, such as 2026-0001.")]
ActingAs = Annotated[
    str,
    typer.Option("--as", metavar="ACTOR", help="staff, staff:<post>, or officer:<id> from `mandate officer list`."),
]
Key = Annotated[
    str | None, typer.Option("--key", metavar="TEXT", help="The same key again records nothing a second time.")
]

STAFF = "staff"
POST = re.compile(r"staff:[a-z0-9-]{1,40}")
DEADLINES_TOLD = 3
HINTS: Mapping[str, str] = {
    "ballot_authorised": "`mandate ballot show {ref}` shows its papers and what is still owed before it opens.",
    "claim_submitted": "`mandate claim list {ref}` shows the claim's id, which its approval takes.",
    "payment_batch_prepared": "`mandate payment list` shows the file's reference; another person releases it.",
    "payment_batch_released": "`mandate payment file {batch} --out FILE` writes the file for the bank.",
    "payment_returned": "Two people approve the claim again and one confirms its account; `mandate claim list {ref}`.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who acts, when, under which key, and how to answer. Not `stored`: try it and throw it away."""

    acting_as: str = STAFF
    key: str | None = None
    as_json: bool = False
    as_of: str | None = None
    stored: bool = True


def actor_named(uow: UnitOfWork, acting_as: str) -> str:
    """The actor for history; a post of staff is kept as given, and is no second person. Else `BadInput`."""
    if acting_as == STAFF:
        return ACTOR
    if POST.fullmatch(acting_as):
        return acting_as
    try:
        return actor_for(uow, acting_as, "command-line")
    except BadInput:
        allowed = "staff, staff:<post> such as staff:finance, or officer:<id> of an active officer"
        raise BadInput(field="--as", found=acting_as, wanted=f"{allowed}; see `mandate officer list`") from None


def unique(key: str | None) -> str:
    """The key under which an act counts once: the caller's, or one of this call alone."""
    return f"command-line:{key or uuid.uuid4()}"


def perform(ref: str, act: Act, read: Callable[[], Facts], asked: Asked) -> None:
    """Do an act on a case and say where the case stands then. `read` gives the facts, or raises `BadInput`."""
    perform_with(ref, act, lambda _: read(), asked)


def perform_with(
    ref: str,
    act: Act,
    read: Callable[[UnitOfWork], Facts],
    asked: Asked,
    then: Callable[[UnitOfWork, Facts], None] = lambda _uow, _facts: None,
) -> None:
    """
    As `perform`, where the facts need something stored in the same transaction, such as the file they name, and `then`
    something is to be done with them, unless the key shows that it was before.
    """
    with acting(asked.as_of, changing=asked.stored) as uow:
        case = case_of(uow, ref)
        given = read(uow)
        uow.actor = actor_named(uow, asked.acting_as)
        new = acts.do(uow, case.id, act, given, unique(asked.key))
        if new:
            then(uow, given)
        uow.session.flush()  # a session that only looks does not flush by itself
        document = {"act": act.name, "recorded": new and asked.stored, **standing(uow, case)}
        document["hint"] = HINTS[act.name].format(ref=case.ref, **given.model_dump()) if act.name in HINTS else None
    answer(document, as_json=asked.as_json, people=lambda: _tell(act, document, new=new, stored=asked.stored))


def standing(uow: UnitOfWork, case: Case) -> dict[str, Any]:
    """Where a case stands, what is due next, and what can be recorded."""
    deadlines = open_deadlines(uow, case.id)
    return {
        "ref": case.ref,
        "stage": case.stage,
        "entered_on": case.entered_on,
        "resting_until": case.wake_on,
        "next": [{"kind": row.kind, "label": row.label, "due_on": row.due_on} for row in deadlines],
        "acts": [act.name for act in acts.acts_offered(uow, case)],
        "work_waits": work.waiting(uow) > 0,
    }


def tell_standing(document: Mapping[str, Any]) -> None:
    """The same for people."""
    rests = f"; it rests until {in_words(document['resting_until'])}" if document["resting_until"] else ""
    since = in_words(document["entered_on"])
    typer.echo(f"Case {document['ref']} is at the stage “{stage_name(document['stage'])}”, since {since}{rests}.")
    for row in document["next"][:DEADLINES_TOLD]:
        typer.echo(f"Next: {row['label']}, {in_words(row['due_on'])}.")
    typer.echo(f"Can be recorded now: {', '.join(document['acts']) or 'nothing'}.")
    if document["work_waits"]:
        commands = "`mandate sweep deadlines`, then `mandate sweep outbox`"
        typer.echo(f"A running worker carries this on by itself; without one, run {commands}.")


def _tell(act: Act, document: Mapping[str, Any], *, new: bool, stored: bool) -> None:
    if not new:
        typer.echo(f"{act.label}: recorded before under this key. Nothing has changed.")
    else:
        typer.echo(f"{act.label}: {'recorded' if stored else 'this could be recorded; nothing was stored'}.")
    tell_standing(document)
    if stored and document["hint"]:
        typer.echo(document["hint"])


def add_acts(app: typer.Typer, group: str, commands: Mapping[str, str]) -> None:
    """Add a command to a group for each act: `{command: name of the act}`."""
    for name, act_name in commands.items():
        add_act(app, group, name, acts.act_named(act_name))


def add_act(app: typer.Typer, group: str, name: str, act: Act, *, stored: bool = True) -> None:
    """Add one act as a command; not `stored`: as a trial that is thrown away."""
    does = act.label if stored else f"Try it and store nothing: {act.label[:1].lower()}{act.label[1:]}"
    says = f"{does}. {lead(act)}".strip()
    example = f"Example: mandate {group} {name} 2026-0001 {example_options(act)}".rstrip()
    app.command(name, help=says, epilog=escape(example))(_command(act, stored=stored))


def _command(act: Act, *, stored: bool) -> Callable[..., None]:
    fields = reading_facts.fields_of_act(act)

    def command(**given: Any) -> None:
        asked = Asked(given["acting_as"], given["key"], given["as_json"], given["as_of"], stored)
        typed = {field.name: _listed(given[field.name]) for field in fields}
        perform(given["ref"], act, lambda: from_given(act, typed), asked)

    common = (
        _parameter("acting_as", ActingAs, STAFF),
        _parameter("key", Key, None),
        _parameter("as_json", AsJson, False),
        _parameter("as_of", AsOf, None),
    )
    parameters = [_parameter("ref", Ref), *map(_option, fields), *common]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _option(field: Field) -> inspect.Parameter:
    hint = f" {field.hint}." if field.hint and field.kind is not Kind.MONEY else ""
    told = f"{field.label}: {wanted(field)}.{hint}"
    option = typer.Option(option_of(field.name), metavar=_METAVARS.get(field.kind, "TEXT"), help=escape(told))
    several = field.kind in SEVERAL
    if field.required:
        return _parameter(field.name, Annotated[list[str] if several else str, option])
    return _parameter(field.name, Annotated[list[str] | None if several else str | None, option], None)


_METAVARS: Mapping[Kind, str] = {
    Kind.DATE: "DATE",
    Kind.INT: "N",
    Kind.MONEY: "PENCE",
    Kind.FLAG: "yes|no",
}


def _listed(given: str | list[str] | None) -> list[str]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def told_acts(found: tuple[Act, ...]) -> None:
    """Acts with their fields, for people."""
    for act in found:
        typer.echo(f"{act.name}: {act.label} ({named(act.roles)})")
        for line in described(act):
            typer.echo(line)


def row(*values: object) -> tuple[str, ...]:
    """Cells of a table: dates as people write them, nothing for None, no bracket taken for the printer's."""
    return tuple("" if value is None else escape(said(value)) for value in values)


def said(value: object) -> str:
    """A value as people write it: `14 January 2027`, an instant `14 January 2027, 14:05` in London."""
    if isinstance(value, datetime):
        return date_time(value)
    return long_date(value) if isinstance(value, date) else str(value)


def words(value: str) -> str:
    """A stored word as people write it."""
    return value.replace("_", " ")
