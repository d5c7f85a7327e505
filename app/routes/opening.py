"""Opening a case: first the workplace is found, then what it is about is said. Works without JavaScript."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app import forms, views
from app.access import CASE_WORKERS, IMPORTERS, acting, admit_at, caller_in, looking
from app.case_opening import CaseOpened, choices, open_once
from app.errors import findings_of, meaning
from app.form_errors import beside
from app.forms import FieldError, Filled, Posted
from app.pages import page
from app.posted import is_nonce, new_nonce, nonce_of, one, posted_form
from app.workplace_views import against
from casework.register.models import Workplace
from casework.register.search import search
from core.errors import MandateError, NotFound
from core.findings import Finding
from core.unit_of_work import UnitOfWork

router = APIRouter(include_in_schema=False)

FOUND_SHOWN = 25
OPENED = "case_opened"
"""What a case's page is told in `done` when it was just opened."""


@dataclass(frozen=True, slots=True)
class OpeningForm:
    """The form as typed: its fields, what is wrong, and the nonce that lets it count once."""

    workplace: Workplace
    fields: tuple[Filled, ...]
    nonce: str
    errors: tuple[FieldError, ...] = ()
    findings: tuple[Finding, ...] = ()


@router.get("/cases/new", response_class=HTMLResponse, dependencies=[Depends(CASE_WORKERS)])
def new_case(request: Request, q: str = "", workplace: uuid.UUID | None = None) -> HTMLResponse:
    """The search for a workplace, `q` being what to search for; with `workplace` (its id) the form for it."""
    with looking(request) as uow:
        if workplace is not None:
            fields = forms.filled(CaseOpened, forms.initial(CaseOpened), choices=choices())
            return _form_page(uow, OpeningForm(_workplace(uow, str(workplace)), fields, new_nonce()))
        found = search(uow, q, FOUND_SHOWN + 1)
        more, asked = len(found) > FOUND_SHOWN, "q" in request.query_params
        caller = caller_in(uow)
        shown: dict[str, Any] = {
            "found": found[:FOUND_SHOWN],
            "imports": caller is not None and bool(caller.roles & IMPORTERS.roles),
        }
        return page(uow, "pages/find_workplace.html", "cases", q=q, asked=asked, more=more, **shown)


@router.post("/cases", dependencies=[Depends(CASE_WORKERS)])
def open_case(request: Request, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Open the case once and go to it; with anything wrong, show the form again as it was filled in."""
    read = forms.read(CaseOpened, posted, choices())
    refused: MandateError | None = None
    errors = read.errors
    try:
        if isinstance(read.facts, CaseOpened):
            with acting(request) as uow:
                workplace = _workplace(uow, one(posted, "workplace"))
                admit_at(uow, workplace, CASE_WORKERS.roles)
                case, _ = open_once(uow, workplace, read.facts, nonce_of(posted))
                ref = case.ref
            return RedirectResponse(f"/cases/{ref}?done={OPENED}", status_code=303)
    except NotFound:
        raise
    except MandateError as error:
        refused, errors = error, beside(CaseOpened, error, choices())
    findings = findings_of(refused) if refused and not errors else ()
    with looking(request) as uow:
        return _form_page(
            uow,
            _sent_form(uow, posted, errors, findings),
            status=meaning(refused).http_status if refused else 422,
        )


def _form_page(uow: UnitOfWork, form: OpeningForm, *, status: int = 200) -> HTMLResponse:
    standing = views.open_cases_at(uow, form.workplace.id)
    told = against(uow, form.workplace)
    return page(uow, "pages/new_case.html", "cases", status=status, form=form, standing=standing, register=told)


def _sent_form(
    uow: UnitOfWork, posted: Posted, errors: tuple[FieldError, ...], findings: tuple[Finding, ...]
) -> OpeningForm:
    sent = one(posted, "nonce")
    return OpeningForm(
        _workplace(uow, one(posted, "workplace")),
        forms.filled(CaseOpened, posted, errors, choices()),
        sent if is_nonce(sent) else new_nonce(),
        errors,
        findings,
    )


def _workplace(uow: UnitOfWork, key: str) -> Workplace:
    try:
        found = uow.session.get(Workplace, uuid.UUID(key))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("workplace", key)
    return found
