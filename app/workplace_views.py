"""One workplace as the command line, its page and the API show it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app import mandate_lines
from app.board_filters import Filters
from app.board_views import cards
from app.narrowing import wide
from app.sentences import by_whom, sentence
from app.views import deadline_line, deadline_rows
from casework.cases import Case, CaseEvent
from casework.deadlines import Deadline, are_open
from casework.register import links, members
from casework.register.models import Workplace
from core.findings import Finding
from core.unit_of_work import UnitOfWork

EVENTS = 20
"""How many of the latest things that happened there are told; each case tells its own from the beginning."""


@dataclass(frozen=True, slots=True)
class WorkplaceEvent:
    """One thing that happened to a case of the workplace; `by` says what whoever recorded it is, and which case."""

    title: str
    happened_on: date
    recorded_at: datetime
    by: str
    case_ref: str


def workplace_page(uow: UnitOfWork, workplace: Workplace) -> dict[str, Any]:
    """The same, with what is reached: its cases, what is due of them and why, its mandates, what happened last."""
    ours = cards(uow, Filters(workplace=workplace.id))
    due = select(Deadline).join(Case, Case.id == Deadline.case_id).where(Case.workplace_id == workplace.id, *are_open())
    return {
        **workplace_document(uow, workplace),
        "cases": ours,
        "deadlines": [deadline_line(uow, row) for row in deadline_rows(uow, due)],
        "mandates": mandate_lines.mandates(uow, workplace.id),
        "events": _events(uow, workplace.id),
    }


def _events(uow: UnitOfWork, workplace_id: uuid.UUID) -> Sequence[WorkplaceEvent]:
    wanted = (
        select(CaseEvent, Case.ref)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(Case.workplace_id == workplace_id)
        .order_by(CaseEvent.recorded_at.desc(), CaseEvent.seq.desc(), CaseEvent.id)
        .limit(EVENTS)
    )
    return [
        WorkplaceEvent(
            sentence(row.kind, row.facts), row.happened_on, row.recorded_at, f"{by_whom(row.actor)}, case {ref}", ref
        )
        for row, ref in uow.session.execute(wanted).tuples()
    ]


def workplace_document(uow: UnitOfWork, workplace: Workplace) -> dict[str, Any]:
    """Its employer and why, addresses, links from either end, and what the register has against it today."""
    employer, findings = workplace.employer, against(uow, workplace)
    return {
        "number": workplace.number,
        "urn": workplace.urn,
        "ukprn": workplace.ukprn,
        "name": workplace.name,
        "establishment_type": workplace.establishment_type,
        "status": workplace.status,
        "opened_on": workplace.opened_on,
        "closed_on": workplace.closed_on,
        "la_code": workplace.la_code or None,
        "la_name": workplace.la_name or None,
        "association": workplace.association.name if workplace.association else None,
        "postal_lines": workplace.postal_lines,
        "email": workplace.email,
        "employer": {
            "id": employer.id,
            "name": employer.name,
            "kind": employer.kind,
            "confidence": workplace.employer_confidence,
            "reason": workplace.employer_reason,
            "postal_lines": employer.postal_lines,
            "email": employer.email,
        },
        "links": links.of(uow, workplace.urn),
        "findings": findings,
    }


def against(uow: UnitOfWork, workplace: Workplace) -> tuple[Finding, ...]:
    """What the register has against a workplace today, the same for whoever looks: closed, succeeded, no member."""
    with wide(uow.session):
        missing = members.missing_at(uow, workplace, uow.today)
    return (*links.findings_on(uow, [workplace], uow.today), *missing)
