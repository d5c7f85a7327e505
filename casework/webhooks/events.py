"""What a program can be told of, and what of the history makes such an event. It holds ids and no name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from core.history import HistoryEntry


class Event(StrEnum):
    """What a program can be told of."""

    CASE_RECORDED = "case.recorded"
    DEADLINE_REACHED = "deadline.reached"
    NOTICE_PROVED = "notice.proved"
    NOTICE_BOUNCED = "notice.bounced"
    BALLOT_RESULT = "ballot.result"


EVENTS: Mapping[Event, str] = {
    Event.CASE_RECORDED: "Something was recorded of a case, and the stage it is at",
    Event.DEADLINE_REACHED: "A deadline has come near, or has passed unmet",
    Event.NOTICE_PROVED: "A notice is shown to have been received",
    Event.NOTICE_BOUNCED: "A notice came back, or was refused for good",
    Event.BALLOT_RESULT: "The result of a ballot was declared",
}
Made = list[tuple[Event, dict[str, Any]]]
"""Events and what is told of each: ids only."""


def events_of(entry: HistoryEntry) -> list[dict[str, Any]]:
    """The events that an entry of history makes, as they are told: `{"type", "timestamp", "data"}`, ids only."""
    make, at = MAKES.get(entry.action), entry.at.isoformat()
    return [{"type": event.value, "timestamp": at, "data": data} for event, data in (make(entry) if make else ())]


def _of_a_case(entry: HistoryEntry) -> Made:
    case, facts = _key(entry), entry.facts
    made: Made = [(Event.CASE_RECORDED, {"case": case, "event": facts["kind"], "stage": facts["stage"]})]
    return [*made, (Event.BALLOT_RESULT, {"case": case})] if facts["kind"] == "result_declared" else made


def _of_a_deadline(entry: HistoryEntry) -> Made:
    data = {"case": _key(entry), "deadline": str(entry.facts["deadline"]), "level": entry.facts["level"]}
    return [(Event.DEADLINE_REACHED, data)]


def _proved(entry: HistoryEntry) -> Made:
    return [(Event.NOTICE_PROVED, {"notice": _key(entry)})]


def _bounced(entry: HistoryEntry) -> Made:
    return [(Event.NOTICE_BOUNCED, {"notice": _key(entry)})]


def _attempted(entry: HistoryEntry) -> Made:
    return _bounced(entry) if entry.facts.get("outcome") == "perm" else []


def _key(entry: HistoryEntry) -> str:
    return entry.subject.partition(":")[2]


MAKES: Mapping[str, Callable[[HistoryEntry], Made]] = {
    "case:event:recorded": _of_a_case,
    "deadline:reminder:sent": _of_a_deadline,
    "notifications:notice:receipt_recorded": _proved,
    "notifications:notice:receipt_shown": _proved,
    "notifications:notice:bounced": _bounced,
    "notifications:notice:attempted": _attempted,
}
"""What of the history makes an event, and how."""
