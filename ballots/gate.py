"""
The one gate before a notice leaves: asked when a paper is queued, when a person lets it go, and at each hand-over.

A paper is approved once, and the register, the law and the day go on. What stood against it then is not what stands
against it now, so whoever sends asks again. While a dispute stands down no call to action passes, statutory or not.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from ballots import action_steps, barrister, calls, law_relied_on, stood_down
from ballots.lifecycle import BallotStage
from ballots.models import LIVE, Action, Ballot
from casework import service_addresses
from core.errors import RuleViolation
from core.findings import Finding, Severity, stops
from core.tulrca import NOTICE_OF_ACTION, NOTICE_OF_BALLOT
from core.unit_of_work import UnitOfWork
from notifications.models import Notice

BALLOT_CANCELLED = Finding(
    "ballot_cancelled",
    Severity.STOP,
    "The ballot was cancelled, so nothing more of it goes to an employer.",
    "Authorise a new ballot if there is to be one: its papers are drawn up anew.",
    NOTICE_OF_BALLOT,
)
ACTION_OVER = Finding(
    "action_over",
    Severity.STOP,
    "The action is over or was called off, so no notice of it goes to an employer.",
    "Authorise action anew if there is to be any: its notice is drawn up anew.",
    NOTICE_OF_ACTION,
)
"""Why a paper stays that could not be taken back, as nobody knows whether a copy of it went out."""


def against(uow: UnitOfWork, notice: Notice) -> tuple[Finding, ...]:
    """The stops that stand against a statutory paper of a ballot or an action, or against a call to action, today."""
    stands_down, subject = _no_call_now(uow, notice), _subject(uow, notice)
    if stands_down or subject is None:
        return stands_down
    over = _over(subject)
    if over is not None:
        return (over,)
    stale = law_relied_on.subject_stops(uow, notice.subject_ref)
    if isinstance(subject, Ballot):
        unconfirmed = service_addresses.findings(uow, subject.dispute_id, [leg.employer for leg in subject.legs])
        return (*stops((*barrister.against_ballot(uow, subject).findings, *unconfirmed)), *stale)
    beside = action_steps.issues_beside(uow, subject)
    return (*stops((*beside, *barrister.against_action(uow, subject).findings)), *stale)


def _subject(uow: UnitOfWork, notice: Notice) -> Ballot | Action | None:
    """What a statutory paper is of; None for any other notice."""
    kind, _, key = notice.subject_ref.partition(":")
    if not notice.statutory or kind not in ("ballot", "action"):
        return None
    if kind == "ballot":
        return uow.session.get_one(Ballot, uuid.UUID(key))
    return uow.session.get_one(Action, uuid.UUID(key))


def _over(subject: Ballot | Action) -> Finding | None:
    """The stop for whatever is left of the papers of a ballot that was cancelled, or of action that is not live."""
    if isinstance(subject, Ballot):
        return BALLOT_CANCELLED if subject.stage is BallotStage.CANCELLED else None
    return None if subject.stage in LIVE else ACTION_OVER


def _no_call_now(uow: UnitOfWork, notice: Notice) -> tuple[Finding, ...]:
    """What stands against a call to action: its dispute stands down, or the day it speaks of as tomorrow has come."""
    return stood_down.against_notice(uow, notice) or calls.against_reminder(uow, notice)


def refuse(uow: UnitOfWork, notice: Notice) -> None:
    """`RuleViolation` with the stops, if one stands against the notice."""
    found = against(uow, notice)
    if found:
        raise RuleViolation("The notice cannot go: a stop stands against it today.", found)


def keeper() -> Callable[[UnitOfWork, Notice], str | None]:
    """
    For one sweep of the delivery: why a notice has to wait for a person, by the codes of its stops; None lets it go.

    The papers of one ballot are judged together, so each ballot and action is examined once a sweep. Whether its
    dispute stands down, or it was cancelled or called off, is asked for each notice anew: that may come while the sweep
    is on its way.
    """
    told: dict[str, str | None] = {}

    def ask(uow: UnitOfWork, notice: Notice) -> str | None:
        stands_down, subject = _no_call_now(uow, notice), _subject(uow, notice)
        if stands_down:
            return _kept(stands_down)
        if subject is None:
            return None
        if notice.subject_ref not in told or _over(subject) is not None:
            told[notice.subject_ref] = _kept(against(uow, notice))
        return told[notice.subject_ref]

    return ask


def _kept(found: tuple[Finding, ...]) -> str | None:
    codes = sorted({finding.code for finding in found})
    return f"a stop stands against it: {', '.join(codes)}" if codes else None
