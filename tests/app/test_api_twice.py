"""
Every request of a program that changes something, sent again as it was: not one row of any table is another then.

The addresses are read off the application, so that one that is added has to be sent twice too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app import signing_in
from app.posted import new_nonce
from casework.people import api_tokens
from casework.people.keys import digest_of
from casework.webhooks import addresses
from core.clock import set_stored_clock
from core.db import Base, Database
from core.settings import settings
from core.unit_of_work import unit_of_work
from notifications import outbox, quarantine, tasks
from notifications.channels.folder import FolderChannel
from notifications.comparing import Comparison
from notifications.delivery import deliver_due
from notifications.lifecycle import Medium
from notifications.messages import Message
from notifications.models import Notice
from notifications.receipt_rows import HEADINGS
from notifications.rendering import sha256
from notifications.tasks import TaskKind
from tests.app.applications import description
from tests.app.conftest import STANDS_AT
from tests.app.doors import doors
from tests.app.signed_in import EVERYTHING, a_key, an_account, nobody
from tests.app.test_presses import ENDED, HOLIDAY
from tests.app.test_service_pages import BY_HAND
from tests.ballots.scenes import SECOND, disputed, planned
from tests.builders import a_workplace
from tests.casework.register.files import SCHOOL, write
from tests.engines import Engine, blank, opened
from tests.notifications.samples import RECIPIENTS, SAMPLES
from tests.notifications.test_mail_reports import content_of

OCTOBER = STANDS_AT.replace(month=10, day=8, hour=12)
PDF = b"%PDF-1.7 a slip"
Sent = tuple[str, dict[str, Any]]
"""An address, and what is sent to it."""


@dataclass(frozen=True)
class Desk:
    """A case whose papers went out the day before, and somebody who may do everything; `notice` is the ballot's."""

    database: Database
    client: TestClient
    account: uuid.UUID
    ref: str
    notice: uuid.UUID
    letter: tuple[str, str]
    folder: Path


