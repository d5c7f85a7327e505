"""Asking for a run by page and API, and what is shown of it: one row for one key, nobody named."""

from __future__ import annotations

import re
import uuid

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select

from app.access import BY_ITSELF
from app.posted import new_nonce
from app.run_requests import ADVANCE
from casework import repository
from core import requests
from core.db import Database
from core.history import HistoryEntry
from core.requests import FlowRequest, RunState
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from tests.app.conftest import Made
from tests.app.signed_in import HERE
from tests.app.test_pages import at_head
from tests.builders import a_case

ORIGIN = {"Origin": HERE}


def asked(client: TestClient, ref: str, nonce: str = "") -> str:
    """The address of the run that the button of a case's page asks for."""
    answer = client.post(f"/cases/{ref}/runs", data={"nonce": nonce or new_nonce()}, headers=ORIGIN)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def rows(database: Database) -> int:
    with reading(on=database) as uow:
        return uow.session.scalar(select(func.count()).select_from(FlowRequest)) or 0


def ended(database: Database, ref: str, **ending: object) -> None:
    """The only request was taken, something was recorded meanwhile, and it ended so."""
    with unit_of_work("flow:worker", on=database) as uow:
        row = requests.take(uow)
        assert row is not None
        case = repository.find(uow, ref)
        requests.note_before(row, {case.id: ("members_meeting", 2)})
        requests.note_after(uow, row, {case.id: ("head_meeting", 4)})
        requests.end(uow, row, seconds=0.84, **ending)  # type: ignore[arg-type]


def test_the_button_asks_once_and_leads_to_the_run(client: TestClient, made: Made, database: Database) -> None:
    """Red when the route asks under a fresh key: a double click would be two runs."""
    ref, nonce = made(at_head), new_nonce()
    shown = client.get(f"/cases/{ref}").text
    assert f'action="/cases/{ref}/runs"' in shown
    assert re.search(r'name="nonce" value="form:[0-9a-f-]{36}"', shown)
    where = asked(client, ref, nonce)
    assert asked(client, ref, nonce) == where
    assert rows(database) == 1
    page = client.get(where).text
    assert "Waiting for a worker" in page
    assert "mandate serve" in page
    assert f'href="{where}"' in client.get(f"/cases/{ref}").text
    with reading(on=database) as uow:
        [entry] = uow.session.scalars(select(HistoryEntry).where(HistoryEntry.action == requests.ASKED))
        assert entry.actor.startswith("account:")
        assert entry.facts["flow"] == ADVANCE


def test_a_run_that_is_not_over_looks_again_by_itself_and_one_that_is_does_not(
    client: TestClient, made: Made, database: Database
) -> None:
    """Red when the page refreshes for ever, or only with JavaScript."""
    ref = made(at_head)
    where = asked(client, ref)
    waiting = client.get(where).text
    assert f'content="2; url={where}?{BY_ITSELF}=yes"></noscript>' in waiting
    assert 'hx-trigger="every 2s"' in waiting
    ended(database, ref)
    over = client.get(where).text
    assert "http-equiv" not in over
    assert "hx-trigger" not in over
    assert "Completed" in over
    assert "The case went on." in over
    assert "Members’ meeting" in over
    assert "<strong>Meeting with the head</strong>" in over
    assert "2 events" in over
    assert "0.8 seconds" in over
    assert "Prefect was not there" in over


def test_a_failure_is_told_in_words_with_ids_only(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_head)
    where = asked(client, ref)
    with reading(on=database) as uow:
        case_id = repository.find(uow, ref).id
    ended(
        database, ref, failures=[{"subject": f"case:{case_id}", "error": "ValueError", "place": "casework/steps.py:9"}]
    )
    shown = client.get(where).text
    assert "The case could not be advanced; every other case was." in shown
    assert f"<code>case:{case_id}</code>: ValueError at <code>casework/steps.py:9</code>" in shown
    assert f'<a class="govuk-link" href="/cases/{ref}">{ref}</a>' in shown
    assert "Failed" in client.get("/runs").text


def test_a_run_that_broke_off_says_where(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_head)
    where = asked(client, ref)
    ended(database, ref, error="ZeroDivisionError", place="flows/case.py:99")
    assert "The run broke off: ZeroDivisionError at flows/case.py:99." in client.get(where).text


def test_a_run_under_prefect_links_to_it_and_says_where_the_password_lies(
    client: TestClient, made: Made, database: Database
) -> None:
    where = asked(client, made(at_head))
    with unit_of_work("flow:worker", on=database) as uow:
        row = requests.take(uow)
        assert row is not None
        row.flow_run_id = uuid.UUID(int=5)
    shown = client.get(where).text
    address = f"http://127.0.0.1:{settings().prefect_port}/login?redirect=/runs/flow-run/{uuid.UUID(int=5)}"
    assert f'href="{address}"' in shown
    assert "prefect/password" in shown
    assert client.get(f"/api{where}").json()["prefect"]["flow_run_id"] == str(uuid.UUID(int=5))


def test_a_run_whose_worker_was_lost_is_not_shown_as_running(
    client: TestClient, made: Made, database: Database
) -> None:
    """Red when the page shows the stored state alone."""
    where = asked(client, made(at_head))
    with unit_of_work("flow:worker", on=database) as uow:
        row = requests.take(uow)
        assert row is not None
    assert "Running" in client.get(where).text
    with unit_of_work("flow:worker", on=database) as uow:
        requests.find(uow, row.id).taken_by = uuid.uuid4()
    shown = client.get(where).text
    assert "Its worker was lost; waiting for another" in shown
    assert client.get(f"/api{where}").json()["waits"] is True


