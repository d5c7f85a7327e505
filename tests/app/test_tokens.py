"""Tokens for programs, narrowed to some of their account's roles: never more than the account has at the time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app import signing_in
from casework.cases import Case
from casework.people import api_tokens
from casework.people.models import Account, RoleHeld
from casework.people.roles import Grant, Role
from core.db import Database
from core.errors import BadInput
from core.unit_of_work import unit_of_work
from tests.app.conftest import Command, Made
from tests.app.signed_in import an_account, nobody
from tests.app.test_pages import at_head


@pytest.fixture
def program(database: Database) -> Iterator[TestClient]:
    """A program: it shows tokens and holds no sign-in."""
    with nobody(database) as client:
        yield client


def token_of(database: Database, account: uuid.UUID, *roles: str, may: str = api_tokens.LOOK) -> dict[str, str]:
    with unit_of_work("staff:test", on=database) as uow:
        key = api_tokens.make(uow, account, "a program", may, 30, signing_in.now(), roles=roles)
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def two_places(database: Database, made: Made) -> tuple[uuid.UUID, list[tuple[str, Grant]]]:
    """Somebody who is secretary of two associations, with a case in each."""
    refs = [made(at_head), made(at_head)]
    with unit_of_work("staff:test", on=database) as uow:
        cases = {case.ref: case for case in uow.session.scalars(select(Case))}
        at = [(ref, Grant(Role.ASSOCIATION_SECRETARY, cases[ref].workplace.association_id)) for ref in refs]
    return an_account(database, [grant for _, grant in at]), at


def refs(client: TestClient, shown: dict[str, str]) -> list[str]:
    return [each["ref"] for each in client.get("/api/cases", headers=shown).json()["cases"]]


def test_a_token_reaches_what_its_roles_reach(
    program: TestClient, database: Database, two_places: tuple[uuid.UUID, list[tuple[str, Grant]]]
) -> None:
    """Red when `_by_token` gives the caller all that the account holds."""
    account, ((here, grant), (there, _)) = two_places
    assert sorted(refs(program, token_of(database, account))) == sorted([here, there])
    narrowed = token_of(database, account, grant.key)
    assert refs(program, narrowed) == [here]
    assert program.get(f"/api/cases/{there}", headers=narrowed).status_code == 404


def test_a_token_acts_where_its_roles_reach_and_nowhere_else(
    program: TestClient, database: Database, two_places: tuple[uuid.UUID, list[tuple[str, Grant]]]
) -> None:
    """Red when `_require_still` compares with the account's roles, or the narrowing is left out of an act."""
    account, ((here, grant), (there, _)) = two_places
    shown = token_of(database, account, grant.key, may=api_tokens.ACT) | {"Idempotency-Key": "key-00001"}
    met = {"happened_on": "2026-09-08", "answer": "refused"}
    assert program.post(f"/api/cases/{there}/acts/head_met", json=met, headers=shown).status_code == 404
    assert program.post(f"/api/cases/{here}/acts/head_met", json=met, headers=shown).status_code == 201


@pytest.mark.parametrize("change", ["taken", "not confirmed"])
def test_a_role_that_is_gone_is_gone_from_the_token(
    program: TestClient, database: Database, two_places: tuple[uuid.UUID, list[tuple[str, Grant]]], change: str
) -> None:
    """Red when a token keeps the roles it was made with, or a role given later widens it."""
    account_id, ((_, grant), (_, other)) = two_places
    shown = token_of(database, account_id, grant.key)
    with unit_of_work("staff:test", on=database) as uow:
        account = uow.session.get_one(Account, account_id)
        if change == "taken":
            account.roles = [RoleHeld(role=other.role, association_id=other.association_id)]
        else:
            account.confirmed_by = None
    assert program.get("/api/cases", headers=shown).status_code == 403


@pytest.mark.parametrize("role", ["operator", "auditor:1", "nothing", ""])
def test_a_role_that_the_account_does_not_hold_is_refused(database: Database, role: str) -> None:
    account = an_account(database, [Grant(Role.AUDITOR)])
    with pytest.raises(BadInput, match="roles"):
        token_of(database, account, role)


def test_no_token_makes_a_calendar_which_would_outlast_it(
    program: TestClient, database: Database, two_places: tuple[uuid.UUID, list[tuple[str, Grant]]]
) -> None:
    """Red when the route does not ask whether a token asks: its holder would read on after the token is ended."""
    account, ((_, grant), _) = two_places
    key = {"Idempotency-Key": "key-00001"}
    for roles in ((grant.key,), ()):
        token = token_of(database, account, *roles, may=api_tokens.ACT)
        refused = program.post("/api/account/calendars", json={}, headers=token | key)
        assert refused.status_code == 403
        assert "A calendar reaches all that its account does, and has no end" in refused.text


def test_a_program_lists_its_accounts_tokens_and_ends_one(
    program: TestClient, database: Database, two_places: tuple[uuid.UUID, list[tuple[str, Grant]]]
) -> None:
    account, ((_, grant), _) = two_places
    looks, acts = token_of(database, account, grant.key), token_of(database, account, may=api_tokens.ACT)
    listed: list[Any] = program.get("/api/account/tokens", headers=acts).json()["tokens"]
    assert {(each["may"], len(each["roles"])) for each in listed} == {("look", 1), ("act", 0)}
    short = next(each["short"] for each in listed if each["may"] == "look")
    assert program.post(f"/api/account/tokens/{short}/end", headers=looks).status_code == 403
    assert program.post(f"/api/account/tokens/{short}/end", headers=acts).status_code == 200
    assert program.get("/api/cases", headers=looks).status_code == 401


def test_the_command_makes_one_too(migrated: Database, command: Command) -> None:
    account = an_account(migrated, [Grant(Role.AUDITOR)])
    with unit_of_work("staff:test", on=migrated) as uow:
        email = uow.session.get_one(Account, account).email
    told = command("user", "token", email, "--label", "reports", "--role", "auditor", "--json").document
    with nobody(migrated) as client:
        assert client.get("/api/cases", headers={"Authorization": f"Bearer {told['token']}"}).status_code == 200
    assert command("user", "token", email, "--label", "reports", "--role", "operator").code == 2
