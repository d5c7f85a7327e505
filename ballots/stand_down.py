"""
Stand-down in one act: action stops at once, whatever the reason; and lifting it again, by a second person.

The act writes rows and nothing else, each kind in one statement for the whole dispute: the stand-down, everybody who
has to be told, the calls that stay here, the action that is off. Messages are made and sent from those rows by the
delivery (`stand_down_messages`), what follows for each case by its next step (`follow`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, insert, literal, or_, select, update
from sqlalchemy import case as if_else

from ballots import papers, repository, restart, stood_down, suspensions, withdrawals
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.models import LIVE, Action, ActionStage, Ballot, MandateRow
from ballots.restart import Ceased
from ballots.stood_down import calls, kept_back
from casework import disputes, handlers, stand_downs
from casework import repository as cases
from casework.cases import Case
from casework.deadlines import Deadline, DeadlineKind, are_open
from casework.disputes import Dispute, DisputeCase, DisputeLeg
from casework.lifecycle import EventKind
from casework.register.members import in_membership
from casework.register.models import Member
from casework.stand_downs import PLACES, REASONS, Party, StandDown, StandDownReason, StandDownRecipient
from core import history
from core.calendar import in_words, london_day
from core.errors import Conflict, RuleViolation
from core.findings import Finding, Severity
from core.people import two_people
from core.tulrca import COURT_ORDER
from core.unit_of_work import UnitOfWork
from core.why import Why
from notifications.lifecycle import State, leading_to
from notifications.models import Notice

ORDERED, LIFTED = "ballots:dispute:stood_down", "ballots:dispute:stand_down_lifted"
OFF = (DeadlineKind.ACTION_NOTICE_RECEIVED, DeadlineKind.ACTION_BEGINS, DeadlineKind.STRIKE_ENDS)
CALLED_AS = {"member": Party.MEMBER, "employer": Party.EMPLOYER}
MAY_HAVE_GONE = (State.SENDING, State.UNKNOWN)
NO_DISPUTE = "A stand-down is of a dispute, and this case was never in one. There is no action to stop."


def order(uow: UnitOfWork, case_id: uuid.UUID, reason: StandDownReason, note: str) -> StandDown:
    """
    Stop all action of the dispute a case is in, for every one of its schools. While one stands, the same order gives it
    back as it is and does nothing more. `Conflict` for another reason or note meanwhile, when the case was never in a
    dispute, and when that has ended and left nothing to stop.
    """
    dispute = _dispute(uow, case_id)
    before = stand_downs.standing(uow, dispute.id)
    if before is not None:
        if (before.reason, before.note) == (reason, note):
            return before
        raise Conflict(_stands_already(dispute, before))
    over = against_order(uow, dispute)
    if over is not None:
        raise Conflict(over)
    _follow_earlier(uow, dispute.id)
    row = StandDown(dispute_id=dispute.id, reason=reason, note=note, ordered_by=uow.actor, ordered_at=uow.now)
    uow.session.add(row)
    uow.session.flush()
    every = _actions_in(uow, dispute.id, *ActionStage)
    found = [each for each in every if each.stage in LIVE]
    schools = _schools(uow, dispute, found)
    _write_down(uow, row, schools)
    stopped = _keep_back(uow, row, _subjects(uow, dispute.id, every))
    _write_down_called(uow, row, every)
    _mark_off(uow, found)
    facts = {
        "stand_down": row.id,
        "reason": reason,
        "cases": len(schools),
        "actions": len(found),
        "kept_back": len(stopped),
        "kept_back_sha256": history.digest(sorted(map(str, stopped))),
        "under_way": len(row.under_way),
    }
    history.record(uow, ORDERED, f"dispute:{dispute.id}", facts)
    handlers.look_at_each(uow, [each.id for each in schools])
    return row


def _stands_already(dispute: Dispute, row: StandDown) -> str:
    since, because = in_words(london_day(row.ordered_at)), REASONS[row.reason]
    return (
        f"All action of the dispute {dispute.ref} stands down already, since {since} because of {because}; nothing was "
        "recorded. Where the reason is another now, have a second person lift it, and order it anew."
    )


def against_order(uow: UnitOfWork, dispute: Dispute) -> str | None:
    """Why a dispute cannot be stood down: it ended and left nothing to stop. None where it can."""
    if dispute.settled_on is None or leaves_action(uow, dispute):
        return None
    return f"The dispute {dispute.ref} ended on {in_words(dispute.settled_on)}. No action is left to stand down."


def against_order_in(uow: UnitOfWork, case_id: uuid.UUID) -> str | None:
    """The same for the dispute that a case is in."""
    dispute = disputes.dispute_of(uow, case_id)
    return NO_DISPUTE if dispute is None else against_order(uow, dispute)


def leaves_action(uow: UnitOfWork, dispute: Dispute) -> bool:
    """Whether a dispute has action that is on, or a call or notice of action that may yet leave, ended or not."""
    if action_is_on(uow, dispute.id):
        return True
    subjects = _subjects(uow, dispute.id, _actions_in(uow, dispute.id, *ActionStage))
    here = select(Notice.id).where(Notice.subject_ref.in_(subjects), Notice.kind.in_(kept_back()))
    waiting = here.where(Notice.state.in_((*leading_to(State.CANCELLED), *MAY_HAVE_GONE)))
    return uow.session.scalar(waiting.limit(1)) is not None


def _subjects(uow: UnitOfWork, dispute_id: uuid.UUID, every: Sequence[Action]) -> list[str]:
    """What calls and notices of a dispute's action are filed under, of action that had ended too."""
    at_schools = [f"case:{part.case_id}" for part in disputes.parts_in(uow, dispute_id)]
    return [*(papers.action_ref(each.id) for each in every), *at_schools, f"dispute:{dispute_id}"]


