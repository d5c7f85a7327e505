"""Digests by mail: what each account chose to be told of, how often, and the day on which it was last told."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from sqlalchemy import JSON, ForeignKey, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from casework.people.models import Account
from core import history
from core.calendar import is_working_day
from core.db import Base, StoredEnum
from core.errors import BadInput, require_each
from core.nations import Nation
from core.unit_of_work import UnitOfWork

CHOSEN = "people:digest:chosen"


class Rhythm(StrEnum):
    """How often."""

    NEVER = "never"
    WORKING_DAYS = "working_days"
    MONDAYS = "mondays"


class DigestPart(StrEnum):
    """Of what."""

    DEADLINES = "deadlines"
    APPROVALS = "approvals"
    NOTICES = "notices"
    QUIET_CASES = "quiet_cases"


RHYTHMS = {
    Rhythm.NEVER: "Never",
    Rhythm.WORKING_DAYS: "Each working day",
    Rhythm.MONDAYS: "Each Monday, or the first working day after it",
}
PARTS = {
    DigestPart.DEADLINES: "Days that are due or near",
    DigestPart.APPROVALS: "What waits for an approval or a release",
    DigestPart.NOTICES: "Notices that bounced or wait for a person",
    DigestPart.QUIET_CASES: "Cases that have gone quiet",
}


class MailDigest(Base):
    """What an account chose. `told_on` is the London day on which it was last told: once a day at most."""

    __tablename__ = "mail_digests"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    rhythm: Mapped[Rhythm] = mapped_column(StoredEnum(Rhythm))
    parts: Mapped[list[str]] = mapped_column(JSON)
    told_on: Mapped[date | None]

    @property
    def wanted(self) -> tuple[DigestPart, ...]:
        """The parts in their order."""
        return tuple(each for each in DigestPart if each in self.parts)


def of_account(uow: UnitOfWork, account_id: uuid.UUID) -> MailDigest:
    """What an account chose; somebody who never chose is told nothing."""
    found = uow.session.get(MailDigest, account_id)
    return found or MailDigest(account_id=account_id, rhythm=Rhythm.NEVER, parts=[each.value for each in DigestPart])


def choose(uow: UnitOfWork, account_id: uuid.UUID, rhythm: str, parts: Sequence[str]) -> MailDigest:
    """What an account is told from now on; the same again changes nothing. `BadInput` naming `rhythm` or `parts`."""
    require_each(partial(_require_rhythm, rhythm), partial(_require_parts, rhythm, parts))
    row = uow.session.get(MailDigest, account_id, with_for_update=True)
    wanted = [each.value for each in DigestPart if each in parts]
    if row is not None and (row.rhythm.value, row.parts) == (rhythm, wanted):
        return row
    if row is None:
        row = MailDigest(account_id=account_id)
        uow.session.add(row)
    row.rhythm, row.parts = Rhythm(rhythm), wanted
    uow.session.flush()
    history.record(uow, CHOSEN, f"account:{account_id}", {"rhythm": rhythm, "parts": wanted})
    return row


def _require_rhythm(rhythm: str) -> None:
    if rhythm not in list(Rhythm):
        raise BadInput(field="rhythm", found=rhythm, wanted="one of " + ", ".join(Rhythm))


def _require_parts(rhythm: str, parts: Sequence[str]) -> None:
    for each in parts:
        if each not in list(DigestPart):
            raise BadInput(field="parts", found=each, wanted="some of " + ", ".join(DigestPart))
    if rhythm != Rhythm.NEVER and not parts:
        raise BadInput(field="parts", found="none", wanted="at least one of " + ", ".join(DigestPart))


def is_day_of(rhythm: Rhythm, day: date, added: Collection[date] = ()) -> bool:
    """Whether somebody of that rhythm is told on a day: never on a bank holiday of England, nor at a weekend."""
    if rhythm is Rhythm.NEVER or not is_working_day(day, Nation.ENGLAND, added):
        return False
    before = (day - timedelta(days=back) for back in range(1, day.weekday() + 1))
    return rhythm is Rhythm.WORKING_DAYS or not any(is_working_day(each, Nation.ENGLAND, added) for each in before)


def due(uow: UnitOfWork) -> Sequence[uuid.UUID]:
    """The accounts that are to be told today and were not yet."""
    rows = (
        select(MailDigest)
        .join(Account, Account.id == MailDigest.account_id)
        .where(MailDigest.rhythm != Rhythm.NEVER, Account.active, Account.confirmed_by.is_not(None))
        .where(or_(MailDigest.told_on.is_(None), MailDigest.told_on < uow.today))
        .order_by(MailDigest.account_id)
    )
    added = uow.holidays_in(Nation.ENGLAND)
    return [row.account_id for row in uow.session.scalars(rows) if is_day_of(row.rhythm, uow.today, added)]


def take(uow: UnitOfWork, account_id: uuid.UUID) -> MailDigest | None:
    """The choice of an account that is still to be told today, told from now on; None once another worker was first."""
    row = uow.session.get(MailDigest, account_id, with_for_update=True)
    if row is None or row.rhythm is Rhythm.NEVER or row.told_on == uow.today:
        return None
    row.told_on = uow.today
    uow.session.flush()
    return row
