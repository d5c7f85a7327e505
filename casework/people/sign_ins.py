"""
Sign-ins that stand: begun with a password, complete with a second factor, ended by whoever holds them, unused for a
while, some hours after they began, or from anywhere by the account's owner.

The moments are the wall's, never a demonstration clock's. The key changes at each step, so that one that was planted in
a browser before is worth nothing after it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from casework.people.keys import digest_of, new_key
from casework.people.models import Account, SignIn
from core import history
from core.unit_of_work import UnitOfWork

BEGUN, ENDED = "people:sign_in:complete", "people:sign_ins:ended"
SECOND_FACTOR_WITHIN = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=1)
"""How long a sign-in is used before it is noted again that it is: a page that is only looked at writes nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a sign-in stands unused, and at most."""

    idle: timedelta
    whole: timedelta


def begin(uow: UnitOfWork, account: Account, at: datetime, *, complete: bool, enrols: bool = False) -> str:
    """The key of a new sign-in. A complete one is on record in the history. One that `enrols` began with a link."""
    key = new_key()
    row = SignIn(key_sha256=digest_of(key), account_id=account.id, complete=complete, began_at=at, seen_at=at)
    row.enrols = enrols
    uow.session.add(row)
    if complete:
        history.record(uow, BEGUN, f"account:{account.id}")
    return key


def standing(session: Session, key: str, at: datetime, limits: Limits) -> tuple[SignIn, Account] | None:
    """The sign-in of a key with its account; None when it does not stand, or the account is closed."""
    found = session.execute(
        select(SignIn, Account)
        .join(Account, Account.id == SignIn.account_id)
        .where(SignIn.key_sha256 == digest_of(key), _stands(at, limits), Account.active)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def is_to_be_noted(row: SignIn, at: datetime) -> bool:
    """Whether it is time to note that a sign-in is in use."""
    return at - row.seen_at >= SEEN_EVERY


def note_seen(uow: UnitOfWork, key: str, at: datetime) -> None:
    """Note that a sign-in is in use; one that ended meanwhile stays ended."""
    row = SignIn.key_sha256 == digest_of(key)
    uow.session.execute(update(SignIn).where(row, SignIn.ended_at.is_(None), SignIn.seen_at < at).values(seen_at=at))


def end(uow: UnitOfWork, key: str, at: datetime) -> None:
    """End the sign-in of a key; a second time changes nothing."""
    row = SignIn.key_sha256 == digest_of(key)
    uow.session.execute(update(SignIn).where(row, SignIn.ended_at.is_(None)).values(ended_at=at))


def end_all(uow: UnitOfWork, account_id: uuid.UUID, at: datetime, *, but: str | None = None) -> int:
    """End every sign-in of an account, but the one of a key if one is given; how many that were."""
    rows = [SignIn.account_id == account_id, SignIn.ended_at.is_(None)]
    if but is not None:
        rows.append(SignIn.key_sha256 != digest_of(but))
    change = update(SignIn).where(*rows).values(ended_at=at).returning(SignIn.key_sha256)
    ended = len(uow.session.scalars(change).all())
    if ended:
        history.record(uow, ENDED, f"account:{account_id}", {"count": ended})
    return ended


def of_account(session: Session, account_id: uuid.UUID, at: datetime, limits: Limits) -> Sequence[SignIn]:
    """The complete sign-ins of an account that stand, the last used first."""
    rows = select(SignIn).where(SignIn.account_id == account_id, SignIn.complete, _stands(at, limits))
    return session.scalars(rows.order_by(SignIn.seen_at.desc(), SignIn.key_sha256)).all()


def _stands(at: datetime, limits: Limits) -> ColumnElement[bool]:
    fresh = SignIn.complete | (SignIn.began_at > at - SECOND_FACTOR_WITHIN)
    used = (SignIn.seen_at > at - limits.idle) & (SignIn.began_at > at - limits.whole)
    return SignIn.ended_at.is_(None) & fresh & used
