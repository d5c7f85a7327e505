"""A workplace of the register: its page, and the same by the API."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse

from app import api_answers, views
from app.access import LOOKERS, looking
from app.pages import page
from app.workplace_views import workplace_document
from casework.register import workplaces

router = APIRouter(dependencies=[Depends(LOOKERS)])


@router.get("/workplaces/{number}", response_class=HTMLResponse, include_in_schema=False)
def workplace(request: Request, number: str) -> HTMLResponse:
    """The workplace of that URN or UKPRN, with its open cases."""
    with looking(request) as uow:
        found = workplaces.find(uow, number)
        standing = views.open_cases_at(uow, found.id)
        shown = workplace_document(uow, found)
        return page(uow, "pages/workplace.html", "cases", workplace=shown, standing=standing)


@router.get(
    "/api/workplaces/{number}", summary="One workplace by its URN or UKPRN", response_model=api_answers.Workplace
)
def workplace_as_json(request: Request, number: str) -> JSONResponse:
    """Its employer and why, addresses, links from either end, and what the register has against it."""
    with looking(request) as uow:
        return JSONResponse(jsonable_encoder(workplace_document(uow, workplaces.find(uow, number))))
