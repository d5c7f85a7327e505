"""
Whether what is stored of cases is what was recorded: each row what its events give, each event what history says of it.

`core.history.verify` guards the chain itself; this holds the cases against it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from casework import lifecycle
from casework.cases import Case
from casework.lifecycle import CaseState
from core import history
from core.errors import MandateError
from core.findings import Finding, Severity
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork

RECORDED = "case:event:recorded"
SUBJECT = "case:"
CURE = "Keep this database as it is, restore the last good backup beside it, and compare the two."

Digests = dict[int, list[str]]
"""What history holds of a case's events: by their place, every digest recorded for it."""


@dataclass(frozen=True, slots=True)
class CasesAudit:
    """How many cases and events were looked at, and everything that does not fit."""

    cases: int
    events: int
    findings: tuple[Finding, ...]


def audit_cases(uow: UnitOfWork) -> CasesAudit:
    """Hold every case against its events, and every event against history; findings name the case's reference."""
    recorded = _recorded(uow)
    found: list[Finding] = []
    cases = events = 0
    whole = select(Case).options(selectinload(Case.events), selectinload(Case.issues)).order_by(Case.ref)
    for case in uow.session.scalars(whole.execution_options(yield_per=200)):
        cases += 1
        events += len(case.events)
        found += _row_faults(case)
        found += _event_faults(case, recorded.pop(case.id, {}))
    found += [_fault("case_missing", f"case {key}", "History names this case; it is gone.") for key in recorded]
    return CasesAudit(cases, events, tuple(found))


def _recorded(uow: UnitOfWork) -> dict[uuid.UUID, Digests]:
    by_case: dict[uuid.UUID, Digests] = {}
    entries = select(HistoryEntry.subject, HistoryEntry.facts).where(HistoryEntry.action == RECORDED)
    for subject, facts in uow.session.execute(entries.order_by(HistoryEntry.seq)):
        of_case = by_case.setdefault(uuid.UUID(subject.removeprefix(SUBJECT)), {})
        of_case.setdefault(facts["seq"], []).append(facts["facts_sha256"])
    return by_case


def _row_faults(case: Case) -> Iterator[Finding]:
    """What a case's row says otherwise than replaying its events."""
    places = [event.seq for event in case.events]
    if places != list(range(1, case.events_count + 1)):
        sentence = f"The case counts {case.events_count} events; stored are the places {_places(places)}."
        yield _fault("events_missing", case.ref, sentence)
    try:
        state = lifecycle.replay(event.as_event() for event in case.events)
    except (MandateError, KeyError, ValueError, TypeError, RuntimeError, StopIteration):
        yield _fault("events_impossible", case.ref, "The case's events cannot have happened one after another.")
        return
    for name, (stored, replayed) in _compared(case, state).items():
        if stored != replayed:
            sentence = f"The case's row says {name} {stored}; its events give {replayed}."
            yield _fault("row_changed", case.ref, sentence)


def _compared(case: Case, state: CaseState) -> dict[str, tuple[object, object]]:
    """Each part of a row with what the events give. The reason of a rest is compared, never shown."""
    officer = str(case.officer_id) if case.officer_id else None
    rest = state.rest
    return {
        "stage": (case.stage.value, state.stage.value),
        "entered on": (case.entered_on, state.entered_on),
        "raised on": (case.raised_on, case.events[0].happened_on),
        "officer": (officer, state.officer_id),
        "wakes on": (case.wake_on, rest.wake_on if rest else None),
        "reason of the rest, by its digest": (
            history.digest(case.rest_reason),
            history.digest(rest.reason if rest else None),
        ),
        "issues": (sorted(issue.code for issue in case.issues), sorted(state.issues)),
    }


def _event_faults(case: Case, recorded: Digests) -> Iterator[Finding]:
    """Events that history does not know, knows otherwise, or knows and are gone."""
    for event in case.events:
        digests = recorded.pop(event.seq, [])
        wanted = history.digest([event.kind, event.happened_on, event.facts])
        if not digests:
            yield _fault("event_unrecorded", case.ref, f"Event {event.seq} of the case is not in the history.")
        elif digests != [wanted]:
            yield _fault("event_changed", case.ref, f"Event {event.seq} of the case is not what history recorded.")
    for place in sorted(recorded):
        yield _fault("event_missing", case.ref, f"Event {place} of the case is in the history and gone from the case.")


def _places(places: Sequence[int]) -> str:
    return ", ".join(map(str, places)) or "none"


def _fault(code: str, where: str, sentence: str) -> Finding:
    return Finding(code, Severity.STOP, f"{where}: {sentence}", CURE, where=where)
