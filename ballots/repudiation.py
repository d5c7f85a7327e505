"""
Repudiation of a call that the union never made: by a committee or an official that could not call (s. 21).

In writing and without delay to whoever called, to every member who may take part, and to the employer; members' notices
bear the words of the Act. Only the executive, the president or the general secretary can repudiate.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ballots import papers, restart
from casework import circulars, disputes, parties, stand_downs
from casework import repository as cases
from casework.cases import Case
from core import history
from core.errors import BadInput, RuleViolation
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications.messages import Message
from notifications.recipients import Recipient
from notifications.showing import Names, RenderingError

VERSION_LENGTH = 12
REPUDIATED = "ballots:case:call_repudiated"


class Repudiator(StrEnum):
    """Who can repudiate."""

    EXECUTIVE = "executive"
    PRESIDENT = "president"
    GENERAL_SECRETARY = "general_secretary"


class CalledBy(StrEnum):
    """Who made the call that is repudiated."""

    COMMITTEE = "committee"
    OFFICIAL = "official"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class UnofficialCall:
    """The call: who made it and where they are written to, what they called for, and when that came to knowledge."""

    by: CalledBy
    caller: str
    postal_lines: Sequence[str]
    email: str | None
    wording: str
    known_on: date


def repudiate(uow: UnitOfWork, case_id: uuid.UUID, call: UnofficialCall, repudiator: Repudiator) -> None:
    """
    Repudiate a call at a case's workplace: the caller, every member there and the employer are written to at once.

    The same again on the same day writes to nobody again; in other words, or to another address, it does.
    `RuleViolation` for a call that is the union's own; `BadInput` for a day that has not come, and for words about the
    call that name another employer of the dispute. History keeps the warn where it was not done on the day on which the
    call came to knowledge.
    """
    if call.by is CalledBy.UNION:
        raise RuleViolation("The call cannot be repudiated.", (restart.not_repudiable(),))
    if call.known_on > uow.today:
        raise BadInput(field="known_on", found=call.known_on.isoformat(), wanted="a day up to today")
    case = cases.get(uow, case_id)
    law = Consultation(uow.law, Nation(case.workplace.nation))
    statement = law.at("ballots.repudiation_statement", uow.today)
    facts = {
        "workplace_name": case.workplace.name,
        "caller": call.caller,
        "call": call.wording,
        "repudiated_by": repudiator.value,
        "repudiated_on": uow.today.isoformat(),
        "reference": case.ref,
    }
    used, version = papers.law_used(statement), _version(uow, call, repudiator)
    members = Message("repudiation_members", {**facts, "statement": str(statement.value)}, used)
    there, subject = cases.members_at(uow, case.workplace_id), f"case:{case_id}"
    circulars.tell_each(uow, members, there, subject_ref=subject, version=version)
    employer = Message("repudiation_employer", {**facts, "employer_name": case.workplace.employer.name})
    _tell_employer(uow, case, employer, call, version)
    official = Message("repudiation_official", facts)
    circulars.tell_both_ways(uow, official, _caller(call, version), subject_ref=subject, version=version)
    _note(uow, case_id, call, repudiator)


def _version(uow: UnitOfWork, call: UnofficialCall, repudiator: Repudiator) -> str:
    """What tells one repudiation from another: all that was said of it, and the day."""
    who = [call.by, call.caller, *call.postal_lines, call.email or ""]
    return history.digest([*who, call.wording, repudiator, call.known_on, uow.today])[:VERSION_LENGTH]


def _tell_employer(uow: UnitOfWork, case: Case, message: Message, call: UnofficialCall, version: str) -> None:
    dispute, employer = disputes.dispute_of(uow, case.id), case.workplace.employer
    legs = dispute.legs if dispute is not None else ()
    others = Names(leg.employer.name for leg in legs if leg.employer_id != employer.id)
    to, subject = parties.employer(employer), f"case:{case.id}"
    try:
        circulars.tell_both_ways(uow, message, to, subject_ref=subject, version=version, others=others)
    except RenderingError:
        if others.in_text(f"{call.caller}\n{call.wording}", ()) is None:
            raise
        wanted = "words that name no employer but the one at this workplace, who is sent them"
        raise BadInput(field="call", found="the name of another employer of the dispute", wanted=wanted) from None


def _caller(call: UnofficialCall, version: str) -> Recipient:
    return Recipient(f"{call.by}:{version}", call.caller, call.email, (call.caller, *call.postal_lines))


def _note(uow: UnitOfWork, case_id: uuid.UUID, call: UnofficialCall, repudiator: Repudiator) -> None:
    dispute = disputes.live_dispute_of(uow, case_id)
    row = stand_downs.standing(uow, dispute.id) if dispute else None
    if row is not None:
        row.repudiated = True
    warns = [finding.code for finding in restart.repudiated_late(call.known_on, uow.today)]
    facts = {"by": repudiator, "called_by": call.by, "known_on": call.known_on, "on": uow.today, "warns": warns}
    history.record(uow, REPUDIATED, f"case:{case_id}", facts)
