"""`mandate action`: action short of a strike and strike days within a mandate."""

from __future__ import annotations

from typing import Any

import typer

from app import approvals, notice_views
from app.cli.acting import Ref, add_acts, row, said
from app.cli.ballot import print_notices, tell_approval
from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.cli.packs import add_action_packs
from app.stored_words import action_stage, kind_of_action
from ballots import action_steps, approving, papers
from ballots.models import Action, ActionStage
from ballots.repository import actions_of
from casework import addresses, repository
from casework.cases import Case
from core.findings import Finding
from core.unit_of_work import UnitOfWork

app = typer.Typer(
    no_args_is_help=True,
    help="Action short of a strike and strike days within a mandate. Example: mandate action show 2026-0001",
)

COMMANDS = {
    "authorise-asos": "asos_authorised",
    "seek-escalation": "escalation_sought",
    "escalation-meeting": "escalation_meeting_held",
    "authorise-strike": "strike_authorised",
    "approve": "action_notices_approved",
    "received": "notice_received",
    "strike-day": "strike_day_held",
    "call-off": "strike_day_withdrawn",
    "vary": "notice_varied",
    "suspend": "action_suspended",
    "extend-suspension": "suspension_extended",
    "withdraw": "notice_withdrawn",
    "repudiate": "call_repudiated",
}

add_acts(app, "action", COMMANDS)
add_action_packs(app)


@app.command("notify", epilog="Example: mandate action notify 2026-0001")
def notify(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """Prepare the notices of action, send those that are approved; exit 1 with what forbids serving them."""
    with acting(as_of) as uow:
        case = repository.find(uow, ref)
        action_steps.prepare_action_notices(uow, case.id)
        action_steps.serve_action_notices(uow, case.id)
        findings = _before_serving(uow, case)
        document = _document(uow, case, findings)
    answer(document, as_json=as_json, people=lambda: _tell(document), findings=findings)


@app.command("show", epilog="Example: mandate action show 2026-0001 --json")
def show(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """Every piece of action of a case, its notices, and what forbids serving those that are not served."""
    with acting(as_of, changing=False) as uow:
        case = repository.find(uow, ref)
        findings = _before_serving(uow, case)
        document = _document(uow, case, findings)
    answer(document, as_json=as_json, people=lambda: _tell(document), findings=findings, refused=False)


def _before_serving(uow: UnitOfWork, case: Case) -> tuple[Finding, ...]:
    waiting = actions_of(uow, case.id, ActionStage.AUTHORISED)
    found = [finding for action in waiting for finding in action_steps.issues_of(uow, action)]
    return (*found, *addresses.replaced(uow, [papers.action_ref(action.id) for action in waiting]))


def _document(uow: UnitOfWork, case: Case, findings: tuple[Finding, ...]) -> dict[str, Any]:
    found = actions_of(uow, case.id)
    subjects = [papers.action_ref(action.id) for action in found]
    return {
        "ref": case.ref,
        "stage": case.stage,
        "actions": [_action(action) for action in found],
        "notices": notice_views.lines(uow, subjects),
        "to_members": notice_views.to_members(uow, subjects),
        "approval": approvals.awaited_of(uow, case, approving.ACTION),
        "findings": findings,
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind,
        "stage": action.stage,
        "pattern": action.pattern,
        "starts_on": action.starts_on,
        "days": action.strike_days,
        "instructions": action.instructions,
        "affected": action.affected,
        "mandate_last_day": action.mandate.last_day,
    }


def _tell(document: dict[str, Any]) -> None:
    rows = [
        row(
            kind_of_action(each["kind"]),
            action_stage(each["stage"]),
            each["starts_on"],
            ", ".join(map(said, each["days"] or each["instructions"])),
            each["affected"],
            each["mandate_last_day"],
        )
        for each in document["actions"]
    ]
    typer.echo(f"Case {document['ref']}: {document['stage']}.")
    if rows:
        print_table(
            "Action", ("Kind", "Stage", "From", "Days or instructions", "Members affected", "Mandate ends"), rows
        )
    print_notices(document["notices"], document["to_members"])
    tell_approval(document["approval"])
