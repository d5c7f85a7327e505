"""Every open deadline, nearest first."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse

from app import run_requests, views
from app.access import LOOKERS, looking
from app.pages import page
from app.posted import new_nonce
from casework.levels import Level

router = APIRouter(dependencies=[Depends(LOOKERS)])


@router.get("/deadlines", response_class=HTMLResponse, include_in_schema=False)
def deadlines(request: Request) -> HTMLResponse:
    """What is due, on which case, and why on that day."""
    with looking(request) as uow:
        found, total = views.open_deadlines(uow), views.open_deadlines_count(uow)
        sweep = {"flow": run_requests.DEADLINES, "nonce": new_nonce()}
        levels = {level.value: sum(each.level is level for each in found) for level in Level}
        return page(uow, "pages/deadlines.html", "deadlines", deadlines=found, total=total, sweep=sweep, levels=levels)


@router.get("/api/deadlines", summary="Open deadlines, nearest first, each with its level and why it falls on its day")
def deadlines_as_json(request: Request) -> JSONResponse:
    """`{"as_of": date, "total": number open, "deadlines": [...]}`: the first of them, as the page shows them."""
    with looking(request) as uow:
        found = [asdict(each) for each in views.open_deadlines(uow)]
        told = {"as_of": uow.today, "total": views.open_deadlines_count(uow), "deadlines": found}
        return JSONResponse(jsonable_encoder(told))
