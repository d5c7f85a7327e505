"""`mandate serve` as a process of its own, on a database of its own, with what the tests need in it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Page
from sqlalchemy import select

from app import signing_in
from casework.cases import Case
from casework.lifecycle import EventKind
from core import work
from core.clock import set_stored_clock
from core.db import Database
from core.settings import Settings
from core.unit_of_work import UnitOfWork, unit_of_work
from core.work import PendingWork
from tests.app.signed_in import EVERYTHING, a_key, an_account
from tests.builders import UP_TO_HEAD, UP_TO_NEGOTIATION, a_case, a_member, a_workplace, an_officer, happen
from tests.conftest import NOON
from tests.processes import ROOT, free_port, mandate

COMMAND = mandate("serve")
START_SECONDS = 180.0
STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Served:
    """A dashboard that answers, with a worker beside it."""

    url: str
    settings: Settings
    database: Database

    def let_in(self, page: Page) -> Page:
        """The page in the browser of somebody who is signed in and may do everything."""
        key = a_key(self.database, an_account(self.database, EVERYTHING))
        page.context.add_cookies([{"name": signing_in.PLAIN_NAME, "value": key, "url": self.url}])
        return page

    def school(self, name: str) -> str:
        """A school with an officer and members; its name."""
        with unit_of_work("staff:test", on=self.database) as uow:
            _school(uow, name)
        return name

    def case_at_head(self, name: str) -> str:
        """The reference of a case whose members want the head teacher asked, which no act asks to be advanced."""
        with unit_of_work("staff:test", on=self.database) as uow:
            case = _school(uow, name)
            happen(uow, case, *UP_TO_HEAD)
            work.finish(uow, uow.session.scalars(select(PendingWork.id).filter_by(subject_id=case.id)).all())
            return case.ref

    def case_at_ballot(self, name: str) -> str:
        """The reference of a case whose negotiation has failed."""
        with unit_of_work("staff:test", on=self.database) as uow:
            case = _school(uow, name)
            happen(uow, case, *UP_TO_NEGOTIATION, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
            work.finish(uow, uow.session.scalars(select(PendingWork.id).filter_by(subject_id=case.id)).all())
            return case.ref


def _school(uow: UnitOfWork, name: str) -> Case:
    workplace = a_workplace(uow, name=name, postal_lines=["2 School Lane", f"{name.split()[0]}ham", "AN1 2TN"])
    an_officer(uow, workplace.association)
    for _ in range(12):
        a_member(uow, workplace)
    return a_case(uow, workplace, ("email",))


@contextmanager
def serving(home: Path, *, prefect: bool) -> Iterator[Served]:
    """Everything that `mandate serve` starts, at noon on 1 September 2026, for the length of a block."""
    port = free_port()
    configured = Settings(home=home, prefect_port=free_port(), dashboard_port=port)
    told = {
        "MANDATE_HOME": str(home),
        "MANDATE_DATABASE_URL": configured.effective_database_url,
        "MANDATE_LETTERS_FOLDER": str(home / "letters"),
        "MANDATE_PREFECT_PORT": str(configured.prefect_port),
    }
    command = [*COMMAND, "--port", str(port), *([] if prefect else ["--no-prefect"])]
    home.mkdir(parents=True, exist_ok=True)
    with (home / "serve.log").open("w") as output:
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told}, stdout=output, stderr=output)
    try:
        _wait(child, f"http://127.0.0.1:{port}", home / "serve.log")
        database = Database(configured.effective_database_url)
        with database.writing() as session:
            set_stored_clock(session, NOON)
        yield Served(f"http://127.0.0.1:{port}", configured, database)
        database.engine.dispose()
    finally:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(child: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert child.poll() is None, f"serving ended by itself:\n{log.read_text()}"
        try:
            if httpx.get(f"{url}/healthz", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"the dashboard did not answer:\n{log.read_text()}")
