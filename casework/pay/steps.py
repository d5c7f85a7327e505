"""Steps of reimbursement for one case: calculate what was claimed, and end the round once everybody is served."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import select

from casework import handlers, repository
from casework.cases import Case
from casework.lifecycle import EventKind, Stage
from casework.pay.calculation import calculate
from casework.pay.claims import POLICY, claims_of, require_paying, round_of, strike_days, unclaimed
from casework.pay.models import OVER, ClaimWindow
from core import history
from core.calendar import in_words
from core.errors import Conflict, RuleViolation
from core.findings import Finding, Severity
from core.settings import settings
from core.unit_of_work import UnitOfWork


def calculate_claims(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Calculate every claim of a case that is submitted and not yet calculated."""
    if not _is_paying(uow, case_id):
        return
    for claim in claims_of(uow, case_id):
        calculate(uow, claim)


def close_claims(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    End the round of claims when each is paid or refused and no member is left who might still claim.

    Nobody is left when every member who was in membership on a strike day has claimed, or when a person closed the
    window, giving a reason. Time alone never closes it: a member who has not heard would lose the pay.
    """
    if not _is_paying(uow, case_id):
        return
    this_round = round_of(uow, case_id)
    claims = claims_of(uow, case_id)
    if any(claim.state not in OVER for claim in claims):
        return
    if unclaimed(uow, case_id) and window_of(uow, case_id, this_round) is None:
        return
    states = [claim.state.value for claim in claims if claim.round == this_round]
    facts = {"round": this_round, "claims": len(states), "paid": states.count("paid")}
    handlers.record(uow, case_id, EventKind.CLAIMS_SETTLED, facts)


def close_window(uow: UnitOfWork, case_id: uuid.UUID, reason: str) -> ClaimWindow:
    """
    Close the round to members who have not claimed; how many they are is kept. The same again gives the same row.

    `Conflict` when it was closed before for another reason. `RuleViolation` until the days of the union's policy
    (`MANDATE_CLAIM_WINDOW_DAYS`) have passed since the last strike day: deductions show on a payslip weeks later.
    """
    require_paying(repository.get(uow, case_id, for_update=True), "claims_window_closed")
    this_round = round_of(uow, case_id)
    standing = window_of(uow, case_id, this_round)
    if standing is not None:
        if standing.reason == reason:
            return standing
        raise Conflict(
            f"The claims of this round are closed since {in_words(standing.closed_on)}, for a reason that stands; "
            "nothing was recorded."
        )
    opens_until = max(strike_days(uow, case_id, in_round=this_round)) + timedelta(days=settings().claim_window_days)
    if uow.today <= opens_until:
        raise RuleViolation("Claims stay open.", (_too_early(in_words(opens_until)),))
    window = ClaimWindow(
        case_id=case_id,
        round=this_round,
        closed_on=uow.today,
        closed_by=uow.actor,
        unclaimed=len(unclaimed(uow, case_id)),
        reason=reason,
    )
    uow.session.add(window)
    history.record(uow, "pay:window:closed", f"case:{case_id}", {"round": this_round, "unclaimed": window.unclaimed})
    handlers.look_at(uow, case_id)
    return window


def window_of(uow: UnitOfWork, case_id: uuid.UUID, in_round: int) -> ClaimWindow | None:
    """The closing of a round by a person, or None while it is open."""
    return uow.session.scalars(select(ClaimWindow).filter_by(case_id=case_id, round=in_round)).one_or_none()


def _is_paying(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    case: Case = repository.get(uow, case_id, for_update=True)
    return case.stage is Stage.PAY_REIMBURSEMENT and case.wake_on is None


def _too_early(until: str) -> Finding:
    return Finding(
        "claims_open",
        Severity.STOP,
        f"Members may claim until the end of {until}.",
        "Remind those who have not claimed, and close the claims afterwards.",
        POLICY,
    )
