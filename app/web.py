"""The dashboard and the API as one application over one database."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response

from app.guards import HeadAsGet, LastResort, SafeHeaders, SameOrigin, route_of
from app.pages import TITLES, refusal, refusal_of
from app.revisions import address_of
from app.routes import (
    api,
    board,
    cases,
    certificates,
    deadlines,
    disputes,
    health,
    import_api,
    imports,
    law,
    letters,
    notices,
    opening,
    pack_api,
    plans,
    proofs,
    restore,
    run_api,
    runs,
    status,
    workplaces,
)
from app.templating import STATIC
from core.away import database_is_away, how_away
from core.db import Database
from core.errors import MandateError, ServiceUnavailable
from core.logs import log

HOSTS = ("localhost", "127.0.0.1")
"""Names this machine goes by; any other in a Host header is another site's, pointed here."""

AN_ID = "0198c2a0-1111-7222-8333-444455556666"

ROUTERS = (
    board.router,
    opening.router,  # before the cases: /cases/new is no case's reference
    cases.router,
    runs.router,
    disputes.router,
    deadlines.router,
    plans.router,
    notices.router,
    letters.router,
    imports.router,
    law.router,
    workplaces.router,
    api.router,
    run_api.router,
    import_api.router,
    pack_api.router,
    proofs.router,
    certificates.router,
    status.router,
    restore.router,
    health.router,
)


def create_app(database: Database) -> FastAPI:
    """The application. It answers on this machine only, to requests for this machine only."""
    app = FastAPI(
        title="Mandate",
        description="Cases, their deadlines and notices, and the acts that can be recorded.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.database = database
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    api.describe_acts(app)
    _answer_errors(app)
    # The last one added stands outermost.
    app.add_middleware(HeadAsGet)
    app.add_middleware(SameOrigin, answer=refusal)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False)
    app.add_middleware(LastResort, answer=refusal)
    app.add_middleware(SafeHeaders)
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(MandateError)
    def refused(request: Request, error: MandateError) -> Response:
        return refusal_of(request, error)

    @app.exception_handler(DBAPIError)
    def away(request: Request, error: DBAPIError) -> Response:
        if not database_is_away(error):
            raise error
        where = address_of(request.app.state.database)
        log().error("database away", path=route_of(request.scope), error=type(error).__name__)
        return refusal_of(request, ServiceUnavailable(f"The database {where} {how_away(error)}"))

    @app.exception_handler(HTTPException)
    def not_served(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        sentence = "There is no page at this address." if status == 404 else "This address does not take that."
        return refusal(request, status, TITLES.get(status, TITLES[422]), sentence)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: RequestValidationError) -> Response:
        if any(each["type"] == "uuid_parsing" and each["loc"][0] == "path" for each in error.errors()):
            sentence = f"There is nothing at this address. It wants an id, such as {AN_ID}."
            return refusal(request, 404, TITLES[404], sentence)
        faults = "; ".join(f"{each['loc'][-1]}: {each['msg'][:1].lower()}{each['msg'][1:]}" for each in error.errors())
        return refusal(request, 422, TITLES[422], f"The address or request cannot be used: {faults}.")
