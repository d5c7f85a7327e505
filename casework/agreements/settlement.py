"""
Settling a case: clauses are recorded issue by issue, and signed off once every issue is answered.

Clauses gather in the one agreement of the case that is not signed yet. A gain stays on record when the case reopens.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from casework import handlers, repository
from casework.agreements.models import Agreement, Clause, ClauseState
from casework.cases import Case, IssueStatus
from casework.issues.catalogue import issue
from casework.lifecycle import EventKind, Stage
from core import history
from core.errors import BadInput, RuleViolation, StageError
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork

POLICY = handlers.RULE_BOOK


@dataclass(frozen=True, slots=True)
class ClauseTerms:
    """One clause as agreed: a code of the catalogue, what changes in words, the day from which."""

    issue: str
    what_changes: str
    from_on: date


def reach_settlement(
    uow: UnitOfWork, case_id: uuid.UUID, terms: Sequence[ClauseTerms], happened_on: date, key: str | None = None
) -> Agreement:
    """Record that the case settled, and what was agreed."""
    codes = sorted({each.issue for each in terms})
    handlers.record(uow, case_id, EventKind.SETTLEMENT_REACHED, {"issues": codes}, happened_on=happened_on, key=key)
    return _add_clauses(uow, repository.get(uow, case_id), terms)


def record_agreement(uow: UnitOfWork, case_id: uuid.UUID, terms: Sequence[ClauseTerms]) -> Agreement:
    """Record what was agreed in a case that is settled already: management accepted in a meeting."""
    case = repository.get(uow, case_id, for_update=True)
    _require_settled(case, "agreement_recorded")
    return _add_clauses(uow, case, terms)


def _require_settled(case: Case, wanted: str) -> None:
    if case.stage is not Stage.SETTLED:
        raise StageError("The case", case.stage, wanted, (Stage.SETTLED,))


def _add_clauses(uow: UnitOfWork, case: Case, terms: Sequence[ClauseTerms]) -> Agreement:
    _check_issues(case, terms)
    agreement = unsigned(uow, case.id) or Agreement(case_id=case.id, recorded_on=uow.today, clauses=[])
    uow.session.add(agreement)
    first = len(agreement.clauses)
    agreement.clauses += [
        Clause(place=place, issue=each.issue, what_changes=each.what_changes, from_on=each.from_on)
        for place, each in enumerate(terms, start=first)
    ]
    set_statuses(case, [each.issue for each in terms], IssueStatus.SETTLED)
    uow.session.flush()
    facts = {
        "issues": [each.issue for each in terms],
        "clauses_sha256": history.digest([_told(each) for each in terms]),
    }
    history.record(uow, "case:agreement:recorded", f"agreement:{agreement.id}", {"case": case.id, **facts})
    return agreement


def _told(terms: ClauseTerms) -> list[object]:
    return [terms.issue, terms.what_changes, terms.from_on]


def _check_issues(case: Case, terms: Sequence[ClauseTerms]) -> None:
    known = [row.code for row in case.issues]
    if not terms:
        raise BadInput(field="clauses", found="none", wanted="at least one clause")
    for each in terms:
        if each.issue not in known:
            raise BadInput(field="clauses.issue", found=each.issue, wanted="an issue of the case: " + ", ".join(known))


def sign_off(uow: UnitOfWork, case_id: uuid.UUID, happened_on: date, key: str | None = None) -> Agreement:
    """
    Sign the agreement off; monitoring begins.

    `RuleViolation` unless every issue of the case is answered: by a clause of this agreement, or by one of an earlier
    agreement that is still kept.
    """
    case = repository.get(uow, case_id, for_update=True)
    _require_settled(case, EventKind.AGREEMENT_SIGNED_OFF)
    agreement = unsigned(uow, case_id)
    faults = sign_off_faults(case, agreement, gains_of(uow, case_id))
    if agreement is None or faults:
        raise RuleViolation("The agreement cannot be signed off.", tuple(faults))
    facts = {"agreement_id": str(agreement.id)}
    handlers.record(uow, case_id, EventKind.AGREEMENT_SIGNED_OFF, facts, happened_on=happened_on, key=key)
    agreement.signed_on = happened_on
    return agreement


def sign_off_faults(case: Case, agreement: Agreement | None, gains: Sequence[Clause]) -> list[Finding]:
    """What keeps an agreement from being signed: no agreement at all, or issues that no clause answers."""
    if agreement is None:
        return [_NO_AGREEMENT]
    kept = {clause.issue for clause in gains}
    reopened = {row.code for row in case.issues if row.status is IssueStatus.REOPENED}
    answered = {clause.issue for clause in agreement.clauses} | (kept - reopened)
    return [_unanswered(row.code) for row in case.issues if row.code not in answered]


def unsigned(uow: UnitOfWork, case_id: uuid.UUID) -> Agreement | None:
    """The agreement that clauses are being gathered in, if there is one."""
    statement = select(Agreement).filter_by(case_id=case_id, signed_on=None, withdrawn_on=None)
    return uow.session.scalars(statement.with_for_update()).one_or_none()


def last_signed(uow: UnitOfWork, case_id: uuid.UUID) -> Agreement | None:
    """The agreement signed last."""
    signed = select(Agreement).where(Agreement.case_id == case_id, Agreement.signed_on.is_not(None))
    return uow.session.scalars(signed.order_by(Agreement.signed_on.desc(), Agreement.recorded_on.desc())).first()


def gains_of(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[Clause]:
    """Every clause of a case's signed agreements that is kept, oldest agreement first, whatever the case's stage."""
    statement = (
        select(Clause)
        .join(Agreement)
        .where(Agreement.case_id == case_id, Agreement.signed_on.is_not(None), Clause.state == ClauseState.KEPT)
    )
    return uow.session.scalars(statement.order_by(Agreement.signed_on, Clause.place)).all()


def set_statuses(case: Case, codes: Sequence[str], status: IssueStatus) -> None:
    """Give the issues of those codes a status."""
    for row in case.issues:
        if row.code in codes:
            row.status = status


def _unanswered(code: str) -> Finding:
    return Finding(
        "issue_without_clause",
        Severity.STOP,
        f"No clause says what changes for the issue {issue(code).title} ({code}).",
        "Record a clause for it, if only to say that members no longer pursue it.",
        POLICY,
        where=code,
    )


_NO_AGREEMENT = Finding(
    "no_agreement",
    Severity.STOP,
    "Nothing is recorded of what was agreed.",
    "Record the agreement first, with a clause for each issue.",
    POLICY,
)
