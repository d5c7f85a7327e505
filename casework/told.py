"""What members of a workplace are told of their case before there is a dispute: a meeting, and who their officer is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from casework import circulars, repository
from casework.cases import Case
from casework.issues.catalogue import issue
from casework.lifecycle import Event, EventKind
from core.unit_of_work import UnitOfWork
from notifications.messages import Message


def tell_of(uow: UnitOfWork, case: Case, event: Event) -> None:
    """Tell each member of the workplace what an event means for them, if anything; once for each event."""
    if event.kind is EventKind.MEMBERS_MEETING_ARRANGED:
        _call_to_meeting(uow, case, date.fromisoformat(event.facts["meets_on"]))
    if event.kind is EventKind.OFFICER_ACCEPTED and case.officer is not None:
        _tell(uow, case, "officer_introduced", {"officer_name": case.officer.name})


def _call_to_meeting(uow: UnitOfWork, case: Case, meets_on: date) -> None:
    """Nobody is called to a meeting that is over: it may be recorded afterwards."""
    if meets_on < uow.today:
        return
    raised = sorted(issue(row.code).title for row in case.issues)
    _tell(uow, case, "meeting_call", {"meets_on": meets_on.isoformat(), "issues": raised})


def _tell(uow: UnitOfWork, case: Case, kind: str, facts: Mapping[str, Any]) -> None:
    message = Message(kind, {"workplace_name": case.workplace.name, "reference": case.ref, **facts})
    members = repository.members_at(uow, case.workplace_id)
    circulars.tell_each(uow, message, members, subject_ref=f"case:{case.id}", version=str(case.events_count))
