"""
What a ballot's page shows: its timetable, the turnout against what the law asks for, its result, who is next, what
happened. Counts of papers of the whole ballot, never of a school or a person, and never how anyone voted.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

from app import notice_views
from app.ballot_timetable import lines_of
from app.case_records import EventLine, records, told_once
from app.mandate_lines import MandateLine, mandates_of
from app.narrowing import wide
from app.notice_views import NoticeLine
from app.offered_acts import OfferedAct, offered_among
from app.sentences import by_whom
from app.timetable_lines import Line, Part
from ballots import barrister, papers, repository, result_handlers, steps
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.models import Ballot
from ballots.result import Service, thresholds_for
from ballots.turnout import Returned, Turnout, least, turnout
from casework.cases import Case, CaseEvent
from casework.disputes import parts_in
from casework.issues.catalogue import issue
from casework.lifecycle import EventKind, Stage
from casework.stand_downs import off_since
from core.errors import NoLawInForce, NotFound
from core.findings import Finding
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork

KINDS = {kind: kind.words.capitalize() for kind in ActionKind}
NOT_OPEN = (BallotStage.PLANNED, BallotStage.NOTICED)
OF_A_BALLOT = frozenset(
    {
        EventKind.BALLOT_AUTHORISED,
        EventKind.BALLOT_NOTICES_SERVED,
        EventKind.BALLOT_CANCELLED,
        EventKind.BALLOT_OPENED,
        EventKind.TURNOUT_REPORTED,
        EventKind.BALLOT_CLOSED,
        EventKind.RESULT_DECLARED,
        EventKind.SCRUTINEER_REPORTED,
    }
)
ACTS = (
    "ballot_notices_approved", "notice_received", "service_address_confirmed", "employer_left_out", "notice_released",
    "turnout_reported", "result_declared", "scrutineer_reported", "report_copy_asked", "asos_authorised",
    "escalation_sought", "strike_authorised", "action_notices_approved", "strike_day_held",
)  # fmt: skip
"""What is next of a ballot and of the action it supports."""

OF_A_SCRUTINEER = ("scrutineer_reported", "report_copy_asked")
"""What is not next where nobody was appointed: a report that comes nevertheless is recorded on the case's page."""

TAKES_BACK = ("ballot_cancelled", "receipt_withdrawn", "notice_withdrawn", "notice_varied", "strike_day_withdrawn")
"""What takes something of a ballot or its action back."""


@dataclass(frozen=True, slots=True)
class VotingSchool:
    """A school that votes, or voted, in the ballot; `settled_on` is the day it left the dispute."""

    case_ref: str
    workplace: str
    number: str
    stage: Stage
    settled_on: date | None


