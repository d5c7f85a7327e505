"""Webhooks, for whoever keeps the service running: addresses of other programs that are told of events."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from app import account_answers, paging, webhook_views
from app.access import OPERATORS, acting, looking
from app.errors import meaning
from app.forms import FieldError, Posted
from app.once import Key, once
from app.openapi import json_body
from app.pages import page
from app.paging import Paged
from app.posted import new_nonce, nonce_of, one, posted_form
from app.routes.api import body_of, read_strictly
from casework.webhooks import addresses
from casework.webhooks.events import EVENTS
from core.errors import BadInput, Conflict, MandateError

router = APIRouter(dependencies=[Depends(OPERATORS)])

Form = Annotated[Posted, Depends(posted_form)]
Body = Annotated[bytes, Depends(body_of)]
LABELS = {"url": "Address", "events": "Of which events"}


class NewWebhook(BaseModel):
    """An address to be told, and of which events."""

    model_config = ConfigDict(extra="forbid")

    url: str
    events: list[str]


@router.get("/webhooks", response_class=HTMLResponse, include_in_schema=False)
def shown(request: Request, done: str = "") -> HTMLResponse:
    """Every address that is told, and the form that adds one."""
    return _page(request, done=done == "ended")


@router.post("/webhooks", include_in_schema=False)
def add(request: Request, posted: Form) -> Response:
    """Add an address; its secret is shown this once."""
    try:
        with acting(request) as uow:
            url, events = one(posted, "url").strip(), posted.get("events", ())
            _, secret = addresses.make(uow, url, events, nonce_of(posted))
    except (BadInput, Conflict) as error:
        beside = [_beside(each) for each in (error.each if isinstance(error, BadInput) else (error,))]
        return _page(request, errors=beside, typed=posted, status=meaning(error).http_status)
    return _page(request, secret=secret or "")


@router.post("/webhooks/{webhook_id}/secret", include_in_schema=False)
def renew(request: Request, webhook_id: uuid.UUID, posted: Form) -> Response:
    """Another secret, shown this once; the same form again makes none."""
    with acting(request) as uow:
        secret = addresses.rotate(uow, webhook_id, nonce_of(posted))
    return _page(request, secret=secret or "", pressed_before=secret is None)


@router.post("/webhooks/{webhook_id}/end", include_in_schema=False)
def stop(request: Request, webhook_id: uuid.UUID) -> Response:
    """Tell an address nothing more."""
    with acting(request) as uow:
        addresses.end(uow, webhook_id)
    return RedirectResponse("/webhooks?done=ended", status_code=303)


@router.get("/api/webhooks", summary="Addresses that are told of events", response_model=account_answers.Webhooks)
def listed(request: Request, paged: Paged) -> JSONResponse:
    """The one made first at the head, with how many events wait, were told and were given up."""
    with looking(request) as uow:
        found = webhook_views.lines(uow)
        part, after = paging.part(found, lambda each: (each.made_at.isoformat(), str(each.id)), paged)
        return paging.answer(request, {"webhooks": part}, after)


@router.post(
    "/api/webhooks",
    summary="Tell an address of events",
    dependencies=[Depends(once)],
    status_code=201,
    openapi_extra=json_body(NewWebhook),
    response_model=account_answers.WebhookMade,
    responses={200: {"description": "The key shows that it was made before", "model": account_answers.WebhookMade}},
)
def make(request: Request, body: Body, idempotency_key: Key) -> Response:
    """Its secret, this once: with the same key again `secret` is null."""
    asked = read_strictly(NewWebhook, body, "The webhook that was asked for cannot be made.")
    with acting(request) as uow:
        row, secret = addresses.make(uow, asked.url, asked.events, f"api:{idempotency_key}")
        told = {"id": row.id, "url": row.url, "events": row.events, "secret": secret}
    return JSONResponse(jsonable_encoder(told), status_code=201 if secret else 200)


@router.post(
    "/api/webhooks/{webhook_id}/secret",
    summary="Give a webhook another secret",
    dependencies=[Depends(once)],
    response_model=account_answers.WebhookSecret,
)
def rotate(request: Request, webhook_id: uuid.UUID, idempotency_key: Key) -> JSONResponse:
    """
    The new one, this once: with the same key again `secret` is null. For a day events are signed with the one so far
    too.
    """
    with acting(request) as uow:
        return JSONResponse({"secret": addresses.rotate(uow, webhook_id, f"api:{idempotency_key}")})


@router.post(
    "/api/webhooks/{webhook_id}/end",
    summary="Tell an address nothing more",
    dependencies=[Depends(once)],
    response_model=account_answers.WebhookEnded,
)
def end(request: Request, webhook_id: uuid.UUID) -> JSONResponse:
    """What was on its way to it is given up; a second time it stays as it ended first."""
    with acting(request) as uow:
        row = addresses.end(uow, webhook_id)
        return JSONResponse(jsonable_encoder({"id": row.id, "ended_at": row.ended_at}))


def _beside(error: MandateError) -> FieldError:
    if not isinstance(error, BadInput) or error.field not in LABELS:
        return FieldError("", "#main-content", str(error))
    said = "choose at least one" if error.field == "events" else f"wanted {error.wanted}"
    return FieldError(error.field, f"#{error.field}", f"{LABELS[error.field]}: {said}")


def _page(
    request: Request,
    *,
    secret: str = "",
    pressed_before: bool = False,
    errors: Sequence[FieldError] = (),
    typed: Posted | None = None,
    done: bool = False,
    status: int = 200,
) -> HTMLResponse:
    with looking(request) as uow:
        return page(
            uow,
            "pages/webhooks.html",
            "status",
            status=status,
            hooks=webhook_views.lines(uow),
            events=EVENTS,
            typed={"url": one(typed or {}, "url"), "events": (typed or {}).get("events", ())},
            nonce=new_nonce(),
            secret=secret,
            pressed_before=pressed_before,
            errors=errors,
            done=done,
        )
