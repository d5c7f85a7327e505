"""`mandate inbox`: mails that came back, handed in by hand, and those that fit no notice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.acting import STAFF, ActingAs, actor_named, row, words
from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table

app = typer.Typer(
    no_args_is_help=True,
    help="Bounces, reports of delivery and answers that came by mail. Example: mandate inbox take bounce.eml",
)

Digest = Annotated[str, typer.Argument(metavar="DIGEST", help="The mail's SHA-256, from `mandate inbox list`.")]


@app.command("take", epilog="Example: mandate inbox take ~/Maildir")
def take(
    path: Annotated[Path, typer.Argument(metavar="FILE|MAILDIR", help="A mail as it came, or a Maildir.")],
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Read mails as the mailbox's are read, each in its own transaction; the same mail again changes nothing.

    Of a Maildir the unread mails are read; here they are not marked. Exit 4 when one of them could not be read, 2 when
    the file is no mail.
    """
    from app import inbox_acts, service_views
    from app.errors import UNREACHABLE
    from core.errors import BadInput

    mails: list[dict[str, Any]] = []
    for name, content in inbox_acts.mails_in(path):
        try:
            with acting(as_of) as uow:
                uow.actor = actor_named(uow, acting_as)
                mails.append({"mail": name, **service_views.told(uow, inbox_acts.taken(uow, content, name))})
        except BadInput as error:
            if path.is_file():
                raise
            mails.append({"mail": name, "reading": None, "error": str(error)})
    document = {"mails": mails, "unreadable": sum("error" in each for each in mails)}
    answer(document, as_json=as_json, people=lambda: _tell_taken(mails))
    if document["unreadable"]:
        raise typer.Exit(UNREACHABLE)


@app.command("list", epilog="Example: mandate inbox list --json")
def list_all(as_json: AsJson = False, as_of: AsOf = None) -> None:
    """The mails that fit no notice and that nobody has settled, and what else waits for a person."""
    from app import service_views
    from app.cli.notice import tell_tasks

    with acting(as_of, changing=False) as uow:
        document = service_views.document(uow)
    answer(document, as_json=as_json, people=lambda: tell_tasks(document))


@app.command("file", epilog="Example: mandate inbox file DIGEST --out mail.eml")
def file(
    digest: Digest,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where it is written; one that stands is kept.")],
    as_of: AsOf = None,
) -> None:
    """Write out a mail, slip or photograph that is kept as evidence."""
    from core.errors import BadInput
    from notifications import evidence_files

    with acting(as_of, changing=False) as uow:
        content = evidence_files.find(uow, digest).content
    try:
        with out.open("xb") as written:
            written.write(content)
    except OSError as error:
        raise BadInput(field="--out", found=str(out), wanted=f"a new file ({error.strerror})") from None
    typer.echo(f"{len(content):,} bytes written to {out}.")


@app.command("settle", epilog="Example: mandate inbox settle DIGEST --how 'an advertisement'")
def settle(
    digest: Digest,
    how: Annotated[str, typer.Option("--how", metavar="TEXT", help="What became of it, in a few words.")],
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Say what became of a mail that fitted no notice."""
    from app import service_views
    from app.cli.notice import tell_tasks
    from notifications import inbox

    with acting(as_of) as uow:
        uow.actor = actor_named(uow, acting_as)
        inbox.settle(uow, digest, uow.actor, how)
        document = service_views.document(uow)
    answer(document, as_json=as_json, people=lambda: tell_tasks(document))


def _tell_taken(mails: list[dict[str, Any]]) -> None:
    if not mails:
        typer.echo("No unread mail.")
        return
    rows = [
        row(each["mail"], words(each["reading"] or "unreadable"), each.get("kind") or "", each.get("case") or "")
        for each in mails
    ]
    print_table("Mails", ("Mail", "It is", "About", "Case"), rows)
