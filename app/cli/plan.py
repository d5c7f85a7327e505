"""`mandate plan`: a ballot planned backwards from the action wanted, or forwards from today."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from app.cli.options import AsJson, InNation, count_option, day_option
from app.cli.output import answer, print_table
from ballots.plan import Channel, Plan, Wish, plan
from core.calendar import in_words
from core.law import current_law
from core.nations import Nation

app = typer.Typer()


@app.command(epilog="Example: mandate plan --first-action 2027-03-02 --opens-for 21 --channel post")
def print_plan(
    first_action: Annotated[
        date | None, day_option("--first-action", help="The first day of action wanted: plan backwards.")
    ] = None,
    today: Annotated[
        date | None, day_option("--today", help="Alone: plan forwards from it. With --first-action: what is too late.")
    ] = None,
    opens_for: Annotated[
        int | None, count_option("--opens-for", help="Days of voting; without it, what the Code expects.")
    ] = None,
    channel: Annotated[Channel, typer.Option("--channel", help="How papers reach the employer.")] = Channel.EMAIL,
    nation: InNation = Nation.ENGLAND,
    employer_agrees_shorter_notice: Annotated[
        bool, typer.Option("--employer-agrees-shorter-notice", help="The employer has agreed to shorter notice.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Backwards: the latest safe day of every step. Forwards: the earliest lawful day of action.

    Safe days allow for the channel and for closed offices; the allowances are practice, not law.
    """
    wish = Wish(first_action, today, nation, channel, opens_for, employer_agrees_shorter_notice)
    outcome = plan(wish, current_law())
    answer(_document(wish, outcome), as_json=as_json, people=lambda: _print(outcome), findings=outcome.findings)


def _document(wish: Wish, outcome: Plan) -> dict[str, Any]:
    return {
        "direction": "forwards" if wish.first_action_on is None else "backwards",
        "channel": wish.channel,
        "steps": outcome.steps,
        "binding": outcome.binding,
        "earliest": {"asos": outcome.earliest_asos, "strike": outcome.earliest_strike},
        "findings": outcome.findings,
    }


def _print(outcome: Plan) -> None:
    rows = [
        (
            step.step.replace("_", " "),
            in_words(step.latest_safe),
            in_words(step.latest_lawful),
            str(step.margin_days),
            step.rule,
            str(step.citation),
        )
        for step in outcome.steps
    ]
    if rows:
        print_table("Plan", ("Step", "Safe until", "Lawful until", "Margin", "Rule", "Source"), rows)
    if outcome.earliest_asos is not None and outcome.earliest_strike is not None:
        typer.echo(f"Earliest action short of a strike: {in_words(outcome.earliest_asos)}.")
        typer.echo(f"Earliest strike: {in_words(outcome.earliest_strike)}.")
