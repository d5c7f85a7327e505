"""Claims for lost pay and payment files by the API: what their pages show, in parts. Nobody is named."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import date

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app import claim_page, claim_views, paging
from app.access import CLAIM_READERS, looking
from app.api_answers import Document, Part
from app.claim_page import ClaimPage
from app.claim_views import BatchLine, CaseClaims, ClaimLine, PaidLine
from app.offered_acts import OfferedAct
from app.paging import Paged, Place

router = APIRouter(prefix="/api", dependencies=[Depends(CLAIM_READERS)], tags=["claims"])


class Claims(Part):
    """Cases with claims, the newest first: how many stand in each state, and what is payable on them."""

    as_of: date
    cases: list[CaseClaims]


class ClaimsOfCase(Part):
    """The claims of one case, the oldest round first; `not_yet_claimed` counts members who struck and have not."""

    as_of: date
    case_ref: str
    workplace: str
    not_yet_claimed: int
    next: tuple[OfferedAct, ...]
    claims: list[ClaimLine]


class ClaimAnswer(BaseModel):
    """One claim as it stands on a day."""

    as_of: date
    claim: ClaimPage


class Payments(Part):
    """Payment files, the latest first."""

    as_of: date
    payments: list[BatchLine]


class PaymentFile(Part):
    """One payment file with its control totals, and its payments by their references."""

    as_of: date
    file: BatchLine
    repeat_reason: str | None
    left_out: tuple[Document, ...]
    next: tuple[OfferedAct, ...]
    payments: list[PaidLine]


@router.get("/claims", summary="Claims for lost pay, by case", response_model=Claims)
def claims(request: Request, paged: Paged) -> JSONResponse:
    """Of every case that is reached: how many claims stand in each state, and what is payable on them."""
    with looking(request) as uow:
        shown, after = paging.part(claim_views.all_claims(uow), _place_of_case, paged)
        return paging.answer(request, {"as_of": uow.today, "cases": [asdict(each) for each in shown]}, after)


@router.get("/cases/{ref}/claims", summary="The claims of one case", response_model=ClaimsOfCase)
def claims_of_case(request: Request, ref: str, paged: Paged) -> JSONResponse:
    """Each by its id: its state, its days, and what it comes to. `next` are the acts that make sense now."""
    with looking(request) as uow:
        found = claim_views.claims_page(uow, ref)
        shown, after = paging.part(found.claims, _place_of_claim, paged)
        told = {**asdict(found), "claims": [asdict(each) for each in shown]}
        return paging.answer(request, {"as_of": uow.today, **told}, after)


@router.get("/claims/{claim_id}", summary="One claim for lost pay by its id", response_model=ClaimAnswer)
def claim(request: Request, claim_id: uuid.UUID) -> JSONResponse:
    """What happened to it, what is next and who does it, and why it pays what it does."""
    with looking(request) as uow:
        shown = claim_page.claim_page(uow, claim_id)
        return JSONResponse(jsonable_encoder({"as_of": uow.today, "claim": asdict(shown)}))


@router.get("/payments", summary="Payment files, the latest first", response_model=Payments)
def payments(request: Request, paged: Paged) -> JSONResponse:
    """Each with its control totals, and who prepared and released it, as what they are."""
    with looking(request) as uow:
        shown, after = paging.part(claim_views.batches(uow), _place_of_file, paged)
        return paging.answer(request, {"as_of": uow.today, "payments": [asdict(each) for each in shown]}, after)


@router.get("/payments/{ref}", summary="One payment file", response_model=PaymentFile)
def payment_file(request: Request, ref: str, paged: Paged) -> JSONResponse:
    """Its payments by reference and claim; payees and accounts stand in the file for the bank alone."""
    with looking(request) as uow:
        found = claim_views.batch_page(uow, ref)
        shown, after = paging.part(found.payments, lambda each: (each.reference,), paged)
        told = {
            "file": found.line,
            "repeat_reason": found.repeat_reason,
            "left_out": found.left_out,
            "next": found.next,
            "payments": shown,
        }
        return paging.answer(request, {"as_of": uow.today, **told}, after)


def _place_of_case(line: CaseClaims) -> Place:
    return claim_views.newest(line.case_ref)


def _place_of_claim(line: ClaimLine) -> Place:
    return (line.round, line.submitted_on.isoformat(), str(line.id))


def _place_of_file(line: BatchLine) -> Place:
    return (-line.prepared_on.toordinal(), line.ref)
