"""The acts by which people confirm where an employer is served, or leave one out of a ballot, as the forms ask them."""

from __future__ import annotations

import uuid
from typing import Any

from pydantic import Field

from ballots import service_handlers
from casework.acts import Act, Facts, Reason
from casework.lifecycle import Stage
from casework.people.roles import SERVICE_STAFF
from core.unit_of_work import UnitOfWork


class AddressConfirmed(Facts):
    """Two people look, each for themselves; an address that changes is confirmed anew."""

    served_at: str = Field(min_length=1, title="Which address was checked", description="As the register gives it")
    checked: str = Field(
        min_length=3, title="How it was checked", description="Such as: the clerk said so on the telephone, 3 October"
    )


class EmployerLeftOut(Reason):
    """Action by its staff is not protected against it."""

    left_out: uuid.UUID = Field(title="Which employer", description="It is given no notice of this ballot")


def _confirm(uow: UnitOfWork, case_id: uuid.UUID, given: Any, _key: str | None) -> None:
    service_handlers.confirm_address(uow, case_id, given.served_at, given.checked)


def _leave_out(uow: UnitOfWork, case_id: uuid.UUID, given: Any, _key: str | None) -> None:
    service_handlers.leave_out(uow, case_id, given.left_out, given.reason)


ACTS: tuple[Act, ...] = (
    Act(
        "service_address_confirmed",
        "Confirm where the employer is served",
        AddressConfirmed,
        SERVICE_STAFF,
        service_handlers.SERVED_AT,
        _confirm,
        service_handlers.may_confirm,
    ),
    Act(
        "employer_left_out",
        "Leave an employer out of a ballot",
        EmployerLeftOut,
        SERVICE_STAFF,
        frozenset({Stage.BALLOT_PREPARATION}),
        _leave_out,
        service_handlers.may_leave_out,
    ),
)
