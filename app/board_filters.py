"""Which cases somebody wants to see on the board, as the address of the page, the API and the command line spell it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, select

from casework.cases import Case, CaseIssue
from casework.issues.catalogue import issues
from casework.lifecycle import Stage
from casework.register.models import Employer, Workplace
from casework.register.regions import Region, region_named
from core.errors import BadInput

NOBODY = "none"
"""Instead of an officer's id: the cases that no officer has."""

NAMES = ("stage", "officer", "region", "authority", "employer", "issue")
LONGEST = 200
MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Filters:
    """
    What every case shown has to be; nothing said, nothing asked.

    `region` is where the workplace's local authority lies, `authority` that authority's code, `employer` an employer's
    id or words of its name. Of a `workplace` its own page asks, and no address.
    """

    stage: Stage | None = None
    officer: uuid.UUID | None = None
    without_officer: bool = False
    region: Region | None = None
    authority: str | None = None
    employer: uuid.UUID | tuple[str, ...] | None = None
    issue: str | None = None
    workplace: uuid.UUID | None = None

    def given(self) -> dict[str, str]:
        """The filters by the names they have in an address, as `filters` reads them."""
        employer = " ".join(self.employer) if isinstance(self.employer, tuple) else self.employer
        said = {
            "stage": self.stage,
            "officer": NOBODY if self.without_officer else self.officer,
            "region": self.region.code if self.region else None,
            "authority": self.authority,
            "employer": employer,
            "issue": self.issue,
        }
        return {name: str(value) for name, value in said.items() if value}

    def address(self, *, but: str = "", **more: object) -> str:
        """The query of an address that asks for the same without the filter `but`, and for more."""
        kept = {name: value for name, value in self.given().items() if name != but}
        return urlencode({**kept, **more})

    def at(self, stage: Stage) -> Filters:
        """The same at one stage."""
        return replace(self, stage=stage)

    def narrowed(self, statement: Select[Any]) -> Select[Any]:
        """A statement on `Case` joined with `Workplace`, kept to what is asked for."""
        if self.stage is not None:
            statement = statement.where(Case.stage == self.stage)
        if self.officer is not None:
            statement = statement.where(Case.officer_id == self.officer)
        if self.without_officer:
            statement = statement.where(Case.officer_id.is_(None))
        if self.workplace is not None:
            statement = statement.where(Workplace.id == self.workplace)
        if self.region is not None:
            statement = statement.where(Workplace.la_code.in_(self.region.la_codes))
        if self.authority is not None:
            statement = statement.where(Workplace.la_code == self.authority)
        if self.issue is not None:
            statement = statement.where(Case.id.in_(select(CaseIssue.case_id).where(CaseIssue.code == self.issue)))
        if isinstance(self.employer, uuid.UUID):
            return statement.where(Workplace.employer_id == self.employer)
        for word in self.employer or ():
            named = select(Employer.id).where(Employer.name.icontains(word, autoescape=True))
            statement = statement.where(Workplace.employer_id.in_(named))
        return statement


def filters(given: Mapping[str, str]) -> Filters:
    """The filters as somebody gave them. `BadInput` naming the one that cannot be used."""
    said = {name: given[name].strip() for name in NAMES if given.get(name, "").strip()}
    for name, value in said.items():
        if len(value) > LONGEST or not value.isprintable():
            raise BadInput(field=name, found=value[:LONGEST], wanted=f"{LONGEST} printable characters at most")
    officer = said.get("officer", "")
    return Filters(
        stage=_stage(said.get("stage", "")),
        officer=None if officer == NOBODY else officer_named(officer),
        without_officer=officer == NOBODY,
        region=region_named(said["region"]) if "region" in said else None,
        authority=said.get("authority"),
        employer=_employer(said.get("employer", "")),
        issue=_issue(said.get("issue", "")),
    )


def _stage(name: str) -> Stage | None:
    try:
        return Stage(name) if name else None
    except ValueError:
        raise BadInput(field="stage", found=name, wanted="one of " + ", ".join(Stage)) from None


def officer_named(key: str) -> uuid.UUID | None:
    """The officer's id to narrow to, None for an empty one; `BadInput` for what is no id."""
    try:
        return uuid.UUID(key.removeprefix("officer:")) if key else None
    except ValueError:
        raise BadInput(field="officer", found=key, wanted="the id of an officer") from None


def _issue(code: str) -> str | None:
    known = [each.code for each in issues()]
    if code and code not in known:
        raise BadInput(field="issue", found=code, wanted="one of " + ", ".join(known))
    return code or None


def _employer(text: str) -> uuid.UUID | tuple[str, ...] | None:
    try:
        return uuid.UUID(text.removeprefix("employer:")) if text else None
    except ValueError:
        return tuple(text.split()[:MOST_WORDS]) or None
