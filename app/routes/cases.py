"""A case's page, and recording what happened to it by a form."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import QueryParams

from app import acts, approvals, case_views, forms, previews, run_views, stage_words
from app.access import (
    CLAIM_READERS,
    DOERS,
    LOOKERS,
    acting,
    admit,
    caller_in,
    for_whom,
    is_still_reached,
    looking,
    place_of,
)
from app.approvals import NO_PAPERS, Shown
from app.choices import TO_CHOOSE, choices_for
from app.errors import NotAllowed, meaning
from app.form_errors import beside
from app.forms import FieldError, Filled, Posted
from app.narrowing import wide
from app.pages import page, refusal
from app.posted import is_nonce, new_nonce, nonce_of, one, posted_form
from app.previews import Looked, Preview
from app.routes.opening import OPENED
from app.undoing import UNDOING
from casework import repository
from casework.acts import Act, lead
from casework.cases import Case
from casework.handlers import ADVANCE_CASE
from core import work
from core.errors import MandateError, NotFound
from core.findings import Finding
from core.unit_of_work import UnitOfWork

router = APIRouter(include_in_schema=False)

PREVIEW = "preview"
"""The button of a form that shows what the act would send, and records nothing."""

GIVEN_AWAY = "The case is another officer’s now, so your roles reach it no longer."
USED_KEY = "conflict"
"""The finding that says, among other things, that a nonce was used with other facts."""


@dataclass(frozen=True, slots=True)
class ActForm:
    """
    The form of one act: its fields as typed, what is wrong, and the nonce that lets it count once. `shown` are the
    papers it would approve. `refused` says why the case takes no such act at all, and stands in the place of the form.
    """

    act: Act
    lead: str
    fields: tuple[Filled, ...]
    nonce: str
    errors: tuple[FieldError, ...] = ()
    findings: tuple[Finding, ...] = ()
    shown: Shown = NO_PAPERS
    refused: str | None = None


@router.get("/cases/{ref}", response_class=HTMLResponse, dependencies=[Depends(LOOKERS)])
def case(request: Request, ref: str, act: str | None = None, done: str = "") -> HTMLResponse:
    """The case; `act` opens an act's form, empty where none was chosen; `done` names one that was just recorded."""
    with looking(request) as uow:
        form = _fresh_form(uow, ref, acts.act_named(act), request.query_params) if act and act.strip() else None
        return _case_page(uow, ref, form, done_act=done, none_chosen=act is not None and not act.strip())


@router.post("/cases/{ref}/acts/{act}", dependencies=[Depends(DOERS)])
def record(request: Request, ref: str, act: str, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """
    Record an act once and go back to the case; with anything wrong, show the form again as it was filled in. Sent with
    the button that only looks, it records nothing and shows what would be sent.
    """
    chosen = acts.act_named(act)
    read = forms.read(chosen.facts, posted, TO_CHOOSE)
    try:
        with acting(request) as uow:
            case = repository.find(uow, ref)
            admit(uow, case, chosen.roles)
            if read.facts is not None:
                approvals.require_named(chosen, read.facts)
                if one(posted, PREVIEW):
                    previews.look(uow, case, chosen, read.facts)
                acts.do(uow, case.id, chosen, read.facts, nonce_of(posted))
                if not is_still_reached(uow, case):
                    return refusal(request, 200, "It is recorded", GIVEN_AWAY)
                return RedirectResponse(f"/cases/{ref}?done={chosen.name}", status_code=303)
        refused, errors = None, read.errors
    except (NotFound, NotAllowed):
        raise
    except Looked as looked:
        with looking(request) as uow:
            form = _sent_form(uow, ref, chosen, posted, (), ())
            return _case_page(uow, ref, form, preview=looked.preview)
    except MandateError as error:
        refused, errors = error, beside(chosen.facts, error)
    findings = stage_words.told(refused) if refused and not errors else ()
    with looking(request) as uow:
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
    done_act: str = "",
    status: int = 200,
    none_chosen: bool = False,
    preview: Preview | None = None,
) -> HTMLResponse:
    shown = case_views.case_page(uow, ref)
    lately = run_views.runs(uow, shown.id, limit=run_views.RUNS_OF_A_CASE)
    return page(
        uow,
        "pages/case.html",
        "cases",
        status=status,
        case=shown,
        acts=_offered(uow, repository.find(uow, ref)),
        form=form,
        preview=preview,
        undoing=UNDOING[form.act.name] if form else None,
        labels={name: each.label for name, each in acts.ACTS.items()},
        none_chosen=none_chosen,
        done=_done(done_act),
        done_act=done_act if _done(done_act) else "",
        runs=lately,
        goes_on=work.is_open(uow, ADVANCE_CASE, shown.id) or not all(each.over for each in lately),
        refresh=run_views.REFRESH_SECONDS,
        run_nonce=new_nonce(),
        claims_shown=_reads_claims(uow),
    )


def _reads_claims(uow: UnitOfWork) -> bool:
    caller = caller_in(uow)
    return caller is not None and bool(caller.roles & CLAIM_READERS.roles)


def _offered(uow: UnitOfWork, case: Case) -> tuple[Act, ...]:
    """The acts that make sense now and that whoever looks may do."""
    caller, place = caller_in(uow), place_of(case)
    with wide(uow.session):
        offered = acts.acts_offered(uow, case)
    return tuple(each for each in offered if caller is not None and caller.may(each.roles, place))


def _fresh_form(uow: UnitOfWork, ref: str, act: Act, given: QueryParams) -> ActForm:
    case = repository.find(uow, ref)
    case_id, caller = case.id, caller_in(uow)
    papers, refused = _standing(uow, case_id, act)
    if caller is None or not caller.may(act.roles, place_of(case)):
        refused = f"Your roles do not record this. {for_whom(act.roles)}"
    offered = choices_for(uow, case_id, act.facts)
    # A link may fill fields in, such as which notice a receipt is for; whoever sends the form sees them.
    shown = {**forms.initial(act.facts), **{name: given.getlist(name) for name in given}, **papers.carried}
    fields = forms.filled(act.facts, shown, choices=offered)
    return ActForm(act, lead(act), fields, new_nonce(), shown=papers, refused=refused)


def _standing(uow: UnitOfWork, case_id: uuid.UUID, act: Act) -> tuple[Shown, str | None]:
    """The papers that an act would approve and why it is not taken: as the act itself will find, whoever asks."""
    with wide(uow.session):
        return approvals.papers_of(uow, case_id, act), act.refused(uow, case_id)


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
    papers, refused = _standing(uow, case_id, act)
    offered = choices_for(uow, case_id, act.facts)
    fields = forms.filled(act.facts, papers.sent_again(posted, findings), errors, offered)
    told = () if refused else errors
    return ActForm(act, lead(act), fields, nonce, told, findings, papers, refused)