def action_is_on(uow: UnitOfWork, dispute_id: uuid.UUID) -> bool:
    """Whether action of a dispute is authorised, notified or under way."""
    return bool(_actions_in(uow, dispute_id, *LIVE))


def _follow_earlier(uow: UnitOfWork, dispute_id: uuid.UUID) -> None:
    """
    What an earlier stand-down stopped, and no step has ended since, is ended for its own reason: it did not stop for
    this one, and lifting this one resumes none of it.
    """
    off = _actions_in(uow, dispute_id, ActionStage.STOOD_DOWN)
    for case_id in dict.fromkeys(action.case_id for action in off):
        follow(uow, case_id)


def _dispute(uow: UnitOfWork, case_id: uuid.UUID) -> Dispute:
    dispute = disputes.dispute_of(uow, case_id)
    if dispute is None:
        raise Conflict(NO_DISPUTE)
    # The cases first, as every act does: holding the dispute first, two people would wait for each other.
    disputes.hold(uow, case_id)
    return disputes.hold_by_ref(uow, dispute.ref)


def _actions_in(uow: UnitOfWork, dispute_id: uuid.UUID, *stages: ActionStage) -> Sequence[Action]:
    """The action under a dispute's mandates that is at one of the stages."""
    rows = (
        select(Action)
        .join(MandateRow, MandateRow.id == Action.mandate_id)
        .join(Ballot, Ballot.id == MandateRow.ballot_id)
        .where(Ballot.dispute_id == dispute_id, Action.stage.in_(stages))
        .order_by(Action.id)
    )
    return uow.session.scalars(rows).all()


def _schools(uow: UnitOfWork, dispute: Dispute, found: Sequence[Action]) -> Sequence[Case]:
    """The cases that have not left the dispute, and those whose action goes on although they have."""
    rows = (
        select(Case)
        .join(DisputeCase, DisputeCase.case_id == Case.id)
        .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
        .where(DisputeLeg.dispute_id == dispute.id)
        .where(or_(DisputeCase.settled_on.is_(None), Case.id.in_({each.case_id for each in found})))
        .order_by(Case.ref)
    )
    return uow.session.scalars(rows).all()


