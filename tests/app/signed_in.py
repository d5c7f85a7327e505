"""Clients of the dashboard that are signed in, as anybody a test wants."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fastapi.testclient import TestClient
from sqlalchemy import select

from app import signing_in
from casework.people import sign_ins
from casework.people.models import Account, RoleHeld
from casework.people.roles import Grant, Role
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.app.applications import application

HERE = "http://127.0.0.1"
EVERYTHING = tuple(Grant(each) for each in Role if each is not Role.WORKPLACE_REP)
"""More than one person may hold: for tests that are not about roles."""


def an_account(database: Database, grants: Sequence[Grant], officer_id: uuid.UUID | None = None) -> uuid.UUID:
    """An account as it stands after it was taken up, whatever roles are asked for."""
    with unit_of_work("staff:test", on=database) as uow:
        account = Account(
            name="Jo Sample", email=f"{uuid.uuid4().hex}@union.test", officer_id=officer_id, made_at=signing_in.now()
        )
        account.changed_by = account.confirmed_by = "staff:test"
        account.roles = [
            RoleHeld(role=each.role, association_id=each.association_id, workplace_id=each.workplace_id)
            for each in grants
        ]
        uow.session.add(account)
        uow.session.flush()
        return account.id


def a_key(database: Database, account_id: uuid.UUID) -> str:
    """The key of a sign-in of that account."""
    with unit_of_work("staff:test", on=database) as uow:
        account = uow.session.get_one(Account, account_id)
        return sign_ins.begin(uow, account, signing_in.now(), complete=True)


@contextmanager
def signed_in(database: Database, *grants: Grant, officer_id: uuid.UUID | None = None) -> Iterator[TestClient]:
    """A client that is signed in with these roles, as a browser on this machine; it follows no redirect by itself."""
    with nobody(database) as client:
        key = a_key(database, an_account(database, grants or EVERYTHING, officer_id))
        client.cookies.set(signing_in.PLAIN_NAME, key)
        yield client


@contextmanager
def nobody(database: Database) -> Iterator[TestClient]:
    """A client that is not signed in."""
    with (
        application(database) as app,
        TestClient(
            app,
            base_url=HERE,
            client=("127.0.0.1", 50_000),
            headers={"Sec-Fetch-Site": "same-origin"},
            follow_redirects=False,
            raise_server_exceptions=False,
        ) as client,
    ):
        yield client


def becomes(client: TestClient, actor: str) -> None:
    """The client goes on as an officer (`officer:<id>`) who may do everything."""
    database: Database = client.app.state.database  # type: ignore[attr-defined]
    officer_id = uuid.UUID(actor.removeprefix("officer:"))
    with unit_of_work("staff:test", on=database) as uow:
        found = uow.session.scalars(select(Account.id).where(Account.officer_id == officer_id)).one_or_none()
    key = a_key(database, found or an_account(database, EVERYTHING, officer_id))
    client.cookies.clear()
    client.cookies.set(signing_in.PLAIN_NAME, key)
