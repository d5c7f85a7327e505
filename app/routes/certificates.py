"""
Certificates of service: issued by the page of a notice or by the API. Issuing one is an act, since its digest goes into
the history, so nothing here is a plain look.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from app import api_answers, certificate_views, paging
from app.access import LOOKERS, SERVICE_WORKERS, acting, looking
from app.admission import admit_notice
from app.forms import Posted
from app.once import once
from app.openapi import BYTES
from app.paging import Paged
from app.plain import plain
from app.posted import one, posted_form
from notifications.certificates.issuing import Issued

router = APIRouter()

CERTIFICATE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The certificate as JSON under its seal, or as PDF",
        "content": {"application/json": {"schema": {"type": "object"}}, "application/pdf": {"schema": BYTES}},
    }
}


@router.post("/notices/{notice_id}/certificate", dependencies=[Depends(SERVICE_WORKERS)], include_in_schema=False)
def issue(request: Request, notice_id: uuid.UUID, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Issue the certificate of a notice; the answer is the file, JSON where `form` says so, else PDF."""
    issued = _issued(request, notice_id)
    return _download(issued, one(posted, "form"))


@router.post(
    "/api/notices/{notice_id}/certificate",
    summary="Issue a certificate of service",
    dependencies=[Depends(SERVICE_WORKERS), Depends(once)],
    responses=CERTIFICATE,
    tags=["service"],
)
def api_issue(
    request: Request,
    notice_id: uuid.UUID,
    form: Literal["json", "pdf"] = "json",
) -> Response:
    """
    The certificate as things stand now, as JSON or PDF; its digest is recorded.

    Again on the same day, with nothing new about the notice, it is the same file, and nothing is recorded.
    """
    return _download(_issued(request, notice_id), form)


@router.get(
    "/api/certificates",
    summary="Certificates of service that were issued",
    dependencies=[Depends(LOOKERS)],
    response_model=api_answers.Certificates,
    tags=["service"],
)
def api_issued(request: Request, paged: Paged) -> JSONResponse:
    """The oldest first, from the history."""
    with looking(request) as uow:
        shown, after = paging.part(certificate_views.issued(uow), lambda each: (each.seq,), paged)
        return paging.answer(request, plain({"certificates": shown}), after)


def _issued(request: Request, notice_id: uuid.UUID) -> Issued:
    with acting(request) as uow:
        admit_notice(uow, notice_id, SERVICE_WORKERS.roles)
        return certificate_views.issue(uow, notice_id)


def _download(issued: Issued, form: str) -> Response:
    content, ending = (issued.file, "json") if form == "json" else (issued.pdf(), "pdf")
    headers = {"Content-Disposition": f'attachment; filename="{issued.name}.{ending}"'}
    return Response(content, media_type=f"application/{ending}", headers=headers)
