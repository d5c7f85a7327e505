"""Importing files by the API: the same kinds, the same judgement, the same document as the command line's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse

from app import uploads
from app.access import STAFF, actor_for, requires
from app.import_reports import document
from app.routes.imports import Sent, sent_file
from casework.acts import Role
from core.unit_of_work import reading, unit_of_work

router = APIRouter(prefix="/api")


@router.post(
    "/imports/{kind}",
    summary="Take a file in",
    dependencies=[Depends(requires(Role.STAFF))],
    responses={200: {"description": "A dry run: nothing was stored"}},
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}, "sheet": {"type": "string"}},
                    }
                }
            },
        }
    },
)
def take_in(
    request: Request,
    kind: str,
    sent: Annotated[Sent, Depends(sent_file)],
    dry_run: bool = False,
    acting_as: Annotated[str, Header()] = STAFF,
) -> JSONResponse:
    """
    The counts and the rejected rows. The same file again changes nothing, so no key is wanted.

    `rows` = `stored` + `updated` + `unchanged` + `rejected`.
    """
    database = request.app.state.database
    upload = uploads.keep(kind, sent.name, sent.sheet, sent.content)
    try:
        if dry_run:
            with reading(on=database) as uow:
                report = uploads.take_in(uow, upload, dry_run=True)
        else:
            with unit_of_work(STAFF, on=database) as uow:
                uow.actor = actor_for(uow, acting_as, "api")
                report = uploads.take_in(uow, upload, dry_run=False)
    finally:
        uploads.forget(upload)
    return JSONResponse(document(report, upload.name), status_code=200 if dry_run else 201)
