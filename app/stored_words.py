"""What is stored as a code, in the words that pages and the command line say; programs are given the code."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind, Shortfall
from ballots.models import ActionStage
from casework.lifecycle import Stage
from casework.pay.models import ClaimState
from notifications.lifecycle import State

STAGE_NAMES: Mapping[Stage, str] = {
    Stage.RAISED: "Raised",
    Stage.MEMBERS_MEETING: "Members’ meeting",
    Stage.HEAD_MEETING: "Meeting with the head",
    Stage.OFFICER_ASSIGNED: "Officer assigned",
    Stage.OFFICER_MEMBERS_MEETING: "Officer meets members",
    Stage.OFFICER_NEGOTIATION: "Officer negotiates",
    Stage.BALLOT_PREPARATION: "Ballot in preparation",
    Stage.BALLOT_OPEN: "Ballot open",
    Stage.BALLOT_RESULT: "Ballot result",
    Stage.ASOS_AUTHORISED: "ASOS authorised",
    Stage.ASOS_IN_FORCE: "ASOS in force",
    Stage.STRIKE_ESCALATION: "Escalation to strike",
    Stage.STRIKE_ACTION: "Strike action",
    Stage.PAY_REIMBURSEMENT: "Pay reimbursed",
    Stage.SETTLED: "Settled",
    Stage.MONITORING: "Monitoring",
    Stage.CLOSED: "Closed",
}
BALLOT_STAGES: Mapping[BallotStage, str] = {
    BallotStage.PLANNED: "authorised, notice of it not received yet",
    BallotStage.NOTICED: "notice of it is received",
    BallotStage.OPEN: "open for voting",
    BallotStage.CLOSED: "voting is over, its result is awaited",
    BallotStage.COUNTED: "counted, its result not declared yet",
    BallotStage.DECLARED: "result declared",
    BallotStage.CANCELLED: "cancelled",
}
ACTION_STAGES: Mapping[ActionStage, str] = {
    ActionStage.AUTHORISED: "authorised, its notice not served yet",
    ActionStage.NOTIFIED: "notice of it is received",
    ActionStage.BEGUN: "under way",
    ActionStage.STOOD_DOWN: "stood down",
    ActionStage.ENDED: "ended",
}
CLAIM_STATES: Mapping[ClaimState, str] = {
    ClaimState.SUBMITTED: "made, not reckoned yet",
    ClaimState.CALCULATED: "reckoned, waits for approval",
    ClaimState.APPROVED_ONCE: "approved by one person, waits for a second",
    ClaimState.APPROVED: "approved, waits for a payment file",
    ClaimState.IN_BATCH: "in a payment file that is not released",
    ClaimState.PAID: "paid",
    ClaimState.RETURNED: "sent back by the bank, owed again",
    ClaimState.REFUSED: "refused",
}
NOTICE_STATES: Mapping[State, str] = {
    State.RENDERED: "drawn up",
    State.APPROVED: "approved",
    State.QUEUED: "waiting to be sent",
    State.SENDING: "being sent",
    State.TEMP_WAIT: "to be tried again",
    State.UNKNOWN: "not known whether it went",
    State.HELD: "held for a person",
    State.ACCEPTED: "handed over; receipt not yet proved",
    State.EVIDENCED: "receipt proved",
    State.CLOSED: "closed",
    State.FAILED_PERMANENT: "failed",
    State.RE_SERVED: "served again",
    State.REVOKED: "proof withdrawn",
    State.CANCELLED: "cancelled",
}
SHORTFALLS: Mapping[Shortfall, str] = {
    Shortfall.MAJORITY_CONTESTED: "whether it is a majority is contested",
    Shortfall.MAJORITY: "no majority of Yes votes",
    Shortfall.TURNOUT: "too few papers came back",
    Shortfall.SUPPORT: "too few Yes votes of those entitled",
}

CODE = re.compile(r"[a-z]+(_[a-z]+)+")
WORDS: Mapping[str, str] = {
    **{kind.value: kind.words for kind in ActionKind},
    "lists_and_total": "lists of the employees by category and workplace, and the total",
    "full_figures": "lists, figures for each, and the total",
    "workplace_figures": "figures for each workplace",
}
"""Codes among the facts of a notice whose own words would say too little."""


def stage_name(stage: str) -> str:
    """The stage of a case, in words."""
    return STAGE_NAMES[Stage(stage)]


def ballot_stage(stage: str) -> str:
    """Where a ballot stands, in words."""
    return BALLOT_STAGES[BallotStage(stage)]


def action_stage(stage: str) -> str:
    """Where a piece of action stands, in words."""
    return ACTION_STAGES[ActionStage(stage)]


def claim_state(state: str) -> str:
    """Where a claim stands, in words."""
    return CLAIM_STATES[ClaimState(state)]


def notice_word(state: str) -> str:
    """Where a notice stands, in words."""
    return NOTICE_STATES[State(state)]


def kind_of_action(kind: str) -> str:
    """`strike action`, `action short of a strike`."""
    return ActionKind(kind).words


def shortfall(reason: str) -> str:
    """Why a question gave no mandate, in words."""
    return SHORTFALLS[Shortfall(reason)]


def plain_word(value: object) -> object:
    """A stored value as a page says it: a code in words, anything else as it is."""
    if not isinstance(value, str):
        return value
    return WORDS.get(value) or (value.replace("_", " ") if CODE.fullmatch(value) else value)
