"""What people record of the law, on the command line: checks, commencements, bank holidays; seen first, then saved."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import AsJson, day_option, iso_day
from core.errors import BadInput

if TYPE_CHECKING:
    from casework.acts import Facts

By = Annotated[
    str, typer.Option("--by", metavar="WHO", help='Who read it: "Jo Example, head of legal", or officer:<id>.')
]
Read = Annotated[str, typer.Option("--read", metavar="URL", help="The address, or the name, of what was read.")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Anything else worth keeping.")]
Save = Annotated[bool, typer.Option("--save", help="Record it. Without this only what would move is listed.")]
ActingAs = Annotated[str, typer.Option("--as", metavar="ACTOR", help="staff, staff:<post>, or officer:<id>.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE[THH:MM]", help="Work as if it were then, in London time.")
]
Files = Annotated[bool, typer.Option("--files", help="Look at the law files alone, without any database.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group `mandate law`."""
    add = app.command
    add("check", epilog="Example: mandate law check --today 2027-03-01 --json")(check)
    add(
        "confirm",
        epilog='Example: mandate law confirm ballots.mandate_months --by "Jo Example, head of legal" '
        "--read https://www.legislation.gov.uk/ukpga/2025/36/section/72",
    )(confirm)
    add(
        "commence",
        epilog='Example: mandate law commence end-of-turnout-test --from 2027-04-01 --instrument "SI 2026/1234" '
        '--by "Jo Example, head of legal" --read https://www.legislation.gov.uk/uksi/2026/1234/made',
    )(commence)
    add(
        "holiday",
        epilog='Example: mandate law holiday 2027-06-04 --nation england --nation wales --name "A day of thanks" '
        '--by "Jo Example, head of legal" --read https://www.gov.uk/bank-holidays',
    )(holiday)
    add(
        "withdraw",
        epilog='Example: mandate law withdraw 0198f5a2-0000-7000-8000-000000000001 --by "Jo Example, head of legal" '
        '--read "the Order was quashed"',
    )(withdraw)
    add("retime", epilog="Example: mandate law retime")(retime)
    add("preview", epilog="Example: mandate law preview proposed/law --json")(preview)


def check(
    today: Annotated[date | None, day_option("--today", help="The day to judge freshness by.")] = None,
    files: Files = False,
    as_json: AsJson = False,
) -> None:
    """Every value in use: when it was last checked, which are stale, which live cases wait for that (then exit 1)."""
    from app.cli.law_tables import tell_standing
    from app.cli.output import answer

    document = _files(today) if files else _standing(today)
    people = lambda: tell_standing(document)  # noqa: E731 - one line, used once
    answer(document, as_json=as_json, people=people, refused=bool(document["blocked"]))


def _files(today: date | None) -> dict[str, Any]:
    from app.law_view import files_document
    from core.clock import Clock
    from core.law import current_law

    return files_document(current_law(), today or Clock().today())


def _standing(today: date | None) -> dict[str, Any]:
    from app.cli.database import acting
    from app.law_view import standing_document

    with acting(today.isoformat() if today else None, changing=False) as uow:
        return standing_document(uow)


