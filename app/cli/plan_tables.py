"""A plan for people: its steps, each paper by each channel, the days drawn on one line, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import typer

from app.cli.assuming import print_assumed
from app.cli.explaining import explain
from app.cli.output import print_table
from app.plan_drawing import KEY, drawn
from app.plans import KINDS, fixed_by, short_day
from ballots.channels import CHANNEL_NAMES, CLOSING_HOUR, Channel
from ballots.mandate import MandatePeriod
from ballots.plan import ReBallot, Step, StepName
from ballots.plan_rules import STEP_NAMES
from core.calendar import in_days, in_words

UNTIMED = {StepName.BALLOT_OPENS, StepName.BALLOT_CLOSES}
"""Nothing is handed over in these steps, so no hour is told."""


def print_plan(found: Mapping[str, Any], *, explained: bool) -> None:
    """The whole document for people; with `explained`, why each day is what it is."""
    steps: tuple[Step, ...] = found["steps"]
    if steps:
        _print_steps(found, steps)
        if found["today"] is None:
            typer.echo("Add --today to see slack and what is too late.")
        _print_channels(steps)
        _print_drawing(found, steps)
        _tell_earliest(found)
        _tell_after(found)
        if explained:
            _explain(steps)
    _tell_assumed(found)


def _print_steps(found: Mapping[str, Any], steps: tuple[Step, ...]) -> None:
    slack = found["today"] is not None
    columns = ("Step", "Safe until", "Lawful until", "Margin", *(("Slack",) if slack else ()), "Rule")
    how = CHANNEL_NAMES[found["channel"]].lower()
    title = (
        f"{KINDS[found['kind']]} from {in_words(found['first_action'])}, papers {how}, handed over by {CLOSING_HOUR}"
    )
    print_table(title, columns, (_row(step, slack=slack) for step in steps))


def _row(step: Step, *, slack: bool) -> tuple[str, ...]:
    days = (short_day(step.latest_safe), short_day(step.latest_lawful), str(step.margin_days))
    return (STEP_NAMES[step.step], *days, *((str(step.slack_days),) if slack else ()), step.rule)


def _print_channels(steps: tuple[Step, ...]) -> None:
    rows = [
        (STEP_NAMES[step.step], *(short_day(step.by_channel[each]) for each in Channel))
        for step in steps
        if step.by_channel is not None
    ]
    print_table("Last safe day for each paper, all else unchanged", ("Paper", *CHANNEL_NAMES.values()), rows)


def _print_drawing(found: Mapping[str, Any], steps: tuple[Step, ...]) -> None:
    typer.echo()
    for line in drawn(steps, found["first_action"], found["today"]):
        typer.echo(line)
    typer.echo(KEY)
    typer.echo()


def _tell_earliest(found: Mapping[str, Any]) -> None:
    earliest = found["earliest"]
    if earliest["asos"] is None:
        return
    typer.echo(f"Earliest action short of a strike: {in_words(earliest['asos'])}.")
    typer.echo(f"Earliest strike: {in_words(earliest['strike'])}.")
    typer.echo(
        f"The statute alone would allow action from {in_words(found['earliest_lawful']['asos'])}, with every paper "
        "received the day it is due. That shows what a day costs; it is no plan."
    )


def _tell_after(found: Mapping[str, Any]) -> None:
    mandate, again = found["mandate"], found["re_ballot"]
    if not isinstance(mandate, MandatePeriod):
        return
    if mandate.begins_by:
        typer.echo(f"Under its mandate action has to begin by {in_words(mandate.last_day)}.")
    else:
        typer.echo(f"Its mandate lasts from {in_words(mandate.first_day)} to {in_words(mandate.last_day)}.")
    if isinstance(again, ReBallot):
        for line in _again(again):
            typer.echo(line)


def _again(again: ReBallot) -> Iterable[str]:
    days: dict[str, date] = {step.step: step.latest_safe for step in again.steps}
    left = "" if again.slack_days is None else f", {_from_today(again.slack_days)}"
    yield (
        f"To go on without a gap from {in_words(again.continues_on)}, authorise the next ballot by "
        f"{in_words(again.start_by)}{left}:"
    )
    yield (
        f"notice of ballot by {short_day(days[StepName.BALLOT_NOTICE])}, voting from "
        f"{short_day(days[StepName.BALLOT_OPENS])} to {short_day(days[StepName.BALLOT_CLOSES])}, "
        f"notice of action by {short_day(days[StepName.ACTION_NOTICE])}."
    )


def _from_today(days: int) -> str:
    if days < 0:
        return f"{in_days(-days)} ago"
    return f"{in_days(days)} from today" if days else "today"


def _explain(steps: tuple[Step, ...]) -> None:
    typer.echo()
    for step in steps:
        hour = "" if step.step in UNTIMED else f", {CLOSING_HOUR}"
        heading = f"{STEP_NAMES[step.step]}: safe until {in_words(step.latest_safe)}{hour}"
        hung = f"hangs on: {STEP_NAMES[step.hangs_on].lower()}; fixed by: {fixed_by(step)}"
        explain(f"{heading}; lawful until {in_words(step.latest_lawful)}; {hung}", step.why)


def _tell_assumed(found: Mapping[str, Any]) -> None:
    beside = found.get("assumed")
    if beside is None:
        return
    assumed = ", ".join(f"{rule} from {in_words(on)}" for rule, on in beside["assumptions"].items())
    if beside["differs"]:
        print_assumed(found)
        _print_steps(beside, beside["steps"])
    else:
        typer.echo(f"Assuming {assumed}: no day of this plan differs. Planned changes bear on the result, not on days.")
