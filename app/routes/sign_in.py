"""
Signing in: a password, then a code of an app or a recovery code; taking up an account by its link; signing out.

Whether an account exists is not told: an unknown address costs the same time and reads the same sentence.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app import signing_in
from app.access import anyone
from app.forms import FieldError, Posted
from app.navigation import home_of
from app.pages import page
from app.posted import one, posted_form
from app.qr import drawn
from casework.people import accounts, passwords, second_factor, sign_ins, tries
from casework.people.models import Account
from core.db import Database
from core.errors import BadInput, Conflict, require_each
from core.unit_of_work import UnitOfWork, reading, unit_of_work

router = APIRouter(include_in_schema=False, dependencies=[Depends(anyone)])

ACTOR = "staff:sign-in"
HOME = "/"
WRONG = "The address and the password do not go together, or there is no such account."
WRONG_CODE = (
    "This is not the code that the app shows now, and no recovery code that is left. "
    "Each code counts once: wait for the next one, and let the phone set its clock by itself."
)
SPENT = "This link was used before, or its time is over. Ask for a new one."
UNFINISHED = "This account has no second factor yet. It is set up through the account’s link, right after the password."
LAPSED = "Start again: sign in with your address and password."
Form = Annotated[Posted, Depends(posted_form)]


@router.get("/sign-in", response_class=HTMLResponse)
def sign_in(request: Request, next: str = HOME, ended: str = "", lapsed: str = "") -> HTMLResponse:  # noqa: A002 - the address's own word
    """The form for an address and a password; `next` is where to go afterwards."""
    return _ask(request, "pages/sign_in.html", next=safe(next), ended=ended, lapsed=lapsed)


@router.post("/sign-in")
def show_password(request: Request, posted: Form) -> Response:
    """Judge a password; when it is right, ask for the second factor."""
    email, target = accounts.spelled(one(posted, "email")), safe(one(posted, "next"))
    told = {"email": one(posted, "email"), "next": target}
    if until := _held_back(request, tries.of_account(email)):
        return _ask(request, "pages/sign_in.html", 429, refused=tries.later(until), **told)
    with reading(on=_database(request)) as uow:
        account = accounts.by_email(uow, email)
        kept = account.password_hash if account and account.active else None
    if not passwords.agrees(kept, one(posted, "password")) or account is None:
        return _ask(request, "pages/sign_in.html", 422, refused=WRONG, wrong=True, **told)
    with unit_of_work(ACTOR, on=_database(request)) as uow:
        held = accounts.get_for_update(uow, account.id)
        if passwords.is_outdated(kept or ""):
            held.password_hash = passwords.kept(one(posted, "password"))
        sign_ins.end(uow, signing_in.key_of(request), signing_in.now())
        key = sign_ins.begin(uow, held, signing_in.now(), complete=False)
    return _gone(with_next("/sign-in/code", target), key)


@router.get("/sign-in/code", response_class=HTMLResponse)
def code(request: Request, next: str = HOME) -> Response:  # noqa: A002 - the address's own word
    """The form for a code; for an account without a second factor, the page that sets one up."""
    account = _half_way(request)
    if account is None:
        return _ask(request, "pages/sign_in.html", refused=LAPSED, next=safe(next))
    if account.totp_secret is None:
        return _ask(request, "pages/welcome_spent.html", refused=UNFINISHED)
    return _ask(request, "pages/sign_in_code.html", next=safe(next))


@router.post("/sign-in/code")
def show_code(request: Request, posted: Form) -> Response:
    """Judge a second factor; when it is right, the sign-in is complete and goes by another key."""
    account, target = _half_way(request), safe(one(posted, "next"))
    if account is None:
        return _ask(request, "pages/sign_in.html", 422, refused=LAPSED, next=target)
    if until := _held_back(request, tries.of_second_factor(account.id)):
        return _ask(request, "pages/sign_in_code.html", 429, refused=tries.later(until), next=target)
    with unit_of_work(account.actor, on=_database(request)) as uow:
        held, at = accounts.get_for_update(uow, account.id), signing_in.now()
        right = accounts.shows_second_factor(uow, held, one(posted, "code"), at)
        key = _completed(request, uow, held, at) if right else ""
        begins = home_of(frozenset(each.role for each in held.standing_grants))
    if not right:
        return _ask(request, "pages/sign_in_code.html", 422, refused=WRONG_CODE, wrong=True, next=target)
    return _gone(begins if target == HOME else target, key)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End this sign-in."""
    with unit_of_work(ACTOR, on=_database(request)) as uow:
        sign_ins.end(uow, signing_in.key_of(request), signing_in.now())
    answer = RedirectResponse("/sign-in?ended=yes", status_code=303)
    signing_in.take_back(answer)
    return answer


@router.get("/welcome/{key}", response_class=HTMLResponse)
def welcome(request: Request, key: str) -> HTMLResponse:
    """The page a link leads to. Looking at it spends nothing, so that a mail scanner does no harm."""
    return _welcome(request, key)


