"""
What a case's page shows: read-only values, gathered in a few queries, with nothing left to work out.

A page may name a workplace, an employer and an officer; a member it never names.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from heapq import merge
from itertools import accumulate
from typing import Any

from sqlalchemy import func, select

from app import notice_views
from app.case_records import EventLine, records
from app.dispute_views import DisputeLine, dispute_line
from app.mandate_lines import CaseMandate, mandates_of_case
from app.narrowing import is_narrowed, wide
from app.notice_views import Crowd, NoticeLine
from app.pack_views import Counsel, counsel
from app.sentences import by_whom, sentence
from app.views import DeadlineLine, OfficerChoice, deadline_line, deadline_rows
from ballots import doubts
from ballots.action_steps import issues_of, issues_standing
from ballots.handlers import filed_under
from ballots.law_relied_on import case_stops
from ballots.models import ActionStage
from ballots.repository import actions_of, ballot_of
from ballots.service_handlers import address_findings
from ballots.steps import readiness_of
from casework import addresses, lifecycle, repository
from casework.agreements.models import Agreement, Clause, ClauseState
from casework.cases import Case, CaseEvent, IssueStatus
from casework.deadlines import Deadline
from casework.issues.catalogue import issue
from casework.lifecycle import EventKind, Stage
from casework.pay.claims import tallies
from casework.pay.models import ClaimState
from casework.register import links
from casework.register.members import in_membership
from casework.register.models import Member
from core.findings import Finding
from core.unit_of_work import UnitOfWork

MEETINGS = frozenset({EventKind.MEMBERS_MEETING_HELD, EventKind.ESCALATION_MEETING_HELD})


@dataclass(frozen=True, slots=True)
class IssueLine:
    """An issue and where it stands."""

    code: str
    title: str
    status: IssueStatus


@dataclass(frozen=True, slots=True)
class ClaimsLine:
    """How many claims stand in a state, and what is payable on them; no claimant."""

    state: ClaimState
    count: int
    payable_pence: int


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """What changes for one issue, from which day, and whether the employer keeps to it."""

    issue: str
    what_changes: str
    from_on: date
    state: ClauseState
    broken_on: date | None
    signed_on: date | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything a case's page shows."""

    id: uuid.UUID
    ref: str
    stage: Stage
    entered_on: date
    raised_on: date
    reached: tuple[Stage, ...]
    workplace: str
    urn: str | None
    number: str
    employer: str
    employer_id: uuid.UUID
    employer_reason: str
    officer: OfficerChoice | None
    pursuit: str
    rest_reason: str | None
    wake_on: date | None
    deadlines: tuple[DeadlineLine, ...]
    past_deadlines: tuple[DeadlineLine, ...]
    events: tuple[EventLine, ...]
    notices: tuple[NoticeLine, ...]
    to_members: tuple[Crowd, ...]
    mandates: tuple[CaseMandate, ...]
    findings: tuple[Finding, ...]
    counsel: Counsel
    issues: tuple[IssueLine, ...]
    dispute: DisputeLine | None
    claims: tuple[ClaimsLine, ...]
    clauses: tuple[ClauseLine, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What every school of the case's dispute decides; `stops` come last among the findings."""

    mandates: tuple[CaseMandate, ...]
    findings: tuple[Finding, ...]
    stops: tuple[Finding, ...]
    counsel: Counsel
    dispute: DisputeLine | None


def case_page(uow: UnitOfWork, ref: str) -> CasePage:
    """
    One case, by its reference; `NotFound` otherwise. What the law says of it rests on every school of its dispute,
    whoever asks; of notices only those show that they reach.
    """
    case = repository.find(uow, ref)
    with wide(uow.session):
        judged = _judged(uow, case)
    deadlines = deadline_rows(uow, select(Deadline).where(Deadline.case_id == case.id))
    subjects = sorted(filed_under(uow, case.id))
    notices = notice_views.lines(uow, subjects)
    return CasePage(
        id=case.id,
        ref=case.ref,
        stage=case.stage,
        entered_on=case.entered_on,
        raised_on=case.raised_on,
        reached=_reached(uow, case.id),
        workplace=case.workplace.name,
        urn=case.workplace.urn,
        number=case.workplace.number,
        employer=case.workplace.employer.name,
        employer_id=case.workplace.employer_id,
        employer_reason=case.workplace.employer_reason,
        officer=OfficerChoice(case.officer.id, case.officer.name) if case.officer else None,
        pursuit=case.pursuit.value,
        rest_reason=case.rest_reason,
        wake_on=case.wake_on,
        deadlines=tuple(
            deadline_line(uow, row) for row in deadlines if row.met_on is None and row.cancelled_on is None
        ),
        past_deadlines=tuple(deadline_line(uow, row) for row in deadlines if row.met_on is not None),
        events=_events(uow, case, records(uow, subjects, notices)),
        notices=notices,
        to_members=notice_views.to_members(uow, subjects),
        mandates=judged.mandates,
        findings=tuple(dict.fromkeys([*judged.findings, *_replaced(uow, subjects, notices), *judged.stops])),
        counsel=judged.counsel,
        issues=tuple(IssueLine(row.code, issue(row.code).title, row.status) for row in case.issues),
        dispute=_with_reached(uow, judged.dispute),
        claims=_claims(uow, case.id),
        clauses=_clauses(uow, case.id),
    )


def _replaced(uow: UnitOfWork, subjects: Sequence[str], notices: Sequence[NoticeLine]) -> tuple[Finding, ...]:
    return addresses.replaced(uow, subjects) if any(each.state in addresses.WAITING for each in notices) else ()


def _judged(uow: UnitOfWork, case: Case) -> _Judged:
    return _Judged(
        mandates=mandates_of_case(uow, case),
        findings=_findings(uow, case),
        stops=tuple(case_stops(uow, case)),
        counsel=counsel(uow, case),
        dispute=dispute_line(uow, case.id),
    )


def _with_reached(uow: UnitOfWork, dispute: DisputeLine | None) -> DisputeLine | None:
    """The dispute with those of its schools whose cases whoever asks reaches."""
    if dispute is None or not is_narrowed(uow.session):
        return dispute
    named = [each.case_ref for each in dispute.schools]
    reached = frozenset(uow.session.scalars(select(Case.ref).where(Case.ref.in_(named))))
    return replace(dispute, schools=tuple(each for each in dispute.schools if each.case_ref in reached))


def _events(uow: UnitOfWork, case: Case, noted: Sequence[EventLine]) -> tuple[EventLine, ...]:
    """The events of a case among what else history noted of it, what was recorded last first."""
    events = (
        EventLine(sentence(row.kind, _told(uow, case, row)), row.happened_on, row.recorded_at, by_whom(row.actor))
        for row in reversed(repository.recorded_of(uow, case.id))
    )
    return tuple(merge(events, noted, key=lambda line: line.recorded_at, reverse=True))


def _told(uow: UnitOfWork, case: Case, row: CaseEvent) -> dict[str, Any]:
    """The facts of an event; of a meeting also how many members the workplace had that day, by the register."""
    if row.kind not in MEETINGS:
        return row.facts
    at_work = Member.workplace_id == case.workplace_id, in_membership(row.happened_on)
    members = uow.session.scalar(select(func.count()).select_from(Member).where(*at_work)) or 0
    return {**row.facts, "members": members} if members >= row.facts["present"] else row.facts


def _reached(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Stage, ...]:
    """Every stage the case has been at, in the order of the ladder."""
    first, *rest = repository.events_of(uow, case_id)
    states = accumulate(rest, lifecycle.apply, initial=lifecycle.begin(first))
    seen = {state.stage for state in states}
    return tuple(stage for stage in Stage if stage in seen)


def _findings(uow: UnitOfWork, case: Case) -> tuple[Finding, ...]:
    """
    What stands between the case's ballot and its opening, between its action and the notice of it, and against action
    that was notified: a proof withdrawn since, and the earliest days that new papers would allow. And at every stage:
    that the workplace closed or has a successor.
    """
    found = list(links.findings_on(uow, [case.workplace], uow.today)) if case.stage is not Stage.CLOSED else []
    ballot = ballot_of(uow, case.id) if case.stage is Stage.BALLOT_PREPARATION else None
    if ballot is not None:
        found += readiness_of(uow, ballot)
    for action in actions_of(uow, case.id, ActionStage.AUTHORISED):
        found += issues_of(uow, action)
    for action in actions_of(uow, case.id, ActionStage.NOTIFIED):
        found += issues_standing(uow, action)
    found += doubts.in_doubt(uow, case.id)
    found += address_findings(uow, case.id)
    return tuple(found)


def _claims(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[ClaimsLine, ...]:
    found = tallies(uow, case_id)
    return tuple(ClaimsLine(state, *found[state]) for state in ClaimState if state in found)


def _clauses(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[ClauseLine, ...]:
    statement = (
        select(Clause, Agreement.signed_on)
        .join(Agreement, Agreement.id == Clause.agreement_id)
        .where(Agreement.case_id == case_id, Agreement.withdrawn_on.is_(None))
        .order_by(Agreement.recorded_on, Clause.place)
    )
    return tuple(
        ClauseLine(issue(row.issue).title, row.what_changes, row.from_on, row.state, row.broken_on, signed_on)
        for row, signed_on in uow.session.execute(statement).tuples()
    )
