"""Agreements at every state, for the tests of agreements."""

from __future__ import annotations

from datetime import date

from casework.agreements.acts import ACTS
from casework.agreements.models import Agreement
from casework.agreements.settlement import ClauseTerms, record_agreement, sign_off
from casework.cases import Case, IssueStatus
from core.unit_of_work import UnitOfWork

MEETINGS = ClauseTerms("meetings", "One meeting a week of at most an hour.", date(2026, 9, 7))
EMAIL = ClauseTerms("email", "No email is answered after five.", date(2026, 10, 1))


def do(uow: UnitOfWork, case: Case, name: str, key: str | None = None, **facts: object) -> None:
    """Do an act by its name, as the page's form would."""
    act = {each.name: each for each in ACTS}[name]
    act.handler(uow, case.id, act.facts.model_validate(facts), key)


def monitored(uow: UnitOfWork, case: Case) -> Agreement:
    """The case's agreement on both issues, signed off today."""
    record_agreement(uow, case.id, [MEETINGS, EMAIL])
    return sign_off(uow, case.id, uow.today)


def statuses(case: Case) -> dict[str, IssueStatus]:
    """Where the issues of a case stand."""
    return {row.code: row.status for row in case.issues}
