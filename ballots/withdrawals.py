"""
Taking back action that was notified: some of its days, or the whole of it. The employer is told though no law wants it,
and members are.

A notice that was given may lose days; other days want a new notice, whose whole time runs.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from ballots import calls, papers, repository, restart, suspensions
from ballots.action_handlers import settled_days, withdraw_strike_day
from ballots.calls import tell_all
from ballots.mandate import ActionKind
from ballots.models import LIVE, Action, ActionStage
from ballots.stood_down import kept_back
from casework import handlers
from casework import repository as cases
from casework.lifecycle import EventKind, Stage, allowed_kinds
from core import history
from core.errors import BadInput, Conflict, RuleViolation
from core.unit_of_work import UnitOfWork
from notifications import listing

WITHDRAWN, VARIED = "ballots:action:notice_withdrawn", "ballots:action:notice_varied"
TO_COME = "a day of the strike that is to come; one that has come is recorded as held or as called off"
IN_WORDS = {ActionKind.STRIKE: "strike", ActionKind.ASOS: "action short of a strike"}


def vary(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    *,
    cancelled: Sequence[date],
    added: Sequence[date],
    reason: str,
    key: str | None = None,
) -> None:
    """
    Take days out of a notice of a strike that was given: members are told of each, the employer of all at once.

    `RuleViolation` when days are to be added: those want a new notice. `BadInput` for a day that was not notified, or
    has come: whether anybody struck on it, a person says.
    """
    if added:
        raise RuleViolation("The notice cannot be varied so.", (restart.new_days_want_a_notice(),))
    days = sorted(set(cancelled))
    off = {day: action for action in _notified(uow, case_id, ActionKind.STRIKE) for day in action.strike_days}
    for day in days:
        if day <= uow.today:
            raise BadInput(field="cancelled", found=day.isoformat(), wanted=TO_COME)
        withdraw_strike_day(uow, case_id, on=day, reason=reason, key=f"{key}:{day:%Y%m%d}" if key else None)
    for action in dict.fromkeys(off[day] for day in days):
        ours = [day for day in days if off[day] is action]
        gone = settled_days(uow, action)
        left = [day for day in action.strike_days if day >= uow.today and day not in gone]
        facts = {
            "employer_name": action.case.workplace.employer.name,
            "workplace_name": action.case.workplace.name,
            "cancelled": [day.isoformat() for day in ours],
            "left": [day.isoformat() for day in left],
            "reference": _reference(action),
        }
        calls.tell_employer(uow, action, "notice_varied_employer", facts, version=f"{ours[0]:%Y%m%d}-{len(gone)}")
        history.record(uow, VARIED, papers.action_ref(action.id), {"cancelled": facts["cancelled"]})


def withdraw_notice(uow: UnitOfWork, case_id: uuid.UUID, kind: ActionKind, reason: str) -> None:
    """
    Withdraw the notice of a kind of action: what is to come of it is off. The employer is told so, and members, those
    who were called and have left or moved since among them. A strike day that has come waits for a person.

    `Conflict` when no action of that kind is notified. To act again takes a new notice.
    """
    found = _notified(uow, case_id, kind)
    if not found:
        raise Conflict(
            f"No {IN_WORDS[kind]} of this case is notified. A notice that has not left is taken back when other action "
            "is authorised, or when the dispute stands down."
        )
    for action in found:
        facts = {
            "workplace_name": action.case.workplace.name,
            "employer_name": action.case.workplace.employer.name,
            "kind": kind.value,
            "withdrawn_on": uow.today.isoformat(),
            "reference": action.case.ref,
        }
        subject = papers.action_ref(action.id)
        papers.take_back(uow, listing.about(uow, subject, kinds=kept_back()), reason)
        tell_all(uow, action, "action_withdrawn", facts, version="1", also=calls.were_called(uow, action))
        history.record(uow, WITHDRAWN, subject, {"kind": kind, "reason": reason})
        if kind is ActionKind.STRIKE:
            call_off_days(uow, action, [day for day in action.strike_days if day > uow.today], reason)
            action.stage = ActionStage.STOOD_DOWN
            close_strike(uow, action)
        else:
            close_asos(uow, action, reason)
    suspensions.forget_days(uow, case_id)


def may_withdraw(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether action of the case is notified or under way."""
    return bool(repository.actions_of(uow, case_id, ActionStage.NOTIFIED, ActionStage.BEGUN))


def may_vary(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether a strike of the case has days to come that are not called off."""
    return any(
        day > uow.today and day not in settled_days(uow, action)
        for action in _notified(uow, case_id, ActionKind.STRIKE)
        for day in action.strike_days
    )


def call_off_days(uow: UnitOfWork, action: Action, days: Sequence[date], reason: str) -> None:
    """Record that days of a strike are off, those that are recorded already excepted. Nobody is told by this."""
    if cases.get(uow, action.case_id).stage is not Stage.STRIKE_ACTION:
        return
    recorded = settled_days(uow, action)
    for day in days:
        if day not in recorded:
            facts = {"on": day, "action_id": str(action.id), "reason": reason}
            handlers.record(uow, action.case_id, EventKind.STRIKE_DAY_WITHDRAWN, facts)


def close_strike(uow: UnitOfWork, action: Action) -> None:
    """
    End a strike that is off. While one of its days waits for somebody to record it, nothing happens: only people know
    whether anybody struck.
    """
    striking = cases.get(uow, action.case_id).stage is Stage.STRIKE_ACTION
    if striking and settled_days(uow, action) != set(action.strike_days):
        return
    action.stage = ActionStage.ENDED
    others = repository.actions_of(uow, action.case_id, *LIVE, ActionStage.STOOD_DOWN)
    if striking and not any(each.kind is ActionKind.STRIKE for each in others):
        handlers.record(uow, action.case_id, EventKind.STRIKE_OVER, {"action_id": str(action.id)})


def close_asos(uow: UnitOfWork, action: Action, reason: str) -> None:
    """End action short of a strike that is off; the case notes it once none is left."""
    action.stage = ActionStage.ENDED
    others = repository.actions_of(uow, action.case_id, *LIVE, ActionStage.STOOD_DOWN)
    if any(each.kind is ActionKind.ASOS for each in others):
        return
    if EventKind.ASOS_ENDED in allowed_kinds(cases.get(uow, action.case_id).stage):
        handlers.record(uow, action.case_id, EventKind.ASOS_ENDED, {"action_id": str(action.id), "reason": reason})


def _notified(uow: UnitOfWork, case_id: uuid.UUID, kind: ActionKind) -> list[Action]:
    live = repository.actions_of(uow, case_id, ActionStage.NOTIFIED, ActionStage.BEGUN)
    return [action for action in live if action.kind is kind]


def _reference(action: Action) -> str:
    return f"{action.mandate.ballot.ref}/{action.kind.value}/{action.starts_on:%Y%m%d}"
