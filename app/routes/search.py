"""Finding a case, a school or an employer: the page and the same by the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse

from app import home_answers
from app.access import LOOKERS, looking
from app.pages import page
from app.search import HEADINGS, MOST_SHOWN_TEXT, search

router = APIRouter(dependencies=[Depends(LOOKERS)])

Typed = Annotated[str, Query(description="words of a name or place, or the beginning of a reference")]


@router.get("/search", response_class=HTMLResponse, include_in_schema=False)
def find(request: Request, q: Typed = "") -> HTMLResponse:
    """What is found, by kind; the box once more with what was typed."""
    with looking(request) as uow:
        found = search(uow, q)
        shown = found.text[:MOST_SHOWN_TEXT].replace("\x00", "")
        return page(uow, "pages/search.html", "cases", found=found, shown=shown, headings=HEADINGS)


@router.get("/api/search", summary="Find cases, schools and employers", response_model=home_answers.Search)
def find_as_json(request: Request, q: Typed = "") -> JSONResponse:
    """By words of a name or place, or the beginning of a reference; twenty of each kind at most, the best first."""
    with looking(request) as uow:
        found = search(uow, q)
        return JSONResponse(jsonable_encoder({"words": found.words, "hits": found.hits, "more": found.more}))
