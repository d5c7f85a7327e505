"""
Where an employer is served in a dispute, confirmed by two people: a wrong address is found out before papers go there.

A confirmation is an entry of history: who looked, and the digest of the address as it stood. An address that changes is
unconfirmed again. Whether that stops papers or warns is the union's practice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from casework.register.models import Employer
from core import history
from core.errors import Conflict
from core.findings import Citation, Finding, Severity
from core.history import HistoryEntry
from core.people import two_people
from core.settings import settings
from core.unit_of_work import UnitOfWork, asked_once

CONFIRMED = "casework:address:confirmed"
PEOPLE = 2
PRACTICE = Citation("The union's practice", "service addresses", "docs/policy.md")


def confirm(uow: UnitOfWork, dispute_id: uuid.UUID, employer: Employer, served_at: str, how: str) -> None:
    """
    Whoever acts has checked that the employer is served at the address the register gives, and says how. `served_at` is
    the address that they saw, in one line.

    The same again by the same person changes nothing. `Conflict` for an employer that the register has no address of,
    or by now another.
    """
    if not _address(employer):
        raise Conflict("The register gives no address of this employer: enter one before it is confirmed.")
    if _plain(served_at) != in_one_line(employer):
        raise Conflict(
            f"The register gives another address of this employer: {in_one_line(employer)}. Check that one, or correct "
            "the register first."
        )
    if any((entry.actor, entry.facts["how"]) == (uow.actor, how) for entry in _entries(uow, dispute_id, employer)):
        return
    facts = {"employer": employer.id, "address": digest_of(employer), "how": how}
    history.record(uow, CONFIRMED, _subject(dispute_id), facts)


def people(uow: UnitOfWork, dispute_id: uuid.UUID, employer: Employer) -> int:
    """How many people, two at most, have certainly confirmed the address as it stands."""
    actors = [entry.actor for entry in _entries(uow, dispute_id, employer)]
    if any(two_people(one, other) for one in actors for other in actors):
        return PEOPLE
    return min(len(actors), 1)


def findings(uow: UnitOfWork, dispute_id: uuid.UUID, employers: Iterable[Employer]) -> tuple[Finding, ...]:
    """A finding for each employer whose address too few have confirmed: a stop where practice wants it, else a warn."""
    wanted = settings().service_address_people
    found = [(each, people(uow, dispute_id, each)) for each in employers]
    return tuple(_unconfirmed(each, seen, wanted) for each, seen in found if seen < (wanted or PEOPLE))


def digest_of(employer: Employer) -> str:
    """The digest of an employer's addresses, by which a confirmation names them."""
    return history.digest(_address(employer))


def in_one_line(employer: Employer) -> str:
    """Where an employer is served, in one line; empty where the register gives no address."""
    return _plain(", ".join(_address(employer)))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _address(employer: Employer) -> list[str]:
    return [*([employer.email.lower()] if employer.email else []), *employer.postal_lines]


def _subject(dispute_id: uuid.UUID) -> str:
    return f"dispute:{dispute_id}"


@asked_once
def _entries(uow: UnitOfWork, dispute_id: uuid.UUID, employer: Employer) -> Sequence[HistoryEntry]:
    """The confirmations of the address as it stands now."""
    uow.session.flush()
    rows = select(HistoryEntry).where(HistoryEntry.subject == _subject(dispute_id), HistoryEntry.action == CONFIRMED)
    named = {"employer": str(employer.id), "address": digest_of(employer)}
    return [row for row in uow.session.scalars(rows) if named.items() <= row.facts.items()]


def _unconfirmed(employer: Employer, seen: int, wanted: int) -> Finding:
    said = "One person has" if seen else "Nobody has"
    address = in_one_line(employer) or "none"
    return Finding(
        "address_unconfirmed",
        Severity.STOP if wanted else Severity.WARN,
        f"{said} confirmed in this dispute that {employer.name} is served at the address that the register gives: "
        f"{address}.",
        "Ask the employer where notices are served, and have two people confirm the address; correct the register "
        "first if it is wrong.",
        PRACTICE,
        where=f"employer:{employer.id}",
    )
