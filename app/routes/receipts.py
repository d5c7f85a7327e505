"""Receipts that a person records: by the form of a notice's page, and a delivery by hand over the API."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from app import acts, forms, notice_views, receipt_forms, receiving
from app.access import SERVICE_WORKERS, acting, looking
from app.admission import admit_notice
from app.errors import meaning
from app.once import key_sent, once
from app.openapi import json_body
from app.posted import new_nonce, nonce_of, one
from app.receiving import NO_DOCUMENT, RECEIVED, Shown
from app.routes.api import read_strictly
from app.routes.proofs import Sent, body_of, notice_page, sent_file
from core.errors import MandateError, NotFound
from notifications.hand_delivery import LONGEST, HandDelivery
from notifications.proof import ReceiptKind

router = APIRouter()

Line = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class HandedOver(BaseModel, extra="forbid"):
    """A delivery by hand. `at` is the London time of day; `document` the digest of a slip that was kept before."""

    received_on: date
    at: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    place: Line
    delivered_by: Line
    handed_to: Line
    document: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    no_document: bool = False


@router.post("/notices/{notice_id}/receipt", dependencies=[Depends(SERVICE_WORKERS)], include_in_schema=False)
def receipt(request: Request, notice_id: uuid.UUID, sent: Annotated[Sent, Depends(sent_file)]) -> Response:
    """Record a receipt with the slip or photograph that shows it; with anything wrong, show the form again."""
    read = forms.read(acts.act_named(RECEIVED).facts, {**sent.fields, "notice": [str(notice_id)]})
    delivery, wrong = receipt_forms.read(sent.fields)
    errors, status = (*read.errors, *wrong), 422
    if read.facts is not None and not errors:
        shown = Shown(sent.content, delivery, bool(one(sent.fields, NO_DOCUMENT)))
        try:
            with acting(request) as uow:
                admit_notice(uow, notice_id, acts.act_named(RECEIVED).roles)
                receiving.record(uow, notice_id, read.facts, shown, nonce_of(sent.fields))
            return RedirectResponse(f"/notices/{notice_id}?done=receipt", status_code=303)
        except NotFound:
            raise
        except MandateError as error:
            errors, status = receipt_forms.errors_of(error), meaning(error).http_status
    with looking(request) as uow:
        return notice_page(uow, notice_id, errors=errors, typed=sent.fields, status=status)


@router.post(
    "/api/notices/{notice_id}/hand-delivery",
    summary="Record a delivery by hand",
    dependencies=[Depends(SERVICE_WORKERS), Depends(once)],
    status_code=201,
    response_model=notice_views.NoticePage,
    openapi_extra=json_body(HandedOver),
    tags=["service"],
)
def api_hand_delivery(
    request: Request,
    notice_id: uuid.UUID,
    body: Annotated[bytes, Depends(body_of)],
) -> JSONResponse:
    """
    The notice as its page shows it. `{"received_on", "at", "place", "delivered_by", "handed_to"}`, and either
    `document`, the digest of a slip that was kept before, or `no_document: true`. The same again changes nothing.
    """
    given = read_strictly(HandedOver, body, "The delivery by hand cannot be used.")
    facts = acts.act_named(RECEIVED).facts.model_validate(
        {
            "notice": notice_id,
            "received_on": given.received_on,
            "how": ReceiptKind.HANDED_OVER.value,
            "document": given.document,
        }
    )
    delivery = HandDelivery(given.place, given.at, given.delivered_by, given.handed_to)
    with acting(request) as uow:
        admit_notice(uow, notice_id, acts.act_named(RECEIVED).roles)
        shown, key = Shown(delivery=delivery, without_paper=given.no_document), key_sent(request)
        receiving.record(uow, notice_id, facts, shown, f"api:{key}" if key else new_nonce())
    with looking(request) as uow:
        return JSONResponse(jsonable_encoder(notice_views.page(uow, notice_id)), status_code=201)
