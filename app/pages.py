"""Rendering a page or a refusal: what every page is given, and which requests are answered in JSON instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import Response

from app.access import CALLER, Caller, caller_in
from app.errors import findings_of, meaning
from app.navigation import FIRST, entries_for, home_of
from app.templating import environment
from core.errors import MandateError, NotFound
from core.findings import Finding
from core.unit_of_work import UnitOfWork
from notifications import quarantine

TITLES = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Page not found",
    405: "Not allowed here",
    409: "Not possible now",
    422: "There is a problem",
    500: "Something went wrong",
    503: "Not available",
}


@lru_cache(maxsize=1)
def _pages() -> Any:
    return environment()


def page(uow: UnitOfWork, template: str, active: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page of the dashboard; `active` is its entry in the navigation."""
    caller = caller_in(uow)
    standing = {
        "active": active,
        "today": uow.today,
        "as_of": uow.now if uow.clock.simulated else None,
        "quarantine": quarantine.standing(uow),
        "caller": caller,
        "navigation": entries_for(caller, active),
        "home": _home(caller),
    }
    return _rendered(template, {**standing, **context}, status)


def refusal(request: Request, status: int, title: str, sentence: str, findings: Sequence[Finding] = ()) -> Response:
    """A refusal as a page, or as JSON under /api."""
    if request.url.path.startswith("/api/"):
        return JSONResponse(
            {"error": sentence, "findings": [finding.as_dict() for finding in findings]}, status_code=status
        )
    caller: Caller | None = getattr(request.state, CALLER, None)
    known = {
        "active": "",
        "as_of": None,
        "caller": caller,
        "navigation": entries_for(caller, ""),
        "home": _home(caller),
    }
    context = {**known, "title": title, "sentence": sentence, "findings": findings}
    return _rendered("pages/refusal.html", context, status)


def refusal_of(request: Request, error: MandateError) -> Response:
    """The refusal that an error amounts to."""
    status = meaning(error).http_status
    findings = () if isinstance(error, NotFound) else findings_of(error)
    sentence = getattr(error, "what", str(error))
    return refusal(request, status, TITLES.get(status, TITLES[500]), sentence, findings)


def _home(caller: Caller | None) -> str:
    return FIRST if caller is None else home_of(caller.roles)


def _rendered(template: str, context: Mapping[str, object], status: int) -> HTMLResponse:
    return HTMLResponse(_pages().get_template(template).render(context), status_code=status)
