"""What a rep sees: the disputes of the workplaces they are rep of, where each stands and what is next. No member."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from app import board_views, views
from app.access import REPS, looking
from app.pages import page
from casework.stand_downs import off_since

router = APIRouter(dependencies=[Depends(REPS)], include_in_schema=False)


@router.get("/your-workplace", response_class=HTMLResponse)
def your_workplace(request: Request) -> HTMLResponse:
    """Each case of the workplace: its stage, whether its action is off, and its open deadlines, the nearest first."""
    with looking(request) as uow:
        cases, deadlines = board_views.cards(uow), views.open_deadlines(uow)
        off = off_since(uow)
        return page(uow, "pages/your_workplace.html", "workplace", cases=cases, deadlines=deadlines, off=off)
