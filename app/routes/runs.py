"""Runs of flows: asking for one, and seeing what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app import run_requests, run_views
from app.access import KEEPERS, SERVICE_WORKERS, SWEEPERS, acting, looking
from app.admission import admit_each
from app.forms import Posted
from app.pages import page
from app.posted import new_nonce, nonce_of, one, posted_form
from app.run_requests import ADVANCE, STARTABLE

router = APIRouter(include_in_schema=False)

MOST = 2**31 - 1
"""The largest number that any of the databases gives a row."""
RunId = Annotated[int, Path(ge=1, le=MOST)]


@router.get("/runs", response_class=HTMLResponse, dependencies=[Depends(KEEPERS)])
def runs(request: Request) -> HTMLResponse:
    """The newest runs, and a button for each sweep."""
    with looking(request) as uow:
        sweeps = [(each, new_nonce()) for each in STARTABLE.values() if not each.of_cases]
        found, refresh = run_views.runs(uow), run_views.REFRESH_SECONDS
        return page(uow, "pages/runs.html", "runs", runs=found, sweeps=sweeps, refresh=refresh)


@router.get("/runs/{run_id}", response_class=HTMLResponse, dependencies=[Depends(KEEPERS)])
def run(request: Request, run_id: RunId) -> HTMLResponse:
    """One run: its state, who asked, what moved, what failed. Looks again by itself until it is over."""
    with looking(request) as uow:
        found = run_views.run_page(uow, run_id)
        return page(uow, "pages/run.html", "runs", run=found, refresh=run_views.REFRESH_SECONDS)


@router.post("/runs", dependencies=[Depends(SWEEPERS)])
def start_sweep(request: Request, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Ask for a sweep once and go to its run."""
    return _asked(request, one(posted, "flow"), [], posted)


@router.post("/cases/{ref}/runs", dependencies=[Depends(SERVICE_WORKERS)])
def advance_case(request: Request, ref: str, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Ask once for a case to be advanced and go to its run."""
    return _asked(request, ADVANCE, [ref], posted)


def _asked(request: Request, flow: str, cases: list[str], posted: Posted) -> Response:
    run_requests.require_few(cases)
    with acting(request) as uow:
        admit_each(uow, cases, SERVICE_WORKERS.roles)
        row, _ = run_requests.ask(uow, flow, cases, nonce_of(posted))
        number = row.id
    return RedirectResponse(f"/runs/{number}", status_code=303)
