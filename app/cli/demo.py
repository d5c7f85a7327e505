"""`mandate demo`: one case climbs the whole ladder, on real schools and made-up people."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.templating import pence, stage_name
from core.errors import ServiceUnavailable
from core.settings import Settings, settings

if TYPE_CHECKING:
    from app.demo.performance import Performance

LAST_DAY = date(2027, 6, 29)
INTERRUPTED = 130
Tell = Callable[[date, str, str], None]

app = typer.Typer(help="Watch one case climb the whole ladder.", epilog="Example: mandate demo --folder demo --serve")


@app.command(epilog="Example: mandate demo --folder demo --serve")
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where database, letters and mail are laid.")] = Path("demo"),
    serve: Annotated[bool, typer.Option("--serve", help="Leave the dashboard up on the result.")] = False,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The dashboard's TCP port.")] = None,
    prefect: Annotated[bool, typer.Option("--prefect/--no-prefect", help="Run the flows under Prefect.")] = True,
    as_json: AsJson = False,
) -> None:
    """
    Import the register extract and made-up people, then play a case from a failed negotiation to a broken settlement.

    The clock starts on 1 September 2026 and jumps from due date to due date. Notices are really delivered: mail to a
    server that the demonstration starts, letters to a folder. An earlier demonstration in the folder is replaced,
    unless it is being served.
    """
    try:
        _demonstrate(folder, serve=serve, port=port, prefect=prefect, as_json=as_json)
    except KeyboardInterrupt:
        typer.echo(f"Stopped. What was played until now lies in {folder}.", err=True)
        sys.stderr.flush()
        # Everything of ours has ended; Prefect's client would go on calling its server for minutes.
        os._exit(INTERRUPTED)


def _demonstrate(folder: Path, *, serve: bool, port: int | None, prefect: bool, as_json: bool) -> None:
    from app import prefect_server  # none of this is wanted where only the help is asked for
    from app.demo import surroundings

    began = time.monotonic()
    with ExitStack() as stack:
        if serve:
            from app.dashboard import require_free

            require_free(port or settings().dashboard_port)
        stack.enter_context(surroundings.held(folder))
        configured = surroundings.furnish(folder)
        prefect_server.adopt(configured)
        sink_port = stack.enter_context(surroundings.mail_sink(configured.home / "mail"))
        os.environ["MANDATE_SMTP_PORT"] = str(sink_port)
        settings.cache_clear()
        document = _play(settings(), prefect=prefect, quiet=as_json)
        document["seconds"] = round(time.monotonic() - began)
        refused = not all(check["holds"] for check in document["checks"])
        answer(document, as_json=as_json, people=lambda: _show(document), refused=refused)
        if serve:
            from app.serving import serve_all

            serve_all(settings(), prefect=prefect, port=port)


def _play(configured: Settings, *, prefect: bool, quiet: bool) -> dict[str, Any]:
    from app import prefect_server
    from app.demo import opening, performance, report
    from core.clock import london_instant
    from core.unit_of_work import reading

    with ExitStack() as stack:
        tell = stack.enter_context(_telling(quiet=quiet))
        begins = performance.BEGINS_ON
        schools = opening.furnish_register(configured.home, london_instant(begins), lambda said: tell(begins, "", said))
        if prefect:
            tell(begins, "", "Starting Prefect's server on this machine")
            prefect = _started(stack, prefect_server.running(configured))
        played: Performance = performance.Performance(opening.cast(), prefect, tell)
        played.play()
        runs = prefect_server.flow_runs(configured) if prefect else 0
    with reading() as uow:
        document = report.document(uow, configured.home, schools.stored)
    return {**document, "prefect_flow_runs": runs}


def _started(stack: ExitStack, server: Any) -> bool:
    """Whether Prefect's server is up; the same steps run without it when it is not."""
    try:
        stack.enter_context(server)
    except ServiceUnavailable as error:
        typer.echo(f"{error} The demonstration goes on without Prefect.", err=True)
        return False
    return True


@contextmanager
def _telling(*, quiet: bool) -> Iterator[Tell]:
    """Say what happens as it happens, over a progress bar on a terminal; nothing where one document is wanted."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    last: list[tuple[date, str]] = []
    bar = Progress(
        TextColumn("{task.description:<42}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=quiet or not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("Setting the stage", total=None)

        def tell(day: date, stage: str, said: str) -> None:
            begins = date(2026, 9, 1)
            total, done = (LAST_DAY - begins).days, (day - begins).days
            bar.update(task, total=total, completed=done, description=stage_name(stage) if stage else said[:42])
            if not quiet and last != [(day, said)]:
                typer.echo(f"{day:%a %d %b %Y}  {stage_name(stage) if stage else '':<28} {said}")
            last[:] = [(day, said)]

        yield tell


def _show(document: dict[str, Any]) -> None:
    typer.echo("")
    print_table(
        f"What happened at {document['workplace']} (case {document['case']})",
        ("Day", "Stage after it", "What", "Recorded by"),
        [(each["on"], stage_name(each["stage"]), each["sentence"], each["by"]) for each in document["events"]],
    )
    print_table(
        "Deadlines",
        ("What", "Last good day", "Met on", "Days to spare", "State", "Source"),
        [
            (
                each["what"],
                each["due_on"],
                each["met_on"] or "",
                "" if each["days_to_spare"] is None else str(each["days_to_spare"]),
                each["state"],
                each["source"],
            )
            for each in document["deadlines"]
        ],
    )
    print_table(
        "Notices",
        ("Message", "By", "Sent", "Received, with proof"),
        [
            (each["kind"].replace("_", " "), each["channel"], str(each["sent"]), str(each["received_with_proof"] or ""))
            for each in document["notices"]
        ],
    )
    _show_end(document)


def _show_end(document: dict[str, Any]) -> None:
    for check in document["checks"]:
        mark = ("yes", typer.colors.GREEN) if check["holds"] else ("NO", typer.colors.RED)
        typer.secho(f"{mark[0]:>4}", fg=mark[1], bold=True, nl=False)
        typer.echo(f"  {check['what']}")
    typer.echo("")
    typer.echo(f"Schools imported: {document['schools_imported']:,}. Stage now: {stage_name(document['stage'])}.")
    typer.echo(f"Reimbursed: {pence(document['reimbursed_pence'])} on {document['claims_paid']} claims.")
    typer.echo(f"Audit: {document['audit']['sentence']} Head {document['audit']['head']}")
    typer.echo(
        f"Flow runs recorded by Prefect: {document['prefect_flow_runs']}. It took {document['seconds']} seconds."
    )
    typer.echo(f"Database, letters (PDF) and mail (.eml): {document['folder']}")
    typer.echo(f"To look at it again: MANDATE_HOME={document['folder']} {Path(sys.argv[0])} serve")
    typer.echo("Schools are real, from the public register; the dispute and every person in it are made up.")
