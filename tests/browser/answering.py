"""Applications that answer on this machine from a thread of the test's own process: the pages, and no worker."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from app import signing_in
from app.posted import new_nonce
from app.public import create_public_app
from app.run_requests import DEADLINES
from app.web import create_app
from casework.people import accounts, sign_ins
from casework.people.models import Account
from casework.people.roles import Grant, Role
from casework.people.second_factor import new_secret, sealed
from casework.register.models import Workplace
from core.db import Database
from core.settings import settings
from core.unit_of_work import unit_of_work
from tests.app.signed_in import EVERYTHING, a_key, an_account
from tests.browser.every_page import Scene
from tests.casework.register.files import SCHOOL, write
from tests.processes import free_port

START_SECONDS = 30.0
PUBLIC = "https://public.example"


@contextmanager
def answering(app: FastAPI) -> Iterator[str]:
    """The address at which the application answers for the length of a block."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + START_SECONDS
    while not server.started:
        assert thread.is_alive(), "the server ended by itself"
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def copied(folder: Path, to: Path) -> Database:
    """The database of a demonstration that nobody may alter, as a copy to do anything with."""
    to.mkdir(parents=True, exist_ok=True)
    stored = sqlite3.connect(f"file:{folder / 'mandate.db'}?mode=ro", uri=True)
    with closing(stored), closing(sqlite3.connect(to / "mandate.db")) as copy:
        stored.backup(copy)
    return Database(f"sqlite:///{to / 'mandate.db'}")


def with_what_it_lacks(database: Database, url: str, folder: Path) -> Scene:
    """The scene of a played demonstration: people who sign in, a rep, a link, a file that waits, a run asked for."""
    whole = a_key(database, an_account(database, EVERYTHING))
    with unit_of_work("staff:command-line", on=database) as uow:
        school = uow.session.scalars(select(Workplace.id).where(Workplace.urn == "100050")).one()
        who = accounts.newcomer(uow, "Kim Fernshaw", "kim@union.test")
        newcomer = accounts.add(uow, who, [Grant(Role.BALLOT_TEAM)], signing_in.now())
        link = accounts.give_link(uow, newcomer.id, signing_in.now())
    rep = an_account(database, [Grant(Role.WORKPLACE_REP, workplace_id=school)])
    browser = httpx.Client(base_url=url, cookies={signing_in.PLAIN_NAME: whole}, headers={"Origin": url})
    with browser as client:
        client.post("/runs", data={"flow": DEADLINES, "nonce": new_nonce()})
        file = write(folder / "schools.csv", [SCHOOL, SCHOOL | {"URN": "12"}])
        found = client.post("/imports", files={"file": (file.name, file.read_bytes())}, data={"kind": "workplaces"})
    return Scene(
        database=database,
        whole=whole,
        rep=a_key(database, rep),
        half_way=_begun(database, an_account(database, EVERYTHING), second_factor=True),
        enrolling=_begun(database, an_account(database, EVERYTHING), second_factor=False),
        link=link,
        import_token=found.headers["location"].rpartition("/")[2],
    )


def _begun(database: Database, account_id: uuid.UUID, *, second_factor: bool) -> str:
    """The key of a sign-in that has shown a password; without a second factor yet, it came by a link."""
    with unit_of_work("staff:test", on=database) as uow:
        account = uow.session.get_one(Account, account_id)
        account.totp_secret = sealed(settings(), new_secret()) if second_factor else None
        return sign_ins.begin(uow, account, signing_in.now(), complete=False, enrols=not second_factor)


@dataclass(frozen=True, slots=True)
class Standing:
    """The played demonstration as it is served: its scene, and the addresses of dashboard and public pages."""

    scene: Scene
    url: str
    public_url: str


@contextmanager
def standing_demonstration(folder: Path, home: Path) -> Iterator[Standing]:
    """Serve a copy of a demonstration for the length of a block; settings are those of `home` meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_HOME", str(home))
        patch.setenv("MANDATE_ACKNOWLEDGE_DAYS", "400")
        settings.cache_clear()
        database = copied(folder, home)
        with answering(create_app(database)) as url, answering(create_public_app(database, PUBLIC)) as public_url:
            yield Standing(with_what_it_lacks(database, url, home), url, public_url)
        database.engine.dispose()
    settings.cache_clear()