def _write_down(uow: UnitOfWork, row: StandDown, schools: Sequence[Case]) -> None:
    """Everybody concerned: members and reps by one statement, the others one by one, for they are few."""
    first = {school.workplace_id: school.id for school in reversed(schools)}
    party = if_else((Member.is_rep, Party.REP.value), else_=Party.MEMBER.value)
    place = if_else((Member.is_rep, PLACES[Party.REP]), else_=PLACES[Party.MEMBER])
    at_work = (
        select(literal(row.id), party, Member.id, place, Case.id, literal(False))
        .join(Case, Case.workplace_id == Member.workplace_id)
        .where(Case.id.in_(first.values()), in_membership(uow.today))
    )
    columns = ["stand_down_id", "party", "party_id", "place", "case_id", "unreachable"]
    uow.session.execute(insert(StandDownRecipient).from_select(columns, at_work))
    uow.session.add_all(_recipient(row, *each) for each in _others(uow, row.dispute_id, schools))
    uow.session.flush()


def _others(
    uow: UnitOfWork, dispute_id: uuid.UUID, schools: Sequence[Case]
) -> list[tuple[Party, uuid.UUID, uuid.UUID]]:
    """Officers and employers, and the scrutineer of each ballot that is open, each once, with a case of theirs."""
    inside = {school.id for school in schools}
    by_case = repository.employers_in(uow, dispute_id)
    found: dict[tuple[Party, uuid.UUID], uuid.UUID] = {}
    for school in reversed(schools):
        if school.officer_id is not None:
            found[Party.OFFICER, school.officer_id] = school.id
    found |= {(Party.EMPLOYER, employer): case_id for case_id, employer in by_case.items() if case_id in inside}
    for ballot in repository.ballots_in(uow, dispute_id):
        if ballot.stage is BallotStage.OPEN and ballot.scrutineer is not None:
            found[Party.SCRUTINEER, ballot.id] = ballot.cases[0].id
    return [(party, party_id, case_id) for (party, party_id), case_id in found.items()]


def _recipient(row: StandDown, party: Party, party_id: uuid.UUID, case_id: uuid.UUID) -> StandDownRecipient:
    return StandDownRecipient(
        stand_down_id=row.id, party=party, party_id=party_id, place=PLACES[party], case_id=case_id
    )


def _write_down_called(uow: UnitOfWork, row: StandDown, every: Sequence[Action]) -> None:
    """
    Those who hold a call and have left or moved since; and whoever a call or a notice may yet reach although its action
    had ended, after they were told of its end: they are told that it is off.
    """
    case_of = {papers.action_ref(each.id): each.case_id for each in every}
    live = [papers.action_ref(each.id) for each in every if each.stage in LIVE]
    holds = and_(Notice.subject_ref.in_(live), Notice.kind.in_(calls()), Notice.state != State.CANCELLED)
    called = (
        select(Notice.recipient_key, Notice.subject_ref)
        .where(Notice.subject_ref.in_(case_of), Notice.kind.in_(kept_back()))
        .where(or_(holds, Notice.state.in_(MAY_HAVE_GONE)))
    )
    written = select(StandDownRecipient.party_id).where(StandDownRecipient.stand_down_id == row.id)
    known = set(uow.session.scalars(written))
    missing: dict[tuple[Party, uuid.UUID], uuid.UUID] = {}
    for key, subject in uow.session.execute(called).tuples():
        kind, _, named = key.partition(":")
        if kind in CALLED_AS and uuid.UUID(named) not in known:
            missing[CALLED_AS[kind], uuid.UUID(named)] = case_of[subject]
    uow.session.add_all(_recipient(row, *who, case_id) for who, case_id in missing.items())
    uow.session.flush()


