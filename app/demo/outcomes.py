"""What came of one case, read from what is stored: one object, whose keys `app.demo.report` explains."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from app.demo.screenplay import Outcome, Play
from ballots.handlers import filed_under
from ballots.mandate import ActionKind
from ballots.models import Action, ActionStage, Ballot, BallotCase
from ballots.repository import mandates_of
from casework import lifecycle, repository
from casework.cases import Case
from casework.deadlines import Deadline
from casework.disputes import DisputeCase, DisputeLeg, dispute_of
from casework.lifecycle import CaseState, Event, EventKind
from casework.pay.models import Claim, PaymentBatch, PaymentLine
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import State
from notifications.models import Notice

SENT = frozenset({State.ACCEPTED, State.EVIDENCED, State.CLOSED})
ANSWERED = {
    EventKind.HEAD_MET: Outcome.SETTLED_BY_HEAD,
    EventKind.NEGOTIATION_HELD: Outcome.SETTLED_BY_OFFICER,
}


def case_row(uow: UnitOfWork, case: Case, play: Play) -> dict[str, Any]:
    """Everything about one case that a table of outcomes wants."""
    events = repository.events_of(uow, case.id)
    dispute = dispute_of(uow, case.id)
    return {
        "ref": case.ref,
        "play": play.name,
        "title": play.title,
        "urn": case.workplace.urn,
        "workplace": case.workplace.name,
        "employer": case.workplace.employer.name,
        "dispute": dispute.ref if dispute else None,
        "workplaces": _workplaces(uow, case, dispute.id if dispute else None),
        "outcome": outcome(events).value,
        "stage": case.stage.value,
        "rested_on": _iso(_rested_on(events)),
        "rests_until": _iso(case.wake_on),
        "raised_on": _iso(case.raised_on),
        "stages": _stages(events),
        "ballots": [_ballot(uow, ballot) for ballot in _ballots(uow, case.id)],
        **_action(uow, case.id, events),
        "deadlines": _deadlines(uow, case.id),
        "notices": _notices(uow, case.id),
        "reimbursed_pence": _reimbursed(uow, case.id),
        "settled_on": _iso(max((each.happened_on for each in events if settles(each)), default=None)),
        "reopened_on": _iso(
            max((each.happened_on for each in events if each.kind is EventKind.CASE_REOPENED), default=None)
        ),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def settles(event: Event) -> bool:
    """Whether terms were agreed in an event."""
    return event.kind is EventKind.SETTLEMENT_REACHED or (
        event.kind in ANSWERED and event.facts["answer"] == "accepted"
    )


def outcome(events: Sequence[Event]) -> Outcome:
    """What came of a case: the last thing that decided it."""
    state = lifecycle.replay(events)
    if state.rest:
        return Outcome.RESTING
    decided = [each for each in events if settles(each) or each.kind in _DECIDES]
    if not decided:
        return Outcome.OPEN
    last = decided[-1]
    if last.kind is EventKind.CASE_REOPENED:
        return Outcome.REOPENED
    if last.kind is EventKind.RESULT_DECLARED:
        return Outcome.OPEN if last.facts["mandates"] else Outcome.BALLOT_LOST
    if last.kind is EventKind.SETTLEMENT_REACHED:
        threatened = any(each.kind is EventKind.STRIKE_NOTICE_SERVED for each in events)
        return Outcome.SETTLED_AT_THE_THREAT if threatened and not state.strike_days_held else Outcome.SETTLED
    return ANSWERED[last.kind]


_DECIDES = frozenset({EventKind.CASE_REOPENED, EventKind.RESULT_DECLARED})


def _rested_on(events: Sequence[Event]) -> date | None:
    """Since when a case rests; None where it does not."""
    return events[-1].happened_on if events[-1].kind is EventKind.CASE_RESTED else None


def _stages(events: Sequence[Event]) -> list[dict[str, str]]:
    states = list(_states(events))
    first, last_day = states[0], events[0].happened_on
    entered = [{"stage": first.stage.value, "entered_on": last_day.isoformat()}]
    for (before, now), event in zip(pairwise(states), events[1:], strict=True):
        if now.stage is not before.stage:
            entered.append({"stage": now.stage.value, "entered_on": event.happened_on.isoformat()})
    return entered


def _states(events: Sequence[Event]) -> Iterator[CaseState]:
    state = lifecycle.begin(events[0])
    yield state
    for event in events[1:]:
        state = lifecycle.apply(state, event)
        yield state


def _workplaces(uow: UnitOfWork, case: Case, dispute_id: uuid.UUID | None) -> list[str]:
    together = (
        select(Case)
        .join(DisputeCase, DisputeCase.case_id == Case.id)
        .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
        .where(DisputeLeg.dispute_id == dispute_id, Case.id != case.id)
        .order_by(Case.ref)
    )
    others = uow.session.scalars(together).all() if dispute_id else ()
    return [str(each.workplace.urn) for each in (case, *others)]


def _ballots(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[Ballot]:
    of_case = select(Ballot).join(BallotCase, BallotCase.ballot_id == Ballot.id).where(BallotCase.case_id == case_id)
    return uow.session.scalars(of_case.order_by(Ballot.opens_on)).all()


def _ballot(uow: UnitOfWork, ballot: Ballot) -> dict[str, Any]:
    told = ballot.result or {}
    mandates = mandates_of(uow, ballot.id)
    counted = ("yes", "no", "spoiled")
    return {
        "ref": ballot.ref,
        "opens_on": _iso(ballot.opens_on),
        "closes_on": _iso(ballot.closes_on),
        "entitled": ballot.entitled,
        "cast": told.get("cast"),
        "turnout_percent": round(100 * told["cast"] / ballot.entitled, 1) if told else None,
        "turnout_met": told.get("turnout_met"),
        "questions": {
            kind: {name: figures[name] for name in counted} for kind, figures in told.get("questions", {}).items()
        },
        "mandates": sorted({each.kind.value for each in mandates}),
        "mandate_ends_on": _iso(max((each.last_day for each in mandates), default=None)),
    }


def _action(uow: UnitOfWork, case_id: uuid.UUID, events: Sequence[Event]) -> dict[str, Any]:
    held = {each.facts["on"]: each.facts["took_part"] for each in events if each.kind is EventKind.STRIKE_DAY_HELD}
    strikes = uow.session.scalars(
        select(Action).where(Action.case_id == case_id, Action.kind == ActionKind.STRIKE)
    ).all()
    notified = any(each.kind is EventKind.STRIKE_NOTICE_SERVED for each in events)
    days = {day for each in strikes if each.stage is not ActionStage.AUTHORISED and notified for day in each.days}
    return {
        "asos_from": [_iso(each.happened_on) for each in events if each.kind is EventKind.ASOS_BEGAN],
        "strike_days": [{"on": day, "took_part": held.get(day)} for day in sorted(days)],
    }


def _deadlines(uow: UnitOfWork, case_id: uuid.UUID) -> dict[str, int]:
    counts = dict.fromkeys(("met", "late", "missed", "open", "no_longer_due"), 0)
    for row in uow.session.scalars(select(Deadline).where(Deadline.case_id == case_id)):
        counts[_standing(row, uow.today)] += 1
    return counts


def _standing(row: Deadline, today: date) -> str:
    if row.met_on:
        return "met" if row.met_on <= row.due_on else "late"
    if row.cancelled_on:
        return "no_longer_due"
    return "missed" if row.due_on < today else "open"


def _notices(uow: UnitOfWork, case_id: uuid.UUID) -> dict[str, int]:
    about = Notice.subject_ref.in_(filed_under(uow, case_id))
    states = uow.session.scalars(select(Notice.state).where(about)).all()
    return {"sent": sum(each in SENT for each in states), "proved": sum(each is State.EVIDENCED for each in states)}


def _reimbursed(uow: UnitOfWork, case_id: uuid.UUID) -> int:
    lines = (
        select(func.coalesce(func.sum(PaymentLine.pence), 0))
        .join(Claim, Claim.id == PaymentLine.claim_id)
        .join(PaymentBatch, PaymentBatch.id == PaymentLine.batch_id)
        .where(PaymentLine.returned_on.is_(None))
        .where(Claim.case_id == case_id, PaymentBatch.released_on.is_not(None))
    )
    return uow.session.scalar(lines) or 0
