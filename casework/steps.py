"""
Steps of casework: what the system does by itself for one case once the facts allow it.

Each re-reads the case, does what is due and may run twice: the second run finds nothing left to do.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from casework import handlers, parties, reasons, repository
from casework.assignment import Assignment, Candidate, choose_officer
from casework.cases import Case
from casework.deadlines import DeadlineKind, open_deadlines, set_deadline
from casework.handlers import RULE_BOOK
from casework.issues.catalogue import issue
from casework.lifecycle import EventKind, Stage
from casework.register import officers
from casework.register.models import Officer
from core.calendar import in_days
from core.errors import BadInput, Conflict
from core.findings import Finding
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message


def send_head_letter(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Send the model letter to the head teacher, with a day to answer by."""
    state = repository.state_of(uow, case_id)
    if state.stage is not Stage.HEAD_MEETING or state.letter_sent:
        return
    case = repository.get(uow, case_id, for_update=True)
    days = settings().head_answer_days
    answer_by = uow.today + timedelta(days=days)
    message = Message("model_letter_to_head", _head_letter_facts(uow, case, answer_by.isoformat()))
    head = parties.head_teacher(case.workplace)
    for medium in Medium:
        if head.can_receive(medium):
            version = str(state.times_reopened + 1)
            outbox.enqueue(uow, message, head, medium=medium, subject_ref=f"case:{case.id}", content_version=version)
    why = reasons.days_after(
        f"The head teacher has {in_days(days)} to answer the members' letter.",
        "letter sent",
        uow.today,
        days,
        answer_by,
        source=RULE_BOOK,
        setting="MANDATE_HEAD_ANSWER_DAYS",
    )
    handlers.record(uow, case_id, EventKind.HEAD_LETTER_SENT, {"answer_by": answer_by})
    set_deadline(uow, case_id, DeadlineKind.HEAD_ANSWER, answer_by, why, tells_workplace=True)


def _head_letter_facts(uow: UnitOfWork, case: Case, answer_by: str) -> dict[str, object]:
    met = repository.last_event(uow, case.id, EventKind.MEMBERS_MEETING_HELD)
    facts = met.facts if met else {}
    return {
        "workplace_name": case.workplace.name,
        "issues": [{"title": issue(row.code).title, "ask": issue(row.code).ask} for row in case.issues],
        "answer_by": answer_by,
        "members_present": facts.get("present"),
        "members_in_favour": facts.get("in_favour"),
        "reference": case.ref,
    }


def refer_unanswered(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Refer the case to an officer once the head teacher's day has passed without an answer."""
    if repository.get(uow, case_id).stage is not Stage.HEAD_MEETING:
        return
    for deadline in open_deadlines(uow, case_id, DeadlineKind.HEAD_ANSWER):
        if deadline.due_on < uow.today:
            handlers.record(uow, case_id, EventKind.HEAD_DID_NOT_ANSWER, {"answer_by": deadline.due_on})
            return


def assign_officer(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Assign the officer who covers the workplace and carries least, tell that officer, and say why."""
    state = repository.state_of(uow, case_id)
    if state.stage is not Stage.OFFICER_ASSIGNED or state.officer_id is not None:
        return
    case = repository.get(uow, case_id, for_update=True)
    choice = officer_for(uow, case, state.declined_officers)
    if isinstance(choice, Finding):
        return
    facts = {"officer_id": choice.officer_id, "reason": choice.reason}
    handlers.record(uow, case_id, EventKind.OFFICER_ASSIGNED, facts)
    _tell_officer(uow, case, choice)


def awaits_an_officer(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether a case was referred and nobody is assigned: none covers it, all are at their limit, or all declined."""
    state = repository.state_of(uow, case_id)
    return state.stage is Stage.OFFICER_ASSIGNED and state.officer_id is None


def assign_by_hand(uow: UnitOfWork, case_id: uuid.UUID, officer_id: uuid.UUID, reason: str, key: str | None) -> None:
    """
    Assign the officer whom a person chose, whatever area and limit say, and tell that officer.

    Raise `NotFound` for an unknown officer, `BadInput` for one who is not active, `Conflict` while another is assigned.
    """
    officer = officers.get(uow, officer_id)
    if not officer.active:
        raise BadInput(field="officer", found="an officer who is not active", wanted="an active officer")
    if not awaits_an_officer(uow, case_id):
        raise Conflict("An officer is assigned already. Record that they decline, then assign another.")
    facts = {"officer_id": str(officer.id), "reason": reason}
    handlers.record(uow, case_id, EventKind.OFFICER_ASSIGNED, facts, key=key)
    _tell_officer(uow, repository.get(uow, case_id), Assignment(str(officer.id), reason))


def officer_for(uow: UnitOfWork, case: Case, declined: tuple[str, ...] = ()) -> Assignment | Finding:
    """The officer the rule would choose for a case now, or why it can choose nobody."""
    covering = repository.officers_of(uow, case.workplace.association_id)
    carried = repository.open_cases_by_officer(uow, covering)
    candidates = [Candidate(str(row.id), row.active, carried.get(row.id, 0), row.open_case_limit) for row in covering]
    name = case.workplace.association.name if case.workplace.association else case.workplace.la_name
    return choose_officer(candidates, area=name, declined=declined)


def _tell_officer(uow: UnitOfWork, case: Case, choice: Assignment) -> None:
    days = settings().officer_accept_days
    accept_by = uow.today + timedelta(days=days)
    officer = uow.session.get_one(Officer, uuid.UUID(choice.officer_id))
    facts = {
        "officer_name": officer.name,
        "workplace_name": case.workplace.name,
        "urn": case.workplace.urn,
        "reason": choice.reason,
        "stage": case.stage.value,
        "reference": case.ref,
        "accept_by": accept_by.isoformat(),
    }
    message = Message("officer_assigned", facts)
    version = str(case.events_count)
    outbox.enqueue(
        uow,
        message,
        parties.officer(officer),
        medium=Medium.MAIL,
        subject_ref=f"case:{case.id}",
        content_version=version,
    )
    why = reasons.days_after(
        f"An officer has {in_days(days)} to accept a case.",
        "assigned",
        uow.today,
        days,
        accept_by,
        source=RULE_BOOK,
        setting="MANDATE_OFFICER_ACCEPT_DAYS",
    )
    set_deadline(uow, case.id, DeadlineKind.OFFICER_ACCEPTS, accept_by, why)


def wake_case(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Wake a case whose rest is over."""
    case = repository.get(uow, case_id)
    if case.wake_on is not None and case.wake_on <= uow.today:
        handlers.record(uow, case_id, EventKind.CASE_WOKEN, {"reason": "the day named has come"})
