"""Whether the action of a dispute stands down, and who has been reached by the message: as a page, CSV and JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from app import api_answers, dispute_page, stand_down_people, stand_down_views, views
from app.access import LOOKERS, looking
from app.dispute_page import DisputePage
from app.pages import page
from app.stand_down_views import NOT_REACHED_YET, REFRESH_SECONDS, PersonStanding, standing_named
from app.tables_csv import kept_as
from casework.stand_downs import REASONS

router = APIRouter(dependencies=[Depends(LOOKERS)])


class DisputeAnswer(BaseModel):
    """One dispute as it stands on a day."""

    as_of: date
    dispute: DisputePage


@router.get("/disputes/{ref}", response_class=HTMLResponse, include_in_schema=False)
def dispute(request: Request, ref: str) -> HTMLResponse:
    """The dispute of that reference."""
    with looking(request) as uow:
        return page(uow, "pages/dispute.html", "cases", dispute=dispute_page.dispute_page(uow, ref))


@router.get(
    "/api/disputes/{ref}",
    summary="One dispute, with its schools, ballots, mandates and action",
    response_model=DisputeAnswer,
)
def dispute_as_json(request: Request, ref: str) -> JSONResponse:
    """Everything the dispute's page shows; of its schools only those that are reached."""
    with looking(request) as uow:
        shown = dispute_page.dispute_page(uow, ref)
        return JSONResponse(jsonable_encoder({"as_of": uow.today, "dispute": asdict(shown)}))


@router.get("/disputes/{ref}/standing", response_class=HTMLResponse, include_in_schema=False)
def standing(request: Request, ref: str, only: str = "") -> HTMLResponse:
    """
    The latest stand-down with everybody concerned, by name and telephone, narrowed by `only`. Looks again by itself
    while messages go.
    """
    with looking(request) as uow:
        found = stand_down_views.standing_page(uow, ref, only=standing_named(only), not_reached=only == NOT_REACHED_YET)
        people = [(each.party, each.party_id) for each in found.people] if found else []
        return page(
            uow,
            "pages/standing.html",
            "cases",
            ref=stand_down_views.dispute_named(uow, ref).ref,
            case_ref=stand_down_views.case_of(uow, ref).ref,
            found=found,
            before=stand_down_views.before_order(uow, ref) if found is None or not found.stands else None,
            known=stand_down_people.known(uow, people),
            ordered_by=views.by_name(uow, found.ordered_by) if found else None,
            lifted_by=views.by_name(uow, found.lifted_by) if found and found.lifted_by else None,
            only=only,
            refresh=REFRESH_SECONDS,
            standings=tuple(PersonStanding),
            reasons=REASONS,
        )


@router.get("/disputes/{ref}/standing.csv", include_in_schema=False)
def as_csv(request: Request, ref: str, only: str = "") -> Response:
    """Everybody concerned, or with `only=not_reached_yet` those who are still to be reached."""
    standing_named(only)
    with looking(request) as uow:
        dispute = stand_down_views.dispute_named(uow, ref)
        text = stand_down_views.as_csv(uow, ref, not_reached=only == NOT_REACHED_YET)
    return kept_as(f"stand-down-{dispute.ref}", text)


@router.get(
    "/api/disputes/{ref}/standing",
    summary="The stand-down of a dispute, and who has been reached",
    response_model=api_answers.StandDownAnswer,
)
def as_json(request: Request, ref: str, only: str = "") -> JSONResponse:
    """
    `{"dispute": ..., "stand_down": {...} | null}`; `ref` is the dispute's, or that of one of its cases. Its people are
    the first 200, narrowed by `only`: a standing, or `not_reached_yet`.
    """
    with looking(request) as uow:
        found = stand_down_views.standing_page(uow, ref, only=standing_named(only), not_reached=only == NOT_REACHED_YET)
        told = stand_down_views.as_document(found) if found else None
        ours = stand_down_views.dispute_named(uow, ref).ref
        return JSONResponse(jsonable_encoder({"dispute": ours, "stand_down": told}))
