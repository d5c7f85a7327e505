"""Claims for lost pay and payment files: pages, CSV, and the file for the bank. Nobody is named but in that file."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from app import claim_page, claim_views
from app.access import CLAIM_READERS, PAYERS, acting, looking
from app.pages import page
from app.tables_csv import csv_file, kept_as
from casework.pay import payments
from casework.pay.models import ClaimState

router = APIRouter(include_in_schema=False)


@router.get("/claims", response_class=HTMLResponse, dependencies=[Depends(CLAIM_READERS)])
def claims(request: Request) -> HTMLResponse:
    """The claims of every case that is reached, counted, and the payment files."""
    with looking(request) as uow:
        return page(
            uow,
            "pages/claims.html",
            "claims",
            cases=claim_views.all_claims(uow),
            batches=claim_views.batches(uow),
            states=tuple(ClaimState),
        )


@router.get("/cases/{ref}/claims", response_class=HTMLResponse, dependencies=[Depends(CLAIM_READERS)])
def claims_of_case(request: Request, ref: str) -> HTMLResponse:
    """The claims of one case, by their ids."""
    with looking(request) as uow:
        return page(uow, "pages/claims_of_case.html", "claims", found=claim_views.claims_page(uow, ref))


@router.get("/cases/{ref}/claims.csv", dependencies=[Depends(CLAIM_READERS)])
def claims_as_csv(request: Request, ref: str) -> Response:
    """The same as a table."""
    with looking(request) as uow:
        found = claim_views.claims_page(uow, ref)
        return csv_file(f"claims-{found.case_ref}", claim_views.CLAIM_COLUMNS, claim_views.claim_rows(found))


@router.get("/claims/{claim_id}", response_class=HTMLResponse, dependencies=[Depends(CLAIM_READERS)])
def one_claim(request: Request, claim_id: uuid.UUID) -> HTMLResponse:
    """One claim: what happened to it, what is next and who does it, and why it pays what it does."""
    with looking(request) as uow:
        return page(uow, "pages/claim.html", "claims", found=claim_page.claim_page(uow, claim_id))


@router.get("/payments/{ref}", response_class=HTMLResponse, dependencies=[Depends(CLAIM_READERS)])
def payment_file(request: Request, ref: str) -> HTMLResponse:
    """One payment file: its control totals, its payments by reference, and what was left out of it."""
    with looking(request) as uow:
        return page(uow, "pages/payment_file.html", "claims", found=claim_views.batch_page(uow, ref))


@router.get("/payments/{ref}/table.csv", dependencies=[Depends(CLAIM_READERS)])
def payments_as_csv(request: Request, ref: str) -> Response:
    """Its payments by reference and claim; payees and accounts stand in the file for the bank alone."""
    with looking(request) as uow:
        found = claim_views.batch_page(uow, ref)
        return csv_file(f"payments-{found.line.ref}", claim_views.BATCH_COLUMNS, claim_views.batch_rows(found))


@router.post("/payments/{ref}/file", dependencies=[Depends(PAYERS)])
def hand_over(request: Request, ref: str) -> Response:
    """The released file for the bank, as it was prepared. History notes that it was handed over, and to whom."""
    with acting(request) as uow:
        batch, content = payments.hand_over(uow, ref)
        return kept_as(batch.ref, content)
