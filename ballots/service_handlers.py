"""What is recorded and found of who is served and where: confirmed addresses, employers that are given no notice."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from ballots import completeness, offers, papers, repository
from ballots.handlers import look_at_all
from ballots.models import Ballot, EntitledToVote
from casework import disputes, handlers, service_addresses
from casework.disputes import DisputeCase
from casework.lifecycle import Stage
from casework.register.models import Employer
from core import history
from core.errors import BadInput, Conflict
from core.findings import Finding
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork, asked_once

LEFT_OUT = "ballots:employer:left_out"
SERVED_AT = frozenset({Stage.BALLOT_PREPARATION, Stage.ASOS_AUTHORISED, Stage.STRIKE_ESCALATION})
"""The stages at which papers go to an employer."""


def confirm_address(uow: UnitOfWork, case_id: uuid.UUID, served_at: str, how: str) -> None:
    """
    Whoever acts has checked where the employer of a case in dispute is served. `Conflict` without a dispute, and for an
    address that the register does not give by now.
    """
    part = _part(uow, case_id)
    if part is None:
        raise Conflict("An address is confirmed for a dispute, and this case is in none. Declare the dispute first.")
    service_addresses.confirm(uow, part.leg.dispute_id, part.leg.employer, served_at, how)
    handlers.look_at(uow, case_id)


def served_at(uow: UnitOfWork, case_id: uuid.UUID) -> str:
    """Where the employer of a case in dispute is served, in one line; empty without an address or a dispute."""
    part = _part(uow, case_id)
    return "" if part is None else service_addresses.in_one_line(part.leg.employer)


def address_findings(uow: UnitOfWork, case_id: uuid.UUID) -> tuple[Finding, ...]:
    """Whether too few confirmed where the employer of a case is served; nothing while no paper goes there."""
    part = _part(uow, case_id)
    if part is None or part.case.stage not in SERVED_AT:
        return ()
    return service_addresses.findings(uow, part.leg.dispute_id, [part.leg.employer])


def _part(uow: UnitOfWork, case_id: uuid.UUID) -> DisputeCase | None:
    """The part of a case in a dispute that it has not settled."""
    part = disputes.part_of(uow, case_id)
    return None if part is None or part.settled_on is not None else part


def may_confirm(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether an address is left to confirm."""
    return bool(address_findings(uow, case_id))


def leave_out(uow: UnitOfWork, case_id: uuid.UUID, employer_id: uuid.UUID, reason: str) -> None:
    """Record why an employer of those entitled to vote is given no notice of the ballot."""
    ballot = offers.current_ballot(uow, case_id, "Leaving an employer out", *offers.NOT_SERVED)
    missing = {each.id: each for each in unanswered(uow, ballot)}
    if employer_id not in missing:
        raise BadInput(field="left_out", found=str(employer_id), wanted="an employer that is given no notice")
    facts = {"employer": employer_id, "reason": reason}
    history.record(uow, LEFT_OUT, papers.ballot_ref(ballot.id), facts)
    look_at_all(uow, case_id, papers.ballot_ref(ballot.id))


def may_leave_out(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether an employer of those entitled to vote is neither given notice nor left out for a reason."""
    ballot = repository.ballot_of(uow, case_id)
    return ballot is not None and ballot.stage in offers.NOT_SERVED and bool(unanswered(uow, ballot))


@asked_once
def unanswered(uow: UnitOfWork, ballot: Ballot) -> Sequence[Employer]:
    """The employers of those entitled to vote that are neither given notice nor left out for a reason, by name."""
    answered = {leg.employer_id for leg in ballot.legs} | set(_left_out(uow, ballot))
    ids = set(_owed(uow, ballot)) - answered
    return uow.session.scalars(select(Employer).where(Employer.id.in_(ids)).order_by(Employer.name)).all()


def completeness_of(uow: UnitOfWork, ballot: Ballot) -> tuple[Finding, ...]:
    """Whether the employers of those entitled to vote are those given notice, and those left out for a reason."""
    owed, left_out = _owed(uow, ballot), _left_out(uow, ballot)
    served = {leg.employer_id for leg in ballot.legs}
    if owed.keys() == served | left_out.keys():
        return ()
    ids = {*owed, *served, *left_out}
    rows = uow.session.execute(select(Employer.id, Employer.name, Employer.register_key).where(Employer.id.in_(ids)))
    named = {row.id: f"{row.name} ({row.register_key})" for row in rows}
    return completeness.issues(
        {named[each]: count for each, count in owed.items()},
        {named[each] for each in served},
        {named[each]: reason for each, reason in left_out.items()},
    )


@asked_once
def _owed(uow: UnitOfWork, ballot: Ballot) -> Mapping[uuid.UUID, int]:
    counted = (
        select(EntitledToVote.employer_id, func.count())
        .where(EntitledToVote.ballot_id == ballot.id)
        .group_by(EntitledToVote.employer_id)
    )
    return dict(uow.session.execute(counted).tuples().all())


@asked_once
def _left_out(uow: UnitOfWork, ballot: Ballot) -> Mapping[uuid.UUID, str]:
    rows = select(HistoryEntry).where(
        HistoryEntry.subject == papers.ballot_ref(ballot.id), HistoryEntry.action == LEFT_OUT
    )
    found = uow.session.scalars(rows.order_by(HistoryEntry.seq))
    return {uuid.UUID(row.facts["employer"]): row.facts["reason"] for row in found}
