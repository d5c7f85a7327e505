"""A workplace and an employer of the register: their pages, and the same by the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from app import api_answers, employer_views
from app.access import CASE_WORKERS, LOOKERS, caller_of, looking
from app.employer_views import EmployerPage
from app.pages import page
from app.workplace_views import workplace_page
from casework.register import workplaces

router = APIRouter(dependencies=[Depends(LOOKERS)])


@router.get("/workplaces/{number}", response_class=HTMLResponse, include_in_schema=False)
def workplace(request: Request, number: str) -> HTMLResponse:
    """The workplace of that URN or UKPRN: its cases, what is next of each, its mandates, what happened last."""
    with looking(request) as uow:
        found = workplaces.find(uow, number)
        opens = found.id if CASE_WORKERS.is_met_by(caller_of(request)) else None
        return page(uow, "pages/workplace.html", "cases", workplace=workplace_page(uow, found), opens=opens)


class EmployerAnswer(BaseModel):
    """One employer as it stands on a day."""

    as_of: date
    employer: EmployerPage


@router.get("/employers/{key}", response_class=HTMLResponse, include_in_schema=False)
def employer(request: Request, key: str) -> HTMLResponse:
    """The employer of that id."""
    with looking(request) as uow:
        return page(uow, "pages/employer.html", "cases", employer=employer_views.employer_page(uow, key))


@router.get("/api/employers/{key}", summary="One employer by its id", response_model=EmployerAnswer)
def employer_as_json(request: Request, key: str) -> JSONResponse:
    """Where it is served, its workplaces, and the cases, disputes, agreements and notices that are reached."""
    with looking(request) as uow:
        shown = employer_views.employer_page(uow, key)
        return JSONResponse(jsonable_encoder({"as_of": uow.today, "employer": asdict(shown)}))


@router.get(
    "/api/workplaces/{number}", summary="One workplace by its URN or UKPRN", response_model=api_answers.Workplace
)
def workplace_as_json(request: Request, number: str) -> JSONResponse:
    """
    Its employer and why, addresses, links from either end, and what the register has against it; of its cases, open
    deadlines, mandates and the latest events those that are reached.
    """
    with looking(request) as uow:
        return JSONResponse(jsonable_encoder(workplace_page(uow, workplaces.find(uow, number))))
