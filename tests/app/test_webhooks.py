"""Webhooks: other programs are told of what history holds, signed, once each, until they take it or it is given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from casework import webhook_sending as sending
from casework import webhooks
from casework.cases import Case
from casework.webhooks import State, WebhookDelivery
from core.clock import set_stored_clock
from core.db import Database
from core.errors import BadInput
from core.unit_of_work import reading, unit_of_work
from tests.app.conftest import STANDS_AT, Command, Made
from tests.app.test_pages import at_head
from tests.builders import UP_TO_HEAD, a_case, happen

NO_ANSWER = 0


class Program:
    """Another program on this machine: it keeps what it was sent, and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        program = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                program.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                if program.status == NO_ANSWER:
                    return
                self.send_response(program.status)
                self.send_header("Location", f"{program.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def program() -> Iterator[Program]:
    running = Program()
    thread = threading.Thread(target=running.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def secret(made: Made, database: Database, program: Program) -> str:
    """The secret of the program's address, which is told of what is recorded of cases."""
    with unit_of_work("staff:test", on=database) as uow:
        _, key = webhooks.make(uow, program.url, ["case.recorded"], "the first request")
    return str(key)


def right(secret: str, headers: dict[str, str], body: bytes) -> str:
    """The signature as docs/api.md tells a receiver to reckon it, apart from the program's own code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def deliveries(database: Database) -> list[tuple[State, int, str | None]]:
    with reading(on=database) as uow:
        rows = uow.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.seq))
        return [(row.state, row.tries, row.answered) for row in rows]


def wait(database: Database, after: timedelta) -> None:
    with database.writing() as session:
        set_stored_clock(session, STANDS_AT + after)


def test_an_event_is_told_once_signed_and_with_ids_only(
    secret: str, made: Made, database: Database, program: Program
) -> None:
    """Red when the signature leaves the id out, an event is gathered twice, or the body names the school."""
    ref = made(at_head)
    assert sending.send_due(database)["told"] == len(program.got) > 0
    for headers, body in program.got:
        assert headers["webhook-signature"] == right(secret, headers, body)
        told = json.loads(body)
        assert told["id"] == headers["webhook-id"]
        assert told["type"] == "case.recorded"
        assert set(told["data"]) == {"case", "event", "stage"}
    with reading(on=database) as uow:
        case = uow.session.scalars(select(Case).where(Case.ref == ref)).one()
        assert {json.loads(body)["data"]["case"] for _, body in program.got} == {str(case.id)}
        assert not any(case.workplace.name.encode() in body for _, body in program.got)
    before = len(program.got)
    assert sending.send_due(database) == {"gathered": 0, "told": 0, "failed": 0}
    assert len(program.got) == before


def test_what_is_not_taken_is_tried_again_with_the_same_id_and_given_up_at_last(
    secret: str, made: Made, database: Database, program: Program
) -> None:
    """Red when a wait is left out, an event has another id the second time, or nothing is ever given up."""
    program.status = 500
    made(a_case)
    after = timedelta()
    sending.send_due(database)
    sent = len(program.got)
    assert sending.send_due(database)["failed"] == 0
    assert len(program.got) == sent
    for each in sending.WAITS:
        after += each
        wait(database, after)
        sending.send_due(database)
    ids = {headers["webhook-id"] for headers, _ in program.got}
    assert len(program.got) == len(ids) * (len(sending.WAITS) + 1)
    assert set(deliveries(database)) == {(State.DEAD, len(sending.WAITS) + 1, "status 500")}


def test_an_address_that_does_not_answer_is_waited_for_once_a_round(
    secret: str, made: Made, database: Database, program: Program
) -> None:
    """Red when every event waits for it, or a lease ends while the worker that has it still waits."""
    made(at_head)
    program.status = NO_ANSWER
    sending.send_due(database)
    assert len(program.got) == 1
    assert len(deliveries(database)) > 1
    assert {(state, tries) for state, tries, _ in deliveries(database)} == {(State.WAITING, 1)}
    assert sending.LEASE.total_seconds() > sending.A_ROUND * sending.SECONDS


@pytest.mark.parametrize(("status", "state"), [(301, State.WAITING), (404, State.WAITING), (410, State.DEAD)])
def test_a_redirect_is_not_followed_and_gone_is_final(
    secret: str, made: Made, database: Database, program: Program, status: int, state: State
) -> None:
    program.status = status
    made(a_case)
    sending.send_due(database)
    assert set(deliveries(database)) == {(state, 1, f"status {status}")}
    assert len(program.got) == len(deliveries(database))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "http://localhost:9000/hook",
        "http://10.0.0.1/hook",
        "ftp://127.0.0.1/hook",
        "https://jo:secret@example.org/",
        "https:///hook",
        "https://exa mple.org/",
        "https://[bad/",
        "https://999.1.1.1/",
        "https://[v1.a]/",
        "https://xn--/",
        "",
        "https://example.org/" + "a" * 500,
    ],
)
def test_an_address_that_cannot_be_used_is_refused(database: Database, url: str) -> None:
    with unit_of_work("staff:test", on=database) as uow, pytest.raises(BadInput, match="url"):
        webhooks.make(uow, url, ["case.recorded"], "a request")


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[fd00::1]"])
def test_no_address_leads_into_a_private_network(made: Made, database: Database, host: str) -> None:
    """Red when whatever is registered is called with `private=True`."""
    made(at_head)
    with unit_of_work("staff:test", on=database) as uow:
        webhooks.make(uow, f"https://{host}/hook", ["case.recorded"], "a request")
    made(a_case)
    sending.send_due(database)
    assert {(state, said) for state, _, said in deliveries(database)} == {
        (State.DEAD, "the address leads into a private network")
    }


def test_an_address_that_no_client_can_read_is_given_up_and_the_others_are_told(
    made: Made, database: Database, program: Program
) -> None:
    """Red when `Outward.request` lets `InvalidURL` through: then each round ends there, and every schedule after it."""
    with unit_of_work("staff:test", on=database) as uow:
        row, _ = webhooks.make(uow, "https://example.org/", ["case.recorded"], "the first request")
        row.url = "https://999.1.1.1/"
        webhooks.make(uow, program.url, ["case.recorded"], "the second request")
    made(a_case)
    assert sending.send_due(database)["told"] == len(program.got) > 0
    assert (State.DEAD, 1, "the address cannot be read") in deliveries(database)


def test_a_round_ends_in_time_and_what_is_left_over_is_not_counted_as_tried(
    secret: str, made: Made, database: Database, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red when a round has no end: an address that answers slowly then holds up whatever else the worker sends."""
    monkeypatch.setattr(sending, "ROUND_SECONDS", -1.0)
    made(at_head)
    assert sending.send_due(database)["failed"] == 0
    assert (program.got, {tries for _, tries, _ in deliveries(database)}) == ([], {0})
    monkeypatch.setattr(sending, "ROUND_SECONDS", 60.0)
    wait(database, sending.WAITS[0])
    assert sending.send_due(database)["told"] == len(deliveries(database)) > 0


def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    secret: str, made: Made, database: Database, program: Program
) -> None:
    """Red when a rotation forgets the old secret at once, or never."""
    with unit_of_work("staff:test", on=database) as uow:
        hook = webhooks.standing(uow)[0]
        new = webhooks.rotate(uow, hook.id)
        kept = webhooks.secrets_of(hook, uow.now + timedelta(hours=23))
        later = webhooks.secrets_of(hook, uow.now + timedelta(hours=25))
    assert (kept, later) == ([new, secret], [new])


def test_an_operator_adds_and_ends_one_and_its_secret_is_kept_sealed(
    client: TestClient, made: Made, database: Database, program: Program
) -> None:
    made(at_head)
    sent = {"url": program.url, "events": ["case.recorded", "notice.bounced"]}
    key = {"Idempotency-Key": "key-00001"}
    first = client.post("/api/webhooks", json=sent, headers=key)
    again = client.post("/api/webhooks", json=sent, headers=key)
    assert (first.status_code, again.status_code, again.json()["secret"]) == (201, 200, None)
    assert client.post("/api/webhooks", json={**sent, "events": ["ballot.result"]}, headers=key).status_code == 409
    (line,) = client.get("/api/webhooks").json()["webhooks"]
    assert "secret" not in line
    with database.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM webhooks").all()
    assert first.json()["secret"] not in str(rows)
    page = client.get("/webhooks").text
    assert program.url in page
    nonce = page.partition('name="nonce" value="')[2].partition('"')[0]
    added = client.post("/webhooks", data={"nonce": nonce, "url": program.url, "events": "ballot.result"}).text
    assert "whsec_" in added
    wrong = {"nonce": nonce, "url": "http://x", "events": "ballot.result"}
    assert client.post("/webhooks", data=wrong).status_code == 422
    assert (
        "Of which events: choose at least one"
        in client.post("/webhooks", data={"nonce": nonce, "url": program.url}).text
    )
    assert "The result of a ballot was declared</td>" in added
    assert client.post(f"/api/webhooks/{line['id']}/secret").json()["secret"].startswith("whsec_")
    for _ in range(2):
        assert client.post(f"/api/webhooks/{line['id']}/end").status_code == 200
    assert len(client.get("/api/webhooks").json()["webhooks"]) == 1


def test_the_commands_do_the_same(migrated: Database, command: Command, program: Program) -> None:
    told = command("webhook", "add", program.url, "--event", "case.recorded", "--json").document
    with unit_of_work("staff:test", on=migrated) as uow:
        happen(uow, a_case(uow), *UP_TO_HEAD)
    assert command("sweep", "webhooks", "--json").document["counts"]["told"] == len(program.got) > 0
    assert command("webhook", "list", "--json").document["webhooks"][0]["told"] == len(program.got)
    assert command("webhook", "rotate", told["id"], "--json").document["secret"] != told["secret"]
    assert command("webhook", "end", told["id"], "--json").document["ended_at"]
    assert command("webhook", "end", "nothing").code == 2
