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
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app import telling
from app.telling import Telling
from casework.cases import Case
from casework.webhooks import addresses, queueing, sending, signing
from casework.webhooks.models import State, Webhook, WebhookDelivery
from core.clock import set_stored_clock
from core.db import BUSY_TIMEOUT_MS, Database
from core.errors import BadInput
from core.settings import Settings, settings
from core.sweeps import SweepRun
from core.unit_of_work import reading, unit_of_work
from tests.app.conftest import STANDS_AT, Command, Made
from tests.app.test_pages import at_head
from tests.builders import UP_TO_HEAD, a_case, happen
from tests.processes import wait_for

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
        _, key = addresses.make(uow, program.url, ["case.recorded"], "the first request")
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
    for each in queueing.WAITS:
        after += each
        wait(database, after)
        sending.send_due(database)
    ids = {headers["webhook-id"] for headers, _ in program.got}
    assert len(program.got) == len(ids) * (len(queueing.WAITS) + 1)
    assert set(deliveries(database)) == {(State.DEAD, len(queueing.WAITS) + 1, "status 500")}


def test_an_address_that_does_not_answer_is_waited_for_once_a_round(
    secret: str, made: Made, database: Database, program: Program
) -> None:
    """Red when every event waits for it."""
    made(at_head)
    program.status = NO_ANSWER
    sending.send_due(database)
    assert len(program.got) == 1
    assert len(deliveries(database)) > 1
    assert {(state, tries) for state, tries, _ in deliveries(database)} == {(State.WAITING, 1)}


