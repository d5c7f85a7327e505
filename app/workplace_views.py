"""One workplace as the command line, its page and the API show it."""

from __future__ import annotations

from typing import Any

from casework.register import links
from casework.register.models import Workplace
from core.unit_of_work import UnitOfWork


def workplace_document(uow: UnitOfWork, workplace: Workplace) -> dict[str, Any]:
    """Its employer and why, addresses, links from either end, and what the register has against it today."""
    employer = workplace.employer
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
        "findings": links.findings_on(uow, [workplace], uow.today),
    }
