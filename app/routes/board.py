"""The home page: what needs somebody today, then every case by its stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from app import board_views, home_answers, paging
from app.access import CASE_WORKERS, LOOKERS, anybody_signed_in, caller_of, looking
from app.board_filters import NAMES, filters, officer_named
from app.navigation import FIRST, home_of
from app.pages import page
from app.paging import Paged
from app.tables_csv import csv_file
from app.today import HOME, MOST, as_document, place_of, today, viewer_of

router = APIRouter(dependencies=[Depends(LOOKERS)])
first = APIRouter(dependencies=[Depends(anybody_signed_in)], include_in_schema=False)
"""What whoever signed in may type into a browser without knowing more: it is for all of them."""

MOST_PAGES = 100_000


def given(
    stage: str = "",
    officer: Annotated[str, Query(description="an officer's id, or `none`")] = "",
    region: Annotated[str, Query(description="such as `south-east`, or `wales`")] = "",
    authority: Annotated[str, Query(description="the code of a local authority")] = "",
    employer: Annotated[str, Query(description="an employer's id, or words of its name")] = "",
    issue: Annotated[str, Query(description="a code of the catalogue of issues")] = "",
) -> Mapping[str, str]:
    """The filters of an address, by name."""
    return dict(zip(NAMES, (stage, officer, region, authority, employer, issue), strict=True))


Given = Annotated[Mapping[str, str], Depends(given)]


@first.get(FIRST, response_class=HTMLResponse)
def board(
    request: Request, given: Given, page_number: Annotated[int, Query(alias="page", ge=1, le=MOST_PAGES)] = 1
) -> Response:
    """
    What needs whoever looks, and cases by stage, nearest deadline first; filters in the address narrow the cases.
    Whoever looks at no cases is led to where their own work begins.
    """
    if not LOOKERS.is_met_by(caller_of(request)):
        return RedirectResponse(home_of(caller_of(request).roles), status_code=303)
    caller, wanted = LOOKERS(request), filters(given)
    with looking(request) as uow:
        found = board_views.board(uow, wanted, page_number)
        return page(
            uow,
            "pages/board.html",
            "cases",
            board=found,
            filters=wanted,
            figures=board_views.age_figures(),
            needs=None if wanted.given() else today(uow, viewer_of(caller), HOME),
            may_open=bool(caller.roles & CASE_WORKERS.roles),
        )


@router.get("/cases.csv", include_in_schema=False)
def as_csv(request: Request, given: Given) -> Response:
    """Every case that the board with these filters holds, as a table for a spreadsheet."""
    wanted = filters(given)
    with looking(request) as uow:
        return csv_file("cases", board_views.HEADINGS, board_views.rows(board_views.cards(uow, wanted), uow.today))


@router.get("/today", response_class=HTMLResponse, include_in_schema=False)
def all_of_today(request: Request, officer: str = "") -> HTMLResponse:
    """Everything that needs somebody today, not only what the home page has room for; `officer` (an id) narrows it."""
    only = officer_named(officer)
    with looking(request) as uow:
        found = today(uow, replace(viewer_of(caller_of(request)), only=only), MOST)
        return page(uow, "pages/today.html", "cases", needs=found, only=only)


@router.get("/api/today", summary="What needs somebody today, the most urgent first", response_model=home_answers.Today)
def today_as_json(request: Request, paged: Paged, officer: str = "") -> JSONResponse:
    """One's own first; `officer` (an id) narrows it to their cases. `counts` and `total` are of all there is."""
    only = officer_named(officer)
    with looking(request) as uow:
        found = today(uow, replace(viewer_of(caller_of(request)), only=only), MOST)
        document = as_document(found)
        shown, after = paging.part(document.needs, place_of, paged)
        return paging.answer(request, replace(document, needs=shown), after)
