"""
The tokens of one's own account: listed and ended. None is made here: that takes the second factor, on the account's
page, so that nobody who found a token makes themselves one that lasts.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from app import account_answers, paging, people_views, signing_in
from app.access import acting, anybody_signed_in, caller_of, looking
from app.once import once
from app.paging import Paged
from casework.people import api_tokens

router = APIRouter(prefix="/api/account/tokens", dependencies=[Depends(anybody_signed_in)], tags=["account"])


@router.get("", summary="The tokens of your account", response_model=account_answers.Tokens)
def listed(request: Request, paged: Paged) -> JSONResponse:
    """Those that are worth something, the one made first at the head; a token itself is never shown again."""
    with looking(request) as uow:
        found = people_views.tokens(uow, caller_of(request).account_id, signing_in.now())
        shown, after = paging.part(found, lambda each: (each.made_at.isoformat(), each.short), paged)
        return paging.answer(request, {"tokens": shown}, after)


@router.post(
    "/{short}/end", summary="End a token", dependencies=[Depends(once)], response_model=account_answers.TokenEnded
)
def end(request: Request, short: str) -> JSONResponse:
    """It is worth nothing from then on; one may end itself."""
    with acting(request) as uow:
        api_tokens.end(uow, caller_of(request).account_id, short, signing_in.now())
    return JSONResponse(jsonable_encoder({"short": short}))
