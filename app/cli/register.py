"""`mandate import`: the register of schools and colleges, members and officers from CSV files and workbooks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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
from casework.register.intake import ImportReport, Phase
from casework.register.intake import Progress as Told
from casework.register.kinds import KINDS
from casework.register.rejects import write_rejects
from core.errors import BadInput

SHOWN = 20

app = typer.Typer(
    add_completion=False,
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


@app.command(epilog="Example: mandate import workplaces edubasealldata.csv --rejects rejects.csv")
def workplaces(
    file: File,
    dry_run: DryRun = False,
    rejects: Rejects = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Schools from an extract of the register of schools (Get Information About Schools, or EduBase of 2017).

    Needed: URN, EstablishmentName, TypeOfEstablishment (name), EstablishmentStatus (name), LA (code), LA (name),
    Postcode.

    Used when there: PhaseOfEducation (name), OpenDate, CloseDate, address, Trusts (name), Federations (name),
    PropsName, and UKPRN for colleges.
    """
    _take_in("workplaces", file, sheet, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


@app.command(epilog="Example: mandate import colleges colleges.csv")
def colleges(
    file: File,
    dry_run: DryRun = False,
    rejects: Rejects = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Further education and sixth form colleges, which have a UKPRN and no URN.

    Needed: UKPRN, Provider Name, Provider Type.

    Used when there: LA (code), LA (name), Street, Locality, Address3, Town, County (name), Postcode.
    """
    _take_in("colleges", file, sheet, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


@app.command(epilog="Example: mandate import links links_edubasealldata.csv")
def links(
    file: File,
    dry_run: DryRun = False,
    rejects: Rejects = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Predecessors and successors, from the register's file of links.

    Needed: URN, LinkURN, LinkType.

    Used when there: LinkName, LinkEstablishedDate.
    """
    _take_in("links", file, sheet, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


@app.command(epilog="Example: mandate import closures closed_schools.csv --dry-run")
def closures(
    file: File,
    dry_run: DryRun = False,
    rejects: Rejects = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Schools of the register that closed, or will on a day to come.

    Needed: urn, close_date. Import the schools first: such a list gives neither type nor local authority.
    """
    _take_in("closures", file, sheet, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


@app.command(epilog="Example: mandate import trusts responsible_bodies.csv --rejects contradictions.csv")
def trusts(
    file: File,
    dry_run: DryRun = False,
    rejects: Rejects = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    The trust or council responsible for each school: names the employer where the register left the trust out.

    Needed: URN, and rb (or responsible_body, Trusts (name), Group Name). What contradicts the register is rejected.
    """
    _take_in("trusts", file, sheet, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


@app.command(epilog="Example: mandate import members members.xlsx --sheet Members --dry-run")
def members(
    file: File,
    dry_run: DryRun = False,
    rejects: Rejects = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Members, their posts and where reimbursements are paid to.

    Needed: membership_number, name, email, postcode, urn or ukprn, category, joined_on, annual_salary (full-time, in
    pounds).

    Used when there: address_line_1, address_line_2, town, left_on, fte, is_rep, sort_code, account_number.
    """
    _take_in("members", file, sheet, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


@app.command(epilog="Example: mandate import officers officers.csv")
def officers(
    file: File,
    dry_run: DryRun = False,
    rejects: Rejects = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Officers and the local authorities that their associations cover.

    Needed: name, email, association, la_codes (three-digit codes, separated by spaces), open_case_limit.

    Used when there: active (yes or no).
    """
    _take_in("officers", file, sheet, dry_run=dry_run, rejects=rejects, as_json=as_json, as_of=as_of)


def _take_in(
    kind: str,
    file: Path,
    sheet: str | None,
    *,
    dry_run: bool,
    rejects: Path | None,
    as_json: bool,
    as_of: str | None,
) -> None:
    if rejects is not None and rejects.resolve() == file.resolve():
        raise BadInput(field="--rejects", found=str(rejects), wanted="another file than the one to import")
    with acting(as_of, changing=not dry_run) as uow, _progress_bar(file) as told:
        report = KINDS[kind].take_in(uow, file, sheet=sheet, progress=told, dry_run=dry_run)
        if rejects is not None:
            write_rejects(rejects, report.headings, report.rejects)
    answer(document(report, file.name), as_json=as_json, people=lambda: _print(report, file, rejects))
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
