"""Keys of calendars: the secret in the address of a calendar that somebody keeps of their cases, or of one ballot."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ballots.models import Ballot
from casework.people import accounts
from casework.people.keys import digest_of, new_key
from casework.people.models import Account
from core import history
from core.db import Base, lock_for_append
from core.errors import Conflict, NotFound
from core.unit_of_work import UnitOfWork

MADE, ENDED = "people:calendar:made", "people:calendar:ended"
SHORT = 12
"""Letters of a key's digest by which its owner names it."""
MOST = 20
"""Calendars that one account keeps at a time."""
KEYS_LOCK = 0x43414C45


class CalendarKey(Base):
    """
    The address of a calendar: of the cases of an account, or of the ballot named. The address holds the key, this row
    its digest. `request_sha256` is the digest of the request that made it, so that one sent twice makes one.
    """

    __tablename__ = "calendar_keys"

    key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    ballot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ballots.id"))
    request_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    ballot: Mapped[Ballot | None] = relationship()

    @property
    def short(self) -> str:
        """What its owner calls it by."""
        return self.key_sha256[:SHORT]


def make(
    uow: UnitOfWork, account_id: uuid.UUID, ballot: Ballot | None, request_key: str, at: datetime
) -> tuple[CalendarKey, str | None]:
    """
    A new calendar and its key. The same `request_key` again gives the calendar it made, and no key: it was shown once.

    `Conflict` when the request's key came before for another calendar, and when the account keeps `MOST` already.
    """
    lock_for_append(uow.session, KEYS_LOCK)
    asked = history.digest([str(account_id), request_key])
    ballot_id = ballot.id if ballot else None
    before = uow.session.scalars(select(CalendarKey).where(CalendarKey.request_sha256 == asked)).one_or_none()
    if before is not None:
        if before.ballot_id != ballot_id:
            raise Conflict("This key was used before for another calendar; nothing was made. Send a new key.")
        return before, None
    if len(of_account(uow.session, account_id)) >= MOST:
        raise Conflict(f"An account keeps {MOST} calendars at most. End one that nobody reads any more.")
    key = new_key()
    row = CalendarKey(key_sha256=digest_of(key), account_id=account_id, ballot_id=ballot_id, request_sha256=asked)
    row.made_at = at
    uow.session.add(row)
    uow.session.flush()
    history.record(uow, MADE, f"account:{account_id}", {"calendar": row.short, "ballot": ballot_id})
    return row, key


def standing(session: Session, key: str) -> tuple[CalendarKey, Account] | None:
    """The calendar of a key with its account, while both are worth something."""
    found = session.execute(
        select(CalendarKey, Account)
        .join(Account, Account.id == CalendarKey.account_id)
        .where(CalendarKey.key_sha256 == digest_of(key), CalendarKey.ended_at.is_(None), Account.active)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def of_account(session: Session, account_id: uuid.UUID) -> Sequence[CalendarKey]:
    """The calendars that an account keeps, the one made first at the head."""
    rows = select(CalendarKey).where(CalendarKey.account_id == account_id, CalendarKey.ended_at.is_(None))
    ordered = rows.options(joinedload(CalendarKey.ballot)).order_by(CalendarKey.made_at, CalendarKey.key_sha256)
    return session.scalars(ordered).all()


def end(uow: UnitOfWork, account_id: uuid.UUID, short: str, at: datetime) -> CalendarKey:
    """End one of an account's own calendars, which may have ended before; `NotFound` when it never had one so named."""
    rows = select(CalendarKey).where(CalendarKey.account_id == account_id)
    row = next((each for each in uow.session.scalars(rows) if each.short == short), None)
    if row is None:
        raise NotFound("calendar", short)
    if row.ended_at is None:
        row.ended_at = at
        history.record(uow, ENDED, f"account:{account_id}", {"calendar": row.short})
    return row


def end_all(uow: UnitOfWork, account_id: uuid.UUID, at: datetime) -> None:
    """End every calendar of an account: whoever read along with the old password reads no further."""
    for each in of_account(uow.session, account_id):
        each.ended_at = at
        history.record(uow, ENDED, f"account:{account_id}", {"calendar": each.short})


accounts.KEYS_END.append(end_all)
