"""
Who may reach what. Each route names the roles it is for; whoever holds none of them is refused, and whoever has not
signed in is sent to do so. Which cases a role reaches is asked of the database together with the cases themselves.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fastapi import Request

from app import signing_in
from app.errors import NotAllowed, NotSignedIn
from app.forwarded import is_loopback
from app.guards import SAFE_METHODS
from app.narrowing import narrow, widen
from app.once import require_same
from app.people_views import named
from casework.cases import Case
from casework.people import api_tokens, sign_ins
from casework.people.models import Account
from casework.people.roles import (
    BALLOT_STAFF,
    CASE_STAFF,
    CLAIM_STAFF,
    FINANCE,
    SERVICE_STAFF,
    Grant,
    Place,
    Reach,
    Role,
    covers,
)
from casework.register.models import Workplace
from core.unit_of_work import UnitOfWork, reading, unit_of_work

API = "/api/"
OPEN_TO_ALL = frozenset({"/healthz", "/static", "/api/openapi.json"})
"""The routes that ask nothing of anybody: they show nothing of any case."""

CALLER = "caller"
BEARER = "bearer "
BY_ITSELF = "by_itself"
"""What the address of a page has that is fetched anew without JavaScript (templates/macros/live.html)."""
EVERYWHERE = frozenset({Reach.UNION, Reach.NO_CASE})
"""How far a role reaches that is not held at one place."""


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Whoever asks: their account, how history names them, and the roles they hold and where.

    `using` are those of them that the route is for: what it shows is what these reach, and no other role widens it.
    `whole`: the route's act is about every case at once, so nothing is kept from it. `by_token`: a program asks;
    what it makes for itself must not reach further than its token, nor last longer.
    """

    account_id: uuid.UUID
    name: str
    actor: str
    officer_id: uuid.UUID | None
    grants: tuple[Grant, ...]
    using: tuple[Grant, ...]
    whole: bool = False
    by_token: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """The roles they hold anywhere."""
        return frozenset(each.role for each in self.grants)

    def may(self, roles: frozenset[Role], place: Place) -> bool:
        """Whether one of these roles, as they hold it, reaches a case."""
        return any(each.role in roles and covers(each, place, self.officer_id) for each in self.using)


NONE_STANDS = (
    "None of your roles stands yet. What an operator gave or changed on the dashboard waits until another operator "
    "has confirmed it."
)
"""What somebody is told whose roles nobody has confirmed yet, or who holds none."""


@dataclass(frozen=True, slots=True)
class Requires:
    """
    A dependency of a route: the roles it is for.

    `whole`: what it is for is about every case at once, so it is for whoever holds one of them for the whole union.
    """

    roles: frozenset[Role]
    whole: bool = False

    def __call__(self, request: Request) -> Caller:
        """The caller. `NotSignedIn` for nobody, `NotAllowed` for somebody without any of the roles."""
        caller = caller_of(request)
        using = tuple(each for each in caller.using if each.role in self.roles)
        if not caller.grants and not caller.by_token:
            raise NotAllowed(NONE_STANDS)
        if not using:
            raise NotAllowed(
                f"None of your roles is for this. {for_whom(self.roles)} Ask an operator if you should be."
            )
        if self.whole:
            using = tuple(each for each in using if each.reach in EVERYWHERE)
        if not using:
            raise NotAllowed(
                "This is about every case of the union at once, and you hold your role at one place. "
                "Ask somebody who holds it for the whole union, such as a national official."
            )
        narrowed = replace(caller, using=using, whole=self.whole)
        setattr(request.state, CALLER, narrowed)
        return narrowed

    def is_met_by(self, caller: Caller) -> bool:
        """Whether somebody's roles reach what this is for, so that a page leads them there."""
        return any(each.role in self.roles and (not self.whole or each.reach in EVERYWHERE) for each in caller.using)


def requires(*roles: Role, whole: bool = False) -> Requires:
    """The dependency for a route; at least one role."""
    if not roles:
        raise ValueError("name at least one role")
    return Requires(frozenset(roles), whole)


def anyone(request: Request) -> None:
    """The dependency of a route that asks who somebody is: it is for those who have not signed in yet."""
    _require_near(request)
    _require_own_page(request)


