"""A ballot: its page with the timetable and the turnout, its tables as CSV, and the same by the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from app import ballot_views, timetable_lines
from app.access import LOOKERS, looking
from app.ballot_views import BallotPage
from app.pages import page
from app.posted import new_nonce
from app.tables_csv import csv_file
from app.turnout_drawing import turnout_chart

router = APIRouter(dependencies=[Depends(LOOKERS)])


@router.get("/ballots/{ref}", response_class=HTMLResponse, include_in_schema=False)
def ballot(request: Request, ref: str) -> HTMLResponse:
    """The ballot of that reference."""
    with looking(request) as uow:
        shown = ballot_views.ballot_page(uow, ref)
        voting = (shown.opens_on, shown.closes_on)
        return page(
            uow,
            "pages/ballot.html",
            "cases",
            ballot=shown,
            parts=ballot_views.parts_shown(shown.lines),
            drawings=timetable_lines.drawings(shown.lines, uow.today),
            chart=turnout_chart("turnout", shown.turnout, *voting, uow.today) if shown.turnout.reports else None,
            nonce=new_nonce(),
        )


@router.get("/ballots/{ref}/timetable.csv", include_in_schema=False)
def timetable_as_csv(request: Request, ref: str) -> Response:
    """Every step with its days, its state and its rule."""
    with looking(request) as uow:
        shown = ballot_views.ballot_page(uow, ref)
        rows = timetable_lines.rows(shown.lines)
        return csv_file(f"timetable-{shown.ref}", timetable_lines.COLUMNS, rows)


@router.get("/ballots/{ref}/turnout.csv", include_in_schema=False)
def turnout_as_csv(request: Request, ref: str) -> Response:
    """The papers returned by each day that was reported, and the forecast."""
    with looking(request) as uow:
        shown = ballot_views.ballot_page(uow, ref)
        return csv_file(f"turnout-{shown.ref}", ballot_views.TURNOUT_COLUMNS, ballot_views.turnout_rows(shown))


class BallotAnswer(BaseModel):
    """One ballot as it stands on a day."""

    as_of: date
    ballot: BallotPage


@router.get("/api/ballots/{ref}", summary="One ballot, with its timetable and its turnout", response_model=BallotAnswer)
def ballot_as_json(request: Request, ref: str) -> JSONResponse:
    """Everything the ballot's page shows. `next` are the acts that make sense now, each with the roles it is for."""
    with looking(request) as uow:
        shown = ballot_views.ballot_page(uow, ref)
        return JSONResponse(jsonable_encoder({"as_of": uow.today, "ballot": asdict(shown)}))
