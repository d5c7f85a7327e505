"""What a program can be told of, and what of the history makes such an event. It holds ids and no name."""

from __future__ import annotations

from collections.abc import Mapping
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
ACTIONS = {
    "case:event:recorded",
    "deadline:reminder:sent",
    "notifications:notice:receipt_recorded",
    "notifications:notice:receipt_shown",
    "notifications:notice:bounced",
    "notifications:notice:attempted",
}
"""What of the history makes an event."""


def events_of(entry: HistoryEntry) -> list[dict[str, Any]]:
    """The events that an entry of history makes, as they are told: `{"type", "timestamp", "data"}`, ids only."""
    kind, _, key = entry.subject.partition(":")
    facts, at = entry.facts, entry.at.isoformat()
    found: list[tuple[Event, dict[str, Any]]] = []
    match entry.action:
        case "case:event:recorded":
            data = {"case": key, "event": facts["kind"], "stage": facts["stage"]}
            found.append((Event.CASE_RECORDED, data))
            if facts["kind"] == "result_declared":
                found.append((Event.BALLOT_RESULT, {"case": key}))
        case "deadline:reminder:sent":
            data = {"case": key, "deadline": str(facts["deadline"]), "level": facts["level"]}
            found.append((Event.DEADLINE_REACHED, data))
        case "notifications:notice:receipt_recorded" | "notifications:notice:receipt_shown":
            found.append((Event.NOTICE_PROVED, {kind: key}))
        case "notifications:notice:bounced":
            found.append((Event.NOTICE_BOUNCED, {kind: key}))
        case "notifications:notice:attempted" if facts.get("outcome") == "perm":
            found.append((Event.NOTICE_BOUNCED, {kind: key}))
    return [{"type": event.value, "timestamp": at, "data": data} for event, data in found]
