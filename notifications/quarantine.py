"""
Quarantine: a database that is older than the journal was restored, and nothing leaves until a named person says so.

The journal lies outside the database and is not restored with it. It knows sends that a restored database does not;
what that database thinks queued may have arrived. So whoever starts to work compares the two, and where the database
knows less, a row stands that every sender and every payment asks for. How far a journal was found in the database is
remembered in the database itself: an older database remembers less, and more is compared.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select

from core import history
from core.clock import Clock
from core.db import Database, lock_for_append
from core.errors import Conflict
from core.logs import log
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.comparing import Comparison, compare, compare_in
from notifications.journal import Journal
from notifications.models import JournalMark, Quarantine

ACTOR = "flow:quarantine"
BEGAN, ENDED = "notifications:quarantine:began", "notifications:quarantine:ended"
MARK_BYTES = 32 * 1024
"""A mark is set anew once so much was found since: rarely, as it is a write."""
LONGEST_JOURNAL = 64 * 1024 * 1024
OPEN_LOCK = 0x51554152
NOTICE = "notice"


def standing(uow: UnitOfWork) -> Quarantine | None:
    """The quarantine that stands, if one does."""
    return uow.session.scalar(select(Quarantine).where(Quarantine.ended_at.is_(None)).limit(1))


def refuse(uow: UnitOfWork, what: str) -> None:
    """
    Raise `Conflict` while a quarantine stands, or should: nobody may have looked yet since the restore.

    `what` is the sentence that says what is not done.
    """
    if standing(uow) is not None or not compare_in(uow, journal_of(uow)).agrees:
        raise Conflict(
            f"{what} This database is older than the journal of what went out, so nothing is sent or paid. "
            "A named person has to look first: `mandate restore status`, or the page Status."
        )


def journal_of(uow: UnitOfWork) -> Journal:
    """The journal that belongs to the database of a unit of work."""
    return Journal.of(uow.session.get_bind().engine.url)


def look(database: Database, journal: Journal) -> Quarantine | None:
    """
    The quarantine that stands, one begun now because the journal knows more than the database, or None.

    Cheap enough for the start of every sweep: of a journal only what came since its mark is read.
    """
    with reading(on=database) as uow:
        stands = standing(uow)
    if stands is not None:
        return stands
    found = compare(lambda: reading(on=database), journal)
    if found.agrees:
        if found.since_marks >= MARK_BYTES:
            _remember(database, journal, found)
        return None
    with unit_of_work(ACTOR, on=database) as uow:
        return begin(uow, found)


def begin(uow: UnitOfWork, found: Comparison) -> Quarantine:
    """Open a quarantine; the one that stands when there is one."""
    lock_for_append(uow.session, OPEN_LOCK)
    stands = standing(uow)
    if stands is not None:
        return stands
    row = Quarantine(began_at=uow.now, found=found.counts())
    uow.session.add(row)
    uow.session.flush()
    history.record(uow, BEGAN, f"quarantine:{row.id}", row.found)
    log().error("quarantine", count=len(found.sends), state=found.journal)
    return row


def end(uow: UnitOfWork, journal: Journal, by: str, because: str, which: uuid.UUID | None = None) -> Quarantine:
    """
    Let sending go on. `by` is a named person; `which` is the quarantine that this person looked at, if it was named.

    The same again changes nothing. `Conflict` when none stands, when another person ended it, or when the journal still
    tells what is not here: that is reconciled first.
    """
    lock_for_append(uow.session, OPEN_LOCK)
    stands = uow.session.get(Quarantine, which) if which else standing(uow)
    if stands is None:
        raise Conflict("No quarantine stands: nothing has to be ended.")
    if stands.ended_at is not None:
        if (stands.ended_by, stands.ended_because) == (by, because):
            return stands
        raise Conflict("This quarantine was ended before, with another name or reason; nothing was changed.")
    found = compare_in(uow, journal)
    if found.sends or found.others:
        raise Conflict(
            f"The journal tells of {len(found.sends) + len(found.others)} sends that this database does not know. "
            "Take them in first: `mandate restore reconcile`."
        )
    stands.ended_at, stands.ended_by, stands.ended_because = uow.now, by, because
    history.record(uow, ENDED, f"quarantine:{stands.id}", {"by": by})
    journal.begin(uow.now)
    _set_marks(uow, compare_in(uow, journal))
    return stands


def _remember(database: Database, journal: Journal, found: Comparison) -> None:
    with unit_of_work(ACTOR, on=database) as uow:
        _set_marks(uow, found)
    # Only now: what a transaction does to a file stays, though the transaction be taken back.
    if journal.path.exists() and journal.path.stat().st_size > LONGEST_JOURNAL:
        journal.put_aside(Clock().now())


def _set_marks(uow: UnitOfWork, found: Comparison) -> None:
    lock_for_append(uow.session, OPEN_LOCK)  # several workers may set the first mark of a journal at once
    for name, (upto, tail) in found.marks.items():
        row = uow.session.get(JournalMark, name, with_for_update=True)
        if row is None:
            row = JournalMark(journal=name, upto=0)
            uow.session.add(row)
        if upto > row.upto or row.tail != tail:
            row.upto, row.tail, row.marked_at = upto, tail, uow.now
    uow.session.flush()
