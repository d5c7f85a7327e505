"""The board: every case by its stage."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from app import views
from app.access import CASE_WORKERS, LOOKERS, caller_of, looking
from app.pages import page
from casework.lifecycle import Stage
from core.errors import BadInput

router = APIRouter(dependencies=[Depends(LOOKERS)])


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def board(request: Request, stage: str = "", officer: str = "") -> HTMLResponse:
    """Cases by stage, nearest deadline first; `stage` and `officer` (an id) narrow it."""
    wanted, officer_id = stage_named(stage), officer_named(officer)
    with looking(request) as uow:
        found = views.board(uow, wanted, officer_id)
        may_open = bool(caller_of(request).roles & CASE_WORKERS.roles)
        return page(
            uow, "pages/board.html", "cases", board=found, stage=wanted, officer_id=officer_id, may_open=may_open
        )


def stage_named(name: str) -> Stage | None:
    """The stage to narrow to, None for an empty name; `BadInput` for one that is none."""
    try:
        return Stage(name) if name else None
    except ValueError:
        raise BadInput(field="stage", found=name, wanted="one of " + ", ".join(Stage)) from None


def officer_named(key: str) -> uuid.UUID | None:
    """The officer's id to narrow to, None for an empty one; `BadInput` for what is no id."""
    try:
        return uuid.UUID(key) if key else None
    except ValueError:
        raise BadInput(field="officer", found=key, wanted="the id of an officer") from None
