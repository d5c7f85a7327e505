"""The API as its own description tells it, asked in this process by a program that shows a token."""

from __future__ import annotations

from typing import Any

from schemathesis import openapi, serializer
from schemathesis.config import SchemathesisConfig
from starlette.types import ASGIApp, Receive, Scope, Send

from app import signing_in
from app.web import create_app
from casework.people import api_tokens
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.app.applications import description
from tests.app.signed_in import EVERYTHING, HERE, an_account


@serializer("message/rfc822")
def as_it_is(_context: Any, value: Any) -> bytes:
    """A mail is sent as its bytes."""
    content = getattr(value, "data", value)
    return content if isinstance(content, bytes) else str(content).encode()


DESCRIPTION = "/api/openapi.json"


class OnThisMachine:
    """An application as a program on this machine reaches it: by its address, with a token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.shown = [(b"host", HERE.removeprefix("http://").encode()), (b"authorization", f"Bearer {token}".encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as it would arrive."""
        if scope["type"] == "http":
            ours = {name for name, _ in self.shown}
            given = [each for each in scope["headers"] if each[0].lower() not in ours]
            scope = {**scope, "client": ("127.0.0.1", 50_000), "headers": [*given, *self.shown]}
        await self.app(scope, receive, send)


def a_token(database: Database, *, may: str = api_tokens.ACT) -> str:
    """A token of somebody who may do everything."""
    account = an_account(database, EVERYTHING)
    with unit_of_work("staff:test", on=database) as uow:
        return api_tokens.make(uow, account, "a program", may, 30, signing_in.now())


def api_of(database: Database) -> Any:
    """The API's description over a database, whose operations can be asked."""
    app = OnThisMachine(create_app(database), a_token(database))
    return openapi.from_asgi(DESCRIPTION, app, config=SchemathesisConfig())


def described() -> list[tuple[str, str]]:
    """Path and method of every operation that the description has."""
    return [(path, method) for path, methods in description()["paths"].items() for method in methods]
