"""`mandate run`, and `mandate case run`: asking the worker for a run, and what became of the runs there were."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from app import run_requests, run_views
from app.cli.acting import STAFF, ActingAs, Key, actor_named, row, said, unique, words
from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.errors import UNREACHABLE
from app.run_requests import ADVANCE, STARTABLE
from app.run_views import RunLine
from core import requests
from core.errors import BadInput
from core.requests import OVER, RunState

POLL_SECONDS = 0.2
LONGEST_WAIT = 86_400

Wait = Annotated[
    float | None,
    typer.Option("--wait", min=0, max=LONGEST_WAIT, metavar="SECONDS", help="Wait so long for the run to end."),
]

app = typer.Typer(
    no_args_is_help=True,
    help="Runs: ask the worker for a sweep, and see what became of every run. Example: mandate run list",
)


@app.command("list", epilog="Example: mandate run list --case 2026-0001")
def list_all(
    case: Annotated[str | None, typer.Option("--case", metavar="REF", help="Only the runs of this case.")] = None,
    as_json: AsJson = False,
) -> None:
    """The newest runs first."""
    from casework import repository

    with acting(None, changing=False) as uow:
        found = run_views.runs(uow, repository.find(uow, case).id if case else None)
    answer({"runs": found}, as_json=as_json, people=lambda: _tell_list(found))


@app.command("show", epilog="Example: mandate run show 12 --wait 30")
def show(
    number: Annotated[int, typer.Argument(metavar="RUN", min=1, max=2**31 - 1, help="The run's number.")],
    wait: Wait = None,
    as_json: AsJson = False,
) -> None:
    """One run: its state, who asked, what moved and what failed."""
    _show(number, wait, as_json=as_json)


@app.command("start", epilog="Example: mandate run start deadline_sweep --wait 30")
def start(
    flow: Annotated[str, typer.Argument(metavar="FLOW", help=f"One of {', '.join(STARTABLE)}.")],
    cases: Annotated[list[str] | None, typer.Argument(metavar="REF", help="The cases, where it wants some.")] = None,
    wait: Wait = None,
    acting_as: ActingAs = STAFF,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Ask the worker for a run of a flow."""
    if flow not in STARTABLE:
        raise BadInput(field="FLOW", found=flow, wanted=f"one of {', '.join(STARTABLE)}")
    ask(flow, cases or [], wait, acting_as=acting_as, key=key, as_json=as_json)


def run_cases(
    refs: Annotated[list[str], typer.Argument(metavar="REF", help="The cases' references, such as 2026-0001.")],
    wait: Wait = None,
    acting_as: ActingAs = STAFF,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Ask the worker to advance cases now, as far as the facts and the day allow."""
    ask(ADVANCE, refs, wait, acting_as=acting_as, key=key, as_json=as_json)


def ask(flow: str, cases: list[str], wait: float | None, *, acting_as: str, key: str | None, as_json: bool) -> None:
    """Ask for a run and say what it has come to; with `wait`, once it is over: exit 4 when it failed or is not."""
    with acting(None) as uow:
        uow.actor = actor_named(uow, acting_as)
        number = run_requests.ask(uow, flow, cases, unique(key))[0].id
    _show(number, wait, as_json=as_json)


def _show(number: int, wait: float | None, *, as_json: bool) -> None:
    in_time = wait is None or _over_within(number, wait)
    with acting(None, changing=False) as uow:
        document = run_views.as_document(run_views.run_page(uow, number))
    answer(document, as_json=as_json, people=lambda: _tell(document))
    if not in_time:
        _say_not_over(document)
    if not in_time or (wait is not None and document["state"] is RunState.FAILED):
        raise typer.Exit(UNREACHABLE)


def _over_within(number: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        with acting(None, changing=False) as uow:
            if requests.find(uow, number).state in OVER:
                return True
        if time.monotonic() >= until:
            return False
        time.sleep(POLL_SECONDS)


def _say_not_over(document: dict[str, Any]) -> None:
    number = document["id"]
    if document["waits"]:
        said = "No worker has taken it: start `mandate serve` or `mandate worker`. The request is kept."
    else:
        said = f"It is still running; `mandate run show {number}` says how far it has come."
    typer.echo(f"Run {number} is not over. {said}", err=True)


def _tell(document: dict[str, Any]) -> None:
    typer.echo(f"Run {document['id']}, {document['label'].lower()}: {_state(document['state'], document['waits'])}.")
    typer.echo(f"Asked for {said(document['asked_at'])} by {document['by']}.")
    if document["seconds"] is not None:
        typer.echo(f"It took {document['seconds']:.1f} seconds.")
    if document["cases"]:
        rows = [
            row(each["ref"], each["before"], each["after"], each["recorded"], each["workplace"])
            for each in document["cases"]
        ]
        print_table("Cases", ("Case", "Stage before", "Stage after", "Recorded", "Workplace"), rows)
    if document["counts"]:
        typer.echo("It counted: " + ", ".join(f"{name} {number}" for name, number in document["counts"].items()))
    if document["error"]:
        typer.echo(document["error"])
    for each in document["failures"]:
        typer.echo(f"{each['case_ref'] or each['subject']}: {each['sentence']} {each['error']} at {each['place']}.")
    if document["prefect"]:
        where = document["prefect"]["password_file"] or "MANDATE_PREFECT_API_AUTH"
        typer.echo(f"At Prefect: {document['prefect']['url']} (its password: {where})")


def _state(state: RunState, waits: bool) -> str:
    if waits:
        return "waiting for a worker"
    return words(state.value)


def _tell_list(found: tuple[RunLine, ...]) -> None:
    rows = [
        row(
            each.id,
            each.label,
            _state(each.state, each.waits),
            f"{each.moved} of {each.case_count}" if each.case_count else None,
            each.failed or None,
            each.asked_at,
            each.by,
        )
        for each in found
    ]
    if not rows:
        typer.echo("There is no run yet. `mandate case run REF` asks for one.")
        return
    print_table("Runs", ("Run", "What", "State", "Cases that went on", "Failed", "Asked for", "By"), rows)
