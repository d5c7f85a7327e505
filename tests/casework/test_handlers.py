"""Opening a case and recording what happens to it: the one way a stage moves."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from casework import handlers, repository
from casework.cases import Case, CaseEvent, CaseIssue, IssueStatus, Pursuit
from casework.deadlines import Deadline, DeadlineKind, open_deadlines, set_deadline
from casework.disputes import declare, dispute_of, live_dispute_of
from casework.handlers import ADVANCE_CASE, RULE_BOOK
from casework.lifecycle import EventKind, Stage
from core import work
from core.db import Database
from core.errors import BadInput, Conflict, NotFound, StageError
from core.history import HistoryEntry, verify
from core.unit_of_work import UnitOfWork, unit_of_work
from core.why import Why
from tests.builders import SETTLED_WITH_HEAD, UP_TO_HEAD, UP_TO_NEGOTIATION, a_case, a_workplace, happen, later
from tests.conftest import NOON

K = EventKind
MET = {"answer": "refused"}


def count(uow: UnitOfWork, table: type) -> int:
    """How many rows a table has."""
    return uow.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_case_opens_with_its_issues_once_each(uow: UnitOfWork) -> None:
    case = handlers.open_case(uow, a_workplace(uow), ["meetings", "email", "meetings"], Pursuit.FOCUS)
    assert (case.stage, case.ref, case.raised_on) == (Stage.RAISED, "2026-0001", uow.today)
    assert [row.code for row in case.issues] == ["email", "meetings"]
    assert repository.state_of(uow, case.id).issues == ("meetings", "email")


@pytest.mark.parametrize(("issues", "error"), [([], BadInput), (["no-such-issue"], NotFound)])
def test_a_case_needs_issues_of_the_catalogue(uow: UnitOfWork, issues: list[str], error: type[Exception]) -> None:
    workplace = a_workplace(uow)
    with pytest.raises(error):
        handlers.open_case(uow, workplace, issues, Pursuit.FOCUS)
    assert count(uow, Case) == 0


def test_opening_with_the_same_key_gives_the_same_case(uow: UnitOfWork) -> None:
    """Red when `open_case` does not look for its key: a double click would open two cases."""
    workplace = a_workplace(uow)
    first = handlers.open_case(uow, workplace, ["meetings"], Pursuit.FOCUS, "form-1")
    assert handlers.open_case(uow, workplace, ["meetings"], Pursuit.FOCUS, "form-1").id == first.id
    assert count(uow, Case) == 1


def test_a_second_case_over_an_issue_that_is_open_there_is_refused(uow: UnitOfWork) -> None:
    """Red when `open_case` leaves out `_require_new`, or that looks at another workplace's or a closed case."""
    workplace = a_workplace(uow)
    first = handlers.open_case(uow, workplace, ["meetings", "email"], Pursuit.FOCUS)
    with pytest.raises(Conflict, match=f"The case {first.ref} is open at this workplace"):
        handlers.open_case(uow, workplace, ["observation", "email"], Pursuit.FOCUS)
    assert handlers.open_case(uow, a_workplace(uow), ["email"], Pursuit.FOCUS)
    assert handlers.open_case(uow, workplace, ["observation"], Pursuit.FOCUS)
    happen(uow, first, (K.CASE_CLOSED, {"reason": "nobody pursues it"}))
    assert handlers.open_case(uow, workplace, ["email"], Pursuit.FOCUS)


def test_references_run_on_within_a_year(uow: UnitOfWork) -> None:
    assert [a_case(uow).ref for _ in range(3)] == ["2026-0001", "2026-0002", "2026-0003"]
    assert a_case(later(uow, 365)).ref == "2027-0001"


