"""`mandate notice list`: notices found by the filters of the page, a page at a time or all of them as CSV."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.acting import row
from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer, print_table, write_csv
from app.stored_words import notice_word
from app.templating import long_date
from core.calendar import counted
from core.errors import BadInput

OPTIONS = {
    "q": "--search",
    "state": "--state",
    "kind": "--kind",
    "case": "--case",
    "to": "--to",
    "only": "--only",
    "from": "--from",
    "until": "--until",
}
"""The option of each filter, by the name it has in an address."""


def list_notices(
    search: Annotated[str, typer.Option("--search", metavar="TEXT", help="A school, employer or case.")] = "",
    state: Annotated[str, typer.Option("--state", help="Such as held, accepted or evidenced.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Such as notice_of_ballot.")] = "",
    case: Annotated[str, typer.Option("--case", metavar="REF", help="The case it belongs to.")] = "",
    to: Annotated[str, typer.Option("--to", help="employer, workplace, member, officer or scrutineer.")] = "",
    only: Annotated[str, typer.Option("--only", help="needs_a_person, not_proved or bounced.")] = "",
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="Due to go out on this day or after.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="Due to go out on this day or before.")] = "",
    after: Annotated[str, typer.Option("--after", metavar="PLACE", help="Go on where the page before says.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="How many at most.")] = 50,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write all of them to a CSV file.")] = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Notices that every filter lets through, the last due to go out first. No member is named or looked for."""
    from app import notice_filters, notice_search

    values = (search, state, kind, case, to, only, since, until)
    try:
        wanted = notice_filters.wanted(dict(zip(OPTIONS, values, strict=True)))
        with acting(as_of, changing=False) as uow:
            document = notice_search.document(uow, wanted, after=after, limit=limit)
            text = notice_search.as_csv(uow, wanted) if csv is not None else None
    except BadInput as error:
        option = OPTIONS.get(error.field, f"--{error.field}")
        raise BadInput(field=option, found=error.found, wanted=error.wanted) from None
    if csv is not None and text is not None:
        write_csv(csv, text)
    answer(document, as_json=as_json, people=lambda: _tell(document))


def _tell(document: dict[str, Any]) -> None:
    notices = document["notices"]
    if document["cut"]:
        typer.echo("More cases have these words than are looked through at once: add a word, or give --case.")
    if not notices:
        _tell_nothing(document)
        return
    rows = [
        row(each.label, each.name or each.to, each.case_ref, notice_word(each.state), _receipt(each), each.id)
        for each in notices
    ]
    columns = ("Notice", "To", "Case", "State", "Receipt", "Id")
    print_table("Notices", columns, rows, folds=("Notice", "To", "State", "Receipt"), drops=("State",))
    if document["after"]:
        given = [f"{OPTIONS[name]} {shlex.quote(value)}" for name, value in document["filters"].items()]
        more = " ".join(["mandate notice list", *given, f"--after {document['after']}"])
        typer.echo(f"{counted(len(notices), 'notice')} shown; there are more: `{more}`.")


def _tell_nothing(document: dict[str, Any]) -> None:
    if document["filters"]:
        typer.echo("No notice matches. Leave an option out; --search knows schools, employers and cases, no members.")
    else:
        typer.echo("There is no notice yet: acts of a case draw them up. `mandate case open` opens one.")


def _receipt(line: Any) -> str:
    if line.received_on:
        return f"proved for {_day(line.received_on)}, class {line.evidence_class}"
    if line.other_copy_received_on:
        return f"another copy: {_day(line.other_copy_received_on)}"
    return f"no proof; by {_day(line.latest_receipt_on)}" if line.latest_receipt_on else "no proof"


def _day(day: date) -> str:
    return long_date(day)
