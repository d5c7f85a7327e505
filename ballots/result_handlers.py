"""Use cases after the opening of a ballot: the turnout, the result with its mandates, the scrutineer's report."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select

from ballots import offers, papers, repository
from ballots.deadlines import set_result_deadlines
from ballots.handlers import record_for_all
from ballots.lifecycle import BallotStage, moved
from ballots.mandate import ActionKind, mandate_period
from ballots.models import Ballot, MandateRow
from ballots.result import Count, Result, Service, Votes, result
from ballots.turnout import Returned
from casework.cases import CaseEvent
from casework.deadlines import DeadlineKind, meet
from casework.lifecycle import EventKind
from core import history
from core.errors import BadInput
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork


def report_turnout(uow: UnitOfWork, case_id: uuid.UUID, *, cast: int, key: str | None = None) -> None:
    """Note how many papers the scrutineer says have come back; a count and nothing else."""
    ballot = offers.current_ballot(uow, case_id, "Reporting the turnout", BallotStage.OPEN)
    _require_at_most(cast, ballot.entitled, "cast")
    _require_reported(uow, case_id, ballot, cast)
    record_for_all(uow, ballot, EventKind.TURNOUT_REPORTED, {"cast": cast, "entitled": ballot.entitled}, key=key)


def _require_reported(uow: UnitOfWork, case_id: uuid.UUID, ballot: Ballot, cast: int) -> None:
    """Papers that came back do not go away again; those of another ballot say nothing."""
    reported = max((each.cast for each in turnout_reports(uow, [case_id], ballot)), default=0)
    if cast < reported:
        raise BadInput(field="cast", found=cast, wanted=f"at least the {reported} reported before")


def turnout_reports(uow: UnitOfWork, case_ids: Collection[uuid.UUID], ballot: Ballot) -> list[Returned]:
    """What was reported of a ballot while it was open, as the events of cases in it have it: once for each of them."""
    wanted = (
        select(CaseEvent)
        .where(CaseEvent.case_id.in_(case_ids))
        .where(CaseEvent.kind.in_((EventKind.BALLOT_OPENED, EventKind.TURNOUT_REPORTED)))
        .order_by(CaseEvent.case_id, CaseEvent.seq)
    )
    reports = []
    for _, events in groupby(uow.session.scalars(wanted), key=lambda event: event.case_id):
        opened = None
        for event in events:
            if event.kind is EventKind.BALLOT_OPENED:
                opened = event.facts["ballot_id"]
            elif opened == str(ballot.id):
                reports.append(Returned(event.happened_on, event.facts["cast"]))
    return reports


def _require_at_most(found: int, most: int, field: str) -> None:
    if found > most:
        raise BadInput(field=field, found=found, wanted=f"at most the {most} entitled to vote")


def _require_counts(ballot: Ballot, votes: Sequence[Votes], cast: int) -> None:
    """`BadInput` unless what was balloted has counts, nothing else has, and none counts more papers than came back."""
    given = {vote.kind.value: vote for vote in votes}
    for kind in sorted(given.keys() ^ set(ballot.questions)):
        found, wanted = (
            ("counts", "none: it was not balloted") if kind in given else ("nothing", "its count: it was balloted")
        )
        raise BadInput(field=f"{kind}_yes", found=found, wanted=wanted)
    for kind, vote in given.items():
        if vote.papers > cast:
            wanted = f"Yes, No and spoiled together at most the {cast} that came back"
            raise BadInput(field=f"{kind}_yes", found=vote.papers, wanted=wanted)


def declare_result(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    *,
    entitled: int,
    cast: int,
    votes: Sequence[Votes],
    ballot_ref: str | None = None,
    key: str | None = None,
) -> None:
    """
    Declare the scrutineer's figures: the thresholds decide which mandates there are, and the duty to tell begins.

    A case that settled or was closed since is told of the result too, and the ballot gives it no mandate.

    `BadInput` when the scrutineer's number entitled is not the frozen list's, or a question was not balloted.
    """
    ballot = offers.closed_ballot(uow, case_id, ballot_ref)
    if entitled != ballot.entitled:
        raise BadInput(field="entitled", found=entitled, wanted=f"the {ballot.entitled} on the frozen list")
    _require_reported(uow, case_id, ballot, cast)
    _require_counts(ballot, votes, cast)
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
    standing = repository.cases_under(uow, ballot)
    kinds = won if standing else []
    _give_mandates(uow, ballot, kinds)
    facts = {"ballot_id": str(ballot.id), "mandates": kinds, **ballot.result}
    for case in standing:
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
    uow: UnitOfWork,
    case_id: uuid.UUID,
    *,
    received_on: date,
    clean: bool,
    text: str | None = None,
    key: str | None = None,
) -> None:
    """Note the scrutineer's report and whether it is without reservation; its words are kept for those who ask."""
    ballot = offers.reported_ballot(uow, case_id)
    if received_on < ballot.closes_on:
        wanted = f"a day from the date of the ballot, {ballot.closes_on.isoformat()}"
        raise BadInput(field="received_on", found=received_on.isoformat(), wanted=wanted)
    facts = {"ballot_id": str(ballot.id), "clean": clean, **({} if text is None else {"text": text})}
    record_for_all(uow, ballot, EventKind.SCRUTINEER_REPORTED, facts, happened_on=received_on, key=key)
    for case in ballot.cases:
        meet(uow, case.id, DeadlineKind.SCRUTINEER_REPORT, received_on)
    history.record(uow, "ballot:report:received", papers.ballot_ref(ballot.id), {"clean": clean})
