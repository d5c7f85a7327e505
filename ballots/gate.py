"""
The one gate before a statutory paper leaves: asked when it is queued, when a person lets it go, and at each hand-over.

A paper is approved once, and the register, the law and the day go on. What stood against it then is not what stands
against it now, so whoever sends asks again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from ballots import action_steps, barrister, law_standing
from ballots.models import Action, Ballot
from core.errors import RuleViolation
from core.findings import Finding, stops
from core.unit_of_work import UnitOfWork
from notifications.models import Notice


def against(uow: UnitOfWork, notice: Notice) -> tuple[Finding, ...]:
    """The stops that stand against a statutory paper of a ballot or an action today; none for any other notice."""
    kind, _, key = notice.subject_ref.partition(":")
    if not notice.statutory or kind not in ("ballot", "action"):
        return ()
    stale = law_standing.subject_stops(uow, notice.subject_ref)
    if kind == "ballot":
        found = barrister.against_ballot(uow, uow.session.get_one(Ballot, uuid.UUID(key)))
        return (*stops(found.findings), *stale)
    action = uow.session.get_one(Action, uuid.UUID(key))
    beside = action_steps.issues_beside(uow, action)
    return (*stops((*beside, *barrister.against_action(uow, action).findings)), *stale)


def refuse(uow: UnitOfWork, notice: Notice) -> None:
    """`RuleViolation` with the stops, if one stands against the notice."""
    found = against(uow, notice)
    if found:
        raise RuleViolation("The notice cannot go: a stop stands against it today.", found)


def keeper() -> Callable[[UnitOfWork, Notice], str | None]:
    """
    For one sweep of the delivery: why a notice has to wait for a person, by the codes of its stops; None lets it go.

    The papers of one ballot are judged together, so each ballot and action is examined once a sweep.
    """
    told: dict[str, str | None] = {}

    def ask(uow: UnitOfWork, notice: Notice) -> str | None:
        if not notice.statutory:
            return None
        if notice.subject_ref not in told:
            codes = sorted({found.code for found in against(uow, notice)})
            told[notice.subject_ref] = f"a stop stands against it: {', '.join(codes)}" if codes else None
        return told[notice.subject_ref]

    return ask
