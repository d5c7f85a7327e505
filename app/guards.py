"""
What stands around every request: the headers of each answer, the check of where a change comes from, HEAD as a GET
without its body, and the last resort for a fault of the program.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, MutableMapping
from traceback import extract_tb
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.logs import log
from core.settings import settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
# The layout relaxes the referrer to same-origin for its own page: under no-referrer a browser that knows no
# Sec-Fetch-Site would send the form with `Origin: null`, which is refused.
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

STRICT_TRANSPORT = "max-age=63072000"
"""Behind a proxy with TLS a browser never asks without it again, for two years."""

Answer = Callable[[Request, int, str, str], Response]
"""(request, status, title, sentence) to a page or a JSON document, as the request's path wants."""


class SafeHeaders:
    """Adds the headers to every answer. Nothing but the program's own files may be kept by a browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if settings().dashboard_url:
                    headers["Strict-Transport-Security"] = STRICT_TRANSPORT
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers)


class HeadAsGet:
    """Answers HEAD as GET is answered, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for the page and keep its body back."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, send_without_body)


class SameOrigin:
    """
    Refuses a change that another site's page asks for.

    A browser says in Sec-Fetch-Site, and in Origin, where a request comes from; a program that is no browser says
    neither, and no other site can make it send anything.
    """

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or is_same_origin(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        sentence = "The request came from another site's page. Open this dashboard's own page and send it from there."
        refused = self.answer(Request(scope), 403, "Not allowed", sentence)
        await refused(scope, receive, send)


class LengthSaid:
    """
    Refuses a change that does not say how long it is. What it may be long is asked of what it says, where it is read:
    a body without an end would be kept until memory ran out.
    """

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 411."""
        unsaid = scope["type"] == "http" and "transfer-encoding" in Headers(scope=scope)
        if not unsaid or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        sentence = "The request does not say how long it is. Send it with a Content-Length."
        await self.answer(Request(scope), 411, "Length required", sentence)(scope, receive, send)


def is_same_origin(headers: Headers) -> bool:
    """Whether a request that changes something comes from this program's own page, or from no page at all."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None or (origin == "null" and site == "same-origin"):
        return True
    return urlsplit(origin).netloc == headers.get("host")


class LastResort:
    """
    Answers a fault of the program with a reference, and logs where it arose: never its text, which could name someone.
    """

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 when the program fails before it has begun to answer."""
        begun = False

        async def send_and_note(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as fault:  # noqa: BLE001 - the last resort; the reference leads to the log
            reference = uuid.uuid4().hex[:12]
            log().error("page_failed", kind=reference, error=_where(fault), path=route_of(scope))
            if begun or scope["type"] != "http":
                raise _Unfinished(reference) from None
            sentence = (
                f"Mandate met a fault. Tell whoever runs it this reference: {reference}. "
                "Look at the case again before you send anything a second time."
            )
            await self.answer(Request(scope), 500, "Something went wrong", sentence)(scope, receive, send)


class _Unfinished(Exception):
    """An answer that broke off after it had begun: the server closes the connection."""


def _where(fault: Exception) -> str:
    frames = extract_tb(fault.__traceback__)
    last = frames[-1] if frames else None
    return f"{type(fault).__name__} at {last.filename}:{last.lineno}" if last else type(fault).__name__


def route_of(scope: Mapping[str, Any]) -> str:
    """The route's pattern for a log, not the address asked for: that could hold anything."""
    return str(getattr(scope.get("route"), "path", "unknown"))
