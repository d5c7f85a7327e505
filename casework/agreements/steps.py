"""Steps of monitoring for one case: the day of the next check, and the record of the settlement to both sides."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from casework import handlers, parties, reasons, repository
from casework.agreements.models import Agreement
from casework.agreements.settlement import last_signed
from casework.cases import Case
from casework.deadlines import DeadlineKind, set_deadline
from casework.issues.catalogue import issue
from casework.lifecycle import EventKind, Stage
from core.calendar import in_days
from core.settings import settings
from core.unit_of_work import UnitOfWork
from core.why import Why
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message


def schedule_check(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Set the day of the next check of the agreement, and send its record to employer and workplace once."""
    case = repository.get(uow, case_id, for_update=True)
    agreement = last_signed(uow, case_id)
    if case.stage is not Stage.MONITORING or case.wake_on is not None or agreement is None or not agreement.signed_on:
        return
    days = timedelta(days=settings().monitoring_interval_days)
    _send_record(uow, case, agreement, first_check_on=agreement.signed_on + days)
    what, since = _since(uow, case_id, agreement.signed_on)
    set_deadline(uow, case_id, DeadlineKind.MONITORING_CHECK, since + days, _why(what, since))


def _since(uow: UnitOfWork, case_id: uuid.UUID, signed_on: date) -> tuple[str, date]:
    check = repository.last_event(uow, case_id, EventKind.MONITORING_CHECK_RECORDED)
    signed = repository.last_event(uow, case_id, EventKind.AGREEMENT_SIGNED_OFF)
    if check is not None and signed is not None and check.seq > signed.seq:
        return "last check", check.happened_on
    return "agreement signed off", signed_on


def _why(what: str, since: date) -> Why:
    days = settings().monitoring_interval_days
    return reasons.days_after(
        f"Whether an agreement is kept is looked at every {in_days(days)}.",
        what,
        since,
        days,
        since + timedelta(days=days),
        source=handlers.RULE_BOOK,
        setting="MANDATE_MONITORING_INTERVAL_DAYS",
    )


def _send_record(uow: UnitOfWork, case: Case, agreement: Agreement, first_check_on: date) -> None:
    employer = case.workplace.employer
    facts = {
        "workplace_name": case.workplace.name,
        "employer_name": employer.name,
        "clauses": [
            {"issue": issue(row.issue).title, "what_changes": row.what_changes, "from_on": row.from_on.isoformat()}
            for row in agreement.clauses
        ],
        "signed_on": agreement.signed_on.isoformat() if agreement.signed_on else None,
        "first_check_on": first_check_on.isoformat(),
        "reference": case.ref,
    }
    message = Message("settlement_record", facts)
    for to in (parties.employer(employer), parties.head_teacher(case.workplace)):
        for medium in Medium:
            if to.can_receive(medium):
                outbox.enqueue(uow, message, to, medium=medium, subject_ref=f"agreement:{agreement.id}")
