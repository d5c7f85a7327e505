"""Steps of action: notices prepared and served, members instructed, action begun and ended. Each may run twice."""

from __future__ import annotations

import uuid
from datetime import date

from ballots import papers, repository, steps
from ballots.action import issues_before_serving
from ballots.action_handlers import latest_receipt, settled_days, withdraw
from ballots.action_notice import notice_length
from ballots.deadlines import set_mandate_deadline
from ballots.mandate import ActionKind
from ballots.models import Action, ActionStage
from casework import disputes, handlers, parties
from casework import repository as cases
from casework.cases import Case
from casework.deadlines import DeadlineKind, meet
from casework.issues.catalogue import instruction
from casework.lifecycle import EventKind, Stage, allowed_kinds
from core.calendar import latest_receipt as latest_day
from core.findings import Finding, stops
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message

SERVED = {ActionKind.ASOS: EventKind.ACTION_NOTICE_SERVED, ActionKind.STRIKE: EventKind.STRIKE_NOTICE_SERVED}
SERVED_AT = {ActionKind.ASOS: Stage.ASOS_AUTHORISED, ActionKind.STRIKE: Stage.STRIKE_ESCALATION}
OVER = frozenset({Stage.SETTLED, Stage.MONITORING, Stage.CLOSED})


def told_result_on(uow: UnitOfWork, action: Action) -> date | None:
    """The day on which the employer is shown to have been told the result."""
    subject = papers.ballot_ref(action.mandate.ballot_id)
    recipient = f"employer:{action.mandate.employer_id}"
    return repository.received_on(uow, repository.papers(uow, subject, "ballot_result_employer", recipient))