def anybody_signed_in(request: Request) -> Caller:
    """The dependency of a route for whoever has an account, whatever it may do: it is about their account alone."""
    return caller_of(request)


def caller_of(request: Request) -> Caller:
    """Whoever asks, by a token or by the browser's sign-in; `NotSignedIn` for nobody."""
    known: Caller | None = getattr(request.state, CALLER, None)
    if known is None:
        _require_near(request)
        known = _by_token(request) or _by_cookie(request)
        if known is None:
            raise NotSignedIn("Sign in first.")
        setattr(request.state, CALLER, known)
    return known


LOOKERS = requires(*(role for role in Role if role not in (Role.OPERATOR, Role.WORKPLACE_REP)))
"""Whoever works with cases, or audits that work, may look at those the role reaches."""

KEEPERS = requires(*LOOKERS.roles, Role.OPERATOR)
"""They, and whoever keeps the service running, for what shows no case: runs, status, a restore."""

EVERYBODY = requires(*Role)
"""Whoever has a role: the law and its calendar are no secret."""

CASE_WORKERS = requires(*CASE_STAFF)
"""Whoever opens cases and leads them."""

SERVICE_WORKERS = requires(*SERVICE_STAFF)
"""Whoever sees to it that papers arrive, and shows that they did."""

MAIL_TAKERS = requires(*SERVICE_STAFF, whole=True)
"""Whoever takes in what may be about any case: a mail, or the print house's receipts."""

RECORDERS = requires(*BALLOT_STAFF, whole=True)
"""Whoever records what was read of the law, by which every case is judged."""

DOERS = requires(*SERVICE_STAFF, *FINANCE)
"""Whoever may do an act at all; which of them each act is for stands with the act."""

CLAIM_READERS = requires(*CLAIM_STAFF, *FINANCE, Role.AUDITOR)
"""Whoever takes claims for lost pay in, pays them, or audits that."""

PAYERS = requires(*FINANCE)
"""Whoever hands the bank its file, which holds names and accounts."""

IMPORTERS = requires(Role.NATIONAL_OFFICIAL)
"""Whoever takes files into the register: it is the whole union's."""

SWEEPERS = requires(Role.NATIONAL_OFFICIAL, Role.OPERATOR, whole=True)
"""Whoever sets a sweep going, or lets sending go on after a restore: both are about every case at once."""

OPERATORS = requires(Role.OPERATOR)
"""Whoever keeps the accounts."""

REPS = requires(Role.WORKPLACE_REP)
"""Whoever follows the disputes of a workplace."""


@contextmanager
def looking(request: Request) -> Iterator[UnitOfWork]:
    """What a page or the API shows, narrowed in the database to what the caller's role reaches."""
    caller = caller_of(request)
    with reading(on=request.app.state.database) as uow:
        uow.session.info[CALLER] = caller
        narrow(uow.session, caller.using, caller.officer_id)
        yield uow


@contextmanager
def acting(request: Request) -> Iterator[UnitOfWork]:
    """An act of whoever asked, in one transaction, which finds what their role reaches and nothing else."""
    caller = caller_of(request)
    with unit_of_work(caller.actor, on=request.app.state.database) as uow:
        _require_still(uow, request, caller)
        require_same(uow, request)
        uow.session.info[CALLER] = caller
        if not caller.whole:
            narrow(uow.session, caller.using, caller.officer_id)
        yield uow


def place_of(case: Case) -> Place:
    """Where a case stands."""
    return Place(case.workplace_id, case.workplace.association_id, case.officer_id)


def for_whom(roles: frozenset[Role]) -> str:
    """Whom something is for, as a sentence."""
    return f"It is for: {named(roles)}."


def admit(uow: UnitOfWork, case: Case, roles: frozenset[Role]) -> None:
    """
    Let whoever asked act on a case that they found: `NotAllowed` unless one of the roles reaches it.

    From then on the transaction sees everything: what an act does in a dispute reaches the dispute's other schools.
    """
    caller = caller_in(uow)
    if caller is None or not caller.may(roles, place_of(case)):
        raise NotAllowed(f"None of your roles is for this act on this case. {for_whom(roles)}")
    widen(uow.session)


