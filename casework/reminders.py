"""
Reminders of deadlines: at amber and at red to the officer, and to the workplace where it is the one to meet it; at the
hard stop to the officer and to a second person.

Each level is told once. Where sweeps were missed, only the highest level that is due is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from casework import parties, steps
from casework.cases import Case
from casework.deadlines import ENDS_BY_ITSELF, Deadline, days_of_levels
from casework.levels import Level, level_on, next_day
from casework.register.models import Officer
from core import history
from core.findings import Finding
from core.holding import hold, hold_all
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.messages import Message
from notifications.recipients import Recipient

SENT = "deadline:reminder:sent"
DUTY = "union:duty"
"""The key of the second person where the setting names an address that no officer has."""
DUTY_NAME = "Duty officer"


def hold_deadlines(uow: UnitOfWork, deadline_ids: Sequence[uuid.UUID]) -> None:
    """Hold many deadlines at once, before the first of them is written about."""
    hold_all(uow.session, Deadline, deadline_ids)


def remind(uow: UnitOfWork, deadline_id: uuid.UUID) -> None:
    """Tell the level that a deadline has reached, once; nothing for one that is over, or whose day has not come."""
    deadline = hold(uow.session, Deadline, deadline_id)
    if deadline is None or not deadline.is_open or deadline.remind_on is None or deadline.remind_on > uow.today:
        return
    days, told = days_of_levels(uow, deadline), deadline.reminded_level
    reached = level_on(days, uow.today)
    if reached is not None and (told is None or reached.rank > told.rank):
        if deadline.kind not in ENDS_BY_ITSELF or uow.today <= deadline.due_on:
            _tell(uow, deadline, reached)
        deadline.reminded_level = reached
    deadline.remind_on = next_day(days, deadline.reminded_level, uow.today)


def _tell(uow: UnitOfWork, deadline: Deadline, level: Level) -> None:
    people = _people(uow, deadline.case, level)
    for name, to in people:
        _send(uow, deadline, "deadline_reminder_officer", to, level, officer_name=name)
    if deadline.tells_workplace and level is not Level.STOP:
        _send(uow, deadline, "deadline_reminder_workplace", parties.head_teacher(deadline.case.workplace), level)
    deadline.reminded_on = uow.today
    facts = {"deadline": deadline.id, "level": level, "people": [to.key for _, to in people]}
    history.record(uow, SENT, f"case:{deadline.case_id}", facts)


def _people(uow: UnitOfWork, case: Case, level: Level) -> list[tuple[str, Recipient]]:
    """The officer, by name; besides, at the hard stop or where there is no officer, the second person."""
    officer = _officer(uow, case)
    told = [] if officer is None else [(officer.name, parties.officer(officer))]
    second = _second_person(uow, case, officer) if officer is None or level is Level.STOP else None
    return told if second is None else [*told, second]


def _officer(uow: UnitOfWork, case: Case) -> Officer | None:
    """The case's officer; before one is assigned, the one whom the rule would choose."""
    return case.officer if case.officer is not None else _chosen(uow, case)


def _chosen(uow: UnitOfWork, case: Case, without: tuple[str, ...] = ()) -> Officer | None:
    choice = steps.officer_for(uow, case, without)
    return None if isinstance(choice, Finding) else uow.session.get(Officer, uuid.UUID(choice.officer_id))


def _second_person(uow: UnitOfWork, case: Case, first: Officer | None) -> tuple[str, Recipient] | None:
    """Whoever the setting names; failing that the next officer by the rule, or any other who is active."""
    address = settings().duty_email.lower()
    active = uow.session.scalars(select(Officer).where(Officer.active).order_by(Officer.name, Officer.id))
    others = [each for each in active if first is None or each.id != first.id]
    named = next((each for each in others if each.email.lower() == address), None)
    if address and named is None and (first is None or first.email.lower() != address):
        return DUTY_NAME, Recipient(DUTY, DUTY_NAME, address)
    second = named or (_chosen(uow, case, (str(first.id),)) if first else None) or next(iter(others), None)
    return None if second is None else (second.name, parties.officer(second))


def _send(
    uow: UnitOfWork, deadline: Deadline, kind: str, to: Recipient, level: Level, *, officer_name: str | None = None
) -> None:
    case = deadline.case
    facts: dict[str, object] = {
        "workplace_name": case.workplace.name,
        "what": deadline.label,
        "due_on": deadline.due_on.isoformat(),
        "days_left": (deadline.due_on - uow.today).days,
        "level": level.value,
        "why": f"{deadline.why['rule']} ({deadline.why['arithmetic']})",
        "reference": case.ref,
    }
    if officer_name is not None:
        facts |= {"officer_name": officer_name, "urn": case.workplace.urn}
    # The day is part of the version: a deadline that was moved away and back is told of again.
    version = f"{level.value}:{uow.today.isoformat()}"
    subject = f"deadline:{deadline.id}"
    outbox.enqueue(uow, Message(kind, facts), to, medium=to.best_medium, subject_ref=subject, content_version=version)
