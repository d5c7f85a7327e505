"""Copies of the scrutineer's report, for those who may ask for one: a voter, and an employer of voters (s. 231B)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ballots import papers, repository
from ballots.lifecycle import BallotStage
from ballots.models import Ballot
from casework import parties
from casework import repository as cases
from casework.lifecycle import Event, EventKind
from casework.register.models import Employer, Member
from core.calendar import corresponding_day, in_words
from core.errors import BadInput, Conflict, RuleViolation
from core.findings import Finding, Severity
from core.law import LegalValue
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message

COPY = "scrutineer_report_copy"


@dataclass(frozen=True, slots=True)
class Reported:
    """A ballot, and the report on it, word for word."""

    ballot: Ballot
    text: str
    received_on: date


def send_copy(uow: UnitOfWork, case_id: uuid.UUID, *, asked_on: date, membership_number: str | None = None) -> None:
    """
    Send the report to the employer, or to the voter of that number, free of charge: one copy for a day of asking.

    `Conflict` while no report with its words is recorded, `BadInput` for somebody who was not entitled to vote or a day
    before the ballot's, `RuleViolation` for a request that came after the months in which a copy may be asked for.
    """
    reported = _reported(uow, case_id)
    if reported is None:
        raise Conflict("No words of a scrutineer's report are recorded, so there is nothing to copy.")
    ballot = reported.ballot
    if not ballot.closes_on <= asked_on <= uow.today:
        wanted = f"a day from {ballot.closes_on.isoformat()}, the date of the ballot, to today"
        raise BadInput(field="asked_on", found=asked_on.isoformat(), wanted=wanted)
    months = uow.law.at("ballots.scrutineer_copy_months", ballot.closes_on, nation=Nation(ballot.nation))
    _require_in_time(asked_on, corresponding_day(ballot.closes_on, months.whole), months)
    employer = cases.get(uow, case_id).workplace.employer
    voter = None if membership_number is None else _voter(uow, ballot, membership_number)
    _send(uow, reported, employer, voter, Message(COPY, _facts(reported, employer, asked_on), papers.law_used(months)))


def may_ask(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether there is a report to copy, and the months in which a copy may be asked for are not over."""
    reported = _reported(uow, case_id)
    if reported is None:
        return False
    ballot = reported.ballot
    months = uow.law.at("ballots.scrutineer_copy_months", ballot.closes_on, nation=Nation(ballot.nation))
    return uow.today <= corresponding_day(ballot.closes_on, months.whole)


def _reported(uow: UnitOfWork, case_id: uuid.UUID) -> Reported | None:
    """The latest ballot of a case whose report is recorded with its words."""
    reports = [event for event in cases.events_of(uow, case_id) if event.kind is EventKind.SCRUTINEER_REPORTED]
    by_ballot: dict[str, Event] = {event.facts["ballot_id"]: event for event in reports if event.facts.get("text")}
    for ballot in repository.ballots_of(uow, case_id, BallotStage.DECLARED):
        event = by_ballot.get(str(ballot.id))
        if event is not None:
            return Reported(ballot, event.facts["text"], event.happened_on)
    return None


def _require_in_time(asked_on: date, last: date, months: LegalValue) -> None:
    if asked_on <= last:
        return
    late = Finding(
        "report_asked_too_late",
        Severity.STOP,
        f"A copy may be asked for within {months.whole} months from the date of the ballot, until {in_words(last)}.",
        "Answer that the time to ask is over, or send a copy of your own accord.",
        months.citation,
        "asked_on",
    )
    raise RuleViolation("The copy is not owed.", (late,))


def _voter(uow: UnitOfWork, ballot: Ballot, membership_number: str) -> Member:
    member = uow.session.scalars(select(Member).filter_by(membership_number=membership_number)).one_or_none()
    if member is None or member.id not in {row.member_id for row in repository.entitled(uow, ballot.id)}:
        # The number given is not repeated: it may be somebody's.
        raise BadInput(field="membership_number", found="nobody on the frozen list", wanted="a voter's number")
    return member


def _facts(reported: Reported, employer: Employer, asked_on: date) -> dict[str, object]:
    return {
        "employer_name": employer.name,
        "scrutineer": reported.ballot.scrutineer or "the scrutineer",
        "closed_on": reported.ballot.closes_on.isoformat(),
        "received_on": reported.received_on.isoformat(),
        "asked_on": asked_on.isoformat(),
        "report": reported.text,
        "reference": reported.ballot.ref,
    }


def _send(uow: UnitOfWork, reported: Reported, employer: Employer, voter: Member | None, message: Message) -> None:
    """To a voter by mail or else by letter; to the employer by each."""
    to = parties.employer(employer) if voter is None else parties.member(voter)
    media = (Medium.LETTER, Medium.MAIL) if voter is None else (to.best_medium,)
    subject, version = papers.ballot_ref(reported.ballot.id), str(message.facts["asked_on"])
    for medium in media:
        if to.can_receive(medium):
            outbox.enqueue(uow, message, to, medium=medium, subject_ref=subject, content_version=version)