def test_a_second_worker_sends_nothing_that_a_first_one_still_sends(
    secret: str, made: Made, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Every try takes as long as one may, and what came of it waits to be kept as long as a write may. Red when `take`
    makes what it takes nobody's own, or `LONGEST_ROUND_SECONDS` leaves out the try that is the last to begin, or a
    wait for whoever else writes.
    """
    passed, tries = 0.0, 0
    second: list[queueing.Parcel] = []

    def post(_: queueing.Parcel) -> queueing.Answer:
        nonlocal passed, tries
        passed, tries = passed + queueing.LONGEST_TRY_SECONDS, tries + 1
        wait(database, timedelta(seconds=passed, milliseconds=BUSY_TIMEOUT_MS))
        with unit_of_work("staff:second", on=database) as uow:
            second.extend(queueing.take(uow))
        return queueing.Answer(told=True, final=False, says="status 204")

    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: passed))
    monkeypatch.setattr(sending, "post", post)
    made(at_head)
    told = sending.send_due(database)["told"]
    assert len(deliveries(database)) > told == tries > 1
    assert second == []


def test_what_a_round_that_hangs_had_taken_is_free_when_it_is_left_behind(
    secret: str, made: Made, database: Database, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Red when `take` keeps what it takes for longer than `keep_going` waits, or `keep_going` waits for minutes: a thread
    is left behind and another begins, which finds nothing to tell.
    """
    made(at_head)
    with unit_of_work("staff:hangs", on=database) as uow:
        queueing.gather(uow)
        taken = len(queueing.take(uow))
    beside, noticed = Telling(database), 60
    beside._thread = threading.main_thread()
    monkeypatch.setattr(beside, "_go_round", lambda _stop: None)
    monkeypatch.setattr(telling, "time", SimpleNamespace(monotonic=lambda: float(noticed)))
    beside.keep_going()
    assert beside._thread is not threading.main_thread()
    wait(database, timedelta(seconds=noticed))
    assert sending.send_due(database)["told"] == len(program.got) == taken > 0


def test_an_address_that_was_ended_meanwhile_stays_given_up(
    secret: str, made: Made, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red when `note` writes over what somebody decided while the try was under way."""
    made(at_head)

    def post(_: queueing.Parcel) -> queueing.Answer:
        with unit_of_work("staff:operator", on=database) as uow:
            addresses.end(uow, uow.session.scalars(select(Webhook.id)).one())
        return queueing.Answer(told=False, final=False, says="status 500")

    monkeypatch.setattr(sending, "post", post)
    sending.send_due(database)
    assert {(state, answered) for state, _, answered in deliveries(database)} == {(State.DEAD, "the webhook was ended")}


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
        addresses.make(uow, url, ["case.recorded"], "a request")


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[fd00::1]"])
def test_no_address_leads_into_a_private_network(made: Made, database: Database, host: str) -> None:
    """Red when whatever is registered is called with `private=True`."""
    made(at_head)
    with unit_of_work("staff:test", on=database) as uow:
        row, _ = addresses.make(uow, "https://example.org/hook", ["case.recorded"], "a request")
        row.url = f"https://{host}/hook"  # as a name that leads there later
    made(a_case)
    sending.send_due(database)
    assert {(state, said) for state, _, said in deliveries(database)} == {
        (State.DEAD, "the address leads into a private network")
    }


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1", "192.168.1.1", "172.16.5.5", "169.254.169.254", "0x0a.1", "167772161", "[::ffff:10.0.0.1]",
        "[fd00::1]", "localhost", "LOCALHOST.", "hook.localhost", "payroll", "payroll.local", "payroll.internal",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused_when_it_is_recorded(client: TestClient, host: str) -> None:
    """Red when `require_usable` leaves `leads_inside` out: then the first to learn of it is nobody, weeks later."""
    sent = {"url": f"https://{host}/hook", "events": ["nothing"]}
    refused = client.post("/api/webhooks", json=sent, headers={"Idempotency-Key": "key-00001"})
    assert refused.status_code == 422
    assert [each["where"] for each in refused.json()["findings"]] == ["url", "events"]
    assert "leads into a private network or to this machine" in refused.json()["error"]


@pytest.mark.parametrize("url", ["https://hooks.example.org/x", "https://[2606:4700::1111]/x", "http://[::1]:9000/x"])
def test_an_address_of_the_internet_and_this_machine_by_its_number_are_taken(database: Database, url: str) -> None:
    """Red when `leads_inside` takes every number, or every name, for one inside."""
    with unit_of_work("staff:test", on=database) as uow:
        assert addresses.make(uow, url, ["case.recorded"], "a request")[1] is not None


def test_an_address_that_no_client_can_read_is_given_up_and_the_others_are_told(
    made: Made, database: Database, program: Program
) -> None:
    """Red when `Outward.request` lets `InvalidURL` through: then each round ends there, and every schedule after it."""
    with unit_of_work("staff:test", on=database) as uow:
        row, _ = addresses.make(uow, "https://example.org/", ["case.recorded"], "the first request")
        row.url = "https://999.1.1.1/"
        addresses.make(uow, program.url, ["case.recorded"], "the second request")
    made(a_case)
    assert sending.send_due(database)["told"] == len(program.got) > 0
    assert (State.DEAD, 1, "the address cannot be read") in deliveries(database)


def test_a_round_ends_in_time_and_what_is_left_over_is_not_counted_as_tried(
    secret: str, made: Made, database: Database, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red when a round has no end: an address that answers slowly then holds up whatever else the worker sends."""
    monkeypatch.setattr(sending, "LAST_TRY_BEGINS_SECONDS", -1.0)
    made(at_head)
    assert sending.send_due(database)["failed"] == 0
    assert (program.got, {tries for _, tries, _ in deliveries(database)}) == ([], {0})
    monkeypatch.setattr(sending, "LAST_TRY_BEGINS_SECONDS", 60.0)
    wait(database, queueing.WAITS[0])
    assert sending.send_due(database)["told"] == len(deliveries(database)) > 0


def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    secret: str, made: Made, database: Database, program: Program
) -> None:
    """Red when a rotation forgets the old secret at once, or never."""
    with unit_of_work("staff:test", on=database) as uow:
        hook = addresses.standing(uow)[0]
        new = addresses.rotate(uow, hook.id, "a request")
        kept = signing.secrets_of(hook, uow.now + timedelta(hours=23))
        later = signing.secrets_of(hook, uow.now + timedelta(hours=25))
    assert (kept, later) == ([new, secret], [new])


def test_a_secret_that_was_replaced_twice_in_a_day_signs_to_its_end(secret: str, database: Database) -> None:
    """Red when a rotation keeps the last secret alone: whoever holds the one before would read nothing any more."""
    with unit_of_work("staff:test", on=database) as uow:
        hook = addresses.standing(uow)[0]
        made = [addresses.rotate(uow, hook.id, f"request {place}") for place in range(5)]
        assert signing.secrets_of(hook, uow.now) == [*made[:-5:-1]]
        assert len(signing.secrets_of(hook, uow.now)) == 1 + signing.MOST_OLD


def test_the_same_request_for_a_new_secret_counts_once(
    client: TestClient, secret: str, database: Database, program: Program
) -> None:
    """Red when a rotation passes over its key: pressed twice, the secret that was shown first would be dead."""
    (line,) = client.get("/api/webhooks").json()["webhooks"]
    where, key = f"/api/webhooks/{line['id']}/secret", {"Idempotency-Key": "key-00002"}
    first, again = (client.post(where, headers=key).json()["secret"] for _ in range(2))
    assert first.startswith("whsec_")
    assert again is None
    assert client.post(where).status_code == 422
    nonce = client.get("/webhooks").text.partition('name="nonce" value="')[2].partition('"')[0]
    pressed = [client.post(f"/webhooks/{line['id']}/secret", data={"nonce": nonce}).text for _ in range(2)]
    assert ["The new secret, shown this once" in page for page in pressed] == [True, False]
    assert "This press counted once already" in pressed[1]
    with reading(on=database) as uow:
        (hook,) = addresses.standing(uow)
        present, *before = signing.secrets_of(hook, uow.now)
    assert present in pressed[0]
    assert before == [first, secret]


def test_one_webhook_whose_secret_cannot_be_opened_waits_alone_and_says_so(
    secret: str, made: Made, database: Database, program: Program, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Red when `take` opens each secret as it comes: one that was sealed under another signing secret would end every
    round for all. What waits is told once it has a new secret, and no try of it was counted.
    """
    monkeypatch.setenv("MANDATE_SIGNING_SECRET", "another secret of thirty-two letters")
    settings.cache_clear()
    with unit_of_work("staff:test", on=database) as uow:
        addresses.make(uow, program.url + "/other", ["case.recorded"], "the second request")
        lost = next(each for each in addresses.standing(uow) if each.url == program.url)
        assert signing.secrets_of(lost, uow.now) == []
    made(a_case)
    told = sending.send_due(database)["told"]
    assert told == len(program.got) > 0
    assert sending.send_due(database)["told"] == 0
    with reading(on=database) as uow:
        rows = uow.session.scalars(select(WebhookDelivery).where(WebhookDelivery.webhook_id == lost.id)).all()
        assert {(row.state, row.tries) for row in rows} == {(State.WAITING, 0)}
    assert "Put that one back, or give the webhook a new secret." in client.get("/webhooks").text
    assert "1 webhook is told nothing" in client.get("/status").text
    with unit_of_work("staff:test", on=database) as uow:
        addresses.rotate(uow, lost.id, "a request")
    assert sending.send_due(database)["told"] == told


@pytest.mark.parametrize("port", ["dashboard_port", "prefect_port"])
def test_no_webhook_leads_back_to_this_service(
    made: Made, database: Database, program: Program, monkeypatch: pytest.MonkeyPatch, secret: str, port: str
) -> None:
    """Red when `require_usable` leaves out the service's own ports, or `post` those it has since been given."""
    monkeypatch.setenv(f"MANDATE_{port.upper()}", str(program.server.server_port))
    settings.cache_clear()
    with unit_of_work("staff:test", on=database) as uow, pytest.raises(BadInput, match="another program than this"):
        addresses.make(uow, program.url, ["case.recorded"], "a request")
    made(a_case)
    sending.send_due(database)
    assert program.got == []
    assert {(state, said) for state, _, said in deliveries(database)} == {
        (State.DEAD, "the address is this service's own")
    }


def test_a_port_that_goes_without_saying_is_one_of_this_service_too() -> None:
    """Red when an address without a port has none: that of its scheme is what it leads to."""
    configured = Settings(dashboard_port=443, prefect_port=8000)
    assert addresses.is_own("https://127.0.0.1/here", configured)
    assert not addresses.is_own("http://127.0.0.1/here", configured)
    beside = Settings(prefect_api_url="http://127.0.0.1/api")
    assert addresses.is_own("http://[::1]/here", beside)
    assert not addresses.is_own("https://127.0.0.1/here", beside)


def test_other_programs_are_told_beside_the_worker_and_again_when_the_thread_has_died(
    secret: str, made: Made, database: Database, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Red when `keep_going` leaves a thread that ended as it is, or `end` does not stop one. What is wrong in one round is
    no end of the next.
    """
    failing = iter([RuntimeError(), KeyboardInterrupt()])
    rounds = sending.send_due

    def send_due(*given: Any) -> dict[str, int]:
        error = next(failing, None)
        if error is not None:
            raise error
        return rounds(*given)

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(sending, "send_due", send_due)
    monkeypatch.setattr(telling, "PAUSE_SECONDS", 0.01)
    beside = Telling(database)
    made(a_case)
    beside.keep_going()
    first = beside._thread
    assert first is not None
    first.join(60)
    assert not first.is_alive()
    beside.keep_going()
    wait_for(lambda: program.got and {state for state, *_ in deliveries(database)} == {State.TOLD}, patience=60)
    beside.end()
    assert beside._thread is not None
    assert not beside._thread.is_alive()


def test_a_round_that_hangs_is_left_behind(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when `keep_going` takes a thread that lives for one that works."""
    hangs, seen = threading.Event(), threading.Semaphore(0)

    def send_due(_database: Database, _stop: threading.Event) -> None:
        seen.release()
        hangs.wait(60)

    monkeypatch.setattr(sending, "send_due", send_due)
    monkeypatch.setattr(telling, "LONGEST_ROUND_SECONDS", 0.0)
    monkeypatch.setattr(telling, "LAST_WAIT_SECONDS", 60.0)
    beside = Telling(database)
    beside.keep_going()
    assert seen.acquire(timeout=60)
    first = beside._thread
    beside.keep_going()
    assert seen.acquire(timeout=60)
    assert beside._thread is not first
    hangs.set()
    beside.end()


def test_a_worker_that_is_told_to_stop_gives_back_what_it_did_not_tell(
    secret: str, made: Made, database: Database, program: Program
) -> None:
    """Red when a round looks at `stop` once it has told everybody: a worker that ends would be killed in the middle."""
    made(at_head)
    stop = threading.Event()
    stop.set()
    assert sending.send_due(database, stop)["told"] == 0
    assert (program.got, {tries for _, tries, _ in deliveries(database)}) == ([], {0})


def test_a_round_with_nothing_to_tell_is_noted_now_and_then(secret: str, made: Made, database: Database) -> None:
    """Red when `is_late` passes over rounds that nobody made, or each idle round writes."""
    sending.send_due(database)
    made(a_case)
    wait(database, timedelta(minutes=11))
    with reading(on=database) as uow:
        assert sending.is_late(uow)
    sending.send_due(database)
    for after in (timedelta(minutes=12), timedelta(minutes=17)):
        wait(database, after)
        sending.send_due(database)
    with reading(on=database) as uow:
        assert not sending.is_late(uow)
        row = uow.session.get_one(SweepRun, sending.SWEEP)
        assert row.last_success_at == STANDS_AT + timedelta(minutes=17)


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