def test_an_event_is_an_appended_row_a_history_entry_and_pending_work(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, (K.MEMBERS_MEETING_ARRANGED, {"meets_on": date(2026, 9, 8)}))
    rows = uow.session.scalars(select(CaseEvent).order_by(CaseEvent.seq)).all()
    assert [(row.seq, row.kind) for row in rows] == [(1, K.CASE_RAISED), (2, K.MEMBERS_MEETING_ARRANGED)]
    assert rows[1].facts == {"meets_on": "2026-09-08"}
    assert (rows[1].actor, rows[1].recorded_at) == ("staff:test", uow.now)
    entries = uow.session.scalars(select(HistoryEntry).order_by(HistoryEntry.seq)).all()
    assert [entry.facts["stage"] for entry in entries] == ["raised", "members_meeting"]
    assert verify(uow.session).whole
    assert [row.subject_id for row in work.take_all(uow, ADVANCE_CASE)] == [case.id]


def test_history_holds_a_digest_of_the_facts_and_not_the_facts(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, (K.CASE_RESTED, {"reason": "a telling reason", "wake_on": "2026-10-01"}))
    last = uow.session.scalars(select(HistoryEntry).order_by(HistoryEntry.seq.desc())).first()
    assert last is not None
    assert "telling" not in str(last.facts)
    assert len(last.facts["facts_sha256"]) == 64


def test_the_same_key_records_once(uow: UnitOfWork) -> None:
    """Red when `record` does not look for its key."""
    case = a_case(uow)
    facts = {"meets_on": "2026-09-08"}
    for _ in range(2):
        state = handlers.record(uow, case.id, K.MEMBERS_MEETING_ARRANGED, facts, key="form-1")
        assert state.stage is Stage.MEMBERS_MEETING
    assert case.events_count == 2


@pytest.mark.parametrize("reuse", ["another case", "another act"])
def test_a_key_used_for_something_else_is_a_conflict(uow: UnitOfWork, reuse: str) -> None:
    """Red when `record` looks at the key alone: the act would be lost without a word."""
    case = a_case(uow)
    handlers.record(uow, case.id, K.MEMBERS_MEETING_ARRANGED, {"meets_on": "2026-09-08"}, key="form-1")
    other = a_case(uow) if reuse == "another case" else case
    kind = K.MEMBERS_MEETING_ARRANGED if reuse == "another case" else K.CASE_CLOSED
    with pytest.raises(Conflict, match="another act"):
        handlers.record(uow, other.id, kind, {}, key="form-1")


def test_a_refused_event_leaves_nothing(uow: UnitOfWork) -> None:
    """Red when `_append` stands before `lifecycle.apply`."""
    case = a_case(uow)
    before = (case.events_count, count(uow, HistoryEntry))
    with pytest.raises(StageError):
        handlers.record(uow, case.id, K.BALLOT_OPENED)
    assert (case.events_count, count(uow, HistoryEntry)) == before


def test_an_act_that_fails_later_leaves_nothing(database: Database) -> None:
    """Red when `record` or `history.record` commits by itself."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        case = a_case(uow)

    def failing() -> None:
        with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
            handlers.record(uow, case.id, K.MEMBERS_MEETING_ARRANGED, {"meets_on": "2026-09-08"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        assert repository.get(uow, case.id).stage is Stage.RAISED
        assert (count(uow, CaseEvent), count(uow, HistoryEntry)) == (1, 1)


def test_two_people_recording_at_once_take_turns(database: Database) -> None:
    """Red when a writer's transaction begins with plain BEGIN: one event would overwrite the other's number."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        case = a_case(uow)
    start = threading.Barrier(4)

    def add(code: str) -> None:
        start.wait()
        with unit_of_work("staff:test", as_of=NOON, on=database) as own:
            handlers.record(own, case.id, K.ISSUE_ADDED, {"issue": code})

    codes = ["email", "cover", "ppa", "reports"]
    people = [threading.Thread(target=add, args=(code,)) for code in codes]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        assert set(repository.state_of(uow, case.id).issues) == {"meetings", *codes}
        assert repository.get(uow, case.id).events_count == 5
        assert verify(uow.session).whole


