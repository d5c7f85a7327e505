"""
What a person enters about workplaces and their employers because no file gives it: addresses, areas, names.

Each entry is kept in history: that it was made, by whom and when, without the address itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from casework.register.employers import Confidence, nation_of
from casework.register.models import Association, Employer, Workplace
from casework.register.named_in_file import AT_SCHOOL
from core import history
from core.errors import BadInput, Conflict
from core.unit_of_work import UnitOfWork
from notifications.recipients import Recipient

RECORDED = "register:address:recorded"


def record_employer_address(
    uow: UnitOfWork, employer: Employer, *, postal_lines: Sequence[str], email: str | None
) -> None:
    """
    Keep where an employer is served; papers that are already made keep the address they were made with.

    Raises `BadInput` for an address that could not stand on an envelope.
    """
    Recipient(f"employer:{employer.id}", employer.name, email, tuple(postal_lines))
    employer.postal_lines, employer.email = list(postal_lines), email
    history.record(uow, RECORDED, f"employer:{employer.id}", {"by_mail": email is not None})


def record_workplace_email(uow: UnitOfWork, workplace: Workplace, email: str) -> None:
    """Keep the workplace's address for mail. Raises `BadInput` for one that cannot be used."""
    Recipient(f"workplace:{workplace.id}", workplace.name, email)
    workplace.email = email
    history.record(uow, RECORDED, f"workplace:{workplace.id}", {"by_mail": True})


def record_workplace_address(uow: UnitOfWork, workplace: Workplace, postal_lines: Sequence[str]) -> None:
    """
    Keep where a workplace lies, its postcode last. An employer who is served at the workplace moves with it.

    A school's address is the register's: its next extract has the last word. Raises `BadInput` for an address that
    could not stand on an envelope.
    """
    Recipient(f"workplace:{workplace.id}", workplace.name, None, tuple(postal_lines))
    employer, before = workplace.employer, workplace.postal_lines
    if employer.kind in AT_SCHOOL and employer.postal_lines in ([], [workplace.name, *before]):
        employer.postal_lines = [workplace.name, *postal_lines]
    workplace.postal_lines = list(postal_lines)
    history.record(uow, RECORDED, f"workplace:{workplace.id}", {"by_mail": False})


def record_workplace_area(uow: UnitOfWork, workplace: Workplace, la_code: str) -> None:
    """
    Keep which local authority a college lies in, so that the officers who cover it are known.

    Raises `Conflict` for a school, whose authority the register gives; `BadInput` for no authority of England or Wales.
    """
    if workplace.urn is not None:
        raise Conflict("The register says which local authority a school lies in; import its extract to change that.")
    nation = nation_of(la_code)
    if nation is None:
        wanted = "the three digits of a local authority in England or Wales"
        raise BadInput(field="la_code", found=la_code, wanted=wanted)
    covering = (each for each in uow.session.scalars(select(Association)) if la_code in each.la_codes)
    workplace.la_code, workplace.nation, workplace.association = la_code, nation, next(covering, None)
    history.record(uow, "register:area:recorded", f"workplace:{workplace.id}", {"la_code": la_code})


def name_employer(uow: UnitOfWork, workplace: Workplace, name: str, reason: str) -> None:
    """
    Name the employer that the register could not name, with the reason; it can be served from then on.

    Raises `Conflict` where the register names one already: that is corrected in the register, never here.
    """
    if workplace.employer_confidence is not Confidence.UNKNOWN:
        raise Conflict(f"The register names the employer of {workplace.number} already; correct it there.")
    if not name.strip() or not reason.strip():
        raise BadInput(field="name and reason", found="nothing", wanted="the employer's name, and how it is known")
    employer = workplace.employer
    Recipient(f"employer:{employer.id}", name, employer.email, tuple(employer.postal_lines))
    employer.name = name.strip()
    workplace.employer_confidence = Confidence.LIKELY
    workplace.employer_reason = f"{workplace.employer_reason} Entered by hand: {reason.strip()}"
    history.record(uow, "register:employer:named", f"workplace:{workplace.id}", {"employer": str(employer.id)})
