"""
The journal compared with the database: which sends, and which other lines, the journal knows and the database does not.

A journal is read from the mark up to which this database found it before. What is found is counted here and judged by
`quarantine`; other lines than those of sends are judged by whoever writes them (`WATCHED`).
"""

from __future__ import annotations

import itertools
import socket
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import workers
from core.clock import Clock
from core.errors import ConfigurationError
from core.unit_of_work import UnitOfWork
from notifications.journal import OPENED, SENDING, Journal
from notifications.lifecycle import Outcome
from notifications.models import Attempt, JournalMark, LostSend

READ_AT_ONCE = 500
OWN = frozenset({SENDING, OPENED, *(each.value for each in Outcome)})
"""Events of the journal that are told from the notices."""
THERE, NOT_YET, MISSING, CHANGED = "there", "not_yet", "missing", "changed"


@dataclass
class Send:
    """One send as the journal tells it, to the digest of a recipient; no `outcome` where no line says how it ended."""

    notice_id: uuid.UUID
    epoch: int
    message_id: str
    sha256: str
    began_at: datetime
    kind: str | None = None
    recipient: str | None = None
    outcome: Outcome | None = None
    ended_at: datetime | None = None

    @property
    def key(self) -> tuple[uuid.UUID, int]:
        """What the journal and the attempts have in common."""
        return self.notice_id, self.epoch


Entry = Mapping[str, Any]
Looking = Callable[[], AbstractContextManager[UnitOfWork]]
Unknown = Callable[[Session, Sequence[Entry]], Iterable[Entry]]
"""Of lines of a kind of its own: those that this database knows nothing of."""
WATCHED: dict[str, Unknown] = {}
"""By the journal's event: what else the journal tells of, such as payment files. Whoever writes such lines adds it."""


@dataclass
class Comparison:
    """What the journal knows and the database does not; `journal` says whether there is one to compare with."""

    journal: str = THERE
    sends: dict[tuple[uuid.UUID, int], Send] = field(default_factory=dict)
    others: list[Entry] = field(default_factory=list)
    marks: dict[str, tuple[int, str]] = field(default_factory=dict)
    since_marks: int = 0

    @property
    def agrees(self) -> bool:
        """Whether there is a whole journal, and the database knows all it tells."""
        return self.journal in {THERE, NOT_YET} and not self.sends and not self.others

    def counts(self) -> dict[str, Any]:
        """For the row, the page and the log: numbers only."""
        notices = {send.notice_id for send in self.sends.values()}
        told = {"journal": self.journal, "sends": len(self.sends), "notices": len(notices), "others": len(self.others)}
        return {**told, "accepted": sum(send.outcome is Outcome.ACCEPTED for send in self.sends.values())}


def compare_in(uow: UnitOfWork, journal: Journal) -> Comparison:
    """Journal and database compared within one transaction, which nobody else can be sending in."""

    return compare(lambda: nullcontext(uow), journal)


def compare_afresh(uow: UnitOfWork, journal: Journal) -> Comparison:
    """The same for one who only looks, while others may be sending: what seems missing is looked up once more."""
    found = compare_in(uow, journal)
    if not found.agrees:
        uow.session.rollback()  # the lines were read after this transaction's view of the database began
        found = compare_in(uow, journal) if found.others else found
        have = _known(uow.session, list(found.sends.values()))
        found.sends = {key: send for key, send in found.sends.items() if key not in have}
    return found


def compare(looking: Looking, journal: Journal) -> Comparison:
    """
    What the journal knows and the database does not.

    `looking` gives a unit of work; each lot of lines is looked up in one that begins after the lines were read, for an
    attempt is committed before its line is written.
    """
    found = Comparison()
    files = journal.with_older()
    with looking() as uow:
        marks = {row.journal: (row.upto, row.tail) for row in uow.session.scalars(select(JournalMark))}
        if not files:
            found.journal = MISSING if _has_sent(uow) and not _another_works(uow) else NOT_YET
    for each in files:
        name = each.name()
        upto, tail = marks.get(name or "", (0, ""))
        if upto and each.tail(upto) != tail:
            found.journal, upto = CHANGED, 0
        reached = _compare_file(looking, each, upto, found)
        if name is not None and reached > upto:
            found.marks[name] = reached, each.tail(reached) or ""
            found.since_marks += reached - upto
    return found


