"""Importing files by the API: the same kinds, the same judgement, the same document as the command line's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from app import api_answers, uploads
from app.access import IMPORTERS, acting, looking
from app.import_reports import document
from app.routes.imports import Sent, sent_file

router = APIRouter(prefix="/api")


@router.post(
    "/imports/{kind}",
    summary="Take a file in",
    dependencies=[Depends(IMPORTERS)],
    response_model=api_answers.Imported,
    responses={200: {"description": "A dry run: nothing was stored", "model": api_answers.Imported}},
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
) -> JSONResponse:
    """
    The counts and the rejected rows. The same file again changes nothing, so no key is wanted.

    `rows` = `stored` + `updated` + `unchanged` + `rejected`.
    """
    upload = uploads.keep(kind, sent.name, sent.sheet, sent.content)
    try:
        if dry_run:
            with looking(request) as uow:
                report = uploads.take_in(uow, upload, dry_run=True)
        else:
            with acting(request) as uow:
                report = uploads.take_in(uow, upload, dry_run=False)
    finally:
        uploads.forget(upload)
    return JSONResponse(document(report, upload.name), status_code=200 if dry_run else 201)
