"""The dashboard and the API as one application over one database."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import RedirectResponse, Response

from app import openapi
from app.access import API
from app.errors import NotSignedIn
from app.guards import HeadAsGet, LastResort, LengthSaid, SafeHeaders, SameOrigin, route_of
from app.pages import TITLES, refusal, refusal_of
from app.revisions import address_of
from app.routes import (
    account,
    api,
    ballots,
    board,
    calendars,
    cases,
    certificates,
    claim_api,
    claims,
    deadlines,
    digest_api,
    disputes,
    health,
    import_api,
    imports,
    law,
    letters,
    mandates,
    notices,
    officers,
    opening,
    pack_api,
    people,
    plans,
    proofs,
    receipts,
    restore,
    run_api,
    runs,
    search,
    sign_in,
    status,
    token_api,
    webhooks,
    workplaces,
    your_workplace,
)
from app.templating import STATIC
from core.away import database_is_away, how_away
from core.db import Database
from core.errors import MandateError, ServiceUnavailable
from core.logs import log
from core.settings import Settings, settings

HOSTS = ("localhost", "127.0.0.1")
"""Names this machine goes by; any other in a Host header but the proxy's is another site's, pointed here."""

AN_ID = "0198c2a0-1111-7222-8333-444455556666"

ROUTERS = (
    sign_in.router,
    account.router,
    calendars.router,
    token_api.router,
    digest_api.router,
    people.router,
    webhooks.router,
    board.first,
    board.router,
    search.router,
    opening.router,  # before the cases: /cases/new is no case's reference
    cases.router,
    runs.router,
    disputes.router,
    ballots.router,
    mandates.router,
    officers.router,
    claims.router,
    claim_api.router,
    deadlines.router,
    plans.router,
    notices.router,
    letters.router,
    imports.router,
    law.router,
    workplaces.router,
    your_workplace.router,
    api.router,
    run_api.router,
    import_api.router,
    pack_api.router,
    proofs.router,
    receipts.router,
    certificates.router,
    status.router,
    restore.router,
    health.router,
)


def hosts(configured: Settings) -> list[str]:
    """The names that requests may be for: this machine's, and the one by which people reach its proxy."""
    told = urlsplit(configured.dashboard_url).hostname
    return [*HOSTS, *([told] if told else [])]


def create_app(database: Database) -> FastAPI:
    """The application. It answers on this machine only: to those who sit at it, and to the proxy beside it."""
    app = FastAPI(
        title="Mandate",
        description=openapi.ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    set_over(app, database)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    openapi.describe(app)
    _answer_errors(app)
    _answer_for_the_database(app)
    # The last one added stands outermost.
    app.add_middleware(HeadAsGet)
    app.add_middleware(LengthSaid, answer=refusal)
    app.add_middleware(SameOrigin, answer=refusal)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts(settings()), www_redirect=False)
    app.add_middleware(LastResort, answer=refusal)
    app.add_middleware(SafeHeaders)
    return app


def set_over(app: FastAPI, database: Database) -> None:
    """Let the application answer about this database, and know nothing yet of what it answered before."""
    app.state.database = database
    app.state.readings = calendars.Readings()


def sign_in_address(request: Request) -> str:
    """Where to sign in, and where to go on afterwards: to the page that was asked for, if it was only looked at."""
    if request.method != "GET":
        return "/sign-in?lapsed=yes"
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/sign-in" if asked == "/" else sign_in.with_next("/sign-in", asked)


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(NotSignedIn)
    def unknown(request: Request, error: NotSignedIn) -> Response:
        if request.headers.get("hx-request") == "true":
            # A part of a page asks anew and its sign-in is over: the whole page goes, with all that stands on it.
            return Response(status_code=401, headers={"HX-Redirect": sign_in_address(request)})
        if request.url.path.startswith(API):
            answer = refusal_of(request, error)
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        return RedirectResponse(sign_in_address(request), status_code=303)

    @app.exception_handler(MandateError)
    def refused(request: Request, error: MandateError) -> Response:
        return refusal_of(request, error)

    @app.exception_handler(HTTPException)
    def not_served(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        sentence = "There is no page at this address." if status == 404 else "This address does not take that."
        if status == 405 and request.method == "GET":
            sentence = "A form leads to this address: go back to the page that it stands on."
        return refusal(request, status, TITLES.get(status, TITLES[422]), sentence)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: RequestValidationError) -> Response:
        if any(each["type"] == "uuid_parsing" and each["loc"][0] == "path" for each in error.errors()):
            sentence = f"There is nothing at this address. It wants an id, such as {AN_ID}."
            return refusal(request, 404, TITLES[404], sentence)
        faults = "; ".join(f"{each['loc'][-1]}: {each['msg'][:1].lower()}{each['msg'][1:]}" for each in error.errors())
        return refusal(request, 422, TITLES[422], f"The address or request cannot be used: {faults}.")


def _answer_for_the_database(app: FastAPI) -> None:
    @app.exception_handler(DBAPIError)
    def away(request: Request, error: DBAPIError) -> Response:
        if isinstance(error, DataError):
            sentence = "Something in the request cannot be kept: a character that is no text, or too much of it."
            return refusal(request, 422, TITLES[422], sentence)
        if not database_is_away(error):
            raise error
        where = address_of(request.app.state.database)
        log().error("database away", path=route_of(request.scope), error=type(error).__name__)
        return refusal_of(request, ServiceUnavailable(f"The database {where} {how_away(error)}"))
