"""How the demonstration ends in print: one table of cases, the timeline, the checks, and where everything lies."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import typer

from app.cli.output import printer
from app.demo.drawing import meaning, shortened
from app.demo.timeline import ACTION, BALLOT, OVER, PAY, SETTLED, TALKS, Line, Sheet, sheet
from app.stored_words import stage_name
from app.templating import pence
from casework.lifecycle import Stage, stages
from core.calendar import in_words

COLOURS = {TALKS: "blue", BALLOT: "yellow", ACTION: "red", PAY: "magenta", SETTLED: "green", OVER: "dim"}
HEADINGS = ("Case", "School", "How it ended", "Ballot", "Action and pay", "On time", "Notices")
STOPPED = {"How it ended": "Stage"}
"""Headings that are others where the demonstration was stopped."""
MAY_BREAK = ("School", "How it ended", "Action and pay")
STRIKING = stages(Stage.STRIKE_ESCALATION, Stage.STRIKE_ACTION)
LABEL = 33
LETTERS_A_LINE = 3
Row = Mapping[str, Any]


def show(document: Mapping[str, Any]) -> None:
    """Everything for people: what came of each case, when, and whether it holds; where it stopped, how to go on."""
    today, stopped = date.fromisoformat(document["last_day"]), document["stopped"]
    typer.echo(f"\nWhere each case stood on {in_words(today)}" if stopped else "\nWhat came of each case")
    printer().print(_table(document["cases"], today, ended=not stopped))
    typer.echo("On time: deadlines met, of those that fell due.")
    typer.echo("Proved: notices shown to have been received.\n")
    _show_timeline(sheet(document["cases"], today))
    _show_checks(document)
    _show_end(document)
    if stopped:
        _show_stopped(stopped, _at_home(document))


def _table(rows: Sequence[Row], today: date, *, ended: bool) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.HORIZONTALS, show_lines=True, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading if ended else STOPPED.get(heading, heading), no_wrap=heading not in MAY_BREAK)
    for row in rows:
        table.add_row(*_row(row, today, ended=ended))
    return table


def _row(row: Row, today: date, *, ended: bool) -> tuple[str, ...]:
    stands = stage_name(row["stage"])
    due = row["deadlines"]["met"] + row["deadlines"]["late"] + row["deadlines"]["missed"]
    return (
        row["ref"],
        row["workplace"],
        f"{row['title']}\nnow: {stands}" if ended else stands,
        "\n".join(_ballot(each, today) for each in row["ballots"]),
        _action(row, today),
        f"{row['deadlines']['met']} of {due}",
        _notices(row["notices"]),
    )


def _ballot(ballot: Row, today: date) -> str:
    if ballot["cast"] is None:
        return "under way" if ballot["opens_on"] <= today.isoformat() else f"opens {_short(ballot['opens_on'])}"
    won = ", ".join("ASOS" if kind == "asos" else kind for kind in ballot["mandates"])
    return f"{ballot['cast']} of {ballot['entitled']}\n{won or 'no mandate'}"


def _action(row: Row, today: date) -> str:
    lines = [f"ASOS {_short(each)}" for each in row["asos_from"]]
    held = [each["on"] for each in row["strike_days"] if each["took_part"] is not None]
    still_on = row["stage"] in STRIKING
    to_come = [each["on"] for each in row["strike_days"] if still_on and each["on"] > today.isoformat()]
    off = len(row["strike_days"]) - len(held) - len(to_come)
    lines += [f"strike {_short(each)}" for each in (*held, *to_come)]
    lines += [f"{off} days called off"] if off else []
    lines += [f"{pence(row['reimbursed_pence'])} paid"] if row["reimbursed_pence"] else []
    return "\n".join(lines)


def _notices(counts: Row) -> str:
    return f"{counts['sent']}\n{counts['proved']} proved" if counts["proved"] else str(counts["sent"])


def _short(day: str) -> str:
    on = date.fromisoformat(day)
    return f"{on.day} {on:%b}"


def _show_timeline(drawn: Sheet) -> None:
    from rich.text import Text

    console = printer()
    typer.echo("Week by week")
    console.print(Text(f"{'':<{LABEL}}{drawn.ruler()}", style="bold"), no_wrap=True, overflow="crop")
    for line in drawn.lines:
        console.print(_line(line), no_wrap=True, overflow="crop")
    letters = [f"{letter} {meaning(letter)}" for letter in drawn.letters()]
    for start in range(0, len(letters), LETTERS_A_LINE):
        typer.echo("  " + "".join(f"{each:<26}" for each in letters[start : start + LETTERS_A_LINE]).rstrip())
    typer.echo("")


def _line(line: Line) -> Any:
    from rich.text import Text

    text = Text(f"{f'{line.ref} {shortened(line.workplace, 22)}':<{LABEL}}")
    for cell in line.cells:
        text.append(cell.letter if cell else " ", style=COLOURS[cell.phase] if cell else "")
    return text


def _show_checks(document: Mapping[str, Any]) -> None:
    for check in document["checks"]:
        mark = ("yes", typer.colors.GREEN) if check["holds"] else ("NO", typer.colors.RED)
        typer.secho(f"{mark[0]:>4}", fg=mark[1], bold=True, nl=False)
        typer.echo(f"  {check['what']}")
    typer.echo("")


def _show_end(document: Mapping[str, Any]) -> None:
    at_home = _at_home(document)
    sent = sum(each["sent"] for each in document["notices"])
    typer.echo(f"Schools imported: {document['schools_imported']:,}. Notices delivered: {sent:,}.")
    typer.echo(f"Reimbursed: {pence(document['reimbursed_pence'])} on {document['claims_paid']} claims.")
    typer.echo(f"Audit: {document['audit']['sentence']}\n  Head {document['audit']['head']}")
    typer.echo(
        f"Flow runs recorded by Prefect: {document['prefect_flow_runs']}. It took {document['seconds']} seconds."
    )
    typer.echo(f"Database, letters (PDF), mail (.eml), result.json and timeline.html: {document['folder']}")
    typer.echo(f"To look at it again: {at_home} serve")
    typer.echo(f"One case in full: {at_home} case show {document['cases'][0]['ref']} --explain")
    typer.echo("Schools are real, from the public register; the disputes and every person in them are made up.")


def _at_home(document: Mapping[str, Any]) -> str:
    return f"MANDATE_HOME={document['folder']} {Path(sys.argv[0])}"


def _show_stopped(stopped: Mapping[str, Any], at_home: str) -> None:
    """Where it stopped, and the commands that go on from there."""
    on = in_words(date.fromisoformat(stopped["on"]))
    typer.secho(f"\nStopped on {on}: {stopped['so']} ({', '.join(stopped['cases'])}). Go on with:", bold=True)
    for command in stopped["next"]:
        typer.echo(f"  {at_home} {command.removeprefix('mandate ')}")
