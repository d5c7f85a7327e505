"""Every route declares whom it is for, docs/roles.md says the same, and some things hold of every route there is."""

from __future__ import annotations

from app.access import OPEN_TO_ALL
from casework.people.roles import BALLOT_STAFF, CASE_STAFF, FINANCE, SERVICE_STAFF, Role
from tests.app.doors import Door, doors
from tests.meta.roles_page import PAGE, on_the_page, written_anew

OF_ONES_ACCOUNT = ("/account", "/api/calendars")
"""The addresses under which everybody keeps what is theirs: their password, their tokens, their calendars."""
FOR_EVERYBODY = {"/", "/account", "/law", "/law/{parameter}", "/plan"}
FOR_STRANGERS = {
    "/calendar/{key}/deadlines.ics",
    "/second-factor",
    "/sign-in",
    "/sign-in/code",
    "/sign-out",
    "/welcome/{key}",
}
"""The addresses that serve whoever has not signed in yet."""
BY_THEIR_KEY = {"/calendar/{key}/deadlines.ics"}
"""The addresses that hold a key of their own, by which they know whose they are: programs that cannot sign in ask."""
ANYWHERE_AT_ALL = frozenset(Role)


def test_every_route_declares_a_role_or_is_open_to_all() -> None:
    """Red when the router of the notices loses its dependency."""
    assert len(doors()) > 100
    wrong = [door.name for door in doors() if door.declared == (door.path in OPEN_TO_ALL)]
    assert wrong == [], "name their roles with app.access.requires"


def test_the_open_routes_exist_and_no_others_serve_strangers() -> None:
    """Turns red if a route is given `anyone` in place of its roles."""
    assert {door.path for door in doors() if door.roles is None} == {
        *FOR_STRANGERS,
        *BY_THEIR_KEY,
        *OPEN_TO_ALL - {"/static"},
    }


def test_the_page_of_roles_is_true() -> None:
    """Turns red if a route is added, taken away, or is for others than the page says."""
    assert PAGE.read_text(encoding="utf-8") == written_anew(), "write it anew: python -m tests.meta.roles_page"
    assert set(on_the_page()) == {door.name for door in doors() if door.roles is not None}


def test_what_holds_of_every_route() -> None:
    """
    Said apart from the routes, and of those that are added too. Turns red if an auditor changes something, an operator
    sees a case, a workplace rep anything but their own page, or two people's work becomes one's.
    """
    wrong = [f"{door.name}: {why}" for door in doors() for why in _faults(door)]
    assert not wrong, wrong


def _faults(door: Door) -> list[str]:
    if door.roles is None:
        return []
    plain = door.path.removeprefix("/api")
    own = plain.startswith(OF_ONES_ACCOUNT)
    rules = {
        "an auditor changes something": door.changes and not own and Role.AUDITOR in door.roles,
        "an operator sees a case": Role.OPERATOR in door.roles and ("{ref}" in door.path or "{notice_id}" in door.path),
        "a workplace rep sees more than their page": Role.WORKPLACE_REP in door.roles
        and not (own or plain in FOR_EVERYBODY or door.path == "/your-workplace" or plain.startswith("/plan")),
        "a workplace rep changes something": door.changes and not own and Role.WORKPLACE_REP in door.roles,
        "accounts are for others than operators": plain.startswith("/people") and door.roles != {Role.OPERATOR},
        "the law is recorded by others": "/law/record" in door.path and not door.roles <= BALLOT_STAFF,
        "the register is written by others": plain.startswith("/imports") and door.roles != {Role.NATIONAL_OFFICIAL},
        "a case is opened by others": door.name in {"POST /cases", "POST /api/cases"} and door.roles != CASE_STAFF,
        "a proof is made by finance": "/notices/" in door.path and door.changes and not door.roles <= SERVICE_STAFF,
        "an act is done by who only looks": "/acts/" in door.path and not door.roles <= SERVICE_STAFF | FINANCE,
        "everybody changes something": door.changes and not own and door.roles == ANYWHERE_AT_ALL,
    }
    return [why for why, broken in rules.items() if broken]


def test_a_page_and_its_document_are_for_the_same_roles() -> None:
    """Turns red if the API shows or takes what the page refuses, or the other way about."""
    by_name = {door.name: door for door in doors()}
    pairs = [
        (door, by_name[f"{door.method} {door.path.removeprefix('/api')}"])
        for door in doors()
        if door.is_api and f"{door.method} {door.path.removeprefix('/api')}" in by_name
    ]
    assert len(pairs) > len(Role)
    assert not [(api.name, page.name) for api, page in pairs if (api.roles, api.whole) != (page.roles, page.whole)]
