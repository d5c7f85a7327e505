"""Calendars: what a calendar program reads by a secret address, and the addresses of an account by the API."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from app import account_answers, calendars, paging, signing_in
from app.access import acting, anybody_signed_in, anyone, caller_of, looking
from app.errors import NotAllowed
from app.forwarded import asking
from app.once import Key, once
from app.openapi import json_body
from app.pages import refusal
from app.paging import Paged
from app.routes.api import body_of, read_strictly
from ballots import calendar_keys
from casework.people.keys import digest_of
from core.unit_of_work import reading

router = APIRouter()

NO_TOKENS = (
    "A calendar reaches all that its account does, and has no end; a token has one. Make it on your account’s page, or "
    "with `mandate calendar add`."
)
READINGS = 30
"""Of one address of the network, or of one calendar, in a minute: programs read every quarter of an hour at most."""
WINDOW_SECONDS = 60


class Readings:
    """How often calendars were read in this minute, by whom and by which key's digest."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._window = 0
        self._read: Counter[str] = Counter()

    def too_many(self, *subjects: str) -> bool:
        """Count one reading for each subject; whether any of them has read too often."""
        window = int(self._seconds() // WINDOW_SECONDS)
        if window != self._window:
            self._window, self._read = window, Counter()
        self._read.update(subjects)
        return any(self._read[each] > READINGS for each in subjects)


class NewCalendar(BaseModel):
    """A calendar to be made: of the ballot of this reference, or without one of one's own cases."""

    model_config = ConfigDict(extra="forbid")

    ballot: str = Field(default="", max_length=30)


Body = Annotated[bytes, Depends(body_of)]


@router.get("/calendar/{key}/deadlines.ics", dependencies=[Depends(anyone)], include_in_schema=False)
def read(request: Request, key: str) -> Response:
    """The calendar of a secret address, or 304 where the reader has it as it is."""
    readings: Readings = request.app.state.readings
    if readings.too_many(asking(request.scope), digest_of(key)):
        answer = refusal(request, 429, "Too many requests", "Read the calendar again in a minute.")
        answer.headers["Retry-After"] = str(WINDOW_SECONDS)
        return answer
    with reading(on=request.app.state.database) as uow:
        found = calendars.feed(uow, key)
    headers = {"ETag": found.etag}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="mandate.ics"'
    return Response(found.content, media_type="text/calendar; charset=utf-8", headers=headers)


@router.get(
    "/api/account/calendars",
    summary="The calendars that you keep",
    dependencies=[Depends(anybody_signed_in)],
    response_model=account_answers.Calendars,
    tags=["calendars"],
)
def listed(request: Request, paged: Paged) -> JSONResponse:
    """The one made first at the head; an address is never shown again."""
    with looking(request) as uow:
        found = calendars.of_account(uow, caller_of(request).account_id)
        shown, after = paging.part(found, lambda each: (each.made_at.isoformat(), each.short), paged)
        return paging.answer(request, {"calendars": shown}, after)


@router.post(
    "/api/account/calendars",
    summary="Make a calendar",
    dependencies=[Depends(anybody_signed_in), Depends(once)],
    status_code=201,
    openapi_extra=json_body(NewCalendar, required=False),
    response_model=account_answers.CalendarMade,
    responses={200: {"description": "The key shows that it was made before", "model": account_answers.CalendarMade}},
    tags=["calendars"],
)
def make(request: Request, body: Body, idempotency_key: Key) -> Response:
    """Its address, this once: with the same key again `url` is null. Not for tokens: a calendar outlasts them."""
    asked = read_strictly(NewCalendar, body, "The calendar that was asked for cannot be made.")
    ref = asked.ballot.strip().upper()
    if caller_of(request).by_token:
        raise NotAllowed(NO_TOKENS)
    with acting(request) as uow:
        at, account_id = signing_in.now(), caller_of(request).account_id
        line, key = calendars.make(uow, account_id, ref, f"api:{idempotency_key}", at)
    url = calendars.address(key, request.url.port) if key else None
    told = {"short": line.short, "ballot": line.ballot, "made_at": line.made_at, "url": url}
    return JSONResponse(jsonable_encoder(told), status_code=201 if key else 200)


@router.post(
    "/api/account/calendars/{short}/end",
    summary="End a calendar",
    dependencies=[Depends(anybody_signed_in), Depends(once)],
    response_model=account_answers.CalendarEnded,
    tags=["calendars"],
)
def end(request: Request, short: str) -> JSONResponse:
    """Its address is worth nothing from then on; a second time it stays as it ended first."""
    with acting(request) as uow:
        row = calendar_keys.end(uow, caller_of(request).account_id, short, signing_in.now())
        return JSONResponse(jsonable_encoder({"short": row.short, "ended_at": row.ended_at}))
