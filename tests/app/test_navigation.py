"""The navigation: each role finds its own pages in it, and begins at one that is for it."""

from __future__ import annotations

import re
import uuid

import pytest
from fastapi.testclient import TestClient

from app.navigation import ENTRIES, home_of
from casework.people.roles import DUTIES, Grant, Reach, Role
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.app.signed_in import signed_in
from tests.builders import a_workplace


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
        assert {status for status in answers.values() if status != 200} <= {403}


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
