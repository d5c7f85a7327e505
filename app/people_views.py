"""Accounts as pages and commands show them, and a role with its place as somebody types them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from casework.people import api_tokens
from casework.people.models import Account
from casework.people.roles import DUTIES, Grant, Reach, Role
from casework.register import workplaces
from casework.register.models import Association, Officer, Workplace
from core.errors import BadInput, NotFound
from core.unit_of_work import UnitOfWork

EVERYWHERE = frozenset({Reach.UNION, Reach.NO_CASE})


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role that somebody holds: what it is called, where it is held (empty: everywhere), what it is for."""

    key: str
    label: str
    where: str
    does: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    """
    An account. `standing` is how it stands, in words; `ready`, whether somebody signs in with it; `confirmed`, whether
    its roles stand; `sees_free_cases_only`, whether it is a caseworker's whom no case can be assigned to.
    """

    id: uuid.UUID
    name: str
    email: str
    active: bool
    standing: str
    ready: bool
    confirmed: bool
    sees_free_cases_only: bool
    roles: tuple[RoleLine, ...]


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role that can be given."""

    value: str
    label: str
    does: str


@dataclass(frozen=True, slots=True)
class Where:
    """The field for a role's place: which roles need one, and the associations to choose from."""

    hint: str
    associations: tuple[str, ...]


def _where_hint() -> str:
    held: dict[tuple[Reach, ...], list[str]] = {}
    for role, duty in DUTIES.items():
        held.setdefault(duty.reaches, []).append(role.label)
    at_one = held[Reach.ASSOCIATION,] + held[Reach.OWN_CASES,]
    either = held[Reach.UNION, Reach.ASSOCIATION]
    return (
        f"{_listed(at_one)}: an association. {_listed(held[Reach.WORKPLACE,])}: a workplace. "
        f"{_listed(either)}: an association, or nothing for the whole union. "
        "Every other role is held for the whole union: leave this empty."
    )


def _listed(labels: list[str]) -> str:
    first, *rest = labels
    return " and ".join([first, *(each.lower() for each in rest)])


WHERE_HINT = _where_hint()
ROLE_CHOICES = tuple(RoleChoice(role.value, role.label, DUTIES[role].does) for role in Role)


def people(uow: UnitOfWork) -> tuple[PersonLine, ...]:
    """Every account, those that are open first, by name."""
    rows = (
        select(Account).options(selectinload(Account.roles)).order_by(Account.active.desc(), Account.name, Account.id)
    )
    found = uow.session.scalars(rows).all()
    places = _places(uow, [grant for each in found for grant in each.grants])
    return tuple(_line(each, places) for each in found)


def person(uow: UnitOfWork, account_id: uuid.UUID) -> PersonLine:
    """One account; `NotFound` when there is none."""
    account = uow.session.get(Account, account_id)
    if account is None:
        raise NotFound("account", account_id)
    return _line(account, _places(uow, account.grants))


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token for a program: `short` names it; `roles` are in words, none where it uses whatever the account has."""

    short: str
    label: str
    may: str
    roles: tuple[str, ...]
    made_at: datetime
    ends_at: datetime


def tokens(uow: UnitOfWork, account_id: uuid.UUID, at: datetime) -> tuple[TokenLine, ...]:
    """The tokens of an account that are worth something, the newest first."""
    held = {each.key: each for each in person(uow, account_id).roles}
    return tuple(
        TokenLine(
            row.key_sha256[: api_tokens.SHORT],
            row.label,
            row.may,
            tuple(_in_words(held[each]) if each in held else GONE for each in row.roles),
            row.made_at,
            row.ends_at,
        )
        for row in api_tokens.of_account(uow.session, account_id, at)
    )


GONE = "a role that is not held any more"


def _in_words(role: RoleLine) -> str:
    return f"{role.label}, {role.where}" if role.where else role.label


def named(roles: Iterable[Role]) -> str:
    """Roles one after another, as people say them."""
    return ", ".join(sorted(each.label.lower() for each in roles))


def where(uow: UnitOfWork) -> Where:
    """What the field for a role's place says, and the associations there are."""
    names = uow.session.scalars(select(Association.name).order_by(Association.name)).all()
    return Where(WHERE_HINT, tuple(names))


def read_grant(uow: UnitOfWork, role: str, place: str) -> Grant:
    """
    A role and where it is held, as typed: the name of an association, a URN or UKPRN, or nothing.

    `BadInput` for a role that is none, or a place that is missing, unknown or not wanted.
    """
    try:
        chosen = Role(role)
    except ValueError:
        wanted = ", ".join(each.value for each in Role)
        raise BadInput(field="role", found=role, wanted=f"one of {wanted}") from None
    reaches, given = DUTIES[chosen].reaches, place.strip()
    if Reach.WORKPLACE in reaches:
        return Grant(chosen, workplace_id=_workplace(uow, given).id)
    if not given and EVERYWHERE & set(reaches):
        return Grant(chosen)
    if Reach.ASSOCIATION not in reaches and Reach.OWN_CASES not in reaches:
        raise BadInput(
            field="place", found=place, wanted=f"nothing: {chosen.label.lower()} is held for the whole union"
        )
    return Grant(chosen, association_id=_association(uow, given).id)


def _workplace(uow: UnitOfWork, number: str) -> Workplace:
    try:
        return workplaces.find(uow, number)
    except (NotFound, BadInput):
        raise BadInput(field="place", found=number, wanted="the URN or UKPRN of a workplace in the register") from None


def _association(uow: UnitOfWork, name: str) -> Association:
    found = select(Association).where(func.lower(Association.name) == name.lower())
    association = uow.session.scalars(found).first()
    if association is None:
        raise BadInput(field="place", found=name, wanted="the name of an association in the register")
    return association


def free_officers(uow: UnitOfWork) -> list[Officer]:
    """Active officers who have no account yet, by name."""
    taken = select(Account.officer_id).where(Account.officer_id.is_not(None))
    rows = select(Officer).where(Officer.active, Officer.id.not_in(taken)).order_by(Officer.name, Officer.id)
    return list(uow.session.scalars(rows))


def _places(uow: UnitOfWork, grants: list[Grant] | tuple[Grant, ...]) -> Mapping[uuid.UUID, str]:
    names: dict[uuid.UUID, str] = {}
    at = {each.association_id for each in grants if each.association_id}
    where = {each.workplace_id for each in grants if each.workplace_id}
    if at:
        found = select(Association.id, Association.name).where(Association.id.in_(at))
        names |= dict(uow.session.execute(found).tuples().all())
    if where:
        known = select(Workplace.id, Workplace.name).where(Workplace.id.in_(where))
        names |= dict(uow.session.execute(known).tuples().all())
    return names


def _line(account: Account, places: Mapping[uuid.UUID, str]) -> PersonLine:
    roles = tuple(
        RoleLine(
            each.key,
            each.role.label,
            places.get(each.association_id or each.workplace_id or uuid.UUID(int=0), ""),
            DUTIES[each.role].does,
        )
        for each in account.grants
    )
    held = {each.role for each in account.grants}
    return PersonLine(
        account.id,
        account.name,
        account.email,
        account.active,
        _standing(account),
        account.ready,
        account.confirmed_by is not None,
        Role.CASEWORKER in held and account.officer_id is None,
        roles,
    )


def _standing(account: Account) -> str:
    if not account.active:
        return "closed"
    told = "signs in" if account.ready else "not set up yet"
    return told if account.confirmed_by else f"{told}; its roles wait to be confirmed"
