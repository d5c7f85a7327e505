"""Printing answers: one JSON document for programs, tables and sentences for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import fields
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.errors import REFUSED
from app.plain import plain
from core.errors import BadInput
from core.findings import Finding, Severity, stops

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 1000
"""Wider than any table: what its columns need is measured at this width."""
FOLDED = 14
"""Letters that a column is broken to at most, where its cells are as long."""
PIPE_WIDTH = 100
"""As wide as a table is in a pipe, unless COLUMNS says otherwise."""

_COLOURS = {Severity.STOP: typer.colors.RED, Severity.WARN: typer.colors.YELLOW, Severity.NOTE: typer.colors.CYAN}


def unknown(kind: type) -> dict[str, None]:
    """The keys of a dataclass whose values are not known."""
    return {entry.name: None for entry in fields(kind)}


def shallow(value: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, each as it is."""
    return {entry.name: getattr(value, entry.name) for entry in fields(value)}


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(as_json_text(document))


def as_json_text(document: Any) -> str:
    """A document as every command prints it."""
    return json.dumps(plain(document), indent=2, ensure_ascii=False)


def answer(
    document: dict[str, Any],
    *,
    as_json: bool,
    people: Callable[[], None],
    findings: Iterable[Finding] = (),
    refused: bool | None = None,
) -> None:
    """
    Print a document for a program or for people, then its findings for people, and exit 1 on a refusal.

    `refused` None: any stop among the findings is a refusal.
    """
    found = tuple(findings)
    if as_json:
        print_json(document)
    else:
        people()
        print_findings(found)
    if bool(stops(found)) if refused is None else refused:
        raise typer.Exit(REFUSED)


def write_csv(path: Path, text: str) -> None:
    """Write CSV to the file that `--csv` names; `BadInput` where it cannot be."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise BadInput(field="--csv", found=str(path), wanted=f"a file to write ({error.strerror})") from None


def print_findings(findings: Iterable[Finding]) -> None:
    """Each finding with its weight, code, sentence, cure and source; a cure that several in a row share once."""
    found = tuple(findings)
    for finding, following in zip_longest(found, found[1:]):
        typer.secho(f"{finding.severity.upper()}  {finding.code}", fg=_COLOURS[finding.severity], bold=True)
        typer.echo(f"  {finding.sentence}")
        if following is None or following.cure != finding.cure:
            typer.echo(f"  To do: {finding.cure}")
        if finding.citation is not None:
            typer.echo(f"  Source: {finding.citation}  {finding.citation.url}")
        if finding.case is not None:
            typer.echo(f"  Case: {finding.case}")


def printer() -> Console:
    """Where tables are printed: as wide as the terminal, in a pipe as `COLUMNS` says."""
    from rich.console import Console  # a tenth of a second that no program reading JSON should pay

    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH)


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    folds: Collection[str] = (),
    drops: Sequence[str] = (),
) -> None:
    """
    A table for people.

    With `folds` only those columns are broken over lines, none narrower than `FOLDED`, and no other is ever cut: where
    the terminal is too narrow, the columns in `drops` are left out, the first first, and then the table is wider.
    """
    from rich.measure import Measurement
    from rich.table import Column, Table

    console, cells, shown = printer(), list(rows), list(columns)
    longest = {name: max((len(row[place]) for row in cells), default=0) for place, name in enumerate(columns)}
    # The printer takes the longest word for the least that a column needs, wrapped or not.
    least = {name: max(len(name), min(FOLDED, most) if name in folds else most) for name, most in longest.items()}
    leaving = list(drops)
    while True:
        headers = [
            Column(
                name,
                no_wrap=bool(folds) and name not in folds,
                overflow="fold",
                min_width=least[name] if folds else None,
            )
            for name in shown
        ]
        table = Table(*headers, title=title, title_justify="left")
        for row in cells:
            table.add_row(*(cell for name, cell in zip(columns, row, strict=True) if name in shown))
        options = console.options.update(width=max(console.width, WIDEST))
        needed = Measurement.get(console, options, table).minimum if folds else 0
        if needed <= console.width or not leaving:
            break
        shown.remove(leaving.pop(0))
    console.width = max(console.width, needed)
    console.print(table)
