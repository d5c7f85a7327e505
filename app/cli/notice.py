"""`mandate notice`: one notice with its evidence, the receipt of it with what shows it, and what waits for a person."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import typer

from app.cli import certificate, notice_list, receipt
from app.cli.acting import STAFF, ActingAs, row, words
from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from core.calendar import in_words, london_time
from core.errors import BadInput

app = typer.Typer(
    no_args_is_help=True,
    help="A notice, its evidence of receipt, and what only a person can do. Example: mandate notice tasks",
)

NoticeId = Annotated[str, typer.Argument(metavar="ID", help="The notice's id, from `mandate notice list`.")]
TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The task's id, from `mandate notice tasks`.")]
WITHDRAWN = "receipt_withdrawn"

app.command("list", epilog="Example: mandate notice list --only not_proved --to employer --csv unproved.csv")(
    notice_list.list_notices
)
app.command("received", epilog="Example: mandate notice received 2026-0001 ID 2026-10-01 handed_over --document a.jpg")(
    receipt.received
)
app.command(
    "certificate", epilog="Example: mandate notice certificate 0198c2a0-1111-7222-8333-444455556666 --out proofs"
)(certificate.certificate)
app.command("verify", epilog="Example: mandate notice verify certificate-0198c2a0-1111-7222-8333-444455556666.pdf")(
    certificate.verify
)


@app.command("show", epilog="Example: mandate notice show 0198c2a0-1111-7222-8333-444455556666")
def show(notice: NoticeId, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """How far a notice has come on the ladder, what shows its receipt, and what is asked about it."""
    from app import approvals, notice_views, service_views

    with acting(as_of, changing=False) as uow:
        key = id_of("ID", notice)
        document: dict[str, Any] = {
            "notice": notice_views.page(uow, key),
            "ladder": service_views.ladder(uow, key),
            "approval": approvals.awaited(uow, key),
        }
    answer(document, as_json=as_json, people=lambda: _tell(document))


@app.command("tasks", epilog="Example: mandate notice tasks --json")
def tasks_command(as_json: AsJson = False, as_of: AsOf = None) -> None:
    """What only a person can do about notices, the nearest latest moment first."""
    from app import service_views

    with acting(as_of, changing=False) as uow:
        document = service_views.document(uow)
    answer(document, as_json=as_json, people=lambda: tell_tasks(document))


@app.command(
    "done", epilog="Example: mandate notice done 0198c2a0-1111-7222-8333-444455556666 --how 'read and answered'"
)
def done(
    task: TaskId,
    how: Annotated[str, typer.Option("--how", metavar="TEXT", help="How it was done, in a few words.")],
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Say how a task was done. Recording a receipt does the tasks that asked for it by itself."""
    from app import service_views
    from app.cli.acting import actor_named
    from notifications import tasks

    with acting(as_of) as uow:
        uow.actor = actor_named(uow, acting_as)
        tasks.done(uow, id_of("TASK", task), uow.actor, how)
        document = service_views.document(uow)
    answer(document, as_json=as_json, people=lambda: tell_tasks(document))


def tell_tasks(document: dict[str, Any]) -> None:
    """Tasks and mails that fit nothing, for people."""
    from app.notice_views import addressed

    rows = [
        row(
            each.label,
            addressed(each.notice, each.to),
            each.case_ref or "",
            _moment(each.act_by),
            each.id,
        )
        for each in document["tasks"]
    ]
    for each in document["approvals"]:
        papers = f"{each.count} paper{'' if each.count == 1 else 's'}"
        typer.echo(f"Case {each.case_ref}, {papers} to be approved by a second person: {_approve(each)}.")
    if rows:
        print_table("For a person to do", ("What", "About", "Case", "By", "Task"), rows, folds=("What", "About", "By"))
    elif not document["approvals"]:
        typer.echo("Nothing waits for a person.")
    if document["mails"]:
        mails = [row(_moment(each.seen_at), each.digest) for each in document["mails"]]
        print_table("Mails that fit no notice", ("Came", "Digest"), mails, folds=("Came",))
        typer.echo(
            "`mandate inbox file DIGEST --out FILE` writes one; `mandate inbox settle DIGEST --how TEXT` ends it."
        )


def _tell(document: dict[str, Any]) -> None:
    from app.notice_views import addressed
    from app.stored_words import notice_word

    line, ladder = document["notice"].line, document["ladder"]
    typer.echo(f"{addressed(line.label, line.to)}, by {line.by}: {notice_word(line.state)}.")
    if document["approval"]:
        typer.echo(f"Waits for a second person to approve it: {_approve(document['approval'])}.")
    elif document["notice"].approved_by:
        typer.echo(f"Approved {_moment(document['notice'].approved_at)} by {document['notice'].approved_by}.")
    if line.latest_receipt_on:
        typer.echo(f"To be received by {in_words(line.latest_receipt_on)}.")
    print_table("How far it has come", ("Rung", ""), [_rung(each) for each in ladder.rungs])
    if ladder.enough:
        told = "It has that." if ladder.proved else "It does not have that yet."
        typer.echo(f"Class {ladder.enough} evidence shows receipt of this kind of notice. {told}")
    if document["notice"].evidence:
        rows = [
            row(each.evidence_class, words(each.kind), each.received_on, each.sha256 or "", each.revoked_because or "")
            for each in document["notice"].evidence
        ]
        columns = ("Class", "Kind", "Received", "SHA-256", "Withdrawn")
        print_table("Evidence", columns, rows, folds=("Kind", "Withdrawn"))
    if document["notice"].may_be_taken_back and document["notice"].case_ref:
        command = f"mandate case record {document['notice'].case_ref} {WITHDRAWN} proved={line.id} reason='WHY'"
        typer.echo(f"A proof that turned out wrong is taken back by `{command}`.")
    for task in ladder.tasks:
        when = "done" if task.done_at else _moment(task.act_by) or "open"
        typer.echo(f"{task.label} ({when}): {task.because}.")


def _approve(approval: Any) -> str:
    from app import approvals

    return f"`{approvals.command(approval)}`"


def _rung(line: Any) -> tuple[str, ...]:
    return row(line.label, "here" if line.here else "yes" if line.reached else "")


def _moment(at: Any) -> str:
    return f"{london_time(at):%a %-d %b %Y %H:%M}" if at else ""


def id_of(field: str, text: str) -> uuid.UUID:
    """An id as it was typed; `BadInput` naming the field for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadInput(field=field, found=text, wanted="an id such as 0198c2a0-1111-7222-8333-444455556666") from None