def issues_of(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    """What keeps the notice of an action from being served today."""
    return issues_on(uow, action, uow.today)


def issues_on(uow: UnitOfWork, action: Action, received_on: date) -> tuple[Finding, ...]:
    """What is wrong with a notice of action received on a day, by the law of that day."""
    law = Consultation(uow.law, Nation(action.case.workplace.nation))
    length = notice_length(received_on, papers.notice_terms(uow, action.mandate), law)
    latest = latest_day(action.starts_on, length.whole)
    return issues_before_serving(action.starts_on, latest, received_on, told_result_on(uow, action))


def prepare_action_notices(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Make the notice of each authorised action, once the employer has been told the result."""
    for action in repository.actions_of(uow, case_id, ActionStage.AUTHORISED):
        if outbox.about(uow, papers.action_ref(action.id)) or stops(issues_of(uow, action)):
            continue
        latest = latest_receipt(uow, action.case, action.starts_on, action.mandate)
        papers.prepare_action_notice(uow, action, action.mandate.ballot, latest)


def serve_action_notices(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Queue approved notices of action; one that is shown to have arrived in time makes its action notified."""
    for action in repository.actions_of(uow, case_id, ActionStage.AUTHORISED):
        prepared = outbox.about(uow, papers.action_ref(action.id))
        if not stops(issues_of(uow, action)):
            papers.queue_approved(uow, prepared)
        received = repository.received_on(uow, prepared)
        if received is None:
            continue
        meet(uow, case_id, DeadlineKind.ACTION_NOTICE_RECEIVED, received)
        if stops(issues_on(uow, action, received)):
            continue
        action.stage = ActionStage.NOTIFIED
        facts = {"action_id": str(action.id), "received_on": received, "starts_on": action.starts_on}
        handlers.record(uow, case_id, SERVED[action.kind], facts, happened_on=received)


def send_instruction_sheets(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Send each member of the workplace the instructions, once the notice of action has arrived in time."""
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED):
        subject = papers.action_ref(action.id)
        if action.kind is not ActionKind.ASOS or repository.papers(uow, subject, "instruction_sheet"):
            continue
        message = Message("instruction_sheet", _sheet_facts(action))
        for member in cases.members_at(uow, action.case.workplace_id):
            to = parties.member(member)
            medium = Medium.MAIL if to.can_receive(Medium.MAIL) else Medium.LETTER
            outbox.enqueue(uow, message, to, medium=medium, subject_ref=subject)


def _sheet_facts(action: Action) -> dict[str, object]:
    named = [instruction(number) for number in action.instructions]
    return {
        "workplace_name": action.case.workplace.name,
        "starts": action.starts_on.isoformat(),
        "instructions": [{"number": each.number, "text": each.text, "condition": each.condition} for each in named],
        "advice": "If you are asked to do work that an instruction covers, say that you are following the union's "
        "instruction, and tell your rep the same day.",
        "reference": action.case.ref,
    }


def begin_action(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Action short of a strike begins on its day, within its mandate."""
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED):
        if action.kind is not ActionKind.ASOS or action.starts_on > uow.today:
            continue
        if not action.mandate.as_value().is_live(uow.today) or not _proof_stands(uow, action):
            continue
        action.stage = ActionStage.BEGUN
        facts = {"action_id": str(action.id), "instructions": action.instructions}
        handlers.record(uow, case_id, EventKind.ASOS_BEGAN, facts, happened_on=action.starts_on)
        meet(uow, case_id, DeadlineKind.ACTION_BEGINS, action.starts_on)


def _proof_stands(uow: UnitOfWork, action: Action) -> bool:
    """Whether the notice is still shown to have arrived in time: a proof may have been withdrawn."""
    prepared = repository.papers(uow, papers.action_ref(action.id), "notice_of_action")
    received = repository.received_on(uow, prepared)
    return received is not None and not stops(issues_on(uow, action, received))


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


def stand_down(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    End continuous action and tell members to stop: on the mandate's last day, which ends at midnight, or when the
    dispute is settled. What was authorised and can no longer be notified is withdrawn, a ballot without a dispute too.

    Strike days end by themselves: whether they were held is recorded even after the mandate is over.
    """
    case = cases.get(uow, case_id)
    settled = case.stage in OVER or _dispute_settled(uow, case_id)
    steps.abandon_ballots(uow, case_id)
    for action in repository.actions_of(uow, case_id, ActionStage.AUTHORISED):
        if case.stage is not SERVED_AT[action.kind] or uow.today > action.mandate.last_day:
            withdraw(uow, action, "the action can no longer be notified")
            _record_end(uow, action, case)
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED, ActionStage.BEGUN):
        if action.kind is ActionKind.STRIKE:
            action.stage = ActionStage.ENDED if settled else action.stage
        elif settled or uow.today >= action.mandate.last_day:
            if settled or not _goes_on(uow, action):
                _tell_to_stop(uow, action, settled=settled)
            _end(uow, action, case, settled=settled)


def _dispute_settled(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    dispute = disputes.dispute_of(uow, case_id)
    return dispute is not None and dispute.settled_on is not None


def _goes_on(uow: UnitOfWork, action: Action) -> bool:
    """Whether notified action of the same kind under a later mandate takes over without a gap."""
    last_day = action.mandate.last_day
    return any(
        each.kind is action.kind and each.mandate.last_day > last_day and (each.starts_on - last_day).days <= 1
        for each in repository.actions_of(uow, action.case_id, ActionStage.NOTIFIED, ActionStage.BEGUN)
    )


def _tell_to_stop(uow: UnitOfWork, action: Action, *, settled: bool) -> None:
    facts = {
        "workplace_name": action.case.workplace.name,
        "last_day": (uow.today if settled else action.mandate.last_day).isoformat(),
        "reason": "settled" if settled else "mandate_ends",
        "reference": action.case.ref,
    }
    subject = papers.action_ref(action.id)
    if repository.papers(uow, subject, "stand_down"):
        return
    for member in cases.members_at(uow, action.case.workplace_id):
        to = parties.member(member)
        medium = Medium.MAIL if to.can_receive(Medium.MAIL) else Medium.LETTER
        outbox.enqueue(uow, Message("stand_down", facts), to, medium=medium, subject_ref=subject)


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
