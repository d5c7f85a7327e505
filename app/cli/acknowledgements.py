"""`mandate acknowledgements`: the page by which employers acknowledge a notice, and the link of one."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.database import AsOf, acting
from app.cli.notice import NoticeId, id_of
from app.cli.options import AsJson
from app.cli.output import answer
from core.errors import ConfigurationError, NotFound
from core.logs import configure
from core.settings import settings

PORT = 8322

app = typer.Typer(
    no_args_is_help=True,
    help="The page by which employers acknowledge a notice. Example: mandate acknowledgements serve",
)


@app.command("serve", epilog="Example: mandate acknowledgements serve --port 8322")
def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="TCP port on 127.0.0.1.")] = PORT,
) -> None:
    """
    Answer the links in employers' notices at http://127.0.0.1:8322, until Ctrl-C or SIGTERM.

    Nothing else answers there. Put a proxy with TLS in front of it at MANDATE_PUBLIC_URL, passing the Host on.
    """
    configure()
    from app.public import run_public

    configured = settings()

    def ready(address: str) -> None:
        typer.echo(f"Answering the links of {configured.public_url} at {address}. Press Ctrl-C to stop.")

    run_public(configured, port, ready)


@app.command("link", epilog="Example: mandate acknowledgements link 0198c2a0-1111-7222-8333-444455556666")
def link(notice: NoticeId, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """Print the link of one notice, to be read out to an employer that has lost it."""
    from notifications.messages import message_kind
    from notifications.models import Notice
    from notifications.receipt_links import address

    with acting(as_of, changing=False) as uow:
        key = id_of("ID", notice)
        row = uow.session.get(Notice, key)
        if row is None:
            raise NotFound("notice", key)
        found = address(row.message_id, message_kind(row.kind), row.medium, settings())
    if found is None:
        raise ConfigurationError(
            "This notice has no link: MANDATE_PUBLIC_URL is not set, or nobody has to show receipt of its kind."
        )
    answer({"notice": key, "link": found}, as_json=as_json, people=lambda: typer.echo(found))
