"""Use cases of ballots: authorising, approving, receiving, reporting, declaring the result."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from ballots import offers, papers, repository, scrutineers
from ballots.authorisation import employer_findings, in_time
from ballots.constituency import Voter, constituency_findings, entitled_to_vote
from ballots.deadlines import OF_THE_VOTING, set_ballot_deadlines, set_result_deadlines
from ballots.lifecycle import BallotStage, moved
from ballots.mandate import ActionKind, mandate_period
from ballots.models import Ballot, BallotCase, BallotLeg, EntitledToVote, MandateRow
from ballots.result import Count, Result, Service, Votes, result
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from casework import disputes, handlers
from casework import repository as cases
from casework.cases import Case
from casework.deadlines import DeadlineKind, cancel, meet
from casework.disputes import DisputeCase
from casework.lifecycle import HEARS_A_LATE_RESULT, EventKind, allowed_kinds
from casework.register import links
from core import history
from core.errors import BadInput, Conflict, NotFound, RuleViolation, StageError
from core.findings import Finding, Severity, stops
from core.law import Consultation
from core.nations import Nation
from core.people import two_people
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import outbox, proof


def authorise_ballot(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    *,
    questions: Sequence[ActionKind],
    opens_on: date,
    closes_on: date,
    key: str | None = None,
) -> None:
    """
    Authorise a postal ballot of the case's workplace: freeze who is entitled to vote and fix the timetable.

    `RuleViolation` with the findings when a stop stands, among them an opening day too near for the notice.
    """
    case = cases.get(uow, case_id, for_update=True)
    dispute = _dispute_without_ballot(uow, case)
    workplace = case.workplace
    place = frozenset({workplace.id})
    voters = entitled_to_vote(repository.voters_at(uow, [workplace]), place, uow.today)
    facts = BallotFacts(opens_on, closes_on, Nation(workplace.nation), entitled=len(voters) or None, today=uow.today)
    dates = timetable(facts, uow.law)
    found = (
        *employer_findings(case.workplace),
        *links.findings_on(uow, [case.workplace], max(uow.today, opens_on)),
        *constituency_findings(voters, place),
        *dates.findings,
        *in_time(dates, uow.today),
    )
    if stops(found):
        raise RuleViolation("The ballot cannot be authorised.", stops(found))
    ballot = _new_ballot(uow, case, dispute, questions, facts)
    ballot.scrutineer = settings().scrutineer if dates.scrutineer and dates.scrutineer.required else None
    _freeze(uow, ballot, case, voters)
    recorded = {
        "ballot_id": str(ballot.id),
        "questions": [kind.value for kind in questions],
        "opens_on": opens_on,
        "closes_on": closes_on,
        "entitled": len(voters),
    }
    handlers.record(uow, case_id, EventKind.BALLOT_AUTHORISED, recorded, key=key)
    set_ballot_deadlines(uow, ballot, dates)


def _dispute_without_ballot(uow: UnitOfWork, case: Case) -> disputes.Dispute:
    """The live dispute of a case, which has no ballot under way."""
    dispute = disputes.live_dispute_of(uow, case.id)
    if dispute is None:
        wanted = "a ballot before its dispute is declared"
        raise StageError(f"Case {case.ref}", case.stage, wanted, (EventKind.DISPUTE_DECLARED, EventKind.DISPUTE_JOINED))
    standing = repository.ballot_of(uow, case.id)
    if standing is not None and repository.is_under_ballot(uow, case.id):
        raise Conflict(f"The ballot {standing.ref} of this case is not over; cancel it before authorising another.")
    return dispute


def _freeze(uow: UnitOfWork, ballot: Ballot, case: Case, voters: Iterable[Voter]) -> None:
    """Keep the list of those entitled to vote as it stands now; every paper's figures are counted from it."""
    uow.session.add_all([ballot, BallotLeg(ballot_id=ballot.id, employer_id=case.workplace.employer_id)])
    uow.session.flush()
    uow.session.add(BallotCase(ballot_id=ballot.id, case_id=case.id))
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
    uow: UnitOfWork, case: Case, dispute: disputes.Dispute, questions: Sequence[ActionKind], facts: BallotFacts
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
        entitled=facts.entitled or 0,
        authorised_on=uow.today,
        authorised_by=uow.actor,
    )


def approve_ballot_notices(uow: UnitOfWork, case_id: uuid.UUID, _key: str | None = None) -> None:
    """A second person approves the bytes of a ballot's papers, as they stand."""
    ballot = offers.current_ballot(uow, case_id, "Approving the papers", *offers.NOT_SERVED)
    require_second_person(uow.actor, ballot.authorised_by, "the ballot")
    waiting = offers.ballot_papers(uow, ballot)
    if not waiting:
        raise Conflict(f"The papers of the ballot {ballot.ref} are not prepared yet; that happens at the next sweep.")
    if not papers.approve_all(uow, waiting, uow.actor):
        raise Conflict(f"The papers of the ballot {ballot.ref} are approved already. Next their receipt is recorded.")
    handlers.look_at(uow, case_id)


