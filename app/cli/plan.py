"""`mandate plan`: a ballot planned backwards from the action wanted, or forwards from today."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from app.cli.assuming import both
from app.cli.explaining import Explain
from app.cli.options import AsJson, Assume, InNation, assumptions, count_option, day_option
from app.cli.output import answer
from app.plans import planned, spans_in
from ballots.channels import Channel, Span
from ballots.mandate import ActionKind
from ballots.plan import Wish
from ballots.plan_findings import folded
from core.nations import Nation

app = typer.Typer()


@app.command(epilog="Example: mandate plan --first-action 2027-03-02 --opens-for 21 --channel post")
def print_plan(
    first_action: Annotated[
        date | None, day_option("--first-action", help="The first day of action wanted: plan backwards.")
    ] = None,
    today: Annotated[
        date | None,
        day_option("--today", help="Alone: plan forwards. With --first-action: slack, what is late."),
    ] = None,
    kind: Annotated[ActionKind, typer.Option("--kind", help="The kind of action planned for.")] = ActionKind.STRIKE,
    opens_for: Annotated[
        int | None, count_option("--opens-for", help="Days of voting; without it, what the Code expects.")
    ] = None,
    channel: Annotated[Channel, typer.Option("--channel", help="How papers reach the employer.")] = Channel.EMAIL,
    nation: InNation = Nation.ENGLAND,
    offices_closed: Annotated[
        list[str] | None,
        typer.Option("--offices-closed", metavar="FROM..TO", help="Days the employer's offices are closed."),
    ] = None,
    school_closed: Annotated[
        list[str] | None,
        typer.Option("--school-closed", metavar="FROM..TO", help="Days the school is closed."),
    ] = None,
    term_dates: Annotated[
        Path | None,
        typer.Option("--term-dates", metavar="FILE", help="Terms (name,starts,ends): the school is closed in between."),
    ] = None,
    earlier_action_notice: Annotated[
        date | None,
        day_option("--earlier-action-notice", help="When the employer had an earlier notice of the same action."),
    ] = None,
    employer_agrees_shorter_notice: Annotated[
        bool, typer.Option("--employer-agrees-shorter-notice", help="The employer has agreed to shorter notice.")
    ] = False,
    explain: Explain = False,
    assume: Assume = None,
    as_json: AsJson = False,
) -> None:
    """
    Backwards: the latest safe day of every step. Forwards: the earliest safe and lawful day of action.

    Safe days allow for the channel and for closed offices; the allowances are practice, not law.
    """
    wish = Wish(
        first_action_on=first_action,
        today=today,
        nation=nation,
        channel=channel,
        opens_for=opens_for,
        agrees_shorter_notice=employer_agrees_shorter_notice,
        earlier_action_notice_on=earlier_action_notice,
        kind=kind,
        offices_closed=spans_in("offices-closed", offices_closed or ()),
        school_closed=(*spans_in("school-closed", school_closed or ()), *_between_terms(term_dates)),
    )
    assumed = assumptions(assume)
    found = both(lambda law: planned(wish, law, terms_given=term_dates is not None), assumed)

    def people() -> None:
        from app.cli.plan_tables import print_plan  # no program that reads JSON should pay for tables

        print_plan(found, explained=explain)

    answer(found, as_json=as_json, people=people, findings=folded(found["findings"], found["steps"], today))


def _between_terms(path: Path | None) -> tuple[Span, ...]:
    if path is None:
        return ()
    from app.term_dates import closed_between_terms  # brings the reading of files

    return closed_between_terms(path)
