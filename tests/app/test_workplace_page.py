"""The page of a workplace, and the same by the API."""

from __future__ import annotations

from fastapi.testclient import TestClient

from casework.register.models import WorkplaceLink
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.builders import a_case, a_workplace


def _school(database: Database) -> tuple[str, str]:
    """The URN of a school with a case, which an academy has followed since; and the case's reference."""
    with unit_of_work("staff:test", on=database) as uow:
        school = a_workplace(uow, name="École <b>")
        ref = a_case(uow, school).ref
        link = {"linked_name": "Brook Lane Academy", "kind": "Successor", "established_on": None}
        uow.session.add(WorkplaceLink(urn=school.urn, linked_urn="148654", **link))
        return str(school.urn), ref


def test_a_workplace_shows_its_employer_its_cases_and_what_followed_on_it(
    client: TestClient, database: Database
) -> None:
    """Turns red if the links or the findings are left out of the page, or its name is not escaped."""
    urn, ref = _school(database)
    shown = client.get(f"/workplaces/{urn}").text
    for piece in (f"URN {urn}", "École &lt;b&gt;", f'href="/cases/{ref}"', "Brook Lane Academy", "was succeeded"):
        assert piece in shown
    assert f'href="/workplaces/{urn}"' in client.get(f"/cases/{ref}").text


def test_the_api_gives_the_same(client: TestClient, database: Database) -> None:
    """Turns red if the two ways show different documents."""
    urn, _ = _school(database)
    told = client.get(f"/api/workplaces/{urn}").json()
    assert (told["number"], told["links"][0]["urn"], told["findings"][0]["code"]) == (
        f"URN {urn}",
        "148654",
        "workplace_succeeded",
    )


def test_a_college_has_its_page_and_an_unknown_number_has_none(client: TestClient, database: Database) -> None:
    """Turns red if a UKPRN is looked up as a URN."""
    with unit_of_work("staff:test", on=database) as uow:
        a_workplace(uow, urn=None, ukprn="10000055", postal_lines=[], email=None, la_name="", la_code="")
    shown = client.get("/workplaces/10000055").text
    assert "UKPRN 10000055" in shown
    assert "No postal address is known" in shown
    assert client.get("/workplaces/10000056").status_code == 404
    assert client.get("/api/workplaces/999999").status_code == 404
