"""Steps of action: notices prepared and served, members instructed, action begun and ended. Each may run twice."""

from __future__ import annotations

import uuid
from datetime import date
from functools import partial
from itertools import accumulate

from ballots import barrister, calls, papers, receipts, repository, stand_down, steps, suspensions
from ballots.action import notice_unproved, result_unproved, too_late
from ballots.action_handlers import latest_receipt, settled_days, withdraw
from ballots.action_notice import notice_length
from ballots.calls import EndOfAction
from ballots.deadlines import set_mandate_deadline
from ballots.mandate import ActionKind
from ballots.models import Action, ActionStage
from casework import disputes, handlers, lifecycle, service_addresses
from casework import repository as cases
from casework.cases import Case
from casework.deadlines import DeadlineKind, cancel, meet
from casework.lifecycle import OVER, EventKind, Stage, allowed_kinds
from casework.register import links
from casework.register.models import Employer
from core.calendar import latest_receipt as latest_day
from core.findings import Finding, stops
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications import listing
from notifications.models import Notice

SERVED = {ActionKind.ASOS: EventKind.ACTION_NOTICE_SERVED, ActionKind.STRIKE: EventKind.STRIKE_NOTICE_SERVED}
SERVED_AT = {ActionKind.ASOS: Stage.ASOS_AUTHORISED, ActionKind.STRIKE: Stage.STRIKE_ESCALATION}


def told_result_on(uow: UnitOfWork, action: Action) -> date | None:
    """The day on which the employer is shown to have been told the result."""
    subject = papers.ballot_ref(action.mandate.ballot_id)
    recipient = f"employer:{action.mandate.employer_id}"
    return repository.received_on(uow, repository.papers(uow, subject, "ballot_result_employer", recipient))


