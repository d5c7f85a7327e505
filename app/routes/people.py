"""The accounts, for whoever keeps them: made, given roles, closed. Nobody sees or sets another's password."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app import people_views, signing_in
from app.access import OPERATORS, acting, caller_of, looking
from app.errors import meaning
from app.forms import FieldError, Posted
from app.links import dashboard_at, welcome_url
from app.pages import page
from app.posted import one, posted_form
from casework.people import accounts
from casework.people.models import Account
from casework.people.roles import Grant
from core.errors import BadInput, MandateError, NotFound, require_each
from core.settings import settings
from core.unit_of_work import UnitOfWork

router = APIRouter(include_in_schema=False, dependencies=[Depends(OPERATORS)])

Form = Annotated[Posted, Depends(posted_form)]
LABELS = {
    "name": "Name",
    "email": "Mail address",
    "role": "Role",
    "place": "Where",
    "officer": "Who they are among the officers",
}
DONE = {
    "give": "The role is given.",
    "take": "The role is taken away.",
    "confirm": "What the account may do is confirmed.",
    "close": "The account is closed. Nobody signs in with it any more.",
    "open": "The account is open again.",
}


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that was just made, shown once: for whom, its address, whether their roles wait to be confirmed."""

    name: str
    email: str
    account_id: uuid.UUID
    url: str
    waits: bool


@router.get("/people", response_class=HTMLResponse)
def people(request: Request) -> HTMLResponse:
    """Every account, and the form that makes one."""
    return _list(request)


@router.post("/people")
def add(request: Request, posted: Form) -> Response:
    """Make an account and show the link with which its owner takes it up."""
    try:
        with acting(request) as uow:
            at, (name, email, role, place, officer) = signing_in.now(), (one(posted, each) for each in LABELS)
            who, grant = require_each(
                partial(accounts.newcomer, uow, name, email, officer),
                partial(people_views.read_grant, uow, role, place),
            )
            account = accounts.add(uow, who, [grant], at)
            made = _new_link(request, account, accounts.give_link(uow, account.id, at))
    except MandateError as error:
        return _list(request, errors=_beside(error), typed=posted, status=meaning(error).http_status)
    return _list(request, link=made)


@router.get("/people/{account_id}", response_class=HTMLResponse)
def person(request: Request, account_id: uuid.UUID, done: str = "") -> HTMLResponse:
    """One account: its roles, a new link, closing it."""
    return _one(request, account_id, done=DONE.get(done, ""))


@router.post("/people/{account_id}/roles/give")
def give(request: Request, account_id: uuid.UUID, posted: Form) -> Response:
    """Give a role besides those held."""

    def wider(uow: UnitOfWork, held: tuple[Grant, ...]) -> Sequence[Grant]:
        return (*held, people_views.read_grant(uow, one(posted, "role"), one(posted, "place")))

    return _with_roles(request, account_id, posted, wider)


@router.post("/people/{account_id}/roles/take")
def take(request: Request, account_id: uuid.UUID, posted: Form) -> Response:
    """Take a role away."""
    key = one(posted, "role")
    return _with_roles(request, account_id, posted, lambda _, held: [each for each in held if each.key != key])


@router.post("/people/{account_id}/link")
def link(request: Request, account_id: uuid.UUID) -> Response:
    """A new link for somebody who cannot get in."""
    try:
        with acting(request) as uow:
            key = accounts.give_link(uow, account_id, signing_in.now())
            made = _new_link(request, accounts.get_for_update(uow, account_id), key)
    except NotFound:
        raise
    except MandateError as error:
        return _one(request, account_id, errors=_beside(error), status=meaning(error).http_status)
    return _one(request, account_id, link=made)


@router.post("/people/{account_id}/confirm")
def confirm(request: Request, account_id: uuid.UUID, posted: Form) -> Response:
    """Let stand what an account may do that another operator made or changed: the roles that the page showed."""
    shown = posted.get("role", ())
    return _changed(request, account_id, lambda uow: accounts.confirm(uow, account_id, shown))


@router.post("/people/{account_id}/close")
def close(request: Request, account_id: uuid.UUID) -> Response:
    """Nobody signs in with it any more."""
    return _changed(request, account_id, lambda uow: accounts.close(uow, account_id, signing_in.now()))


@router.post("/people/{account_id}/open")
def reopen(request: Request, account_id: uuid.UUID) -> Response:
    """Let somebody sign in again."""
    return _changed(request, account_id, lambda uow: accounts.reopen(uow, account_id))


def _new_link(request: Request, account: Account, key: str) -> NewLink:
    address = welcome_url(dashboard_at(settings(), request.url.port), key)
    return NewLink(account.name, account.email, account.id, address, account.confirmed_by is None)


def _with_roles(
    request: Request,
    account_id: uuid.UUID,
    posted: Posted,
    wanted: Callable[[UnitOfWork, tuple[Grant, ...]], Sequence[Grant]],
) -> Response:
    def change(uow: UnitOfWork) -> None:
        held = accounts.get_for_update(uow, account_id).grants
        accounts.set_roles(uow, account_id, tuple(wanted(uow, held)), signing_in.now())

    return _changed(request, account_id, change, posted)


def _changed(
    request: Request, account_id: uuid.UUID, change: Callable[[UnitOfWork], None], typed: Posted | None = None
) -> Response:
    try:
        with acting(request) as uow:
            change(uow)
    except NotFound:
        raise
    except MandateError as error:
        return _one(request, account_id, errors=_beside(error), typed=typed, status=meaning(error).http_status)
    done = request.url.path.rpartition("/")[2]
    return RedirectResponse(f"/people/{account_id}?done={done}", status_code=303)


def _beside(error: MandateError) -> tuple[FieldError, ...]:
    """What is wrong, each beside its field, in the order of the form."""
    if not isinstance(error, BadInput):
        return (_one_beside(error),)
    fields = ["", *LABELS]
    return tuple(sorted(map(_one_beside, error.each), key=lambda each: fields.index(each.name)))


def _one_beside(error: MandateError) -> FieldError:
    if isinstance(error, BadInput) and error.field in LABELS:
        wanted = f"found {error.found or 'nothing'}, wanted {error.wanted}" if error.field != "role" else "choose one"
        return FieldError(error.field, f"#{error.field}", f"{LABELS[error.field]}: {wanted}")
    return FieldError("", "#main-content", str(error))


def _list(
    request: Request,
    *,
    link: NewLink | None = None,
    errors: Sequence[FieldError] = (),
    typed: Posted | None = None,
    status: int = 200,
) -> HTMLResponse:
    with looking(request) as uow:
        return page(
            uow,
            "pages/people.html",
            "people",
            status=status,
            people=people_views.people(uow),
            roles=people_views.ROLE_CHOICES,
            where=people_views.where(uow),
            officers=people_views.free_officers(uow),
            link=link,
            errors=errors,
            typed=_typed(typed),
        )


def _one(
    request: Request,
    account_id: uuid.UUID,
    *,
    link: NewLink | None = None,
    errors: Sequence[FieldError] = (),
    typed: Posted | None = None,
    done: str = "",
    status: int = 200,
) -> HTMLResponse:
    with looking(request) as uow:
        return page(
            uow,
            "pages/person.html",
            "people",
            status=status,
            person=people_views.person(uow, account_id),
            roles=people_views.ROLE_CHOICES,
            where=people_views.where(uow),
            own=caller_of(request).account_id == account_id,
            done=done,
            link=link,
            errors=errors,
            typed=_typed(typed),
        )


def _typed(posted: Posted | None) -> dict[str, str]:
    return {name: one(posted, name) for name in LABELS} if posted else {}
