"""
The ladder as the union wrote it down, and nothing of how the product keeps it.

Which stage a case is at follows from what happened to it. Only what moves a case is here; all else leaves it standing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

RUNGS = (
    "raised",
    "members_meeting",
    "head_meeting",
    "officer_assigned",
    "officer_members_meeting",
    "officer_negotiation",
    "ballot_preparation",
    "ballot_open",
    "ballot_result",
    "asos_authorised",
    "asos_in_force",
    "strike_escalation",
    "strike_action",
    "pay_reimbursement",
    "settled",
    "monitoring",
    "closed",
)


@dataclass
class Happened:
    """One row of what happened: a word, a day, what is known of it."""

    kind: str
    on: date
    facts: dict[str, Any]


@dataclass
class Standing:
    """Where a case stands, and what the way on depends on."""

    stage: str = "raised"
    since: date = date.min
    officer: str | None = None
    days_struck: int = 0
    agreed: bool = False
    rests_until: str | None = None
    ballot: str | None = None


def _accepted_or(refused: str) -> Callable[[Happened, Standing], str | None]:
    return lambda event, _now: {"accepted": "settled", "refused": refused}.get(event.facts["answer"])


def _most(event: Happened) -> bool:
    return event.facts["in_favour"] > event.facts["present"] - event.facts["in_favour"]


def _settled(_event: Happened, now: Standing) -> str:
    """From a strike with days lost, pay comes first."""
    return "pay_reimbursement" if now.days_struck and now.stage in PAID_FIRST else "settled"


def _after_reopening(_event: Happened, now: Standing) -> str:
    return "officer_negotiation" if now.officer else "officer_assigned"


PAID_FIRST = ("strike_action", "pay_reimbursement")
MOVES: dict[tuple[str, str], str | Callable[[Happened, Standing], str | None]] = {
    ("raised", "members_meeting_arranged"): "members_meeting",
    ("members_meeting", "members_meeting_held"): lambda event, _now: "head_meeting" if _most(event) else None,
    ("head_meeting", "head_met"): _accepted_or("officer_assigned"),
    ("head_meeting", "head_did_not_answer"): "officer_assigned",
    ("officer_assigned", "officer_accepted"): "officer_members_meeting",
    ("officer_members_meeting", "assessment_recorded"): "officer_negotiation",
    ("officer_negotiation", "negotiation_held"): _accepted_or("ballot_preparation"),
    ("ballot_preparation", "ballot_opened"): "ballot_open",
    ("ballot_preparation", "ballot_cancelled"): "officer_negotiation",
    ("ballot_open", "ballot_cancelled"): "officer_negotiation",
    ("ballot_open", "ballot_closed"): "ballot_result",
    ("ballot_result", "result_declared"): lambda event, now: (
        None if event.facts["mandates"] or event.facts["ballot_id"] != now.ballot else "officer_negotiation"
    ),
    ("ballot_result", "asos_authorised"): "asos_authorised",
    ("ballot_result", "escalation_sought"): "strike_escalation",
    ("asos_authorised", "asos_began"): "asos_in_force",
    ("asos_authorised", "asos_ended"): "officer_negotiation",
    ("asos_in_force", "escalation_sought"): "strike_escalation",
    ("asos_in_force", "asos_ended"): "officer_negotiation",
    ("strike_escalation", "escalation_meeting_held"): lambda event, _now: (
        None if _most(event) else "officer_negotiation"
    ),
    ("strike_escalation", "negotiation_held"): _accepted_or("ballot_preparation"),
    ("strike_escalation", "strike_notice_served"): "strike_action",
    ("strike_action", "strike_over"): lambda _event, now: (
        "pay_reimbursement" if now.days_struck else "officer_negotiation"
    ),
    ("pay_reimbursement", "claims_settled"): lambda _event, now: "settled" if now.agreed else "strike_escalation",
    ("settled", "agreement_signed_off"): "monitoring",
    ("monitoring", "monitoring_finished"): "closed",
    **{(rung, "settlement_reached"): _settled for rung in RUNGS[:14]},
    **{(rung, "case_closed"): "closed" for rung in (*RUNGS[:6], "ballot_result", "settled", "monitoring")},
    **{(rung, "case_reopened"): _after_reopening for rung in ("settled", "monitoring", "closed")},
}


def climbed(events: Iterable[Happened]) -> list[Standing]:
    """Where a case stood after each thing that happened, oldest first."""
    now, stood = Standing(), []
    for event in events:
        now = _after(now, event)
        stood.append(now)
    return stood


def _after(now: Standing, event: Happened) -> Standing:
    if event.kind == "case_raised":
        return Standing(since=event.on)
    move = MOVES.get((now.stage, event.kind))
    to = (move(event, now) if callable(move) else move) or now.stage
    rests = str(event.facts["wake_on"]) if event.kind == "case_rested" else None
    since = event.on if to != now.stage else now.since
    then = Standing(to, since, now.officer, now.days_struck, now.agreed, rests, now.ballot)
    if event.kind == "officer_assigned":
        then.officer = event.facts["officer_id"]
    elif event.kind == "ballot_authorised":
        then.ballot = event.facts["ballot_id"]
    elif event.kind == "officer_declined":
        then.officer = None
    elif event.kind == "strike_day_held":
        then.days_struck += 1
    elif event.kind in {"claims_settled", "case_reopened"}:
        then.days_struck = 0
    if event.kind == "settlement_reached" or event.facts.get("answer") == "accepted":
        then.agreed = True
    elif event.kind in {"case_reopened", "head_met", "negotiation_held"}:
        then.agreed = False
    return then