@dataclass(frozen=True, slots=True)
class EmployerLine:
    """Who is owed the ballot's papers."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Needed:
    """
    What the law asks of this ballot: papers returned, and Yes votes where the ballot is in an important public service;
    None where it asks for none. Whether papers say Yes is not known before the count, so nothing is foretold of it.
    """

    turnout: int | None
    support: int | None
    why: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class BallotPage:
    """Everything a ballot's page shows; `off_since`: all action of its dispute stands down."""

    ref: str
    stage: BallotStage
    kinds: tuple[str, ...]
    scope: str
    method: str
    opens_on: date
    closes_on: date
    entitled: int
    scrutineer: str | None
    authorised_on: date
    authorised_by: str
    cancelled_reason: str | None
    off_since: datetime | None
    dispute_ref: str
    matters: tuple[str, ...]
    employers: tuple[EmployerLine, ...]
    schools: tuple[VotingSchool, ...]
    more_schools: int
    lines: tuple[Line, ...]
    turnout: Turnout
    counted: bool
    needed: Needed
    result: Mapping[str, Any] | None
    mandates: tuple[MandateLine, ...]
    findings: tuple[Finding, ...]
    next: tuple[OfferedAct, ...]
    takes_back: tuple[OfferedAct, ...]
    events: tuple[EventLine, ...]
    notices: tuple[NoticeLine, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the whole ballot decides, whoever asks."""

    lines: tuple[Line, ...]
    turnout: Turnout
    needed: Needed
    findings: tuple[Finding, ...]
    schools: int


def ballot_id_of(uow: UnitOfWork, ref: str) -> uuid.UUID:
    """A ballot by its reference; `NotFound` otherwise, and for one of which no case is reached."""
    found = uow.session.scalar(select(Ballot.id).where(Ballot.ref == ref))
    if found is None:
        raise NotFound("ballot", ref)
    return found


def ballot_page(uow: UnitOfWork, ref: str) -> BallotPage:
    """
    One ballot by its reference. Its days and counts rest on every school in it, whoever asks; of its schools and
    notices only those are shown that they reach.
    """
    # By its id: what is loaded here would find no more of its schools afterwards, however wide the session.
    ballot_id = ballot_id_of(uow, ref)
    with wide(uow.session):
        judged = _judged(uow, uow.session.get_one(Ballot, ballot_id))
    ballot = uow.session.get_one(Ballot, ballot_id)
    cases = list(ballot.cases)
    subjects = [papers.ballot_ref(ballot.id), *_actions(uow, cases, ballot)]
    notices = notice_views.lines(uow, subjects)
    offered = offered_among(uow, cases, ACTS, TAKES_BACK)
    return BallotPage(
        ref=ballot.ref,
        stage=ballot.stage,
        kinds=tuple(KINDS[ActionKind(each)] for each in ballot.questions),
        scope=ballot.scope.value,
        method=ballot.method,
        opens_on=ballot.opens_on,
        closes_on=ballot.closes_on,
        entitled=ballot.entitled,
        scrutineer=ballot.scrutineer,
        authorised_on=ballot.authorised_on,
        authorised_by=by_whom(ballot.authorised_by),
        cancelled_reason=ballot.cancelled_reason,
        off_since=max((at for ref, at in off_since(uow).items() if ref in {case.ref for case in cases}), default=None),
        dispute_ref=ballot.dispute.ref,
        matters=tuple(issue(code).title for code in ballot.dispute.matters),
        employers=tuple(EmployerLine(str(leg.employer_id), leg.employer.name) for leg in ballot.legs),
        schools=schools_of(uow, ballot, cases),
        more_schools=judged.schools - len(cases),
        lines=judged.lines,
        turnout=judged.turnout,
        counted=ballot.result is not None,
        needed=judged.needed,
        result=ballot.result,
        mandates=mandates_of(uow, [ballot.id]),
        findings=judged.findings,
        next=() if ballot.stage is BallotStage.CANCELLED else _next(ballot, offered[ACTS]),
        takes_back=offered[TAKES_BACK],
        events=_events(uow, ballot, cases, records(uow, subjects, notices)),
        notices=notices,
    )


def _next(ballot: Ballot, offered: Iterable[OfferedAct]) -> tuple[OfferedAct, ...]:
    return tuple(each for each in offered if ballot.scrutineer or each.name not in OF_A_SCRUTINEER)


def _judged(uow: UnitOfWork, ballot: Ballot) -> _Judged:
    findings = (
        steps.readiness_of(uow, ballot)
        if ballot.stage in NOT_OPEN
        else barrister.weighty(barrister.against_ballot(uow, ballot))
    )
    return _Judged(
        lines=lines_of(uow, ballot),
        turnout=_turnout(uow, ballot),
        needed=_needed(uow, ballot),
        findings=tuple(dict.fromkeys(findings)),
        schools=len(ballot.cases),
    )


def _turnout(uow: UnitOfWork, ballot: Ballot) -> Turnout:
    reports = result_handlers.turnout_reports(uow, [case.id for case in ballot.cases], ballot)
    if ballot.result is not None:
        reports.append(Returned(ballot.closes_on, ballot.result["cast"]))
    return turnout(
        [Returned(min(each.on, ballot.closes_on), each.cast) for each in reports],
        entitled=ballot.entitled,
        share=_shares(uow, ballot)[0],
        opens_on=ballot.opens_on,
        closes_on=ballot.closes_on,
        today=uow.today,
    )


def _shares(uow: UnitOfWork, ballot: Ballot) -> tuple[Any, Any]:
    """The shares that must vote and must vote Yes; None where the law asks for none, or has no answer."""
    law = Consultation(uow.law, Nation(ballot.nation))
    try:
        found = thresholds_for(ballot.opens_on, Service(ballot.service), law)
    except NoLawInForce:
        return None, None
    return found.turnout, found.support


def _needed(uow: UnitOfWork, ballot: Ballot) -> Needed:
    share, support = _shares(uow, ballot)
    asked = papers.timetable_of(uow, ballot).thresholds
    return Needed(
        least(ballot.entitled, share) if share is not None else None,
        least(ballot.entitled, support) if support is not None else None,
        asked.why.as_dict() if asked is not None else None,
    )


def _actions(uow: UnitOfWork, cases: Sequence[Case], ballot: Ballot) -> list[str]:
    found = [action for case in cases for action in repository.actions_of(uow, case.id)]
    return [papers.action_ref(each.id) for each in found if each.mandate.ballot_id == ballot.id]


def schools_of(uow: UnitOfWork, ballot: Ballot, cases: Sequence[Case]) -> tuple[VotingSchool, ...]:
    """Those of a ballot's cases that are given, each with the day it left the dispute, if it did."""
    left = {part.case_id: part.settled_on for part in parts_in(uow, ballot.dispute_id)}
    return tuple(
        VotingSchool(case.ref, case.workplace.name, case.workplace.number, case.stage, left.get(case.id))
        for case in cases
    )


def _events(
    uow: UnitOfWork, ballot: Ballot, cases: Sequence[Case], noted: Sequence[EventLine]
) -> tuple[EventLine, ...]:
    """What happened to the ballot, once however many schools vote in it; what was recorded last first."""
    wanted = (
        select(CaseEvent)
        .where(CaseEvent.case_id.in_([case.id for case in cases]), CaseEvent.kind.in_(OF_A_BALLOT))
        .order_by(CaseEvent.case_id, CaseEvent.seq)
    )
    ours: list[CaseEvent] = []
    for _, rows in groupby(uow.session.scalars(wanted), key=lambda row: row.case_id):
        opened = None
        for row in rows:
            opened = row.facts["ballot_id"] if row.kind is EventKind.BALLOT_OPENED else opened
            if row.facts.get("ballot_id", opened) == str(ballot.id):
                ours.append(row)
    return told_once(ours, noted)


def parts_shown(lines: Sequence[Line]) -> dict[Part, tuple[Line, ...]]:
    """The lines of each part that has any, in their order."""
    found = {part: tuple(line for line in lines if line.part is part) for part in Part}
    return {part: lines for part, lines in found.items() if lines}


TURNOUT_COLUMNS = ("day", "papers_returned", "of_entitled", "papers_asked_for", "still_lacking")


def turnout_rows(page: BallotPage) -> list[tuple[object, ...]]:
    """The counts as rows of `TURNOUT_COLUMNS`, with those of the forecast marked as such."""
    found = page.turnout
    rows: list[tuple[object, ...]] = [
        (each.on, each.cast, found.entitled, found.needed, max(0, (found.needed or 0) - each.cast))
        for each in found.reports
    ]
    if found.forecast is not None:
        for words, papers_then in (
            ("latest pace", found.forecast.at_the_latest_pace),
            ("pace so far", found.forecast.at_the_pace_so_far),
        ):
            lacking = max(0, (found.needed or 0) - papers_then)
            rows.append(
                (
                    f"{found.forecast.by.isoformat()} (forecast, {words})",
                    papers_then,
                    found.entitled,
                    found.needed,
                    lacking,
                )
            )
    return rows
