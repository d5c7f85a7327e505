"""Why a date falls where it does, for people at a terminal: the words of the pages and the letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from core.why import Why, told

Explain = Annotated[bool, typer.Option("--explain", help="Say why each date falls where it does.")]


def explain(heading: str, why: Why | Mapping[str, Any]) -> None:
    """One date and its reason, a part a line."""
    typer.secho(heading, bold=True)
    for label, said in told(why).items():
        if isinstance(said, str):
            typer.echo(f"  {label}: {said}{_address(why) if label == 'Source' else ''}")
            continue
        typer.echo(f"  {label}:")
        for name, value in said.items():
            typer.echo(f"    {name}: {value}")


def _address(why: Why | Mapping[str, Any]) -> str:
    url = why.citation.url if isinstance(why, Why) else why["citation"]["url"]
    return f"  {url}"
