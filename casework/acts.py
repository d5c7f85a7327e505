"""
Acts: what a person can record, each with its facts, its role and its handler.

The command line, the page's form and the API all read this one table, so an act that one of them reaches the others
reach too. `ballots.acts` adds those of ballots and action; `app.acts` puts all of them together.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from casework import handlers, repository, steps
from casework.cases import Case
from casework.lifecycle import TRANSITIONS, EventKind, Stage
from casework.people.roles import CASE_STAFF, Role
from casework.register import contacts
from core.calendar import in_words
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

LONGEST_TEXT = 2_000
SENT_AS_A_FILE: dict[str, JsonValue] = {"file": True}
"""Marks a field that holds the digest of a file: no form asks for it, no option takes it; the file is sent instead."""
KEPT_BY_THE_FORM: dict[str, JsonValue] = {"kept": True}
"""Marks a field that a form holds for whoever sends it, and asks nobody for."""
LINE_ENDS = frozenset("\n\r\t")
CONTROLS = frozenset({"Cc", "Cs"})
NO_LETTERS = frozenset(map(chr, (*range(0xFDD0, 0xFDF0), 0xFFFE, 0xFFFF)))
"""Numbers that Unicode keeps from ever being a letter: no paper can hold one."""
OVERRIDES = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""What turns the direction of letters (Unicode, annex 9): with it a text reads otherwise than it is stored."""


class Facts(BaseModel):
    """
    Facts of an act: unknown fields are refused, numbers are never guessed from other types.

    Text is stripped, has at least one and at most 2,000 characters, and no control characters but line ends and tabs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=LONGEST_TEXT)

    @field_validator("*", mode="after")
    @classmethod
    def plain_text(cls, value: Any) -> Any:
        """Refuse a text that is empty or holds what nobody can see. A text of a list counts as a text."""
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str):
                _require_plain(text)
        return value


def _require_plain(text: str) -> None:
    if not text:
        raise ValueError("found nothing but white space, wanted an answer")
    for letter in text:
        hidden = unicodedata.category(letter) in CONTROLS or unicodedata.bidirectional(letter) in OVERRIDES
        hidden = hidden or letter in NO_LETTERS
        if hidden and letter not in LINE_ENDS:
            raise ValueError(f"found the control character U+{ord(letter):04X}, wanted text without it")


class HappenedOn(Facts):
    """Facts that carry the day on which it happened, which may be before it is recorded."""

    happened_on: date = Field(title="On which day", description="The day it happened")


MOST_PRESENT = 10_000
"""More people than meet at any workplace: a slip of the keyboard."""

Handler = Callable[[UnitOfWork, uuid.UUID, Any, str | None], None]
Offered = Callable[[UnitOfWork, uuid.UUID], bool]
Refused = Callable[[UnitOfWork, uuid.UUID], str | None]


def always(_uow: UnitOfWork, _case_id: uuid.UUID) -> bool:
    """The stage alone says that an act makes sense."""
    return True


def never(_uow: UnitOfWork, _case_id: uuid.UUID) -> str | None:
    """Only the handler, which sees the facts, can refuse."""
    return None


@dataclass(frozen=True)
class Act:
    """
    `name` is the same word on the command line, in the form and in the API. `offered` says whether the act makes sense
    for a case at one of its stages; done all the same, its handler refuses it in words. `refused` is that sentence
    where the case alone refuses the act, whatever its facts: there is no form to fill in then.
    """

    name: str
    label: str
    facts: type[Facts]
    roles: frozenset[Role]
    stages: frozenset[Stage]
    handler: Handler
    offered: Offered = always
    refused: Refused = never


def stages_naming(kind: EventKind) -> frozenset[Stage]:
    """The stages at which the table of transitions names an event."""
    return frozenset(stage for (stage, named, _) in TRANSITIONS if named is kind)


def recording(
    kind: EventKind, label: str, facts: type[Facts], roles: frozenset[Role], offered: Offered = always
) -> Act:
    """The act of simply recording an event."""

    def handle(uow: UnitOfWork, case_id: uuid.UUID, given: Facts, key: str | None) -> None:
        if isinstance(given, MeetingArranged):
            _require_since_raised(repository.get(uow, case_id), given.meets_on)
        if isinstance(given, MeetingHeld | Assessment):
            _require_members(uow, case_id, given.present, given.happened_on)
        values = given.model_dump(mode="json", exclude={"happened_on"})
        handlers.record(uow, case_id, kind, values, happened_on=getattr(given, "happened_on", None), key=key)

    return Act(kind.value, label, facts, roles, stages_naming(kind), handle, offered)


def _require_members(uow: UnitOfWork, case_id: uuid.UUID, present: int, on: date) -> None:
    """No more present than the register has in membership there that day; where it has nobody it cannot say."""
    members = len(repository.members_at(uow, repository.get(uow, case_id).workplace_id, on))
    if members and present > members:
        wanted = f"at most the {members} members that the register has at the workplace on {in_words(on)}"
        raise BadInput(field="present", found=present, wanted=wanted)


def _require_since_raised(case: Case, meets_on: date) -> None:
    """A meeting may be recorded after it was held, but none that was held before the case was raised is about it."""
    if meets_on < case.raised_on:
        wanted = f"a day from {case.raised_on.isoformat()}, when the case was raised"
        raise BadInput(field="meets_on", found=meets_on.isoformat(), wanted=wanted)


class MeetingArranged(Facts):
    """Only the day; what members decide is recorded after it."""

    meets_on: date = Field(title="When do members meet")


class MeetingHeld(HappenedOn):
    """How many were there, and the show of hands."""

    present: int = Field(ge=1, le=MOST_PRESENT, title="Members present")
    in_favour: int = Field(ge=0, title="Of them in favour")

    @model_validator(mode="after")
    def counts_agree(self) -> MeetingHeld:
        """No more in favour than present."""
        if self.in_favour > self.present:
            raise ValueError(f"in_favour: found {self.in_favour}, wanted at most the {self.present} present")
        return self


class Met(HappenedOn):
    """How it ended, and on which day."""

    answer: Literal["accepted", "refused", "adjourned"] = Field(title="The answer")


class Assessment(HappenedOn):
    """How many were there, and how many would act; counts only."""

    present: int = Field(ge=1, le=MOST_PRESENT, title="Members present")
    ready_for_asos: int = Field(ge=0, title="Ready to take action short of a strike")
    ready_to_strike: int = Field(ge=0, title="Ready to strike")

    @model_validator(mode="after")
    def counts_agree(self) -> Assessment:
        """No more ready than present."""
        if max(self.ready_for_asos, self.ready_to_strike) > self.present:
            raise ValueError(f"present: found {self.present}, wanted at least as many as are ready")
        return self


class IssueAdded(Facts):
    """By its code in the union's catalogue."""

    issue: str = Field(title="Issue code", description="A code of the catalogue, such as meetings")


