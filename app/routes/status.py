"""Whether everything that should run does run, as a page and as JSON."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse

from app import api_answers
from app.access import KEEPERS, looking
from app.pages import page
from app.status import document
from core.settings import settings

router = APIRouter(dependencies=[Depends(KEEPERS)])


@router.get("/status", response_class=HTMLResponse, include_in_schema=False)
def status_page(request: Request) -> HTMLResponse:
    """What runs, what waits, when each sweep last succeeded."""
    told = document(request.app.state.database, settings())
    with looking(request) as uow:
        return page(uow, "pages/status.html", "status", told=told)


@router.get(
    "/api/status",
    summary="What runs, what waits, when each sweep last succeeded",
    response_model=api_answers.Status,
)
def status(request: Request) -> JSONResponse:
    """The document that `mandate status --json` prints; `troubles` is empty when all is well."""
    return JSONResponse(jsonable_encoder(document(request.app.state.database, settings())))
