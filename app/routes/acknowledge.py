"""The page by which an employer acknowledges a notice: opening it records nothing, the button does, once."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from app.plain_pages import plain, refused
from ballots.doubts import look_at_cases_of
from core.unit_of_work import reading, unit_of_work
from notifications import acknowledgement
from notifications.acknowledgement import ACTOR, LinkState
from notifications.receipt_links import PATH

router = APIRouter()

UNKNOWN = "This address is not one that we sent, or a part of it is missing. Open it from the notice itself."
OVER = "This link cannot be used any more. If you have received the notice, answer the mail or letter it came with."


@router.get(f"/{PATH}/{{token}}")
def look(request: Request, token: str) -> Response:
    """What the notice is, and the button."""
    with reading(on=request.app.state.database) as uow:
        asked = acknowledgement.asked(uow, token)
    if asked is None:
        return refused(404, "Address not known", UNKNOWN)
    if asked.standing is LinkState.OVER:
        return refused(410, "Link not in use", OVER)
    return plain("pages/acknowledge.html", asked=asked)


@router.post(f"/{PATH}/{{token}}")
def acknowledge(request: Request, token: str) -> Response:
    """Record the receipt, once, and show when it was recorded."""
    with unit_of_work(ACTOR, on=request.app.state.database) as uow:
        notice = acknowledgement.acknowledge(uow, token)
        if notice is not None:
            look_at_cases_of(uow, notice)
    if notice is None:
        return look(request, token)
    return RedirectResponse(token, status_code=303)
