"""The database as commands open it, and `mandate init`, which makes it ready."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError, OperationalError

from app.cli.options import AsJson
from app.cli.output import answer
from app.revisions import address_of, bring_up_to_date
from core.away import how_away
from core.clock import parse_as_of
from core.db import Database, database
from core.errors import ConfigurationError, ServiceUnavailable
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork, reading, unit_of_work

ACTOR = "staff:command-line"
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE[THH:MM]", help="Work as if it were then, in London time.")
]

app = typer.Typer()


@app.command("init", epilog="Example: MANDATE_DATABASE_URL=sqlite:///mandate.db mandate init")
def initialise(as_json: AsJson = False) -> None:
    """Create the database, or bring it up to date; what it holds stays."""
    opened = database()
    with _explained(opened):
        created = bring_up_to_date(opened).empty
    address = address_of(opened)
    said = f"The database {address} is {'made' if created else 'up to date'}."
    hint = " Next: `mandate import workplaces FILE`, then officers and members." if created else ""
    document = {"database": address, "created": created}
    answer(document, as_json=as_json, people=lambda: typer.echo(said + hint))


def upgrade() -> None:
    """Bring the database of this process's settings up to date. Raise `ConfigurationError` if it cannot be."""
    bring_up_to_date(database())


@contextmanager
def acting(as_of: str | None, *, changing: bool = True) -> Iterator[UnitOfWork]:
    """
    The unit of work of one command: committed as a whole, or not at all; not `changing`: thrown away.

    Raise `ConfigurationError` before `mandate init`, `ServiceUnavailable` when the database cannot be reached.
    """
    at = parse_as_of(as_of) if as_of else None
    opened = database()
    with _explained(opened):
        if not (_is_there(opened) and inspect(opened.engine).has_table(HistoryEntry.__tablename__)):
            raise ConfigurationError(f"The database {address_of(opened)} has no tables yet. Run `mandate init` first.")
        edge = unit_of_work(ACTOR, as_of=at, on=opened) if changing else reading(as_of=at, on=opened)
        with edge as uow:
            yield uow


def _is_there(opened: Database) -> bool:
    """Whether there is anything to look into: SQLite would make an empty file of a database that was never made."""
    url = opened.engine.url
    in_a_file = url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}
    return not in_a_file or str(url.database).startswith("file:") or Path(str(url.database)).exists()


@contextmanager
def _explained(opened: Database) -> Iterator[None]:
    """What the database's driver says, in words; its statements hold people's data and stay out."""
    try:
        yield
    except OperationalError as error:
        raise ServiceUnavailable(f"The database {address_of(opened)} {how_away(error)}") from None
    except DatabaseError as error:
        reason = type(error.orig).__name__
        raise ServiceUnavailable(f"The database {address_of(opened)} refused a statement ({reason}).") from None
