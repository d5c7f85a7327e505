"""
The seventeen stages of a case, as one table of transitions over recorded events.

The stage is never set: it is what replaying the events gives. An event names what happened; where the same happening
can lead two ways (a meeting with and without a majority), `outcome_of` reads the way from the facts, and the table has
a row for each. What the table does not name is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from core.errors import StageError


class Stage(StrEnum):
    """The rungs of the ladder, in order."""

    RAISED = "raised"
    MEMBERS_MEETING = "members_meeting"
    HEAD_MEETING = "head_meeting"
    OFFICER_ASSIGNED = "officer_assigned"
    OFFICER_MEMBERS_MEETING = "officer_members_meeting"
    OFFICER_NEGOTIATION = "officer_negotiation"
    BALLOT_PREPARATION = "ballot_preparation"
    BALLOT_OPEN = "ballot_open"
    BALLOT_RESULT = "ballot_result"
    ASOS_AUTHORISED = "asos_authorised"
    ASOS_IN_FORCE = "asos_in_force"
    STRIKE_ESCALATION = "strike_escalation"
    STRIKE_ACTION = "strike_action"
    PAY_REIMBURSEMENT = "pay_reimbursement"
    SETTLED = "settled"
    MONITORING = "monitoring"
    CLOSED = "closed"


def stages(first: Stage, last: Stage) -> tuple[Stage, ...]:
    """The rungs from one to another, both among them."""
    ladder = tuple(Stage)
    return ladder[ladder.index(first) : ladder.index(last) + 1]


OVER = stages(Stage.SETTLED, Stage.CLOSED)
"""Where there is no dispute any more, unless the case is reopened."""


class EventKind(StrEnum):
    """What can happen to a case. Past tense: a plan is not an event."""

    CASE_RAISED = "case_raised"
    ISSUE_ADDED = "issue_added"
    MEMBERS_MEETING_ARRANGED = "members_meeting_arranged"
    MEMBERS_MEETING_HELD = "members_meeting_held"
    HEAD_LETTER_SENT = "head_letter_sent"
    HEAD_MET = "head_met"
    HEAD_DID_NOT_ANSWER = "head_did_not_answer"
    OFFICER_ASSIGNED = "officer_assigned"
    OFFICER_ACCEPTED = "officer_accepted"
    OFFICER_DECLINED = "officer_declined"
    ASSESSMENT_RECORDED = "assessment_recorded"
    NEGOTIATION_HELD = "negotiation_held"
    DISPUTE_DECLARED = "dispute_declared"
    DISPUTE_JOINED = "dispute_joined"
    BALLOT_AUTHORISED = "ballot_authorised"
    BALLOT_NOTICES_SERVED = "ballot_notices_served"
    BALLOT_CANCELLED = "ballot_cancelled"
    BALLOT_OPENED = "ballot_opened"
    TURNOUT_REPORTED = "turnout_reported"
    BALLOT_CLOSED = "ballot_closed"
    RESULT_DECLARED = "result_declared"
    SCRUTINEER_REPORTED = "scrutineer_reported"
    ASOS_AUTHORISED = "asos_authorised"
    ACTION_NOTICE_SERVED = "action_notice_served"
    ASOS_BEGAN = "asos_began"
    ASOS_ENDED = "asos_ended"
    ESCALATION_SOUGHT = "escalation_sought"
    ESCALATION_MEETING_HELD = "escalation_meeting_held"
    STRIKE_AUTHORISED = "strike_authorised"
    STRIKE_NOTICE_SERVED = "strike_notice_served"
    STRIKE_DAY_HELD = "strike_day_held"
    STRIKE_DAY_WITHDRAWN = "strike_day_withdrawn"
    STRIKE_OVER = "strike_over"
    CLAIMS_SETTLED = "claims_settled"
    SETTLEMENT_REACHED = "settlement_reached"
    AGREEMENT_SIGNED_OFF = "agreement_signed_off"
    MONITORING_CHECK_RECORDED = "monitoring_check_recorded"
    MONITORING_FINISHED = "monitoring_finished"
    CASE_REOPENED = "case_reopened"
    CASE_RESTED = "case_rested"
    CASE_WOKEN = "case_woken"
    CASE_CLOSED = "case_closed"


class Outcome(StrEnum):
    """Which way an event went."""

    DONE = "done"
    MAJORITY = "majority"
    NO_MAJORITY = "no_majority"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ADJOURNED = "adjourned"
    MANDATE = "mandate"
    NO_MANDATE = "no_mandate"
    EARLIER = "earlier"
    PAY_OWED = "pay_owed"
    AGREED = "agreed"
    NOT_AGREED = "not_agreed"
    NO_OFFICER = "no_officer"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `facts` holds ids, dates and counts, never a person's name."""

    kind: EventKind
    happened_on: date
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a case rests, and the day it wakes."""

    reason: str
    wake_on: date


@dataclass(frozen=True, slots=True)
class CaseState:
    """What replaying the events gives."""

    stage: Stage
    entered_on: date
    rest: Rest | None = None
    issues: tuple[str, ...] = ()
    letter_sent: bool = False
    officer_id: str | None = None
    officer_accepted: bool = False
    declined_officers: tuple[str, ...] = ()
    ballot_id: str | None = None
    asos_in_force: bool = False
    strike_days_held: int = 0
    agreement_reached: bool = False
    times_reopened: int = 0


Transition = tuple[Stage, EventKind, Outcome]

_S, _K, _O = Stage, EventKind, Outcome

# Every rung can end in a settlement; from a strike with days lost, pay comes first.
_SETTLES_STRAIGHT = (
    _S.RAISED,
    _S.MEMBERS_MEETING,
    _S.HEAD_MEETING,
    _S.OFFICER_ASSIGNED,
    _S.OFFICER_MEMBERS_MEETING,
    _S.OFFICER_NEGOTIATION,
    _S.BALLOT_PREPARATION,
    _S.BALLOT_OPEN,
    _S.BALLOT_RESULT,
    _S.ASOS_AUTHORISED,
    _S.ASOS_IN_FORCE,
    _S.STRIKE_ESCALATION,
    _S.STRIKE_ACTION,
)
_CLOSES = (*_SETTLES_STRAIGHT[:6], _S.BALLOT_RESULT, _S.SETTLED, _S.MONITORING)
# The report may take weeks: the case goes on meanwhile, or back to negotiation after a lost ballot.
_HEARS_THE_SCRUTINEER = (_S.OFFICER_NEGOTIATION, _S.BALLOT_PREPARATION, *stages(_S.BALLOT_RESULT, _S.MONITORING))
# It may go on beside whatever else a case does; its end is noted wherever the case then stands.
_ASOS_BESIDE = (
    _S.OFFICER_NEGOTIATION,
    _S.BALLOT_PREPARATION,
    _S.BALLOT_OPEN,
    _S.BALLOT_RESULT,
    _S.STRIKE_ESCALATION,
    _S.STRIKE_ACTION,
    _S.PAY_REIMBURSEMENT,
)
# A case may go on, settle, close and reopen between the end of its voting and the result, which is told all the same.
HEARS_A_LATE_RESULT = (_S.OFFICER_NEGOTIATION, _S.BALLOT_PREPARATION, *stages(_S.ASOS_AUTHORISED, _S.CLOSED))
# There a result is that of the ballot under way, unless it names another: members vote again in the next dispute.
_VOTING = (_S.BALLOT_OPEN, _S.BALLOT_RESULT)
HEARS_OF_AN_EARLIER_BALLOT = (*HEARS_A_LATE_RESULT, *_VOTING)
_TAKES_ISSUES = _SETTLES_STRAIGHT[:6]
_RESTS = tuple(stage for stage in Stage if stage is not Stage.CLOSED)

TRANSITIONS: Mapping[Transition, Stage] = {
    (_S.RAISED, _K.MEMBERS_MEETING_ARRANGED, _O.DONE): _S.MEMBERS_MEETING,
    (_S.MEMBERS_MEETING, _K.MEMBERS_MEETING_HELD, _O.MAJORITY): _S.HEAD_MEETING,
    (_S.MEMBERS_MEETING, _K.MEMBERS_MEETING_HELD, _O.NO_MAJORITY): _S.MEMBERS_MEETING,
    (_S.HEAD_MEETING, _K.HEAD_LETTER_SENT, _O.DONE): _S.HEAD_MEETING,
    (_S.HEAD_MEETING, _K.HEAD_MET, _O.ACCEPTED): _S.SETTLED,
    (_S.HEAD_MEETING, _K.HEAD_MET, _O.ADJOURNED): _S.HEAD_MEETING,
    (_S.HEAD_MEETING, _K.HEAD_MET, _O.REFUSED): _S.OFFICER_ASSIGNED,
    (_S.HEAD_MEETING, _K.HEAD_DID_NOT_ANSWER, _O.DONE): _S.OFFICER_ASSIGNED,
    (_S.OFFICER_ASSIGNED, _K.OFFICER_ASSIGNED, _O.DONE): _S.OFFICER_ASSIGNED,
    (_S.OFFICER_ASSIGNED, _K.OFFICER_DECLINED, _O.DONE): _S.OFFICER_ASSIGNED,
    (_S.OFFICER_ASSIGNED, _K.OFFICER_ACCEPTED, _O.DONE): _S.OFFICER_MEMBERS_MEETING,
    (_S.OFFICER_MEMBERS_MEETING, _K.ASSESSMENT_RECORDED, _O.DONE): _S.OFFICER_NEGOTIATION,
    (_S.OFFICER_NEGOTIATION, _K.NEGOTIATION_HELD, _O.ACCEPTED): _S.SETTLED,
    (_S.OFFICER_NEGOTIATION, _K.NEGOTIATION_HELD, _O.ADJOURNED): _S.OFFICER_NEGOTIATION,
    (_S.OFFICER_NEGOTIATION, _K.NEGOTIATION_HELD, _O.REFUSED): _S.BALLOT_PREPARATION,
    (_S.BALLOT_PREPARATION, _K.DISPUTE_DECLARED, _O.DONE): _S.BALLOT_PREPARATION,
    (_S.BALLOT_PREPARATION, _K.DISPUTE_JOINED, _O.DONE): _S.BALLOT_PREPARATION,
    (_S.BALLOT_PREPARATION, _K.BALLOT_AUTHORISED, _O.DONE): _S.BALLOT_PREPARATION,
    (_S.BALLOT_PREPARATION, _K.BALLOT_NOTICES_SERVED, _O.DONE): _S.BALLOT_PREPARATION,
    (_S.BALLOT_PREPARATION, _K.BALLOT_OPENED, _O.DONE): _S.BALLOT_OPEN,
    (_S.BALLOT_PREPARATION, _K.BALLOT_CANCELLED, _O.DONE): _S.OFFICER_NEGOTIATION,
    (_S.BALLOT_OPEN, _K.TURNOUT_REPORTED, _O.DONE): _S.BALLOT_OPEN,
    (_S.BALLOT_OPEN, _K.BALLOT_CANCELLED, _O.DONE): _S.OFFICER_NEGOTIATION,
    (_S.BALLOT_OPEN, _K.BALLOT_CLOSED, _O.DONE): _S.BALLOT_RESULT,
    (_S.BALLOT_RESULT, _K.RESULT_DECLARED, _O.MANDATE): _S.BALLOT_RESULT,
    (_S.BALLOT_RESULT, _K.RESULT_DECLARED, _O.NO_MANDATE): _S.OFFICER_NEGOTIATION,
    (_S.BALLOT_RESULT, _K.ASOS_AUTHORISED, _O.DONE): _S.ASOS_AUTHORISED,
    (_S.BALLOT_RESULT, _K.ESCALATION_SOUGHT, _O.DONE): _S.STRIKE_ESCALATION,
    (_S.ASOS_AUTHORISED, _K.ASOS_AUTHORISED, _O.DONE): _S.ASOS_AUTHORISED,
    (_S.ASOS_AUTHORISED, _K.ACTION_NOTICE_SERVED, _O.DONE): _S.ASOS_AUTHORISED,
    (_S.ASOS_AUTHORISED, _K.ASOS_BEGAN, _O.DONE): _S.ASOS_IN_FORCE,
    (_S.ASOS_AUTHORISED, _K.ASOS_ENDED, _O.DONE): _S.OFFICER_NEGOTIATION,
    (_S.ASOS_IN_FORCE, _K.ESCALATION_SOUGHT, _O.DONE): _S.STRIKE_ESCALATION,
    (_S.ASOS_IN_FORCE, _K.ASOS_ENDED, _O.DONE): _S.OFFICER_NEGOTIATION,
    (_S.STRIKE_ESCALATION, _K.ESCALATION_MEETING_HELD, _O.MAJORITY): _S.STRIKE_ESCALATION,
    (_S.STRIKE_ESCALATION, _K.ESCALATION_MEETING_HELD, _O.NO_MAJORITY): _S.OFFICER_NEGOTIATION,
    (_S.STRIKE_ESCALATION, _K.NEGOTIATION_HELD, _O.ACCEPTED): _S.SETTLED,
    (_S.STRIKE_ESCALATION, _K.NEGOTIATION_HELD, _O.ADJOURNED): _S.STRIKE_ESCALATION,
    # Where no mandate for a strike is left, talks that fail lead to a fresh ballot.
    (_S.STRIKE_ESCALATION, _K.NEGOTIATION_HELD, _O.REFUSED): _S.BALLOT_PREPARATION,
    (_S.STRIKE_ESCALATION, _K.STRIKE_AUTHORISED, _O.DONE): _S.STRIKE_ESCALATION,
    (_S.STRIKE_ESCALATION, _K.STRIKE_NOTICE_SERVED, _O.DONE): _S.STRIKE_ACTION,
    (_S.STRIKE_ACTION, _K.STRIKE_DAY_HELD, _O.DONE): _S.STRIKE_ACTION,
    (_S.STRIKE_ACTION, _K.STRIKE_DAY_WITHDRAWN, _O.DONE): _S.STRIKE_ACTION,
    (_S.STRIKE_ACTION, _K.STRIKE_OVER, _O.PAY_OWED): _S.PAY_REIMBURSEMENT,
    (_S.STRIKE_ACTION, _K.STRIKE_OVER, _O.DONE): _S.OFFICER_NEGOTIATION,
    (_S.STRIKE_ACTION, _K.SETTLEMENT_REACHED, _O.PAY_OWED): _S.PAY_REIMBURSEMENT,
    (_S.PAY_REIMBURSEMENT, _K.SETTLEMENT_REACHED, _O.PAY_OWED): _S.PAY_REIMBURSEMENT,
    (_S.PAY_REIMBURSEMENT, _K.CLAIMS_SETTLED, _O.AGREED): _S.SETTLED,
    (_S.PAY_REIMBURSEMENT, _K.CLAIMS_SETTLED, _O.NOT_AGREED): _S.STRIKE_ESCALATION,
    (_S.SETTLED, _K.AGREEMENT_SIGNED_OFF, _O.DONE): _S.MONITORING,
    (_S.MONITORING, _K.MONITORING_CHECK_RECORDED, _O.DONE): _S.MONITORING,
    (_S.MONITORING, _K.MONITORING_FINISHED, _O.DONE): _S.CLOSED,
    # What is not in dispute any more gives no mandate.
    **{(stage, _K.RESULT_DECLARED, _O.MANDATE): stage for stage in HEARS_A_LATE_RESULT if stage not in OVER},
    **{(stage, _K.RESULT_DECLARED, _O.NO_MANDATE): stage for stage in HEARS_A_LATE_RESULT},
    **{(stage, _K.RESULT_DECLARED, _O.EARLIER): stage for stage in _VOTING},
    **{(stage, _K.SCRUTINEER_REPORTED, _O.DONE): stage for stage in _HEARS_THE_SCRUTINEER},
    **{(stage, _K.ASOS_ENDED, _O.DONE): stage for stage in _ASOS_BESIDE},
    **{(stage, _K.CASE_REOPENED, _O.DONE): _S.OFFICER_NEGOTIATION for stage in OVER},
    **{(stage, _K.CASE_REOPENED, _O.NO_OFFICER): _S.OFFICER_ASSIGNED for stage in OVER},
    **{(stage, _K.SETTLEMENT_REACHED, _O.DONE): _S.SETTLED for stage in _SETTLES_STRAIGHT},
    **{(stage, _K.CASE_CLOSED, _O.DONE): _S.CLOSED for stage in _CLOSES},
    **{(stage, _K.ISSUE_ADDED, _O.DONE): stage for stage in _TAKES_ISSUES},
    **{(stage, _K.CASE_RESTED, _O.DONE): stage for stage in _RESTS},
    **{(stage, _K.CASE_WOKEN, _O.DONE): stage for stage in _RESTS},
}

_ANSWERS = frozenset({EventKind.HEAD_MET, EventKind.NEGOTIATION_HELD})
_MEETINGS = frozenset({EventKind.MEMBERS_MEETING_HELD, EventKind.ESCALATION_MEETING_HELD})
_NEEDS_OFFICER = frozenset({EventKind.OFFICER_ACCEPTED, EventKind.OFFICER_DECLINED, EventKind.CASE_REOPENED})


def is_majority(present: int, in_favour: int) -> bool:
    """More than half of the members present; a tie is not a majority."""
    return 2 * in_favour > present


def outcome_of(event: Event, state: CaseState) -> Outcome:
    """Which way the event went, read from its facts and from what happened before."""
    if event.kind in _MEETINGS:
        majority = is_majority(event.facts["present"], event.facts["in_favour"])
        return Outcome.MAJORITY if majority else Outcome.NO_MAJORITY
    if event.kind in _ANSWERS:
        return Outcome(event.facts["answer"])
    if event.kind is EventKind.RESULT_DECLARED:
        return _outcome_of_result(event, state)
    if event.kind in _NEEDS_OFFICER and state.officer_id is None:
        return Outcome.NO_OFFICER
    if event.kind is EventKind.CLAIMS_SETTLED:
        return Outcome.AGREED if state.agreement_reached else Outcome.NOT_AGREED
    if event.kind in {EventKind.STRIKE_OVER, EventKind.SETTLEMENT_REACHED} and state.strike_days_held:
        return Outcome.PAY_OWED if state.stage in {Stage.STRIKE_ACTION, Stage.PAY_REIMBURSEMENT} else Outcome.DONE
    return Outcome.DONE


def _outcome_of_result(event: Event, state: CaseState) -> Outcome:
    if state.stage in _VOTING and _is_of_another_ballot(event, state):
        return Outcome.EARLIER
    return Outcome.MANDATE if event.facts["mandates"] else Outcome.NO_MANDATE


def _is_of_another_ballot(event: Event, state: CaseState) -> bool:
    return state.ballot_id is not None and event.facts.get("ballot_id", state.ballot_id) != state.ballot_id


def allowed_kinds(stage: Stage) -> tuple[EventKind, ...]:
    """The kinds of event that the table names for a stage, in the order of the enumeration."""
    named = {kind for (at, kind, _) in TRANSITIONS if at is stage}
    return tuple(kind for kind in EventKind if kind in named)


def begin(event: Event) -> CaseState:
    """The state after the first event, which can only be that the case was raised."""
    if event.kind is not EventKind.CASE_RAISED:
        raise StageError("A case that is not yet raised", "nothing", event.kind, (EventKind.CASE_RAISED,))
    return CaseState(Stage.RAISED, event.happened_on, issues=tuple(event.facts["issues"]))


def apply(state: CaseState, event: Event) -> CaseState:
    """The state after one more event; `StageError` when the table does not name it."""
    next_stage = TRANSITIONS.get((state.stage, event.kind, outcome_of(event, state)))
    if next_stage is None:
        raise StageError("The case", state.stage, event.kind, tuple(allowed_kinds(state.stage)))
    entered_on = state.entered_on if next_stage is state.stage else event.happened_on
    learned = _LEARNED.get(event.kind, _nothing)(state, event)
    return replace(state, **{"stage": next_stage, "entered_on": entered_on, "rest": None, **learned})


def replay(events: Iterable[Event]) -> CaseState:
    """Fold all events, oldest first."""
    remaining = iter(events)
    state = begin(next(remaining))
    for event in remaining:
        state = apply(state, event)
    return state


def _nothing(_state: CaseState, _event: Event) -> dict[str, Any]:
    return {}


def _rested(_state: CaseState, event: Event) -> dict[str, Any]:
    return {"rest": Rest(event.facts["reason"], date.fromisoformat(str(event.facts["wake_on"])))}


def _issue_added(state: CaseState, event: Event) -> dict[str, Any]:
    return {"issues": tuple(dict.fromkeys((*state.issues, event.facts["issue"])))}


def _officer_assigned(_state: CaseState, event: Event) -> dict[str, Any]:
    return {"officer_id": event.facts["officer_id"], "officer_accepted": False}


def _officer_declined(state: CaseState, _event: Event) -> dict[str, Any]:
    return {"officer_id": None, "declined_officers": (*state.declined_officers, str(state.officer_id))}


def _reopened(state: CaseState, _event: Event) -> dict[str, Any]:
    return {
        "times_reopened": state.times_reopened + 1,
        "agreement_reached": False,
        "ballot_id": None,
        "strike_days_held": 0,
        "asos_in_force": False,
    }


def _counted(state: CaseState, event: Event) -> dict[str, Any]:
    """A ballot that gave no mandate is over; the result of another says nothing of it."""
    lost = not event.facts["mandates"] and not _is_of_another_ballot(event, state)
    return {"ballot_id": None if lost else state.ballot_id}


def _answered(state: CaseState, event: Event) -> dict[str, Any]:
    accepted = event.facts["answer"] == Outcome.ACCEPTED
    return {"agreement_reached": accepted, "asos_in_force": state.asos_in_force and not accepted}


_LEARNED: Mapping[EventKind, Callable[[CaseState, Event], dict[str, Any]]] = {
    EventKind.CASE_RESTED: _rested,
    EventKind.ISSUE_ADDED: _issue_added,
    EventKind.HEAD_LETTER_SENT: lambda _s, _e: {"letter_sent": True},
    EventKind.OFFICER_ASSIGNED: _officer_assigned,
    EventKind.OFFICER_DECLINED: _officer_declined,
    EventKind.OFFICER_ACCEPTED: lambda _s, _e: {"officer_accepted": True},
    EventKind.BALLOT_AUTHORISED: lambda _s, e: {"ballot_id": e.facts["ballot_id"]},
    EventKind.BALLOT_CANCELLED: lambda _s, _e: {"ballot_id": None},
    EventKind.RESULT_DECLARED: _counted,
    EventKind.ASOS_BEGAN: lambda _s, _e: {"asos_in_force": True},
    EventKind.ASOS_ENDED: lambda _s, _e: {"asos_in_force": False},
    EventKind.STRIKE_DAY_HELD: lambda s, _e: {"strike_days_held": s.strike_days_held + 1},
    EventKind.CLAIMS_SETTLED: lambda _s, _e: {"strike_days_held": 0},
    EventKind.HEAD_MET: _answered,
    EventKind.NEGOTIATION_HELD: _answered,
    EventKind.SETTLEMENT_REACHED: lambda _s, _e: {"agreement_reached": True, "asos_in_force": False},
    EventKind.CASE_REOPENED: _reopened,
}