@pytest.mark.parametrize(("days", "refused"), [(-3, True), (-2, False), (0, False), (1, True)])
def test_a_thing_happened_between_the_raising_and_today(uow: UnitOfWork, days: int, refused: bool) -> None:
    """Mutation: leave `first <=` out of `_check_day`, and a deadline can be met in the year 1."""
    case = handlers.open_case(
        uow, a_workplace(uow), ["meetings"], Pursuit.CONCURRENT, raised_on=uow.today - timedelta(days=2)
    )
    on = uow.today + timedelta(days=days)
    if refused:
        with pytest.raises(BadInput, match=on.isoformat()):
            handlers.record(uow, case.id, K.CASE_CLOSED, {"reason": "withdrawn"}, happened_on=on)
    else:
        handlers.record(uow, case.id, K.CASE_CLOSED, {"reason": "withdrawn"}, happened_on=on)
        assert case.entered_on == on


def test_a_rest_sets_the_day_of_waking_and_the_next_event_meets_it(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, (K.CASE_RESTED, {"reason": "holidays", "wake_on": "2026-10-01"}))
    assert (case.rest_reason, case.wake_on) == ("holidays", date(2026, 10, 1))
    (deadline,) = open_deadlines(uow, case.id, DeadlineKind.CASE_WAKES)
    assert (deadline.due_on, deadline.remind_on) == (date(2026, 10, 1), None)
    happen(uow, case, K.CASE_WOKEN)
    assert (case.wake_on, deadline.met_on) == (None, uow.today)


def test_a_rest_ends_after_today(uow: UnitOfWork) -> None:
    case = a_case(uow)
    for wake_on in (uow.today - timedelta(days=1), uow.today):
        with pytest.raises(BadInput, match="wake_on"):
            handlers.record(uow, case.id, K.CASE_RESTED, {"reason": "holidays", "wake_on": wake_on})
    handlers.record(uow, case.id, K.CASE_RESTED, {"reason": "holidays", "wake_on": uow.today + timedelta(days=1)})
    assert case.wake_on == uow.today + timedelta(days=1)


def test_an_added_issue_has_a_row_once(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, (K.ISSUE_ADDED, {"issue": "email"}), (K.ISSUE_ADDED, {"issue": "email"}))
    rows = uow.session.scalars(select(CaseIssue).filter_by(case_id=case.id).order_by(CaseIssue.code)).all()
    assert [(row.code, row.status) for row in rows] == [("email", IssueStatus.OPEN), ("meetings", IssueStatus.OPEN)]


def test_an_issue_that_the_catalogue_does_not_know_is_not_added(uow: UnitOfWork) -> None:
    case = a_case(uow)
    with pytest.raises(NotFound, match="no-such-issue"):
        happen(uow, case, (K.ISSUE_ADDED, {"issue": "no-such-issue"}))


WHY = Why("The head teacher has ten days.", {}, "1 September + 10 days", RULE_BOOK, "policy")


def test_what_a_person_did_in_time_is_met_and_what_came_to_nothing_is_cancelled(uow: UnitOfWork) -> None:
    answered, silent = a_case(uow), a_case(uow)
    for case, kind, facts in ((answered, K.HEAD_MET, MET), (silent, K.HEAD_DID_NOT_ANSWER, {})):
        happen(uow, case, *UP_TO_HEAD)
        set_deadline(uow, case.id, DeadlineKind.HEAD_ANSWER, uow.today, WHY)
        happen(uow, case, (kind, facts))
    rows = {row.case_id: row for row in uow.session.scalars(select(Deadline))}
    assert (rows[answered.id].met_on, rows[answered.id].cancelled_on) == (uow.today, None)
    assert (rows[silent.id].met_on, rows[silent.id].cancelled_on) == (None, uow.today)


