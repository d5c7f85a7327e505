"""The API: the same acts as the form, with an idempotency key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select

from app.acts import ACTS
from casework.cases import CaseEvent
from core.db import Database
from core.history import HistoryEntry
from core.unit_of_work import reading
from tests.app.conftest import Made
from tests.app.test_pages import at_ballot, at_head
from tests.builders import a_case

pytestmark = pytest.mark.engines("sqlite", "postgresql")

MET = {"happened_on": "2026-09-08", "answer": "refused"}


def post(client: TestClient, ref: str, act: str, facts: object, key: str = "key-00001", **headers: str) -> Response:
    content = facts if isinstance(facts, bytes) else json.dumps(facts).encode()
    return client.post(f"/api/cases/{ref}/acts/{act}", content=content, headers={"Idempotency-Key": key, **headers})


def events(database: Database) -> int:
    with reading(on=database) as uow:
        return uow.session.scalar(select(func.count()).select_from(CaseEvent)) or 0


def test_cases_are_listed_and_narrowed(client: TestClient, made: Made) -> None:
    raised, at_the_head = made(a_case), made(at_head)
    listed = client.get("/api/cases").json()
    assert listed["as_of"] == "2026-09-08"
    assert [case["ref"] for case in listed["cases"]] == [raised, at_the_head]
    assert listed["cases"][1]["due_on"] == "2026-09-18"
    narrowed = client.get("/api/cases", params={"stage": "raised"}).json()
    assert [case["ref"] for case in narrowed["cases"]] == [raised]


def test_a_case_tells_its_stage_findings_and_acts(client: TestClient, made: Made) -> None:
    case = client.get(f"/api/cases/{made(at_ballot)}").json()
    assert case["stage"] == "ballot_preparation"
    assert {finding["code"] for finding in case["findings"]} >= {"ballot_notice_missing", "sample_paper_missing"}
    assert "ballot_notices_approved" in {act["name"] for act in case["acts"]}
    assert case["deadlines"][0]["why"]["citation"]["provision"]


def test_an_act_is_recorded_once_for_its_key(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_head)
    first = post(client, ref, "head_met", MET)
    assert (first.status_code, first.json()["stage"]) == (201, "officer_assigned")
    before = events(database)
    second = post(client, ref, "head_met", MET)
    assert (second.status_code, second.json()["stage"]) == (200, "officer_assigned")
    assert events(database) == before


def test_the_key_with_other_facts_is_a_conflict(client: TestClient, made: Made) -> None:
    ref = made(at_head)
    post(client, ref, "head_met", {**MET, "answer": "adjourned"})
    answer = post(client, ref, "head_met", MET)
    assert answer.status_code == 409
    assert answer.json()["findings"][0]["code"] == "conflict"


def test_the_key_of_one_case_says_nothing_of_another(client: TestClient, made: Made) -> None:
    one, other = made(at_head), made(at_head)
    assert post(client, one, "head_met", MET).status_code == 201
    assert post(client, other, "head_met", MET).status_code == 409


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"happened_on": "2026-09-07"}, "answer"),
        ({**MET, "answer": "maybe"}, "answer"),
        ({**MET, "happened_on": "7 September"}, "happened_on"),
        ({**MET, "name": "x"}, "name"),
        ([], None),
        (b"{", None),
        (b"", "happened_on"),
    ],
)
def test_facts_that_cannot_be_used_are_named(client: TestClient, made: Made, facts: Any, where: str | None) -> None:
    answer = post(client, made(at_head), "head_met", facts)
    assert answer.status_code == 422
    assert answer.json()["findings"][0]["where"] == where


def test_a_number_is_never_guessed_from_text(client: TestClient, made: Made) -> None:
    """Red when `read_strictly` validates without `strict`."""
    ref = made(a_case)
    post(client, ref, "members_meeting_arranged", {"meets_on": "2026-09-08"})
    meeting = {"happened_on": "2026-09-08", "present": "22", "in_favour": 16}
    answer = post(client, ref, "members_meeting_held", meeting, key="key-00002")
    assert answer.status_code == 422
    assert answer.json()["findings"][0]["where"] == "present"


def test_an_act_of_another_stage_is_409_and_an_unknown_one_404(client: TestClient, made: Made) -> None:
    ref = made(a_case)
    refused = post(client, ref, "head_met", MET)
    assert refused.status_code == 409
    assert refused.json()["findings"][0]["code"] == "not_at_this_stage"
    assert post(client, ref, "no_such_act", {}).status_code == 404
    assert post(client, "2026-9999", "head_met", MET).status_code == 404
    assert client.get("/api/cases/2026-9999").json()["error"] == "There is no case 2026-9999."


def test_a_request_without_a_key_records_nothing(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_head)
    before = events(database)
    assert client.post(f"/api/cases/{ref}/acts/head_met", json=MET).status_code == 422
    assert events(database) == before


def test_a_refused_act_leaves_its_key_free(client: TestClient, made: Made) -> None:
    """Red when the key is kept in a transaction of its own."""
    ref = made(at_head)
    assert post(client, ref, "head_met", {**MET, "happened_on": "2026-09-09"}).status_code == 422
    assert post(client, ref, "head_met", MET).status_code == 201


def test_history_holds_who_asked_and_a_digest_only(client: TestClient, made: Made, database: Database) -> None:
    post(client, made(at_head), "case_rested", {"reason": "Canary Person asked", "wake_on": "2026-10-01"})
    with reading(on=database) as uow:
        entries = uow.session.scalars(select(HistoryEntry).where(HistoryEntry.action == "app:act:done")).all()
    (entry,) = entries
    assert entry.actor.startswith("account:")
    assert set(entry.facts) == {"act", "case_id", "facts_sha256"}
    assert "key-00001" not in entry.subject


def test_another_sites_page_cannot_use_the_api(client: TestClient, made: Made) -> None:
    answer = post(client, made(at_head), "head_met", MET, Origin="http://evil.example")
    assert answer.status_code == 403
    assert answer.json()["error"]


def test_the_description_names_the_facts_of_every_act(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    operation = document["paths"]["/api/cases/{ref}/acts/{act}"]["post"]
    schemas = document["components"]["schemas"]
    assert {act.facts.__name__ for act in ACTS.values()} <= set(schemas)
    named = {
        each["$ref"].rpartition("/")[2]
        for each in operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    }
    assert named <= set(schemas)
    assert all(name in operation["requestBody"]["description"] for name in ACTS)


def test_health_answers(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
