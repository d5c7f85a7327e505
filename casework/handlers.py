"""Use cases of casework: load, decide, record, enqueue. None of them commits."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update

from casework import lifecycle, reasons, repository
from casework.cases import Case, CaseEvent, CaseIssue, IssueStatus, Pursuit, StageEntry
from casework.deadlines import STATUTORY, DeadlineKind, cancel, meet, open_deadlines, set_deadline
from casework.disputes import leave
from casework.issues.catalogue import issue
from casework.lifecycle import CaseState, Event, EventKind, Outcome, Rest, Stage
from casework.register import links
from casework.register.models import Workplace
from casework.told import tell_of
from core import history, work
from core.db import lock_for_append
from core.errors import BadInput, Conflict, RuleViolation
from core.findings import Citation, Finding, Severity, stops
from core.unit_of_work import UnitOfWork

ADVANCE_CASE = "advance_case"
OPEN_LOCK = 0x4F50454E
"""One case is opened at a time: they are numbered in turn, and compared with those that are open."""
RULE_BOOK = Citation("The union's rules", "working practice for cases", "docs/policy.md")

MEETS = {
    EventKind.HEAD_MET: DeadlineKind.HEAD_ANSWER,
    EventKind.NEGOTIATION_HELD: DeadlineKind.HEAD_ANSWER,
    EventKind.OFFICER_ACCEPTED: DeadlineKind.OFFICER_ACCEPTS,
    EventKind.MONITORING_CHECK_RECORDED: DeadlineKind.MONITORING_CHECK,
}

# Nobody waits any longer, for the day is over or whoever was waited for will not come.
ENDS = {
    EventKind.HEAD_DID_NOT_ANSWER: DeadlineKind.HEAD_ANSWER,
    EventKind.OFFICER_DECLINED: DeadlineKind.OFFICER_ACCEPTS,
}

# The scrutineer's report is about voting that is over, whatever the case has come to since.
LOOKS_BACK = frozenset({EventKind.SCRUTINEER_REPORTED})


def open_case(
    uow: UnitOfWork,
    workplace: Workplace,
    issue_codes: list[str],
    pursuit: Pursuit,
    key: str | None = None,
    *,
    raised_on: date | None = None,
) -> Case:
    """
    Open a case for a workplace over at least one issue of the catalogue.

    `raised_on` is the day members raised it, today unless given: what happened before it cannot be recorded. `Conflict`
    when an open case at the workplace has one of the issues already; `RuleViolation` when the register says that it
    closed or was succeeded by another, or when nothing can reach it.
    """
    lock_for_append(uow.session, OPEN_LOCK)
    standing = _recorded_with(uow, key)
    if standing is not None:
        return repository.get(uow, standing.case_id)
    if not issue_codes:
        raise BadInput(field="issues", found=issue_codes, wanted="at least one issue code")
    codes = list(dict.fromkeys(issue(code).code for code in issue_codes))
    _require_standing(uow, workplace)
    _require_new(uow, workplace, codes)
    on = raised_on or uow.today
    if on > uow.today:
        raise BadInput(field="raised_on", found=on.isoformat(), wanted=f"a day up to today, {uow.today.isoformat()}")
    case = Case(
        ref=repository.next_ref(uow),
        workplace_id=workplace.id,
        pursuit=pursuit,
        stage=Stage.RAISED,
        entered_on=on,
        raised_on=on,
    )
    uow.session.add(case)
    uow.session.flush()
    uow.session.add_all(CaseIssue(case_id=case.id, code=code) for code in codes)
    event = Event(EventKind.CASE_RAISED, on, {"issues": codes, "pursuit": pursuit.value})
    _append(uow, case, event, lifecycle.begin(event), key)
    return case


def _require_standing(uow: UnitOfWork, workplace: Workplace) -> None:
    found = stops(links.findings_on(uow, [workplace], uow.today))
    if not workplace.postal_lines and workplace.email is None:
        found = (*found, _unreachable(workplace))
    if found:
        raise RuleViolation(f"No case can be opened at {workplace.name} ({workplace.number}).", found)


def _unreachable(workplace: Workplace) -> Finding:
    number = workplace.urn or workplace.ukprn
    return Finding(
        "workplace_address_missing",
        Severity.STOP,
        "The register has neither a postal address nor an address for mail of the workplace: no letter could reach it.",
        f"Enter its address with `mandate register address {number} --line ... --line ...`, or import one.",
        RULE_BOOK,
    )


def _require_new(uow: UnitOfWork, workplace: Workplace, codes: list[str]) -> None:
    statement = (
        select(Case.ref, CaseIssue.code)
        .join(CaseIssue, CaseIssue.case_id == Case.id)
        .where(Case.workplace_id == workplace.id, Case.stage != Stage.CLOSED, CaseIssue.code.in_(codes))
        .order_by(Case.ref, CaseIssue.code)
    )
    standing = uow.session.execute(statement).tuples().first()
    if standing is not None:
        ref, code = standing
        raise Conflict(
            f"The case {ref} is open at this workplace over the same issue, {issue(code).title}. "
            "Go on with that case, or leave the issue out."
        )


def record(
    uow: UnitOfWork,
    case_id: uuid.UUID,
    kind: EventKind,
    facts: Mapping[str, Any] | None = None,
    *,
    happened_on: date | None = None,
    key: str | None = None,
) -> CaseState:
    """
    Record that something happened to a case: the only way its stage moves.

    `StageError` when the table does not allow it; the same `key` a second time changes nothing.
    """
    case = repository.get(uow, case_id, for_update=True)
    state = repository.state_of(uow, case_id)
    standing = _recorded_with(uow, key)
    if standing is not None:
        return _same(standing, case_id, kind, state)
    on = happened_on or uow.today
    _check_day(uow, case, kind, state, on)
    event = Event(kind, on, _spelled(facts or {}))
    after = lifecycle.apply(state, event)
    if kind is EventKind.CASE_WOKEN and state.rest is None:
        raise Conflict("The case does not rest, so there is nothing to wake it from. It goes on as it is.")
    if after.rest:
        _check_rest(uow, case, after.rest)
    _append(uow, case, event, after, key)
    _follow(uow, case, event, state, after)
    return after


def _check_day(uow: UnitOfWork, case: Case, kind: EventKind, state: CaseState, on: date) -> None:
    """Nothing happens in the future, nor before the stage that it happens at: a deadline could be met backwards."""
    first = case.raised_on if kind in LOOKS_BACK else state.entered_on
    if not first <= on <= uow.today:
        wanted = f"a day from {first.isoformat()} to today, {uow.today.isoformat()}"
        raise BadInput(field="happened_on", found=on.isoformat(), wanted=wanted)


def _check_rest(uow: UnitOfWork, case: Case, rest: Rest) -> None:
    found = rest.wake_on.isoformat()
    if rest.wake_on <= uow.today:
        raise BadInput(field="wake_on", found=found, wanted="a day after today")
    for deadline in open_deadlines(uow, case.id, *STATUTORY):
        if uow.today <= deadline.due_on < rest.wake_on:
            wanted = f"a day up to {deadline.due_on.isoformat()}, which does not move: {deadline.label}"
            raise BadInput(field="wake_on", found=found, wanted=wanted)


def look_at(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    """Ask the worker to advance a case, after something that is no event of its own."""
    work.ask_for(uow, ADVANCE_CASE, case_id)


def look_at_each(uow: UnitOfWork, case_ids: Sequence[uuid.UUID]) -> None:
    """Ask the worker to advance many cases."""
    work.ask_for_each(uow, ADVANCE_CASE, case_ids)


def _same(standing: CaseEvent, case_id: uuid.UUID, kind: EventKind, state: CaseState) -> CaseState:
    if (standing.case_id, standing.kind) != (case_id, kind):
        raise Conflict("This form was sent before for another act. Open it afresh and send it again.")
    return state


def _spelled(facts: Mapping[str, Any]) -> dict[str, Any]:
    # As JSON will give them back, so that what is applied now is what a replay applies.
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()}


def _recorded_with(uow: UnitOfWork, key: str | None) -> CaseEvent | None:
    return uow.session.scalars(select(CaseEvent).where(CaseEvent.key == key)).first() if key else None


def _append(uow: UnitOfWork, case: Case, event: Event, after: CaseState, key: str | None) -> None:
    case.events_count += 1
    row = CaseEvent(
        case_id=case.id,
        seq=case.events_count,
        kind=event.kind,
        facts=dict(event.facts),
        happened_on=event.happened_on,
        recorded_at=uow.now,
        actor=uow.actor,
        key=key,
    )
    uow.session.add(row)
    if row.seq == 1 or after.stage is not case.stage:
        _enter_stage(uow, case, row.seq, after)
    case.take(after)
    digest = history.digest([event.kind, event.happened_on, row.facts])
    entry = {"seq": row.seq, "kind": event.kind, "stage": after.stage, "facts_sha256": digest}
    history.record(uow, "case:event:recorded", f"case:{case.id}", entry)
    look_at(uow, case.id)


def _enter_stage(uow: UnitOfWork, case: Case, seq: int, after: CaseState) -> None:
    """The case leaves the stage it stood at, on the day on which it comes to the next."""
    stood = update(StageEntry).where(StageEntry.case_id == case.id, StageEntry.left_on.is_(None))
    uow.session.execute(stood.values(left_on=after.entered_on))
    uow.session.add(StageEntry(case_id=case.id, seq=seq, stage=after.stage, came_on=after.entered_on))


def _follow(uow: UnitOfWork, case: Case, event: Event, before: CaseState, after: CaseState) -> None:
    """What every recorded event entails, whoever recorded it."""
    tell_of(uow, case, event)
    if event.kind in MEETS and not _puts_off(event):
        meet(uow, case.id, MEETS[event.kind], event.happened_on)
    if event.kind in ENDS:
        cancel(uow, case.id, ENDS[event.kind])
    if event.kind is EventKind.CASE_RESTED and after.rest:
        rule = "A resting case wakes on the day that was named when it was put to rest."
        wake_on = after.rest.wake_on
        why = reasons.named(rule, "rested on", event.happened_on, wake_on, source=RULE_BOOK)
        set_deadline(uow, case.id, DeadlineKind.CASE_WAKES, wake_on, why)
    elif before.rest is not None:
        meet(uow, case.id, DeadlineKind.CASE_WAKES, uow.today)
    if event.kind is EventKind.ISSUE_ADDED:
        uow.session.merge(_issue_row(uow, case.id, event.facts["issue"]))
    if _ends_its_dispute(event, after):
        leave(uow, case.id)
    if after.stage in {Stage.SETTLED, Stage.CLOSED} and after.stage is not before.stage:
        cancel(uow, case.id)


def _ends_its_dispute(event: Event, after: CaseState) -> bool:
    """Whether there is nothing in dispute for a case any more: it was agreed, or members no longer pursue it."""
    agreed = after.stage in {Stage.SETTLED, Stage.CLOSED, Stage.PAY_REIMBURSEMENT} and after.agreement_reached
    return agreed or event.kind is EventKind.CASE_CLOSED


def _puts_off(event: Event) -> bool:
    """Whether the head teacher met members and did not answer: the day to answer by stands."""
    return event.kind is EventKind.HEAD_MET and event.facts["answer"] == Outcome.ADJOURNED


def _issue_row(uow: UnitOfWork, case_id: uuid.UUID, code: str) -> CaseIssue:
    standing = uow.session.scalars(select(CaseIssue).filter_by(case_id=case_id, code=issue(code).code)).first()
    return standing or CaseIssue(case_id=case_id, code=code, status=IssueStatus.OPEN)
