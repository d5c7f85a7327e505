"""One's own account: the password, recovery codes, where one is signed in, tokens for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app import calendars, people_views, signing_in
from app.access import acting, anybody_signed_in, caller_of, looking
from app.errors import meaning
from app.forms import FieldError, Posted
from app.pages import page
from app.posted import new_nonce, nonce_of, one, posted_form
from ballots import calendar_keys
from casework.people import accounts, api_tokens, digests, sign_ins, tries
from casework.people.keys import digest_of
from casework.people.models import Account
from core.errors import BadInput, Conflict, MandateError, NotFound, require_each
from core.unit_of_work import UnitOfWork, unit_of_work

router = APIRouter(include_in_schema=False, dependencies=[Depends(anybody_signed_in)])

NOTHING: Posted = MappingProxyType({})
Form = Annotated[Posted, Depends(posted_form)]
LABELS = {
    "old": "Your password so far",
    "password": "New password",
    "again": "The new password again",
    "code": "Code",
    "token-code": "Code",
    "label": "What the token is for",
    "may": "What it may do",
    "days": "For how many days",
    "roles": "With which of your roles",
    "ballot": "Reference of a ballot",
    "rhythm": "How often",
    "parts": "Of what",
}
CODE_WANTED = "a code of your app that was not used before (wait for the next one), or a recovery code"
CHOSEN = {"parts": "choose at least one", "rhythm": "choose one", "may": "choose one"}
"""What to do about a field that is chosen, not typed: its values are no words for people."""
KEPT = ("label", "may", "days", "ballot")
DONE = {
    "password": "Your password is changed, and you are signed out everywhere else.",
    "sign-ins": "You are signed out everywhere else.",
    "token": "The token is worth nothing any more.",
    "digest": "What you are told by mail is kept.",
    "calendar": "The calendar’s address is worth nothing any more.",
}


class WrongCode(BadInput):
    """A second factor that is not the account's. It stays on record, though nothing else of the request does."""


@router.get("/account", response_class=HTMLResponse)
def account(request: Request, done: str = "") -> HTMLResponse:
    """The caller's own account."""
    return _page(request, done=DONE.get(done, ""))


@router.post("/account/password")
def password(request: Request, posted: Form) -> Response:
    """Another password, for whoever knows the one so far. Every other sign-in ends."""

    def change(uow: UnitOfWork, own: Account) -> None:
        require_each(
            partial(accounts.change_password, uow, own, one(posted, "old"), one(posted, "password"), signing_in.now()),
            partial(_require_same, one(posted, "password"), one(posted, "again")),
        )
        sign_ins.end_all(uow, own.id, signing_in.now(), but=signing_in.key_of(request))

    return _after_a_try(request, change, _by_password) or RedirectResponse("/account?done=password", status_code=303)


@router.post("/account/recovery-codes")
def recovery_codes(request: Request, posted: Form) -> Response:
    """Ten new codes in place of those left, for whoever shows the second factor."""
    made: list[str] = []

    def make(uow: UnitOfWork, own: Account) -> None:
        _require_code(uow, own, one(posted, "code"), "code")
        made.extend(accounts.new_recovery_codes(uow, own))

    refused = _after_a_try(request, make, _by_code)
    if refused is not None:
        return refused
    with looking(request) as uow:
        return page(uow, "pages/recovery_codes.html", "", codes=made, next="/account")


@router.post("/account/sign-ins/end")
def end_sign_ins(request: Request) -> Response:
    """Sign out everywhere else."""
    with acting(request) as uow:
        sign_ins.end_all(uow, caller_of(request).account_id, signing_in.now(), but=signing_in.key_of(request))
    return RedirectResponse("/account?done=sign-ins", status_code=303)


@router.post("/account/tokens")
def make_token(request: Request, posted: Form) -> Response:
    """A token for a program, shown this once, for whoever shows the second factor."""
    made: list[str] = []

    def make(uow: UnitOfWork, own: Account) -> None:
        given = one(posted, "days")
        days = int(given) if given.isdecimal() and len(given) < 5 else 0
        label, may, roles = one(posted, "label"), one(posted, "may"), posted.get("roles", ())
        key, _ = require_each(
            partial(api_tokens.make, uow, own.id, label, may, days, signing_in.now(), roles=roles),
            partial(_require_code, uow, own, one(posted, "token-code"), "token-code"),
        )
        made.append(key)

    return _after_a_try(request, make, _by_code, posted) or _page(request, new_token=made[0])


@router.post("/account/tokens/{short}/end")
def end_token(request: Request, short: str) -> Response:
    """A token is worth nothing any more."""
    with acting(request) as uow:
        api_tokens.end(uow, caller_of(request).account_id, short, signing_in.now())
    return RedirectResponse("/account?done=token", status_code=303)


@router.post("/account/digest")
def choose_digest(request: Request, posted: Form) -> Response:
    """What the caller is told by mail, and how often."""
    try:
        with acting(request) as uow:
            digests.choose(uow, caller_of(request).account_id, one(posted, "rhythm"), posted.get("parts", ()))
    except BadInput as error:
        return _page(request, errors=_told(error), typed=posted, status=422)
    return RedirectResponse("/account?done=digest", status_code=303)


