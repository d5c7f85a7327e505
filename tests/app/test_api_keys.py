"""A key at the addresses that want none: it counts for one request, and with another one it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.once import TAKEN
from casework import repository
from casework.pay.claims import Submission, submit
from casework.pay.models import Claim, ClaimState
from casework.people.roles import Grant, Role
from core.db import Database
from core.history import HistoryEntry
from core.law_records import ExtraHoliday
from core.unit_of_work import reading, unit_of_work
from notifications.models import EvidenceFile, InboxItem
from tests.app.conftest import Made
from tests.app.signed_in import signed_in
from tests.app.test_pages import at_head
from tests.app.test_presses import HOLIDAY
from tests.builders import a_member, a_workplace, at_pay

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


def test_a_key_counts_for_one_address_with_what_stands_behind_it(client: TestClient, made: Made) -> None:
    """Red when the digest leaves out what stands behind the question mark."""
    made(at_head)
    path, first, _, _ = holiday()
    assert client.post(path, **first, headers=KEY).status_code == 201
    assert client.post(f"{path}&again=1", **first, headers=KEY).status_code == 409


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


def test_two_people_approve_a_claim_under_one_key(made: Made, database: Database) -> None:
    """Red when `acts.do` knows a key again whoever sent it: the second approval is lost, and answered with 200."""
    day = date(2026, 9, 8)
    ref = made(lambda uow: at_pay(uow, day))
    with unit_of_work("staff:test", on=database) as uow:
        case = repository.find(uow, ref)
        number = a_member(uow, case.workplace).membership_number
        claim = submit(uow, case.id, number, Submission((day,), 10_000, "a" * 64))
        claim.calculated_pence, claim.payable_pence, claim.state = 10_000, 10_000, ClaimState.CALCULATED
        claim_id = claim.id
    approve, facts = f"/api/cases/{ref}/acts/claim_approved", {"claim": str(claim_id)}
    for state in (ClaimState.APPROVED_ONCE, ClaimState.APPROVED):
        with signed_in(database, Grant(Role.FINANCE_APPROVER)) as approver:
            answers = [approver.post(approve, json=facts, headers=KEY).status_code for _ in range(2)]
        assert answers == [201, 200]
        with reading(on=database) as uow:
            assert uow.session.get_one(Claim, claim_id).state is state


def test_a_case_opened_by_somebody_else_is_not_told_by_its_key(made: Made, database: Database) -> None:
    """Red when `open_once` or `requests.ask` leaves out of a key whose it is."""
    made(at_head)
    with unit_of_work("staff:test", on=database) as uow:
        places = [(each.urn, each.association_id) for each in (a_workplace(uow), a_workplace(uow))]
    opened, runs = set(), set()
    for urn, association_id in places:
        with signed_in(database, Grant(Role.ASSOCIATION_SECRETARY, association_id)) as secretary:
            given = {"workplace": urn, "issues": ["meetings"], "pursuit": "focus", "raised_on": "2026-09-01"}
            answer = secretary.post("/api/cases", json=given, headers=KEY)
            assert answer.status_code == 201, answer.text
            opened.add(answer.json()["ref"])
            asked = secretary.post(f"/api/cases/{answer.json()['ref']}/runs", headers=KEY)
            assert asked.status_code == 202, asked.text
            runs.add(asked.json()["id"])
    assert (len(opened), len(runs)) == (2, 2)
