"""
The same cases and the same acts as JSON. A request that records something carries an Idempotency-Key header.

Refusals are `{"error": sentence, "findings": [...]}` with 404, 409 or 422.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app import acts, case_views, views
from app.access import CASE_WORKERS, DOERS, LOOKERS, acting, admit, admit_at, looking
from app.case_opening import CaseOpened, open_once
from app.narrowing import wide
from app.routes.board import officer_named, stage_named
from casework import repository
from casework.register import workplaces
from core.errors import RuleViolation
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork

router = APIRouter(prefix="/api")

LONGEST_KEY = 200
Shape = TypeVar("Shape", bound=BaseModel)


class NewCase(CaseOpened):
    """A case to be opened: at the workplace with this URN or UKPRN."""

    workplace: str = Field(title="URN or UKPRN")


async def body_of(request: Request) -> bytes:
    """The body as it came; the act's own model reads it."""
    return await request.body()


@router.get("/cases", summary="Cases by stage, nearest deadline first", dependencies=[Depends(LOOKERS)])
def cases(request: Request, stage: str = "", officer: str = "") -> JSONResponse:
    """`{"as_of": date, "cases": [...]}`, narrowed to a stage and an officer (an id)."""
    with looking(request) as uow:
        found = views.cards(uow, stage_named(stage), officer_named(officer))
        return JSONResponse(jsonable_encoder({"as_of": uow.today, "cases": [asdict(each) for each in found]}))


@router.post(
    "/cases",
    summary="Open a case",
    dependencies=[Depends(CASE_WORKERS)],
    status_code=201,
    responses={200: {"description": "The key shows that it was opened before"}},
)
def open_case(
    request: Request,
    body: Annotated[bytes, Depends(body_of)],
    idempotency_key: Annotated[str, Header(min_length=8, max_length=LONGEST_KEY)],
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


@router.get("/cases/{ref}", summary="One case", dependencies=[Depends(LOOKERS)])
def case(request: Request, ref: str) -> JSONResponse:
    """Everything the case's page shows, and the names of the acts that can be recorded now."""
    with looking(request) as uow:
        return JSONResponse(_case(uow, ref))


@router.post(
    "/cases/{ref}/acts/{act}",
    summary="Record an act",
    dependencies=[Depends(DOERS)],
    status_code=201,
    responses={200: {"description": "The key shows that it was recorded before"}},
)
def record(
    request: Request,
    ref: str,
    act: str,
    body: Annotated[bytes, Depends(body_of)],
    idempotency_key: Annotated[str, Header(min_length=8, max_length=LONGEST_KEY)],
) -> Response:
    """The case as it stands afterwards."""
    chosen = acts.act_named(act)
    with acting(request) as uow:
        case = repository.find(uow, ref)
        admit(uow, case, chosen.roles)
        facts = read_strictly(chosen.facts, body, f"The facts of {act} cannot be used.")
        new = acts.do(uow, case.id, chosen, facts, f"api:{idempotency_key}")
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


def describe_acts(app: FastAPI) -> None:
    """Add the facts of every act to the application's OpenAPI document."""
    plain = app.openapi

    def with_acts() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        document = plain()
        kinds: list[type[BaseModel]] = [NewCase]
        kinds += sorted({act.facts for act in acts.ACTS.values()}, key=lambda kind: kind.__name__)
        wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(kind, "validation") for kind in kinds]
        refs, schemas = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
        document.setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
        operation = document["paths"]["/api/cases/{ref}/acts/{act}"]["post"]
        operation["requestBody"] = {
            "required": True,
            "description": "; ".join(f"{name}: {act.facts.__name__}" for name, act in acts.ACTS.items()),
            "content": {"application/json": {"schema": {"oneOf": [refs[kind, "validation"] for kind in kinds[1:]]}}},
        }
        document["paths"]["/api/cases"]["post"]["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": refs[NewCase, "validation"]}},
        }
        return document

    app.openapi = with_acts  # type: ignore[method-assign]
