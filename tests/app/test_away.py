"""What a page and the API answer when the database is away for a moment, and when a statement is at fault."""

from __future__ import annotations

import sqlite3

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError, OperationalError

from app import case_views
from tests.app.conftest import Made
from tests.app.schools import a_case


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
    assert "The database cannot be reached, is locked" in answer.text
    assert "Try again in a minute" in answer.text
    told = capsys.readouterr()
    assert "Canary" not in answer.text + told.out + told.err


def test_a_statement_at_fault_is_a_fault(client: TestClient, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when every error of the driver is taken for a database that is away."""
    ref = made(a_case)
    _failing_with(IntegrityError("INSERT", {}, sqlite3.IntegrityError("CHECK failed")), monkeypatch)
    answer = client.get(f"/cases/{ref}")
    assert answer.status_code == 500
    assert "this reference" in answer.text
