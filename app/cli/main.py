"""
The executable `mandate`: its groups of commands, and what an error means to the shell.

A command's module is imported only when the command runs, so that a calculator starts as fast as an empty
program.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from app.errors import REFUSED, exit_code, findings_of
from app.loading import loading
from core.errors import MandateError, NotFound, RuleViolation

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("app.cli.demo:app", "Watch seven disputes take their course."),
    "law": ("app.cli.law:app", "The values of the law, by date, with their sources."),
    "timetable": ("app.cli.timetable:app", "Every statutory day of one ballot."),
    "plan": ("app.cli.plan:app", "The latest safe day of every step, or the earliest day of action."),
    "result": ("app.cli.result:app", "Whether a ballot's figures give a mandate."),
    "lint": ("app.cli.lint:app", "What an employer's counsel would find in a dispute's papers."),
    "pay": ("app.cli.pay:app", "What is deducted for days of strike."),
    "init": ("app.cli.database:app", "Create the database, or bring it up to date."),
    "import": ("app.cli.register:app", "Take in schools, colleges, members and officers from files."),
    "register": ("app.cli.workplace:app", "Look at a workplace; enter its address or its employer's."),
    "serve": ("app.cli.serve:app", "Answer with the dashboard on this machine, and do what falls due."),
    "worker": ("app.cli.worker:app", "Do what acts and the clock ask for, until stopped."),
    "sweep": ("app.cli.sweep:app", "Run a sweep now, without Prefect."),
    "status": ("app.cli.status:app", "What is waiting, and whether the sweeps keep up."),
    "notice": ("app.cli.notice:app", "A notice, its evidence of receipt, and what only a person can do."),
    "inbox": ("app.cli.inbox:app", "Bounces, reports of delivery and answers that came by mail."),
    "acknowledgements": ("app.cli.acknowledgements:app", "The page by which employers acknowledge a notice."),
    "restore": ("app.cli.restore:app", "After a restored backup: what had gone out, and going on."),
    "run": ("app.cli.run:app", "Ask the worker for a run, and see what became of every run."),
    "today": ("app.cli.today:app", "What needs somebody today, the most urgent first."),
    "search": ("app.cli.search:app", "Find a case, school or employer by name, town or reference."),
    "case": ("app.cli.case:app", "Open cases, look at them, record what happened."),
    "ballot": ("app.cli.ballot:app", "A case's ballot, from the declared dispute to the result."),
    "dispute": ("app.cli.dispute:app", "Stand all action of a dispute down, and see who has been reached."),
    "action": ("app.cli.action:app", "Action short of a strike and strike days within a mandate."),
    "claim": ("app.cli.claim:app", "Members' claims for pay lost to a strike."),
    "letters": ("app.cli.letters:app", "Letters for the print house, and what it says of them."),
    "payment": ("app.cli.payment:app", "Payment files, prepared by one person and released by another."),
    "user": ("app.cli.user:app", "Who may sign in to the dashboard, and what for."),
    "webhook": ("app.cli.webhook:app", "Other programs that are told of events."),
    "calendar": ("app.cli.calendar:app", "Calendars of deadlines, read by secret addresses."),
    "officer": ("app.cli.officer:app", "Who can act on cases."),
    "audit": ("app.cli.audit:app", "Whether the history is whole, and the cases what it says of them."),
}
"""Name: (module:attribute of its Typer, short help). One line adds a command or a group."""
LISTED_BY: Mapping[str, str] = {
    "act": "`mandate case acts REF` lists what can be recorded of a case.",
    "case": "`mandate case list` lists the cases; `mandate search WORDS` finds one by its school.",
    "notice": "`mandate notice list --case REF` lists the notices of a case.",
    "officer": "`mandate officer list` lists the officers.",
    "payment batch": "`mandate payment list` lists them.",
    **dict.fromkeys(
        ("workplace with the URN", "workplace with the UKPRN"), "`mandate search WORDS` finds one by its name or town."
    ),
}
"""What is told of a name that nothing has: where the names are, by the kind that `NotFound` names."""
COMPLETION = frozenset({"install_completion", "show_completion"})
ANOTHER_PERSON = frozenset({"same_hand", "second_person_wanted", "same_approver", "same_person"})
"""Findings that refuse an act because the same person did the one before it."""


def _loaded(name: str) -> Any:
    """The command itself, its module imported now."""
    module, attribute = COMMANDS[name][0].split(":")
    with loading():
        command = get_command(getattr(import_module(module), attribute))
    command.name = name
    # Typer gives every program of its own what installs completion; it completes the words of the whole one.
    command.params = [each for each in command.params if each.name not in COMPLETION]
    return command


class LazyGroup(TyperGroup):
    """A group that knows its commands' names and short helps, and imports a command when it is to run."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_, short_help) in COMMANDS.items():
            self.commands[name] = TyperCommand(name=name, help=short_help)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else _loaded(name), rest


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog="Example: mandate timetable --opens 2026-09-21 --closes 2026-10-19 --first-action 2026-11-03",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("mandate-union"))
        raise typer.Exit


@app.callback()
def mandate(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Workplace disputes of a teachers' union: from a failed negotiation to a lawful ballot, action and settlement."""


def run() -> None:
    """Run the command line; an error that a person may be shown becomes a sentence and an exit code."""
    try:
        app(prog_name="mandate")
    except MandateError as error:
        _show(error)
        sys.exit(exit_code(error))


def _show(error: MandateError) -> None:
    if exit_code(error) == REFUSED and "--json" in sys.argv:
        _show_document(error)
    elif isinstance(error, RuleViolation):
        from app.cli.output import print_findings

        typer.echo(error.what, err=True)
        print_findings(error.findings)
        if not ANOTHER_PERSON.isdisjoint(finding.code for finding in error.findings):
            typer.echo("Act as somebody else: `--as officer:<id>`, with an id from `mandate officer list`.")
    else:
        typer.echo(str(error), err=True)
        if isinstance(error, NotFound) and error.kind in LISTED_BY:
            typer.echo(LISTED_BY[error.kind], err=True)


def _show_document(error: MandateError) -> None:
    """A refusal for a program: what was refused, and the findings it amounts to."""
    what = error.what if isinstance(error, RuleViolation) else str(error)
    findings = [finding.as_dict() for finding in findings_of(error)]
    typer.echo(json.dumps({"error": what, "findings": findings}, indent=2, ensure_ascii=False))
    typer.echo(what, err=True)