@pytest.mark.parametrize("flow", ["deadline_sweep", "outbox_delivery"])
def test_a_sweep_is_started_from_the_list_of_runs(
    client: TestClient, made: Made, database: Database, flow: str
) -> None:
    made(a_case)
    assert f'name="flow" value="{flow}"' in client.get("/runs").text
    answer = client.post("/runs", data={"nonce": new_nonce(), "flow": flow}, headers=ORIGIN)
    assert answer.status_code == 303
    with reading(on=database) as uow:
        row = requests.latest(uow, 1)[0]
        assert (row.flow, row.state, row.subjects) == (flow, RunState.ASKED, [])


def test_the_deadlines_page_has_the_button_too(client: TestClient, made: Made) -> None:
    made(at_head)
    assert 'name="flow" value="deadline_sweep"' in client.get("/deadlines").text


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/runs", {"flow": "no_such_flow"}, 404),
        ("/runs", {"flow": ADVANCE}, 422),
        ("/cases/2026-9999/runs", {}, 404),
        ("/runs", {"flow": "deadline_sweep", "nonce": "form:1"}, 422),
    ],
)
def test_what_cannot_be_asked_for_leaves_no_row(
    client: TestClient, database: Database, path: str, sent: dict[str, str], status: int
) -> None:
    answer = client.post(path, data={"nonce": new_nonce(), **sent}, headers=ORIGIN)
    assert answer.status_code == status
    assert rows(database) == 0


def test_another_sites_page_cannot_start_a_run(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_head)
    for path in (f"/cases/{ref}/runs", "/runs", f"/api/cases/{ref}/runs"):
        sent = {"nonce": new_nonce(), "flow": "deadline_sweep"}
        assert client.post(path, data=sent, headers={"Origin": "http://evil.example"}).status_code == 403
    assert rows(database) == 0


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "2147483648"])
def test_a_number_that_no_run_can_have_is_refused(client: TestClient, number: str) -> None:
    """Red when the number goes to the database unbounded, which answers with a fault."""
    assert client.get(f"/runs/{number}").status_code == 422
    assert client.get("/runs/77").status_code == 404


def post(client: TestClient, path: str, body: object = None, key: str = "key-00001", **headers: str) -> Response:
    return client.post(path, json=body, headers={"Idempotency-Key": key, **headers})


def test_the_api_answers_at_once_with_where_to_look(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_head)
    first = post(client, f"/api/cases/{ref}/runs")
    assert first.status_code == 202
    assert first.json()["state"] == "asked"
    assert [case["ref"] for case in first.json()["cases"]] == [ref]
    assert client.get(first.headers["location"]).json() == first.json()
    again = post(client, f"/api/cases/{ref}/runs")
    assert (again.status_code, again.headers["location"]) == (200, first.headers["location"])
    assert rows(database) == 1
    assert [run["id"] for run in client.get("/api/runs", params={"case": ref}).json()["runs"]] == [first.json()["id"]]
    assert client.get("/api/runs", params={"case": made(a_case)}).json() == {"runs": [], "after": None}


def test_the_key_for_another_run_is_a_conflict_and_another_body_is_named(client: TestClient, made: Made) -> None:
    one, other = made(at_head), made(at_head)
    assert post(client, "/api/runs", {"flow": ADVANCE, "cases": [one, other, one]}).status_code == 202
    assert post(client, "/api/runs", {"flow": ADVANCE, "cases": [one]}).status_code == 409
    refused = post(client, "/api/runs", {"flow": ADVANCE, "case": one}, key="key-00002")
    assert (refused.status_code, refused.json()["findings"][0]["where"]) == (422, "case")
    assert post(client, "/api/runs", {"flow": "deadline_sweep", "cases": [one]}, key="key-00003").status_code == 422
    assert post(client, "/api/runs", {"flow": ADVANCE, "cases": ["2026-9999"]}, key="key-00004").status_code == 404
    assert client.post("/api/runs", json={"flow": "deadline_sweep"}).status_code == 422


def test_too_many_cases_in_one_run_are_refused(client: TestClient) -> None:
    refused = post(client, "/api/runs", {"flow": ADVANCE, "cases": [f"2026-{number:04}" for number in range(501)]})
    assert (refused.status_code, "at most 500" in refused.json()["error"]) == (422, True)


def test_no_page_of_runs_holds_what_the_policy_forbids(client: TestClient, made: Made) -> None:
    where = asked(client, made(at_head))
    for path in ("/runs", where):
        shown = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", shown)
        assert not re.search(r"\sstyle=|\son[a-z]+=", shown)


def test_looking_at_runs_changes_nothing(client: TestClient, made: Made, database: Database) -> None:
    where = asked(client, made(at_head))
    for path in ("/runs", where, "/api/runs", f"/api{where}"):
        assert client.get(path).status_code == 200
    with reading(on=database) as uow:
        assert requests.waiting(uow)


def test_a_run_at_a_server_elsewhere_names_the_setting_that_has_its_password(
    client: TestClient, made: Made, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = asked(client, made(at_head))
    with unit_of_work("flow:worker", on=database) as uow:
        row = requests.take(uow)
        assert row is not None
        row.flow_run_id = uuid.UUID(int=5)
    elsewhere = settings().model_copy(update={"prefect_api_url": "https://prefect.example/api"})
    monkeypatch.setattr("app.run_views.settings", lambda: elsewhere)
    shown = client.get(where).text
    assert f'href="https://prefect.example/login?redirect=/runs/flow-run/{uuid.UUID(int=5)}"' in shown
    assert "MANDATE_PREFECT_API_AUTH" in shown
