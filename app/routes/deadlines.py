"""Every open deadline, nearest first."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse

from app import api_answers, paging, run_requests, views
from app.access import LOOKERS, looking
from app.pages import page
from app.paging import Paged
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


@router.get(
    "/api/deadlines",
    summary="Open deadlines, nearest first, each with its level and why it falls on its day",
    response_model=api_answers.Deadlines,
)
def deadlines_as_json(request: Request, paged: Paged) -> JSONResponse:
    """As the page shows them; `total` are open."""
    after = views.deadline_place(paging.place_of(paged.after, [str, str, str]))
    with looking(request) as uow:
        found = views.open_deadlines(uow, limit=paged.limit + 1, after=after)
        shown, then = paging.fetched(found, views.place_of_deadline, paged)
        lines = [asdict(each) for each in shown]
        told = {"as_of": uow.today, "total": views.open_deadlines_count(uow), "deadlines": lines}
        return paging.answer(request, told, then)