@router.post("/account/calendars")
def make_calendar(request: Request, posted: Form) -> Response:
    """A calendar of the caller's cases or of a ballot; its address is shown this once."""
    ref, caller = one(posted, "ballot").strip().upper(), caller_of(request)
    try:
        with acting(request) as uow:
            _, key = calendars.make(uow, caller.account_id, ref, nonce_of(posted), signing_in.now())
    except NotFound:
        return _page(request, errors=[_error("ballot", f"there is no ballot {ref}")], typed=posted, status=422)
    except (BadInput, Conflict) as error:
        return _page(request, errors=_told(error), typed=posted, status=meaning(error).http_status)
    return _page(request, new_calendar=calendars.address(key, request.url.port) if key else "")


@router.post("/account/calendars/{short}/end")
def end_calendar(request: Request, short: str) -> Response:
    """A calendar's address is worth nothing any more."""
    with acting(request) as uow:
        calendar_keys.end(uow, caller_of(request).account_id, short, signing_in.now())
    return RedirectResponse("/account?done=calendar", status_code=303)


def _after_a_try(
    request: Request,
    change: Callable[[UnitOfWork, Account], None],
    subject: Callable[[Account], tries.Subject],
    posted: Posted = NOTHING,
) -> Response | None:
    """Do what wants proof of who somebody is; the page again when it is refused. The try is on record before it."""
    caller = caller_of(request)
    with unit_of_work(caller.actor, on=request.app.state.database) as uow:
        about = subject(accounts.get_for_update(uow, caller.account_id))
        until = tries.take(uow, [about], signing_in.now())
    if until is not None:
        return _page(request, errors=[FieldError("", "#main-content", tries.later(until))], typed=posted, status=429)
    try:
        with acting(request) as uow:
            change(uow, accounts.get_for_update(uow, caller.account_id))
            tries.forget(uow, about)
    except NotFound:
        raise
    except (BadInput, Conflict) as error:
        if isinstance(error, BadInput) and any(isinstance(each, WrongCode) for each in error.each):
            with unit_of_work(caller.actor, on=request.app.state.database) as uow:
                accounts.note_refused_code(uow, caller.account_id)
        return _page(request, errors=_told(error), typed=posted, status=meaning(error).http_status)
    return None


def _by_password(own: Account) -> tries.Subject:
    return tries.of_account(own.email)


def _by_code(own: Account) -> tries.Subject:
    return tries.of_second_factor(own.id)


def _require_code(uow: UnitOfWork, own: Account, given: str, field: str) -> None:
    if not accounts.shows_second_factor(uow, own, given, signing_in.now()):
        raise WrongCode(field=field, found="another code", wanted=CODE_WANTED)


def _require_same(password: str, again: str) -> None:
    if password != again:
        raise BadInput(field="again", found="another", wanted="the same in both fields")


def _told(error: MandateError) -> list[FieldError]:
    """What is wrong, each beside its field."""
    return [_beside(each) for each in error.each] if isinstance(error, BadInput) else [_of_the_form(error)]


def _beside(fault: BadInput) -> FieldError:
    if fault.field in CHOSEN:
        return _error(fault.field, CHOSEN[fault.field])
    return _error(fault.field, f"wanted {fault.wanted}") if fault.field in LABELS else _of_the_form(fault)


def _of_the_form(error: MandateError) -> FieldError:
    return FieldError("", "#main-content", str(error))


def _error(field: str, sentence: str) -> FieldError:
    return FieldError(field, f"#{field}", f"{LABELS[field]}: {sentence}")


def _page(
    request: Request,
    *,
    done: str = "",
    errors: Sequence[FieldError] = (),
    new_token: str = "",
    new_calendar: str = "",
    typed: Posted = NOTHING,
    status: int = 200,
) -> HTMLResponse:
    caller, at = caller_of(request), signing_in.now()
    with looking(request) as uow:
        own = uow.session.get(Account, caller.account_id)
        return page(
            uow,
            "pages/account.html",
            "account",
            status=status,
            account=own,
            roles=people_views.person(uow, caller.account_id).roles,
            sign_ins=sign_ins.of_account(uow.session, caller.account_id, at, signing_in.limits()),
            this_key=digest_of(signing_in.key_of(request)),
            tokens=people_views.tokens(uow, caller.account_id, at),
            codes_left=accounts.codes_left(uow, caller.account_id),
            new_token=new_token,
            calendars=calendars.of_account(uow, caller.account_id),
            new_calendar=new_calendar,
            nonce=new_nonce(),
            digest=digests.of_account(uow, caller.account_id),
            rhythms=digests.RHYTHMS,
            parts=digests.PARTS,
            errors=errors,
            typed={**{name: one(typed, name) for name in KEPT}, "roles": typed.get("roles", ())},
            done=done,
        )
