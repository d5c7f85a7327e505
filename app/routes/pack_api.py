"""
The pack of a case's ballot or action, and what the other side's barrister has against it. Looking only.

Whoever reaches a case of it is told of the whole of it: a pack names employers, workplaces and numbers, and no member.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from app import api_answers, pack_views
from app.access import LOOKERS, looking
from app.law_words import used
from app.narrowing import wide
from app.plain import plain
from ballots.models import Action, Ballot
from ballots.pack_writing import as_json, as_toml
from core.unit_of_work import UnitOfWork

router = APIRouter(prefix="/api", dependencies=[Depends(LOOKERS)])

PACK: dict[int | str, dict[str, Any]] = {
    200: {"model": api_answers.Pack, "content": {"application/toml": {"schema": {"type": "string"}}}}
}


class Form(StrEnum):
    """How a pack is written."""

    JSON = "json"
    TOML = "toml"


@router.get("/cases/{ref}/ballot/pack", summary="The pack of a case's ballot", responses=PACK)
def ballot_pack(request: Request, ref: str, as_file: Form = Form.JSON) -> Response:
    """As `mandate ballot pack`: the papers of the ballot as facts, in the keys of a pack."""
    with looking(request) as uow:
        ballot = pack_views.ballot_named(uow, ref)
        return _pack(uow, ballot, f"{ballot.ref}.toml", as_file)


@router.get(
    "/cases/{ref}/ballot/findings",
    summary="The other side's barrister on a case's ballot",
    response_model=api_answers.Examined,
)
def ballot_findings(request: Request, ref: str) -> JSONResponse:
    """`{"findings": [...], "law": {...}}`, as `mandate ballot lint`."""
    with looking(request) as uow:
        return _told(uow, pack_views.ballot_named(uow, ref))


@router.get("/cases/{ref}/action/pack", summary="The pack of a case's action", responses=PACK)
def action_pack(request: Request, ref: str, starts: date | None = None, as_file: Form = Form.JSON) -> Response:
    """As `mandate action pack`; `starts` names the action by its first day, where the case has several."""
    with looking(request) as uow:
        action = pack_views.action_named(uow, ref, starts)
        return _pack(uow, action, f"{ref}-{action.kind}-{action.starts_on.isoformat()}.toml", as_file)


@router.get(
    "/cases/{ref}/action/findings",
    summary="The other side's barrister on a case's action",
    response_model=api_answers.Examined,
)
def action_findings(request: Request, ref: str, starts: date | None = None) -> JSONResponse:
    """`{"findings": [...], "law": {...}}`, as `mandate action lint`."""
    with looking(request) as uow:
        return _told(uow, pack_views.action_named(uow, ref, starts))


def _pack(uow: UnitOfWork, of: Ballot | Action, name: str, form: Form) -> Response:
    with wide(uow.session):
        pack = pack_views.pack_of(uow, of)
    if form is Form.JSON:
        return Response(as_json(pack), media_type="application/json")
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_toml(pack), media_type="application/toml", headers=disposition)


def _told(uow: UnitOfWork, of: Ballot | Action) -> JSONResponse:
    with wide(uow.session):
        found = pack_views.examination_of(uow, of)
    document: dict[str, Any] = plain({"findings": found.findings, "law": used(found.law)})
    return JSONResponse(document)
