"""What officers carry, each and side by side, and how cases flowed through the stages: pages, CSV and JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from app import officer_views, paging
from app.access import LOOKERS, looking
from app.api_answers import Part
from app.charts import bar_chart
from app.flow_drawing import flow_chart
from app.officer_views import OfficerLoad, OfficerPage
from app.pages import page
from app.paging import Paged, Place
from app.phases import Phase
from app.stored_words import stage_name
from app.tables_csv import csv_file
from casework.lifecycle import Stage
from core.calendar import counted

router = APIRouter(dependencies=[Depends(LOOKERS)])
FLOW_TITLE = "Cases at each stage, month by month"


class OfficerAnswer(BaseModel):
    """One officer's load on a day."""

    as_of: date
    officer: OfficerPage


class Officers(Part):
    """Officers, whoever carries most first; `narrowed`: only the cases that are reached are counted."""

    as_of: date
    until: date
    narrowed: bool
    officers: list[OfficerLoad]


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many cases stood at a stage at the end of a month, or today."""

    on: date
    stage: Stage
    cases: int


class StageFlow(Part):
    """How cases stood at each stage at each month's end, the earliest first; noughts are told too."""

    as_of: date
    flow: list[StageCount]


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
    """The officer of that id: the cases, and what is due soon."""
    with looking(request) as uow:
        found = officer_views.officer_page(uow, key)
        by_stage = [(stage_name(stage), count) for stage, count in found.load.by_stage.items()]
        chart = bar_chart(
            "stages", "Open cases by stage", f"{counted(found.load.open_cases, 'open case')}.", by_stage, unit="cases"
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


@router.get("/api/officers", summary="What the officers carry, whoever carries most first", response_model=Officers)
def officers_as_json(request: Request, paged: Paged) -> JSONResponse:
    """Each with the cases that are not closed by stage, the limit, and what falls due by `until` or is overdue."""
    with looking(request) as uow:
        found = officer_views.officers_page(uow)
        shown, after = paging.part(found.officers, officer_views.place_of, paged)
        told = {"until": found.until, "narrowed": found.narrowed, "officers": [asdict(each) for each in shown]}
        return paging.answer(request, {"as_of": uow.today, **told}, after)


@router.get("/api/flow", summary="How cases moved through the stages, month by month", response_model=StageFlow)
def stage_flow_as_json(request: Request, paged: Paged) -> JSONResponse:
    """Of the cases that are reached, at the end of each of the last months and today."""
    with looking(request) as uow:
        counts = [StageCount(*each) for each in officer_views.flow_counts(officer_views.flow_of(uow))]
        shown, after = paging.part(counts, _place_of_count, paged)
        return paging.answer(request, {"as_of": uow.today, "flow": shown}, after)


def _place_of_count(count: StageCount) -> Place:
    return (count.on.isoformat(), list(Stage).index(count.stage))


@router.get("/api/officers/{key}", summary="One officer's cases and what is due", response_model=OfficerAnswer)
def officer_as_json(request: Request, key: str) -> JSONResponse:
    """The cases that are not closed, by stage and one by one, and what is due soon."""
    with looking(request) as uow:
        shown = officer_views.officer_page(uow, key)
        return JSONResponse(jsonable_encoder({"as_of": uow.today, "officer": asdict(shown)}))
