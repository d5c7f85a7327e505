"""Checks that an agreement is kept, and the reopening of a case when it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework import repository
from casework.agreements.models import ClauseState, MonitoringCheck
from casework.agreements.monitoring import finish, record_check, reopen
from casework.agreements.settlement import gains_of, record_agreement, sign_off, unsigned
from casework.agreements.steps import schedule_check
from casework.cases import Case, IssueStatus
from casework.deadlines import Deadline, DeadlineKind, open_deadlines
from casework.lifecycle import EventKind, Stage
from core.calendar import in_words
from core.errors import BadInput, RuleViolation, StageError
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import listing
from tests.builders import UP_TO_NEGOTIATION, a_case, happen, later
from tests.casework.agreements.settling import EMAIL, MEETINGS, monitored, statuses

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")


def test_an_agreement_that_is_kept_stays_monitored(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    check = record_check(uow, case.id, uow.today, [], "ten weeks of calendars seen")
    assert (check.broken, check.evidence, check.recorded_by) == ([], "ten weeks of calendars seen", "staff:test")
    assert case.stage is Stage.MONITORING


def test_what_was_seen_stays_out_of_the_event(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    record_check(uow, case.id, uow.today, [], "ten weeks of calendars seen")
    event = repository.last_event(uow, case.id, EventKind.MONITORING_CHECK_RECORDED)
    assert event is not None
    assert set(event.facts) == {"broken", "evidence_sha256"}


def test_a_broken_clause_reopens_the_case_and_the_others_stay_won(uow: UnitOfWork, case: Case) -> None:
    """Red when reopening touches every clause: gains would be lost."""
    agreement = monitored(uow, case)
    record_check(uow, case.id, uow.today, ["email"], "four mails after five in one week")
    meetings, email = agreement.clauses
    assert (email.state, email.broken_on) == (ClauseState.BROKEN, uow.today)
    assert (meetings.state, meetings.broken_on) == (ClauseState.KEPT, None)
    assert statuses(case) == {"meetings": IssueStatus.SETTLED, "email": IssueStatus.REOPENED}
    assert gains_of(uow, case.id) == [meetings]
    event = repository.last_event(uow, case.id, EventKind.CASE_REOPENED)
    assert event is not None
    assert (event.facts["issues"], event.facts["clauses"]) == (["email"], [str(email.id)])


def test_a_reopened_case_without_an_officer_is_assigned_one(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    record_check(uow, case.id, uow.today, ["email"], "four mails after five in one week")
    assert case.stage is Stage.OFFICER_ASSIGNED


def test_a_reopened_case_with_an_officer_is_back_at_negotiation(uow: UnitOfWork) -> None:
    case = a_case(uow, issues=("meetings", "email"))
    happen(uow, case, *UP_TO_NEGOTIATION, (EventKind.NEGOTIATION_HELD, {"answer": "accepted"}))
    monitored(uow, case)
    record_check(uow, case.id, uow.today, ["email"], "four mails after five in one week")
    assert case.stage is Stage.OFFICER_NEGOTIATION
    assert repository.state_of(uow, case.id).times_reopened == 1


def test_the_head_teacher_is_written_to_and_has_a_day_to_answer(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    record_check(uow, case.id, uow.today, ["email"], "four mails after five in one week")
    notices = [notice for notice in listing.about(uow, f"case:{case.id}") if notice.kind == "case_reopened"]
    assert {notice.medium.value for notice in notices} == {"mail", "letter"}
    facts = notices[0].facts
    assert facts["clauses_broken"] == ["No email is answered after five."]
    assert facts["evidence"] == "four mails after five in one week"
    (deadline,) = open_deadlines(uow, case.id, DeadlineKind.HEAD_ANSWER)
    assert deadline.due_on == uow.today + timedelta(days=settings().head_answer_days)
    assert facts["answer_by"] == deadline.due_on.isoformat()
    assert deadline.tells_workplace


def test_a_new_agreement_on_what_was_broken_is_enough(uow: UnitOfWork, case: Case) -> None:
    """Red when `sign_off_faults` does not count the gains that are kept, or counts those of reopened issues."""
    first = monitored(uow, case)
    record_check(uow, case.id, uow.today, ["email"], "four mails after five in one week")
    happen(uow, case, (EventKind.SETTLEMENT_REACHED, {}))
    with pytest.raises(RuleViolation):
        sign_off(uow, case.id, uow.today)
    second = record_agreement(uow, case.id, [EMAIL])
    sign_off(uow, case.id, uow.today)
    assert second.id != first.id
    assert [clause.issue for clause in gains_of(uow, case.id)] == ["meetings", "email"]
    assert set(statuses(case).values()) == {IssueStatus.SETTLED}


@pytest.mark.parametrize("broken", [["cover"], ["meetings", "reports"]])
def test_only_what_was_agreed_can_be_broken(uow: UnitOfWork, case: Case, broken: list[str]) -> None:
    monitored(uow, case)
    with pytest.raises(BadInput, match="email, meetings"):
        record_check(uow, case.id, uow.today, broken, "seen in the calendar")
    assert uow.session.query(MonitoringCheck).count() == 0


def test_a_clause_that_is_broken_already_is_not_broken_again(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    record_check(uow, case.id, uow.today, ["email"], "four mails after five in one week")
    happen(uow, case, EventKind.SETTLEMENT_REACHED)
    record_agreement(uow, case.id, [EMAIL])
    sign_off(uow, case.id, uow.today)
    record_check(uow, case.id, uow.today, ["email"], "again in the next term")
    assert [clause.issue for clause in gains_of(uow, case.id)] == ["meetings"]


def test_a_case_is_checked_only_while_monitored(uow: UnitOfWork, case: Case) -> None:
    with pytest.raises(StageError, match="monitoring_check_recorded"):
        record_check(uow, case.id, uow.today, [], "seen in the calendar")


@pytest.mark.parametrize("issues", [[], ["email"]])
def test_a_person_reopens_over_all_issues_or_some(uow: UnitOfWork, case: Case, issues: list[str]) -> None:
    monitored(uow, case)
    reopen(uow, case.id, "a new head teacher took it back", issues)
    reopened = {code for code, status in statuses(case).items() if status is IssueStatus.REOPENED}
    assert reopened == set(issues or ["meetings", "email"])
    assert [clause.issue for clause in gains_of(uow, case.id)] == ["meetings", "email"], "nothing was found broken"


def test_a_closed_case_is_reopened_with_its_history(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    finish(uow, case.id, "kept for two years")
    before = case.events_count
    reopen(uow, case.id, "a new head teacher took it back")
    assert case.stage is Stage.OFFICER_ASSIGNED
    assert case.events_count == before + 1


def test_a_reopening_names_issues_of_the_case(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    with pytest.raises(BadInput, match="email, meetings"):
        reopen(uow, case.id, "slipping back", ["cover"])


def test_an_agreement_never_signed_is_withdrawn_when_the_case_reopens(uow: UnitOfWork, case: Case) -> None:
    """Red when `_reopen` leaves it: its clauses would count as answers to the next settlement."""
    agreement = record_agreement(uow, case.id, [MEETINGS, EMAIL])
    reopen(uow, case.id, "the head teacher took the offer back")
    assert agreement.withdrawn_on == uow.today
    assert unsigned(uow, case.id) is None


def test_the_end_of_monitoring_closes_the_case_and_keeps_its_gains(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    schedule_check(uow, case.id)
    finish(uow, case.id, "kept for two years")
    assert case.stage is Stage.CLOSED
    assert open_deadlines(uow, case.id) == []
    assert len(gains_of(uow, case.id)) == 2


def test_the_next_check_is_due_an_interval_after_the_signature(uow: UnitOfWork, case: Case) -> None:
    monitored(uow, case)
    schedule_check(uow, case.id)
    (deadline,) = open_deadlines(uow, case.id, DeadlineKind.MONITORING_CHECK)
    assert deadline.due_on == uow.today + timedelta(days=settings().monitoring_interval_days)
    days = settings().monitoring_interval_days
    assert deadline.why["inputs"] == {"agreement signed off": in_words(uow.today), "time": f"{days} days"}
    assert deadline.why["changes_if"] == "the union's setting MANDATE_MONITORING_INTERVAL_DAYS"


def test_and_after_the_last_check_from_then_on(uow: UnitOfWork, case: Case) -> None:
    """Red when `_since` looks at the signature only."""
    monitored(uow, case)
    schedule_check(uow, case.id)
    then = later(uow, 90)
    record_check(then, case.id, then.today, [], "ten weeks of calendars seen")
    schedule_check(then, case.id)
    (deadline,) = open_deadlines(then, case.id, DeadlineKind.MONITORING_CHECK)
    assert deadline.due_on == then.today + timedelta(days=settings().monitoring_interval_days)
    met = uow.session.query(Deadline).filter_by(kind=DeadlineKind.MONITORING_CHECK, met_on=then.today).one()
    assert met.days_to_spare == 0


def test_the_record_goes_to_both_sides_once(uow: UnitOfWork, case: Case) -> None:
    """Second run. Red when the notices' subject is the case's last event and not the agreement."""
    agreement = monitored(uow, case)
    schedule_check(uow, case.id)
    schedule_check(later(uow, 1), case.id)
    notices = listing.about(uow, f"agreement:{agreement.id}")
    assert sorted((notice.recipient_key.split(":")[0], notice.medium.value) for notice in notices) == [
        ("employer", "letter"),
        ("employer", "mail"),
        ("workplace", "letter"),
        ("workplace", "mail"),
    ]
    assert {notice.kind for notice in notices} == {"settlement_record"}
    assert len(open_deadlines(uow, case.id, DeadlineKind.MONITORING_CHECK)) == 1


def test_nothing_is_scheduled_for_a_case_that_is_not_monitored_or_rests(uow: UnitOfWork, case: Case) -> None:
    schedule_check(uow, case.id)
    assert open_deadlines(uow, case.id) == []
    agreement = monitored(uow, case)
    happen(uow, case, (EventKind.CASE_RESTED, {"reason": "holidays", "wake_on": "2026-10-01"}))
    schedule_check(uow, case.id)
    assert open_deadlines(uow, case.id, DeadlineKind.MONITORING_CHECK) == []
    assert listing.about(uow, f"agreement:{agreement.id}") == []


def test_an_issue_reopened_by_a_person_wants_a_new_clause_though_its_old_one_stands(
    uow: UnitOfWork, case: Case
) -> None:
    """Red when `sign_off_faults` takes a kept clause for an answer to an issue that was reopened."""
    monitored(uow, case)
    reopen(uow, case.id, "members want more than was agreed", ["email"])
    happen(uow, case, EventKind.SETTLEMENT_REACHED)
    record_agreement(uow, case.id, [MEETINGS])
    with pytest.raises(RuleViolation) as refused:
        sign_off(uow, case.id, uow.today)
    assert [finding.where for finding in refused.value.findings] == ["email"]


def test_a_reopened_case_is_not_checked_any_more(uow: UnitOfWork, case: Case) -> None:
    """Red when `_reopen` leaves the day of the next check open: it could never be met."""
    monitored(uow, case)
    schedule_check(uow, case.id)
    reopen(uow, case.id, "a new head teacher took it back")
    assert open_deadlines(uow, case.id, DeadlineKind.MONITORING_CHECK) == []
