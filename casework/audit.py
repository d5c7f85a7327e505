"""
Whether what is stored of cases is what was recorded: each row what its events give, each event what history says of it.

`core.history.verify` guards the chain itself; this holds the cases against it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from casework import lifecycle
from casework.cases import Case, CaseEvent
from casework.lifecycle import CaseState, Stage
from core import history
from core.errors import MandateError
from core.findings import Finding, Severity
from core.reading import UNREADABLE, read_each
from core.unit_of_work import UnitOfWork

RECORDED = "case:event:recorded"
SUBJECT = "case:"
CURE = "Keep this database as it is, restore the last good backup beside it, and compare the two."

Digests = dict[int, list[tuple[str, str]]]
"""What history holds of a case's events: by their place, every digest and actor recorded for it."""


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
    whole = select(Case).options(selectinload(Case.events), selectinload(Case.issues), selectinload(Case.stages))
    for ref, case in read_each(uow.session, whole, Case.ref):
        cases += 1
        if case is None:
            found.append(fault("row_unreadable", ref, "The row of this case, or one of its events, cannot be read."))
            continue
        events += len(case.events)
        found += _row_faults(case)
        found += _event_faults(case, recorded.pop(case.id, {}))
    gone = recorded.keys() - set(uow.session.scalars(select(Case.id)))
    found += [fault("case_missing", f"case {key}", "History names this case; it is gone.") for key in sorted(gone)]
    return CasesAudit(cases, events, tuple(found))


def _recorded(uow: UnitOfWork) -> dict[uuid.UUID, Digests]:
    by_case: dict[uuid.UUID, Digests] = {}
    for entry in history.entries_of(uow.session, RECORDED):
        try:
            case_id = uuid.UUID(entry.subject.removeprefix(SUBJECT))
            place, told = entry.facts["seq"], (entry.facts["facts_sha256"], entry.actor)
        except UNREADABLE:
            # The chain names the entry; its event is then missed here.
            continue
        by_case.setdefault(case_id, {}).setdefault(place, []).append(told)
    return by_case


def _row_faults(case: Case) -> Iterator[Finding]:
    """What a case's row says otherwise than replaying its events."""
    places = [event.seq for event in case.events]
    if places != list(range(1, case.events_count + 1)):
        sentence = f"The case counts {case.events_count} events; stored are the places {_places(places)}."
        yield fault("events_missing", case.ref, sentence)
    try:
        states = replayed(case.events)
    except (MandateError, KeyError, ValueError, TypeError, RuntimeError, StopIteration):
        yield fault("events_impossible", case.ref, "The case's events cannot have happened one after another.")
        return
    for name, (stored, given) in _compared(case, states[-1]).items():
        if stored != given:
            yield fault("row_changed", case.ref, f"The case's row says {name} {stored}; its events give {given}.")
    if [(each.seq, each.stage, each.came_on, each.left_on) for each in case.stages] != moves(case.events, states):
        yield fault("stages_changed", case.ref, "The stages that the case is said to have come to are not its events'.")


def replayed(events: Sequence[CaseEvent]) -> list[CaseState]:
    """The state of a case after each of its events, oldest first; at least one event."""
    first, *rest = (event.as_event() for event in events)
    return list(accumulate(rest, lifecycle.apply, initial=lifecycle.begin(first)))


def moves(events: Sequence[CaseEvent], states: Sequence[CaseState]) -> list[tuple[int, Stage, date, date | None]]:
    """The stages that a case came to: by which event, when, and when it left."""
    stages = [None, *(state.stage for state in states)]
    came = [
        (event.seq, state)
        for event, state, before in zip(events, states, stages, strict=False)
        if state.stage is not before
    ]
    left = [*(state.entered_on for _, state in came[1:]), None]
    return [(seq, state.stage, state.entered_on, day) for (seq, state), day in zip(came, left, strict=True)]


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
        told = recorded.pop(event.seq, [])
        wanted = (history.digest([event.kind, event.happened_on, event.facts]), event.actor)
        if not told:
            yield fault("event_unrecorded", case.ref, f"Event {event.seq} of the case is not in the history.")
        elif told != [wanted]:
            yield fault("event_changed", case.ref, f"Event {event.seq} of the case is not what history recorded.")
    for place in sorted(recorded):
        yield fault("event_missing", case.ref, f"Event {place} of the case is in the history and gone from the case.")


def _places(places: Sequence[int]) -> str:
    return ", ".join(map(str, places)) or "none"


def fault(code: str, where: str, sentence: str) -> Finding:
    """Something stored that does not fit, and where it stands."""
    return Finding(code, Severity.STOP, f"{where}: {sentence}", CURE, where=where)
