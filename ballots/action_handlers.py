"""Use cases of action within a mandate: authorising it, approving its notice, recording its days."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from ballots import approving, barrister, calls, law_relied_on, offers, papers, reasons, repository, stood_down
from ballots.action import PlannedAction, issues_before_authorising, too_late
from ballots.action_notice import latest_action_notice
from ballots.constituency import Figures, constituency_findings, entitled_to_vote, figures
from ballots.handlers import require_second_person
from ballots.mandate import ActionKind, Pattern
from ballots.models import Action, ActionStage, MandateRow
from casework import disputes, handlers
from casework import repository as cases
from casework.cases import Case
from casework.deadlines import DeadlineKind, cancel, meet, set_deadline
from casework.issues.catalogue import instruction
from casework.lifecycle import EventKind
from core.calendar import in_words
from core.errors import BadInput, Conflict, RuleViolation
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications import listing


def authorise_asos(
    uow: UnitOfWork, case_id: uuid.UUID, *, instructions: Sequence[int], starts_on: date, key: str | None = None
) -> Action:
    """Authorise named instructions as continuous action from a day, within a mandate for action short of a strike."""
    numbers = sorted({instruction(number).number for number in instructions})
    _require_none_notified(uow, case_id)
    action = _authorise(uow, case_id, ActionKind.ASOS, Pattern.CONTINUOUS, [starts_on], numbers)
    facts = {"action_id": str(action.id), "instructions": numbers, "starts_on": starts_on}
    handlers.record(uow, case_id, EventKind.ASOS_AUTHORISED, facts, key=key)
    return action


def _require_none_notified(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Members already hold the instructions of notified action; a second set would contradict the first."""
    for action in repository.actions_of(uow, case_id, ActionStage.NOTIFIED):
        if action.kind is ActionKind.ASOS:
            first = in_words(action.starts_on)
            raise Conflict(f"Action short of a strike is notified already and begins by itself on {first}.")


def authorise_strike(uow: UnitOfWork, case_id: uuid.UUID, *, days: Sequence[date], key: str | None = None) -> Action:
    """Authorise a strike on named days, within a mandate for strike action."""
    ordered = sorted(set(days))
    action = _authorise(uow, case_id, ActionKind.STRIKE, Pattern.DISCONTINUOUS, ordered, [])
    facts = {"action_id": str(action.id), "days": [day.isoformat() for day in ordered]}
    handlers.record(uow, case_id, EventKind.STRIKE_AUTHORISED, facts, key=key)
    return action


def _authorise(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    kind: ActionKind,
    pattern: Pattern,
    days: Sequence[date],
    instructions: Sequence[int],
) -> Action:
    case = cases.get(uow, case_id, for_update=True)
    dispute = disputes.dispute_of(uow, case_id)
    mandate = repository.mandate_for(uow, dispute.id, case_id, kind) if dispute else None
    planned = PlannedAction(kind, case.workplace_id, case.workplace.employer_id, days, instructions)
    settled = disputes.live_dispute_of(uow, case_id) is None
    place = frozenset({case.workplace_id})
    affected = entitled_to_vote(repository.voters_at(uow, [case.workplace]), place, uow.today)
    found = (
        *issues_before_authorising(planned, mandate.as_value() if mandate else None, dispute_settled=settled),
        *constituency_findings(affected, place),
        *(stood_down.against_action(uow, dispute.id) if dispute else ()),
        *(law_relied_on.planned_action_stops(uow, case, mandate, days[0]) if mandate else ()),
    )
    # Nobody can override a contested day here, so a warn keeps the gate shut as a stop does.
    if found or mandate is None:
        raise RuleViolation("The action cannot be authorised.", found)
    latest = latest_receipt(uow, case, days[0], mandate)
    if latest < uow.today:
        raise RuleViolation("The action cannot be authorised.", (too_late(days[0], latest, uow.today),))
    withdraw_unserved(uow, case_id, kind)
    action = _new_action(uow, mandate, planned, pattern, case=case, counted=figures(affected))
    _set_action_deadlines(uow, case, action, latest)
    return action


def latest_receipt(uow: UnitOfWork, case: Case, first_day: date, mandate: MandateRow) -> date:
    """The latest lawful day on which this employer can receive notice of action that begins on a day."""
    law = Consultation(uow.law, Nation(case.workplace.nation))
    return latest_action_notice(first_day, papers.notice_terms(uow, mandate), law)


def withdraw_unserved(uow: UnitOfWork, case_id: uuid.UUID, kind: ActionKind) -> None:
    """End action of a kind whose notice was never shown to arrive in time: other days take its place."""
    for action in repository.actions_of(uow, case_id, ActionStage.AUTHORISED):
        if action.kind is kind:
            withdraw(uow, action, "other days were authorised")


def withdraw(uow: UnitOfWork, action: Action, reason: str) -> None:
    """End action that was not notified; its papers that are still here stay here, its days are nobody's any more."""
    action.stage = ActionStage.ENDED
    papers.take_back(uow, listing.about(uow, papers.action_ref(action.id)), reason)
    cancel(
        uow,
        action.case_id,
        DeadlineKind.ACTION_NOTICE_RECEIVED,
        DeadlineKind.ACTION_BEGINS,
        DeadlineKind.STRIKE_ENDS,
    )


