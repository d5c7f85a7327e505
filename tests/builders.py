"""Lawful rows with sensible defaults, so that a test writes only what it is about. Everybody here is made up."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

from casework import handlers
from casework.cases import Case, Pursuit
from casework.lifecycle import CaseState, EventKind
from casework.register.employers import Confidence, EmployerKind, Service
from casework.register.models import Association, Employer, Member, Officer, Workplace
from core.clock import Clock
from core.nations import Nation
from core.unit_of_work import UnitOfWork

Row = TypeVar("Row")
_numbers = itertools.count(100_001)


def _added(uow: UnitOfWork, row: Row) -> Row:
    uow.session.add(row)
    uow.session.flush()
    return row


def acting(uow: UnitOfWork, actor: str) -> UnitOfWork:
    """The same transaction in somebody else's hands."""
    return replace(uow, actor=actor)


def later(uow: UnitOfWork, days: int) -> UnitOfWork:
    """The same transaction so many days later."""
    return replace(uow, clock=Clock(uow.now + timedelta(days=days)))


def an_employer(uow: UnitOfWork, **changes: Any) -> Employer:
    """A local authority with both addresses."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": EmployerKind.LOCAL_AUTHORITY,
        "register_key": f"la:{number}",
        "name": f"Borough Council {number}",
        "email": f"employer{number}@example.org",
        "postal_lines": ["County Hall", "1 Broad Street", "Anytown", "AN1 1TN"],
    }
    return _added(uow, Employer(**{**values, **changes}))


def an_association(uow: UnitOfWork, **changes: Any) -> Association:
    """A local association for one authority."""
    number = next(_numbers)
    return _added(uow, Association(**{"name": f"Association {number}", "la_codes": ["886"], **changes}))


def a_workplace(uow: UnitOfWork, **changes: Any) -> Workplace:
    """A maintained primary school in England, with both addresses and an association."""
    number = next(_numbers)
    employer = changes.pop("employer", None) or an_employer(uow)
    association = changes.pop("association", None) or an_association(uow)
    values: dict[str, Any] = {
        "urn": str(number),
        "name": f"School {number}",
        "establishment_type": "Community school",
        "status": "Open",
        "phase": "Primary",
        "la_code": "886",
        "la_name": "Kent",
        "postal_lines": ["2 School Lane", "Anytown", "AN1 2TN"],
        "postcode": "AN1 2TN",
        "nation": Nation.ENGLAND,
        "employer_id": employer.id,
        "employer_reason": "The authority employs at a community school.",
        "employer_confidence": Confidence.CERTAIN,
        "service": Service.STATE_TEACHING,
        "stpcd_binds": True,
        "email": f"office{number}@example.org",
        "association_id": association.id,
    }
    return _added(uow, Workplace(**{**values, **changes}))


def an_officer(uow: UnitOfWork, association: Association | None = None, **changes: Any) -> Officer:
    """An active officer with room for ten cases."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "name": f"Officer {number}",
        "email": f"officer{number}@example.org",
        "association_id": (association or an_association(uow)).id,
        "active": True,
        "open_case_limit": 10,
    }
    return _added(uow, Officer(**{**values, **changes}))


def a_member(uow: UnitOfWork, workplace: Workplace, **changes: Any) -> Member:
    """A full-time teacher on 36,500 pounds (100 pounds a strike day at 1/365), a member since 2020, with an account."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "membership_number": str(number),
        "name": f"Member {number}",
        "email": f"member{number}@example.org",
        "postal_lines": ["3 Home Road", "Anytown", "AN1 3TN"],
        "workplace_id": workplace.id,
        "category": "teacher",
        "joined_on": date(2020, 1, 1),
        "annual_salary_pence": 3_650_000,
        "fte": "1",
        "sort_code": "000000",
        "account_number": f"{number:08d}",
    }
    return _added(uow, Member(**{**values, **changes}))


def a_case(uow: UnitOfWork, workplace: Workplace | None = None, issues: tuple[str, ...] = ("meetings",)) -> Case:
    """A case that was just raised."""
    return handlers.open_case(uow, workplace or a_workplace(uow), list(issues), Pursuit.CONCURRENT)


Happening = EventKind | tuple[EventKind, dict[str, Any]]

UP_TO_HEAD: tuple[Happening, ...] = (
    (EventKind.MEMBERS_MEETING_ARRANGED, {"meets_on": "2026-09-01"}),
    (EventKind.MEMBERS_MEETING_HELD, {"present": 10, "in_favour": 6}),
)
SETTLED_WITH_HEAD: tuple[Happening, ...] = (*UP_TO_HEAD, (EventKind.HEAD_MET, {"answer": "accepted"}))
UP_TO_NEGOTIATION: tuple[Happening, ...] = (
    *UP_TO_HEAD,
    (EventKind.HEAD_MET, {"answer": "refused"}),
    (EventKind.OFFICER_ASSIGNED, {"officer_id": str(uuid.UUID(int=7)), "reason": "the only one"}),
    EventKind.OFFICER_ACCEPTED,
    (EventKind.ASSESSMENT_RECORDED, {"present": 10, "ready_for_asos": 9, "ready_to_strike": 8}),
)
UP_TO_RESULT: tuple[Happening, ...] = (
    *UP_TO_NEGOTIATION,
    (EventKind.NEGOTIATION_HELD, {"answer": "refused"}),
    (EventKind.BALLOT_AUTHORISED, {"ballot_id": "00000000-0000-0000-0000-000000000001"}),
    EventKind.BALLOT_NOTICES_SERVED,
    EventKind.BALLOT_OPENED,
    EventKind.BALLOT_CLOSED,
    (EventKind.RESULT_DECLARED, {"mandates": ["strike", "asos"]}),
)
UP_TO_STRIKE: tuple[Happening, ...] = (
    *UP_TO_RESULT,
    EventKind.ESCALATION_SOUGHT,
    (EventKind.ESCALATION_MEETING_HELD, {"present": 10, "in_favour": 8}),
    EventKind.STRIKE_AUTHORISED,
    EventKind.STRIKE_NOTICE_SERVED,
)


def happen(uow: UnitOfWork, case: Case, *happenings: Happening) -> CaseState | None:
    """Record one thing after another; the officer of an assignment is made if it is the stand-in."""
    state = None
    for happening in happenings:
        kind, facts = happening if isinstance(happening, tuple) else (happening, {})
        if kind is EventKind.OFFICER_ASSIGNED and facts["officer_id"] == str(uuid.UUID(int=7)):
            facts = {**facts, "officer_id": str(an_officer(uow, case.workplace.association).id)}
        state = handlers.record(uow, case.id, kind, facts)
    return state


def strike_days(*days: date) -> tuple[Happening, ...]:
    """That these strike days were held."""
    return tuple((EventKind.STRIKE_DAY_HELD, {"on": day.isoformat()}) for day in days)


def at_pay(uow: UnitOfWork, *days: date, workplace: Workplace | None = None, issue: str = "meetings") -> Case:
    """A case whose strike on these days is over, so that pay is owed."""
    case = a_case(uow, workplace, (issue,))
    happen(uow, case, *UP_TO_STRIKE, *strike_days(*days), EventKind.STRIKE_OVER)
    return case
