"""Before the first scene: a migrated database, the real register, and invented people, imported as a user would."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select

from app.cli.database import upgrade
from app.demo.screenplay import By, Play, School
from casework.cases import Case
from casework.register import made_up
from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import ImportReport, Taking
from casework.register.models import Officer, Workplace
from core.clock import set_stored_clock
from core.db import assert_durable, database
from core.errors import ConfigurationError
from core.folders import private_folder
from core.unit_of_work import reading, unit_of_work

EXTRACT = Path(made_up.__file__).parent / "bundled" / "register_extract.csv"
ACTOR = "staff:demonstration"

Progress = Callable[[str], None]
Actors = Mapping[By, str]
"""Who acts: opaque references, as history keeps them."""


def furnish_register(folder: Path, begins_at: datetime, plays: Sequence[Play], tell: Progress) -> ImportReport:
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
        schools = import_workplaces(uow, Taking(EXTRACT))
    tell("Importing made-up officers and members")
    _import_people(people, begins_at.date(), [school for play in plays for school in play.schools])
    return schools


def _import_people(people: Path, on: date, schools: Iterable[School]) -> None:
    with EXTRACT.open(encoding="utf-8", newline="") as file:
        authorities = sorted({(row["LA (code)"], row["LA (name)"]) for row in csv.DictReader(file)})
    officers = made_up.made_up_officers(made_up.local_associations(authorities))
    made_up.write_made_up_csv(people / "officers.csv", officers)
    members = [each for school in schools for each in made_up.made_up_members(school.urn, school.members, on=on)]
    made_up.write_made_up_csv(people / "members.csv", members)
    with unit_of_work(ACTOR) as uow:
        import_officers(uow, Taking(people / "officers.csv"))
        import_members(uow, Taking(people / "members.csv"))


def actors(plays: Sequence[Play]) -> Mapping[str, Actors]:
    """
    By a school's number: the officer who covers it, and others from elsewhere, so that two people are always two
    people.
    """
    urns = [school.urn for play in plays for school in play.schools]
    with reading() as uow:
        found = uow.session.scalars(select(Workplace).where(Workplace.urn.in_(urns))).all()
        areas = {str(workplace.urn): workplace.association_id for workplace in found}
        rows = uow.session.execute(
            select(Officer.id, Officer.association_id).where(Officer.active).order_by(Officer.id)
        ).all()
    local = {row.association_id: f"officer:{row.id}" for row in reversed(rows)}
    second, finance, second_finance, *_ = (
        f"officer:{row.id}" for row in rows if row.association_id not in areas.values()
    )
    others = {By.STAFF: ACTOR, By.SECOND_OFFICER: second, By.FINANCE: finance, By.SECOND_FINANCE: second_finance}
    return {urn: {**others, By.OFFICER: local[area]} for urn, area in areas.items()}
