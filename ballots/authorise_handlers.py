"""Use case of authorising a ballot: of one school, or of several schools of one dispute together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from ballots import repository
from ballots.authorisation import employer_findings, in_time, unscrutinised
from ballots.constituency import Voter, constituency_findings, entitled_to_vote
from ballots.deadlines import set_ballot_deadlines
from ballots.handlers import record_for_all
from ballots.joining import SchoolOfBallot, aggregate_findings
from ballots.law_relied_on import rest_on_result
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.models import Ballot, BallotCase, BallotLeg, BallotScope, EntitledToVote
from ballots.offers import NOT_OVER
from ballots.result import Service
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts, Timetable, VotingMethod
from casework import disputes
from casework import repository as cases
from casework.cases import Case
from casework.disputes import Dispute
from casework.lifecycle import EventKind, Stage
from casework.register import links
from casework.register.models import Officer
from core.errors import BadInput, Conflict, RuleViolation, StageError
from core.findings import Finding, stops
from core.law_findings import stale_stops
from core.law_use import Observed
from core.nations import Nation
from core.settings import settings
from core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """How members vote; for another way than by post the officer who answers for it, and the assessment."""

    method: VotingMethod = VotingMethod.POSTAL
    assessed_by: uuid.UUID | None = None
    assessment: str | None = None

    def facts(self) -> dict[str, str]:
        """What the authorisation keeps of it: nothing for the post, which is what the law has."""
        if self.method is VotingMethod.POSTAL:
            return {}
        return {
            "method": self.method.value,
            "assessed_by": f"officer:{self.assessed_by}",
            "assessment": self.assessment or "",
        }


BY_POST = MethodChoice()


def authorise_ballot(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    *,
    questions: Sequence[ActionKind],
    opens_on: date,
    closes_on: date,
    scope: BallotScope = BallotScope.SEPARATE,
    chosen: MethodChoice = BY_POST,
    key: str | None = None,
) -> Ballot:
    """
    Authorise a ballot: freeze who is entitled to vote and fix the timetable.

    Separate, it is the ballot of the case's own workplace; aggregate, one of every school of the dispute that is at the
    preparation of a ballot and has none under way. `RuleViolation` with the findings when a stop stands, among them an
    opening day too near for the notice.
    """
    case = cases.get(uow, case_id, for_update=True)
    dispute = disputes.hold_by_ref(uow, _dispute_without_ballot(uow, case).ref)
    covered = [case] if scope is BallotScope.SEPARATE else _ready(uow, dispute, case)
    opposite = repository.employers_in(uow, dispute.id)
    workplaces = [each.workplace for each in covered]
    places = frozenset(each.id for each in workplaces)
    voters = entitled_to_vote(repository.voters_at(uow, workplaces), places, uow.today)
    together = len(voters) + repository.entitled_beside(uow, dispute.id, covered, planned=True)
    nation = Nation(case.workplace.nation)
    facts = BallotFacts(opens_on, closes_on, nation, entitled=together or None, method=chosen.method, today=uow.today)
    _require_assessor(uow, chosen)
    law = Observed(uow.law)
    dates = timetable(facts, law)
    if not stops(dates.findings):
        rest_on_result(law, nation, opens_on, Service(case.workplace.service))
    found = (
        *(found for each in covered for found in employer_findings(each.workplace, opposite.get(each.id))),
        *links.findings_on(uow, workplaces, max(uow.today, opens_on)),
        *constituency_findings(voters, places),
        *_scope_findings(uow, dispute, covered, scope, dates),
        *dates.findings,
        *in_time(dates, uow.today),
        *stale_stops(law.given(), uow.today),
    )
    if stops(found):
        raise RuleViolation("The ballot cannot be authorised.", tuple(dict.fromkeys(stops(found))))
    ballot = _new_ballot(uow, case, dispute, questions, facts)
    ballot.scope, ballot.entitled = scope, len(voters)
    ballot.scrutineer = settings().scrutineer if dates.scrutineer and dates.scrutineer.required else None
    _freeze(uow, ballot, covered, voters)
    recorded = {
        "ballot_id": str(ballot.id),
        "scope": scope.value,
        "workplaces": len(covered),
        "questions": [kind.value for kind in questions],
        "opens_on": opens_on,
        "closes_on": closes_on,
        "entitled": len(voters),
        **chosen.facts(),
    }
    record_for_all(uow, ballot, EventKind.BALLOT_AUTHORISED, recorded, key=key)
    set_ballot_deadlines(uow, ballot, dates)
    return ballot


def _require_assessor(uow: UnitOfWork, chosen: MethodChoice) -> None:
    if chosen.assessed_by is None:
        return
    officer = uow.session.get(Officer, chosen.assessed_by)
    if officer is None or not officer.active:
        raise BadInput(field="assessed_by", found=str(chosen.assessed_by), wanted="the id of an active officer")


def _dispute_without_ballot(uow: UnitOfWork, case: Case) -> Dispute:
    """The live dispute of a case, which has no ballot under way."""
    dispute = disputes.live_dispute_of(uow, case.id)
    if dispute is None:
        wanted = "a ballot before its dispute is declared"
        raise StageError(f"Case {case.ref}", case.stage, wanted, (EventKind.DISPUTE_DECLARED, EventKind.DISPUTE_JOINED))
    standing = repository.ballot_of(uow, case.id)
    if standing is not None and repository.is_under_ballot(uow, case.id):
        raise Conflict(f"The ballot {standing.ref} of this case is not over; cancel it before authorising another.")
    return dispute


def _ready(uow: UnitOfWork, dispute: Dispute, asking: Case) -> list[Case]:
    """The cases of a dispute that could vote in one ballot now: another one that rests is left to rest."""
    return [
        case
        for case in disputes.cases_in(uow, dispute.id)
        if case.stage is Stage.BALLOT_PREPARATION
        and (case.wake_on is None or case.id == asking.id)
        and not repository.is_under_ballot(uow, case.id)
    ]


def _scope_findings(
    uow: UnitOfWork, dispute: Dispute, covered: Sequence[Case], scope: BallotScope, dates: Timetable
) -> tuple[Finding, ...]:
    """What the other ballots of the dispute, or the other schools in this one, have against it."""
    under_way = [each for each in repository.ballots_in(uow, dispute.id) if each.stage in NOT_OVER]
    found = unscrutinised(dates, [each.ref for each in under_way if each.scrutineer is None])
    if scope is BallotScope.SEPARATE:
        return found
    schools = [
        SchoolOfBallot(
            case.workplace.name,
            frozenset(row.code for row in case.issues),
            str(case.workplace.nation),
            str(case.workplace.service),
        )
        for case in covered
    ]
    return (*found, *aggregate_findings(schools, frozenset(dispute.matters)))


def _freeze(uow: UnitOfWork, ballot: Ballot, covered: Sequence[Case], voters: Iterable[Voter]) -> None:
    """Keep the list of those entitled to vote as it stands now; every paper's figures are counted from it."""
    employers = dict.fromkeys(case.workplace.employer_id for case in covered)
    uow.session.add_all([ballot, *(BallotLeg(ballot_id=ballot.id, employer_id=each) for each in employers)])
    uow.session.flush()
    uow.session.add_all(BallotCase(ballot_id=ballot.id, case_id=case.id) for case in covered)
    uow.session.add_all(
        EntitledToVote(
            ballot_id=ballot.id,
            member_id=voter.member_id,
            employer_id=voter.employer_id,
            workplace_id=voter.workplace_id,
            category=voter.category,
        )
        for voter in voters
    )
    uow.session.flush()
    uow.session.refresh(ballot)


def _new_ballot(
    uow: UnitOfWork, case: Case, dispute: Dispute, questions: Sequence[ActionKind], facts: BallotFacts
) -> Ballot:
    of_dispute = select(func.count()).select_from(Ballot).where(Ballot.dispute_id == dispute.id)
    ordinal = (uow.session.scalar(of_dispute) or 0) + 1
    chosen = settings()
    return Ballot(
        id=uuid.uuid4(),
        ref=f"B{dispute.ref.removeprefix('D')}-{ordinal}",
        dispute_id=dispute.id,
        stage=BallotStage.PLANNED,
        nation=facts.nation.value,
        service=str(case.workplace.service),
        method=facts.method.value,
        questions=[kind.value for kind in questions],
        opens_on=facts.opens_on,
        closes_on=facts.closes_on,
        caller=chosen.caller,
        return_address=chosen.voting_paper_return_address,
        authorised_on=uow.today,
        authorised_by=uow.actor,
    )
