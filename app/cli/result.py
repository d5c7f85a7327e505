"""`mandate result`: whether a ballot's figures give a mandate."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from app.cli.assuming import both, print_assumed
from app.cli.explaining import Explain, explain
from app.cli.options import AsJson, Assume, InNation, Today, assumptions, count_option, day_option, whole_number
from app.cli.output import answer, print_table, shallow, unknown
from ballots.mandate import ActionKind
from ballots.result import Count, QuestionResult, Result, Service, Turnout, Votes, result
from ballots.result_reasons import ResultReasons, reasons_of
from core.calendar import in_words
from core.law import Law, current_law
from core.nations import Nation

app = typer.Typer()

_FORM = "strike:yes=390,no=126,spoiled=4"


def votes(text: str | Votes) -> Votes:
    """The count of one question, written `strike:yes=390,no=126,spoiled=4`; spoiled may be left out."""
    if isinstance(text, Votes):
        return text
    name, _, counts = text.partition(":")
    if name not in tuple(ActionKind):
        raise typer.BadParameter(f"found the question {name!r}, wanted {' or '.join(ActionKind)} as in {_FORM}")
    figures = [_figure(text, part) for part in counts.split(",")]
    by_name = dict(figures)
    if len(by_name) != len(figures) or not {"yes", "no"} <= set(by_name):
        raise typer.BadParameter(f"found {text!r}, wanted yes and no once each, as in {_FORM}")
    return Votes(ActionKind(name), **by_name)


def _figure(text: str, part: str) -> tuple[str, int]:
    name, _, count = part.strip().partition("=")
    if name not in ("yes", "no", "spoiled"):
        raise typer.BadParameter(f"found {part!r} in {text!r}, wanted yes, no or spoiled as in {_FORM}")
    return name, whole_number(count)


@app.command(
    epilog="Example: mandate result --opens 2024-02-12 --closes 2024-03-28 --entitled 1000 --cast 520 "
    "--question strike:yes=390,no=126,spoiled=4 --question asos:yes=430,no=86,spoiled=4"
)
def print_result(
    opens: Annotated[date, day_option("--opens", help="The day the first voting paper was sent.")],
    closes: Annotated[date, day_option("--closes", help="The last day votes could be cast.")],
    entitled: Annotated[int, count_option("--entitled", help="People entitled to vote.")],
    question: Annotated[
        list[Votes],
        typer.Option("--question", parser=votes, metavar="NAME:COUNTS", help=f"The count of a question: {_FORM}."),
    ],
    cast: Annotated[int | None, count_option("--cast", help="Papers returned, spoiled ones included.")] = None,
    nation: InNation = Nation.ENGLAND,
    service: Annotated[
        Service, typer.Option("--service", help="Where most of those entitled normally work.")
    ] = Service.STATE_TEACHING,
    today: Today = None,
    assume: Assume = None,
    explained: Explain = False,
    as_json: AsJson = False,
) -> None:
    """
    Whether a ballot's figures give a mandate, question by question, under the law of its dates.

    Exit 1 when no question has a mandate.
    """
    count = Count(
        opened_on=opens,
        closed_on=closes,
        entitled=entitled,
        questions=tuple(question),
        cast=cast,
        nation=nation,
        service=service,
    )
    law = current_law()
    outcome = result(count, law, today)
    keys = {"ballot_opened_on": opens, "ballot_closed_on": closes}
    document = both(lambda each: _document(count, each, today, explained=explained), assumptions(assume), keys)
    answer(
        document,
        as_json=as_json,
        people=lambda: _tell(outcome, document, reasons_of(count, outcome, law) if explained else None),
        findings=document["findings"],
        refused=not outcome.has_mandate,
    )


def _document(count: Count, law: Law, today: date | None, *, explained: bool) -> dict[str, Any]:
    """The keys of the command line contract; what no law answers has its keys null. `explained` adds why to each."""
    outcome = result(count, law, today)
    reasons = reasons_of(count, outcome, law)
    return {
        "turnout": outcome.turnout if outcome.turnout is not None else unknown(Turnout),
        "questions": {
            kind: {
                **(shallow(question) if question is not None else unknown(QuestionResult)),
                **({"why": reasons.questions.get(kind)} if explained else {}),
            }
            for kind, question in outcome.questions.items()
        },
        "mandate_last_day": outcome.mandate_last_day,
        "mandate_why": reasons.mandate,
        "findings": outcome.findings,
    }


def _tell(outcome: Result, document: dict[str, Any], reasons: ResultReasons | None) -> None:
    _print(outcome)
    if reasons is not None:
        for kind, thresholds in reasons.questions.items():
            for name, why in thresholds.items():
                explain(f"{kind.words.capitalize()}: {name.replace('_', ' ')}", why)
        if reasons.mandate is not None:
            explain("Mandate, last day", reasons.mandate)
    print_assumed(document)


def _print(outcome: Result) -> None:
    if outcome.turnout is not None:
        turnout = outcome.turnout
        typer.echo(f"Voted: {turnout.cast} of {turnout.entitled} entitled.")
    rows = [_row(kind, question) for kind, question in outcome.questions.items() if question is not None]
    if rows:
        print_table("Result of the ballot", ("Question", "Yes", "No", "Spoiled", "Mandate", "Short by"), rows)
    if outcome.mandate_last_day is not None:
        typer.echo(f"The mandate's last day is {in_words(outcome.mandate_last_day)}.")


def _row(kind: ActionKind, question: QuestionResult) -> tuple[str, ...]:
    figures = (str(question.yes), str(question.no), str(question.spoiled))
    return (kind.words.capitalize(), *figures, "yes" if question.mandate else "no", str(question.short_by))
