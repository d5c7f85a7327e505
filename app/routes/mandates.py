"""Mandates: the list of those that are reached and a page of each, as CSV, and the same by the API."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from app import mandate_action, mandate_lines, mandate_views, paging
from app.access import LOOKERS, looking
from app.api_answers import Part
from app.mandate_lines import STANDINGS, MandateLine
from app.mandate_views import MandatePage
from app.pages import page
from app.paging import Paged
from app.tables_csv import csv_file

router = APIRouter(dependencies=[Depends(LOOKERS)])

ON_A_PAGE = 100
MOST_PAGES = 100_000


class Mandates(Part):
    """Mandates: those that last, the one that ends first at the head; then those that do not."""

    as_of: date
    mandates: list[MandateLine]


class MandateAnswer(BaseModel):
    """One mandate as it stands on a day."""

    as_of: date
    mandate: MandatePage


@router.get("/mandates", response_class=HTMLResponse, include_in_schema=False)
def mandates(
    request: Request, page_number: Annotated[int, Query(alias="page", ge=1, le=MOST_PAGES)] = 1
) -> HTMLResponse:
    """Those that last, the one that ends first at the head, then those that are over; a hundred on a page."""
    with looking(request) as uow:
        found = mandate_lines.mandates(uow)
        pages = max(1, -(-len(found) // ON_A_PAGE))
        number = min(page_number, pages)
        shown = found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
        return page(
            uow,
            "pages/mandates.html",
            "cases",
            mandates=shown,
            total=len(found),
            number=number,
            pages=pages,
            standings=STANDINGS,
        )


@router.get("/mandates.csv", include_in_schema=False)
def mandates_as_csv(request: Request) -> Response:
    """All of them as a table."""
    with looking(request) as uow:
        return csv_file("mandates", mandate_lines.COLUMNS, mandate_lines.rows(mandate_lines.mandates(uow)))


@router.get("/mandates/{mandate_id}", response_class=HTMLResponse, include_in_schema=False)
def mandate(request: Request, mandate_id: uuid.UUID) -> HTMLResponse:
    """The mandate of that id: its days and why, what rests on it, what ends it, what is next and who does it."""
    with looking(request) as uow:
        found = mandate_views.mandate_page(uow, mandate_id)
        return page(uow, "pages/mandate.html", "cases", mandate=found, standings=STANDINGS)


@router.get("/mandates/{mandate_id}/action.csv", include_in_schema=False)
def action_as_csv(request: Request, mandate_id: uuid.UUID) -> Response:
    """The action under it as a table."""
    with looking(request) as uow:
        found = mandate_views.mandate_page(uow, mandate_id)
        name = f"action-{found.line.ballot_ref}-{found.line.kind}"
        return csv_file(name, mandate_action.ACTION_COLUMNS, mandate_action.action_rows(found.actions))


@router.get("/api/mandates", summary="Mandates, the one that ends first at the head", response_model=Mandates)
def mandates_as_json(request: Request, paged: Paged) -> JSONResponse:
    """Of each ballot, employer and kind of action; those that are over, or that no school is under, come last."""
    with looking(request) as uow:
        shown, after = paging.part(mandate_lines.mandates(uow), mandate_lines.place_of, paged)
        return paging.answer(request, {"as_of": uow.today, "mandates": [asdict(each) for each in shown]}, after)


@router.get("/api/mandates/{mandate_id}", summary="One mandate by its id", response_model=MandateAnswer)
def mandate_as_json(request: Request, mandate_id: uuid.UUID) -> JSONResponse:
    """Everything its page shows: the days and why, the schools, the action and its papers, what is next and who."""
    with looking(request) as uow:
        shown = mandate_views.mandate_page(uow, mandate_id)
        return JSONResponse(jsonable_encoder({"as_of": uow.today, "mandate": asdict(shown)}))
