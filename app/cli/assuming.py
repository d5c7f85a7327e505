"""Two answers side by side: the law as it stands, and with planned changes taken as in force (`--assume`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import print_findings, print_table
from app.plain import plain
from core.calendar import in_words
from core.law import Law, current_law

if TYPE_CHECKING:
    from core.findings import Finding

Calculate = Callable[[Law], dict[str, Any]]


def both(
    calculate: Calculate, assumed: Mapping[str, date], keys: Mapping[str, date | None] | None = None
) -> dict[str, Any]:
    """
    The document of a calculation under the law as it stands, which also decides the exit code.

    With assumptions, `assumed` holds them, the dotted keys that differ, and every key of the document again. Without
    any, a note `law_may_change` joins the findings for each planned change that would alter this answer; `keys` are
    the dates of the facts by the names that law files have for them in `keyed_on`.
    """
    law = current_law()
    from core.law_outlook import law_may_change, side_by_side

    if assumed:
        return side_by_side(calculate, law, assumed)
    document = calculate(law)
    notes = law_may_change(calculate, law, keys or {})
    return {**document, "findings": (*document["findings"], *notes)}


def print_assumed(document: Mapping[str, Any]) -> None:
    """For people: what differs under the assumptions, both answers side by side; nothing where none were made."""
    beside = document.get("assumed")
    if beside is None:
        return
    assumed = ", ".join(f"{rule} from {in_words(on)}" for rule, on in beside["assumptions"].items())
    rows = [(key, told(_at(document, key)), told(_at(beside, key))) for key in beside["differs"]]
    typer.echo(f"Assuming {assumed}{'' if rows else ', no answer differs'}.")
    if rows:
        print_table("Both answers", ("What", "As the law stands", "Assumed"), rows)
    _print_new_findings(document["findings"], beside["findings"])


def _print_new_findings(standing: tuple[Finding, ...], other: tuple[Finding, ...]) -> None:
    new = [finding for finding in other if finding not in standing]
    if new:
        typer.echo("Found under the assumption only:")
        print_findings(new)
    if standing:
        typer.echo("Found as the law stands:")


def _at(document: Mapping[str, Any], key: str) -> Any:
    """The value under a dotted key; None where the document does not reach so far."""
    value: Any = document
    for name in key.split("."):
        if value is None:
            return None
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return value


def told(value: Any) -> str:
    """A value of a document in one cell: a day in words, yes or no, the codes of findings."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return in_words(value)
    if isinstance(value, list | tuple):
        return ", ".join(told(item) for item in value) or "none"
    for name in ("code", "arithmetic", "act"):
        if hasattr(value, name):
            return str(value) if name == "act" else str(getattr(value, name))
    return str(plain(value))
