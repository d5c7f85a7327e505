"""Importing files by a form: first what would happen, then, once somebody says so, that it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from starlette.datastructures import UploadFile

from app import file_work, uploads
from app.access import IMPORTERS, acting, looking
from app.errors import meaning
from app.file_work import HowFar
from app.pages import page
from app.posted import form_with_file
from app.tables_csv import kept_as
from casework.register.intake import Progress
from casework.register.kinds import KINDS
from casework.register.models import ImportRun
from core.errors import BadInput, MandateError, NotFound
from core.unit_of_work import UnitOfWork

router = APIRouter(include_in_schema=False)

RUNS_SHOWN = 10
REJECTS_SHOWN = 50
NO_ERRORS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form with a file holds."""

    kind: str
    sheet: str
    name: str
    content: BinaryIO


async def sent_file(request: Request) -> Sent:
    """A form's file and fields; without a file the name is empty. `BadInput` when its length is unsaid or too much."""
    form = await form_with_file(request, uploads.MOST_BYTES, uploads.too_large())
    file = form.get("file")
    name, content = (file.filename or "", file.file) if isinstance(file, UploadFile) else ("", BytesIO())
    return Sent(str(form.get("kind", "")), str(form.get("sheet", "")), name, content)


@router.get("/imports", response_class=HTMLResponse, dependencies=[Depends(IMPORTERS)])
def imports(request: Request, kind: str = "") -> HTMLResponse:
    """The form for a file, and what was taken in last."""
    with looking(request) as uow:
        return _form_page(uow, kind)


@router.post("/imports", dependencies=[Depends(IMPORTERS)])
def try_file(request: Request, sent: Annotated[Sent, Depends(sent_file)]) -> Response:
    """Keep the file, judge every row of it, store nothing, and go to what was found."""
    missing = _missing(sent)
    if missing:
        with looking(request) as uow:
            return _form_page(uow, sent.kind, sent.sheet, missing)
    try:
        upload = uploads.keep(sent.kind, sent.name, sent.sheet, sent.content)
    except MandateError as error:
        return _refused(request, sent, error)

    def judge(progress: Progress) -> None:
        with looking(request) as uow:
            report = uploads.take_in(uow, upload, dry_run=True, progress=progress)
        uploads.note(upload, report)

    try:
        file_work.do(upload, judge)
    except MandateError as error:
        uploads.forget(upload)
        return _refused(request, sent, error)
    except BaseException:
        uploads.forget(upload)
        raise
    return RedirectResponse(f"/imports/{upload.token}", status_code=303)


@router.get("/imports/{token}", response_class=HTMLResponse, dependencies=[Depends(IMPORTERS)])
def found(request: Request, token: str) -> HTMLResponse:
    """How far the work on a file is; then what an import would do, or what it did."""
    upload = uploads.find(token)
    kind, stands = KINDS[upload.kind], file_work.standing(upload)
    with looking(request) as uow:
        if isinstance(stands, HowFar) or not uploads.is_judged(upload):
            return page(uow, "pages/import_work.html", "imports", upload=upload, kind=kind, stands=stands)
        return page(
            uow,
            "pages/import.html",
            "imports",
            upload=upload,
            report=upload.report,
            kind=kind,
            most=REJECTS_SHOWN,
            trouble=stands,
        )


@router.get("/imports/{token}/rejects.csv", dependencies=[Depends(IMPORTERS)])
def rejects(token: str) -> Response:
    """The rejected rows, to be put right and imported again."""
    return kept_as("rejects", uploads.find(token).rejects)


@router.post("/imports/{token}/confirm", dependencies=[Depends(IMPORTERS)])
def confirm(request: Request, token: str) -> Response:
    """Take the file in; a second time finds that it is done."""
    upload = uploads.find(token)

    def take(progress: Progress) -> None:
        if not uploads.is_judged(upload):
            raise NotFound("file judged for an import", token)
        if not uploads.is_taken_in(upload):
            with acting(request) as uow:
                report = uploads.take_in(uow, upload, dry_run=False, progress=progress)
            uploads.note(upload, report)
        uploads.drop_file(upload)

    file_work.do(upload, take)
    return RedirectResponse(f"/imports/{token}", status_code=303)


@router.post("/imports/{token}/cancel", dependencies=[Depends(IMPORTERS)])
def cancel(token: str) -> Response:
    """Remove the file without taking it in. `Conflict` while it is worked on."""
    upload = uploads.find(token)
    file_work.require_idle(upload)
    uploads.forget(upload)
    return RedirectResponse("/imports", status_code=303)


def _missing(sent: Sent) -> dict[str, str]:
    """What was not chosen, by the field, with the sentence that asks for it."""
    asked = {"kind": "Choose what the file holds", "file": "Choose the file"}
    given = {"kind": sent.kind, "file": sent.name}
    return {field: sentence for field, sentence in asked.items() if not given[field].strip()}


def _refused(request: Request, sent: Sent, error: MandateError) -> HTMLResponse:
    with looking(request) as uow:
        return _form_page(uow, sent.kind, sent.sheet, {_field_of(error): str(error)}, meaning(error).http_status)


def _field_of(error: MandateError) -> str:
    return error.field if isinstance(error, BadInput) and error.field in {"kind", "sheet"} else "file"


def _form_page(
    uow: UnitOfWork, kind: str, sheet: str = "", errors: Mapping[str, str] = NO_ERRORS, refused_with: int = 422
) -> HTMLResponse:
    runs = uow.session.scalars(select(ImportRun).order_by(ImportRun.at.desc(), ImportRun.id).limit(RUNS_SHOWN)).all()
    return page(
        uow,
        "pages/imports.html",
        "imports",
        status=refused_with if errors else 200,
        kinds=KINDS,
        kind=kind,
        sheet=sheet[: uploads.LONGEST_SHEET],
        runs=runs,
        under_way=[(each, KINDS[each.kind]) for each in uploads.under_way()],
        megabytes=uploads.MOST_BYTES // 1024**2,
        errors=errors,
    )