@pytest.fixture(scope="module")
def desk(engines: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    engine, home = engines("sqlite"), tmp_path_factory.mktemp("twice")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_HOME", str(home))
        settings.cache_clear()
        with engine.lent(blank(engine)) as url, opened(url) as database, nobody(database) as client:
            with database.writing() as session:
                set_stored_clock(session, STANDS_AT)
            with unit_of_work("staff:test", on=database) as uow:
                ladder = planned(disputed(uow))
                ladder.on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
                notice, ref = ladder.papers("notice_of_ballot")[0], ladder.case.ref
                notice_id = notice.id
            letter = _laid(database, home / "letters")
            with database.writing() as session:
                set_stored_clock(session, OCTOBER)
            account = an_account(database, EVERYTHING)
            client.cookies.set(signing_in.PLAIN_NAME, a_key(database, account))
            yield Desk(database, client, account, ref, notice_id, letter, home)
    settings.cache_clear()


def _laid(database: Database, folder: Path) -> tuple[str, str]:
    """A letter that was laid for the print house on 7 October: its digest and the name of its file."""
    laid_at = OCTOBER - timedelta(days=1)
    with unit_of_work("staff:test", as_of=laid_at, on=database) as uow:
        message = Message("notice_of_ballot", SAMPLES["notice_of_ballot"])
        to = RECIPIENTS["employer"]
        notice = outbox.prepare(uow, message, to, medium=Medium.LETTER, subject_ref="ballot:elsewhere")
        outbox.approve(uow, notice.id, "officer:approver")
        outbox.queue(uow, notice.id)
        key = notice.id
    deliver_due(database, {Medium.LETTER: FolderChannel(folder)}, as_of=laid_at)
    with unit_of_work("staff:test", as_of=laid_at, on=database) as uow:
        sent = uow.session.get_one(Notice, key)
        return sent.sha256, str(sent.attempts[0].provider_ref)


def open_a_case(desk: Desk) -> Sent:
    with unit_of_work("staff:test", on=desk.database) as uow:
        number = a_workplace(uow).urn
    return "/api/cases", {"json": {"workplace": number, "issues": ["meetings"]}}


def act(desk: Desk) -> Sent:
    return f"/api/cases/{desk.ref}/acts/case_rested", {"json": {"wake_on": "2026-10-12", "reason": "the head is away"}}


def advance(desk: Desk) -> Sent:
    return f"/api/cases/{desk.ref}/runs", {}


def sweep(desk: Desk) -> Sent:
    return "/api/runs", {"json": {"flow": "deadline_sweep"}}


def law(desk: Desk) -> Sent:
    return "/api/law/record/holiday?save=true", {"json": HOLIDAY}


def register(desk: Desk) -> Sent:
    file = write(desk.folder / "schools.csv", [SCHOOL, SCHOOL | {"URN": "12"}])
    return "/api/imports/workplaces", {"files": {"file": (file.name, file.read_bytes())}}


def reconcile(desk: Desk) -> Sent:
    return "/api/restore/reconcile", {"json": {"by": ENDED["by"]}}


def go_on(desk: Desk) -> Sent:
    with unit_of_work("staff:test", on=desk.database) as uow:
        which = quarantine.begin(uow, Comparison()).id
    return "/api/restore/end", {"json": {**ENDED, "which": str(which)}}


def posted(desk: Desk) -> Sent:
    digest, name = desk.letter
    rows = [",".join(HEADINGS), f"{digest},{name},2026-10-07,AB 12,posted,", f"{digest},{name},x,,posted,"]
    return "/api/letters/receipts", {"files": {"file": ("posted.csv", "\n".join(rows).encode())}}


def certificate(desk: Desk) -> Sent:
    return f"/api/notices/{desk.notice}/certificate", {}


def slip(desk: Desk) -> Sent:
    return "/api/evidence-files", {"content": PDF}


def by_hand(desk: Desk) -> Sent:
    told = {**BY_HAND, "received_on": "2026-10-08", "no_document": True}
    return f"/api/notices/{desk.notice}/hand-delivery", {"json": told}


def mail(desk: Desk) -> Sent:
    return "/api/service/mails", {"content": content_of("a-letter-out-of-the-blue")}


def settled(desk: Desk) -> Sent:
    strange = content_of("a-letter-out-of-the-blue").replace(b"blue.1", b"blue.2")
    assert desk.client.post("/api/service/mails", content=strange).json()["reading"] == "unmatched"
    return f"/api/service/mails/{sha256(strange)}", {"json": {"how": "an advertisement"}}


def task(desk: Desk) -> Sent:
    with unit_of_work("flow:test", on=desk.database) as uow:
        asked = tasks.ask(uow, desk.notice, TaskKind.REACH, "it came back", OCTOBER + timedelta(days=1)).id
    return f"/api/service/tasks/{asked}", {"json": {"how": "by telephone"}}


def hook(desk: Desk) -> Sent:
    return "/api/webhooks", {"json": {"url": "https://example.org/hook", "events": ["case.recorded"]}}


def _hooked(desk: Desk) -> uuid.UUID:
    with unit_of_work("staff:test", on=desk.database) as uow:
        return addresses.make(uow, "https://example.org/", ["case.recorded"], new_nonce())[0].id


def another_secret(desk: Desk) -> Sent:
    return f"/api/webhooks/{_hooked(desk)}/secret", {}


def no_hook(desk: Desk) -> Sent:
    return f"/api/webhooks/{_hooked(desk)}/end", {}


def digest(desk: Desk) -> Sent:
    return "/api/account/digest", {"json": {"rhythm": "mondays", "parts": ["deadlines"]}}


def calendar(desk: Desk) -> Sent:
    return "/api/account/calendars", {"json": {}}


def no_calendar(desk: Desk) -> Sent:
    made = desk.client.post("/api/account/calendars", json={}, headers={"Idempotency-Key": new_nonce()}).json()
    return f"/api/account/calendars/{made['short']}/end", {}


def no_token(desk: Desk) -> Sent:
    with unit_of_work("staff:test", on=desk.database) as uow:
        token = api_tokens.make(uow, desk.account, "a program", api_tokens.LOOK, 30, signing_in.now())
    return f"/api/account/tokens/{digest_of(token)[: api_tokens.SHORT]}/end", {}


TWICE: Mapping[str, Callable[[Desk], Sent]] = {
    "/api/cases": open_a_case,
    "/api/cases/{ref}/acts/{act}": act,
    "/api/cases/{ref}/runs": advance,
    "/api/runs": sweep,
    "/api/law/record/{act}": law,
    "/api/imports/{kind}": register,
    "/api/restore/reconcile": reconcile,
    "/api/letters/receipts": posted,
    "/api/notices/{notice_id}/certificate": certificate,
    "/api/evidence-files": slip,
    "/api/notices/{notice_id}/hand-delivery": by_hand,
    "/api/service/mails": mail,
    "/api/service/mails/{digest}": settled,
    "/api/service/tasks/{task_id}": task,
    "/api/webhooks": hook,
    "/api/webhooks/{webhook_id}/secret": another_secret,
    "/api/webhooks/{webhook_id}/end": no_hook,
    "/api/account/digest": digest,
    "/api/account/calendars": calendar,
    "/api/account/calendars/{short}/end": no_calendar,
    "/api/account/tokens/{short}/end": no_token,
    "/api/restore/end": go_on,
}
"""For each address a request that records something; the last one stops what is sent, and lets it go on."""


NOTED = {"/api/imports/{kind}": ("import_runs ", "history_entries ")}
"""Where each request is on record as one that was made; what it asks for is done once all the same."""
NOTED_WITHOUT_A_KEY = {"/api/notices/{notice_id}/hand-delivery": "history_entries "}


def rows(database: Database) -> frozenset[str]:
    """Every row of every table."""
    with database.engine.connect() as connection:
        tables = Base.metadata.sorted_tables
        return frozenset(
            f"{each.name} {row}" for each in tables for row in connection.execute(text(f"SELECT * FROM {each.name}"))
        )


@pytest.mark.parametrize("path", TWICE)
def test_a_request_that_comes_twice_has_one_effect(desk: Desk, path: str) -> None:
    """
    With its key and, where none is wanted, without: a program that heard no answer asks again.

    Turns red if `addresses.rotate` does not look for the request before, or `certificate_views.issue` records each,
    or if a delivery by hand does not go by the request's key.
    """
    address, sent = TWICE[path](desk)
    key, before = {"Idempotency-Key": f"key-{uuid.uuid4()}"}, rows(desk.database)
    first = desk.client.post(address, **sent, headers=key)
    assert first.status_code in {200, 201, 202}, first.text
    after = rows(desk.database)
    assert after != before
    again = desk.client.post(address, **sent, headers=key)
    assert again.status_code in {200, 201}, again.text
    assert [each for each in rows(desk.database) ^ after if not each.startswith(NOTED.get(path, "no table"))] == []
    without = desk.client.post(address, **sent)
    assert without.status_code in {200, 201, 422}, without.text
    assert (without.status_code == 422) == wants_a_key(path), without.text
    noted = NOTED.get(path) or NOTED_WITHOUT_A_KEY.get(path, "no table")
    assert [each for each in rows(desk.database) ^ after if not each.startswith(noted)] == []


def wants_a_key(path: str) -> bool:
    """Whether an address refuses a request that has none."""
    told = description()["paths"][path]["post"].get("parameters", [])
    return any(each["name"].lower() == "idempotency-key" and each["required"] for each in told)


def test_every_address_that_changes_something_is_sent_twice() -> None:
    """Turns red when an address is added to the API and nobody sends it twice."""
    assert {door.path for door in doors() if door.is_api and door.changes} == set(TWICE)