def test_a_head_teacher_who_puts_it_off_has_not_answered(uow: UnitOfWork) -> None:
    """Red when `_follow` takes an adjourned meeting for an answer: nothing would refer the case any more."""
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD)
    set_deadline(uow, case.id, DeadlineKind.HEAD_ANSWER, uow.today, WHY)
    happen(uow, case, (K.HEAD_MET, {"answer": "adjourned"}))
    assert [row.kind for row in open_deadlines(uow, case.id)] == [DeadlineKind.HEAD_ANSWER]


def test_nobody_waits_for_an_officer_who_declined(uow: UnitOfWork) -> None:
    """Red when the day to accept by outlives the officer's no: it would be missed by nobody."""
    case = a_case(uow)
    happen(uow, case, *UP_TO_NEGOTIATION[:4])
    set_deadline(uow, case.id, DeadlineKind.OFFICER_ACCEPTS, uow.today, WHY)
    happen(uow, case, (K.OFFICER_DECLINED, {"reason": "on leave"}))
    assert open_deadlines(uow, case.id) == []


def test_a_negotiation_answers_for_the_head_teacher(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, *UP_TO_NEGOTIATION)
    set_deadline(uow, case.id, DeadlineKind.HEAD_ANSWER, uow.today, WHY)
    happen(uow, case, (K.NEGOTIATION_HELD, {"answer": "adjourned"}))
    assert open_deadlines(uow, case.id, DeadlineKind.HEAD_ANSWER) == []


def test_a_settled_or_closed_case_waits_for_nothing(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD)
    set_deadline(uow, case.id, DeadlineKind.MANDATE_ENDS, uow.today + timedelta(days=9), WHY)
    happen(uow, case, (K.HEAD_MET, {"answer": "accepted"}))
    assert open_deadlines(uow, case.id) == []


def test_a_settlement_settles_the_dispute_and_a_new_one_can_be_declared(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, *UP_TO_NEGOTIATION)
    dispute = declare(uow, case, ["meetings"])
    assert declare(uow, case, ["meetings"]).id == dispute.id
    happen(uow, case, (K.NEGOTIATION_HELD, {"answer": "accepted"}))
    assert dispute.settled_on == uow.today
    happen(uow, case, K.CASE_REOPENED)
    again = declare(uow, case, ["email"])
    assert again.id != dispute.id
    assert dispute_of(uow, case.id) == again


def test_a_case_that_is_closed_leaves_its_dispute_and_a_new_one_can_be_declared(uow: UnitOfWork) -> None:
    """Turns red if `_ends_its_dispute` asks for an agreement alone: the dispute would be live for ever."""
    case = a_case(uow)
    happen(uow, case, *UP_TO_NEGOTIATION)
    dispute = declare(uow, case, ["meetings"])
    happen(uow, case, (K.CASE_CLOSED, {"reason": "members no longer pursue it"}))
    assert (dispute.settled_on, live_dispute_of(uow, case.id)) == (uow.today, None)
    happen(uow, case, K.CASE_REOPENED)
    assert declare(uow, case, ["meetings"]).id != dispute.id


def test_a_case_that_is_not_there_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound, match="case"):
        handlers.record(uow, a_workplace(uow).id, K.CASE_WOKEN)


def test_the_row_of_a_settled_case_is_what_its_events_replay_to(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, *SETTLED_WITH_HEAD)
    state = repository.state_of(uow, case.id)
    assert (case.stage, case.entered_on, case.officer_id) == (state.stage, state.entered_on, None)


def test_only_a_case_that_rests_can_be_woken(uow: UnitOfWork) -> None:
    """Mutation: leave the rest out of the check in `record`, and history says that a case woke that never slept."""
    case = a_case(uow)
    with pytest.raises(Conflict, match="does not rest"):
        handlers.record(uow, case.id, K.CASE_WOKEN)
    happen(uow, case, (K.CASE_RESTED, {"reason": "exams", "wake_on": "2026-10-01"}), K.CASE_WOKEN)
    with pytest.raises(Conflict, match="does not rest"):
        handlers.record(uow, case.id, K.CASE_WOKEN)
