"""`mandate demo`: seven disputes under one clock, on real schools and made-up people."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import AsJson
from app.cli.output import answer, as_json_text
from app.loading import loading
from core.errors import ServiceUnavailable
from core.settings import Settings, settings

if TYPE_CHECKING:
    from app.demo.performance import Performance, Told
    from app.demo.screenplay import Play

INTERRUPTED = 130
EXAMPLE = "Example: mandate demo --folder demo --serve"
SETTING_THE_STAGE = "Setting the stage"

app = typer.Typer(help="Watch seven disputes take their course.", epilog=EXAMPLE)


@app.command(epilog=EXAMPLE)
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where database, letters and mail are laid.")] = Path("demo"),
    serve: Annotated[bool, typer.Option("--serve", help="Leave the dashboard up on the result.")] = False,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The dashboard's TCP port.")] = None,
    prefect: Annotated[bool, typer.Option("--prefect/--no-prefect", help="Run the flows under Prefect.")] = True,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Play this one only, such as full_climb; may be repeated.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", help="Stop at approval, in_force or strike_notified, or at a stage such as ballot_open."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Import the register extract and made-up people, then play seven disputes to their ends.

    One is settled by the head teacher, one by the officer, one before the strike; one loses its
    ballot, one rests, three schools of a trust go together, and one climbs every rung and reopens.

    The clock starts on 1 September 2026 and jumps from due date to due date. Notices are really
    delivered: mail to a server that the demonstration starts, letters to a folder. An earlier
    demonstration in the folder is replaced, unless it is being served.

    With --until it stops where somebody has something to do, and says with which command to go on.
    """
    programme = Programme(_chosen(only), _point(until))
    try:
        _demonstrate(folder, programme, serve=serve, port=port, prefect=prefect, as_json=as_json)
    except KeyboardInterrupt:
        typer.echo(f"Stopped. What was played until now lies in {folder}.", err=True)
        sys.stderr.flush()
        # Everything of ours has ended; Prefect's client would go on calling its server for minutes.
        os._exit(INTERRUPTED)


def _chosen(only: Sequence[str] | None) -> Sequence[Play]:
    from app.demo.plays import BY_NAME, PLAYS

    for name in only or ():
        if name not in BY_NAME:
            wanted = ", ".join(BY_NAME)
            raise typer.BadParameter(f"found {name!r}, wanted one of {wanted}", param_hint="--only")
    return [play for play in PLAYS if not only or play.name in only]


def _point(until: str | None) -> str | None:
    if until is None:
        return None
    from app.demo.stopping import POINTS

    if until not in POINTS:
        raise typer.BadParameter(f"found {until!r}, wanted one of {', '.join(POINTS)}", param_hint="--until")
    return until


@dataclass(frozen=True, slots=True)
class Programme:
    """What is played, and the point where it stops; None: played to its end."""

    plays: Sequence[Play]
    until: str | None = None


def _demonstrate(
    folder: Path, programme: Programme, *, serve: bool, port: int | None, prefect: bool, as_json: bool
) -> None:
    from app import prefect_server  # none of this is wanted where only the help is asked for
    from app.cli.demo_result import show
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
        document = _play(settings(), programme, prefect=prefect, quiet=as_json)
        document["seconds"] = round(time.monotonic() - began)
        (configured.home / surroundings.RESULT).write_text(as_json_text(document), encoding="utf-8")
        refused = not all(check["holds"] for check in document["checks"])
        answer(document, as_json=as_json, people=lambda: show(document), refused=refused)
        if serve:
            from app.serving import serve_all

            serve_all(settings(), prefect=prefect, port=port)


def _play(configured: Settings, programme: Programme, *, prefect: bool, quiet: bool) -> dict[str, Any]:
    with loading():
        from app import prefect_server
        from app.demo import opening, performance, report, stopping
        from core.clock import london_instant
        from core.unit_of_work import reading

    plays, until = programme.plays, programme.until
    begins, ends = performance.begins_on(plays), performance.ends_on(plays)
    with ExitStack() as stack:
        telling = stack.enter_context(_telling(begins, ends, quiet=quiet))
        schools = opening.furnish_register(configured.home, london_instant(begins), plays, telling.say)
        if prefect:
            telling.say("Starting Prefect's server on this machine")
            prefect = _started(stack, prefect_server.running(configured))
        played: Performance = performance.Performance(plays, opening.actors(plays), prefect, telling.tell)
        there = played.play(stopping.POINTS[until].cases if until else None)
        runs = prefect_server.flow_runs(configured) if prefect else 0
    if until and not there:
        raise stopping.NeverThere(until)
    with reading() as uow:
        document = report.document(uow, configured.home, schools.stored, played.parts, prefect=prefect, until=until)
    return {**document, "prefect_flow_runs": runs}


def _started(stack: ExitStack, server: Any) -> bool:
    """Whether Prefect's server is up; the same steps run without it when it is not."""
    try:
        stack.enter_context(server)
    except ServiceUnavailable as error:
        typer.echo(f"{error} The demonstration goes on without Prefect.", err=True)
        return False
    return True


class Telling:
    """Says what happens as it happens: a heading for each day, a line for each thing, the stage where it changes."""

    def __init__(self, moved: Callable[[date, str], None], *, quiet: bool) -> None:
        self._moved = moved
        self._quiet = quiet
        self._day: date | None = None
        self._stages: dict[str, str] = {}

    def say(self, words: str) -> None:
        """Something before the first day."""
        if not self._quiet:
            typer.echo(words)

    def tell(self, told: Told) -> None:
        """Something that happened at a school."""
        self._moved(told.on, told.school)
        if self._quiet:
            return
        if told.on != self._day:
            self._day = told.on
            typer.secho(f"{told.on:%A} {told.on.day} {told.on:%B %Y}", bold=True)
        typer.echo(f"  {self._line(told)}")

    def _line(self, told: Told) -> str:
        from app.demo.drawing import shortened
        from app.stored_words import stage_name

        mark = "*" if told.by_itself else " "
        changed = self._stages.get(told.ref, told.stage) != told.stage
        self._stages[told.ref] = told.stage
        stage = f" → {stage_name(told.stage)}" if changed else ""
        return f"{told.ref} {shortened(told.school, 22):<22} {mark} {told.said}{stage}"


@contextmanager
def _telling(begins: date, ends: date, *, quiet: bool) -> Iterator[Telling]:
    """Say what happens, over a progress bar on a terminal; nothing where one document is wanted."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

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
        task = bar.add_task(SETTING_THE_STAGE, total=(ends - begins).days)

        def moved(day: date, school: str) -> None:
            bar.update(task, completed=(day - begins).days, description=f"{day:%d %b %Y}  {school}"[:42])

        telling = Telling(moved, quiet=quiet)
        yield telling
