"""Letters laid for the print house: those it has said nothing of, and its receipt file by a form and by the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.datastructures import UploadFile

from app import api_answers, letter_views, paging
from app.access import LOOKERS, MAIL_TAKERS, acting, looking
from app.errors import meaning
from app.pages import page
from app.paging import Paged
from app.posted import form_with_file
from core.errors import BadInput, MandateError
from core.settings import settings
from core.unit_of_work import UnitOfWork

router = APIRouter()

SHOWN = 100
ONLY_CHECK = "check"
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form with a receipt file holds; `only_check` stores nothing."""

    name: str
    content: bytes
    only_check: bool


async def sent_file(request: Request) -> Sent:
    """A form's file; without one the name is empty. `BadInput` when its length is unsaid or too much."""
    wanted = f"a receipt file of at most {letter_views.MOST_BYTES // 1024**2} megabytes"
    too_large = BadInput(field="file", found="a larger file", wanted=wanted)
    form = await form_with_file(request, letter_views.MOST_BYTES, too_large)
    file, only_check = form.get("file"), form.get("do") == ONLY_CHECK
    if not isinstance(file, UploadFile):
        return Sent("", b"", only_check)
    return Sent(file.filename or "", await file.read(), only_check)


@router.get("/letters", response_class=HTMLResponse, dependencies=[Depends(LOOKERS)], include_in_schema=False)
def letters_page(request: Request) -> HTMLResponse:
    """The letters without a receipt, and the form for a receipt file."""
    with looking(request) as uow:
        return _page(uow)


@router.post("/letters/receipts", dependencies=[Depends(MAIL_TAKERS)], include_in_schema=False)
def take_by_form(request: Request, sent: Annotated[Sent, Depends(sent_file)]) -> HTMLResponse:
    """Take a receipt file in, or only check it, and show what it came to. The same file again changes nothing."""
    try:
        told = _take(request, sent, dry_run=sent.only_check)
    except MandateError as error:
        with looking(request) as uow:
            return _page(uow, error=str(error), status=meaning(error).http_status)
    with looking(request) as uow:
        return _page(uow, told=told)


@router.get(
    "/api/letters",
    summary="Letters without a receipt of the print house",
    dependencies=[Depends(LOOKERS)],
    response_model=api_answers.Letters,
)
def letters(request: Request, paged: Paged) -> JSONResponse:
    """The one laid first at the head; `overdue` counts all of them."""
    with looking(request) as uow:
        told = letter_views.letters(uow, settings())
        shown, after = paging.part(told["without_receipt"], letter_views.place, paged)
        return paging.answer(request, {**told, "without_receipt": shown}, after)


@router.post(
    "/api/letters/receipts",
    summary="Take in a receipt file of the print house",
    dependencies=[Depends(MAIL_TAKERS)],
    response_model=api_answers.Reconciled,
    openapi_extra=UPLOAD,
)
def take_by_api(
    request: Request,
    sent: Annotated[Sent, Depends(sent_file)],
    dry_run: bool = False,
) -> JSONResponse:
    """
    What the file came to. The same file again changes nothing, so no key is wanted.

    `rows` = `recorded` + `unchanged` + the lines in `repeated` + `faults`.
    """
    return JSONResponse(_take(request, sent, dry_run=dry_run))


def _take(request: Request, sent: Sent, *, dry_run: bool) -> dict[str, Any]:
    if not sent.name:
        raise BadInput(field="file", found="no file", wanted="the print house's receipt file")
    with looking(request) if dry_run else acting(request) as uow:
        return letter_views.take(uow, sent.name, sent.content, dry_run=dry_run)


def _page(
    uow: UnitOfWork, *, told: dict[str, Any] | None = None, error: str | None = None, status: int = 200
) -> HTMLResponse:
    found = letter_views.letters(uow, settings())
    return page(uow, "pages/letters.html", "notices", status=status, letters=found, told=told, error=error, most=SHOWN)
