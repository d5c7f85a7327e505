"""
Who is the legal employer at a school. Notices go to the employer: one sent to somebody else is no notice.

The answer follows from the type of establishment. The table (`establishment_types.yaml`) knows the words of both the
2017 register and today's; a type that it does not know is answered `unknown` with the reason, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from casework.tables import read_table
from core.errors import BadInput
from core.findings import Citation
from core.nations import Nation

TYPES_FILE = Path(__file__).parent / "establishment_types.yaml"
_STRICT = ConfigDict(extra="forbid")


class EmployerKind(StrEnum):
    """What sort of body employs."""

    LOCAL_AUTHORITY = "local-authority"
    GOVERNING_BODY = "governing-body"
    TRUST = "trust"
    PROPRIETOR = "proprietor"
    CORPORATION = "corporation"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """
    How far the employer can be relied on.

    Certain: the law fixes it and the register names it. Likely: a person should look at a contract before a notice
    is served. Unknown: nobody can be named yet, so nothing can be served.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"


class Service(StrEnum):
    """Which service the establishment gives, as the thresholds tell them apart."""

    STATE_TEACHING = "state-teaching"
    INDEPENDENT = "independent"
    FURTHER_EDUCATION = "further-education"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """
    What the register says of one establishment. Blank text counts as absent.

    `urn` is its number there (a college without one gives its UKPRN); `establishment_type` the words and `type_code`
    the code of its type; `federation_name` is filled where one governing body governs several schools.
    """

    urn: str
    name: str
    establishment_type: str
    type_code: int | None = None
    la_code: str | None = None
    la_name: str | None = None
    trust_name: str | None = None
    federation_name: str | None = None
    proprietor_name: str | None = None


@dataclass(frozen=True, slots=True)
class EmployerResolution:
    """
    The legal employer, and why.

    `name` is absent where the register does not name the employer; `described_as` always says something.
    `register_key` is the same for every school of one employer. `nation` is absent where it cannot be told.
    """

    kind: EmployerKind
    name: str | None
    described_as: str
    register_key: str
    reason: str
    confidence: Confidence
    citation: Citation
    state_funded: bool
    service: Service
    stpcd_binds: bool
    nation: Nation | None


@dataclass(frozen=True, slots=True)
class EstablishmentType:
    """One row of the table; `stpcd`: the pay and conditions document binds such a school in England."""

    __pydantic_config__ = _STRICT

    names: tuple[str, ...]
    kind: EmployerKind
    confidence: Confidence
    service: Service
    state_funded: bool
    stpcd: bool
    reason: str
    citation: str
    code: int | None = None
    nation: Nation | None = None


@dataclass(frozen=True, slots=True)
class NationRange:
    """Local authority numbers from `first` to `last` lie in `nation`."""

    __pydantic_config__ = _STRICT

    first: int
    last: int
    nation: Nation


@dataclass(frozen=True, slots=True)
class TypeTable:
    """The whole file."""

    __pydantic_config__ = _STRICT

    citations: dict[str, Citation]
    nations: tuple[NationRange, ...]
    types: tuple[EstablishmentType, ...]


@dataclass(frozen=True, slots=True)
class _Index:
    table: TypeTable
    by_name: dict[str, EstablishmentType]
    by_code: dict[int, EstablishmentType]


@dataclass(frozen=True, slots=True)
class _Named:
    """An employer's name and key; `missing` is the sentence on what the register leaves out."""

    name: str | None
    described_as: str
    register_key: str
    missing: str | None = None


def resolve_employer(facts: SchoolFacts) -> EmployerResolution:
    """The legal employer at the school on the register's facts. Source: Education Act 2002 ss. 35-36; SI 2003/1964."""
    index = _shipped()
    row, doubt = _row_for(facts, index)
    nation = row.nation or nation_of(facts.la_code)
    named = _NAMED[row.kind](facts)
    return EmployerResolution(
        kind=row.kind,
        name=named.name,
        described_as=named.described_as,
        register_key=named.register_key,
        reason=" ".join(sentence for sentence in (doubt or row.reason, named.missing) if sentence),
        confidence=Confidence.UNKNOWN if named.name is None else row.confidence,
        citation=index.table.citations[row.citation],
        state_funded=row.state_funded,
        service=row.service,
        stpcd_binds=row.stpcd and nation is Nation.ENGLAND,
        nation=nation,
    )


def nation_of(la_code: str | None) -> Nation | None:
    """England or Wales by the number of the local authority; `None` for any other number, or none."""
    if not la_code or not la_code.strip().isdecimal():
        return None
    number = int(la_code)
    ranges = _shipped().table.nations
    return next((row.nation for row in ranges if row.first <= number <= row.last), None)


def load_types(path: Path) -> TypeTable:
    """Read and check the table; `BadInput` names file and key."""
    table = read_table(path, TypeAdapter(TypeTable))
    seen: dict[str, str] = {}
    for row in table.types:
        _check_row(path, row, table, seen)
    return table


