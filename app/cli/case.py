"""`mandate case`: opening cases, looking at them, and recording what happened to them."""

from __future__ import annotations

import sys
import uuid
from datetime import date
from typing import Annotated, Any

import typer
from sqlalchemy import select

from app import acts, board_views
from app.board_filters import filters
from app.case_opening import CaseOpened, open_once
from app.cli.acting import (
    STAFF,
    ActingAs,
    Asked,
    Key,
    Ref,
    actor_named,
    add_acts,
    perform,
    row,
    said,
    standing,
    tell_standing,
    told_acts,
    unique,
)
from app.cli.case_page import case_document, tell_case
from app.cli.database import AsOf, acting
from app.cli.explaining import Explain
from app.cli.facts import as_document, from_json, from_words
from app.cli.options import AsJson, day_option
from app.cli.output import answer, print_table
from app.cli.run import run_cases
from app.stored_words import stage_name
from casework import repository
from casework.acts import Act, Facts
from casework.cases import Case, Pursuit
from casework.issues.catalogue import issues
from casework.lifecycle import Stage
from casework.register import workplaces
from casework.register.regions import regions
from core.errors import BadInput

app = typer.Typer(
    no_args_is_help=True,
    help="Cases: open them, look at them, record what happened. Example: mandate case show 2026-0001",
)

STANDARD_INPUT = "-"


CODES = ", ".join(each.code for each in issues())
REGIONS = ", ".join(each.code for each in regions())


