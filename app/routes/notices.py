"""Notices found by filters, as a page, CSV and JSON; one notice; the letter as it was or will be served."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app import api_answers, notice_filters, notice_search, notice_views, paging, run_progress
from app.access import LOOKERS, looking
from app.errors import meaning
from app.notice_filters import ONLY_WORDS
from app.pages import page
from app.paging import Paged
from app.plain import plain
from app.routes.proofs import notice_page
from app.tables_csv import kept_as
from core.errors import BadInput
from core.unit_of_work import UnitOfWork
from notifications.messages import registry

router = APIRouter(dependencies=[Depends(LOOKERS)])


def given(
    q: Annotated[str, Query(description=notice_filters.WHAT)] = "",
    state: str = "",
    kind: str = "",
    case: Annotated[str, Query(description="the reference of a case")] = "",
    to: Annotated[str, Query(description="what the recipient is: " + ", ".join(notice_views.RECIPIENTS))] = "",
    only: Annotated[str, Query(description=", ".join(notice_filters.Only))] = "",
    since: Annotated[str, Query(alias="from", description="due to go out on this day or after")] = "",
    until: Annotated[str, Query(description="due to go out on this day or before")] = "",
) -> Mapping[str, str]:
    """The filters as the address has them."""
    values = (q, state, kind, case, to, only, since, until)
    return dict(zip(notice_filters.NAMES, values, strict=True))


Given = Annotated[Mapping[str, str], Depends(given)]


@router.get("/notices", response_class=HTMLResponse, include_in_schema=False)
def notices(request: Request, given: Given, after: str = "") -> HTMLResponse:
    """A page of the notices that every filter lets through; without a filter, how many stand where, too."""
    with looking(request) as uow:
        try:
            wanted = notice_filters.wanted(given)
            told = notice_search.document(uow, wanted, after=after)
        except BadInput as error:
            return _listed(uow, given, error=error)
        return _listed(uow, given, told=told, wanted=wanted, paged=bool(after))


@router.get("/notices.csv", include_in_schema=False)
def as_csv(request: Request, given: Given) -> Response:
    """Every notice that the filters let through."""
    with looking(request) as uow:
        text = notice_search.as_csv(uow, notice_filters.wanted(given))
    return kept_as("notices", text)


@router.get(
    "/api/notices",
    summary="Notices that every filter lets through, the last due to go out first",
    response_model=api_answers.Notices,
)
def as_json(
    request: Request,
    given: Given,
    paged: Paged,
) -> JSONResponse:
    """
    `{"at", "filters", "counts", "notices", "after", "cut"}`: `counts` of all notices by state; `after` asks for the
    next ones, null at the end; `cut` when the words of `q` name more cases than are looked through.
    """
    with looking(request) as uow:
        wanted = notice_filters.wanted(given)
        told = plain(notice_search.document(uow, wanted, after=paged.after, limit=paged.limit))
        return paging.answer(request, told, told["after"])


@router.get("/notices/{notice_id}", response_class=HTMLResponse, include_in_schema=False)
def notice(request: Request, notice_id: uuid.UUID, done: str = "") -> HTMLResponse:
    """One notice with its facts, attempts, evidence and what is asked about it; `done` says what was just recorded."""
    with looking(request) as uow:
        return notice_page(uow, notice_id, done=done)


@router.get("/notices/{notice_id}/letter.pdf", include_in_schema=False)
def letter(request: Request, notice_id: uuid.UUID) -> Response:
    """The letter's own bytes."""
    with looking(request) as uow:
        content = notice_views.letter(uow, notice_id)
    disposition = f'inline; filename="{notice_id}.pdf"'
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": disposition})


def _listed(uow: UnitOfWork, given: Mapping[str, str], **context: object) -> HTMLResponse:
    error = context.get("error")
    kinds = sorted(((kind.name, kind.label) for kind in registry().values()), key=lambda each: each[1])
    shown = {
        "told": None,
        "wanted": None,
        "error": None,
        "paged": False,
        "given": given,
        "kinds": kinds,
        "recipients": notice_views.RECIPIENTS,
        "only_words": ONLY_WORDS,
        "order": notice_views.ORDER,
        "sending": run_progress.sending(uow),
    }
    status = meaning(error).http_status if isinstance(error, BadInput) else 200
    return page(uow, "pages/notices.html", "notices", status=status, **{**shown, **context})
