"""
The same cases and the same acts as JSON. A request that records something carries an Idempotency-Key header.

Refusals are `{"error": sentence, "findings": [...]}` with 404, 409 or 422.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

from app import acts, api_answers, board_views, case_views, paging
from app.access import CASE_WORKERS, DOERS, LOOKERS, acting, admit, admit_at, is_still_reached, looking
from app.board_filters import filters
from app.case_opening import CaseOpened, open_once
from app.narrowing import wide
from app.once import Key
from app.openapi import json_body
from app.paging import Paged
from app.posted import require_short
from app.routes.board import Given
from casework import repository
from casework.register import workplaces
from core.errors import RuleViolation
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork

router = APIRouter(prefix="/api")

FACTS = sorted({act.facts for act in acts.ACTS.values()}, key=lambda kind: kind.__name__)
ACTS_AND_FACTS = "; ".join(f"{name}: {act.facts.__name__}" for name, act in acts.ACTS.items())
Shape = TypeVar("Shape", bound=BaseModel)


class NewCase(CaseOpened):
    """A case to be opened: at the workplace with this URN or UKPRN."""

    workplace: str = Field(title="URN or UKPRN")


async def body_of(request: Request) -> bytes:
    """The body as it came, of a megabyte at most; the act's own model reads it."""
    require_short(request, "body")
    return await request.body()


@router.get(
    "/cases",
    summary="Cases by stage, nearest deadline first",
    dependencies=[Depends(LOOKERS)],
    response_model=api_answers.Cases,
)
def cases(request: Request, paged: Paged, given: Given) -> JSONResponse:
    """
    Narrowed to a stage, an officer (an id, or `none`), a region, a local authority (its code), an employer (an id, or
    words of its name) and an issue.
    """
    with looking(request) as uow:
        found = board_views.cards(uow, filters(given))
        shown, after = paging.part(found, board_views.place_on_the_ladder, paged)
        return paging.answer(request, {"as_of": uow.today, "cases": [asdict(each) for each in shown]}, after)


@router.post(
    "/cases",
    summary="Open a case",
    dependencies=[Depends(CASE_WORKERS)],
    status_code=201,
    openapi_extra=json_body(NewCase),
    response_model=api_answers.CaseTold,
    responses={200: {"description": "The key shows that it was opened before", "model": api_answers.CaseTold}},
)
def open_case(
    request: Request,
    body: Annotated[bytes, Depends(body_of)],
    idempotency_key: Key,
) -> Response:
    """The case as it stands, and its address in Location."""
    asked = read_strictly(NewCase, body, "The facts of a new case cannot be used.")
    given = CaseOpened(**asked.model_dump(exclude={"workplace"}))
    with acting(request) as uow:
        workplace = workplaces.find(uow, asked.workplace)
        admit_at(uow, workplace, CASE_WORKERS.roles)
        case, new = open_once(uow, workplace, given, f"api:{idempotency_key}")
        ref = case.ref
    with looking(request) as uow:
        where = {"Location": f"/api/cases/{ref}"}
        return JSONResponse(_case(uow, ref), status_code=201 if new else 200, headers=where)


@router.get("/cases/{ref}", summary="One case", dependencies=[Depends(LOOKERS)], response_model=api_answers.CaseTold)
def case(request: Request, ref: str) -> JSONResponse:
    """Everything the case's page shows, and the names of the acts that can be recorded now."""
    with looking(request) as uow:
        return JSONResponse(_case(uow, ref))


@router.post(
    "/cases/{ref}/acts/{act}",
    summary="Record an act",
    dependencies=[Depends(DOERS)],
    status_code=201,
    openapi_extra=json_body(*FACTS, description=ACTS_AND_FACTS),
    response_model=api_answers.CaseTold,
    responses={
        200: {"description": "The key shows that it was recorded before", "model": api_answers.CaseTold},
        204: {"description": "It is recorded, and gave the case to another officer: the token reaches it no longer"},
    },
)
def record(
    request: Request,
    ref: str,
    act: str,
    body: Annotated[bytes, Depends(body_of)],
    idempotency_key: Key,
) -> Response:
    """The case as it stands afterwards."""
    chosen = acts.act_named(act)
    with acting(request) as uow:
        case = repository.find(uow, ref)
        admit(uow, case, chosen.roles)
        facts = read_strictly(chosen.facts, body, f"The facts of {act} cannot be used.")
        new = acts.do(uow, case.id, chosen, facts, f"api:{idempotency_key}")
        reached = is_still_reached(uow, case)
    if not reached:
        return Response(status_code=204)
    with looking(request) as uow:
        return JSONResponse(_case(uow, ref), status_code=201 if new else 200)


def read_strictly(model: type[Shape], body: bytes, refusal: str) -> Shape:
    """A request's body in the model's shape; `RuleViolation` with a finding for each field that is wrong."""
    try:
        return model.model_validate_json(body or b"{}", strict=True)
    except ValidationError as invalid:
        found = tuple(_finding(told) for told in invalid.errors(include_url=False, include_context=False))
        raise RuleViolation(refusal, found) from None


def _finding(told: Any) -> Finding:
    field = ".".join(str(part) for part in told["loc"])
    message = str(told["msg"]).removeprefix("Value error, ")
    sentence = f"{field}: {message[:1].lower() + message[1:]}." if field else f"{message}."
    return Finding("bad_input", Severity.STOP, sentence, "Correct the value and send it again.", where=field or None)


def _case(uow: UnitOfWork, ref: str) -> dict[str, Any]:
    shown = case_views.case_page(uow, ref)
    case = repository.find(uow, ref)
    with wide(uow.session):
        offered = acts.acts_offered(uow, case)
    allowed = [{"name": act.name, "label": act.label, "roles": sorted(act.roles)} for act in offered]
    told: dict[str, Any] = jsonable_encoder(asdict(shown))
    return {**told, "acts": allowed}
