"""Where notices are served: the addresses of employers and workplaces that the register of schools does not give."""

from __future__ import annotations

from collections.abc import Sequence

from casework.register.models import Employer, Workplace
from core import history
from core.unit_of_work import UnitOfWork
from notifications.recipients import Recipient


def record_employer_address(
    uow: UnitOfWork, employer: Employer, *, postal_lines: Sequence[str], email: str | None
) -> None:
    """
    Keep where an employer is served; papers that are already made keep the address they were made with.

    Raises `BadInput` for an address that could not stand on an envelope.
    """
    Recipient(f"employer:{employer.id}", employer.name, email, tuple(postal_lines))
    employer.postal_lines, employer.email = list(postal_lines), email
    history.record(uow, "register:address:recorded", f"employer:{employer.id}", {"by_mail": email is not None})


def record_workplace_email(uow: UnitOfWork, workplace: Workplace, email: str) -> None:
    """Keep the workplace's address for mail. Raises `BadInput` for one that cannot be used."""
    Recipient(f"workplace:{workplace.id}", workplace.name, email)
    workplace.email = email
    history.record(uow, "register:address:recorded", f"workplace:{workplace.id}", {"by_mail": True})
