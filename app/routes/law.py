"""The law in use: how fresh each value is, what is planned, and what somebody read of it: seen first, then saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from app import api_answers, forms, law_acts, law_view
from app.access import EVERYBODY, RECORDERS, acting, caller_of, looking
from app.errors import findings_of, meaning
from app.form_errors import beside
from app.forms import Choice, Choices, FieldError, Filled, Posted
from app.law_words import every_value, head
from app.once import once
from app.openapi import json_body
from app.pages import page
from app.plain import plain
from app.posted import one, posted_form
from app.routes.api import body_of, read_strictly
from ballots.law_acts import LAW_ACTS, LawAct
from core.errors import MandateError, NotFound
from core.findings import Finding
from core.law import Law
from core.law_changes import planned_changes
from core.unit_of_work import UnitOfWork

router = APIRouter()

LAW_FACTS = sorted({act.facts for act in LAW_ACTS.values()}, key=lambda kind: kind.__name__)
LAW_ACTS_AND_FACTS = "; ".join(f"{name}: {act.facts.__name__}" for name, act in LAW_ACTS.items())
MOST = 20
"""Records that the page shows."""

CALLED = {"from": "from_on"}


@dataclass(frozen=True, slots=True)
class LawForm:
    """The form of one act of the law as typed, what is wrong, and what it would move once somebody looked."""

    act: LawAct
    fields: tuple[Filled, ...]
    typed: tuple[tuple[str, str], ...] = ()
    errors: tuple[FieldError, ...] = ()
    findings: tuple[Finding, ...] = ()
    outcome: dict[str, Any] | None = None


@router.get("/law", response_class=HTMLResponse, include_in_schema=False, dependencies=[Depends(EVERYBODY)])
def law_page(request: Request, done: str = "") -> HTMLResponse:
    """Every value in use, what is stale and who waits for it, what is planned and what was recorded."""
    with looking(request) as uow:
        told = law_view.standing_document(uow)
        label = LAW_ACTS[done].label if done in LAW_ACTS else ""
        acts = tuple(LAW_ACTS.values()) if RECORDERS.is_met_by(caller_of(request)) else ()
        return page(uow, "pages/law.html", "law", told=told, acts=acts, done=label, most=MOST)


@router.get(
    "/law/record/{act}", response_class=HTMLResponse, include_in_schema=False, dependencies=[Depends(RECORDERS)]
)
def law_form(request: Request, act: str) -> HTMLResponse:
    """The form of an act of the law; a link may fill fields in."""
    chosen, given = law_acts.law_act(act), request.query_params
    with looking(request) as uow:
        shown = {**forms.initial(chosen.facts), **{name: given.getlist(name) for name in given}}
        fields = forms.filled(chosen.facts, shown, choices=_choices(uow))
        return _form_page(uow, LawForm(chosen, fields))


@router.post("/law/record/{act}", include_in_schema=False, dependencies=[Depends(RECORDERS)])
def record(request: Request, act: str, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Show what an act would move; with `save`, do it and go back to the law. A second time it changes nothing."""
    chosen = law_acts.law_act(act)
    with looking(request) as uow:
        offered = _choices(uow)
    read = forms.read(chosen.facts, posted, offered)
    refused: MandateError | None = None
    errors, outcome = read.errors, None
    if read.facts is not None:
        try:
            if one(posted, "save"):
                with acting(request) as uow:
                    law_acts.do(uow, chosen, read.facts, save=True)
                return RedirectResponse(f"/law?done={chosen.name}", status_code=303)
            with looking(request) as uow:
                outcome = law_acts.do(uow, chosen, read.facts, save=False)
        except NotFound:
            raise
        except MandateError as error:
            refused, errors = error, beside(chosen.facts, error, called=CALLED)
    findings = findings_of(refused) if refused and not errors else ()
    with looking(request) as uow:
        fields = forms.filled(chosen.facts, posted, errors, offered)
        typed = tuple((name, value) for name, values in posted.items() for value in values if name != "save")
        form = LawForm(chosen, fields, typed, errors, findings, outcome)
        status = 200 if outcome else meaning(refused).http_status if refused else 422
        return _form_page(uow, form, status=status)


@router.get("/law/{parameter}", response_class=HTMLResponse, include_in_schema=False, dependencies=[Depends(EVERYBODY)])
def value_page(request: Request, parameter: str) -> HTMLResponse:
    """One parameter: every value it has had, with its source, and what is planned."""
    with looking(request) as uow:
        known = _known(uow.law, parameter)
        history = law_view.history_of(known)
        checks = [row for row in law_view.records(uow) if row["what"].startswith((f"{parameter} ", f"{parameter},"))]
        return page(uow, "pages/law_value.html", "law", parameter=known, history=history, checks=checks)


@router.get(
    "/api/law",
    summary="Every value of the law in use",
    dependencies=[Depends(EVERYBODY)],
    response_model=api_answers.LawInUse,
)
def law(request: Request) -> JSONResponse:
    """The document that `mandate law check --json` prints; `blocked` is empty when no case waits for a check."""
    with looking(request) as uow:
        return _as_json(law_view.standing_document(uow))


@router.get(
    "/api/law/{parameter}",
    summary="One parameter of the law",
    dependencies=[Depends(EVERYBODY)],
    response_model=api_answers.LawParameter,
)
def value(request: Request, parameter: str) -> JSONResponse:
    """Every value it has had, the oldest first, and what is planned: the shape of `mandate law show --json`."""
    with looking(request) as uow:
        known = _known(uow.law, parameter)
        return _as_json({**head(known), **every_value(known)})


@router.post(
    "/api/law/record/{act}",
    summary="Record what somebody read of the law, or see what it would move",
    dependencies=[Depends(RECORDERS), Depends(once)],
    status_code=201,
    openapi_extra=json_body(*LAW_FACTS, description=LAW_ACTS_AND_FACTS),
    response_model=api_answers.LawMoved,
    responses={
        200: {"description": "Nothing was recorded: only asked, or known already", "model": api_answers.LawMoved}
    },
)
def record_by_api(
    request: Request,
    act: str,
    body: Annotated[bytes, Depends(body_of)],
    save: Annotated[bool, Query()] = False,
) -> JSONResponse:
    """What moves; recorded only with `save=true`. A second time it records nothing."""
    chosen = law_acts.law_act(act)
    facts = read_strictly(chosen.facts, body, f"The facts of {act} cannot be used.")
    edge = acting(request) if save else looking(request)
    with edge as uow:
        document = law_acts.do(uow, chosen, facts, save=save)
    return _as_json(document, 201 if document["saved"] else 200)


def _known(law: Law, name: str) -> Any:
    """The parameter; `NotFound` for a name that no file has."""
    found = next((parameter for parameter in law.parameters() if parameter.name == name), None)
    if found is None:
        raise NotFound("law parameter", name)
    return found


def _as_json(document: Any, status: int = 200) -> JSONResponse:
    """A document of the law, as `mandate` prints it."""
    return JSONResponse(plain(document), status_code=status)


def _choices(uow: UnitOfWork) -> Choices:
    """What the forms offer: every parameter, and every planned change."""
    return {
        "parameter": tuple(Choice(each.name, f"{each.label} ({each.name})") for each in uow.law.parameters()),
        "change": tuple(Choice(name, name.replace("-", " ")) for name in planned_changes(uow.law)),
    }


def _form_page(uow: UnitOfWork, form: LawForm, *, status: int = 200) -> HTMLResponse:
    return page(uow, "pages/law_record.html", "law", status=status, form=form)
