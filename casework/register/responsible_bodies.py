"""
Which trust or council is responsible for a school: it names the trust that the register left out.

What it says otherwise than the register is turned down, row by row: an employer is never changed silently.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.register.changes import Changes, Values, plan
from casework.register.employers import Confidence, EmployerKind, SchoolFacts, council_name, resolve_employer
from casework.register.intake import ImportReport, Intake, Taking, conclude, opened, sort_out
from casework.register.models import Employer, Workplace
from casework.register.named_in_file import NOT_IN_THE_REGISTER
from casework.register.reading import Reject, SourceFile, SourceRow
from casework.register.rows import RESPONSIBLE_BODIES, ResponsibleBodyRow
from core.db import new_id
from core.unit_of_work import UnitOfWork

BY_COUNCIL = frozenset({EmployerKind.LOCAL_AUTHORITY, EmployerKind.GOVERNING_BODY})
WORDS_OF_COUNCILS = frozenset(
    {"authority", "borough", "city", "council", "county", "district", "local", "london", "metropolitan", "of", "royal"}
    | {"the", "unitary"}
)
WORDS_OF_COMPANIES = frozenset({"the", "limited", "ltd"})
_TRUSTS = Intake(
    kind="trusts", table=Workplace, words=RESPONSIBLE_BODIES, row=ResponsibleBodyRow, key=("urn",), defaults={}
)


@dataclass(frozen=True, slots=True)
class School:
    """A school of the register and its employer, as they stand before the file."""

    urn: str
    name: str
    establishment_type: str
    la_code: str
    la_name: str
    reason: str
    confidence: Confidence
    employer_id: uuid.UUID
    employer_kind: EmployerKind
    employer_name: str

    @property
    def as_it_stands(self) -> Values:
        """The columns that a responsible body bears on, unchanged."""
        return {
            "urn": self.urn,
            "employer_id": self.employer_id,
            "employer_reason": self.reason,
            "employer_confidence": self.confidence,
        }


class TrustsNamed:
    """The trusts of a file, under the ids of those stored already, however either writes them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        stored = select(Employer.register_key, Employer.name, Employer.id).where(Employer.kind == EmployerKind.TRUST)
        self._by_name: dict[str, tuple[str, str, uuid.UUID]] = {
            folded_trust(name): (key, name, id_)
            for key, name, id_ in session.execute(stored).tuples()
            if key.startswith("trust:")
        }
        self._named: dict[str, Values] = {}

    def taken_over(self, school: School, body: str) -> Values:
        """The columns of a school whose trust is known now."""
        told = resolve_employer(
            SchoolFacts(
                school.urn,
                school.name,
                school.establishment_type,
                la_code=school.la_code,
                la_name=school.la_name,
                trust_name=body,
            )
        )
        key, name, id_ = self._by_name.setdefault(folded_trust(body), (told.register_key, body, new_id()))
        self._named.setdefault(key, {"id": id_, "kind": EmployerKind.TRUST, "register_key": key, "name": name})
        return {
            "urn": school.urn,
            "employer_id": id_,
            "employer_reason": told.reason,
            "employer_confidence": told.confidence,
        }

    def changes(self) -> Changes:
        """What to store of them."""
        named = list(self._named.values())
        return plan(self._session, Employer, ("register_key",), named, only_when_new=NOT_IN_THE_REGISTER)


def import_trusts(uow: UnitOfWork, taking: Taking) -> ImportReport:
    """
    Take in the body responsible for each school: the trust of an academy, the council of a maintained school.

    A trust fills the employer where the register named none. Raise `BadInput` when the file cannot be read.
    """
    file = opened(uow, _TRUSTS, taking)
    schools = {school.urn: school for school in _schools(uow)}
    trusts = TrustsNamed(uow.session)

    def values_of(source: SourceRow, row: ResponsibleBodyRow) -> Values | Reject:
        school = schools.get(row.urn)
        if school is None:
            return file.reject(source, "urn", row.urn, "the URN of a workplace that is in the register here")
        wanted = _contradicted(school, row.body)
        if wanted is not None:
            return _refused(file, source, row, wanted)
        unnamed = school.employer_kind is EmployerKind.TRUST and school.confidence is Confidence.UNKNOWN
        return trusts.taken_over(school, row.body) if unnamed else school.as_it_stands

    rows = sort_out(file, _TRUSTS, values_of, taking)
    return conclude(uow, file, _TRUSTS, rows, taking, (trusts.changes(),))


def folded_trust(name: str) -> str:
    """
    A trust's name as it is compared.

    >>> folded_trust("The Gosforth Federated Academies Ltd.") == folded_trust("GOSFORTH FEDERATED ACADEMIES LIMITED")
    True
    """
    return " ".join(word for word in _words(name) if word not in WORDS_OF_COMPANIES)


def same_council(body: str, la_name: str) -> bool:
    """
    Whether a body is the council of a local authority, in whichever of its names.

    >>> same_council("East Sussex County Council", "East Sussex"), same_council("Kent", "Medway")
    (True, False)
    """
    return _core_of(council_name(body)) == _core_of(council_name(la_name))


def _core_of(council: str) -> Sequence[str]:
    words = _words(council)
    return [word for word in words if word not in WORDS_OF_COUNCILS] or words


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"['’]", "", name.casefold()).replace("&", " and "))


def _contradicted(school: School, body: str) -> str | None:
    """What the register says instead, if it says otherwise."""
    council = same_council(body, school.la_name)
    if school.employer_kind in BY_COUNCIL:
        told = f"{council_name(school.la_name)}, the council for a {school.establishment_type.lower()} by the register"
        return None if council else told
    if school.employer_kind is not EmployerKind.TRUST:
        return f"no body: the register says that {school.employer_name} employs there"
    if council:
        return f"a trust: the register says that it is of the type {school.establishment_type}"
    if school.confidence is Confidence.UNKNOWN or folded_trust(body) == folded_trust(school.employer_name):
        return None
    return f"{school.employer_name}, the trust by the register; correct whichever is wrong"


def _refused(file: SourceFile, source: SourceRow, row: ResponsibleBodyRow, wanted: str) -> Reject:
    return file.reject(source, "body", row.body, wanted)


def _schools(uow: UnitOfWork) -> list[School]:
    rows = uow.session.execute(
        select(
            Workplace.urn,
            Workplace.name,
            Workplace.establishment_type,
            Workplace.la_code,
            Workplace.la_name,
            Workplace.employer_reason,
            Workplace.employer_confidence,
            Employer.id,
            Employer.kind,
            Employer.name,
        )
        .join(Workplace.employer)
        .where(Workplace.urn.is_not(None))
    )
    return [School(*row) for row in rows]
