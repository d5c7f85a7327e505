"""`mandate lint`: a dispute's papers in one file, read as the other side's barrister would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.assuming import both, print_assumed
from app.cli.options import AsJson, Assume, assumptions
from app.cli.output import answer, print_table
from app.law_words import used
from ballots.lint import examine
from ballots.pack import Pack
from ballots.pack_files import read_pack_file
from core.findings import Finding, Severity
from core.law import Law, current_law

app = typer.Typer()


@app.command(epilog="Example: mandate lint docs/examples/pack.toml --json")
def print_findings_of_pack(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="The pack: a .toml or .json file (docs/lint.md).")],
    assume: Assume = None,
    as_json: AsJson = False,
) -> None:
    """
    Everything in a dispute's papers that an employer's counsel would take to court, each with its cure.

    Exit 1 when anything is a stop, 2 when the file is no pack.
    """
    assumed = assumptions(assume)
    read = read_pack_file(pack)
    document = _document(read, assumed)
    answer(document, as_json=as_json, people=lambda: tell(document), findings=document["findings"])


def _document(pack: Pack, assumed: dict[str, date]) -> dict[str, Any]:
    """The keys of the command line contract, and `assumed` with the same beside them where something is assumed."""

    def whole(law: Law) -> dict[str, Any]:
        examined = examine(pack, law)
        return {"findings": examined.findings, "law": used(examined.law)}

    if assumed:
        return both(whole, assumed)
    examined = examine(pack, current_law())
    answered = both(lambda law: {"findings": examine(pack, law).findings}, assumed, _keys(pack))
    return {**answered, "law": used(examined.law)}


def _keys(pack: Pack) -> dict[str, date | None]:
    """The dates of a pack by the names of the law files; of several notices, the last."""
    return {
        "ballot_opened_on": pack.ballot.opens,
        "ballot_closed_on": pack.ballot.closes,
        "ballot_notice_received_on": _last(pack.ballot_notices),
        "sample_paper_received_on": _last(pack.sample_papers),
        "action_notice_received_on": _last(pack.action_notices),
    }


def _last(papers: Sequence[Any]) -> date | None:
    return max((paper.received for paper in papers), default=None)


def tell(document: dict[str, Any]) -> None:
    """For people: the findings by weight, or that there is none."""
    findings: Sequence[Finding] = document["findings"]
    if not findings:
        typer.echo("Nothing found: no rule that this program knows stands against these papers.")
    for severity in Severity:
        found = [each for each in findings if each.severity is severity]
        if found:
            from rich.markup import escape  # a tenth of a second that no program reading JSON should pay

            rows = [(each.code, escape(each.where or ""), escape(each.sentence)) for each in found]
            print_table(f"{_TITLES[severity]}: {len(rows)}", ("Code", "Where", "What"), rows)
    beside = document.get("assumed")
    if beside is not None:  # the values that differ are for programs; what they make of the papers is for people
        differs = [key for key in beside["differs"] if not key.startswith("law.")]
        print_assumed({**document, "assumed": {**beside, "differs": differs}})


_TITLES = {
    Severity.STOP: "Stops, each of which an employer can take to court",
    Severity.WARN: "Warns, for a named person to decide",
    Severity.NOTE: "Notes",
}