def _keep_back(uow: UnitOfWork, row: StandDown, subjects: Sequence[str]) -> Sequence[uuid.UUID]:
    """Take back every call and notice of action that is still here; note those that are in a worker's hands."""
    because, told = f"stood down: {row.reason}", {"synchronize_session": "fetch"}
    ours = update(Notice).where(Notice.subject_ref.in_(subjects), Notice.kind.in_(kept_back()))
    here = ours.where(Notice.state.in_(leading_to(State.CANCELLED))).values(state=State.CANCELLED, held_because=because)
    stopped = uow.session.scalars(here.returning(Notice.id), execution_options=told).all()
    # After those: one that a worker was just claiming is seen by this statement. The worker looks at it before it hands
    # one over; whether it has already, its result says.
    gone = ours.where(Notice.state.in_(MAY_HAVE_GONE)).values(called_off=because).returning(Notice.id)
    row.under_way = sorted(str(each) for each in uow.session.scalars(gone, execution_options=told))
    return stopped


def _mark_off(uow: UnitOfWork, found: Sequence[Action]) -> None:
    ids, case_ids = [each.id for each in found], sorted({each.case_id for each in found})
    uow.session.execute(update(Action).where(Action.id.in_(ids)).values(stage=ActionStage.STOOD_DOWN))
    uow.session.execute(
        update(Deadline)
        .where(Deadline.case_id.in_(case_ids), Deadline.kind.in_(OFF), *are_open())
        .values(cancelled_on=uow.today, changes=Deadline.changes + 1, changed_at=uow.now)
    )


def lift(uow: UnitOfWork, case_id: uuid.UUID, reason: str, resumes_on: date | None = None) -> StandDown:
    """
    End the stand-down of a case's dispute, by another person than whoever ordered it. Action stays off and wants to be
    authorised and notified anew, but for continuous action that stopped for a court: with `resumes_on` it goes on.

    `Conflict` when none stands; `RuleViolation` for the same person, for action that needs a new notice, and for action
    that would go on before everybody was told that it had stopped.
    """
    dispute = _dispute(uow, case_id)
    row = stand_downs.standing(uow, dispute.id)
    if row is None:
        raise Conflict(f"No stand-down of the dispute {dispute.ref} stands, so there is none to lift.")
    if not two_people(uow.actor, row.ordered_by):
        raise RuleViolation("The stand-down cannot be lifted.", (_second_person_wanted(),))
    resumed = [] if resumes_on is None else _resume(uow, row, resumes_on)
    row.lifted_at, row.lifted_by, row.lifted_because = uow.now, uow.actor, reason
    row.resumes_on = resumes_on
    facts = {"stand_down": row.id, "reason": row.reason, "resumes_on": resumes_on, "resumed": len(resumed)}
    history.record(uow, LIFTED, f"dispute:{dispute.id}", facts)
    handlers.look_at_each(uow, list(repository.employers_in(uow, dispute.id)))
    return row


def _second_person_wanted() -> Finding:
    return Finding(
        "second_person_wanted",
        Severity.STOP,
        "Whoever ordered a stand-down cannot also lift it.",
        "Have another officer look at it and lift it.",
    )


def _resume(uow: UnitOfWork, row: StandDown, resumes_on: date) -> Sequence[Action]:
    """Let continuous action that was notified go on from a day, if it may without a new notice."""
    ceased = Ceased.COURT_ORDER if row.reason is StandDownReason.INJUNCTION else Ceased.UNIONS_OWN_WILL
    off = [
        each
        for each in _actions_in(uow, row.dispute_id, ActionStage.STOOD_DOWN)
        if each.kind is ActionKind.ASOS and _was_notified(uow, each)
    ]
    if resumes_on < uow.today or not off:
        raise Conflict(
            "Nothing can resume: either that day is over, or no continuous action that its employer had notice of "
            "stands down. Lift the stand-down without a day, and authorise the action again."
        )
    found = [
        finding
        for each in off
        for finding in restart.against_restart(ceased, each.pattern, resumes_on, each.mandate.last_day)
    ]
    if found:
        raise RuleViolation("The action cannot resume without a new notice.", tuple(dict.fromkeys(found)))
    if stand_downs.anybody_untold(uow, row):
        raise RuleViolation("The action cannot resume yet.", (_somebody_untold(),))
    row.resumes_on = resumes_on
    for action in off:
        _go_on(uow, action, max(resumes_on, action.starts_on))
    return off


