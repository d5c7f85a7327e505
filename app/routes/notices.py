"""The outbox, a notice, and the letter as it was or will be served."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from app import notice_views
from app.access import READERS
from app.pages import page
from app.routes.proofs import notice_page
from core.errors import BadInput
from core.unit_of_work import reading
from notifications.lifecycle import State

router = APIRouter(dependencies=[Depends(READERS)], include_in_schema=False)


@router.get("/notices", response_class=HTMLResponse)
def notices(request: Request, state: str = "") -> HTMLResponse:
    """Notices by state, those that need a person first."""
    with reading(on=request.app.state.database) as uow:
        shelves = notice_views.shelves(uow, _state_named(state))
        return page(uow, "pages/notices.html", "notices", shelves=shelves, state=state)


@router.get("/notices/{notice_id}", response_class=HTMLResponse)
def notice(request: Request, notice_id: uuid.UUID, done: str = "") -> HTMLResponse:
    """One notice with its facts, attempts, evidence and what is asked about it; `done` says what was just recorded."""
    with reading(on=request.app.state.database) as uow:
        return notice_page(uow, notice_id, done=done)


@router.get("/notices/{notice_id}/letter.pdf")
def letter(request: Request, notice_id: uuid.UUID) -> Response:
    """The letter's own bytes."""
    with reading(on=request.app.state.database) as uow:
        content = notice_views.letter(uow, notice_id)
    disposition = f'inline; filename="{notice_id}.pdf"'
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": disposition})


def _state_named(name: str) -> State | None:
    try:
        return State(name) if name else None
    except ValueError:
        raise BadInput(field="state", found=name, wanted="one of " + ", ".join(State)) from None
