"""What officers carry, each and side by side, and how cases flowed through the stages: pages, CSV and JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from app import officer_views
from app.access import LOOKERS, looking
from app.charts import bar_chart
from app.flow_drawing import flow_chart
from app.officer_views import OfficerPage
from app.pages import page
from app.phases import Phase
from app.tables_csv import csv_file
from app.templating import stage_name

router = APIRouter(dependencies=[Depends(LOOKERS)])
FLOW_TITLE = "Cases at each stage, month by month"


class OfficerAnswer(BaseModel):
    """One officer's load on a day."""

    as_of: date
    officer: OfficerPage


@router.get("/officers", response_class=HTMLResponse, include_in_schema=False)
def officers(request: Request) -> HTMLResponse:
    """Every officer with the cases carried, side by side."""
    with looking(request) as uow:
        found = officer_views.officers_page(uow)
        chart = officer_views.drawing(found)
        return page(uow, "pages/officers.html", "officers", found=found, chart=chart, phases=tuple(Phase))


@router.get("/officers.csv", include_in_schema=False)
def officers_as_csv(request: Request) -> Response:
    """The same as a table."""
    with looking(request) as uow:
        return csv_file("officers", officer_views.COLUMNS, officer_views.rows(officer_views.officers_page(uow)))


@router.get("/officers/{key}", response_class=HTMLResponse, include_in_schema=False)
def officer(request: Request, key: str) -> HTMLResponse:
    """The officer of that id: the cases, and what is due in the next ten working days."""
    with looking(request) as uow:
        found = officer_views.officer_page(uow, key)
        by_stage = [(stage_name(stage), count) for stage, count in found.load.by_stage.items()]
        chart = bar_chart(
            "stages", "Open cases by stage", f"{found.load.open_cases} open cases.", by_stage, unit="cases"
        )
        return page(uow, "pages/officer.html", "officers", officer=found, chart=chart if by_stage else None)


@router.get("/flow", response_class=HTMLResponse, include_in_schema=False)
def stage_flow(request: Request) -> HTMLResponse:
    """How many cases stood at each stage at the end of each month."""
    with looking(request) as uow:
        found = officer_views.flow_of(uow)
        chart = flow_chart("flow", FLOW_TITLE, found) if found.counts else None
        return page(uow, "pages/flow.html", "officers", flow=found, chart=chart)


@router.get("/flow.csv", include_in_schema=False)
def stage_flow_as_csv(request: Request) -> Response:
    """The same as a table: day, stage, cases."""
    with looking(request) as uow:
        return csv_file("flow", officer_views.FLOW_COLUMNS, officer_views.flow_rows(officer_views.flow_of(uow)))


@router.get("/api/officers/{key}", summary="One officer's cases and what is due", response_model=OfficerAnswer)
def officer_as_json(request: Request, key: str) -> JSONResponse:
    """The cases that are not closed, by stage and one by one, and what is due within ten working days."""
    with looking(request) as uow:
        shown = officer_views.officer_page(uow, key)
        return JSONResponse(jsonable_encoder({"as_of": uow.today, "officer": asdict(shown)}))