@router.post("/welcome/{key}")
def take_up(request: Request, key: str, posted: Form) -> Response:
    """Take an account up: choose its password, then set up the second factor."""
    password, typed = one(posted, "password"), {"name": one(posted, "name"), "email": one(posted, "email")}
    made: list[str] = []

    def take(uow: UnitOfWork) -> None:
        at = signing_in.now()
        account = accounts.take_up(uow, key, password, at, **typed)
        made.append(sign_ins.begin(uow, account, at, complete=False, enrols=True))

    try:
        with unit_of_work(ACTOR, on=_database(request)) as uow:
            require_each(partial(take, uow), partial(_require_same, password, one(posted, "again")))
    except Conflict:
        return _ask(request, "pages/welcome_spent.html", 409, refused=SPENT)
    except BadInput as error:
        return _welcome(request, key, tuple(map(_beside, error.each)), typed)
    return _gone("/second-factor", made[0])


@router.get("/second-factor", response_class=HTMLResponse)
def second(request: Request, next: str = HOME) -> Response:  # noqa: A002 - the address's own word
    """A fresh secret as a picture and in letters, and the form for the code that the app then shows."""
    account = _half_way(request, enrols=True)
    if account is None or account.totp_secret is not None:
        return RedirectResponse(with_next("/sign-in", safe(next)), status_code=303)
    return _enrolling(request, account, second_factor.new_secret(), safe(next))


@router.post("/second-factor")
def keep_second(request: Request, posted: Form) -> Response:
    """Keep the second factor once a code of it was typed, sign in, and show the recovery codes this once."""
    account, target, secret = _half_way(request, enrols=True), safe(one(posted, "next")), one(posted, "secret")
    if account is None:
        return _ask(request, "pages/sign_in.html", 422, refused=LAPSED, next=target)
    if not second_factor.is_secret(secret):
        return RedirectResponse(with_next("/second-factor", target), status_code=303)
    try:
        with unit_of_work(account.actor, on=_database(request)) as uow:
            held, at = accounts.get_for_update(uow, account.id), signing_in.now()
            codes = accounts.set_second_factor(uow, held, secret, one(posted, "code"), at)
            key = _completed(request, uow, held, at)
            begins = home_of(frozenset(each.role for each in held.standing_grants))
    except BadInput as error:
        return _enrolling(request, account, secret, target, f"Code: wanted {error.wanted}")
    answer = _ask(request, "pages/recovery_codes.html", codes=codes, next=begins if target == HOME else target)
    signing_in.give(answer, key)
    return answer


LABELS = {"password": "Password", "name": "Your name", "email": "Your mail address", "again": "The password again"}


def safe(target: str) -> str:
    """An address of this dashboard; its first page for anything else."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if inside and " " not in target else HOME


def with_next(path: str, target: str) -> str:
    """An address that remembers where to go afterwards."""
    return f"{path}?next={quote(target, safe='/')}"


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _held_back(request: Request, subject: tries.Subject) -> datetime | None:
    """Put a try on record before it is judged; the moment until which it is not judged at all, if it is not."""
    with unit_of_work(ACTOR, on=_database(request)) as uow:
        subjects = subject, tries.of_network(signing_in.network_of(request))
        return tries.take(uow, subjects, signing_in.now())


def _half_way(request: Request, *, enrols: bool = False) -> Account | None:
    """Whose password was shown and whose second factor was not yet; with `enrols`, only who came by a link."""
    with reading(on=_database(request)) as uow:
        key = signing_in.key_of(request)
        found = sign_ins.standing(uow.session, key, signing_in.now(), signing_in.limits())
        if found is None or found[0].complete or (enrols and not found[0].enrols):
            return None
        return found[1]


def _completed(request: Request, uow: UnitOfWork, account: Account, at: datetime) -> str:
    uow.actor = account.actor
    sign_ins.end(uow, signing_in.key_of(request), at)
    tries.forget(uow, tries.of_account(account.email))
    tries.forget(uow, tries.of_second_factor(account.id))
    return sign_ins.begin(uow, account, at, complete=True)


def _gone(target: str, key: str) -> Response:
    answer = RedirectResponse(target, status_code=303)
    signing_in.give(answer, key)
    return answer


def _ask(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    with reading(on=_database(request)) as uow:
        return page(uow, template, "", status=status, **context)


def _welcome(
    request: Request, key: str, errors: tuple[FieldError, ...] = (), typed: dict[str, str] | None = None
) -> HTMLResponse:
    with reading(on=_database(request)) as uow:
        link = accounts.link_standing(uow, key, signing_in.now())
        account = uow.session.get(Account, link.account_id) if link and link.account_id else None
    if link is None:
        return _ask(request, "pages/welcome_spent.html", 409, refused=SPENT)
    return _ask(
        request,
        "pages/welcome.html",
        422 if errors else 200,
        first=account is None,
        name=account.name if account else None,
        key=key,
        errors=errors,
        typed=typed or {},
        shortest=passwords.SHORTEST,
    )


def _require_same(password: str, again: str) -> None:
    if password != again:
        raise BadInput(field="again", found="another", wanted="the same password in both fields")


def _beside(fault: BadInput) -> FieldError:
    return FieldError(fault.field, f"#{fault.field}", f"{LABELS[fault.field]}: wanted {fault.wanted}")


def _enrolling(request: Request, account: Account, secret: str, target: str, refused: str = "") -> HTMLResponse:
    address = second_factor.address_of(secret, account.email)
    return _ask(
        request,
        "pages/second_factor.html",
        422 if refused else 200,
        picture=drawn(address),
        secret=secret,
        email=account.email,
        next=target,
        refused=refused,
    )
