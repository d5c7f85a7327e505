"""
Suspension by agreement: continuous action stops on a day and resumes on another without a new notice (s. 234A(7B)).

What was agreed stands in a row; the action resumes from that row on its day. Nothing resumes while the dispute stands
down.
"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select

from ballots import calls, papers, repository, stood_down
from ballots import restart as rules
from ballots.mandate import ActionKind
from ballots.models import LIVE, Action, ActionStage, ActionSuspension
from ballots.pack import Suspension
from ballots.restart import Ceased, Pause
from casework import handlers
from casework.deadlines import Deadline, DeadlineKind, open_deadlines, set_among
from core import history
from core.calendar import in_words, shift
from core.errors import Conflict, RuleViolation
from core.findings import Finding
from core.tulrca import SUSPENSION
from core.unit_of_work import UnitOfWork
from core.why import Why

SUSPENDED, EXTENDED, RESUMED = "suspended", "suspension_extended", "resumed"
ON = (ActionStage.NOTIFIED, ActionStage.BEGUN)
"""Where action can be suspended, and resume."""


def suspend(uow: UnitOfWork, case_id: uuid.UUID, pause: Pause, agreement: str) -> ActionSuspension:
    """
    Record an agreed suspension of the case's continuous action, and tell its members and its employer of both days.

    `Conflict` when there is no such action or it is suspended already, `RuleViolation` for what the law does not let
    resume without a new notice, for an agreement that is not made yet, and for days that are over or were those of an
    earlier suspension. `agreement` says where the agreement is written down.
    """
    action = _continuous(uow, case_id)
    if standing(uow, action.id) is not None:
        raise Conflict(
            "This action is suspended already. Extend that suspension, or withdraw the notice of the action."
        )
    before = next(iter(of_action(uow, action.id)), None)
    found = (
        *rules.not_made_yet(pause.agreed_on, uow.today),
        *rules.against_suspension(pause, action.pattern, action.starts_on, action.mandate.last_day),
        *rules.against_telling_now(pause, before.resumes_on if before else None, uow.today),
    )
    _require(found, "The action cannot be suspended so.")
    row = ActionSuspension(
        action_id=action.id,
        agreed_on=pause.agreed_on,
        agreement=agreement,
        suspends_on=pause.suspends_on,
        resumes_on=pause.resumes_on,
        extensions=0,
        recorded_by=uow.actor,
        recorded_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    _note(uow, row, SUSPENDED)
    return row


def extend(
    uow: UnitOfWork, case_id: uuid.UUID, *, agreed_on: date, resumes_on: date, agreement: str
) -> ActionSuspension:
    """
    Put the day of resumption off by a further agreement, made before the present one has come. `agreement` says where
    it is written down.
    """
    row = _suspension(uow, case_id)
    pause = Pause(row.agreed_on, row.suspends_on, row.resumes_on)
    found = (
        *rules.not_made_yet(agreed_on, uow.today),
        *rules.against_extension(pause, agreed_on, resumes_on, row.action.mandate.last_day),
    )
    _require(found, "The suspension cannot be extended so.")
    row.resumes_on, row.extensions = resumes_on, row.extensions + 1
    row.extended_agreed_on, row.extended_agreement = agreed_on, agreement
    _note(uow, row, EXTENDED)
    return row


def _note(uow: UnitOfWork, row: ActionSuspension, what: str) -> None:
    action = row.action
    agreed_on = row.extended_agreed_on or row.agreed_on
    facts = {"agreed_on": agreed_on, "suspends_on": row.suspends_on, "resumes_on": row.resumes_on}
    history.record(uow, f"ballots:action:{what}", papers.action_ref(action.id), facts)
    _await_resumption(uow, row)
    version = f"{row.suspends_on.isoformat()}-{row.extensions + 1}"
    calls.tell_all(uow, action, "action_suspended", _facts(action, row), version=version)
    handlers.look_at(uow, action.case_id)


def _await_resumption(uow: UnitOfWork, row: ActionSuspension) -> None:
    agreed = (row.agreed_on, row.extended_agreed_on) if row.extended_agreed_on else (row.agreed_on,)
    why = Why(
        rule="Continuous action that union and employer agreed to suspend resumes on the day they agreed, and wants no "
        "new notice.",
        inputs={"suspended from": in_words(row.suspends_on), "agreed on": " and ".join(map(in_words, agreed))},
        arithmetic=in_words(row.resumes_on),
        citation=SUSPENSION,
        certainty="practitioner",
        changes_if="a further agreement with the employer",
    )
    await_beside_others(uow, row.action, row.resumes_on, why)


def await_beside_others(uow: UnitOfWork, action: Action, on: date, why: Why) -> None:
    """
    A day on which action begins or resumes is due, and so are those of other action of the case. What ended those may
    have ended this one with them; it is due again then.
    """
    still = _awaited(uow, action.case_id)
    rows = uow.session.scalars(select(Deadline).filter_by(case_id=action.case_id, kind=DeadlineKind.ACTION_BEGINS))
    ours = [each for each in rows if each.due_on == on or each.due_on not in still]
    set_among(uow, ours, action.case_id, DeadlineKind.ACTION_BEGINS, on, why).met_on = None


def _awaited(uow: UnitOfWork, case_id: uuid.UUID) -> set[date]:
    """The days on which action of a case that is not off begins, resumes from its suspension, or ends as a strike."""
    found: set[date] = set()
    for action in repository.actions_of(uow, case_id, *LIVE):
        found |= {first_day(uow, action), *action.strike_days[-1:]}
        found |= {row.resumes_on for row in of_action(uow, action.id) if row.resumed_at is None}
    return found


def first_day(uow: UnitOfWork, action: Action) -> date:
    """
    The day on which action begins: the earliest that its notice and the lifting of a stand-down leave, or where an
    agreed suspension runs on that, the day on which it is over.
    """
    return free_day(uow, action, stood_down.goes_on_from(uow, action))


def free_day(uow: UnitOfWork, action: Action, on: date) -> date:
    """The day itself, or the end of the suspension that runs on it, whatever became of its own day of resumption."""
    pauses = [Pause(row.agreed_on, row.suspends_on, row.resumes_on) for row in of_action(uow, action.id)]
    return rules.outside(pauses, on)


def forget_days(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Cancel the days on which action that is off would have begun and ended; those of other action stay due."""
    still = _awaited(uow, case_id)
    for deadline in open_deadlines(uow, case_id, DeadlineKind.ACTION_BEGINS, DeadlineKind.STRIKE_ENDS):
        if deadline.due_on not in still:
            deadline.cancelled_on = uow.today


