"""`mandate register`, and opening a case at a college: what a person enters because no file gives it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from casework.register import workplaces
from casework.register.models import WorkplaceLink
from core.db import Database
from core.history import HistoryEntry
from core.unit_of_work import reading, unit_of_work
from tests.app.conftest import Command
from tests.app.schools import School
from tests.casework.register.files import write

COLLEGE = {"UKPRN": "10000055", "Provider Name": "Elm College", "Provider Type": "Sixth form college"}
LINES = ("--line", "Elm Road", "--line", "Maidstone", "--line", "ME14 1XX")


@pytest.fixture
def college(command: Command, tmp_path: Path) -> str:
    """A college in the register, as its list gives it: without an address."""
    assert command("import", "colleges", write(tmp_path / "colleges.csv", [COLLEGE])).code == 0
    return COLLEGE["UKPRN"]


def test_a_case_opens_at_a_college_once_letters_can_reach_it(command: Command, college: str, school: School) -> None:
    """Turns red if `--ukprn` is not looked up, or a case opens whose letters would fail."""
    asked = ("case", "open", "--ukprn", college, "--issue", "meetings", "--json")
    refused = command(*asked)
    assert (refused.code, refused.document["findings"][0]["code"]) == (1, "workplace_address_missing")
    assert command("register", "address", college, *LINES).code == 0
    opened = command(*asked)
    assert opened.code == 0
    shown = command("case", "show", opened.document["ref"])
    assert "Elm College (UKPRN 10000055)" in shown.out


@pytest.mark.parametrize("numbers", [(), ("--urn", "118000", "--ukprn", "10000055")])
def test_a_case_is_opened_at_one_workplace(command: Command, numbers: tuple[str, ...]) -> None:
    """Turns red if one number silently wins over the other."""
    answer = command("case", "open", *numbers, "--issue", "meetings")
    assert (answer.code, "wanted one number" in answer.err) == (2, True)


def test_an_address_entered_is_shown_and_in_history_without_itself(
    command: Command, migrated: Database, college: str
) -> None:
    """Turns red if the corporation does not move with its college, or history holds the address."""
    document = command("register", "address", college, *LINES, "--email", "office@elm.example", "--json").document
    assert document["postal_lines"] == ["Elm Road", "Maidstone", "ME14 1XX"]
    assert document["employer"]["postal_lines"] == ["Elm College", "Elm Road", "Maidstone", "ME14 1XX"]
    with reading(on=migrated) as uow:
        of_address = HistoryEntry.action == "register:address:recorded"
        entries = uow.session.scalars(select(HistoryEntry).where(of_address)).all()
    assert len(entries) == 2
    assert "Elm Road" not in str([entry.facts for entry in entries])


def test_an_employers_address_keeps_what_is_not_given(command: Command, migrated: Database, school: School) -> None:
    """Turns red if `--email` alone takes the postal address away."""
    with reading(on=migrated) as uow:
        lines = workplaces.find(uow, str(school.urn)).employer.postal_lines
    document = command(
        "register", "address", school.urn, "--of", "employer", "--email", "legal@example.org", "--json"
    ).document
    assert (document["employer"]["email"], document["employer"]["postal_lines"]) == ("legal@example.org", lines)


def test_a_college_gets_the_officers_of_its_area(command: Command, college: str, school: School) -> None:
    """Turns red if the association is not looked up, or a school's authority can be changed by hand."""
    document = command("register", "area", college, "--la-code", "886", "--json").document
    assert (document["la_code"], document["association"] is not None) == ("886", True)
    assert command("register", "area", college, "--la-code", "704").code == 2
    assert command("register", "area", school.urn, "--la-code", "886").code == 1


def test_an_employer_nobody_could_name_is_named_once(command: Command, tmp_path: Path) -> None:
    """Turns red if a named employer can be renamed by hand, or the confidence stays unknown."""
    row = COLLEGE | {"Provider Type": "Statutory FE Sector - Designated Institution"}
    command("import", "colleges", write(tmp_path / "colleges.csv", [row]))
    asked = ("register", "employer", "10000055", "--name", "Elm College Trust", "--because", "the contracts", "--json")
    named = command(*asked).document["employer"]
    assert (named["name"], named["confidence"]) == ("Elm College Trust", "likely")
    assert named["reason"].endswith("Entered by hand: the contracts")
    assert command(*asked).code == 1
    command("import", "colleges", tmp_path / "colleges.csv")
    assert command("register", "show", "10000055", "--json").document["employer"] == named


def test_links_are_shown_from_either_end(command: Command, migrated: Database, school: School) -> None:
    """Turns red if `show` leaves them out."""
    with unit_of_work("staff:test", on=migrated) as uow:
        uow.session.add(
            WorkplaceLink(urn="148654", linked_urn=school.urn, linked_name="x", kind="Predecessor", established_on=None)
        )
    shown = command("register", "show", school.urn).out
    assert "Successor: URN 148654  (not in the register here)" in shown
    assert "STOP  The register says" in shown


def test_nothing_to_enter_and_nobody_to_enter_it_for_are_mistakes(command: Command) -> None:
    """Turns red if an empty command records an empty address."""
    assert command("register", "address", "100050").code == 2
    assert command("register", "show", "100050").code == 3
    assert "UKPRN 10000099" in command("register", "show", "10000099").err