def _somebody_untold() -> Finding:
    return Finding(
        "stand_down_untold",
        Severity.STOP,
        "Somebody has no message of the stand-down yet, and would hear that action resumes before hearing that all of "
        "it was off.",
        "Wait until a message is made for everybody, which takes minutes while the worker runs; or lift the stand-down "
        "without a day.",
    )


def _go_on(uow: UnitOfWork, action: Action, on: date) -> None:
    """What had begun goes on; what had not begins, on that day. Neither does inside an agreed suspension."""
    action.stage = ActionStage.BEGUN
    if EventKind.ASOS_BEGAN not in _told_of(uow, action):
        action.stage = ActionStage.NOTIFIED
        if suspensions.free_day(uow, action, on) == on:
            suspensions.await_beside_others(uow, action, on, _begins_later(on))
    suspensions.after_stand_down(uow, action, on)


def _begins_later(on: date) -> Why:
    return Why(
        rule="Continuous action that stopped to comply with a court's order begins, under the notice it had, on the "
        "day named when the stand-down was lifted, and never before the day that was notified.",
        inputs={"begins on": in_words(on)},
        arithmetic=in_words(on),
        citation=COURT_ORDER,
        certainty="practitioner",
        changes_if="another order of the court, or another stand-down",
    )


def _told_of(uow: UnitOfWork, action: Action) -> frozenset[EventKind]:
    """What happened to an action, by its events."""
    events = cases.events_of(uow, action.case_id)
    return frozenset(event.kind for event in events if event.facts.get("action_id") == str(action.id))


def _was_notified(uow: UnitOfWork, action: Action) -> bool:
    return bool(_told_of(uow, action) & {EventKind.ACTION_NOTICE_SERVED, EventKind.STRIKE_NOTICE_SERVED})


def follow(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """
    What a stand-down, or a notice withdrawn, entails for one case, once for each action. Continuous action that stopped
    for a court waits for the court; a strike day on which the order came waits for a person, who knows whether anybody
    had struck by then.
    """
    for action in repository.actions_of(uow, case_id, ActionStage.STOOD_DOWN):
        row = stand_downs.latest(uow, action.mandate.ballot.dispute_id)
        if action.kind is ActionKind.STRIKE:
            _follow_strike(uow, action, row)
        elif row is not None and not _waits_for_the_court(uow, action, row):
            withdrawals.close_asos(uow, action, f"stood down: {row.reason}")


def _waits_for_the_court(uow: UnitOfWork, action: Action, row: StandDown) -> bool:
    """Whether continuous action may yet go on under its notice: the order may be lifted while the mandate lasts."""
    by_order = row.lifted_at is None and row.reason is StandDownReason.INJUNCTION
    alive = uow.today <= action.mandate.last_day and not disputes.is_settled(uow, action.case_id)
    return by_order and alive and _was_notified(uow, action)


def _follow_strike(uow: UnitOfWork, action: Action, row: StandDown | None) -> None:
    """A strike whose notice was withdrawn waits here too for the day on which it was; the others are off already."""
    stopped_on = stood_down.stopped_on(uow, action)
    if row is not None and stopped_on is not None:
        to_come = [day for day in action.strike_days if day > stopped_on]
        withdrawals.call_off_days(uow, action, to_come, f"stood down: {row.reason}")
    withdrawals.close_strike(uow, action)
