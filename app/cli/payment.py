"""`mandate payment`: payment files of approved claims, prepared by one person and released by another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select

from app.cli.acting import add_acts, row
from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.templating import pence
from casework.pay import payments
from casework.pay.models import PaymentBatch
from core.errors import BadInput

app = typer.Typer(
    no_args_is_help=True,
    help="Payment files, prepared by one person and released by another. Example: mandate payment list",
)

COMMANDS = {
    "batch": "payment_batch_prepared",
    "release": "payment_batch_released",
    "returned": "payment_returned",
}
OWNER_ONLY = 0o600

add_acts(app, "payment", COMMANDS)


@app.command("list", epilog="Example: mandate payment list --json")
def list_all(as_json: AsJson = False, as_of: AsOf = None) -> None:
    """Every payment file: its control totals, who prepared and who released it, and what was left out of it."""
    with acting(as_of, changing=False) as uow:
        rows = uow.session.scalars(select(PaymentBatch).order_by(PaymentBatch.prepared_on, PaymentBatch.ref))
        document = {"batches": [_line(batch) for batch in rows]}
    answer(document, as_json=as_json, people=lambda: _tell(document["batches"]))


@app.command("file", epilog="Example: mandate payment file P-2027-0001 --out payments.csv")
def write_file(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="The file's reference, such as P-2027-0001.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file; only its owner may read it.")],
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Write a released payment file as it was prepared, for the bank. It holds names and account numbers."""
    with acting(as_of) as uow:
        found, content = payments.hand_over(uow, batch)
        document = {**_line(found), "file": out}
    _write_new(out, content)
    answer(document, as_json=as_json, people=lambda: _tell_written(document))


def _write_new(out: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            file.write(content)
    except OSError as error:
        wanted = f"a file that does not exist yet, in a folder that can be written to ({error.strerror})"
        raise BadInput(field="--out", found=str(out), wanted=wanted) from None


def _line(batch: PaymentBatch) -> dict[str, Any]:
    return {
        "batch": batch.ref,
        "prepared_on": batch.prepared_on,
        "prepared_by": batch.prepared_by,
        "released_on": batch.released_on,
        "released_by": batch.released_by,
        "lines": batch.lines_count,
        "total_pence": batch.total_pence,
        "sha256": batch.sha256,
        "left_out": batch.left_out,
    }


def _tell(batches: list[dict[str, Any]]) -> None:
    rows = [
        row(
            each["batch"],
            each["lines"],
            pence(each["total_pence"]),
            each["prepared_on"],
            each["prepared_by"],
            each["released_on"],
            len(each["left_out"]),
        )
        for each in batches
    ]
    if not rows:
        typer.echo("There is no payment file yet. `mandate payment batch REF` prepares one.")
        return
    print_table("Payment files", ("File", "Lines", "Total", "Prepared", "By", "Released", "Left out"), rows)
    if any(each["released_on"] for each in batches):
        typer.echo("`mandate payment file BATCH --out FILE` writes a released file for the bank.")


def _tell_written(document: dict[str, Any]) -> None:
    typer.echo(f"{document['file']}: {document['lines']} payments, {pence(document['total_pence'])} in total.")
    typer.echo(f"SHA-256 {document['sha256']}")
