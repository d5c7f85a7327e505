"""Whether ballots, their results and their mandates are what the events of their cases say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ballots.mandate import mandate_period
from ballots.models import Ballot, BallotScope, MandateRow
from ballots.timetable_facts import VotingMethod
from casework.audit import fault
from casework.cases import CaseEvent
from casework.lifecycle import EventKind
from core.findings import Finding
from core.law import Consultation
from core.nations import Nation
from core.reading import UNREADABLE, read_each
from core.unit_of_work import UnitOfWork

Told = Mapping[str, Mapping[str, Any]]
"""The facts of an event of a kind, by the ballot's id."""
BESIDE_THE_RESULT = frozenset({"ballot_id", "mandates"})


def audit_ballots(uow: UnitOfWork) -> Iterator[Finding]:
    """Each ballot against its authorisation and its result, each mandate against the result and the law files."""
    authorised, declared = (_told(uow, kind) for kind in (EventKind.BALLOT_AUTHORISED, EventKind.RESULT_DECLARED))
    for ref, ballot in read_each(uow.session, select(Ballot).options(selectinload(Ballot.legs)), Ballot.ref):
        if ballot is None:
            yield fault("row_unreadable", ref, "The row of this ballot cannot be read.")
            continue
        yield from _ballot_faults(ballot, authorised.get(str(ballot.id), {}))
        yield from _result_faults(ballot, declared.get(str(ballot.id)))
        yield from _mandate_faults(uow, ballot, declared.get(str(ballot.id), {}))


def _told(uow: UnitOfWork, kind: EventKind) -> Told:
    of_kind = select(CaseEvent).where(CaseEvent.kind == kind)
    found: dict[str, Mapping[str, Any]] = {}
    for _, event in read_each(uow.session, of_kind, CaseEvent.id):
        if event is None or not isinstance(event.facts, dict):
            continue
        ballot, standing = str(event.facts.get("ballot_id")), found.get(str(event.facts.get("ballot_id")), {})
        # Of the cases of one ballot, those that settled before its result hear that it gave them no mandate.
        if len(event.facts.get("mandates") or ()) >= len(standing.get("mandates") or ()):
            found[ballot] = event.facts
    return found


def _ballot_faults(ballot: Ballot, told: Mapping[str, Any]) -> Iterator[Finding]:
    stored = {
        "scope": ballot.scope.value,
        "opens_on": ballot.opens_on.isoformat(),
        "closes_on": ballot.closes_on.isoformat(),
        "questions": sorted(ballot.questions),
        "entitled": ballot.entitled,
        "method": ballot.method,
    }
    told = {"scope": BallotScope.SEPARATE.value, "method": VotingMethod.POSTAL.value, **told}
    if stored != {name: told.get(name) for name in stored} | {"questions": sorted(told.get("questions", ()))}:
        yield fault("ballot_changed", ballot.ref, "The ballot is not what the event of its authorisation says.")


def _result_faults(ballot: Ballot, told: Mapping[str, Any] | None) -> Iterator[Finding]:
    declared = {name: value for name, value in told.items() if name not in BESIDE_THE_RESULT} if told else None
    if declared != ballot.result:
        yield fault("result_changed", ballot.ref, "The result is not what the event of its declaration says.")


def _mandate_faults(uow: UnitOfWork, ballot: Ballot, told: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        rows = uow.session.scalars(select(MandateRow).filter_by(ballot_id=ballot.id)).all()
    except UNREADABLE:
        yield fault("row_unreadable", ballot.ref, "A mandate of this ballot cannot be read.")
        return
    stored = {(row.employer_id, row.kind.value) for row in rows}
    if stored != {(leg.employer_id, kind) for leg in ballot.legs for kind in told.get("mandates", ())}:
        yield fault("mandate_changed", ballot.ref, "The mandates are not those that the result gave.")
    law = Consultation(uow.law, Nation(ballot.nation))
    period, _ = mandate_period(ballot.opens_on, ballot.closes_on, law)
    wanted = (period.first_day, period.last_day, period.last_day_lenient, period.begins_by)
    if any((row.first_day, row.last_day, row.last_day_lenient, row.begins_by) != wanted for row in rows):
        yield fault("mandate_changed", ballot.ref, "A mandate's days are not those that the law files give its ballot.")
