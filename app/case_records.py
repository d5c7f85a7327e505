"""
What the history of a case says besides its events: papers approved, receipts recorded and taken back, action stood
down. Read from the chained history at view time, in one query, and told in sentences.

Of notices to members nothing is told, and where nobody has to show receipt only what a person recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

from app.notice_views import NoticeLine
from app.sentences import by_whom, count, in_list, sentence
from app.templating import long_date
from ballots import stand_down
from casework.cases import CaseEvent
from casework.stand_downs import REASONS, StandDownReason
from core.calendar import london_day
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import EvidenceClass
from notifications.messages import registry

APPROVED = "notifications:notice:approved"
RECEIVED = "notifications:notice:receipt_recorded"
WITHDRAWN = ("notifications:notice:receipt_withdrawn", "notifications:notice:proof_revoked")
OF_DISPUTES = (stand_down.ORDERED, stand_down.LIFTED)
OF_NOTICES = (APPROVED, RECEIVED, *WITHDRAWN)
ALIKE: Mapping[str, tuple[str, ...]] = {APPROVED: (), RECEIVED: ("kind", "received_on"), WITHDRAWN[0]: ("reason",)}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One thing that happened, in a sentence; `by` says what whoever recorded it is, never who."""

    title: str
    happened_on: date
    recorded_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class _Noted:
    """An entry of history, and the notice it is about."""

    entry: HistoryEntry
    notice: NoticeLine | None

    @property
    def who(self) -> str:
        """Whoever did it: of an approval the approver, which a flow may carry out later."""
        return str(self.entry.facts.get("approver") or self.entry.actor)

    @property
    def told_with(self) -> tuple[object, ...]:
        """What is done to several papers at one moment by one person is told in one sentence."""
        entry = self.entry
        if self.notice is None:
            return (entry.seq,)
        verb = WITHDRAWN[0] if entry.action in WITHDRAWN else entry.action
        return verb, entry.at, self.who, *(entry.facts[name] for name in ALIKE[verb])


def records(uow: UnitOfWork, subjects: Collection[str], notices: Sequence[NoticeLine]) -> tuple[EventLine, ...]:
    """What history says of the disputes among the subjects and of the notices, newest first."""
    told = {f"notice:{line.id}": line for line in notices}
    disputes = [each for each in subjects if each.startswith("dispute:")]
    if not told and not disputes:
        return ()
    statement = (
        select(HistoryEntry)
        .where(HistoryEntry.subject.in_([*told, *disputes]), HistoryEntry.action.in_((*OF_NOTICES, *OF_DISPUTES)))
        .order_by(HistoryEntry.seq.desc())
    )
    noted = (_Noted(entry, told.get(entry.subject)) for entry in uow.session.scalars(statement))
    return tuple(_record(list(some)) for _, some in groupby(filter(_matters, noted), key=lambda each: each.told_with))


def told_once(rows: Iterable[CaseEvent], noted: Sequence[EventLine]) -> tuple[EventLine, ...]:
    """What happened to several cases at once, told once, among what else history says; what came last first."""
    found: dict[tuple[str, date], EventLine] = {}
    for row in rows:
        line = EventLine(sentence(row.kind, row.facts), row.happened_on, row.recorded_at, by_whom(row.actor))
        found.setdefault((line.title, line.happened_on), line)
    return tuple(sorted([*found.values(), *noted], key=lambda line: line.recorded_at, reverse=True))


def _matters(noted: _Noted) -> bool:
    entry, notice = noted.entry, noted.notice
    if notice is None:
        return True
    if entry.action == APPROVED:
        return notice.statutory
    if entry.action == RECEIVED and entry.facts["class"] == EvidenceClass.C:
        return False
    known = registry().get(notice.kind)
    return not entry.actor.startswith("flow:") or (known is not None and known.proof is not None)


def _record(some: Sequence[_Noted]) -> EventLine:
    first = some[0]
    sentence = SENTENCES[first.entry.action](first.entry.facts, _papers(some))
    return EventLine(sentence, london_day(first.entry.at), first.entry.at, by_whom(first.who))


def _papers(some: Sequence[_Noted]) -> str:
    """The papers in words, those of one kind together: `the notice of ballot (by letter and email)`."""
    ways: dict[str, list[str]] = {}
    for notice in (each.notice for each in reversed(some)):
        if notice is not None and notice.by not in ways.setdefault(notice.label, []):
            ways[notice.label].append(notice.by)
    return in_list([f"“{label}” by {in_list(by)}" for label, by in ways.items()])


def _approved(_facts: Mapping[str, Any], papers: str) -> str:
    return f"Approved by a second person: {papers}."


def _received(facts: Mapping[str, Any], papers: str) -> str:
    on = long_date(date.fromisoformat(facts["received_on"]))
    return f"Receipt of {papers} was recorded for {on}: {str(facts['kind']).replace('_', ' ')}."


def _withdrawn(facts: Mapping[str, Any], papers: str) -> str:
    return f"The proof that {papers} was received was taken back: {str(facts['reason']).strip().rstrip('.')}."


def _stood_down(facts: Mapping[str, Any], _papers: str) -> str:
    schools = count(facts["cases"], "school")
    return f"All action of the dispute was stood down, at {schools}: {REASONS[StandDownReason(facts['reason'])]}."


def _lifted(facts: Mapping[str, Any], _papers: str) -> str:
    on = facts.get("resumes_on")
    goes_on = f"; what may go on without a new notice resumes {long_date(date.fromisoformat(on))}" if on else ""
    return f"The stand-down of all action of the dispute was lifted{goes_on}."


SENTENCES: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    APPROVED: _approved,
    RECEIVED: _received,
    **dict.fromkeys(WITHDRAWN, _withdrawn),
    stand_down.ORDERED: _stood_down,
    stand_down.LIFTED: _lifted,
}
