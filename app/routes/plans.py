"""Planning a ballot: the page, and the same document over HTTP. Nothing is recorded."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse

from app import api_answers, plan_views
from app.access import EVERYBODY, looking
from app.forms import Posted
from app.pages import page
from app.plain import plain
from app.plan_form import CASE, LABELS, read_wish
from app.plans import KINDS, document, findings_of, fixed_by
from app.posted import one
from ballots.channels import CHANNEL_NAMES, CLOSING_HOUR
from ballots.plan import plan
from ballots.plan_findings import folded
from ballots.plan_rules import STEP_NAMES
from core.errors import RuleViolation
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork

router = APIRouter(dependencies=[Depends(EVERYBODY)])

TEMPLATE = "pages/plan.html"
WORDS = {"names": STEP_NAMES, "channels": CHANNEL_NAMES, "kinds": KINDS, "labels": LABELS, "hour": CLOSING_HOUR}


def asked_of(request: Request) -> Posted:
    """Every value of every parameter of the address."""
    return {name: request.query_params.getlist(name) for name in request.query_params}


@router.get("/plan", response_class=HTMLResponse, include_in_schema=False)
def plan_page(request: Request) -> HTMLResponse:
    """The form; with anything asked, the plan under it. `case` (a reference) brings that case's nation."""
    asked = asked_of(request)
    with looking(request) as uow:
        case, only_opened = plan_views.planned_case(uow, one(asked, CASE)), not set(asked) - {CASE}
        if case is not None and not one(asked, "nation"):
            asked = {**asked, "nation": [case.nation]}
        shown: dict[str, Any] = {**WORDS, "case": case, "asked": asked}
        if only_opened:
            return page(uow, TEMPLATE, "plan", **shown, plan=None, errors=(), chart=None)
        found = read_wish(asked, uow.today, uow.holidays_in)
        if found.wish is None:
            return page(uow, TEMPLATE, "plan", status=422, **shown, plan=None, errors=found.errors, chart=None)
        outcome = plan(found.wish, uow.law)
        chart = plan_views.drawing(found.wish, outcome) if outcome.steps else None
        told = folded(findings_of(found.wish, outcome), outcome.steps, found.wish.today)
        shown |= {"plan": outcome, "findings": told, "wish": found.wish, "fixed_by": fixed_by}
        if case is not None and outcome.steps:
            shown["next"] = plan_views.next_of_plan(uow, case.ref, found.wish, outcome)
        return page(uow, TEMPLATE, "plan", **shown, errors=(), chart=chart)


@router.get(
    "/api/plan",
    summary="A ballot planned backwards from a first day of action, or forwards from today",
    response_model=api_answers.Planned,
)
def plan_document(request: Request) -> JSONResponse:
    """
    The document of `mandate plan --json`, from the same options with underscores: `first_action`, `today`, `kind`, …

    The clock is never read: without `today` there is no slack. `offices_closed` and `school_closed` may be repeated.
    There is no `assume`: no planned change of the law bears on a day of a plan.
    """
    with looking(request) as uow:
        return JSONResponse(plain(_document(uow, asked_of(request))))


def _document(uow: UnitOfWork, asked: Posted) -> dict[str, Any]:
    found = read_wish(asked, None, uow.holidays_in)
    if found.wish is None:
        raise RuleViolation("The plan that was asked for cannot be made.", tuple(map(_finding, found.errors)))
    return document(found.wish, plan(found.wish, uow.law))


def _finding(error: Any) -> Finding:
    return Finding("bad_input", Severity.STOP, f"{error.text}.", "Correct the value and ask again.", where=error.name)
