"""Opening a case by page and API: the workplace is found, the case is opened once, what is wrong is said beside it."""

from __future__ import annotations

import re
import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.posted import new_nonce
from casework.cases import Case
from casework.people.roles import Grant, Role
from casework.register.models import Workplace
from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.app.conftest import Made
from tests.app.signed_in import HERE, signed_in
from tests.builders import a_case, a_member, a_workplace, an_association

ORIGIN = {"Origin": HERE}


@pytest.fixture
def oak(database: Database, made: Made) -> str:
    """The id of a workplace in Canterbury, in a database with two others."""
    with unit_of_work("staff:test", on=database) as uow:
        a_workplace(uow, name="Elm School")
        a_workplace(uow, name="Oak Infant School", postal_lines=["1 Oak Street", "Dover", "DO1 1AA"])
        lines = ["2 School Lane", "Canterbury", "CT1 2TN"]
        return str(a_workplace(uow, name="Oak Academy", postal_lines=lines, postcode="CT1 2TN", urn="135001").id)


def sent(workplace: str, **changes: object) -> dict[str, object]:
    return {"workplace": workplace, "issues": ["meetings"], "nonce": new_nonce(), **changes}


def cases(database: Database) -> int:
    with reading(on=database) as uow:
        return uow.session.scalar(select(func.count()).select_from(Case)) or 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("oak", {"Oak Academy", "Oak Infant School"}),
        ("OAK canterbury", {"Oak Academy"}),
        ("ct1", {"Oak Academy"}),
        ("135001", {"Oak Academy"}),
        ("13500", {"Oak Academy"}),
        ("35001", set()),
        ("elm dover", set()),
        ("%", set()),
        ("_", set()),
    ],
)
def test_a_workplace_is_found_by_name_town_postcode_or_number(
    client: TestClient, oak: str, text: str, found: set[str]
) -> None:
    """Red when only the first word counts, or when a sign of the search is taken for any letter."""
    shown = client.get("/cases/new", params={"q": text}).text
    names = set(re.findall(r'href="/cases/new\?workplace=[0-9a-f-]{36}">([^<]+)<', shown))
    assert names == found
    assert ("No workplace of the register" in shown) is (not found)


def test_a_search_for_nothing_says_what_to_type(client: TestClient, oak: str) -> None:
    """Red when an empty search is answered with the same page and no word."""
    said = "Type the beginning of the school’s name"
    assert said in client.get("/cases/new?q=").text
    assert said not in client.get("/cases/new").text


def test_what_is_not_found_leads_to_whoever_imports(client: TestClient, oak: str, database: Database) -> None:
    """Red when the page leads somebody where they may not go."""
    imports = '<a class="govuk-link" href="/imports">an import</a>'
    assert imports in client.get("/cases/new?q=beech").text
    with reading(on=database) as uow:
        at = uow.session.get_one(Workplace, uuid.UUID(oak)).association_id
    with signed_in(database, Grant(Role.CASEWORKER, association_id=at)) as caseworker:
        told = caseworker.get("/cases/new?q=beech").text
    assert "a national official can add it to the register" in told
    assert 'href="/imports"' not in told


def test_a_workplace_without_members_is_told_before_a_case_is_opened(
    client: TestClient, oak: str, database: Database
) -> None:
    """
    Red when the register's word is left out of the form, counts the members of another workplace, or only those whom
    whoever looks reaches.
    """
    nobody_there = "The register has no member at Oak Academy, so nobody there would be entitled to vote."
    with unit_of_work("staff:test", on=database) as uow:
        a_member(uow, a_workplace(uow, name="Ash School"))
        another = an_association(uow).id
    assert nobody_there in client.get(f"/cases/new?workplace={oak}").text
    assert "no_member_here" in client.get("/api/workplaces/135001").text
    with unit_of_work("staff:test", on=database) as uow:
        a_member(uow, uow.session.get_one(Workplace, uuid.UUID(oak)))
    assert nobody_there not in client.get(f"/cases/new?workplace={oak}").text
    assert "no_member_here" not in client.get("/api/workplaces/135001").text
    with signed_in(database, Grant(Role.CASEWORKER, association_id=another)) as elsewhere:
        told = elsewhere.get("/api/workplaces/135001")
    assert (told.status_code, "no_member_here" in told.text) == (200, False)


def test_more_than_a_page_says_so(client: TestClient, made: Made, database: Database) -> None:
    with unit_of_work("staff:test", on=database) as uow:
        for number in range(26):
            a_workplace(uow, name=f"Ash School {number:02}")
    shown = client.get("/cases/new", params={"q": "ash"}).text
    assert "The first 25 workplaces; another word narrows them" in shown
    assert "Ash School 24" in shown
    assert "Ash School 25" not in shown


