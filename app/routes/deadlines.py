"""Every open deadline, nearest first."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from app import run_requests, views
from app.access import READERS
from app.pages import page
from app.posted import new_nonce
from core.unit_of_work import reading

router = APIRouter(dependencies=[Depends(READERS)])


@router.get("/deadlines", response_class=HTMLResponse, include_in_schema=False)
def deadlines(request: Request) -> HTMLResponse:
    """What is due, on which case, and why on that day."""
    with reading(on=request.app.state.database) as uow:
        found, total = views.open_deadlines(uow), views.open_deadlines_count(uow)
        sweep = {"flow": run_requests.DEADLINES, "nonce": new_nonce()}
        return page(uow, "pages/deadlines.html", "deadlines", deadlines=found, total=total, sweep=sweep)