def _new_action(
    uow: UnitOfWork, mandate: MandateRow, planned: PlannedAction, pattern: Pattern, *, case: Case, counted: Figures
) -> Action:
    action = Action(
        case_id=case.id,
        mandate_id=mandate.id,
        kind=planned.kind,
        pattern=pattern,
        starts_on=planned.days[0],
        days=[day.isoformat() for day in planned.days] if planned.kind is ActionKind.STRIKE else [],
        instructions=list(planned.instructions),
        affected=counted.total,
        by_category=dict(counted.by_category),
        authorised_on=uow.today,
        authorised_by=uow.actor,
    )
    uow.session.add(action)
    uow.session.flush()
    return action


def _set_action_deadlines(uow: UnitOfWork, case: Case, action: Action, latest: date) -> None:
    law = Consultation(uow.law, Nation(case.workplace.nation))
    why = reasons.action_notice_under(law, action.starts_on, latest, papers.notice_terms(uow, action.mandate))
    set_deadline(uow, case.id, DeadlineKind.ACTION_NOTICE_RECEIVED, latest, why)
    begins = reasons.action_begins(action.starts_on)
    set_deadline(uow, case.id, DeadlineKind.ACTION_BEGINS, action.starts_on, begins)
    if action.strike_days:
        ends = reasons.strike_ends(action.strike_days)
        set_deadline(uow, case.id, DeadlineKind.STRIKE_ENDS, action.strike_days[-1], ends)


def approve_action_notices(uow: UnitOfWork, case_id: uuid.UUID, digest: str | None = None) -> None:
    """
    A second person approves the bytes of the notices of action that wait.

    `RuleViolation` when these are no longer the papers of the digest, and when the other side's barrister has a stop
    against one of them as it would be served today.
    """
    waiting = offers.action_papers(uow, case_id)
    if not waiting:
        raise Conflict("No notice of action waits for approval. It is prepared once the employer was told the result.")
    for action, _ in waiting:
        require_second_person(uow.actor, action.authorised_by, "the action")
    unread = approving.unread(notice for _, notice in waiting)
    if not unread:
        raise Conflict("The notices of action are approved already. Next their receipt is recorded.")
    approving.require_as_read(unread, digest)
    for action in {action.id: action for action, notice in waiting if notice in unread}.values():
        against, subject = barrister.against_action(uow, action), papers.action_ref(action.id)
        barrister.go_ahead(uow, subject, against, "Received today, the notice of action would not be lawful.")
    papers.approve_all(uow, unread, uow.actor)
    handlers.look_at(uow, case_id)


def hold_strike_day(uow: UnitOfWork, case_id: uuid.UUID, *, on: date, took_part: int, key: str | None = None) -> None:
    """Record that a strike day was held, and how many took part: a count, never who."""
    action = _notified_strike(uow, case_id, on)
    # Those who joined since the notice may be called too, so the register of the day may hold more.
    most = max(action.affected, len(cases.members_at(uow, action.case.workplace_id)))
    if took_part > most:
        raise BadInput(field="took_part", found=took_part, wanted=f"at most the {most} members affected")
    facts = {"on": on, "action_id": str(action.id), "took_part": took_part}
    handlers.record(uow, case_id, EventKind.STRIKE_DAY_HELD, facts, happened_on=on, key=key)
    if action.stage is not ActionStage.STOOD_DOWN:
        action.stage = ActionStage.BEGUN
    meet(uow, case_id, DeadlineKind.ACTION_BEGINS, action.starts_on)


def withdraw_strike_day(uow: UnitOfWork, case_id: uuid.UUID, *, on: date, reason: str, key: str | None = None) -> None:
    """
    Record that a strike day was called off. The employer is owed no notice of that; members called to it are told,
    unless the day is over.
    """
    action = _notified_strike(uow, case_id, on)
    facts = {"on": on, "action_id": str(action.id), "reason": reason}
    handlers.record(uow, case_id, EventKind.STRIKE_DAY_WITHDRAWN, facts, key=key)
    if on >= uow.today and action.stage is not ActionStage.STOOD_DOWN:
        calls.call_off(uow, action, on)


def _notified_strike(uow: UnitOfWork, case_id: uuid.UUID, on: date) -> Action:
    stages = (ActionStage.NOTIFIED, ActionStage.BEGUN, ActionStage.STOOD_DOWN)
    for action in repository.actions_of(uow, case_id, *stages):
        if on in action.strike_days:
            if on in settled_days(uow, action):
                raise BadInput(field="on", found=on.isoformat(), wanted="a notified day that is not recorded yet")
            return action
    raise BadInput(field="on", found=on.isoformat(), wanted="a day that the employer was notified of")


def settled_days(uow: UnitOfWork, action: Action) -> frozenset[date]:
    """The days of a strike that are recorded as held or withdrawn."""
    kinds = {EventKind.STRIKE_DAY_HELD, EventKind.STRIKE_DAY_WITHDRAWN}
    return frozenset(
        date.fromisoformat(event.facts["on"])
        for event in cases.events_of(uow, action.case_id)
        if event.kind in kinds and event.facts.get("action_id") == str(action.id)
    )