def test_a_case_is_opened_by_the_form_once(client: TestClient, oak: str, database: Database) -> None:
    """Red when the route opens under a fresh key: a double click would be refused as a second case."""
    form = client.get(f"/cases/new?workplace={oak}").text
    assert 'type="checkbox" value="meetings"' in form
    day = {"raised_on-day": "7", "raised_on-month": "9", "raised_on-year": "2026"}
    filled = sent(oak, issues=["meetings", "observation"], pursuit="focus", **day)
    first = client.post("/cases", data=filled, headers=ORIGIN)
    again = client.post("/cases", data=filled, headers=ORIGIN)
    assert (first.status_code, first.headers["location"]) == (303, again.headers["location"])
    assert "the case is open" in client.get(first.headers["location"]).text
    with reading(on=database) as uow:
        case = uow.session.scalars(select(Case)).one()
        assert (str(case.workplace_id), case.pursuit, case.raised_on.isoformat()) == (oak, "focus", "2026-09-07")
        assert [row.code for row in case.issues] == ["meetings", "observation"]


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"issues": []}, 422, 'href="#facts-issues">What is it about: choose at least one'),
        ({"issues": ["no-such-issue"]}, 422, "What is it about: found no-such-issue"),
        ({"raised_on-day": "31", "raised_on-month": "2", "raised_on-year": "2026"}, 422, "enter a real date"),
        ({"raised_on-day": "9", "raised_on-month": "9", "raised_on-year": "2026"}, 422, "found 9 September 2026"),
        ({"nonce": "form:1"}, 422, "open the form afresh"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    client: TestClient, oak: str, database: Database, changes: dict[str, object], status: int, told: str
) -> None:
    answer = client.post("/cases", data={**sent(oak, pursuit="one_by_one"), **changes}, headers=ORIGIN)
    assert answer.status_code == status
    assert told in answer.text
    assert "<title>Error: " in answer.text
    assert 'value="one_by_one" checked' in answer.text
    assert cases(database) == 0


def test_a_second_case_over_the_same_issue_is_refused_with_the_first_named(
    client: TestClient, made: Made, database: Database
) -> None:
    ref = made(a_case)
    with reading(on=database) as uow:
        workplace = str(uow.session.scalars(select(Workplace.id)).one())
    assert f'href="/cases/{ref}"' in client.get(f"/cases/new?workplace={workplace}").text
    answer = client.post("/cases", data=sent(workplace), headers=ORIGIN)
    assert answer.status_code == 409
    assert f"The case {ref} is open at this workplace over the same issue" in answer.text
    assert 'value="meetings" checked' in answer.text


@pytest.mark.parametrize("key", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_workplace_is_not_found(client: TestClient, oak: str, database: Database, key: str) -> None:
    assert client.post("/cases", data=sent(key), headers=ORIGIN).status_code == 404
    assert cases(database) == 0


def test_the_names_of_workplaces_never_become_markup(client: TestClient, made: Made, database: Database) -> None:
    def named(uow: UnitOfWork) -> Case:
        return a_case(uow, a_workplace(uow, name="<script>alert('canary')</script> School"))

    made(named)
    with reading(on=database) as uow:
        workplace = uow.session.scalars(select(Workplace.id)).one()
    for path in ("/cases/new?q=School", "/cases/new?q=<script>alert(1)</script>", f"/cases/new?workplace={workplace}"):
        assert "<script>alert" not in client.get(path).text


def test_the_api_opens_a_case_once(client: TestClient, oak: str, database: Database) -> None:
    body = {"workplace": "135001", "issues": ["meetings"]}
    keyed = {"Idempotency-Key": "key-00001"}
    first = client.post("/api/cases", json=body, headers=keyed)
    assert (first.status_code, first.json()["stage"]) == (201, "raised")
    assert first.headers["location"] == f"/api/cases/{first.json()['ref']}"
    again = client.post("/api/cases", json=body, headers=keyed)
    assert (again.status_code, again.json()["ref"]) == (200, first.json()["ref"])
    other = client.post("/api/cases", json={**body, "issues": ["observation"]}, headers=keyed)
    assert other.status_code == 409
    assert cases(database) == 1


@pytest.mark.parametrize(
    ("changes", "status", "where"),
    [
        ({"issues": []}, 422, "issues"),
        ({"issues": ["no-such-issue"]}, 422, "issues"),
        ({"pursuit": "loudly"}, 422, "pursuit"),
        ({"raised_on": "yesterday"}, 422, "raised_on"),
        ({"raised_on": "2026-09-09"}, 422, "raised_on"),
        ({"name": "x"}, 422, "name"),
        ({"workplace": "999999"}, 404, None),
    ],
)
def test_the_api_names_what_cannot_be_used(
    client: TestClient, oak: str, database: Database, changes: dict[str, object], status: int, where: str | None
) -> None:
    body = {"workplace": "135001", "issues": ["meetings"], **changes}
    answer = client.post("/api/cases", json=body, headers={"Idempotency-Key": "key-00001"})
    assert answer.status_code == status
    if where:
        assert answer.json()["findings"][0]["where"] == where
    assert cases(database) == 0
