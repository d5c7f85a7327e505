"""
Whether an agreement is kept. Gains are permanent: slipping back reopens the case, with its history and what it won.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from casework import handlers, parties, reasons, repository
from casework.agreements.models import Clause, ClauseState, MonitoringCheck
from casework.agreements.settlement import gains_of, set_statuses, unsigned
from casework.cases import Case, IssueStatus
from casework.deadlines import DeadlineKind, cancel, set_deadline
from casework.lifecycle import EventKind, Stage
from core import history
from core.calendar import in_days
from core.errors import BadInput, StageError
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message


def record_check(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    happened_on: date,
    broken: Sequence[str],
    evidence: str,
    key: str | None = None,
) -> MonitoringCheck:
    """
    Record a check of the agreement. Clauses found broken reopen the case and their issues; the others stay on record.

    `BadInput` for a broken issue that no kept clause is about.
    """
    case = repository.get(uow, case_id, for_update=True)
    if case.stage is not Stage.MONITORING:
        raise StageError("The case", case.stage, EventKind.MONITORING_CHECK_RECORDED, (Stage.MONITORING,))
    breached = _breached(gains_of(uow, case_id), broken)
    facts = {"broken": sorted(set(broken)), "evidence_sha256": history.digest(evidence)}
    handlers.record(uow, case_id, EventKind.MONITORING_CHECK_RECORDED, facts, happened_on=happened_on, key=key)
    check = MonitoringCheck(
        case_id=case_id, happened_on=happened_on, recorded_by=uow.actor, evidence=evidence, broken=facts["broken"]
    )
    uow.session.add(check)
    if breached:
        _break(uow, case, breached, check)
    uow.session.flush()
    return check


def _breached(gains: Sequence[Clause], broken: Sequence[str]) -> list[Clause]:
    agreed = {clause.issue for clause in gains}
    for code in broken:
        if code not in agreed:
            wanted = "an issue with a clause that was kept so far: " + ", ".join(sorted(agreed))
            raise BadInput(field="broken", found=code, wanted=wanted)
    return [clause for clause in gains if clause.issue in broken]


def _break(uow: UnitOfWork, case: Case, breached: Sequence[Clause], check: MonitoringCheck) -> None:
    for clause in breached:
        clause.state, clause.broken_on = ClauseState.BROKEN, check.happened_on
    facts = {
        "reason": "A check found that the agreement is not kept.",
        "issues": check.broken,
        "clauses": [str(clause.id) for clause in breached],
    }
    _reopen(uow, case, facts, check.happened_on)
    _tell_workplace(uow, case, breached, check.evidence)


def reopen(
    uow: UnitOfWork, case_id: uuid.UUID, reason: str, issues: Sequence[str] = (), key: str | None = None
) -> None:
    """Reopen a case that was settled, monitored or closed, over some of its issues, or over all when none is named."""
    case = repository.get(uow, case_id, for_update=True)
    codes = [row.code for row in case.issues]
    for code in issues:
        if code not in codes:
            raise BadInput(field="issues", found=code, wanted="an issue of the case: " + ", ".join(codes))
    facts = {"reason": reason, "issues": sorted(set(issues or codes)), "clauses": []}
    _reopen(uow, case, facts, uow.today, key)


def _reopen(uow: UnitOfWork, case: Case, facts: dict[str, Any], on: date, key: str | None = None) -> None:
    handlers.record(uow, case.id, EventKind.CASE_REOPENED, facts, happened_on=on, key=key)
    set_statuses(case, facts["issues"], IssueStatus.REOPENED)
    _withdraw_unsigned(uow, case.id)
    cancel(uow, case.id, DeadlineKind.MONITORING_CHECK)


def _withdraw_unsigned(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    agreement = unsigned(uow, case_id)
    if agreement is not None:
        agreement.withdrawn_on = uow.today


def finish(uow: UnitOfWork, case_id: uuid.UUID, reason: str, key: str | None = None) -> None:
    """End monitoring; the case closes, and can be reopened when gains are lost later."""
    handlers.record(uow, case_id, EventKind.MONITORING_FINISHED, {"reason": reason}, key=key)
    cancel(uow, case_id, DeadlineKind.MONITORING_CHECK)


def _tell_workplace(uow: UnitOfWork, case: Case, breached: Sequence[Clause], evidence: str) -> None:
    days = settings().head_answer_days
    answer_by = uow.today + timedelta(days=days)
    facts = {
        "workplace_name": case.workplace.name,
        "clauses_broken": [clause.what_changes for clause in breached],
        "evidence": evidence,
        "reference": case.ref,
        "answer_by": answer_by.isoformat(),
    }
    message = Message("case_reopened", facts)
    head = parties.head_teacher(case.workplace)
    for medium in Medium:
        if head.can_receive(medium):
            version = str(case.events_count)
            outbox.enqueue(uow, message, head, medium=medium, subject_ref=f"case:{case.id}", content_version=version)
    why = reasons.days_after(
        f"The head teacher has {in_days(days)} to answer why the agreement is not kept.",
        "letter sent",
        uow.today,
        days,
        answer_by,
        source=handlers.RULE_BOOK,
        setting="MANDATE_HEAD_ANSWER_DAYS",
    )
    set_deadline(uow, case.id, DeadlineKind.HEAD_ANSWER, answer_by, why, tells_workplace=True)
