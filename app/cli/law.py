"""`mandate law`: the values of the law, by date, with their sources."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from app.cli import law_records
from app.cli.options import AsJson, InNation, Today, day_option
from app.cli.output import answer, print_findings, print_table
from app.law_words import dated, every_value, head, shown
from core.calendar import in_words, month_in_words
from core.errors import NoLawInForce
from core.findings import Finding, stops
from core.law import LegalValue, Parameter, current_law
from core.law_findings import no_law_in_force, stale, unsupported_jurisdiction
from core.nations import Nation

NO_LAW = "no_law_in_force"

app = typer.Typer(no_args_is_help=True)

On = Annotated[date | None, day_option("--on", help="The day the value is asked for; without it, the newest value.")]


@app.callback()
def law() -> None:
    """The values of the law, by date, with their sources. Example: mandate law list --on 2026-12-01."""


@app.command("list", epilog="Example: mandate law list --on 2026-12-01 --json")
def print_list(on: On = None, nation: InNation = Nation.ENGLAND, today: Today = None, as_json: AsJson = False) -> None:
    """Every parameter with its value on a day, or its newest."""
    asked = [_Asked(parameter, on, nation) for parameter in current_law().parameters()]
    findings = _findings(asked, nation, today)
    document = {"on": on, "parameters": [one.summary() for one in asked], "findings": findings}
    people = lambda: _print_list(asked, on, findings)  # noqa: E731 - one line, used once
    answer(document, as_json=as_json, people=people, refused=bool(stops(findings)))


@app.command("show", epilog="Example: mandate law show ballots.action_notice_days --on 2026-12-01 --json")
def print_one(
    parameter: Annotated[str, typer.Argument(help="A name from `mandate law list`.")],
    on: On = None,
    nation: InNation = Nation.ENGLAND,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """One parameter: its value on a day, or its newest, and every other dated value."""
    asked = _Asked(current_law().parameter(parameter), on, nation)
    findings = _findings([asked], nation, today)
    document = {**asked.summary(), **every_value(asked.parameter), "findings": findings}
    answer(document, as_json=as_json, people=lambda: _print_one(asked), findings=findings)


class _Asked:
    """One parameter, the value that answers (None if none does), and the stop for it."""

    def __init__(self, parameter: Parameter, on: date | None, nation: Nation) -> None:
        self.parameter = parameter
        self.answer: LegalValue | None = None
        self.stop: Finding | None = None
        series = parameter.series(nation)
        if on is None:
            self.answer = series[-1] if series else None
            return
        try:
            self.answer = parameter.at(on, nation=nation)
        except NoLawInForce as error:
            self.stop = no_law_in_force(error)

    def summary(self) -> dict[str, Any]:
        """The parameter and the value that answers; its keys are null where none does."""
        return {**head(self.parameter), **dated(self.answer)}


def _findings(asked: list[_Asked], nation: Nation, today: date | None) -> list[Finding]:
    refused = unsupported_jurisdiction(nation)
    if refused is not None:
        return [refused]
    stops = [one.stop for one in asked if one.stop is not None]
    return [*stops, *stale([one.answer for one in asked if one.answer is not None], today)]


def _print_list(asked: list[_Asked], on: date | None, findings: list[Finding]) -> None:
    rows = [
        (one.parameter.name, shown(one.answer), one.parameter.unit, one.parameter.keyed_on)
        for one in asked
        if one.answer is not None
    ]
    columns = ("Parameter", "Value", "Unit", "Keyed on")
    if rows:
        print_table("Law", columns, rows, folds=("Value",), drops=("Keyed on", "Unit"))
    out_of_reach = [one.parameter.name for one in asked if one.stop is not None]
    if on is None or len(out_of_reach) < 2 or not set(findings).issuperset(one.stop for one in asked if one.stop):
        print_findings(findings)
        return
    which = (
        "any parameter" if not rows else f"{len(out_of_reach)} of {len(asked)} parameters: {', '.join(out_of_reach)}"
    )
    typer.echo(f"The law files hold no value for {in_words(on)} of {which}. Check the date.")
    print_findings(finding for finding in findings if finding.code != NO_LAW)


def _print_one(asked: _Asked) -> None:
    parameter = asked.parameter
    typer.echo(f"{parameter.name}: {parameter.label} ({parameter.unit}; keyed on {parameter.keyed_on})")
    if asked.answer is not None:
        value = asked.answer
        typer.echo(f"Value: {shown(value)}   {value.certainty}, last checked {in_words(value.last_checked)}")
        typer.echo(f"Source: {value.citation}  {value.citation.url}")
    rows = [_row(value) for value in (*parameter.values, *parameter.planned)]
    print_table("Every value", ("From", "To", "Nations", "Value", "Certainty", "Source", "Note"), rows)


def _row(value: LegalValue) -> tuple[str, ...]:
    return (
        in_words(value.from_) if value.from_ else f"planned {month_in_words(value.expected or 'without a date')}",
        in_words(value.to) if value.to else "",
        ", ".join(value.nations),
        shown(value),
        value.certainty,
        str(value.citation),
        value.note or "",
    )


law_records.add_to(app)