def issues_of(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    """What keeps the notice of an action from being served today, and the warns of the other side's barrister."""
    if not _notices_of(uow, action):
        return (*issues_beside(uow, action), *_issues_before_preparing(uow, action))
    return (*issues_beside(uow, action), *barrister.weighty(barrister.against_action(uow, action)))


def issues_beside(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    """What no paper shows: that the employer was told the result, that the workplace stands, and where it is served."""
    employer = uow.session.get_one(Employer, action.mandate.employer_id)
    unconfirmed = service_addresses.findings(uow, action.mandate.ballot.dispute_id, [employer])
    return (
        *_result_unproved(uow, action),
        *links.findings_on(uow, [action.case.workplace], uow.today),
        *stops(unconfirmed),
    )


def _result_unproved(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    return (result_unproved(),) if told_result_on(uow, action) is None else ()


def _issues_before_preparing(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    """Whether a notice that is still to be made would come too late, by the law of today."""
    law = Consultation(uow.law, Nation(action.case.workplace.nation))
    length = notice_length(uow.today, papers.notice_terms(uow, action.mandate), law)
    latest = latest_day(action.starts_on, length.whole)
    return (too_late(action.starts_on, latest, uow.today),) if uow.today > latest else ()


def issues_standing(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    """What stands against action that was notified: the proof that its notice came in time may have been withdrawn."""
    if repository.received_on(uow, _notices_of(uow, action)) is None:
        return (notice_unproved(),)
    return (*_result_unproved(uow, action), *barrister.weighty(barrister.against_action(uow, action)))


def _notices_of(uow: UnitOfWork, action: Action) -> list[Notice]:
    return repository.papers(uow, papers.action_ref(action.id), "notice_of_action")


def prepare_action_notices(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Make the notice of each authorised action, once the employer has been told the result."""
    for action in repository.actions_of(uow, case_id, ActionStage.AUTHORISED):
        if listing.about(uow, papers.action_ref(action.id)) or stops(issues_of(uow, action)):
            continue
        latest = latest_receipt(uow, action.case, action.starts_on, action.mandate)
        papers.prepare_action_notice(uow, action, action.mandate.ballot, latest)


def serve_action_notices(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    Queue approved notices of action; one that is shown to have arrived in time makes its action notified. The day of
    one that nothing shows to have arrived any more is open again.
    """
    unproved = receipts.follow_action(uow, case_id)
    for action in repository.actions_of(uow, case_id, ActionStage.AUTHORISED):
        subject, prepared = papers.action_ref(action.id), _notices_of(uow, action)
        if not stops(issues_beside(uow, action)):
            barrister.queue_unless_stopped(uow, subject, prepared, partial(barrister.against_action, uow, action))
        received = repository.received_on(uow, prepared)
        if received is None:
            continue
        meet(uow, case_id, DeadlineKind.ACTION_NOTICE_RECEIVED, received, but=unproved)
        if stops(issues_standing(uow, action)):
            continue
        action.stage = ActionStage.NOTIFIED
        facts = {"action_id": str(action.id), "received_on": received, "starts_on": action.starts_on}
        handlers.record(uow, case_id, SERVED[action.kind], facts, happened_on=received)


def send_instruction_sheets(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Send each member of the workplace the instructions, while the notice of action is shown to be in time."""
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED):
        subject = papers.action_ref(action.id)
        if action.kind is not ActionKind.ASOS or repository.papers(uow, subject, "instruction_sheet"):
            continue
        if _may_be_called(uow, action):
            calls.instruct(uow, action, action.starts_on)


def send_strike_calls(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    Call each member of the workplace to the strike days still to come, while the notice is shown to be in time.

    Whoever joins before the last of those days is called too, once.
    """
    if cases.get(uow, case_id).stage is not Stage.STRIKE_ACTION:
        return
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED, ActionStage.BEGUN):
        calls.take_back_past(uow, action)
        days = [day for day in action.strike_days if day > uow.today and day not in settled_days(uow, action)]
        if days and _may_be_called(uow, action):
            calls.call_to_strike(uow, action, days)


def _may_be_called(uow: UnitOfWork, action: Action) -> bool:
    """Whether nothing stands against calling members to an action; the warns are kept when the first are called."""
    if repository.received_on(uow, _notices_of(uow, action)) is None or _result_unproved(uow, action):
        return False
    against, subject = barrister.against_action(uow, action), papers.action_ref(action.id)
    if stops(against.findings):
        return False
    if not repository.papers(uow, subject, "strike_call"):
        barrister.remember(uow, subject, against)
    return True


def begin_action(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Action short of a strike begins on its day, within its mandate."""
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED):
        begins_on = suspensions.first_day(uow, action)
        if action.kind is not ActionKind.ASOS or begins_on > uow.today:
            continue
        if not action.mandate.as_value().is_live(uow.today) or stops(issues_standing(uow, action)):
            continue
        action.stage = ActionStage.BEGUN
        facts = {"action_id": str(action.id), "instructions": action.instructions}
        handlers.record(uow, case_id, EventKind.ASOS_BEGAN, facts, happened_on=begins_on)
        meet(uow, case_id, DeadlineKind.ACTION_BEGINS, begins_on)


def end_strike(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """A strike is over when its last day has passed and every day is recorded as held or withdrawn."""
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED, ActionStage.BEGUN):
        if action.kind is not ActionKind.STRIKE or cases.get(uow, case_id).stage is not Stage.STRIKE_ACTION:
            continue
        recorded = settled_days(uow, action)
        if action.strike_days[-1] >= uow.today or recorded != set(action.strike_days):
            continue
        action.stage = ActionStage.ENDED
        facts = {"action_id": str(action.id)}
        handlers.record(uow, case_id, EventKind.STRIKE_OVER, facts, happened_on=action.strike_days[-1])
        for kind in (DeadlineKind.STRIKE_ENDS, DeadlineKind.ACTION_BEGINS):
            meet(uow, case_id, kind, action.strike_days[-1])


def end_action(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    End continuous action and tell members to stop: on the mandate's last day, which ends at midnight, or when the
    dispute is over; and what was stood down. What was authorised and can no longer be notified is withdrawn, a ballot
    without a dispute too.

    Strike days end by themselves: whether they were held is recorded even after the mandate is over.
    """
    case = cases.get(uow, case_id)
    steps.abandon_ballots(uow, case_id)
    stand_down.follow(uow, case_id)
    settled = case.stage in OVER or disputes.is_settled(uow, case_id)
    for action in repository.actions_of(uow, case_id, ActionStage.AUTHORISED):
        if case.stage is not SERVED_AT[action.kind] or uow.today > action.mandate.last_day:
            withdraw(uow, action, "the action can no longer be notified")
            _record_end(uow, action, case)
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED, ActionStage.BEGUN):
        if action.kind is ActionKind.STRIKE:
            if settled:
                _call_off_days(uow, action)
                action.stage = ActionStage.ENDED
                cancel(uow, case_id, DeadlineKind.ACTION_BEGINS, DeadlineKind.STRIKE_ENDS)
        elif settled or uow.today >= action.mandate.last_day:
            if settled or not _goes_on(uow, action):
                calls.tell_to_stop(uow, action, _how_it_ended(uow, case_id) if settled else EndOfAction.MANDATE_ENDS)
            _end(uow, action, case, settled=settled)


def _how_it_ended(uow: UnitOfWork, case_id: uuid.UUID) -> EndOfAction:
    """Terms are spoken of only where there are some: a case may be closed with nothing agreed, and reopened since."""
    first, *rest = cases.events_of(uow, case_id)
    states = list(accumulate(rest, lifecycle.apply, initial=lifecycle.begin(first)))
    over = (each for each in reversed(states) if each.agreement_reached or each.stage is Stage.CLOSED)
    last = next(over, states[-1])
    return EndOfAction.SETTLED if last.agreement_reached else EndOfAction.CLOSED


def _goes_on(uow: UnitOfWork, action: Action) -> bool:
    """Whether notified action of the same kind under a later mandate takes over without a gap."""
    last_day = action.mandate.last_day
    return any(
        each.kind is action.kind and each.mandate.last_day > last_day and (each.starts_on - last_day).days <= 1
        for each in repository.actions_of(uow, action.case_id, ActionStage.NOTIFIED, ActionStage.BEGUN)
    )


def _call_off_days(uow: UnitOfWork, action: Action) -> None:
    recorded = settled_days(uow, action)
    for day in action.strike_days:
        if day >= uow.today and day not in recorded:
            calls.call_off(uow, action, day)


def _end(uow: UnitOfWork, action: Action, case: Case, *, settled: bool) -> None:
    if not settled and uow.today == action.mandate.last_day:
        return
    action.stage = ActionStage.ENDED
    if not settled:
        _record_end(uow, action, case)
        meet(uow, case.id, DeadlineKind.MANDATE_ENDS, action.mandate.last_day)
        set_mandate_deadline(uow, case)


def _record_end(uow: UnitOfWork, action: Action, case: Case) -> None:
    """That action short of a strike is over, once nothing of it is left and its mandate is over."""
    live = (ActionStage.AUTHORISED, ActionStage.NOTIFIED, ActionStage.BEGUN)
    left = [each for each in repository.actions_of(uow, case.id, *live) if each.kind is ActionKind.ASOS]
    if action.kind is ActionKind.STRIKE or left or uow.today <= action.mandate.last_day:
        return
    if EventKind.ASOS_ENDED in allowed_kinds(case.stage):
        facts = {"action_id": str(action.id), "reason": "the mandate is over"}
        handlers.record(uow, case.id, EventKind.ASOS_ENDED, facts)
