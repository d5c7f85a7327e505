"""`mandate register`: one workplace as the register here has it, and what a person enters about it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli.acting import STAFF, ActingAs, actor_named, row
from app.cli.database import AsOf, acting
from app.cli.mandates import tell_mandates
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.stored_words import stage_name
from app.workplace_views import workplace_document, workplace_page
from casework.register import contacts, workplaces
from casework.register.models import Workplace
from core.calendar import in_words
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

app = typer.Typer(
    no_args_is_help=True,
    help="A workplace of the register: look at it, enter its address. Example: mandate register show 100050",
)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="A URN (six digits), or a college's UKPRN (eight).")]
Lines = Annotated[
    list[str] | None, typer.Option("--line", metavar="TEXT", help="One line of the address; repeat, postcode last.")
]


class Whose(StrEnum):
    """Whose address is entered."""

    WORKPLACE = "workplace"
    EMPLOYER = "employer"


@app.command(epilog="Example: mandate register show 100050")
def show(number: Number, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """A workplace: its employer and why, addresses, what it followed on, its cases and what is next of each."""
    with acting(as_of, changing=False) as uow:
        document = workplace_page(uow, workplaces.find(uow, number))
    answer(document, as_json=as_json, people=lambda: _tell_page(document))


@app.command(epilog="Example: mandate register address 100050 --of employer --line 'Town Hall' --line 'NW1 1AA'")
def address(
    number: Number,
    of: Annotated[Whose, typer.Option("--of", help="Whose address it is.")] = Whose.WORKPLACE,
    line: Lines = None,
    email: Annotated[str | None, typer.Option("--email", help="The office's address for mail.")] = None,
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Enter where a workplace or its employer receives letters, mail or both; what is not given stays."""
    if not line and not email:
        raise BadInput(field="--line", found="nothing", wanted="lines of an address, an --email, or both")
    enter = _employer_address if of is Whose.EMPLOYER else _workplace_address
    _enter(number, acting_as, as_of, lambda uow, at: enter(uow, at, line, email), as_json=as_json)


@app.command(epilog="Example: mandate register area 10000055 --la-code 931")
def area(
    number: Number,
    la_code: Annotated[str, typer.Option("--la-code", help="The three digits of the local authority.")],
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Say which local authority a college lies in: its officers are those who cover that one."""
    _enter(number, acting_as, as_of, lambda uow, at: contacts.record_workplace_area(uow, at, la_code), as_json=as_json)


@app.command(epilog="Example: mandate register employer 10008641 --name 'Fircroft College Trust' --because 'contracts'")
def employer(
    number: Number,
    name: Annotated[str, typer.Option("--name", help="The legal employer's name.")],
    because: Annotated[str, typer.Option("--because", help="How that is known; no names of people.")],
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Name the employer of a workplace for which the register names none."""
    _enter(number, acting_as, as_of, lambda uow, at: contacts.name_employer(uow, at, name, because), as_json=as_json)


def _enter(
    number: str, acting_as: str, as_of: str | None, entered: Callable[[UnitOfWork, Workplace], None], *, as_json: bool
) -> None:
    """Enter something about a workplace, and show it as it stands then."""
    with acting(as_of) as uow:
        uow.actor = actor_named(uow, acting_as)
        workplace = workplaces.find(uow, number)
        entered(uow, workplace)
        document = workplace_document(uow, workplace)
    answer(document, as_json=as_json, people=lambda: _tell(document))


def _employer_address(uow: UnitOfWork, workplace: Workplace, lines: list[str] | None, email: str | None) -> None:
    employer = workplace.employer
    contacts.record_employer_address(
        uow, employer, postal_lines=lines or employer.postal_lines, email=email or employer.email
    )


def _workplace_address(uow: UnitOfWork, workplace: Workplace, lines: list[str] | None, email: str | None) -> None:
    if lines:
        contacts.record_workplace_address(uow, workplace, lines)
    if email:
        contacts.record_workplace_email(uow, workplace, email)


def _tell_page(document: dict[str, Any]) -> None:
    _tell(document)
    rows = [row(each.ref, stage_name(each.stage), each.officer, each.next, each.due_on) for each in document["cases"]]
    if rows:
        print_table("Cases", ("Case", "Stage", "Officer", "Next", "By"), rows, folds=("Stage", "Officer", "Next"))
    if document["mandates"]:
        tell_mandates(document["mandates"])


def _tell(document: dict[str, Any]) -> None:
    employer = document["employer"]
    typer.echo(f"{document['name']} ({document['number']}), {document['establishment_type']}: {document['status']}")
    typer.echo(f"Address: {_address(document)}")
    typer.echo(f"Local authority: {document['la_name'] or document['la_code'] or 'not known'}")
    typer.echo(f"Covered by: {document['association'] or 'no association'}")
    typer.echo(f"Employer ({employer['confidence']}): {employer['name']}. {employer['reason']}")
    typer.echo(f"The employer is served at: {_address(employer)}")
    for link in document["links"]:
        since = f", {in_words(link.established_on)}" if link.established_on else ""
        known = "" if link.known else " (not in the register here)"
        typer.echo(f"{link.kind}: URN {link.urn} {link.name or ''}{since}{known}")
    for finding in document["findings"]:
        typer.echo(f"{finding.severity.upper()}  {finding.sentence} {finding.cure}")


def _address(of: dict[str, Any]) -> str:
    both = [", ".join(of["postal_lines"]), of["email"]]
    return "; ".join(each for each in both if each) or "no address is known"
