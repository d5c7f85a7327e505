"""
What went out before a restore and has no row in the restored database: made again, it waits for a person.

A notice about the same thing has the Message-ID that went out. One about a thing that was itself made anew, such as a
ballot that was authorised again, has another: so a statutory notice waits too where one of its kind went to its
recipient, until a person has decided about as many as were lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from core import history
from core.holding import known
from core.unit_of_work import UnitOfWork
from notifications.keys import recipient_digest
from notifications.lifecycle import Outcome, State
from notifications.models import LostSend, Notice
from notifications.outbox import RELEASED
from notifications.quarantine import NOTICE

NOT_GONE = frozenset({Outcome.TEMP.value, Outcome.PERM.value})


@dataclass(frozen=True, slots=True)
class Lost:
    """
    The lost sends by Message-ID, and those that went, or may have gone, by the kind and the recipient's digest; of each
    Message-ID the last.
    """

    by_reference: Mapping[str, LostSend]
    by_recipient: Mapping[tuple[str, str], Sequence[LostSend]]


def went_out(uow: UnitOfWork, notice: Notice) -> str | None:
    """Why a notice has to wait for a person: by the journal it, or one like it, went out before the restore."""
    lost = _lost(uow)
    same = lost.by_reference.get(notice.message_id)
    if same is None:
        return _one_like_it_went(uow, notice, lost)
    if _released(uow, [notice.ref], same.noted_at):
        return None
    words = "these very bytes" if same.sha256 == notice.sha256 else "other bytes under its Message-ID"
    return f"by the journal, {words} went out on {same.began_at:%Y-%m-%d} before the database was restored"


def _one_like_it_went(uow: UnitOfWork, notice: Notice, lost: Lost) -> str | None:
    """Said of a notice that was made since, while fewer of its like were released or taken back than were lost."""
    alike = lost.by_recipient.get((notice.kind, recipient_digest(notice.recipient_key)), ())
    gone = [each for each in alike if each.began_at < notice.created_at]
    if not notice.statutory or not gone:
        return None
    if _released(uow, [notice.ref], _noted_at(gone)) or _decided(uow, notice, gone) >= len(gone):
        return None
    last = max(each.began_at for each in gone)
    return (
        f"by the journal, a notice of this kind went to this recipient on {last:%Y-%m-%d} before the database was "
        "restored; it may be this one, made again"
    )


def _noted_at(gone: Sequence[LostSend]) -> datetime:
    return min(each.noted_at for each in gone)


def _decided(uow: UnitOfWork, notice: Notice, gone: Sequence[LostSend]) -> int:
    """How many others, made again of its kind to its recipient, a person has released or taken back."""
    made_since = Notice.created_at > min(each.began_at for each in gone)
    others = uow.session.execute(
        select(Notice.id, Notice.state).where(
            Notice.kind == notice.kind,
            Notice.recipient_key == notice.recipient_key,
            Notice.id != notice.id,
            or_(made_since, Notice.message_id.in_([each.reference for each in gone])),
        )
    ).tuples()
    states = {f"notice:{id_}": state for id_, state in others}
    released = _released(uow, list(states), _noted_at(gone))
    return sum(ref in released or state is State.CANCELLED for ref, state in states.items())


def _released(uow: UnitOfWork, refs: Sequence[str], since: datetime) -> frozenset[str]:
    """Those that a person released after the loss was noted: before that nobody could know of it."""
    entry = history.HistoryEntry
    found = select(entry.subject).where(entry.subject.in_(refs), entry.action == RELEASED, entry.at >= since)
    return frozenset(uow.session.scalars(found))


def _lost(uow: UnitOfWork) -> Lost:
    """Read once a transaction; mostly there is none."""
    kept = known(uow.session)
    if "lost notices" not in kept:
        rows = uow.session.scalars(select(LostSend).where(LostSend.kind == NOTICE).order_by(LostSend.epoch)).all()
        alike: defaultdict[tuple[str, str], dict[str, LostSend]] = defaultdict(dict)
        for row in rows:
            if row.message_kind and row.recipient_sha256 and row.outcome not in NOT_GONE:
                alike[row.message_kind, row.recipient_sha256][row.reference] = row
        by_recipient = {key: tuple(found.values()) for key, found in alike.items()}
        kept["lost notices"] = Lost({row.reference: row for row in rows}, by_recipient)
    found: Lost = kept["lost notices"]
    return found
