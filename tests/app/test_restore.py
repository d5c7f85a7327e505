"""After a restore, by command, page and API: the same handler, the same words."""

from __future__ import annotations

import uuid

import pytest
from fastapi.testclient import TestClient

from core.db import Database
from core.unit_of_work import reading, unit_of_work
from notifications import quarantine
from notifications.comparing import Comparison
from notifications.journal import Journal
from notifications.models import Quarantine
from tests.app.conftest import STANDS_AT, Command, Made
from tests.app.signed_in import HERE

BY, BECAUSE = "Jo Example, head of operations", "every send is taken in"
ORIGIN = {"Origin": HERE}


@pytest.fixture
def restored(database: Database, made: Made) -> Database:
    """A database that does not know a send of its journal."""
    told = {"notice": str(uuid.uuid4()), "epoch": 1, "message_id": "<a@b>"}
    journal = Journal.beside(database)
    journal.write(STANDS_AT, "sending", sha256="0" * 64, **told)
    journal.write(STANDS_AT, "accepted", **told)
    assert quarantine.look(database, journal) is not None
    return database


def stands(database: Database) -> bool:
    with reading(on=database) as uow:
        return quarantine.standing(uow) is not None


def test_every_page_says_that_nothing_is_sent(client: TestClient, restored: Database) -> None:
    """Turns red if the layout is not told of a quarantine: the officers would wonder why nothing arrives."""
    for address in ("/", "/deadlines", "/notices", "/status", "/restore"):
        page = client.get(address).text
        assert "Nothing is sent or paid:" in page
        assert 'href="/restore"' in page


def test_without_one_no_page_speaks_of_it(client: TestClient, made: Made) -> None:
    """Turns red if the banner stands always."""
    assert "Nothing is sent or paid" not in client.get("/").text
    assert "No quarantine stands" in client.get("/restore").text


def test_the_page_takes_in_and_lets_go_on(client: TestClient, restored: Database) -> None:
    """Turns red if the forms reach another handler than the commands."""
    page = client.get("/restore").text
    assert "1 sends of 1 notices that this database does not know; 1 of them were accepted" in page
    too_early = client.post("/restore/end", data={"by": BY, "because": BECAUSE}, headers=ORIGIN)
    assert (too_early.status_code, "restore reconcile" in too_early.text) == (409, True)
    assert f'value="{BY}"' in too_early.text
    taken = client.post("/restore/reconcile", data={"by": BY}, headers=ORIGIN)
    assert (taken.status_code, taken.headers["location"]) == (303, "/restore?done=reconcile")
    assert stands(restored)
    ended = client.post("/restore/end", data={"by": BY, "because": BECAUSE}, headers=ORIGIN)
    assert (ended.status_code, stands(restored)) == (303, False)
    after = client.get("/restore?done=end").text
    assert "Sending and paying go on." in after
    assert BY in after


@pytest.mark.parametrize(("by", "told"), [("", "Who has looked"), ("Jo Example", "named person with a role")])
def test_somebody_must_be_named(client: TestClient, restored: Database, by: str, told: str) -> None:
    """Turns red if a quarantine ends in nobody's name."""
    answer = client.post("/restore/end", data={"by": by, "because": BECAUSE}, headers=ORIGIN)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert "<title>Error: " in answer.text
    assert stands(restored)
    assert client.post("/api/restore/end", json={"by": by, "because": BECAUSE}).status_code == 422


def test_the_api_is_the_same(client: TestClient, restored: Database) -> None:
    """Turns red if the API counts otherwise, or a second run takes in again."""
    before = client.get("/api/restore").json()
    assert (before["now"]["sends"], before["to_reconcile"]) == (1, True)
    assert client.post("/api/restore/reconcile", json={"by": BY}).json()["without_row"] == 1
    assert not any(client.post("/api/restore/reconcile", json={"by": BY}).json().values())
    body = {"by": BY, "because": BECAUSE, "which": before["quarantine"]["id"]}
    first = client.post("/api/restore/end", json=body)
    assert (first.status_code, first.json()["ended_by"]) == (200, BY)
    assert client.post("/api/restore/end", json=body).json() == first.json()
    other = client.post("/api/restore/end", json={**body, "because": "another reason"})
    assert (other.status_code, other.json()["findings"][0]["code"]) == (409, "conflict")


def test_the_commands_lead_from_one_to_the_next(command: Command, migrated: Database) -> None:
    """Turns red if a step is missing on the command line, or its exit status tells a timer nothing."""
    journal = Journal.beside(migrated)
    assert command("restore", "status", "--check").code == 0
    facts = {"notice": str(uuid.uuid4()), "epoch": 1, "message_id": "<a@b>", "kind": "strike_call"}
    journal.write(STANDS_AT, "sending", sha256="0" * 64, **facts)
    quarantine.look(migrated, journal)

    told = command("restore", "status", "--check")
    assert told.code == 4
    assert "Nothing is sent and no payment file leaves" in told.out
    assert "mandate restore reconcile" in told.out
    assert command("restore", "end", "--by", BY, "--because", BECAUSE).code == 1
    assert command("status", "--check").code == 4
    assert "without row 1" in command("restore", "reconcile", "--by", BY).out
    assert "nothing was missing" in command("restore", "reconcile", "--by", BY).out
    assert command("restore", "end", "--by", "Jo", "--because", BECAUSE).code == 2
    ended = command("restore", "end", "--by", BY, "--because", BECAUSE, "--json").document
    assert (ended["ended_by"], ended["ended_because"]) == (BY, BECAUSE)
    status = command("restore", "status", "--json").document
    assert (status["quarantine"], status["lost"]["notices"]) == (None, 1)
    assert "They were 1 × “Call to strike, to members” (" in command("restore", "status").out


def test_an_officer_may_end_it(command: Command, migrated: Database) -> None:
    """Turns red if an unknown officer counts as a named person."""
    with unit_of_work("staff:test", on=migrated) as uow:
        quarantine.begin(uow, Comparison())
    nobody = f"officer:{uuid.uuid4()}"
    assert command("restore", "end", "--by", nobody, "--because", BECAUSE).code == 2
    with reading(on=migrated) as uow:
        assert [row.ended_at for row in uow.session.query(Quarantine)] == [None]


def test_a_name_that_is_too_short_is_refused_in_words(command: Command) -> None:
    """Turns red if the option is refused in the words of the library that reads it."""
    told = command("restore", "end", "--by", "Jo", "--because", "all of it is taken in")
    assert told.code == 2
    assert "--by: found 'Jo', wanted at least 3 characters." in told.err
