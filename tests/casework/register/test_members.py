"""Who is in membership where, and when; whom invented people stand for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from casework import repository
from casework.register import members, officers, workplaces
from casework.register.imports import BUNDLED_EXTRACT, import_members, import_officers, import_workplaces
from casework.register.intake import Taking
from casework.register.made_up import (
    local_associations,
    made_up_members,
    made_up_officers,
    write_made_up_csv,
)
from casework.register.models import Workplace
from core.errors import NotFound
from core.unit_of_work import UnitOfWork
from tests.casework.register.files import MEMBER, SCHOOL, write

FIRST, LAST = date(2026, 1, 5), date(2026, 3, 31)
ON = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("on", "there"),
    [
        (date(2026, 1, 4), False),
        (FIRST, True),
        (LAST, True),
        (date(2026, 4, 1), False),
    ],
)
def test_membership_runs_from_the_day_of_joining_to_the_day_of_leaving(
    uow: UnitOfWork, tmp_path: Path, on: date, there: bool
) -> None:
    """Red when `<=` or `>=` in `in_membership` loses its equals sign, or `missing_at` asks of another day."""
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL])))
    row = MEMBER | {"joined_on": FIRST.isoformat(), "left_on": LAST.isoformat()}
    import_members(uow, Taking(write(tmp_path / "members.csv", [row])))
    school = workplaces.find(uow, "118000")
    assert [member.membership_number for member in repository.members_at(uow, school.id, on)] == ["A100"] * there
    assert [found.code for found in members.missing_at(uow, school, on)] == ["no_member_here"] * (not there)


def test_what_is_not_in_the_register_is_not_found(uow: UnitOfWork) -> None:
    """Red when `find` gives None."""
    with pytest.raises(NotFound, match="There is no workplace with the URN 999999"):
        workplaces.find(uow, "999999")


def test_the_same_seed_invents_the_same_people() -> None:
    """Red when chance is not seeded from the seed and the school."""
    assert made_up_members("118000", 30, on=ON) == made_up_members("118000", 30, on=ON)
    assert made_up_members("118000", 30, on=ON) != made_up_members("118000", 30, on=ON, seed=1)
    names = {member.name for urn in ("118000", "118001") for member in made_up_members(urn, 30, on=ON)}
    assert len(names) > 50


def test_invented_people_can_reach_nobody() -> None:
    """Red when a domain, postcode or account of somebody's slips in."""
    for member in made_up_members("118000", 200, on=ON):
        assert member.email.split("@")[1] in {"example.org", "example.com", "example.net"}
        assert member.postcode.startswith("ZZ99")
        assert member.sort_code == "00-00-00"
        assert date.fromisoformat(member.joined_on) < ON


def test_invented_people_are_taken_in_like_any_others(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when an invented row breaks a rule of `MemberRow` or `OfficerRow`."""
    import_workplaces(uow, Taking(BUNDLED_EXTRACT))
    authorities = uow.session.execute(select(Workplace.la_code, Workplace.la_name)).tuples().all()
    associations = local_associations(authorities)
    assert associations["Kent Association"] == ("886",)
    write_made_up_csv(tmp_path / "officers.csv", made_up_officers(associations))
    invented = [member for urn in ("100008", "100029") for member in made_up_members(urn, 40, on=ON)]
    write_made_up_csv(tmp_path / "members.csv", invented)
    assert import_officers(uow, Taking(tmp_path / "officers.csv")).stored == len(associations) == 150
    assert import_members(uow, Taking(tmp_path / "members.csv")).stored == 80
    school = workplaces.find(uow, "100008")
    at_school = repository.members_at(uow, school.id, ON)
    assert (len(at_school), sum(member.is_rep for member in at_school)) == (40, 2)
    (officer,) = repository.officers_of(uow, school.association_id)
    assert officer.association.name == "Camden Association"
    assert officers.get(uow, officer.id) is officer