def require_second_person(actor: str, first: str, what: str) -> None:
    """`RuleViolation` when the approver is the person who authorised."""
    if two_people(actor, first):
        return
    finding = Finding(
        "second_person_wanted",
        Severity.STOP,
        f"Whoever authorised {what} cannot also approve its papers.",
        "Have another officer read and approve them.",
    )
    raise RuleViolation("The papers cannot be approved.", (finding,))


def receive_notice(
    uow: UnitOfWork, case_id: uuid.UUID, *, notice_id: uuid.UUID, received_on: date, how: proof.ReceiptKind
) -> None:
    """Record proof that a paper about this case reached its recipient; the flow then draws what follows."""
    notice = outbox.get(uow, notice_id)
    if notice.subject_ref not in subjects_of(uow, case_id):
        raise NotFound("notice of this case with the id", notice_id)
    proof.record_receipt(
        uow,
        notice_id,
        evidence_class=proof.WORTH[how],
        kind=how,
        received_on=received_on,
        recorded_by=uow.actor,
    )
    handlers.look_at(uow, case_id)


def subjects_of(uow: UnitOfWork, case_id: uuid.UUID) -> frozenset[str]:
    """What the notices of a case are filed under: the case, its dispute, its ballots and its action."""
    ballots = uow.session.scalars(select(BallotCase.ballot_id).where(BallotCase.case_id == case_id))
    return frozenset(
        [
            f"case:{case_id}",
            *(f"dispute:{part.leg.dispute_id}" for part in disputes.parts_of(uow, case_id)),
            *(papers.ballot_ref(each) for each in ballots),
            *(papers.action_ref(each.id) for each in repository.actions_of(uow, case_id)),
        ]
    )


def cancel_ballot(uow: UnitOfWork, case_id: uuid.UUID, reason: str, key: str | None = None) -> None:
    """Cancel a ballot that is not over: papers still here are taken back, an instructed scrutineer is stood down."""
    ballot = offers.current_ballot(uow, case_id, "Cancelling the ballot", *offers.NOT_OVER)
    call_off(uow, ballot, reason, key)


def call_off(uow: UnitOfWork, ballot: Ballot, reason: str, key: str | None = None) -> None:
    """Cancel a ballot for every case that is still under it."""
    ballot.stage = moved(ballot.stage, BallotStage.CANCELLED)
    ballot.cancelled_reason = reason
    papers.take_back(uow, outbox.about(uow, papers.ballot_ref(ballot.id)), "the ballot was cancelled")
    scrutineers.stand_down(uow, ballot)
    facts = {"ballot_id": str(ballot.id), "reason": reason}
    record_for_all(uow, ballot, EventKind.BALLOT_CANCELLED, facts, key=key)
    for case in repository.cases_under(uow, ballot):
        cancel(uow, case.id, *OF_THE_VOTING)


def record_for_all(
    uow: UnitOfWork,
    ballot: Ballot,
    kind: EventKind,
    facts: Mapping[str, Any],
    *,
    happened_on: date | None = None,
    key: str | None = None,
) -> None:
    """
    Record an event of a ballot on every case it covers.

    A case that settled hears only what is told after the voting, and a result gives it no mandate. One of several that
    stands where the event means nothing (it was closed) is passed over.
    """
    for part in repository.parts_in_ballot(uow, ballot):
        if _hears(part, kind, alone=len(ballot.cases) == 1):
            given = facts if part.settled_on is None or "mandates" not in facts else {**facts, "mandates": []}
            own = f"{key}:{part.case_id}" if key and len(ballot.cases) > 1 else key
            handlers.record(uow, part.case_id, kind, given, happened_on=happened_on, key=own)


def _hears(part: DisputeCase, kind: EventKind, *, alone: bool) -> bool:
    stage = part.case.stage
    if part.settled_on is None:
        return alone or kind in allowed_kinds(stage)
    if kind is EventKind.RESULT_DECLARED:
        return stage in HEARS_A_LATE_RESULT
    return kind is EventKind.SCRUTINEER_REPORTED and kind in allowed_kinds(stage)


def report_turnout(uow: UnitOfWork, case_id: uuid.UUID, *, cast: int, key: str | None = None) -> None:
    """Note how many papers the scrutineer says have come back; a count and nothing else."""
    ballot = offers.current_ballot(uow, case_id, "Reporting the turnout", BallotStage.OPEN)
    _require_at_most(cast, ballot.entitled, "cast")
    _require_reported(uow, case_id, cast)
    record_for_all(uow, ballot, EventKind.TURNOUT_REPORTED, {"cast": cast, "entitled": ballot.entitled}, key=key)


