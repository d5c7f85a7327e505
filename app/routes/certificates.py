"""
Certificates of service: issued by the page of a notice or by the API. Issuing one is an act, since its digest goes into
the history, so nothing here is a plain look.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from app import certificate_views
from app.access import LOOKERS, SERVICE_WORKERS, acting, looking
from app.admission import admit_notice
from app.forms import Posted
from app.plain import plain
from app.posted import one, posted_form
from notifications.certificates.issuing import Issued

router = APIRouter()


@router.post("/notices/{notice_id}/certificate", dependencies=[Depends(SERVICE_WORKERS)], include_in_schema=False)
def issue(request: Request, notice_id: uuid.UUID, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Issue the certificate of a notice; the answer is the file, JSON where `form` says so, else PDF."""
    issued = _issued(request, notice_id)
    return _download(issued, one(posted, "form"))


@router.post(
    "/api/notices/{notice_id}/certificate",
    summary="Issue a certificate of service",
    dependencies=[Depends(SERVICE_WORKERS)],
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
    tags=["service"],
)
def api_issued(request: Request) -> JSONResponse:
    """`{"certificates": [{"notice_id", "digest", "at", "by", "seq", "hash"}]}`, oldest first, from the history."""
    with looking(request) as uow:
        return JSONResponse(plain({"certificates": certificate_views.issued(uow)}))


def _issued(request: Request, notice_id: uuid.UUID) -> Issued:
    with acting(request) as uow:
        admit_notice(uow, notice_id, SERVICE_WORKERS.roles)
        return certificate_views.issue(uow, notice_id)


def _download(issued: Issued, form: str) -> Response:
    content, ending = (issued.file, "json") if form == "json" else (issued.pdf(), "pdf")
    headers = {"Content-Disposition": f'attachment; filename="{issued.name}.{ending}"'}
    return Response(content, media_type=f"application/{ending}", headers=headers)
