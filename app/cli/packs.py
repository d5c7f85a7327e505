"""`pack` and `lint` of a ballot or an action that is held: its papers in a file, and what counsel would say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app import pack_views
from app.cli.acting import Ref
from app.cli.database import AsOf, acting
from app.cli.lint import tell
from app.cli.options import AsJson, iso_day
from app.cli.output import answer
from app.law_words import used
from ballots.lint import Examination
from ballots.models import Action, Ballot
from ballots.pack import Pack
from ballots.pack_writing import as_json, as_toml
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write it to a new file instead of printing it.")
]
Starts = Annotated[
    str | None,
    typer.Option("--starts", metavar="DATE", help="The first day of the action meant, if there are several."),
]


def add_ballot_packs(app: typer.Typer) -> None:
    """Add the two commands to the group of ballots."""

    @app.command("pack", epilog="Example: mandate ballot pack 2026-0001 --out pack.toml")
    def pack(ref: Ref, out: Out = None, as_json: AsJson = False, as_of: AsOf = None) -> None:
        """
        The ballot's papers as facts, in the file that `mandate lint` reads: TOML, or JSON with --json.

        REF is the case's reference or the ballot's own.
        """
        with acting(as_of, changing=False) as uow:
            written = pack_views.pack_of(uow, pack_views.ballot_named(uow, ref))
        _write(written, out, in_json=as_json)

    @app.command("lint", epilog="Example: mandate ballot lint 2026-0001")
    def lint(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
        """
        Everything in the ballot's papers that an employer's counsel would take to court; exit 1 on a stop.

        REF is the case's reference or the ballot's own. What is found here keeps the papers from being served.
        """
        with acting(as_of, changing=False) as uow:
            found = _examined(uow, pack_views.ballot_named(uow, ref))
        _tell(found, as_json=as_json)


def add_action_packs(app: typer.Typer) -> None:
    """Add the two commands to the group of action."""

    @app.command("pack", epilog="Example: mandate action pack 2026-0001 --starts 2027-01-27 --out pack.toml")
    def pack(ref: Ref, starts: Starts = None, out: Out = None, as_json: AsJson = False, as_of: AsOf = None) -> None:
        """The ballot's papers with the notice, the call and the days of an action: TOML, or JSON with --json."""
        with acting(as_of, changing=False) as uow:
            written = pack_views.pack_of(uow, _action(uow, ref, starts))
        _write(written, out, in_json=as_json)

    @app.command("lint", epilog="Example: mandate action lint 2026-0001")
    def lint(ref: Ref, starts: Starts = None, as_json: AsJson = False, as_of: AsOf = None) -> None:
        """Everything in the papers of an action that an employer's counsel would take to court; exit 1 on a stop."""
        with acting(as_of, changing=False) as uow:
            found = _examined(uow, _action(uow, ref, starts))
        _tell(found, as_json=as_json)


def _action(uow: UnitOfWork, ref: str, starts: str | None) -> Action:
    return pack_views.action_named(uow, ref, iso_day(starts) if starts else None)


def _examined(uow: UnitOfWork, of: Ballot | Action) -> Examination:
    return pack_views.examination_of(uow, of)


def _write(pack: Pack, out: Path | None, *, in_json: bool) -> None:
    written = as_json(pack) if in_json else as_toml(pack)
    if out is None:
        typer.echo(written, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(written)
    except OSError as error:
        wanted = f"a file that does not exist yet, in a folder that can be written to ({error.strerror})"
        raise BadInput(field="--out", found=str(out), wanted=wanted) from None
    typer.echo(f"{out}: the pack is written. `mandate lint {out}` reads it.")


def _tell(found: Examination, *, as_json: bool) -> None:
    document = {"findings": found.findings, "law": used(found.law)}
    answer(document, as_json=as_json, people=lambda: tell(document), findings=found.findings)
