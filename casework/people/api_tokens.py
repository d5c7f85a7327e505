"""Keys for programs that act for an account: shown once, worth something for a while, ended at any time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.people.keys import digest_of, new_key
from casework.people.models import Account, ApiToken
from casework.people.roles import Grant
from core import history
from core.errors import BadInput, NotFound, require_each
from core.unit_of_work import UnitOfWork

LOOK, ACT = "look", "act"
MADE, ENDED = "people:token:made", "people:token:ended"
LONGEST_DAYS = 365
SHORT = 12
"""Letters of a token's digest by which its owner names it."""


def make(
    uow: UnitOfWork,
    account_id: uuid.UUID,
    label: str,
    may: str,
    days: int,
    at: datetime,
    *,
    roles: Sequence[str] = (),
) -> str:
    """
    The key of a new token, for the account's roles of those keys; without any, for all that the account ever has.

    `BadInput` for an empty label, another scope than the two, too many days, or a role that the account does not hold.
    """
    what, scope = partial(_named, label), partial(_require_scope, may)
    named, _, held, _ = require_each(what, scope, partial(_held, uow, account_id, roles), partial(_require_days, days))
    key = new_key()
    token = ApiToken(key_sha256=digest_of(key), account_id=account_id, label=named, may=may, made_at=at)
    token.ends_at = at + timedelta(days=days)
    token.narrowed, token.roles = bool(roles), held
    uow.session.add(token)
    facts = {"token": token.key_sha256[:SHORT], "may": may, "roles": token.roles}
    history.record(uow, MADE, f"account:{account_id}", facts)
    return key


def _named(label: str) -> str:
    if not 1 <= len(label.strip()) <= 80:
        raise BadInput(field="label", found=label, wanted="what the token is for, in 1 to 80 characters")
    return label.strip()


def _require_scope(may: str) -> None:
    if may not in (LOOK, ACT):
        raise BadInput(field="may", found=may, wanted=f"{LOOK} or {ACT}")


def _require_days(days: int) -> None:
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(field="days", found=days, wanted=f"1 to {LONGEST_DAYS}")


def _held(uow: UnitOfWork, account_id: uuid.UUID, roles: Sequence[str]) -> list[str]:
    held = {each.key for each in uow.session.get_one(Account, account_id).grants}
    for each in roles:
        if each not in held:
            raise BadInput(field="roles", found=each, wanted="roles that the account holds: " + ", ".join(sorted(held)))
    return sorted(set(roles))


def grants_of(token: ApiToken, account: Account) -> tuple[Grant, ...]:
    """What a token may use now: those of the account's roles that stand, of them the ones it is narrowed to."""
    standing = account.standing_grants
    return tuple(each for each in standing if each.key in token.roles) if token.narrowed else standing


def standing(session: Session, key: str, at: datetime) -> tuple[ApiToken, Account] | None:
    """The token of a key with its account, while both are worth something."""
    found = session.execute(
        select(ApiToken, Account)
        .join(Account, Account.id == ApiToken.account_id)
        .where(ApiToken.key_sha256 == digest_of(key), ApiToken.ended_at.is_(None), ApiToken.ends_at > at)
        .where(Account.active)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def of_account(session: Session, account_id: uuid.UUID, at: datetime) -> Sequence[ApiToken]:
    """An account's tokens that are worth something, the newest first."""
    rows = select(ApiToken).where(ApiToken.account_id == account_id, ApiToken.ended_at.is_(None), ApiToken.ends_at > at)
    return session.scalars(rows.order_by(ApiToken.made_at.desc(), ApiToken.key_sha256)).all()


def end(uow: UnitOfWork, account_id: uuid.UUID, short: str, at: datetime) -> None:
    """End one of an account's own tokens, which may have ended before; `NotFound` when it never had one so named."""
    rows = select(ApiToken).where(ApiToken.account_id == account_id)
    row = next((each for each in uow.session.scalars(rows) if each.key_sha256[:SHORT] == short), None)
    if row is None:
        raise NotFound("token", short)
    if row.ended_at is None:
        row.ended_at = at
        history.record(uow, ENDED, f"account:{account_id}", {"token": short})


def end_all(uow: UnitOfWork, account_id: uuid.UUID, at: datetime) -> None:
    """End every token of an account."""
    for each in of_account(uow.session, account_id, at):
        each.ended_at = at
        history.record(uow, ENDED, f"account:{account_id}", {"token": each.key_sha256[:SHORT]})
