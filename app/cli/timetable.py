"""`mandate timetable`: every statutory day of one ballot."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from app.cli.assuming import both, print_assumed
from app.cli.explaining import Explain, explain
from app.cli.options import AsJson, Assume, InNation, Today, assumptions, count_option, day_option
from app.cli.output import answer, print_table, unknown
from ballots.mandate import MandatePeriod
from ballots.paper import DismissalWarning, VotingPaper
from ballots.timetable import timetable
from ballots.timetable_facts import (
    ActionNotice,
    BallotFacts,
    NoticeOfBallot,
    SamplePaper,
    ScrutineerTerms,
    Thresholds,
    Timetable,
    VotingMethod,
)
from core.calendar import in_days, in_words
from core.law import current_law
from core.nations import Nation
from core.why import Why

app = typer.Typer()

ITEMS = {
    "opening_day": "the opening day",
    "total": "the total number of employees concerned",
    "categories": "their categories",
    "by_category": "the number in each category",
    "workplaces": "their workplaces",
    "by_workplace": "the number at each workplace",
    "explanation": "how the figures were reached",
}
"""What a notice of ballot states, for people."""

WARNINGS = {DismissalWarning.TWELVE_WEEKS: "for twelve weeks", DismissalWarning.WHOLE_ACTION: "for the whole action"}

_STEPS: dict[str, type] = {
    "ballot_notice": NoticeOfBallot,
    "sample_paper": SamplePaper,
    "voting_paper": VotingPaper,
    "scrutineer": ScrutineerTerms,
    "thresholds": Thresholds,
    "action_notice": ActionNotice,
    "mandate": MandatePeriod,
}


@app.command(
    epilog="Example: mandate timetable --opens 2026-09-21 --closes 2026-10-19 --first-action 2026-11-03 --json"
)
def print_timetable(
    opens: Annotated[date, day_option("--opens", help="The day the first voting paper is sent.")],
    closes: Annotated[date, day_option("--closes", help="The last day votes may be cast: the date of the ballot.")],
    first_action: Annotated[date | None, day_option("--first-action", help="The first day of action wanted.")] = None,
    today: Today = None,
    nation: InNation = Nation.ENGLAND,
    ballot_notice_received: Annotated[
        date | None, day_option("--ballot-notice-received", help="When the employer had the notice of ballot.")
    ] = None,
    sample_received: Annotated[
        date | None, day_option("--sample-received", help="When the employer had the sample voting paper.")
    ] = None,
    action_notice_received: Annotated[
        date | None, day_option("--action-notice-received", help="When the employer had the notice of action.")
    ] = None,
    earlier_action_notice: Annotated[
        date | None,
        day_option("--earlier-action-notice", help="When the employer had an earlier notice of the same action."),
    ] = None,
    employer_agrees_shorter_notice: Annotated[
        bool, typer.Option("--employer-agrees-shorter-notice", help="The employer has agreed to shorter notice.")
    ] = False,
    employer_agrees_longer_mandate: Annotated[
        date | None,
        day_option("--employer-agrees-longer-mandate", help="The last day of a mandate agreed to be longer."),
    ] = None,
    entitled: Annotated[
        int | None, count_option("--entitled", help="People entitled to vote, over all ballots of the action.")
    ] = None,
    method: Annotated[VotingMethod, typer.Option("--method", help="How votes are cast.")] = VotingMethod.POSTAL,
    assume: Assume = None,
    explained: Explain = False,
    as_json: AsJson = False,
) -> None:
    """
    Every statutory day of one ballot: notices, papers, thresholds, mandate.

    Receipt dates not given are taken as the latest lawful day. Exit 1 when anything is a stop.
    """
    facts = BallotFacts(
        opens_on=opens,
        closes_on=closes,
        nation=nation,
        first_action_on=first_action,
        ballot_notice_received_on=ballot_notice_received,
        sample_received_on=sample_received,
        action_notice_received_on=action_notice_received,
        earlier_action_notice_on=earlier_action_notice,
        agrees_shorter_notice=employer_agrees_shorter_notice,
        longer_mandate_until=employer_agrees_longer_mandate,
        entitled=entitled,
        method=method,
        today=today,
    )
    document = both(lambda law: _document(timetable(facts, law)), assumptions(assume), _keys(facts))
    answer(
        document,
        as_json=as_json,
        people=lambda: _tell(timetable(facts, current_law()), document, explained=explained),
        findings=document["findings"],
    )


def _keys(facts: BallotFacts) -> dict[str, date | None]:
    """The dates of a ballot by the names of the law files; a receipt that is not given has none."""
    return {
        "ballot_opened_on": facts.opens_on,
        "ballot_closed_on": facts.closes_on,
        "ballot_notice_received_on": facts.ballot_notice_received_on,
        "sample_paper_received_on": facts.sample_received_on,
        "action_notice_received_on": facts.action_notice_received_on,
    }


def _document(steps: Timetable) -> dict[str, Any]:
    """The keys of the command line contract; a step that no law answers has them all null."""
    answered = {name: getattr(steps, name) for name in _STEPS}
    return {
        **{name: step if step is not None else unknown(_STEPS[name]) for name, step in answered.items()},
        "findings": steps.findings,
    }


def _tell(steps: Timetable, document: dict[str, Any], *, explained: bool) -> None:
    _print(steps)
    if explained:
        for heading, why in _reasons(steps):
            explain(heading, why)
    print_assumed(document)


def _reasons(steps: Timetable) -> list[tuple[str, Why]]:
    """Each day of the table that was computed, with why it falls there."""
    notice = steps.action_notice
    found = {
        "Notice of ballot, latest receipt": steps.ballot_notice.why if steps.ballot_notice else None,
        "Sample voting paper, latest receipt": steps.sample_paper.why if steps.sample_paper else None,
        "Voting paper": steps.voting_paper.why if steps.voting_paper else None,
        "Scrutineer's report due": steps.scrutineer.why if steps.scrutineer else None,
        "Thresholds": steps.thresholds.why if steps.thresholds else None,
        "Notice of action, latest receipt": notice.why if notice else None,
        "Earliest action on that notice": notice.earliest_why if notice else None,
        "Mandate, last day": steps.mandate.why if steps.mandate else None,
    }
    return [(heading, why) for heading, why in found.items() if why is not None]


def _print(steps: Timetable) -> None:
    rows = [*_paper_rows(steps), *_action_rows(steps)]
    if rows:
        print_table("Timetable of the ballot", ("Step", "Day", "What holds"), rows)


def _paper_rows(steps: Timetable) -> list[tuple[str, str, str]]:
    rows = []
    if notice := steps.ballot_notice:
        rows.append(
            (
                "Notice of ballot, latest receipt",
                in_words(notice.latest_receipt),
                ", ".join(ITEMS.get(item, item) for item in notice.items),
            )
        )
    if sample := steps.sample_paper:
        rows.append(("Sample voting paper, latest receipt", in_words(sample.latest_receipt), ""))
    if paper := steps.voting_paper:
        summaries = "with summaries" if paper.summaries_required else "no summaries"
        rows.append(("Voting paper", "", f"{summaries}; dismissal warning {WARNINGS[paper.dismissal_warning]}"))
    if terms := steps.scrutineer:
        required = {None: "number entitled not given", True: "required", False: "not required"}[terms.required]
        rows.append(("Scrutineer's report due", in_words(terms.report_due), required))
    return rows


def _action_rows(steps: Timetable) -> list[tuple[str, str, str]]:
    rows = []
    if shares := steps.thresholds:
        wanted = f"turnout {shares.turnout_fraction or 'none'}; support {shares.support_fraction or 'none'}"
        rows.append(("Thresholds", "", wanted))
    if notice := steps.action_notice:
        rows.append(("Notice of action, latest receipt", _day(notice.latest_receipt), in_days(notice.days)))
        rows.append(("Earliest action on that notice", _day(notice.earliest_action_if_received), ""))
    if period := steps.mandate:
        what = "action must begin by then" if period.begins_by else f"{period.months} months"
        rows.append(("Mandate, first day", in_words(period.first_day), "date of the ballot"))
        rows.append(("Mandate, last day", in_words(period.last_day), what))
    return rows


def _day(day: date | None) -> str:
    return "" if day is None else in_words(day)
