"""`mandate import`: the register of schools, members and officers from CSV files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.errors import BAD_INPUT
from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import ImportReport
from casework.register.intake import Progress as Told
from casework.register.reading import write_rejects
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

SHOWN = 20

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Take in files. Rows that cannot be used are listed; the others are stored.",
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file in UTF-8 or Windows-1252.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing.")]
Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", help="Write rejected rows here, to be put right and imported again."),
]


class Importer(Protocol):
    """One of the three imports."""

    def __call__(
        self, uow: UnitOfWork, path: Path, *, progress: Told | None = None, dry_run: bool = False
    ) -> ImportReport: ...


@app.command(epilog="Example: mandate import workplaces edubasealldata.csv --rejects rejects.csv")
def workplaces(
    file: File, dry_run: DryRun = False, rejects: Rejects = None, as_json: AsJson = False, as_of: AsOf = None
) -> None:
    """
    Schools from an extract of the register of schools (Get Information About Schools, or EduBase of 2017).

    Needed: URN, EstablishmentName, TypeOfEstablishment (name), EstablishmentStatus (name), LA (code), LA (name),
    Postcode.

    Used when there: PhaseOfEducation (name), OpenDate, CloseDate, address, Trusts (name), Federations (name),
    PropsName.
    """
    _take_in(import_workplaces, file, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


@app.command(epilog="Example: mandate import members members.csv --dry-run")
def members(
    file: File, dry_run: DryRun = False, rejects: Rejects = None, as_json: AsJson = False, as_of: AsOf = None
) -> None:
    """
    Members, their posts and where reimbursements are paid to.

    Needed: membership_number, name, email, postcode, urn, category, joined_on, annual_salary (full-time, in pounds).

    Used when there: address_line_1, address_line_2, town, left_on, fte, is_rep, sort_code, account_number.
    """
    _take_in(import_members, file, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


@app.command(epilog="Example: mandate import officers officers.csv")
def officers(
    file: File, dry_run: DryRun = False, rejects: Rejects = None, as_json: AsJson = False, as_of: AsOf = None
) -> None:
    """
    Officers and the local authorities that their associations cover.

    Needed: name, email, association, la_codes (three-digit codes, separated by spaces), open_case_limit.

    Used when there: active (yes or no).
    """
    _take_in(import_officers, file, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


def _take_in(
    importer: Importer, file: Path, *, dry_run: bool, rejects: Path | None, as_json: bool, as_of: str | None
) -> None:
    if rejects is not None and rejects.resolve() == file.resolve():
        raise BadInput(field="--rejects", found=str(rejects), wanted="another file than the one to import")
    with acting(as_of, changing=not dry_run) as uow, _progress_bar(file) as told:
        report = importer(uow, file, progress=told, dry_run=dry_run)
        if rejects is not None:
            write_rejects(rejects, report.headings, report.rejects)
    answer(_document(report, file), as_json=as_json, people=lambda: _print(report, file, rejects))
    if report.rows and report.rejected == report.rows:
        raise typer.Exit(BAD_INPUT)


@contextmanager
def _progress_bar(file: Path) -> Iterator[Told | None]:
    """A bar on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file.name)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _document(report: ImportReport, file: Path) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "file": file.name,
        "file_sha256": report.file_sha256,
        "dry_run": report.dry_run,
        "rows": report.rows,
        "stored": report.stored,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "rejects": [
            {
                "line": reject.line,
                "field": reject.field,
                "found": reject.found,
                "wanted": reject.wanted,
                "other_fields": reject.other_fields,
            }
            for reject in report.rejects
        ],
    }


def _print(report: ImportReport, file: Path, rejects: Path | None) -> None:
    counts = f"{report.stored} new, {report.updated} changed, {report.unchanged} unchanged, {report.rejected} rejected"
    typer.echo(f"{file.name}: {report.rows} rows of {report.kind}: {counts}.")
    if report.dry_run:
        typer.echo("Dry run: nothing was stored.")
    if report.rejects:
        rows = [
            (str(each.line), *map(escape, (each.field, each.found, each.wanted))) for each in report.rejects[:SHOWN]
        ]
        print_table("Rejected rows", ("Line", "Field", "Found", "Wanted"), rows)
        typer.echo(_where_all_are(report, rejects))


def _where_all_are(report: ImportReport, rejects: Path | None) -> str:
    if rejects is not None:
        return f"All {report.rejected} are in {rejects}: put them right there and import that file."
    if report.rejected > SHOWN:
        return f"{report.rejected - SHOWN} more are not shown; --rejects FILE writes them all."
    return "Put them right and import the file again, or use --rejects FILE for a file of these rows alone."
