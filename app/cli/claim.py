"""`mandate claim`: members' claims for pay lost to a strike."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import typer

from app import claim_page
from app.claim_page import ClaimPage
from app.cli.acting import Ref, add_acts, row
from app.cli.database import AsOf, acting
from app.cli.explaining import Explain, explain
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.stored_words import claim_state
from app.templating import pence
from casework import repository
from casework.pay.claims import claims_of, unclaimed
from casework.pay.models import Claim
from core.calendar import in_words

app = typer.Typer(
    no_args_is_help=True,
    help="Members' claims for pay lost to a strike. Example: mandate claim list 2026-0001",
)

COMMANDS = {
    "submit": "claim_submitted",
    "approve": "claim_approved",
    "refuse": "claim_refused",
    "confirm-payee": "payee_confirmed",
    "close-window": "claims_window_closed",
}

add_acts(app, "claim", COMMANDS)


@app.command("list", epilog="Example: mandate claim list 2026-0001 --json")
def list_all(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """A case's claims by their ids, what is payable on them, and how many members have not claimed; nobody is named."""
    with acting(as_of, changing=False) as uow:
        case = repository.find(uow, ref)
        document = {
            "ref": case.ref,
            "stage": case.stage,
            "claims": [_line(claim) for claim in claims_of(uow, case.id)],
            "not_yet_claimed": len(unclaimed(uow, case.id)),
        }
    answer(document, as_json=as_json, people=lambda: _tell(document))


@app.command("show", epilog="Example: mandate claim show 0198c2a0-1111-7222-8333-444455556666")
def show(
    claim_id: Annotated[uuid.UUID, typer.Argument(metavar="ID", help="As `mandate claim list` has it.")],
    explained: Explain = False,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """One claim: what happened to it, who must do what next, and what it pays; nobody is named."""
    with acting(as_of, changing=False) as uow:
        found = claim_page.claim_page(uow, claim_id)
    answer({"claim": found}, as_json=as_json, people=lambda: _tell_one(found, explained=explained))


def _tell_one(found: ClaimPage, *, explained: bool) -> None:
    claim = found.claim
    typer.echo(f"Claim {claim.id} of case {found.case_ref}, {found.workplace}: {claim_state(claim.state)}.")
    typer.echo(f"Next: {found.waits}")
    payable = "not known yet" if claim.payable_pence is None else pence(claim.payable_pence)
    typer.echo(f"Payslip: {pence(claim.payslip_pence)}. Payable: {payable}.")
    for each in found.shares:
        typer.echo(f"Strike day {in_words(each.on)}{'' if each.pence is None else ': ' + pence(each.pence)}")
    for event in reversed(found.events):
        typer.echo(f"{in_words(event.happened_on)}: {event.title} ({event.by})")
    if explained and found.why:
        explain("What is payable", found.why)


def _line(claim: Claim) -> dict[str, Any]:
    return {
        "claim": claim.id,
        "round": claim.round,
        "state": claim.state,
        "submitted_on": claim.submitted_on,
        "days": [day.on for day in claim.days],
        "payslip_pence": claim.payslip_pence,
        "calculated_pence": claim.calculated_pence,
        "payable_pence": claim.payable_pence,
        "findings": claim.findings,
    }


def _tell(document: dict[str, Any]) -> None:
    rows = [
        row(
            each["claim"],
            claim_state(each["state"]),
            each["submitted_on"],
            len(each["days"]),
            pence(each["payslip_pence"]),
            None if each["payable_pence"] is None else pence(each["payable_pence"]),
            "; ".join(finding["sentence"] for finding in each["findings"]),
        )
        for each in document["claims"]
    ]
    if rows:
        print_table("Claims", ("Id", "State", "Made on", "Days", "Payslip", "Payable", "To look at"), rows)
    typer.echo(f"{len(rows)} claims; {document['not_yet_claimed']} members at the workplace have not claimed.")
