"""Reminders of deadlines: to the officer, and to the workplace where the deadline is the workplace's to meet."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from casework import parties, steps
from casework.cases import Case
from casework.deadlines import Deadline
from casework.register.models import Officer
from core import history
from core.findings import Finding
from core.holding import hold, hold_all
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.messages import Message
from notifications.recipients import Recipient


def hold_deadlines(uow: UnitOfWork, deadline_ids: Sequence[uuid.UUID]) -> None:
    """Hold many deadlines at once, before the first of them is written about."""
    hold_all(uow.session, Deadline, deadline_ids)


def remind(uow: UnitOfWork, deadline_id: uuid.UUID) -> None:
    """Send the reminder of a deadline once; nothing for one that is met, cancelled or already recalled."""
    deadline = hold(uow.session, Deadline, deadline_id)
    if deadline is None or deadline.met_on or deadline.cancelled_on or deadline.reminded_on:
        return
    officer = _officer(uow, deadline.case)
    if officer is not None:
        _send(uow, deadline, "deadline_reminder_officer", parties.officer(officer), officer_name=officer.name)
    if deadline.tells_workplace:
        _send(uow, deadline, "deadline_reminder_workplace", parties.head_teacher(deadline.case.workplace))
    deadline.reminded_on = uow.today
    history.record(uow, "deadline:reminder:sent", f"case:{deadline.case_id}", {"deadline": deadline.id})


def _officer(uow: UnitOfWork, case: Case) -> Officer | None:
    """The case's officer; before one is assigned, the one whom the rule would choose."""
    if case.officer is not None:
        return case.officer
    choice = steps.officer_for(uow, case)
    if isinstance(choice, Finding):
        return None
    return uow.session.get(Officer, uuid.UUID(choice.officer_id))


def _send(uow: UnitOfWork, deadline: Deadline, kind: str, to: Recipient, *, officer_name: str | None = None) -> None:
    case = deadline.case
    facts: dict[str, object] = {
        "workplace_name": case.workplace.name,
        "what": deadline.label,
        "due_on": deadline.due_on.isoformat(),
        "days_left": (deadline.due_on - uow.today).days,
        "why": f"{deadline.why['rule']} ({deadline.why['arithmetic']})",
        "reference": case.ref,
    }
    if officer_name is not None:
        facts |= {"officer_name": officer_name, "urn": case.workplace.urn}
    outbox.enqueue(uow, Message(kind, facts), to, medium=to.best_medium, subject_ref=f"deadline:{deadline.id}")
