"""What an employer's page shows: where it is served, its schools, and what the union has with it that is reached."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app import notice_views
from app.board_filters import Filters
from app.board_views import Card, cards
from app.notice_views import NoticeLine
from casework.agreements.models import Agreement, Clause, ClauseState
from casework.cases import Case
from casework.disputes import Dispute, DisputeLeg
from casework.issues.catalogue import issue
from casework.register.models import Employer, Workplace
from core.errors import NotFound
from core.unit_of_work import UnitOfWork
from notifications.models import Notice

WORKPLACES = 100
NOTICES = 25
LANGUAGES = {"en": "English", "cy": "Welsh"}


@dataclass(frozen=True, slots=True)
class WorkplaceLine:
    """A workplace that the register gives the employer, and how sure that is."""

    key: str
    name: str
    number: str
    confidence: str


@dataclass(frozen=True, slots=True)
class DisputeOf:
    """A dispute with the employer; `settled_on` is the day it ended."""

    ref: str
    matters: tuple[str, ...]
    declared_on: date
    settled_on: date | None


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """What the employer agreed to at one school, and whether it keeps to it."""

    case_ref: str
    issue: str
    what_changes: str
    from_on: date
    state: ClauseState
    broken_on: date | None


@dataclass(frozen=True, slots=True)
class EmployerPage:
    """Everything an employer's page shows. The first hundred workplaces are named; `workplaces_count` counts all."""

    id: uuid.UUID
    name: str
    kind: str
    register_key: str
    postal_lines: tuple[str, ...]
    email: str | None
    by_webhook: bool
    language: str
    workplaces: tuple[WorkplaceLine, ...]
    workplaces_count: int
    cases: tuple[Card, ...]
    disputes: tuple[DisputeOf, ...]
    agreements: tuple[AgreedLine, ...]
    notices: tuple[NoticeLine, ...]


def employer_page(uow: UnitOfWork, key: str) -> EmployerPage:
    """
    An employer of the register by its id; `NotFound` otherwise. The register is the same for all; of cases, disputes,
    agreements and notices only those are shown that are reached.
    """
    try:
        employer = uow.session.get(Employer, uuid.UUID(key))
    except ValueError:
        employer = None
    if employer is None:
        raise NotFound("employer", key)
    ours = select(Workplace).where(Workplace.employer_id == employer.id)
    shown = uow.session.scalars(ours.order_by(Workplace.name, Workplace.id).limit(WORKPLACES))
    return EmployerPage(
        id=employer.id,
        name=employer.name,
        kind=employer.kind.value.replace("-", " "),
        register_key=employer.register_key,
        postal_lines=tuple(employer.postal_lines),
        email=employer.email,
        by_webhook=employer.webhook is not None,
        language=LANGUAGES.get(employer.language, employer.language),
        workplaces=tuple(
            WorkplaceLine(each.number.split()[1], each.name, each.number, each.employer_confidence.value)
            for each in shown
        ),
        workplaces_count=uow.session.scalar(select(func.count()).select_from(ours.subquery())) or 0,
        cases=cards(uow, Filters(employer=employer.id)),
        disputes=_disputes(uow, employer.id),
        agreements=_agreements(uow, employer.id),
        notices=_notices(uow, employer.id),
    )


def _disputes(uow: UnitOfWork, employer_id: uuid.UUID) -> tuple[DisputeOf, ...]:
    wanted = (
        select(Dispute)
        .join(DisputeLeg, DisputeLeg.dispute_id == Dispute.id)
        .where(DisputeLeg.employer_id == employer_id)
        .order_by(Dispute.declared_on.desc(), Dispute.ref)
    )
    return tuple(
        DisputeOf(row.ref, tuple(issue(code).title for code in row.matters), row.declared_on, row.settled_on)
        for row in uow.session.scalars(wanted)
    )


def _agreements(uow: UnitOfWork, employer_id: uuid.UUID) -> tuple[AgreedLine, ...]:
    wanted = (
        select(Clause, Case.ref)
        .join(Agreement, Agreement.id == Clause.agreement_id)
        .join(Case, Case.id == Agreement.case_id)
        .join(Workplace, Workplace.id == Case.workplace_id)
        .where(Workplace.employer_id == employer_id, Agreement.withdrawn_on.is_(None))
        .order_by(Clause.from_on.desc(), Case.ref, Clause.place)
    )
    return tuple(
        AgreedLine(ref, issue(row.issue).title, row.what_changes, row.from_on, row.state, row.broken_on)
        for row, ref in uow.session.execute(wanted).tuples()
    )


def _notices(uow: UnitOfWork, employer_id: uuid.UUID) -> tuple[NoticeLine, ...]:
    wanted = (
        select(Notice)
        .where(Notice.recipient_key == f"employer:{employer_id}")
        .order_by(Notice.created_at.desc(), Notice.id)
        .limit(NOTICES)
    )
    rows: Sequence[Notice] = uow.session.scalars(wanted).all()
    return notice_views.told(uow, rows)
