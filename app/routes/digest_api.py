"""What one is told by mail, and how often."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app import account_answers
from app.access import acting, anybody_signed_in, caller_of, looking
from app.once import once
from app.openapi import json_body
from app.routes.api import body_of, read_strictly
from casework.people import digests
from casework.people.digests import MailDigest

router = APIRouter(prefix="/api/account/digest", dependencies=[Depends(anybody_signed_in)], tags=["account"])


class DigestChosen(BaseModel):
    """How often, and of what; without `parts` of everything."""

    model_config = ConfigDict(extra="forbid")

    rhythm: str
    parts: list[str] = Field(default_factory=lambda: [each.value for each in digests.DigestPart])


@router.get("", summary="What you are told by mail", response_model=account_answers.Digest)
def chosen(request: Request) -> JSONResponse:
    """How often and of what, and the day on which you were last told."""
    with looking(request) as uow:
        return _told(digests.of_account(uow, caller_of(request).account_id))


@router.post(
    "",
    summary="Choose what you are told by mail",
    dependencies=[Depends(once)],
    openapi_extra=json_body(DigestChosen),
    response_model=account_answers.Digest,
)
def choose(request: Request, body: Annotated[bytes, Depends(body_of)]) -> JSONResponse:
    """What was chosen; the same again changes nothing."""
    asked = read_strictly(DigestChosen, body, "What was chosen cannot be used.")
    with acting(request) as uow:
        return _told(digests.choose(uow, caller_of(request).account_id, asked.rhythm, asked.parts))


def _told(row: MailDigest) -> JSONResponse:
    told_on = row.told_on.isoformat() if row.told_on else None
    return JSONResponse({"rhythm": row.rhythm.value, "parts": list(row.parts), "told_on": told_on})
