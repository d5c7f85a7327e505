"""`mandate claim`: members' claims for pay lost to a strike."""

from __future__ import annotations

from typing import Any

import typer

from app.cli.acting import Ref, add_acts, row, words
from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.templating import pence
from casework import repository
from casework.pay.claims import claims_of, unclaimed
from casework.pay.models import Claim

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
            words(each["state"]),
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