def confirm(
    parameters: Annotated[list[str], typer.Argument(metavar="PARAMETER...", help="Names from `mandate law check`.")],
    by: By,
    read: Read,
    note: Note = None,
    from_on: Annotated[
        date | None, day_option("--from", help="An older value that a live case rests on: its first day.")
    ] = None,
    nation: Annotated[
        str | None, typer.Option("--nation", help="Only where the nations have values of their own.")
    ] = None,
    planned: Annotated[
        bool, typer.Option("--planned", help="The planned change: it was looked for and is not in force yet.")
    ] = False,
    acting_as: ActingAs = "staff",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Record that somebody read the source of values again and found them as they stand; what waited goes on."""
    given = {"by": by, "read": read, "note": note, "from_on": from_on, "nation": nation, "planned": planned}
    documents = _do("confirm", [{**given, "parameter": name} for name in parameters], acting_as, as_of, save=True)
    joined: dict[str, Any] = {
        **documents[0],
        "saved": any(each["saved"] for each in documents),
        "new": any(each["new"] for each in documents),
        "records": [row for each in documents for row in each["records"]],
        "freed": sorted({ref for each in documents for ref in each["freed"]}),
    }
    _answer(joined, as_json=as_json)


def commence(
    change: Annotated[str, typer.Argument(help="A planned change from `mandate law check`.")],
    from_on: Annotated[date, day_option("--from", help="The first day on which it is in force.")],
    instrument: Annotated[str, typer.Option("--instrument", metavar="TEXT", help="What commences it: SI 2026/1234.")],
    by: By,
    read: Read,
    note: Note = None,
    save: Save = False,
    acting_as: ActingAs = "staff",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Record that a planned change is in force; first see what it moves."""
    given = {"change": change, "from_on": from_on, "instrument": instrument, "by": by, "read": read, "note": note}
    _answer(_do("commence", [given], acting_as, as_of, save=save)[0], as_json=as_json)


def holiday(
    day: Annotated[date, typer.Argument(parser=iso_day, metavar="DATE", help="The day.")],
    nations: Annotated[list[str], typer.Option("--nation", help="Where; give it once for each nation.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What the day is called.")],
    by: By,
    read: Read,
    note: Note = None,
    save: Save = False,
    acting_as: ActingAs = "staff",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Add a bank holiday; first see which live deadlines move. Statutory days count every day and stay."""
    given = {"day": day, "nations": nations, "name": name, "by": by, "read": read, "note": note}
    _answer(_do("holiday", [given], acting_as, as_of, save=save)[0], as_json=as_json)


def withdraw(
    record: Annotated[str, typer.Argument(metavar="ID", help="The id of a record, from `mandate law check`.")],
    by: By,
    read: Read,
    note: Note = None,
    save: Save = False,
    acting_as: ActingAs = "staff",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Undo a record by another one; first see what moves back. `--read` says why."""
    try:
        found = uuid.UUID(record)
    except ValueError:
        raise BadInput(field="record", found=record, wanted="the id of a record, from `mandate law check`") from None
    given = {"record": found, "by": by, "read": read, "note": note}
    _answer(_do("withdraw", [given], acting_as, as_of, save=save)[0], as_json=as_json)


def retime(save: Save = False, acting_as: ActingAs = "staff", as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Move the open deadlines to where the law files of today put them, after a file was changed."""
    from app import law_acts
    from app.cli.acting import actor_named
    from app.cli.database import acting

    with acting(as_of, changing=save) as uow:
        uow.actor = actor_named(uow, acting_as)
        document = law_acts.retime(uow, save=save)
    _answer(document, as_json=as_json)


def preview(
    folder: Annotated[Path, typer.Argument(help="A folder of proposed law files; those it leaves out stay.")],
    files: Files = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Compare proposed law files with those in use: which values change, which live deadlines would move."""
    from app import law_acts
    from app.cli.database import acting
    from app.cli.law_tables import tell_preview
    from app.cli.output import answer
    from core.law import current_law

    if files:
        document = law_acts.preview_of_files(current_law(), folder)
    else:
        with acting(as_of, changing=False) as uow:
            document = law_acts.preview(uow, folder)
    answer(document, as_json=as_json, people=lambda: tell_preview(document))


def _do(
    name: str, given: list[dict[str, Any]], acting_as: str, as_of: str | None, *, save: bool
) -> list[dict[str, Any]]:
    """Do one act of the law for each set of facts, all in one transaction; thrown away when it is not to be saved."""
    from app import law_acts
    from app.cli.acting import actor_named
    from app.cli.database import acting

    act = law_acts.law_act(name)
    facts = [_facts(act.facts, each) for each in given]
    with acting(as_of, changing=save) as uow:
        uow.actor = actor_named(uow, acting_as)
        return [law_acts.do(uow, act, each, save=save) for each in facts]


def _facts(model: type[Facts], given: dict[str, Any]) -> Facts:
    """The facts of an act; `BadInput` names the first option that cannot be used."""
    from pydantic import ValidationError

    from app.cli.facts import asked

    try:
        return model.model_validate(given)
    except ValidationError as invalid:
        told = invalid.errors(include_url=False, include_context=False)[0]
        field = str(told["loc"][0]) if told["loc"] else "facts"
        raise BadInput(field=field, found=str(told["input"]), wanted=asked(str(told["msg"]))) from None


def _answer(document: dict[str, Any], *, as_json: bool) -> None:
    from app.cli.law_tables import tell_outcome
    from app.cli.output import answer

    findings = document["findings"]
    answer(document, as_json=as_json, people=lambda: tell_outcome(document), findings=findings, refused=False)
