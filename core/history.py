"""
Append-only history, chained by SHA-256: each entry holds the hash of the one before it.

A changed, removed or reordered entry breaks the chain at a place `verify` names. A chain cut off at its end still
verifies, which is why `verify` also takes the head that somebody noted down elsewhere. Entries hold ids, dates and
digests, never a person's data, so that erasing a person leaves the chain whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, lock_for_append
from core.holding import known
from core.reading import read_each
from core.unit_of_work import UnitOfWork

GENESIS = "0" * 64
APPEND_LOCK = 0x48495354
HEAD = "head of the history"


class HistoryEntry(Base):
    """One thing that happened; rows are refused an UPDATE or DELETE by triggers."""

    __tablename__ = "history_entries"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    facts: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Verification:
    """`broken_at` is the first entry that does not fit, or None; `head` the last good hash."""

    entries: int
    head: str
    broken_at: int | None
    sentence: str

    @property
    def whole(self) -> bool:
        """Whether the chain holds."""
        return self.broken_at is None


def canonical(facts: object) -> str:
    """The one spelling of facts that digests are taken of."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_spell)


def _spell(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def digest(facts: object) -> str:
    """SHA-256 of the canonical spelling."""
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def chained_hash(
    seq: int, prev: str, at: datetime, actor: str, action: str, subject: str, facts: dict[str, Any]
) -> str:
    """The hash that binds an entry to the one before it."""
    return digest([seq, prev, at.isoformat(), actor, action, subject, facts])


def record(uow: UnitOfWork, action: str, subject: str, facts: dict[str, Any] | None = None) -> HistoryEntry:
    """
    Append one entry. `action` reads source:subject:action, `subject` is kind:id.
    """
    last, prev = _head(uow.session)
    seq = last + 1
    spelled: dict[str, Any] = json.loads(canonical(facts or {}))
    at = uow.now
    entry = HistoryEntry(
        seq=seq,
        prev=prev,
        hash=chained_hash(seq, prev, at, uow.actor, action, subject, spelled),
        at=at,
        actor=uow.actor,
        action=action,
        subject=subject,
        facts=spelled,
    )
    uow.session.add(entry)
    known(uow.session)[HEAD] = seq, entry.hash
    return entry


def record_all(uow: UnitOfWork, action: str, about: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Append one entry of an action for each subject with its facts, all by one statement."""
    seq, prev = _head(uow.session)
    at, rows = uow.now, []
    for subject, facts in about:
        seq += 1
        spelled: dict[str, Any] = json.loads(canonical(facts))
        own = chained_hash(seq, prev, at, uow.actor, action, subject, spelled)
        rows.append(
            {
                "seq": seq,
                "prev": prev,
                "hash": own,
                "at": at,
                "actor": uow.actor,
                "action": action,
                "subject": subject,
                "facts": spelled,
            }
        )
        prev = own
    if rows:
        uow.session.execute(insert(HistoryEntry), rows)
        known(uow.session)[HEAD] = seq, prev


def length(session: Session) -> int:
    """
    How many entries there are: every act appends some, so while this number stands nobody has done anything.

    What is being appended just now and not yet committed does not count.
    """
    return session.scalar(select(func.max(HistoryEntry.seq))) or 0


def in_turn(session: Session) -> int:
    """Wait until nobody else appends; how many entries there are then, and until this transaction ends but for ours."""
    return _head(session)[0]


def _head(session: Session) -> tuple[int, str]:
    """Number and hash of the last entry. Read once a transaction: from then to its end nobody else may append."""
    head: tuple[int, str] | None = known(session).get(HEAD)
    if head is None:
        lock_for_append(session, APPEND_LOCK)
        last = select(HistoryEntry.seq, HistoryEntry.hash).order_by(HistoryEntry.seq.desc()).limit(1)
        head = session.execute(last).tuples().first() or (0, GENESIS)
    return head


def verify(session: Session, *, expected_head: str | None = None) -> Verification:
    """Walk the whole chain; with `expected_head`, also insist that the chain reaches that hash."""
    prev, count, reached = GENESIS, 0, expected_head in {None, GENESIS}
    for _, entry in read_each(session, select(HistoryEntry), HistoryEntry.seq):
        count += 1
        if entry is None:
            return Verification(count - 1, prev, count, f"Entry {count} cannot be read: history was changed.")
        if not _fits(entry, count, prev):
            sentence = f"Entry {count} does not follow from the one before it: history was changed."
            return Verification(count - 1, prev, count, sentence)
        prev = entry.hash
        reached = reached or prev == expected_head
    if not reached:
        sentence = f"The chain of {count} entries never reaches the expected head: its end was cut off or rebuilt."
        return Verification(count, prev, count + 1, sentence)
    return Verification(count, prev, None, f"{count} entries, each following from the one before it.")


def entries_of(session: Session, action: str) -> Iterator[HistoryEntry]:
    """Every entry of an action that can be read, oldest first."""
    of_action = select(HistoryEntry).where(HistoryEntry.action == action)
    return (entry for _, entry in read_each(session, of_action, HistoryEntry.seq) if entry is not None)


def _fits(entry: HistoryEntry, seq: int, prev: str) -> bool:
    wanted = chained_hash(seq, prev, entry.at, entry.actor, entry.action, entry.subject, entry.facts)
    return entry.seq == seq and entry.prev == prev and entry.hash == wanted
