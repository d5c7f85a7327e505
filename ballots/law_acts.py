"""
What a person can record about the law, each with its facts, its role and its handler.

The command line, the page's forms and the API all read this one table, as they do that of the acts of a case.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field

from ballots import law_handlers
from ballots.law_handlers import Outcome, Reader, Which
from casework.acts import Facts
from casework.people.roles import BALLOT_STAFF, Role
from core.nations import Nation
from core.unit_of_work import UnitOfWork

BY = 'A name with a role, such as "Jo Example, head of legal", or officer:<id>'
READ = "The address of what was read, or its name"


class Read(Facts):
    """Who read which source. Standing first among the bases it gives its fields last."""

    by: str = Field(min_length=3, max_length=200, title="Who read it", description=BY)
    read: str = Field(min_length=4, max_length=500, title="What was read", description=READ)
    note: str | None = Field(default=None, title="Note")

    def reader(self) -> Reader:
        """The same for the handlers."""
        return Reader(self.by, self.read, self.note)


class WhichValue(Facts):
    """Which value a check is of."""

    parameter: str = Field(title="Which value", description="A name from the list of the law")
    from_on: date | None = Field(
        default=None, title="In force from", description="Only for an older value that a live case still rests on"
    )
    nation: Literal["england", "wales", "scotland"] | None = Field(
        default=None, title="Of which nation", description="Only where the nations have values of their own"
    )
    planned: bool = Field(
        default=False, title="The planned change instead", description="It was looked for and is not in force yet"
    )


class ValueChecked(Read, WhichValue):
    """Somebody read the source of a value again and found it as it stands."""


class Commencement(Facts):
    """Which planned change is in force, from when and by what."""

    change: str = Field(title="Which planned change", description="Such as end-of-turnout-test")
    from_on: date = Field(title="In force from", description="The first day the instrument names")
    instrument: str = Field(min_length=4, max_length=200, title="Instrument", description="Such as SI 2026/1234")


class ChangeCommenced(Read, Commencement):
    """Somebody read the instrument that brings a planned change into force."""


class Holiday(Facts):
    """A bank holiday of one or more nations."""

    day: date = Field(title="Which day")
    nations: list[Literal["england", "wales", "scotland", "northern-ireland"]] = Field(min_length=1, title="Where")
    name: str = Field(min_length=3, max_length=200, title="What it is called")


class HolidayAdded(Read, Holiday):
    """A bank holiday was proclaimed that the calendar does not know."""


class WhichRecord(Facts):
    """Which record is undone."""

    record: uuid.UUID = Field(title="Which record", description="Its id, from the list of records")


class RecordWithdrawn(Read, WhichRecord):
    """A record of the law that turned out wrong."""


@dataclass(frozen=True)
class LawAct:
    """`name` is the same word on the command line, in the form and in the API."""

    name: str
    label: str
    facts: type[Facts]
    roles: frozenset[Role]
    handler: Callable[[UnitOfWork, Any], Outcome]


def _confirm(uow: UnitOfWork, given: ValueChecked) -> Outcome:
    which = Which(given.from_on, Nation(given.nation) if given.nation else None, given.planned)
    return law_handlers.confirm(uow, [given.parameter], given.reader(), which=which)


def _commence(uow: UnitOfWork, given: ChangeCommenced) -> Outcome:
    return law_handlers.commence(uow, given.change, given.from_on, given.instrument, given.reader())


def _add_holiday(uow: UnitOfWork, given: HolidayAdded) -> Outcome:
    nations = [Nation(each) for each in given.nations]
    return law_handlers.add_holiday(uow, given.day, nations, given.name, given.reader())


def _withdraw(uow: UnitOfWork, given: RecordWithdrawn) -> Outcome:
    return law_handlers.withdraw(uow, given.record, given.reader())


LAW_ACTS: Mapping[str, LawAct] = MappingProxyType(
    {
        act.name: act
        for act in (
            LawAct("confirm", "Record that a value was read again", ValueChecked, BALLOT_STAFF, _confirm),
            LawAct("commence", "Record that a change is in force", ChangeCommenced, BALLOT_STAFF, _commence),
            LawAct("holiday", "Add a bank holiday", HolidayAdded, BALLOT_STAFF, _add_holiday),
            LawAct("withdraw", "Withdraw a record of the law", RecordWithdrawn, BALLOT_STAFF, _withdraw),
        )
    }
)
