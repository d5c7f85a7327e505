"""
The application called as its server calls it, without a socket and without a client's own manners.

Many tests ask thousands of times, and a client that keeps cookies, follows rules of its own and starts a thread for
each request costs more than the answer. What a test sends is what arrives: headers included.
"""

from __future__ import annotations

import asyncio
import json as written
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from anyio import to_thread
from starlette.types import ASGIApp, Message

HOST = "127.0.0.1"
OWN_PAGE = {"sec-fetch-site": "same-origin"}
"""What a browser says of a request from the dashboard's own page."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, its headers as they were sent, its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return written.loads(self.body)

    def header(self, name: str) -> str:
        """The first header of that name; empty for none."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def kind(self) -> str:
        """The content type without its parameters."""
        return self.header("content-type").partition(";")[0].strip()

    @property
    def asks_to_sign_in(self) -> bool:
        return self.status == HTTPStatus.UNAUTHORIZED or (
            self.status == HTTPStatus.SEE_OTHER and self.header("location").startswith("/sign-in")
        )


@dataclass
class Wire:
    """One application; `cookie` is the name of the cookie that holds a sign-in's key."""

    app: ASGIApp
    cookie: str
    loop: asyncio.AbstractEventLoop
    kept: list[Reply] = field(default_factory=list)

    def ask(
        self,
        method: str,
        target: str,
        key: str | None = None,
        *,
        headers: Mapping[str, str] = OWN_PAGE,
        form: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes = b"",
    ) -> Reply:
        """
        The answer to one request. `target` is the path and query as they stand in a request line; `form`, `json` or
        `body` is what is sent with it.
        """
        path, _, query = target.partition("?")
        sent = {"host": HOST, **headers}
        if key:
            sent["cookie"] = f"{self.cookie}={key}"
        if form is not None:
            body = urlencode(form, doseq=True, errors="surrogatepass").encode()
            sent.setdefault("content-type", "application/x-www-form-urlencoded")
        elif json is not None:
            body = written.dumps(json).encode()
            sent.setdefault("content-type", "application/json")
        if method not in {"GET", "HEAD", "OPTIONS"}:
            sent.setdefault("content-length", str(len(body)))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path, errors="replace"),
            "raw_path": path.encode("utf-8", "surrogatepass"),
            "root_path": "",
            "query_string": query.encode("utf-8", "surrogatepass"),
            "headers": [(name.encode("latin-1"), str(value).encode("utf-8")) for name, value in sent.items()],
            "client": (HOST, 50_000),
            "server": (HOST, 80),
        }
        return self.loop.run_until_complete(self._answer(scope, body))

    async def _answer(self, scope: dict[str, Any], body: bytes) -> Reply:
        told: list[Message] = []
        pieces = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return pieces.pop() if pieces else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            told.append(message)

        await self.app(scope, receive, send)
        began = told[0]
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in began["headers"])
        return Reply(began["status"], headers, b"".join(each.get("body", b"") for each in told[1:]))


async def _here(call: Callable[..., Any], *given: Any, **_: Any) -> Any:
    return call(*given)


@contextmanager
def wired(app: ASGIApp, cookie: str) -> Iterator[Wire]:
    """The application with a loop of its own. Whoever asks waits anyhow: what would go to a thread is done at once."""
    loop = asyncio.new_event_loop()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(to_thread, "run_sync", _here)
            yield Wire(app, cookie, loop)
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
