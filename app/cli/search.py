"""`mandate search`: a case, a school or an employer by a name, a town or a reference."""

from __future__ import annotations

from typing import Annotated

import typer
from fastapi.encoders import jsonable_encoder

from app.cli.acting import row
from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.search import Found, search

app = typer.Typer()


@app.command("search", epilog="Example: mandate search parliament hill")
def find(
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="Words, or the beginning of a reference.")],
    as_json: AsJson = False,
) -> None:
    """Everything in which each word begins a word of the name, place or number, or whose reference begins so."""
    with acting(None, changing=False) as uow:
        found = search(uow, " ".join(text))
    document = {"words": found.words, "hits": jsonable_encoder(found.hits), "more": found.more}
    answer(document, as_json=as_json, people=lambda: _tell(found))


def _tell(found: Found) -> None:
    if not found.hits:
        typer.echo("Nothing is found. Each word has to begin a word of the name, the place or the number.")
        return
    rows = [row(hit.kind, hit.title, hit.says, hit.href) for hit in found.hits]
    print_table(" ".join(found.words), ("", "What", "", "Page"), rows, folds=("What", ""))
    if found.more:
        typer.echo(f"There are more of: {', '.join(found.more)}. Another word narrows it down.")
