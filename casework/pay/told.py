"""What a member is told of a claim: that it came, how it was decided, that it is paid, that the payment came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from casework import circulars
from casework.pay.models import Claim, ClaimState, PaymentLine
from core.unit_of_work import UnitOfWork
from notifications.messages import Message


def received(uow: UnitOfWork, claim: Claim) -> None:
    """The claim came, with what it says: whoever did not make it can object."""
    facts = {"days": _days(claim), "deducted_pence": claim.payslip_pence}
    _tell(uow, claim, "claim_received", facts, version=str(claim.submissions))


def decided(uow: UnitOfWork, claim: Claim) -> None:
    """Two people approved it, or one refused it and said why."""
    approved = claim.state is ClaimState.APPROVED
    facts = {
        "days": _days(claim),
        "total_pence": claim.payable_pence if approved else 0,
        "decision": "approved" if approved else "refused",
        "reason": None if approved else claim.refusal_reason,
    }
    _tell(uow, claim, "claim_decided", facts, version=f"{facts['decision']}-{claim.submissions}")


def paid(uow: UnitOfWork, claim: Claim, line: PaymentLine, paid_on: date) -> None:
    """The file with its payment was released."""
    facts = {
        "days": _days(claim),
        "total_pence": line.pence,
        "paid_on": paid_on.isoformat(),
        "payment_reference": line.end_to_end_id,
    }
    _tell(uow, claim, "claim_paid", facts, version=line.end_to_end_id)


def returned(uow: UnitOfWork, claim: Claim, line: PaymentLine, returned_on: date) -> None:
    """The bank sent the payment back, and it is owed again. The bank's reason stays with the union."""
    facts = {"total_pence": line.pence, "returned_on": returned_on.isoformat()}
    _tell(uow, claim, "payment_returned", facts, version=line.end_to_end_id)


def _days(claim: Claim) -> list[str]:
    return [day.on.isoformat() for day in sorted(claim.days, key=lambda day: day.on)]


def _tell(uow: UnitOfWork, claim: Claim, kind: str, facts: Mapping[str, Any], *, version: str) -> None:
    message = Message(kind, {"member_name": claim.member.name, "reference": claim.case.ref, **facts})
    circulars.tell_each(uow, message, [claim.member], subject_ref=claim.ref, version=version)
