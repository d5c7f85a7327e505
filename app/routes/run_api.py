"""The same runs as JSON: asking for one is answered at once with 202 and where to look for it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app import api_answers, paging, run_requests, run_views
from app.access import KEEPERS, SERVICE_WORKERS, SWEEPERS, acting, looking
from app.admission import admit_each
from app.once import Key
from app.openapi import json_body
from app.paging import Paged
from app.routes.api import body_of, read_strictly
from app.routes.runs import RunId
from app.run_requests import ADVANCE
from casework import repository

router = APIRouter(prefix="/api")

AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The key shows that it was asked for before", "model": api_answers.RunTold}
}
Body = Annotated[bytes, Depends(body_of)]


class RunAsked(BaseModel):
    """Which flow is to run, and for `workplace_case` the references of the cases."""

    model_config = ConfigDict(extra="forbid")

    flow: str
    cases: list[str] = Field(default_factory=list)


@router.get("/runs", summary="The newest runs", dependencies=[Depends(KEEPERS)], response_model=api_answers.Runs)
def runs(request: Request, paged: Paged, case: str = "") -> JSONResponse:
    """The newest first; `case` (a reference or an id) narrows them to one case."""
    before = paging.place_of(paged.after, [int])
    with looking(request) as uow:
        case_id = repository.find(uow, case).id if case else None
        found = run_views.runs(uow, case_id, limit=paged.limit + 1, before=int(before[0]) if before else None)
        shown, after = paging.fetched(found, lambda run: (run.id,), paged)
        return paging.answer(request, {"runs": shown}, after)


@router.get("/runs/{run_id}", summary="One run", dependencies=[Depends(KEEPERS)], response_model=api_answers.RunTold)
def run(request: Request, run_id: RunId) -> JSONResponse:
    """Its state, who asked, what moved, what failed, and where it stands at Prefect."""
    with looking(request) as uow:
        return JSONResponse(jsonable_encoder(run_views.as_document(run_views.run_page(uow, run_id))))


@router.post(
    "/runs",
    summary="Ask for a run",
    dependencies=[Depends(SWEEPERS)],
    status_code=202,
    response_model=api_answers.RunTold,
    responses=AGAIN,
    openapi_extra=json_body(RunAsked),
)
def start(request: Request, body: Body, idempotency_key: Key) -> Response:
    """The body is `{"flow": ..., "cases": [...]}`; the answer is the run as it stands, and its address in Location."""
    asked = read_strictly(RunAsked, body, "The request for a run cannot be used.")
    return _asked(request, asked.flow, asked.cases, idempotency_key)


@router.post(
    "/cases/{ref}/runs",
    summary="Ask for a case to be advanced",
    dependencies=[Depends(SERVICE_WORKERS)],
    status_code=202,
    response_model=api_answers.RunTold,
    responses=AGAIN,
)
def advance(request: Request, ref: str, idempotency_key: Key) -> Response:
    """No body; the answer is the run as it stands, and its address in Location."""
    return _asked(request, ADVANCE, [ref], idempotency_key)


def _asked(request: Request, flow: str, cases: list[str], key: str) -> Response:
    run_requests.require_few(cases)
    with acting(request) as uow:
        admit_each(uow, cases, SERVICE_WORKERS.roles)
        row, new = run_requests.ask(uow, flow, cases, f"api:{key}")
        number = row.id
    with looking(request) as uow:
        document = jsonable_encoder(run_views.as_document(run_views.run_page(uow, number)))
    where = {"Location": f"/api/runs/{document['id']}"}
    return JSONResponse(document, status_code=202 if new else 200, headers=where)
