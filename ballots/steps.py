"""
Steps of a ballot: what the system does by itself for one case once the facts allow it.

Each re-reads, does what is due and may run twice: the second run finds nothing left to do.
"""

from __future__ import annotations

import uuid
from datetime import date
from functools import partial

from ballots import barrister, law_relied_on, papers, receipts, repository, scrutineers, service_handlers
from ballots.deadlines import set_ballot_deadlines as set_deadlines_of
from ballots.handlers import call_off, record_for_all
from ballots.lifecycle import BallotStage, moved
from ballots.models import Ballot, BallotLeg
from ballots.readiness import BallotReadiness, LegReadiness, PaperReceived, issues_before_opening
from casework import parties, service_addresses
from casework.deadlines import DeadlineKind, meet
from casework.lifecycle import EventKind
from casework.register import links
from casework.register.models import Member
from core.findings import Finding, stops
from core.unit_of_work import UnitOfWork
from notifications import listing, outbox
from notifications.messages import Message
from notifications.models import Notice

AHEAD = frozenset({BallotStage.PLANNED, BallotStage.NOTICED, BallotStage.OPEN})


def set_ballot_deadlines(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Set the statutory days of a ballot again, from the law files and calendar of today; what stands already stays."""
    ballot = repository.ballot_of(uow, case_id)
    if ballot is not None and ballot.stage in AHEAD:
        set_deadlines_of(uow, ballot, papers.timetable_of(uow, ballot))


def prepare_ballot_notices(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Make the papers that each employer is owed before the ballot, and instruct the scrutineer."""
    ballot = repository.ballot_of(uow, case_id)
    if ballot is None or ballot.stage is not BallotStage.PLANNED:
        return
    for leg in ballot.legs:
        if not repository.papers(uow, papers.ballot_ref(ballot.id), "notice_of_ballot", f"employer:{leg.employer_id}"):
            papers.prepare_ballot_papers(uow, ballot, leg)
    scrutineers.instruct(uow, ballot)


def serve_ballot_notices(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    Queue the approved papers; once every employer is shown to have both, the ballot counts as noticed. A day that was
    met by a receipt is open again where nothing shows that receipt any more, however far the ballot has come.
    """
    ballot = repository.ballot_of(uow, case_id)
    if ballot is None:
        return
    receipts.follow_ballot(uow, ballot)
    if ballot.stage is not BallotStage.PLANNED:
        return
    owed = [each for each in listing.to_others(uow, papers.ballot_ref(ballot.id)) if each.kind in papers.BALLOT_PAPERS]
    against = partial(barrister.against_ballot, uow, ballot)
    barrister.queue_unless_stopped(uow, papers.ballot_ref(ballot.id), owed, against)
    received = {kind: receipts.received_by_all(uow, ballot, kind) for kind in papers.BALLOT_PAPERS}
    for kind, days in received.items():
        if days:
            for case in repository.cases_under(uow, ballot):
                meet(uow, case.id, receipts.MET_BY_BALLOT[kind], max(days))
    if all(received.values()):
        ballot.stage = moved(ballot.stage, BallotStage.NOTICED)
        facts = {"ballot_id": str(ballot.id), **{kind: max(days) for kind, days in received.items() if days}}
        record_for_all(uow, ballot, EventKind.BALLOT_NOTICES_SERVED, facts)


def readiness_of(uow: UnitOfWork, ballot: Ballot) -> tuple[Finding, ...]:
    """What still stands between a ballot and its opening, and the warns of the other side's barrister."""
    return (*_issues_of(uow, ballot), *barrister.weighty(barrister.against_ballot(uow, ballot)))


def _issues_of(uow: UnitOfWork, ballot: Ballot) -> tuple[Finding, ...]:
    parts, served = repository.parts_in_ballot(uow, ballot), {leg.employer_id for leg in ballot.legs}
    facts = BallotReadiness(
        legs=[_leg_readiness(uow, ballot, leg) for leg in ballot.legs],
        entitled_frozen=ballot.entitled,
        entitled_listed=repository.entitled_count(uow, ballot.id),
        settled=[part.case.workplace.name for part in parts if part.settled_on is not None],
        elsewhere=[part.case.workplace.name for part in parts if part.leg.employer_id not in served],
        # Who employs on the opening day is who is owed the notice.
        standing=links.findings_on(uow, [case.workplace for case in ballot.cases], max(uow.today, ballot.opens_on)),
    )
    employers = [leg.employer for leg in ballot.legs]
    return (
        *issues_before_opening(facts),
        *service_handlers.completeness_of(uow, ballot),
        *stops(service_addresses.findings(uow, ballot.dispute_id, employers)),
        *law_relied_on.ballot_stops(uow, ballot),
    )


def _leg_readiness(uow: UnitOfWork, ballot: Ballot, leg: BallotLeg) -> LegReadiness:
    subject, recipient = papers.ballot_ref(ballot.id), f"employer:{leg.employer_id}"
    return LegReadiness(
        _paper_received(uow, repository.papers(uow, subject, "notice_of_ballot", recipient)),
        _paper_received(uow, repository.papers(uow, subject, "sample_voting_paper", recipient)),
    )


def _paper_received(uow: UnitOfWork, copies: list[Notice]) -> PaperReceived:
    return PaperReceived(
        prepared=bool(copies),
        approved=any(copy.approved_by for copy in copies),
        received_on=repository.received_on(uow, copies),
    )


def open_ballot(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Open the ballot on its opening day, if nothing stands in its way; otherwise it stays shut and says why."""
    ballot = repository.ballot_of(uow, case_id)
    if ballot is None or ballot.stage is not BallotStage.NOTICED or ballot.opens_on > uow.today:
        return
    against = barrister.against_ballot(uow, ballot)
    if stops((*_issues_of(uow, ballot), *against.findings)):
        return
    barrister.remember(uow, papers.ballot_ref(ballot.id), against)
    ballot.stage = moved(ballot.stage, BallotStage.OPEN)
    facts = {"ballot_id": str(ballot.id), "entitled": ballot.entitled}
    record_for_all(uow, ballot, EventKind.BALLOT_OPENED, facts, happened_on=ballot.opens_on)
    for case in repository.cases_under(uow, ballot):
        meet(uow, case.id, DeadlineKind.BALLOT_OPENS, ballot.opens_on)


def close_ballot(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Close the ballot once its last day of voting is over."""
    ballot = repository.ballot_of(uow, case_id)
    if ballot is None or ballot.stage is not BallotStage.OPEN or ballot.closes_on >= uow.today:
        return
    ballot.stage = moved(ballot.stage, BallotStage.CLOSED)
    facts = {"ballot_id": str(ballot.id)}
    record_for_all(uow, ballot, EventKind.BALLOT_CLOSED, facts, happened_on=ballot.closes_on)
    for case in repository.cases_under(uow, ballot):
        meet(uow, case.id, DeadlineKind.BALLOT_CLOSES, ballot.closes_on)


def tell_result(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    Tell members and employers the declared result (ss. 231, 231A).

    Whoever declared it approved these figures; members are told by mail, employers by letter and mail.
    """
    declared = repository.ballots_of(uow, case_id, BallotStage.DECLARED)
    for ballot in declared:
        _tell(uow, ballot)
    last = max((ballot.declared_on or date.min for ballot in declared), default=None)
    # The duty that is open is that of the result declared last, which may be of an earlier ballot.
    just = [ballot for ballot in declared if ballot.declared_on == last]
    received = [receipts.received_by_all(uow, ballot, receipts.RESULT) for ballot in just]
    for ballot, days in zip(just, received, strict=True):
        receipts.follow_ballot(uow, ballot, papers.BALLOT_PAPERS if days else receipts.MET_BY_BALLOT)
    if received and all(received):
        for case_id_told in sorted({case.id for ballot in just for case in ballot.cases}):
            meet(uow, case_id_told, DeadlineKind.RESULT_TO_EMPLOYERS, max(map(max, received)))


def _tell(uow: UnitOfWork, ballot: Ballot) -> None:
    if ballot.told_members_on is None and ballot.result is not None:
        for leg in ballot.legs:
            _tell_members(uow, ballot, leg)
            prepared = papers.prepare_result(uow, ballot, leg, ballot.result)
            papers.approve_all(uow, prepared, ballot.result["declared_by"])
            papers.queue_approved(uow, prepared)
        ballot.told_members_on = uow.today
        for case in ballot.cases:
            meet(uow, case.id, DeadlineKind.RESULT_TO_MEMBERS, uow.today)


def _tell_members(uow: UnitOfWork, ballot: Ballot, leg: BallotLeg) -> None:
    facts, law = papers.result_facts(uow, ballot, leg, ballot.result or {})
    message = Message("ballot_result_members", facts, law)
    subject = papers.ballot_ref(ballot.id)
    for row in repository.entitled(uow, ballot.id):
        if row.employer_id != leg.employer_id:
            continue
        to = parties.member(uow.session.get_one(Member, row.member_id))
        notice = outbox.prepare(uow, message, to, medium=to.best_medium, subject_ref=subject)
        papers.approve_all(uow, [notice], (ballot.result or {})["declared_by"])
        papers.queue_approved(uow, [notice])


def abandon_ballots(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    Cancel each ballot that is not over although its cases settled; papers that are still here stay here.

    One whose voting was over before the settlement was held: it closes, and its result is told like any other (s. 231).
    Where only some of its cases settled, a ballot that has not opened is cancelled for the others too, since it would
    ask people who are not in dispute any more (s. 227(1)); one that is open goes on.
    """
    for ballot in repository.ballots_of(uow, case_id, BallotStage.PLANNED, BallotStage.NOTICED, BallotStage.OPEN):
        parts = repository.parts_in_ballot(uow, ballot)
        left = [part.settled_on for part in parts if part.settled_on is not None]
        if left and len(left) == len(parts):
            _abandon(uow, ballot, max(left))
        elif left and ballot.stage is not BallotStage.OPEN:
            call_off(uow, ballot, "one of its schools settled; the others can be balloted without it")


def _abandon(uow: UnitOfWork, ballot: Ballot, settled_on: date) -> None:
    if ballot.stage is BallotStage.OPEN and ballot.closes_on < settled_on:
        ballot.stage = moved(ballot.stage, BallotStage.CLOSED)
        return
    call_off(uow, ballot, "the dispute was settled")
