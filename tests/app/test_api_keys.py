"""A key at the addresses that want none: it counts for one request, and with another one it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.once import TAKEN
from core.db import Database
from core.history import HistoryEntry
from core.law_records import ExtraHoliday
from core.unit_of_work import reading
from notifications.models import EvidenceFile, InboxItem
from tests.app.conftest import Made
from tests.app.signed_in import signed_in
from tests.app.test_pages import at_head
from tests.app.test_presses import HOLIDAY

KEY = {"Idempotency-Key": "a-key-of-its-own"}
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <%d@example.org>\r\nSubject: x\r\n\r\nx\r\n"
Sent = tuple[str, dict[str, Any], dict[str, Any], type[Any]]


def holiday() -> Sent:
    other = {**HOLIDAY, "day": "2026-11-20"}
    return "/api/law/record/holiday?save=true", {"json": HOLIDAY}, {"json": other}, ExtraHoliday


def slip() -> Sent:
    return "/api/evidence-files", {"content": b"%PDF-1.7 one"}, {"content": b"%PDF-1.7 two"}, EvidenceFile


def mail() -> Sent:
    return "/api/service/mails", {"content": MAIL % 1}, {"content": MAIL % 2}, InboxItem


@pytest.mark.parametrize("made_up", [holiday, slip, mail], ids=lambda each: each.__name__)
def test_a_key_counts_for_one_request(
    client: TestClient, made: Made, database: Database, made_up: Callable[[], Sent]
) -> None:
    """Red when `acting` no longer asks `require_same`, or the digest leaves the body out."""
    made(at_head)
    path, first, other, kind = made_up()

    def rows() -> int:
        with reading(on=database) as uow:
            return uow.session.scalar(select(func.count()).select_from(kind)) or 0

    answers = [client.post(path, **first, headers=KEY) for _ in range(2)]
    assert [each.status_code // 100 for each in answers] == [2, 2]
    assert rows() == 1
    refused = client.post(path, **other, headers=KEY)
    assert (refused.status_code, refused.json()["findings"][0]["code"]) == (409, "conflict")
    assert rows() == 1
    assert client.post(path, **other, headers={"Idempotency-Key": "another-key"}).status_code // 100 == 2
    assert rows() == 2


def test_a_refused_request_leaves_its_key_free(client: TestClient, made: Made, database: Database) -> None:
    """Red when the key is put on record in a transaction of its own."""
    made(at_head)
    assert client.post("/api/evidence-files", content=b"no file", headers=KEY).status_code == 422
    with reading(on=database) as uow:
        assert not uow.session.scalars(select(HistoryEntry).where(HistoryEntry.action == TAKEN)).all()
    assert client.post("/api/evidence-files", content=b"%PDF-1.7", headers=KEY).status_code == 201


def test_the_key_of_one_person_is_none_of_anothers(client: TestClient, made: Made, database: Database) -> None:
    made(at_head)
    assert client.post("/api/evidence-files", content=b"%PDF-1.7 one", headers=KEY).status_code == 201
    with signed_in(database) as other:
        assert other.post("/api/evidence-files", content=b"%PDF-1.7 two", headers=KEY).status_code == 201