class Rested(Facts):
    """It waits, for a reason that is given, and wakes by itself on the day named."""

    reason: str = Field(min_length=3, title="Why does the case rest", description="No names of people")
    wake_on: date = Field(title="When does it wake")


class Reason(Facts):
    """Say why, in a sentence that others will read."""

    reason: str = Field(min_length=3, title="Why", description="No names of people")


class OfficerChosen(Facts):
    """For a workplace that no officer could be found for by area and load."""

    officer: uuid.UUID = Field(title="Which officer")
    reason: str = Field(min_length=3, title="Why this officer", description="No names of people; the officer reads it")


class EmployerAddress(Facts):
    """Papers that are made already keep the address they were made with."""

    postal_lines: list[str] = Field(min_length=2, title="Postal address, line by line")
    email: str | None = Field(default=None, title="Address for mail", description="Leave empty if there is none")


class WorkplaceEmail(Facts):
    """The office's, and nobody's own."""

    email: str = Field(min_length=3, title="Address for mail", description="The office's, not a person's")


class Nothing(Facts):
    """There is nothing more to say: that it happened is all."""


def _assign_by_hand(uow: UnitOfWork, case_id: uuid.UUID, given: OfficerChosen, key: str | None) -> None:
    steps.assign_by_hand(uow, case_id, given.officer, given.reason, key)


def _employer_address(uow: UnitOfWork, case_id: uuid.UUID, given: EmployerAddress, _key: str | None) -> None:
    employer = repository.get(uow, case_id).workplace.employer
    contacts.record_employer_address(uow, employer, postal_lines=given.postal_lines, email=given.email)


def _workplace_email(uow: UnitOfWork, case_id: uuid.UUID, given: WorkplaceEmail, _key: str | None) -> None:
    contacts.record_workplace_email(uow, repository.get(uow, case_id).workplace, given.email)


def _rests(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    return repository.get(uow, case_id).wake_on is not None


def lead(act: Act) -> str:
    """What an act's facts are, in a sentence; empty where that would say no more than its label."""
    said = " ".join((act.facts.__doc__ or "").split("\n\n")[0].split())
    return "" if act.facts in (Nothing, HappenedOn) or said.rstrip(".") == act.label else said


_OPEN = frozenset(Stage) - {Stage.CLOSED}

ACTS: tuple[Act, ...] = (
    recording(EventKind.MEMBERS_MEETING_ARRANGED, "Arrange a members' meeting", MeetingArranged, CASE_STAFF),
    recording(EventKind.MEMBERS_MEETING_HELD, "Record the members' meeting", MeetingHeld, CASE_STAFF),
    recording(EventKind.HEAD_MET, "Record the meeting with the head teacher", Met, CASE_STAFF),
    Act(
        EventKind.OFFICER_ASSIGNED.value,
        "Assign an officer by hand",
        OfficerChosen,
        CASE_STAFF,
        frozenset({Stage.OFFICER_ASSIGNED}),
        _assign_by_hand,
        steps.awaits_an_officer,
    ),
    recording(EventKind.OFFICER_ACCEPTED, "The officer accepts the case", Nothing, CASE_STAFF),
    recording(EventKind.OFFICER_DECLINED, "The officer declines the case", Reason, CASE_STAFF),
    recording(EventKind.ASSESSMENT_RECORDED, "Record the assessment of readiness", Assessment, CASE_STAFF),
    recording(EventKind.NEGOTIATION_HELD, "Record the officer's negotiation", Met, CASE_STAFF),
    recording(EventKind.ISSUE_ADDED, "Add an issue", IssueAdded, CASE_STAFF),
    Act(
        "employer_address_recorded",
        "Record where the employer is served",
        EmployerAddress,
        CASE_STAFF,
        _OPEN,
        _employer_address,
    ),
    Act(
        "workplace_email_recorded",
        "Record the workplace's address for mail",
        WorkplaceEmail,
        CASE_STAFF,
        _OPEN,
        _workplace_email,
    ),
    recording(EventKind.CASE_RESTED, "Put the case to rest", Rested, CASE_STAFF),
    recording(EventKind.CASE_WOKEN, "Wake the case", Nothing, CASE_STAFF, offered=_rests),
    recording(EventKind.CASE_CLOSED, "Close the case", Reason, CASE_STAFF),
)