@app.command("open", epilog="Example: mandate case open --urn 100050 --issue meetings --issue observation")
def open_one(
    issue: Annotated[list[str], typer.Option("--issue", metavar="CODE", help=f"One of {CODES}; repeat for several.")],
    urn: Annotated[str | None, typer.Option("--urn", help="The workplace's unique reference number.")] = None,
    ukprn: Annotated[str | None, typer.Option("--ukprn", help="The same for a college, which has no URN.")] = None,
    pursuit: Annotated[Pursuit, typer.Option("--pursuit", help="How several issues are taken.")] = Pursuit.CONCURRENT,
    raised_on: Annotated[date | None, day_option("--raised-on", help="The day members raised it; today.")] = None,
    acting_as: ActingAs = STAFF,
    key: Key = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Open a case for a workplace over one or more workload issues."""
    codes = _codes(issue)
    number = _number(urn, ukprn)
    with acting(as_of) as uow:
        uow.actor = actor_named(uow, acting_as)
        given = CaseOpened(issues=codes, pursuit=pursuit, raised_on=raised_on)
        case, _ = open_once(uow, workplaces.find(uow, number), given, unique(key))
        document = standing(uow, case)
    answer(document, as_json=as_json, people=lambda: tell_standing(document))


@app.command("list", epilog="Example: mandate case list --stage ballot_open")
def list_all(
    stage: Annotated[Stage | None, typer.Option("--stage", help="Only the cases at this stage.")] = None,
    officer: Annotated[
        str | None, typer.Option("--officer", metavar="OFFICER", help="Only this officer's (officer:<id>), or none.")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", metavar="CODE", help=f"Only in one of {REGIONS}.")] = None,
    authority: Annotated[
        str | None, typer.Option("--authority", metavar="CODE", help="Only where this local authority is.")
    ] = None,
    employer: Annotated[
        str | None, typer.Option("--employer", metavar="TEXT", help="Only of employers with these words in their name.")
    ] = None,
    issue: Annotated[str | None, typer.Option("--issue", metavar="CODE", help="Only over this issue.")] = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """The cases in the order of the ladder, those with the nearest deadline first."""
    places = {"region": region, "authority": authority, "employer": employer}
    said = {"stage": stage, "officer": officer, **places, "issue": issue}
    wanted = filters({name: value for name, value in said.items() if value})
    with acting(as_of, changing=False) as uow:
        officers = dict(uow.session.execute(select(Case.ref, Case.officer_id)).tuples().all())
        found = [_line(card, officers[card.ref]) for card in board_views.cards(uow, wanted)]
        document = {"as_of": uow.today, "cases": found}
    answer(document, as_json=as_json, people=lambda: _tell_list(document))


@app.command("show", epilog="Example: mandate case show 2026-0001 --explain")
def show(
    ref: Ref,
    explained: Explain = False,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """One case: where it stands, what is due, what happened, its notices, and what can be recorded now."""
    with acting(as_of, changing=False) as uow:
        document = case_document(uow, ref)
        officer = repository.find(uow, ref).officer
        name = officer.name if officer else None
    answer(document, as_json=as_json, people=lambda: tell_case(document, explained=explained, officer=name))


@app.command("acts", epilog="Example: mandate case acts 2026-0001")
def list_acts(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """What can be recorded for a case as it stands, with the fields of each act."""
    with acting(as_of, changing=False) as uow:
        case = repository.find(uow, ref)
        found = acts.acts_offered(uow, case)
    document = {"ref": case.ref, "stage": case.stage, "acts": [as_document(act) for act in found]}
    answer(document, as_json=as_json, people=lambda: told_acts(found))


@app.command("record", epilog="Example: mandate case record 2026-0001 members_meeting_arranged meets_on=2026-09-08")
def record(
    ref: Ref,
    act: Annotated[str | None, typer.Argument(metavar="ACT", help="Its name; without one, what can be.")] = None,
    fields: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="The facts.")] = None,
    facts: Annotated[
        str | None, typer.Option("--facts", metavar="JSON", help="The facts as one JSON object; - for standard input.")
    ] = None,
    acting_as: ActingAs = STAFF,
    key: Key = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Record an act. Without one: list what can be recorded now."""
    if act is None:
        list_acts(ref, as_json=as_json, as_of=as_of)
        return
    chosen = acts.act_named(act)
    asked = Asked(acting_as, key, as_json, as_of)
    perform(ref, chosen, lambda: _facts(chosen, fields or [], facts), asked)


app.command("run", epilog="Example: mandate case run 2026-0001 --wait 30")(run_cases)
add_acts(app, "case", {"settle": "settlement_reached", "reopen": "case_reopened"})


def _number(urn: str | None, ukprn: str | None) -> str:
    if urn and not ukprn:
        return urn
    if ukprn and not urn:
        return ukprn
    found = "both" if urn else "neither"
    raise BadInput(field="--urn or --ukprn", found=found, wanted="one number: a school's URN or a college's UKPRN")


def _codes(given: list[str]) -> list[str]:
    known = [each.code for each in issues()]
    for code in given:
        if code not in known:
            raise BadInput(field="--issue", found=code, wanted=f"one of {', '.join(known)}")
    return list(dict.fromkeys(given))


def _facts(act: Act, fields: list[str], text: str | None) -> Facts:
    if text is None:
        return from_words(act, fields)
    if fields:
        raise BadInput(field="--facts", found=" ".join(fields), wanted="either --facts or FIELD=VALUE, not both")
    return from_json(act, sys.stdin.read() if text == STANDARD_INPUT else text)


def _line(card: board_views.Card, officer_id: uuid.UUID | None) -> dict[str, Any]:
    return {
        "ref": card.ref,
        "stage": card.stage,
        "urn": card.urn,
        "workplace": card.workplace,
        "employer": card.employer,
        "entered_on": card.entered_on,
        "days_at_stage": card.days,
        "age": card.age,
        "officer": f"officer:{officer_id}" if officer_id else None,
        "next": card.next,
        "due_on": card.due_on,
        "resting_until": card.resting_until,
    }


def _tell_list(document: dict[str, Any]) -> None:
    rows = [
        row(
            each["ref"],
            stage_name(each["stage"]),
            each["workplace"],
            each["entered_on"],
            f"{said(each['due_on'])}: {each['next']}" if each["due_on"] else None,
            each["resting_until"],
        )
        for each in document["cases"]
    ]
    if not rows:
        typer.echo("There is no case here. `mandate case open --urn URN --issue CODE` opens one.")
        return
    print_table("Cases", ("Case", "Stage", "Workplace", "Since", "Next deadline", "Rests until"), rows)
