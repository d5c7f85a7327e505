"""
Every button pressed fifty times at once, and every request of a program sent fifty times: one effect, one answer.

The same key with other facts is a conflict. What needs no key is such that the same again changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.posted import new_nonce
from casework.cases import Case, CaseEvent
from casework.register.models import ImportRun, Workplace
from core.db import Database
from core.law_records import ExtraHoliday
from core.requests import FlowRequest
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from notifications import quarantine
from notifications.comparing import Comparison
from notifications.models import Quarantine
from tests.app.conftest import Made
from tests.app.doors import doors
from tests.app.law_scene import JO, SOURCE
from tests.app.test_opening_pages import sent
from tests.app.test_pages import at_head
from tests.builders import a_workplace
from tests.casework.register.files import SCHOOL, write
from tests.sampling import every

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

PRESSES = 50
MET = {"happened_on": "2026-09-08", "answer": "adjourned"}
TYPED_MET = {"happened_on-day": "8", "happened_on-month": "9", "happened_on-year": "2026", "answer": "adjourned"}
HOLIDAY = {"by": JO, "read": SOURCE, "nations": ["england"], "name": "A day of thanks", "day": "2026-11-19"}
TYPED_HOLIDAY = {
    **HOLIDAY,
    "day-day": "19",
    "day-month": "11",
    "day-year": "2026",
    "save": "yes",
}
ENDED = {"by": JO, "because": "every send is taken in"}


@dataclass(frozen=True)
class Press:
    """What is sent, and what tells how often it took effect. `other` is the same key with other facts: a conflict."""

    address: str
    sent: Mapping[str, Any]
    effects: Callable[[Database], int]
    other: Mapping[str, Any] | None = None
    to: str | None = None


@dataclass(frozen=True)
class Scene:
    """The database and the client of one test, with what is needed to make things."""

    database: Database
    made: Made
    client: TestClient
    folder: Path


def rows(kind: type[Any], *where: Any) -> Callable[[Database], int]:
    def counted(database: Database) -> int:
        with reading(on=database) as uow:
            return uow.session.scalar(select(func.count()).select_from(kind).where(*where)) or 0

    return counted


MEETINGS = rows(CaseEvent, CaseEvent.kind == "head_met")


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"key-{uuid.uuid4()}"}


def place(scene: Scene, **changes: Any) -> Workplace:
    with unit_of_work("staff:test", on=scene.database) as uow:
        return a_workplace(uow, **changes)


def open_by_form(scene: Scene) -> Press:
    scene.made(at_head)
    filled = sent(str(place(scene).id), pursuit="focus")
    return Press("/cases", {"data": filled}, rows(Case), {"data": {**filled, "pursuit": "concurrent"}})


def open_by_api(scene: Scene) -> Press:
    scene.made(at_head)
    body = {"workplace": place(scene, urn="135009").urn, "issues": ["meetings"], "pursuit": "focus"}
    headers = key()
    other = {"json": {**body, "pursuit": "concurrent"}, "headers": headers}
    return Press("/api/cases", {"json": body, "headers": headers}, rows(Case), other)


def act_by_form(scene: Scene) -> Press:
    filled = {**TYPED_MET, "nonce": new_nonce()}
    other = {"data": {**filled, "answer": "refused"}}
    to = f"/cases/{scene.made(at_head)}/acts/head_met"
    return Press("/cases/{ref}/acts/{act}", {"data": filled}, MEETINGS, other, to)


def act_by_api(scene: Scene) -> Press:
    headers = key()
    other = {"json": {**MET, "answer": "refused"}, "headers": headers}
    to = f"/api/cases/{scene.made(at_head)}/acts/head_met"
    return Press("/api/cases/{ref}/acts/{act}", {"json": MET, "headers": headers}, MEETINGS, other, to)


def run_by_form(scene: Scene) -> Press:
    nonce = {"nonce": new_nonce()}
    to = f"/cases/{scene.made(at_head)}/runs"
    return Press("/cases/{ref}/runs", {"data": nonce}, rows(FlowRequest), None, to)


def run_by_api(scene: Scene) -> Press:
    to = f"/api/cases/{scene.made(at_head)}/runs"
    return Press("/api/cases/{ref}/runs", {"headers": key()}, rows(FlowRequest), None, to)


def sweep_by_form(scene: Scene) -> Press:
    filled = {"nonce": new_nonce(), "flow": "deadline_sweep"}
    other = {"data": {**filled, "flow": "outbox_delivery"}}
    return Press("/runs", {"data": filled}, rows(FlowRequest), other)


def sweep_by_api(scene: Scene) -> Press:
    headers = key()
    other = {"json": {"flow": "outbox_delivery"}, "headers": headers}
    return Press("/api/runs", {"json": {"flow": "deadline_sweep"}, "headers": headers}, rows(FlowRequest), other)


def law_by_form(scene: Scene) -> Press:
    return Press("/law/record/{act}", {"data": TYPED_HOLIDAY}, rows(ExtraHoliday), None, "/law/record/holiday")


def law_by_api(scene: Scene) -> Press:
    to = "/api/law/record/holiday?save=true"
    return Press("/api/law/record/{act}", {"json": HOLIDAY}, rows(ExtraHoliday), None, to)


def file_by_api(scene: Scene) -> Press:
    file = write(scene.folder / "schools.csv", [SCHOOL]).read_bytes()
    sent = {"files": {"file": ("schools.csv", file)}}
    return Press(
        "/api/imports/{kind}", sent, rows(Workplace, Workplace.urn == "118000"), None, "/api/imports/workplaces"
    )


def uploaded(scene: Scene) -> str:
    file = write(scene.folder / "schools.csv", [SCHOOL]).read_bytes()
    answer = scene.client.post("/imports", files={"file": ("schools.csv", file)}, data={"kind": "workplaces"})
    return str(answer.headers["location"])


def confirm_file(scene: Scene) -> Press:
    return Press("/imports/{token}/confirm", {}, rows(ImportRun), None, f"{uploaded(scene)}/confirm")


def in_quarantine(scene: Scene) -> str:
    with unit_of_work("staff:test", on=scene.database) as uow:
        return str(quarantine.begin(uow, Comparison()).id)


def ended_once(database: Database) -> int:
    return rows(Quarantine, Quarantine.ended_by == JO)(database)


def end_by_form(scene: Scene) -> Press:
    filled = {**ENDED, "which": in_quarantine(scene)}
    other = {"data": {**filled, "because": "another reason altogether"}}
    return Press("/restore/end", {"data": filled}, ended_once, other)


def end_by_api(scene: Scene) -> Press:
    body = {**ENDED, "which": in_quarantine(scene)}
    other = {"json": {**body, "because": "another reason altogether"}}
    return Press("/api/restore/end", {"json": body}, ended_once, other)


ONCE: tuple[Callable[[Scene], Press], ...] = (
    open_by_form,
    open_by_api,
    act_by_form,
    act_by_api,
    run_by_form,
    run_by_api,
    sweep_by_form,
    sweep_by_api,
    law_by_form,
    law_by_api,
    file_by_api,
    confirm_file,
    end_by_form,
    end_by_api,
)
ELSEWHERE = {
    "/imports": "keeps a file to look at and stores nothing",
    "/imports/{token}/cancel": "removes a file",
    "/restore/reconcile": "tests/notifications/test_quarantine.py, a second reconciling",
    "/api/restore/reconcile": "tests/notifications/test_quarantine.py, a second reconciling",
    **dict.fromkeys(("/letters/receipts", "/api/letters/receipts"), "tests/app/test_letters.py, the same file again"),
    **dict.fromkeys(
        ("/notices/{notice_id}/certificate", "/api/notices/{notice_id}/certificate"), "tests of the certificate"
    ),
    "/api/evidence-files": "a file is kept under its digest",
    "/notices/{notice_id}/receipt": "tests/notifications/test_proof.py: the same receipt is one row",
    "/api/notices/{notice_id}/hand-delivery": "tests/app/test_hand_delivery.py: the same delivery is one row",
    **dict.fromkeys(("/service/mails", "/api/service/mails"), "a mail is kept under its digest"),
    **dict.fromkeys(("/service/mails/{digest}", "/api/service/mails/{digest}"), "the mail of a digest is settled once"),
    **dict.fromkeys(("/service/tasks/{task_id}", "/api/service/tasks/{task_id}"), "tests/app/test_service_pages.py"),
    "/people": "an address has one account",
    "/payments/{ref}/file": "the same file again; history notes each time that it was handed over",
    **dict.fromkeys(("/webhooks", "/api/webhooks"), "test_webhooks.py: the same request again"),
    **dict.fromkeys(("/webhooks/{webhook_id}/end", "/api/webhooks/{webhook_id}/end"), "what ended stays ended"),
    **dict.fromkeys(("/webhooks/{webhook_id}/secret", "/api/webhooks/{webhook_id}/secret"), "test_webhooks.py"),
    **dict.fromkeys(("/account/digest", "/api/account/digest"), "what was chosen is chosen again"),
    **dict.fromkeys(
        ("/account/calendars", "/api/account/calendars"), "tests/app/test_calendars.py, the same request again"
    ),
    **dict.fromkeys(
        ("/account/calendars/{short}/end", "/api/account/calendars/{short}/end"),
        "test_calendars.py: it ended once",
    ),
    **dict.fromkeys(
        (f"/people/{{account_id}}/{act}" for act in ("roles/give", "roles/take", "confirm", "close", "open")),
        "what stands is said again; tests/casework/people/test_accounts.py",
    ),
    **dict.fromkeys(
        ("/people/{account_id}/link", "/welcome/{key}"), "an older link is worth nothing; a link counts once"
    ),
    **dict.fromkeys(("/sign-in", "/sign-in/code", "/second-factor"), "a code counts once; tests/app/test_sign_in.py"),
    **dict.fromkeys(("/sign-out", "/account/sign-ins/end"), "what ended stays ended"),
    **dict.fromkeys(("/account/tokens/{short}/end", "/api/account/tokens/{short}/end"), "what ended stays ended"),
    **dict.fromkeys(
        ("/account/password", "/account/recovery-codes", "/account/tokens"), "the code or the old password counts once"
    ),
}
"""Routes whose second press is tried elsewhere, or has nothing to count, and where or why."""


@pytest.fixture
def scene(database: Database, made: Made, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A database with a clock of its own, and a client that is asked from many threads."""
    monkeypatch.setenv("MANDATE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    return Scene(database, made, client, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("make", every(2, ONCE), ids=lambda make: make.__name__)
def test_fm_19_fifty_presses_at_once_have_one_effect(scene: Scene, make: Callable[[Scene], Press]) -> None:
    """
    Turns red if `app.acts.do`, `requests.ask`, `open_once` or `quarantine.end` does not look for what stands under its
    lock: two of the fifty would find nothing and both go on.
    """
    press = make(scene)
    before = press.effects(scene.database)

    def pressed(_: int) -> int:
        return int(scene.client.post(press.to or press.address, **press.sent).status_code)

    with ThreadPoolExecutor(PRESSES) as people:
        answers = list(people.map(pressed, range(PRESSES)))

    assert set(answers) <= {200, 201, 202, 303}, answers
    assert press.effects(scene.database) == before + 1
    assert scene.client.post(press.to or press.address, **press.sent).status_code in {200, 201, 303}
    assert press.effects(scene.database) == before + 1


@pytest.mark.parametrize("make", ONCE, ids=lambda make: make.__name__)
def test_fm_19_the_same_key_with_other_facts_is_a_conflict(scene: Scene, make: Callable[[Scene], Press]) -> None:
    """Turns red if the key alone decides: the second body would be answered with the first one's effect."""
    press = make(scene)
    if press.other is None:
        pytest.skip("the request has no facts beside its key, or no key: another body is another request")
    before = press.effects(scene.database)
    scene.client.post(press.to or press.address, **press.sent)
    assert scene.client.post(press.to or press.address, **press.other).status_code == 409
    assert press.effects(scene.database) == before + 1


def test_fm_19_every_route_that_changes_something_is_pressed(scene: Scene) -> None:
    """Turns red if a route is added and nobody says what a double click does there."""
    changing = {door.path for door in doors() if door.changes}
    pressed = {make(scene).address for make in ONCE}
    assert changing == pressed | set(ELSEWHERE)
