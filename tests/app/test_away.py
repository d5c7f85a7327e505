"""What a page and the API answer when the database is away for a moment, and when a statement is at fault."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError, OperationalError

from app import case_views
from app.revisions import bring_up_to_date, require_ready, standing
from core.away import how_away
from core.db import Database
from core.errors import ServiceUnavailable
from tests.app.conftest import Made
from tests.app.schools import a_case
from tests.processes import free_port


def _failing_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(case_views, "case_page", broken)


def test_a_database_that_is_away_is_said_in_words(
    client: TestClient, made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Red when `app.web` has no answer for the driver's errors: a fault of the program would be shown instead."""
    ref = made(a_case)
    busy = sqlite3.OperationalError("Canary Person")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    _failing_with(OperationalError("SELECT Canary", {}, busy), monkeypatch)
    answer = client.get(f"/cases/{ref}")
    assert answer.status_code == 503
    assert "cannot be reached, is locked, or lacks a table" in answer.text
    assert "Try again in a minute" in answer.text
    told = capsys.readouterr()
    assert "Canary" not in answer.text + told.out + told.err


REFUSALS = {
    'connection to server at "127.0.0.1", port 5999 failed: Connection refused\n\tIs the server running?': "listens",
    'connection to server on socket "/tmp/.s.PGSQL.5999" failed: No such file or directory': "has its socket there",
    "failed to resolve host 'nowhere.example': [Errno -2] Name or service not known": "no machine of that name",
    "connection timeout expired": "the machine does not answer",
    'FATAL:  password authentication failed for user "canary"': "this user with this password",
    "fe_sendauth: no password supplied": "this user with this password",
    'FATAL:  role "canary" does not exist': "this user with this password",
    'FATAL:  database "canary" does not exist': "no database of that name",
    'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "canary", no encryption': "no connection of this user",
    "FATAL:  sorry, too many clients already": "no more connections",
    "FATAL:  the database system is starting up": "starting or stopping",
}


@pytest.mark.parametrize("said", REFUSALS)
def test_why_postgresql_cannot_be_reached_is_said_in_plain_words(said: str) -> None:
    """Red when the driver's words are shown, or one of its reasons has no words of ours."""
    told = how_away(OperationalError(None, None, psycopg.OperationalError(f"connection failed: {said}")))
    assert told.startswith("cannot be reached: ")
    assert REFUSALS[said] in told
    assert "canary" not in told


def test_a_server_that_is_not_there_is_named_and_its_password_is_not() -> None:
    """Red when `address_of` shows what follows the question mark, or the reason is left out."""
    port = free_port()
    url = f"postgresql+psycopg://canary:hush@127.0.0.1:{port}/mandate?password=hush&sslmode=disable"
    for wanted in (require_ready, bring_up_to_date, standing):
        with pytest.raises(ServiceUnavailable) as refusal:
            wanted(Database(url))
        assert f"127.0.0.1:{port}/mandate cannot be reached: nothing listens at that host" in str(refusal.value)
        assert "MANDATE_DATABASE_URL" in str(refusal.value)
        assert "hush" not in str(refusal.value)


def test_a_statement_at_fault_is_a_fault(client: TestClient, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when every error of the driver is taken for a database that is away."""
    ref = made(a_case)
    _failing_with(IntegrityError("INSERT", {}, sqlite3.IntegrityError("CHECK failed")), monkeypatch)
    answer = client.get(f"/cases/{ref}")
    assert answer.status_code == 500
    assert "this reference" in answer.text