def after_stand_down(uow: UnitOfWork, action: Action, resumes_on: date) -> None:
    """
    Let continuous action that stopped for a court go on from a day. On a day inside an agreed suspension nobody is
    called: the agreement holds, and its own day of resumption is awaited. So it is where an earlier lifting had named a
    later day, on which the suspension was over.
    """
    for row in of_action(uow, action.id):
        if resumes_on < row.resumes_on:
            row.resumed_at = None
            _await_resumption(uow, row)
        else:
            row.resumed_at = row.resumed_at or uow.now
    if free_day(uow, action, resumes_on) == resumes_on:
        call_again(uow, action, resumes_on, Ceased.COURT_ORDER)


def resume_suspended(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    Call members again on the agreed day of resumption, once, unless the dispute stands down. Until then that day stays
    due, whatever becomes of other action of the case.
    """
    for row in _rows(uow, case_id):
        action = row.action
        if row.resumes_on > uow.today:
            _await_resumption(uow, row)
            continue
        if stood_down.against_action(uow, action.mandate.ballot.dispute_id):
            continue
        if free_day(uow, action, row.resumes_on) == row.resumes_on:
            call_again(uow, action, row.resumes_on, Ceased.AGREEMENT)
        row.resumed_at = uow.now
        for deadline in open_deadlines(uow, case_id, DeadlineKind.ACTION_BEGINS):
            if deadline.due_on <= row.resumes_on:
                deadline.met_on = row.resumes_on


def call_again(uow: UnitOfWork, action: Action, resumes_on: date, ceased: Ceased) -> None:
    """
    Tell the members of the workplace, and its employer, that continuous action goes on from a day. Whoever holds no
    instructions is sent them: they may have been kept back while the dispute stood down.
    """
    facts = {**_common(action), "resumes_on": resumes_on.isoformat(), "because": ceased.value}
    calls.tell_all(uow, action, "action_resumes", facts, version=resumes_on.isoformat())
    calls.instruct(uow, action, resumes_on)
    history.record(uow, f"ballots:action:{RESUMED}", papers.action_ref(action.id), {"resumes_on": resumes_on})


def standing(uow: UnitOfWork, action_id: uuid.UUID) -> ActionSuspension | None:
    """The suspension of an action that has not been resumed from."""
    return next((row for row in of_action(uow, action_id) if row.resumed_at is None), None)


def of_action(uow: UnitOfWork, action_id: uuid.UUID) -> list[ActionSuspension]:
    """Every suspension of an action, the latest first."""
    rows = select(ActionSuspension).where(ActionSuspension.action_id == action_id)
    return list(uow.session.scalars(rows.order_by(ActionSuspension.suspends_on.desc())))


def periods(uow: UnitOfWork, action: Action, last: date) -> list[tuple[date, date]]:
    """From when to when continuous action is taken, up to a last day, less the days of its suspensions."""
    found, first = [], action.starts_on
    for row in reversed(of_action(uow, action.id)):
        found.append((first, min(shift(row.suspends_on, -1), last)))
        first = row.resumes_on
    found.append((first, last))
    return [(begins, ends) for begins, ends in found if begins <= ends]


def as_fact(uow: UnitOfWork, action: Action) -> Suspension | None:
    """The latest agreement on an action, as a pack holds it."""
    rows = of_action(uow, action.id)
    return Suspension(rows[0].agreed_on, rows[0].suspends_on, rows[0].resumes_on) if rows else None


def may_suspend(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether the case has continuous action that is not suspended."""
    found = _live(uow, case_id)
    return found is not None and standing(uow, found.id) is None


def may_extend(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether the case has action that is suspended, and not over or stood down."""
    return bool(_rows(uow, case_id))


def _rows(uow: UnitOfWork, case_id: uuid.UUID) -> list[ActionSuspension]:
    """The suspensions of a case that action has not resumed from, of action that is neither over nor stood down."""
    rows = (
        select(ActionSuspension)
        .join(ActionSuspension.action)
        .where(Action.case_id == case_id, ActionSuspension.resumed_at.is_(None), Action.stage.in_(ON))
        .order_by(ActionSuspension.suspends_on, ActionSuspension.id)
    )
    return list(uow.session.scalars(rows))


def _suspension(uow: UnitOfWork, case_id: uuid.UUID) -> ActionSuspension:
    found = _rows(uow, case_id)
    if not found:
        raise Conflict(
            "No action of this case that is notified or under way is suspended. Record the suspension first."
        )
    return found[-1]


def _live(uow: UnitOfWork, case_id: uuid.UUID) -> Action | None:
    live = repository.actions_of(uow, case_id, *ON)
    return next((each for each in reversed(live) if each.kind is ActionKind.ASOS), None)


def _continuous(uow: UnitOfWork, case_id: uuid.UUID) -> Action:
    found = _live(uow, case_id)
    if found is None:
        raise Conflict(
            "No continuous action of this case is notified or under way. Days of a strike are called off one by one."
        )
    return found


def _require(found: tuple[Finding, ...], refusal: str) -> None:
    if found:
        raise RuleViolation(refusal, found)


def _common(action: Action) -> dict[str, object]:
    workplace = action.case.workplace
    return {
        "workplace_name": workplace.name,
        "employer_name": workplace.employer.name,
        "reference": action.case.ref,
    }


def _facts(action: Action, row: ActionSuspension) -> dict[str, object]:
    return {
        **_common(action),
        "suspends_on": row.suspends_on.isoformat(),
        "resumes_on": row.resumes_on.isoformat(),
        "agreed_on": row.agreed_on.isoformat(),
        "extended_on": row.extended_agreed_on.isoformat() if row.extended_agreed_on else None,
    }
