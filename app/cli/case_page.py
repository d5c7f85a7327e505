"""One case as a document and as pages of a terminal: the values that the dashboard's page shows."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import typer

from app import acts, case_views
from app.case_opening import PURSUITS
from app.case_views import CasePage
from app.cli.acting import row, words
from app.cli.ballot import print_notices
from app.cli.explaining import explain
from app.cli.output import print_findings, print_table
from app.dispute_views import DisputeLine
from app.stored_words import ballot_stage, claim_state, kind_of_action, stage_name
from app.templating import pence
from app.views import DeadlineLine
from casework import repository
from casework.levels import Level
from core.calendar import in_words
from core.unit_of_work import UnitOfWork

LEVEL_WORDS = {Level.AMBER: "amber", Level.RED: "red", Level.STOP: "hard stop", None: None}


def case_document(uow: UnitOfWork, ref: str) -> dict[str, Any]:
    """What a case's page shows, the officer as a reference only, and the acts that can be recorded now."""
    page = case_views.case_page(uow, ref)
    allowed = acts.acts_offered(uow, repository.find(uow, ref))
    return {
        **{entry.name: getattr(page, entry.name) for entry in fields(CasePage)},
        "officer": f"officer:{page.officer.id}" if page.officer else None,
        "acts": [{"name": act.name, "label": act.label, "roles": sorted(act.roles)} for act in allowed],
    }


def tell_case(document: dict[str, Any], *, explained: bool, officer: str | None = None) -> None:
    """
    The case for people; with `explained`, why each open deadline and each mandate's end falls on its day. `officer` is
    the name of the case's officer, which the document for programs leaves out.
    """
    _tell_head(document, officer)
    _tell_dispute(document["dispute"])
    _tell_deadlines(document["deadlines"], explained=explained)
    for event in reversed(document["events"]):
        typer.echo(f"{in_words(event.happened_on)}: {event.title} ({event.by})")
    print_notices(document["notices"], document["to_members"])
    _tell_mandates(document, explained=explained)
    _tell_pay_and_agreement(document)
    print_findings(document["findings"])
    names = ", ".join(act["name"] for act in document["acts"])
    typer.echo(f"Can be recorded now: {names or 'nothing'}. `mandate case acts {document['ref']}` has the fields.")


def _tell_head(document: dict[str, Any], officer: str | None) -> None:
    typer.echo(f"Case {document['ref']}: {document['workplace']} ({document['number']})")
    typer.echo(f"Stage: {stage_name(document['stage'])}, since {in_words(document['entered_on'])}")
    if document["wake_on"]:
        typer.echo(f"Rests until {in_words(document['wake_on'])}: {document['rest_reason']}")
    typer.echo(f"Employer: {document['employer']}. {document['employer_reason']}")
    known = f"{officer}, {document['officer']}" if officer else document["officer"]
    typer.echo(f"Officer: {known or 'none yet'}")
    told = ", ".join(f"{each.title} ({words(each.status)})" for each in document["issues"])
    typer.echo(f"Issues ({PURSUITS[document['pursuit']].lower()}): {told}")


def _tell_dispute(dispute: DisputeLine | None) -> None:
    if dispute is None:
        return
    ended = f", ended {in_words(dispute.settled_on)}" if dispute.settled_on else ""
    about = "; ".join(dispute.matters)
    typer.echo(f"Dispute: {dispute.ref}, declared {in_words(dispute.declared_on)}{ended}, about {about}")
    if dispute.stood_down and dispute.stood_down.lifted_at is None:
        listed = f"`mandate dispute standing {dispute.ref}` lists who has been reached"
        typer.echo(f"All its action stands down ({dispute.stood_down.reason}); {listed}.")
    rows = [
        row(
            each.case_ref,
            each.workplace,
            stage_name(each.stage),
            f"{each.ballot_ref} ({ballot_stage(each.ballot_stage)})" if each.ballot_stage else None,
            each.settled_on,
        )
        for each in dispute.schools
    ]
    if len(rows) > 1:
        print_table("Schools in the dispute", ("Case", "Workplace", "Stage", "Ballot", "Left"), rows)


def _tell_deadlines(found: tuple[DeadlineLine, ...], *, explained: bool) -> None:
    if explained:
        for each in found:
            explain(f"{in_words(each.due_on)}: {each.label}", each.why)
        return
    if found:
        rows = [row(each.due_on, each.label, LEVEL_WORDS[each.level]) for each in found]
        print_table("Open deadlines", ("Day", "What", "Level"), rows)


def _tell_mandates(document: dict[str, Any], *, explained: bool) -> None:
    rows = [
        row(each.ballot_ref, kind_of_action(each.kind), each.first_day, each.last_day, each.days_left)
        for each in document["mandates"]
    ]
    if rows:
        print_table("Mandates", ("Ballot", "For", "First day", "Last day", "Days left"), rows)
    for each in document["mandates"] if explained else ():
        if each.why is not None:
            explain(f"{in_words(each.last_day)}: the last day of the mandate for {kind_of_action(each.kind)}", each.why)


def _tell_pay_and_agreement(document: dict[str, Any]) -> None:
    claims = [row(claim_state(each.state), each.count, pence(each.payable_pence)) for each in document["claims"]]
    if claims:
        print_table("Claims", ("State", "Number", "Payable"), claims)
    clauses = [
        row(each.issue, each.what_changes, each.from_on, words(each.state), each.signed_on)
        for each in document["clauses"]
    ]
    if clauses:
        print_table("Agreed", ("Issue", "What changes", "From", "Kept to", "Signed off"), clauses)
