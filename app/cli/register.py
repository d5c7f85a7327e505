"""`mandate import`: the register of schools and colleges, members and officers from CSV files and workbooks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.errors import BAD_INPUT
from app.import_reports import document
from casework.register.intake import ImportReport, Phase, Taking
from casework.register.intake import Progress as Told
from casework.register.kinds import KINDS, Kind
from casework.register.rejects import write_rejects
from core.errors import BadInput

SHOWN = 20
EXAMPLES: Mapping[str, str] = {
    "workplaces": "edubasealldata.csv --rejects rejects.csv",
    "colleges": "colleges.csv",
    "links": "links_edubasealldata.csv",
    "closures": "closed_schools.csv --dry-run",
    "trusts": "responsible_bodies.csv --rejects contradictions.csv",
    "officers": "officers.csv",
    "members": "members.xlsx --sheet Members --dry-run",
}

app = typer.Typer(
    no_args_is_help=True,
    help="Take in files. Rows that cannot be used are listed; the others are stored.",
)

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV in UTF-8 or Windows-1252, or an Excel workbook (.xlsx).")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing.")]
Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", help="Write rejected rows here, to be put right and imported again."),
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="Which sheet of a workbook, where several hold data.")
]


def add_kinds() -> None:
    """Add a command for each kind of file."""
    for name, kind in KINDS.items():
        used = f"\n\nUsed when there: {kind.used}" if kind.used else ""
        says = f"{kind.at_length}\n\nNeeded: {kind.needed}{used}"
        app.command(name, help=says, epilog=f"Example: mandate import {name} {EXAMPLES[name]}")(_command(kind))


def _command(kind: Kind) -> Callable[..., None]:
    def command(
        file: File,
        dry_run: DryRun = False,
        rejects: Rejects = None,
        sheet: Sheet = None,
        as_json: AsJson = False,
        as_of: AsOf = None,
    ) -> None:
        if rejects is not None and rejects.resolve() == file.resolve():
            raise BadInput(field="--rejects", found=str(rejects), wanted="another file than the one to import")
        with acting(as_of, changing=not dry_run) as uow, _progress_bar(file) as told:
            report = kind.take_in(uow, Taking(file, sheet, dry_run, told))
            if rejects is not None:
                write_rejects(rejects, report.headings, report.rejects)
        answer(document(report, file.name), as_json=as_json, people=lambda: _print(report, file, rejects))
        if report.rows and report.rejected == report.rows:
            raise typer.Exit(BAD_INPUT)

    return command


@contextmanager
def _progress_bar(file: Path) -> Iterator[Told | None]:
    """A bar on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file.name, total=None)

        def told(phase: Phase, done: int, total: int) -> None:
            bar.update(task, description=f"{phase} {file.name}", completed=done, total=total or None)

        yield told


def _print(report: ImportReport, file: Path, rejects: Path | None) -> None:
    counts = f"{report.stored} new, {report.updated} changed, {report.unchanged} unchanged, {report.rejected} rejected"
    typer.echo(f"{file.name}: {report.rows} rows of {report.kind}: {counts}.")
    if report.dry_run:
        typer.echo("Dry run: nothing was stored.")
    if report.rejects:
        rows = [
            (each.cell or str(each.line), *map(escape, (each.field, each.found, each.wanted)))
            for each in report.rejects[:SHOWN]
        ]
        print_table("Rejected rows", ("Line", "Field", "Found", "Wanted"), rows)
        typer.echo(_where_all_are(report, rejects))


def _where_all_are(report: ImportReport, rejects: Path | None) -> str:
    if rejects is not None:
        return f"All {report.rejected} are in {rejects}: put them right there and import that file."
    if report.rejected > SHOWN:
        return f"{report.rejected - SHOWN} more are not shown; --rejects FILE writes them all."
    return "Put them right and import the file again, or use --rejects FILE for a file of these rows alone."


add_kinds()