def _compare_file(looking: Looking, journal: Journal, upto: int, found: Comparison) -> int:
    for lot in _in_lots(journal.read_from(upto)):
        upto, entries = lot[-1][0], [entry for _, entry in lot if entry is not None]
        sends = list(_sends(entries))
        others = _others(entries)
        if sends or others:
            with looking() as uow:
                have = _known(uow.session, sends)
                for event, lines in others.items():
                    found.others += WATCHED[event](uow.session, lines)
            found.sends |= {send.key: send for send in sends if send.key not in have}
        _note_outcomes(found.sends, entries)
    return upto


def _others(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    """The lines that others have to judge, by event."""
    by_event: dict[str, list[Entry]] = {}
    for each in entries:
        event = each.get("event")
        if isinstance(event, str) and event not in OWN:
            if event not in WATCHED:
                # Passed over once, it would stand before the mark and never be compared.
                raise ConfigurationError(f"The journal has a line of the kind {event!r}, which nothing here can judge.")
            by_event.setdefault(event, []).append(each)
    return by_event


def _in_lots(lines: Iterator[tuple[int, Entry | None]]) -> Iterator[list[tuple[int, Entry | None]]]:
    while lot := list(itertools.islice(lines, READ_AT_ONCE)):
        yield lot


def _sends(entries: Iterable[Entry]) -> Iterator[Send]:
    for each in entries:
        if each.get("event") == SENDING and "notice" in each:
            notice_id, at = uuid.UUID(each["notice"]), datetime.fromisoformat(each["at"])
            reference, digest = str(each["message_id"]), str(each.get("sha256", ""))
            yield Send(notice_id, int(each["epoch"]), reference, digest, at, each.get("kind"), each.get("recipient"))


def _note_outcomes(missing: Mapping[tuple[uuid.UUID, int], Send], entries: Iterable[Entry]) -> None:
    outcomes = {each.value for each in Outcome}
    for each in entries if missing else ():
        if each.get("event") in outcomes and "notice" in each:
            send = missing.get((uuid.UUID(each["notice"]), int(each["epoch"])))
            if send is not None:
                send.outcome, send.ended_at = Outcome(each["event"]), datetime.fromisoformat(each["at"])


def _known(session: Session, sends: Sequence[Send]) -> Collection[tuple[uuid.UUID, int]]:
    """Those of the sends that the database knows: as attempts, or as sends that were taken in without a row."""
    ids = {send.notice_id for send in sends}
    attempts = select(Attempt.notice_id, Attempt.epoch).where(Attempt.notice_id.in_(ids))
    have = set(session.execute(attempts).tuples())
    left = {(send.message_id, send.epoch): send.key for send in sends if send.key not in have}
    if left:
        references = {reference for reference, _ in left}
        lost = select(LostSend.reference, LostSend.epoch).where(LostSend.reference.in_(references))
        have |= {left[pair] for pair in session.execute(lost).tuples() if pair in left}
    return have


def _has_sent(uow: UnitOfWork) -> bool:
    return uow.session.scalar(select(Attempt.id).limit(1)) is not None


def _another_works(uow: UnitOfWork) -> bool:
    """Whether a worker of another machine was seen just now: one that joins others begins without a journal."""
    now, here = Clock().now(), socket.gethostname()
    return any(
        row.host != here and (now - row.seen_at).total_seconds() < workers.QUIET_SECONDS
        for row in workers.all_workers(uow.session)
    )
