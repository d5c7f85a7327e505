"""A case's page, and recording what happened to it by a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import QueryParams

from app import acts, approvals, case_views, forms, notice_views, run_views, views
from app.access import READERS, STAFF, actor_for, requires
from app.approvals import PaperLine
from app.choices import choices_for
from app.errors import findings_of, meaning
from app.form_errors import beside
from app.forms import FieldError, Filled, Posted
from app.pages import page
from app.posted import is_nonce, new_nonce, nonce_of, one, posted_form
from app.routes.opening import OPENED
from casework import repository
from casework.acts import Act, Role, lead
from core.errors import MandateError, NotFound
from core.findings import Finding
from core.unit_of_work import UnitOfWork, reading, unit_of_work

router = APIRouter(include_in_schema=False)

USED_KEY = "conflict"
"""The finding that says, among other things, that a nonce was used with other facts."""


@dataclass(frozen=True, slots=True)
class ActForm:
    """
    The form of one act: its fields as typed, what is wrong, and the nonce that lets it count once. `papers` are those
    it would approve.
    """

    act: Act
    lead: str
    fields: tuple[Filled, ...]
    nonce: str
    acting_as: str
    errors: tuple[FieldError, ...] = ()
    findings: tuple[Finding, ...] = ()
    papers: tuple[PaperLine, ...] = ()


@router.get("/cases/{ref}", response_class=HTMLResponse, dependencies=[Depends(READERS)])
def case(request: Request, ref: str, act: str | None = None, done: str = "") -> HTMLResponse:
    """The case; `act` opens an act's form, empty where none was chosen; `done` names one that was just recorded."""
    with reading(on=request.app.state.database) as uow:
        form = _fresh_form(uow, ref, acts.act_named(act), request.query_params) if act and act.strip() else None
        return _case_page(uow, ref, form, done=_done(done), none_chosen=act is not None and not act.strip())


@router.post("/cases/{ref}/acts/{act}", dependencies=[Depends(requires(*Role))])
def record(request: Request, ref: str, act: str, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Record an act once and go back to the case; with anything wrong, show the form again as it was filled in."""
    database = request.app.state.database
    chosen = acts.act_named(act)
    read = forms.read(chosen.facts, posted)
    try:
        if read.facts is not None:
            with unit_of_work(STAFF, on=database) as uow:
                uow.actor = actor_for(uow, one(posted, "acting_as"), "dashboard")
                acts.do(uow, repository.find(uow, ref).id, chosen, read.facts, nonce_of(posted))
            return RedirectResponse(f"/cases/{ref}?done={chosen.name}", status_code=303)
        refused, errors = None, read.errors
    except NotFound:
        raise
    except MandateError as error:
        refused, errors = error, beside(chosen.facts, error)
    findings = findings_of(refused) if refused and not errors else ()
    with reading(on=database) as uow:
        form = _sent_form(uow, ref, chosen, posted, errors, findings)
        return _case_page(uow, ref, form, status=meaning(refused).http_status if refused else 422)


def _done(name: str) -> str:
    if name == OPENED:
        return "the case is open"
    return acts.ACTS[name].label if name in acts.ACTS else ""


def _case_page(
    uow: UnitOfWork,
    ref: str,
    form: ActForm | None,
    *,
    done: str = "",
    status: int = 200,
    none_chosen: bool = False,
) -> HTMLResponse:
    shown = case_views.case_page(uow, ref)
    notices, to_members = notice_views.apart_from_members(shown.notices)
    return page(
        uow,
        "pages/case.html",
        "cases",
        status=status,
        case=shown,
        notices=notices,
        to_members=to_members,
        acts=acts.acts_offered(uow, repository.find(uow, ref)),
        form=form,
        none_chosen=none_chosen,
        done=done,
        officers=views.officers(uow),
        runs=run_views.runs(uow, shown.id, limit=run_views.RUNS_OF_A_CASE),
        run_nonce=new_nonce(),
    )


def _fresh_form(uow: UnitOfWork, ref: str, act: Act, given: QueryParams) -> ActForm:
    case = repository.find(uow, ref)
    acting_as = f"officer:{case.officer_id}" if case.officer_id and act.role is Role.OFFICER else _at_first(act)
    offered = choices_for(uow, case.id, act.facts)
    # A link may fill fields in, such as which notice a receipt is for; whoever sends the form sees them.
    shown = {**forms.initial(act.facts), **{name: given.getlist(name) for name in given}}
    fields = forms.filled(act.facts, shown, choices=offered)
    return ActForm(act, lead(act), fields, new_nonce(), acting_as, papers=approvals.papers_of(uow, case.id, act))


def _at_first(act: Act) -> str:
    """As whom an act is done unless somebody is chosen. Staff draw papers up, so whoever approves them is chosen."""
    return "" if act.name in approvals.PAPERS else STAFF


def _sent_form(
    uow: UnitOfWork,
    ref: str,
    act: Act,
    posted: Posted,
    errors: tuple[FieldError, ...],
    findings: tuple[Finding, ...],
) -> ActForm:
    # The nonce stays where nothing was recorded under it: a double click on the corrected form still counts once.
    sent = one(posted, "nonce")
    nonce = sent if is_nonce(sent) and not any(each.code == USED_KEY for each in findings) else new_nonce()
    case_id = repository.find(uow, ref).id
    fields = forms.filled(act.facts, posted, errors, choices_for(uow, case_id, act.facts))
    acting_as, papers = one(posted, "acting_as") or _at_first(act), approvals.papers_of(uow, case_id, act)
    return ActForm(act, lead(act), fields, nonce, acting_as, errors, findings, papers)
