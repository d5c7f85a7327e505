"""What a person can record about agreements."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from casework.acts import Act, Facts, HappenedOn, Reason, stages_naming
from casework.agreements import monitoring, settlement
from casework.agreements.settlement import ClauseTerms
from casework.lifecycle import EventKind, Stage
from casework.people.roles import CASE_STAFF, Role
from core.unit_of_work import UnitOfWork

AS_A_LINE = "issue | what changes | 2027-03-01"


class ClauseGiven(Facts):
    """What changes for one issue, from which day."""

    issue: str = Field(min_length=1, title="Issue code")
    what_changes: str = Field(min_length=3, title="What changes")
    from_on: date = Field(title="From which day")

    @property
    def terms(self) -> ClauseTerms:
        """As the settlement takes it."""
        return ClauseTerms(self.issue, self.what_changes, self.from_on)


Clauses = Annotated[
    list[ClauseGiven],
    Field(min_length=1, title="Clauses", description=f"One a line: {AS_A_LINE}"),
]
Codes = tuple[str, ...]


class AgreementGiven(Facts):
    """What changes for each issue, and from which day."""

    clauses: Clauses


class SettlementGiven(HappenedOn):
    """What changes for each issue, and from which day; the dispute is over with it."""

    clauses: Clauses


class CheckGiven(HappenedOn):
    """What was seen, and which issues are not kept to."""

    broken: Codes = Field(default=(), title="Issues not kept to", description="Issue codes, separated by commas")
    evidence: str = Field(min_length=3, title="What was seen", description="Counts and dates, no names of people")


class ReopeningGiven(Reason):
    """Why a case is reopened, and over which of its issues; over all when none is named."""

    issues: Codes = Field(default=(), title="Issues", description="Issue codes, separated by commas; all when empty")


def reach_settlement(uow: UnitOfWork, case_id: uuid.UUID, given: SettlementGiven, key: str | None) -> None:
    """Record the settlement and its clauses."""
    settlement.reach_settlement(uow, case_id, [each.terms for each in given.clauses], given.happened_on, key)


def record_agreement(uow: UnitOfWork, case_id: uuid.UUID, given: AgreementGiven, _key: str | None) -> None:
    """Record clauses in a case that is settled."""
    settlement.record_agreement(uow, case_id, [each.terms for each in given.clauses])


def sign_off(uow: UnitOfWork, case_id: uuid.UUID, given: HappenedOn, key: str | None) -> None:
    """Sign the agreement off."""
    settlement.sign_off(uow, case_id, given.happened_on, key)


def record_check(uow: UnitOfWork, case_id: uuid.UUID, given: CheckGiven, key: str | None) -> None:
    """Record a check of the agreement."""
    monitoring.record_check(uow, case_id, given.happened_on, given.broken, given.evidence, key)


def finish_monitoring(uow: UnitOfWork, case_id: uuid.UUID, given: Reason, key: str | None) -> None:
    """End monitoring."""
    monitoring.finish(uow, case_id, given.reason, key)


def reopen_case(uow: UnitOfWork, case_id: uuid.UUID, given: ReopeningGiven, key: str | None) -> None:
    """Reopen a case that was settled or closed."""
    monitoring.reopen(uow, case_id, given.reason, given.issues, key)


_K = EventKind
_SETTLED = frozenset({Stage.SETTLED})


def _act(kind: EventKind, label: str, facts: type[Facts], roles: frozenset[Role], handler: Any) -> Act:
    return Act(kind.value, label, facts, roles, stages_naming(kind), handler)


ACTS: tuple[Act, ...] = (
    _act(_K.SETTLEMENT_REACHED, "Record a settlement", SettlementGiven, CASE_STAFF, reach_settlement),
    Act("agreement_recorded", "Record what was agreed", AgreementGiven, CASE_STAFF, _SETTLED, record_agreement),
    _act(_K.AGREEMENT_SIGNED_OFF, "Sign the agreement off", HappenedOn, CASE_STAFF, sign_off),
    _act(_K.MONITORING_CHECK_RECORDED, "Record a check of the agreement", CheckGiven, CASE_STAFF, record_check),
    _act(_K.MONITORING_FINISHED, "End monitoring", Reason, CASE_STAFF, finish_monitoring),
    _act(_K.CASE_REOPENED, "Reopen the case", ReopeningGiven, CASE_STAFF, reopen_case),
)