def folded(type_name: str) -> str:
    """
    The name of a type as it is compared: no capitals, hyphens, apostrophes or spare spaces.

    >>> folded("Free Schools - 16-19") == folded("Free schools 16 to 19")
    True
    """
    words = re.sub(r"['’]", "", type_name.casefold())
    words = re.sub(r"16\s*[-–]\s*19", "16 to 19", words)
    return " ".join(re.sub(r"[-–]", " ", words).split())


def council_name(la_name: str) -> str:
    """
    A local authority's name in one form, whichever way the register turns it.

    >>> council_name("Bristol City of"), council_name("Bristol, City of")
    ('City of Bristol', 'City of Bristol')
    """
    turned = re.fullmatch(r"(.+?),?\s+(City|County) of", la_name.strip())
    return f"{turned[2]} of {turned[1]}" if turned else la_name.strip()


def _check_row(path: Path, row: EstablishmentType, table: TypeTable, seen: dict[str, str]) -> None:
    """Its citation exists, and neither its names nor its code belong to an earlier row."""
    first = row.names[0] if row.names else "(no name)"
    if row.citation not in table.citations:
        wanted = "one of " + ", ".join(table.citations)
        raise BadInput(path=path.name, field=f"{first}.citation", found=row.citation, wanted=wanted)
    keys = {folded(name) for name in row.names} | ({f"code {row.code}"} if row.code is not None else set())
    for key in sorted(keys):
        if key in seen:
            wanted = f"a name or code that {seen[key]} does not have already"
            raise BadInput(path=path.name, field=first, found=key, wanted=wanted)
        seen[key] = first


@cache
def _shipped() -> _Index:
    table = load_types(TYPES_FILE)
    return _Index(
        table=table,
        by_name={folded(name): row for row in table.types for name in row.names},
        by_code={row.code: row for row in table.types if row.code is not None},
    )


def _row_for(facts: SchoolFacts, index: _Index) -> tuple[EstablishmentType, str | None]:
    """The row of the school's type, or an unknown one with the sentence that says why."""
    by_name = index.by_name.get(folded(facts.establishment_type))
    by_code = index.by_code.get(facts.type_code) if facts.type_code is not None else None
    if by_name and by_code and by_name is not by_code:
        return _unknown_row(), (
            f'The register gives the type "{facts.establishment_type}" with the code {facts.type_code}, '
            f'which is the code of "{by_code.names[0]}".'
        )
    row = by_name or (by_code if not facts.establishment_type.strip() else None)
    return (row, None) if row else (_unknown_row(), _no_such_type(facts))


def _no_such_type(facts: SchoolFacts) -> str:
    if not facts.establishment_type.strip():
        return "The register gives no type of establishment, so the employer cannot be told from it."
    return f'"{facts.establishment_type.strip()}" is not a type of establishment that is known here.'


def _unknown_row() -> EstablishmentType:
    return EstablishmentType(
        names=(),
        kind=EmployerKind.UNKNOWN,
        confidence=Confidence.UNKNOWN,
        service=Service.OTHER,
        state_funded=False,
        stpcd=False,
        reason="",
        citation="dispute",
    )


def _local_authority(facts: SchoolFacts) -> _Named:
    council = council_name(facts.la_name or "")
    if not council:
        missing = "The register does not name the local authority."
        return _Named(None, f"the local authority of {facts.name}", f"la-of:{facts.urn}", missing)
    code = (facts.la_code or "").strip()
    key = f"la:{code}" if code else f"la:{council.upper()}"
    return _Named(f"{council} local authority", f"{council} local authority", key)


def _governing_body(facts: SchoolFacts) -> _Named:
    federation = _tidy(facts.federation_name)
    if federation:
        name = f"Governing body of {federation}"
        return _Named(name, name, f"gb:{federation.upper()}", "One governing body governs the whole federation.")
    name = f"Governing body of {facts.name}"
    return _Named(name, name, f"gb:{facts.urn}")


def _trust(facts: SchoolFacts) -> _Named:
    trust = _tidy(facts.trust_name)
    if trust:
        return _Named(trust, trust, f"trust:{trust.upper()}")
    missing = "The register does not name the trust; find it in the trust's accounts or the school's contracts."
    return _Named(None, f"the trust that runs {facts.name}", f"trust-of:{facts.urn}", missing)


def _proprietor(facts: SchoolFacts) -> _Named:
    proprietor = _tidy(facts.proprietor_name)
    if proprietor:
        return _Named(proprietor, proprietor, f"proprietor:{facts.urn}")
    missing = "The register does not name the proprietor; a contract of employment does."
    return _Named(None, f"the proprietor of {facts.name}", f"proprietor:{facts.urn}", missing)


def _corporation(facts: SchoolFacts) -> _Named:
    name = f"The corporation of {facts.name}"
    return _Named(name, name, f"corporation:{facts.urn}")


def _nobody(facts: SchoolFacts) -> _Named:
    return _Named(None, f"the employer at {facts.name}", f"unknown:{facts.urn}")


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())


_NAMED = {
    EmployerKind.LOCAL_AUTHORITY: _local_authority,
    EmployerKind.GOVERNING_BODY: _governing_body,
    EmployerKind.TRUST: _trust,
    EmployerKind.PROPRIETOR: _proprietor,
    EmployerKind.CORPORATION: _corporation,
    EmployerKind.UNKNOWN: _nobody,
}
