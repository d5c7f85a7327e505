"""
The only pages for people outside the union, as an application of their own: a proxy in front of it can pass every
address on, since nothing else answers here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import monotonic
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.dashboard import require_free, serve_here
from app.forwarded import asking
from app.guards import HeadAsGet, LastResort, SafeHeaders
from app.links import LOOPBACK
from app.plain_pages import refused
from app.revisions import require_ready
from app.routes import acknowledge
from app.templating import STATIC
from core.db import Database
from core.errors import ConfigurationError
from core.logs import log
from core.settings import Settings

REQUESTS = 60
"""Of one address in one window: a school's people share one, and its mail server opens every link."""
WINDOW_SECONDS = 60
MOST_BYTES = 16 * 1024
HERE = ("localhost", LOOPBACK)


class Limited:
    """Answers 429 to an address that asks too often, and 413 to a request that is too large."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._window = 0
        self._asked: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            await refused(413, "Too large", "This address takes nothing but a click.")(scope, receive, send)
        elif self._too_often(asking(scope)):
            answer = refused(429, "Too many requests", "Wait a minute, then open the link again.")
            answer.headers["Retry-After"] = str(WINDOW_SECONDS)
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _too_often(self, address: str) -> bool:
        window = int(monotonic() // WINDOW_SECONDS)
        if window != self._window:
            self._window, self._asked = window, Counter()
        self._asked[address] += 1
        return self._asked[address] > REQUESTS


def create_public_app(database: Database, public_url: str) -> FastAPI:
    """The application, for requests that name the public address or this machine."""
    app = FastAPI(title="Mandate: acknowledgements", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.database = database
    app.include_router(acknowledge.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.exception_handler(HTTPException)
    def not_served(_request: Request, error: HTTPException) -> Response:
        return refused(error.status_code, "Address not known", acknowledge.UNKNOWN)

    @app.exception_handler(DBAPIError)
    def away(_request: Request, error: DBAPIError) -> Response:
        log().error("database away", path="acknowledge", error=type(error).__name__)
        return refused(503, "Not available", "This cannot be recorded just now. Try again in some minutes.")

    hosts = [*HERE, str(urlsplit(public_url).hostname or "")]
    app.add_middleware(HeadAsGet)
    app.add_middleware(Limited)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[each for each in hosts if each], www_redirect=False)
    app.add_middleware(LastResort, answer=lambda _, status, title, sentence: refused(status, title, sentence))
    app.add_middleware(SafeHeaders)
    return app


def run_public(configured: Settings, port: int, ready: Callable[[str], None]) -> None:
    """
    Answer on 127.0.0.1, behind a proxy that speaks TLS, until asked to stop (SIGINT, SIGTERM).

    `ready` is told the address before the first answer. `ConfigurationError` where no public address is set,
    `ServiceUnavailable` when database or port cannot be had.
    """
    if not configured.public_url:
        raise ConfigurationError("MANDATE_PUBLIC_URL is not set: no notice carries a link, so nobody would ask here.")
    database = Database(configured.effective_database_url)
    require_ready(database)
    require_free(port)
    ready(f"http://{LOOPBACK}:{port}")
    serve_here(create_public_app(database, configured.public_url), port)