def admit_at(uow: UnitOfWork, workplace: Workplace, roles: frozenset[Role]) -> None:
    """Let whoever asked open a case at a workplace: `NotAllowed` unless one of the roles reaches it."""
    caller, place = caller_in(uow), Place(workplace.id, workplace.association_id, None)
    if caller is None or not caller.may(roles, place):
        raise NotAllowed("This workplace is another association's. Ask somebody there, or a national official.")
    widen(uow.session)


def is_still_reached(uow: UnitOfWork, case: Case) -> bool:
    """Whether whoever acted on a case goes on seeing it: what they did may have given it to another officer."""
    caller = caller_in(uow)
    return caller is not None and caller.may(LOOKERS.roles, place_of(case))


def caller_in(uow: UnitOfWork) -> Caller | None:
    """Whose request this transaction serves; None for a program's."""
    found: Caller | None = uow.session.info.get(CALLER)
    return found


def _require_still(uow: UnitOfWork, request: Request, caller: Caller) -> None:
    """`NotSignedIn` when the sign-in, the token or the roles were taken back while this act waited to write."""
    at, token = signing_in.now(), _token_of(request)
    grants: tuple[Grant, ...] | None = None
    if token:
        shown = api_tokens.standing(uow.session, token, at)
        grants = None if shown is None else api_tokens.grants_of(*shown)
    elif (found := sign_ins.standing(uow.session, signing_in.key_of(request), at, signing_in.limits())) is not None:
        grants = found[1].standing_grants
    if grants is None or set(grants) != set(caller.grants):
        raise NotSignedIn("Your sign-in or your roles have changed meanwhile; nothing was recorded. Sign in again.")


def _token_of(request: Request) -> str:
    """The token that a program shows at the API; empty for none."""
    given = request.headers.get("authorization", "")
    bears = given.lower().startswith(BEARER) and request.url.path.startswith(API)
    return given[len(BEARER) :].strip() if bears else ""


def _require_near(request: Request) -> None:
    # The proxy with TLS stands on this machine too: nobody reaches the server itself from elsewhere.
    if request.client is None or not is_loopback(request.client.host):
        raise NotAllowed("This dashboard answers on this machine only; others reach it through the proxy beside it.")


def _by_cookie(request: Request) -> Caller | None:
    key, at = signing_in.key_of(request), signing_in.now()
    if not key:
        return None
    with reading(on=request.app.state.database) as uow:
        found = sign_ins.standing(uow.session, key, at, signing_in.limits())
        if found is None or not found[0].complete:
            return None
        caller = caller_with(found[1], found[1].standing_grants)
        due = sign_ins.is_to_be_noted(found[0], at) and not _asks_by_itself(request)
    _require_own_page(request)
    if due:
        with unit_of_work(caller.actor, on=request.app.state.database) as uow:
            sign_ins.note_seen(uow, key, at)
    return caller


def _asks_by_itself(request: Request) -> bool:
    """Whether the page asks anew without anybody touching it: an abandoned screen is not somebody who works."""
    return request.headers.get("hx-request") == "true" or BY_ITSELF in request.query_params


def _by_token(request: Request) -> Caller | None:
    given = _token_of(request)
    if not given:
        return None
    with reading(on=request.app.state.database) as uow:
        found = api_tokens.standing(uow.session, given, signing_in.now())
        if found is None:
            raise NotSignedIn("This token is not known, or its time is over. Make another on your account's page.")
        token, account = found
        if request.method not in SAFE_METHODS and token.may != api_tokens.ACT:
            raise NotAllowed("This token may only look. Make one that may act on your account's page.")
        return replace(caller_with(account, api_tokens.grants_of(token, account)), by_token=True)


def _require_own_page(request: Request) -> None:
    # A browser says where its request comes from, and `SameOrigin` has looked at what it says: silence is no browser's.
    said = "sec-fetch-site" in request.headers or "origin" in request.headers
    if request.method not in SAFE_METHODS and not said:
        raise NotAllowed("The request does not say which page it comes from. Send it from the dashboard’s own page.")


def grants_to_look(account: Account) -> tuple[Grant, ...]:
    """Those of an account's roles that may look at cases: what is sent to it by itself is what these reach."""
    return tuple(each for each in account.standing_grants if each.role in LOOKERS.roles)


def caller_with(account: Account, grants: tuple[Grant, ...]) -> Caller:
    """An account that asks with these of its roles."""
    return Caller(account.id, account.name, account.actor, account.officer_id, grants, grants)
