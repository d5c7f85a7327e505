"""The navigation: each role finds its own pages in it, and begins at one that is for it."""

from __future__ import annotations

import re
import uuid

import pytest
from fastapi.testclient import TestClient

from app import signing_in
from app.navigation import ENTRIES, FIRST, home_of
from casework.people.roles import DUTIES, Grant, Reach, Role
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.app.signed_in import a_key, an_account, nobody, signed_in
from tests.builders import a_case, a_workplace


def shown_to(client: TestClient) -> set[str]:
    """The addresses in the navigation of somebody's account page."""
    page = client.get("/account").text
    found = re.search(r'<ul class="govuk-service-navigation__list".*?</ul>', page, re.DOTALL)
    assert found is not None
    return set(re.findall(r'href="([^"]+)"', found[0]))


def held_by(database: Database, role: Role) -> Grant:
    """The role where it is held: at a new school, at its association, or in the whole union."""
    with unit_of_work("staff:test", on=database) as uow:
        workplace = a_workplace(uow)
        association_id, workplace_id = workplace.association_id, workplace.id
    wanted: dict[Reach, dict[str, uuid.UUID | None]] = {
        Reach.WORKPLACE: {"workplace_id": workplace_id},
        Reach.ASSOCIATION: {"association_id": association_id},
        Reach.OWN_CASES: {"association_id": association_id},
    }
    return Grant(role, **wanted.get(DUTIES[role].reaches[0], {}))


@pytest.mark.parametrize("role", Role)
def test_each_role_is_shown_the_pages_that_open_to_it_and_no_others(database: Database, role: Role) -> None:
    """Turns red if an entry leads a role to a refusal, or a page that opens to it is missing."""
    with signed_in(database, held_by(database, role)) as client:
        answers = {each.href: client.get(each.href).status_code for each in ENTRIES}
        assert {href for href, status in answers.items() if status == 200} == shown_to(client)
        assert {status for href, status in answers.items() if status != 200 and href != FIRST} <= {403}


@pytest.mark.parametrize("role", Role)
def test_whoever_types_the_bare_address_comes_to_what_is_theirs(database: Database, role: Role) -> None:
    """Turns red if `/` refuses somebody who looks at no cases, or leads a rep or an operator to another page."""
    own = {Role.WORKPLACE_REP: "/your-workplace", Role.OPERATOR: "/status"}
    with signed_in(database, held_by(database, role)) as client:
        answer, wanted = client.get("/"), (303, own[role]) if role in own else (200, None)
        assert (answer.status_code, answer.headers.get("location")) == wanted
        assert client.get(own.get(role, "/")).status_code == 200


def test_what_the_first_page_shows_is_what_the_looking_roles_reach(database: Database) -> None:
    """Turns red if `/` forgets to keep to the roles that look: a rep's workplace would widen a caseworker's board."""
    with unit_of_work("staff:test", on=database) as uow:
        at_school, elsewhere = a_case(uow), a_case(uow)
        refs = at_school.ref, elsewhere.ref
        held = (
            Grant(Role.WORKPLACE_REP, workplace_id=at_school.workplace_id),
            Grant(Role.ASSOCIATION_SECRETARY, association_id=elsewhere.workplace.association_id),
        )
    with signed_in(database, *held) as client:
        shown = client.get("/").text
    assert [f'href="/cases/{ref}"' in shown for ref in refs] == [False, True]


def test_somebody_without_a_role_comes_to_their_account(database: Database) -> None:
    """Turns red if an account that nobody has confirmed yet is refused at the bare address."""
    with nobody(database) as client:
        client.cookies.set(signing_in.PLAIN_NAME, a_key(database, an_account(database, ())))
        assert client.get("/").headers["location"] == "/account"


@pytest.mark.parametrize("role", Role)
def test_each_role_begins_at_a_page_that_opens_to_it(database: Database, role: Role) -> None:
    """Turns red if signing in leads somebody to a refusal."""
    with signed_in(database, held_by(database, role)) as client:
        home = home_of(frozenset({role}))
        assert client.get(home).status_code == 200
        assert home in shown_to(client)


@pytest.mark.parametrize("role", [Role.WORKPLACE_REP, Role.OPERATOR, Role.CASEWORKER])
def test_the_name_at_the_top_and_a_refusal_lead_to_where_the_role_begins(database: Database, role: Role) -> None:
    """Turns red if somebody who looks at no cases is led to the page of cases, which refuses them."""
    with signed_in(database, held_by(database, role)) as client:
        refused = client.get("/imports").text
        assert refused.count("None of your roles is for this") == 1
        assert "What to do: " in refused
        home = home_of(frozenset({role}))
        assert f'<a class="mandate-masthead__name" href="{home}">' in refused
        assert f'href="{home}">Go to the first page' in refused
