"""The dashboard over a database of its own, called as a browser on this machine calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.web import create_app
from casework.cases import Case
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work

STANDS_AT = datetime(2026, 9, 8, 9, 0, tzinfo=UTC)
HERE = "http://127.0.0.1"
Made = Callable[[Callable[[UnitOfWork], Case]], str]


@pytest.fixture
def made(database: Database) -> Made:
    """Makes a case in a transaction of its own and gives its reference."""

    def make(maker: Callable[[UnitOfWork], Case]) -> str:
        with unit_of_work("staff:test", on=database) as uow:
            return maker(uow).ref

    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, STANDS_AT)
    return make


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    """A client on this machine that follows no redirect by itself."""
    with TestClient(
        create_app(database),
        base_url=HERE,
        client=("127.0.0.1", 50_000),
        follow_redirects=False,
        raise_server_exceptions=False,
    ) as client:
        yield client
