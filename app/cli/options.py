"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import typer

from core.errors import BadInput
from core.nations import Nation

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNT = re.compile(r"[0-9]{1,9}")
_FRACTION = re.compile(r"[0-9]{1,9}/[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_POUNDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


def iso_day(text: str | date) -> date:
    """A day written 2026-12-01. `typer.BadParameter` for anything else."""
    if isinstance(text, date):
        return text
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter(f"found {text!r}, wanted a day such as 2026-12-01")


def whole_number(text: str | int) -> int:
    """A count written in plain digits. `typer.BadParameter` for anything else."""
    if isinstance(text, int):
        return text
    if _COUNT.fullmatch(text):
        return int(text)
    raise typer.BadParameter(f"found {text!r}, wanted a whole number")


def share(text: str | Fraction) -> Fraction:
    """A share written 1/365 or 0.8, exactly. `typer.BadParameter` for anything else."""
    if isinstance(text, Fraction):
        return text
    if _DECIMAL.fullmatch(text) or (_FRACTION.fullmatch(text) and int(text.split("/")[1])):
        return Fraction(text)
    raise typer.BadParameter(f"found {text!r}, wanted a share such as 1/2 or 0.8")


def pounds(text: str | Decimal) -> Decimal:
    """An amount in pounds written 36500 or 36500.00. `typer.BadParameter` for anything else."""
    if isinstance(text, Decimal):
        return text
    if _POUNDS.fullmatch(text):
        return Decimal(text)
    raise typer.BadParameter(f"found {text!r}, wanted an amount in pounds such as 36500.00")


def day_option(*names: str, help: str) -> Any:  # noqa: A002 - typer's own word
    """An option that takes a day."""
    return typer.Option(*names, parser=iso_day, metavar="DATE", help=help)


def count_option(*names: str, help: str) -> Any:  # noqa: A002 - typer's own word
    """An option that takes a whole number."""
    return typer.Option(*names, parser=whole_number, metavar="N", help=help)


def assumptions(texts: Sequence[str] | None) -> dict[str, date]:
    """
    What `--assume RULE=DATE` assumed: a day for each rule. `BadInput` (field `assume`) for anything else.

    Whether something is planned under that name is for `Law.assuming` to say.
    """
    assumed: dict[str, date] = {}
    for text in texts or ():
        rule, _, day = text.partition("=")
        try:
            on = iso_day(day.strip())
        except typer.BadParameter:
            raise BadInput(
                field="assume", found=text, wanted="RULE=DATE, such as end-of-turnout-test=2027-04-01"
            ) from None
        if assumed.setdefault(rule.strip(), on) != on:
            raise BadInput(field="assume", found=text, wanted=f"one day for {rule.strip()}")
    return assumed


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
InNation = Annotated[Nation, typer.Option("--nation", help="Where the workplaces are.")]
Assume = Annotated[
    list[str] | None,
    typer.Option(
        "--assume",
        metavar="RULE=DATE",
        help="Show beside the answer what a planned change of the law would make of it, in force from a day.",
    ),
]
Today = Annotated[date | None, day_option("--today", help="The day to judge freshness and passed deadlines by.")]