def _require_reported(uow: UnitOfWork, case_id: uuid.UUID, cast: int) -> None:
    """Papers that came back do not go away again."""
    reported = 0
    for event in cases.events_of(uow, case_id):
        if event.kind is EventKind.BALLOT_OPENED:
            reported = 0
        elif event.kind is EventKind.TURNOUT_REPORTED:
            reported = event.facts["cast"]
    if cast < reported:
        raise BadInput(field="cast", found=cast, wanted=f"at least the {reported} reported before")


def _require_at_most(found: int, most: int, field: str) -> None:
    if found > most:
        raise BadInput(field=field, found=found, wanted=f"at most the {most} entitled to vote")


def declare_result(
    uow: UnitOfWork, case_id: uuid.UUID, *, entitled: int, cast: int, votes: Sequence[Votes], key: str | None = None
) -> None:
    """
    Declare the scrutineer's figures: the thresholds decide which mandates there are, and the duty to tell begins.

    The result of a ballot whose dispute was settled since is declared and told too, and gives no mandate.

    `BadInput` when the scrutineer's number entitled is not the frozen list's, or a question was not balloted.
    """
    ballot = offers.closed_ballot(uow, case_id)
    if entitled != ballot.entitled:
        raise BadInput(field="entitled", found=entitled, wanted=f"the {ballot.entitled} on the frozen list")
    _require_reported(uow, case_id, cast)
    asked = sorted(ballot.questions)
    if sorted(vote.kind.value for vote in votes) != asked:
        found = ", ".join(sorted(vote.kind.value for vote in votes)) or "nothing"
        raise BadInput(field="questions", found=found, wanted=" and ".join(asked))
    count = Count(
        ballot.opens_on,
        ballot.closes_on,
        entitled,
        tuple(votes),
        cast,
        Nation(ballot.nation),
        Service(ballot.service),
    )
    answer = result(count, uow.law)
    ballot.stage = moved(moved(ballot.stage, BallotStage.COUNTED), BallotStage.DECLARED)
    ballot.declared_on, ballot.result = uow.today, _stored(answer, count, uow.actor)
    won = [kind.value for kind, question in answer.questions.items() if question and question.mandate]
    kinds = won if repository.cases_under(uow, ballot) else []
    _give_mandates(uow, ballot, kinds)
    facts = {"ballot_id": str(ballot.id), "mandates": kinds, **ballot.result}
    for case in ballot.cases:
        meet(uow, case.id, DeadlineKind.BALLOT_CLOSES, ballot.closes_on)
    record_for_all(uow, ballot, EventKind.RESULT_DECLARED, facts, key=key)
    set_result_deadlines(uow, ballot)


def _stored(answer: Result, count: Count, declared_by: str) -> dict[str, Any]:
    questions = {kind.value: question for kind, question in answer.questions.items() if question}
    first = next(iter(questions.values()))
    return {
        "entitled": count.entitled,
        "cast": count.papers_cast,
        "turnout_met": first.turnout_met,
        "support_required": first.support_required,
        "support_met": all(question.support_met for question in questions.values()),
        "declared_by": declared_by,
        "questions": {
            kind: {
                "yes": question.yes,
                "no": question.no,
                "spoiled": question.spoiled,
                "mandate": question.mandate,
                "reasons": list(question.reasons),
                "short_by": question.short_by,
            }
            for kind, question in questions.items()
        },
    }


def _give_mandates(uow: UnitOfWork, ballot: Ballot, kinds: Iterable[str]) -> None:
    law = Consultation(uow.law, Nation(ballot.nation))
    period, _ = mandate_period(ballot.opens_on, ballot.closes_on, law)
    supported = {case.workplace_id for case in repository.cases_under(uow, ballot)}
    for leg in ballot.legs:
        places = [each for each in papers.workplaces_of(ballot, leg) if each.id in supported]
        for kind in kinds:
            uow.session.add(
                MandateRow(
                    ballot_id=ballot.id,
                    employer_id=leg.employer_id,
                    workplace_ids=[str(each.id) for each in places],
                    kind=ActionKind(kind),
                    first_day=period.first_day,
                    last_day=period.last_day,
                    last_day_lenient=period.last_day_lenient,
                    begins_by=period.begins_by,
                )
            )
    uow.session.flush()


def receive_scrutineer_report(
    uow: UnitOfWork, case_id: uuid.UUID, *, received_on: date, clean: bool, key: str | None = None
) -> None:
    """Note the scrutineer's report and whether it is without reservation."""
    ballot = offers.reported_ballot(uow, case_id)
    if received_on < ballot.closes_on:
        wanted = f"a day from the date of the ballot, {ballot.closes_on.isoformat()}"
        raise BadInput(field="received_on", found=received_on.isoformat(), wanted=wanted)
    facts = {"ballot_id": str(ballot.id), "clean": clean}
    record_for_all(uow, ballot, EventKind.SCRUTINEER_REPORTED, facts, happened_on=received_on, key=key)
    for case in ballot.cases:
        meet(uow, case.id, DeadlineKind.SCRUTINEER_REPORT, received_on)
    history.record(uow, "ballot:report:received", papers.ballot_ref(ballot.id), {"clean": clean})
