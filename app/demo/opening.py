"""Before the first scene: a migrated database, the real register, and invented people, imported as a user would."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from app.cli.database import upgrade
from casework.cases import Case
from casework.register import made_up
from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import ImportReport
from casework.register.models import Officer, Workplace
from core.clock import set_stored_clock
from core.db import assert_durable, database
from core.errors import ConfigurationError
from core.folders import private_folder
from core.unit_of_work import reading, unit_of_work

EXTRACT = Path(made_up.__file__).parent / "bundled" / "register_extract.csv"
SCHOOL = "100050"
MEMBERS = 58
ACTOR = "staff:demonstration"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts: opaque references, as history keeps them."""

    staff: str
    officer: str
    second_officer: str
    finance: str
    second_finance: str


def furnish_register(folder: Path, begins_at: datetime, tell: Progress) -> ImportReport:
    """Create the tables, stop the clock at the beginning, and import schools, officers and members."""
    opened = database()
    upgrade()
    assert_durable(opened.engine)
    with unit_of_work(ACTOR) as uow:
        if uow.session.scalar(select(func.count()).select_from(Case)):
            raise ConfigurationError("The database holds cases already; a demonstration wants an empty one.")
        set_stored_clock(uow.session, begins_at)
    people = private_folder(folder / "people")
    tell("Importing the schools of the register")
    with unit_of_work(ACTOR) as uow:
        schools = import_workplaces(uow, EXTRACT)
    _import_people(people, begins_at, tell)
    return schools


def _import_people(people: Path, begins_at: datetime, tell: Progress) -> None:
    tell("Importing made-up officers and members")
    with EXTRACT.open(encoding="utf-8", newline="") as file:
        authorities = sorted({(row["LA (code)"], row["LA (name)"]) for row in csv.DictReader(file)})
    officers = made_up.made_up_officers(made_up.local_associations(authorities))
    made_up.write_made_up_csv(people / "officers.csv", officers)
    members = made_up.made_up_members(SCHOOL, MEMBERS, on=begins_at.date())
    made_up.write_made_up_csv(people / "members.csv", members)
    with unit_of_work(ACTOR) as uow:
        import_officers(uow, people / "officers.csv")
        import_members(uow, people / "members.csv")


def cast() -> Cast:
    """The officer who covers the school and others from elsewhere, so that two people are always two people."""
    with reading() as uow:
        school = uow.session.scalars(select(Workplace).where(Workplace.urn == SCHOOL)).one()
        here = select(Officer.id).where(Officer.association_id == school.association_id, Officer.active)
        elsewhere = select(Officer.id).where(Officer.association_id != school.association_id, Officer.active)
        local = uow.session.scalars(here.order_by(Officer.id)).first()
        others = uow.session.scalars(elsewhere.order_by(Officer.id).limit(3)).all()
    second, finance, second_finance = (f"officer:{each}" for each in others)
    return Cast(ACTOR, f"officer:{local}", second, finance, second_finance)
