"""
Certificates of service: issued by the page of a notice or by the API. Issuing one is an act, since its digest goes into
the history, so nothing here is a plain look.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response

from app import certificate_views
from app.access import READERS, STAFF, actor_for, requires
from app.forms import Posted
from app.plain import plain
from app.posted import one, posted_form
from casework.acts import Role
from core.unit_of_work import reading, unit_of_work
from notifications.certificates.issuing import Issued

router = APIRouter()

WRITERS = requires(*Role)


@router.post("/notices/{notice_id}/certificate", dependencies=[Depends(WRITERS)], include_in_schema=False)
def issue(request: Request, notice_id: uuid.UUID, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Issue the certificate of a notice; the answer is the file, JSON where `form` says so, else PDF."""
    issued = _issued(request, notice_id, one(posted, "acting_as") or STAFF, "dashboard")
    return _download(issued, one(posted, "form"))


@router.post(
    "/api/notices/{notice_id}/certificate",
    summary="Issue a certificate of service",
    dependencies=[Depends(WRITERS)],
    tags=["service"],
)
def api_issue(
    request: Request,
    notice_id: uuid.UUID,
    form: Literal["json", "pdf"] = "json",
    acting_as: Annotated[str, Header()] = STAFF,
) -> Response:
    """
    The certificate as things stand now, as JSON or PDF; its digest is recorded.

    Again on the same day, with nothing new about the notice, it is the same file, and nothing is recorded.
    """
    return _download(_issued(request, notice_id, acting_as, "api"), form)


@router.get(
    "/api/certificates",
    summary="Certificates of service that were issued",
    dependencies=[Depends(READERS)],
    tags=["service"],
)
def api_issued(request: Request) -> JSONResponse:
    """`{"certificates": [{"notice_id", "digest", "at", "by", "seq", "hash"}]}`, oldest first, from the history."""
    with reading(on=request.app.state.database) as uow:
        return JSONResponse(plain({"certificates": certificate_views.issued(uow)}))


def _issued(request: Request, notice_id: uuid.UUID, acting_as: str, edge: str) -> Issued:
    with unit_of_work(STAFF, on=request.app.state.database) as uow:
        uow.actor = actor_for(uow, acting_as, edge)
        return certificate_views.issue(uow, notice_id)


def _download(issued: Issued, form: str) -> Response:
    content, ending = (issued.file, "json") if form == "json" else (issued.pdf(), "pdf")
    headers = {"Content-Disposition": f'attachment; filename="{issued.name}.{ending}"'}
    return Response(content, media_type=f"application/{ending}", headers=headers)
