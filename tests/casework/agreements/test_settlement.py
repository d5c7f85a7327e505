"""Recording what was agreed, and signing it off once every issue is answered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework import repository
from casework.agreements.settlement import (
    ClauseTerms,
    gains_of,
    last_signed,
    reach_settlement,
    record_agreement,
    sign_off,
    unsigned,
)
from casework.cases import Case, IssueStatus
from casework.lifecycle import EventKind, Stage
from core.errors import BadInput, RuleViolation, StageError
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork
from tests.builders import UP_TO_HEAD, a_case, at_pay, happen
from tests.casework.agreements.settling import EMAIL, MEETINGS, statuses


def test_a_settlement_at_any_rung_records_its_clauses(uow: UnitOfWork) -> None:
    case = a_case(uow, issues=("meetings", "email"))
    happen(uow, case, *UP_TO_HEAD)
    agreement = reach_settlement(uow, case.id, [MEETINGS], uow.today)
    assert case.stage is Stage.SETTLED
    assert [(row.issue, row.what_changes, row.from_on) for row in agreement.clauses] == [
        ("meetings", "One meeting a week of at most an hour.", date(2026, 9, 7))
    ]
    event = repository.last_event(uow, case.id, EventKind.SETTLEMENT_REACHED)
    assert event is not None
    assert event.facts == {"issues": ["meetings"]}
    assert statuses(case) == {"meetings": IssueStatus.SETTLED, "email": IssueStatus.OPEN}


def test_a_settlement_after_strike_days_waits_for_the_pay(uow: UnitOfWork) -> None:
    case = at_pay(uow, date(2026, 6, 2))
    reach_settlement(uow, case.id, [MEETINGS], uow.today)
    assert case.stage is Stage.PAY_REIMBURSEMENT
    happen(uow, case, EventKind.CLAIMS_SETTLED)
    assert case.stage is Stage.SETTLED
    assert sign_off(uow, case.id, uow.today).signed_on == uow.today


def test_clauses_gather_in_one_agreement_until_it_is_signed(uow: UnitOfWork, case: Case) -> None:
    first = record_agreement(uow, case.id, [MEETINGS])
    second = record_agreement(uow, case.id, [EMAIL])
    assert first.id == second.id
    assert [clause.issue for clause in second.clauses] == ["meetings", "email"]
    assert [clause.place for clause in second.clauses] == [0, 1]


def test_what_was_agreed_is_recorded_only_once_the_case_is_settled(uow: UnitOfWork) -> None:
    case = a_case(uow)
    with pytest.raises(StageError, match="agreement_recorded"):
        record_agreement(uow, case.id, [MEETINGS])


@pytest.mark.parametrize(
    ("terms", "field"), [([], "clauses"), ([ClauseTerms("cover", "No cover.", date(2026, 9, 7))], "clauses.issue")]
)
def test_clauses_are_about_issues_of_the_case(
    uow: UnitOfWork, case: Case, terms: list[ClauseTerms], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        record_agreement(uow, case.id, terms)
    assert refused.value.field == field
    assert unsigned(uow, case.id) is None


def test_an_agreement_is_signed_off_once_every_issue_is_answered(uow: UnitOfWork, case: Case) -> None:
    """Red when `sign_off_faults` answers nothing for an issue without a clause."""
    record_agreement(uow, case.id, [MEETINGS])
    with pytest.raises(RuleViolation) as refused:
        sign_off(uow, case.id, uow.today)
    assert [(each.code, each.where) for each in refused.value.findings] == [("issue_without_clause", "email")]
    assert refused.value.findings[0].citation is not None
    assert case.stage is Stage.SETTLED
    agreement = record_agreement(uow, case.id, [EMAIL])
    sign_off(uow, case.id, uow.today)
    assert (case.stage, agreement.signed_on) == (Stage.MONITORING, uow.today)
    assert (unsigned(uow, case.id), last_signed(uow, case.id)) == (None, agreement)


def test_without_an_agreement_there_is_nothing_to_sign(uow: UnitOfWork, case: Case) -> None:
    with pytest.raises(RuleViolation) as refused:
        sign_off(uow, case.id, uow.today)
    assert [finding.code for finding in refused.value.findings] == ["no_agreement"]


def test_an_agreement_is_not_signed_on_a_day_to_come(uow: UnitOfWork, case: Case) -> None:
    record_agreement(uow, case.id, [MEETINGS, EMAIL])
    with pytest.raises(BadInput, match="happened_on"):
        sign_off(uow, case.id, uow.today + timedelta(days=1))


def test_an_agreement_is_signed_once(uow: UnitOfWork, case: Case) -> None:
    record_agreement(uow, case.id, [MEETINGS, EMAIL])
    sign_off(uow, case.id, uow.today)
    with pytest.raises(StageError, match="monitoring"):
        sign_off(uow, case.id, uow.today)


def test_a_clause_is_a_gain_from_the_signature_on(uow: UnitOfWork, case: Case) -> None:
    record_agreement(uow, case.id, [MEETINGS, EMAIL])
    assert gains_of(uow, case.id) == []
    sign_off(uow, case.id, uow.today)
    assert [clause.issue for clause in gains_of(uow, case.id)] == ["meetings", "email"]


def test_history_holds_a_digest_of_the_clauses_and_not_their_words(uow: UnitOfWork, case: Case) -> None:
    agreement = record_agreement(uow, case.id, [MEETINGS])
    (entry,) = uow.session.query(HistoryEntry).filter_by(subject=f"agreement:{agreement.id}").all()
    assert len(entry.facts["clauses_sha256"]) == 64
    assert MEETINGS.what_changes not in str(entry.facts)
