"""`mandate pay`: what is deducted for days of strike."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Annotated, Any

import typer

from app.cli.options import AsJson, InNation, Today, iso_day, pounds, share
from app.cli.output import answer, print_table
from casework.pay.deduction import WHOLE, Deduction, Method, StrikePay, deduction
from core.calendar import in_words
from core.law import current_law
from core.money import in_pounds
from core.nations import Nation

app = typer.Typer(no_args_is_help=True)


@app.callback()
def pay() -> None:
    """What is deducted for days of strike. Example: mandate pay deduction --help."""


def days_of(text: str | tuple[date, ...]) -> tuple[date, ...]:
    """Days written 2026-12-01,2026-12-02."""
    if isinstance(text, tuple):
        return text
    return tuple(iso_day(part.strip()) for part in text.split(","))


@app.command(
    "deduction",
    epilog="Example: mandate pay deduction --annual-salary 36500.00 --days 2026-12-01,2026-12-02 --fte 0.8 "
    "--method actual-salary",
)
def print_deduction(
    annual_salary: Annotated[
        Decimal,
        typer.Option("--annual-salary", parser=pounds, metavar="POUNDS", help="The full-time salary of a year."),
    ],
    days: Annotated[
        list[Any], typer.Option("--days", parser=days_of, metavar="DATE[,DATE...]", help="The days of strike.")
    ],
    nation: InNation = Nation.ENGLAND,
    fraction: Annotated[
        Fraction | None,
        typer.Option("--fraction", parser=share, metavar="N/D", help="The contract's own share of a year for a day."),
    ] = None,
    fte: Annotated[
        Fraction, typer.Option("--fte", parser=share, metavar="SHARE", help="The post's share of full time.")
    ] = WHOLE,
    method: Annotated[Method | None, typer.Option("--method", help="How a part-timer's day is reckoned.")] = None,
    day_fraction: Annotated[
        Fraction,
        typer.Option("--day-fraction", parser=share, metavar="SHARE", help="The share of each day struck."),
    ] = WHOLE,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """What an employer deducts for days of strike: rounded once, each day a share of the total."""
    facts = StrikePay(
        annual_salary=annual_salary,
        days=tuple(chain.from_iterable(days)),
        nation=nation,
        fraction=fraction,
        fte=fte,
        method=method,
        day_fraction=day_fraction,
    )
    outcome = deduction(facts, current_law(), today)
    answer(_document(outcome), as_json=as_json, people=lambda: _print(outcome), findings=outcome.findings)


def _document(outcome: Deduction) -> dict[str, Any]:
    return {
        "days": outcome.days,
        "total_pence": outcome.total_pence,
        "method": outcome.method,
        "citation": outcome.citation,
        "findings": outcome.findings,
    }


def _print(outcome: Deduction) -> None:
    if outcome.days is None or outcome.total_pence is None:
        return
    rows = [(in_words(day.date), in_pounds(day.deduction_pence)) for day in outcome.days]
    print_table("Deduction", ("Day", "Pounds"), [*rows, ("Total", in_pounds(outcome.total_pence))])
    if outcome.citation is not None:
        typer.echo(f"Source: {outcome.citation}  {outcome.citation.url}")
