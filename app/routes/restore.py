"""After a restore: what stands still, taking in what the journal knows, and letting sending go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from app import api_answers, forms, restoring
from app.access import KEEPERS, SWEEPERS, acting, looking
from app.errors import meaning
from app.forms import FieldError, Filled, Posted
from app.once import once
from app.openapi import json_body
from app.pages import page
from app.posted import posted_form
from app.restoring import Ended, Looked
from app.routes.api import body_of, read_strictly
from casework.acts import Facts
from core.errors import BadInput, MandateError
from core.unit_of_work import UnitOfWork

router = APIRouter()

DOING: Mapping[str, tuple[type[Facts], Callable[[UnitOfWork, Any], dict[str, Any]]]] = {
    "reconcile": (Looked, restoring.reconcile),
    "end": (Ended, restoring.end),
}
HIDDEN = "which"


@dataclass(frozen=True, slots=True)
class RestoreForm:
    """One of the two forms as typed, and what is wrong with it."""

    act: str
    fields: tuple[Filled, ...]
    errors: tuple[FieldError, ...] = ()
    refused: str = ""


@router.get("/restore", response_class=HTMLResponse, include_in_schema=False, dependencies=[Depends(KEEPERS)])
def restore_page(request: Request, done: str = "") -> HTMLResponse:
    """What stands still and why, with the forms that bring it on."""
    with looking(request) as uow:
        return _page(uow, done=done)


@router.post("/restore/reconcile", include_in_schema=False, dependencies=[Depends(SWEEPERS)])
def reconcile(request: Request, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Take in what the journal knows and go back to the page."""
    return _do(request, "reconcile", posted)


@router.post("/restore/end", include_in_schema=False, dependencies=[Depends(SWEEPERS)])
def end(request: Request, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Let sending and paying go on, and go back to the page."""
    return _do(request, "end", posted)


@router.get(
    "/api/restore",
    summary="Whether a quarantine stands after a restore",
    dependencies=[Depends(KEEPERS)],
    response_model=api_answers.Restored,
)
def restore(request: Request) -> JSONResponse:
    """The document that `mandate restore status --json` prints; `quarantine` is null when none stands."""
    with looking(request) as uow:
        return JSONResponse(jsonable_encoder(restoring.document(uow)))


@router.post(
    "/api/restore/reconcile",
    summary="Take in what the journal knows and the database does not",
    dependencies=[Depends(SWEEPERS), Depends(once)],
    openapi_extra=json_body(Looked),
    response_model=dict[str, int],
)
def reconcile_by_api(request: Request, body: Annotated[bytes, Depends(body_of)]) -> JSONResponse:
    """`{"by": ...}`; the answer counts what was taken in. A second time there is nothing left."""
    return _do_by_api(request, "reconcile", body)


@router.post(
    "/api/restore/end",
    summary="Let sending and paying go on",
    dependencies=[Depends(SWEEPERS), Depends(once)],
    openapi_extra=json_body(Ended),
    response_model=api_answers.Quarantine,
)
def end_by_api(request: Request, body: Annotated[bytes, Depends(body_of)]) -> JSONResponse:
    """`{"by": ..., "because": ..., "which": id}`; the same again changes nothing, another name is a conflict."""
    return _do_by_api(request, "end", body)


def _do(request: Request, act: str, posted: Posted) -> Response:
    shape, handler = DOING[act]
    read = forms.read(shape, posted)
    errors, refused, status = read.errors, "", 422
    if read.facts is not None:
        try:
            with acting(request) as uow:
                handler(uow, read.facts)
            return RedirectResponse(f"/restore?done={act}", status_code=303)
        except BadInput as error:
            errors = (FieldError(error.field, f"#facts-{error.field}", f"Found {error.found}, wanted {error.wanted}"),)
        except MandateError as error:
            refused, status = str(error), meaning(error).http_status
    with looking(request) as uow:
        form = RestoreForm(act, _fields(shape, posted, errors), errors, refused)
        return _page(uow, form, status=status)


def _do_by_api(request: Request, act: str, body: bytes) -> JSONResponse:
    shape, handler = DOING[act]
    facts = read_json(shape, body)
    with acting(request) as uow:
        return JSONResponse(jsonable_encoder(handler(uow, facts)))


def read_json(shape: type[Any], body: bytes) -> Any:
    """The facts of a body; `RuleViolation` with a finding for each field that is wrong."""
    return read_strictly(shape, body, "The facts cannot be used.")


def _fields(shape: type[Facts], posted: Posted, errors: tuple[FieldError, ...] = ()) -> tuple[Filled, ...]:
    return tuple(each for each in forms.filled(shape, posted, errors) if each.field.name != HIDDEN)


def _page(uow: UnitOfWork, form: RestoreForm | None = None, *, done: str = "", status: int = 200) -> HTMLResponse:
    told = restoring.document(uow)
    blank = {act: RestoreForm(act, _fields(shape, forms.initial(shape))) for act, (shape, _) in DOING.items()}
    shown = blank if form is None else {**blank, form.act: form}
    context = {"told": told, "sentences": restoring.sentences(told), "forms": shown, "form": form, "done": done}
    return page(uow, "pages/restore.html", "status", status=status, **context)
