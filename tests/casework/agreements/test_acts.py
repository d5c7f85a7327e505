"""The acts of agreements as forms, the command line and the API give them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from casework import repository
from casework.agreements.acts import ACTS, AgreementGiven
from casework.agreements.settlement import gains_of
from casework.cases import Case, IssueStatus
from casework.lifecycle import TRANSITIONS, EventKind, Stage
from core.unit_of_work import UnitOfWork
from tests.builders import UP_TO_HEAD, a_case, happen
from tests.casework.agreements.settling import do, statuses

CLAUSE = {"issue": "meetings", "what_changes": "One meeting a week.", "from_on": "2026-09-07"}
ANOTHER = {"issue": "email", "what_changes": "None after five.", "from_on": "2026-09-07"}


def test_from_a_settlement_to_a_case_reopened_and_settled_again(uow: UnitOfWork) -> None:
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD)
    do(uow, case, "settlement_reached", happened_on=uow.today, clauses=[CLAUSE])
    do(uow, case, "agreement_signed_off", happened_on=uow.today)
    do(uow, case, "monitoring_check_recorded", happened_on=uow.today, broken=["meetings"], evidence="two a week in May")
    assert statuses(case) == {"meetings": IssueStatus.REOPENED}
    do(uow, case, "settlement_reached", happened_on=uow.today, clauses=[CLAUSE])
    do(uow, case, "agreement_signed_off", happened_on=uow.today)
    do(uow, case, "monitoring_check_recorded", happened_on=uow.today, evidence="one a week")
    do(uow, case, "monitoring_finished", reason="kept since")
    assert case.stage is Stage.CLOSED
    do(uow, case, "case_reopened", reason="a new head teacher")
    assert [clause.issue for clause in gains_of(uow, case.id)] == ["meetings"]


def test_what_was_agreed_with_the_head_is_recorded_in_a_settled_case(uow: UnitOfWork, case: Case) -> None:
    do(uow, case, "agreement_recorded", clauses=[CLAUSE, ANOTHER])
    do(uow, case, "agreement_signed_off", happened_on=uow.today)
    assert case.stage is Stage.MONITORING


def test_the_key_of_an_act_is_kept_with_its_event(uow: UnitOfWork, case: Case) -> None:
    do(uow, case, "agreement_recorded", clauses=[CLAUSE, ANOTHER])
    do(uow, case, "agreement_signed_off", key="form-1", happened_on=uow.today)
    event = repository.last_event(uow, case.id, EventKind.AGREEMENT_SIGNED_OFF)
    assert event is not None
    assert event.key == "form-1"


@pytest.mark.parametrize(
    ("clauses", "where", "says"),
    [
        ([{"issue": "meetings", "what_changes": "one a week"}], 0, "Field required"),
        ([{**CLAUSE, "from_on": "soon"}], 0, "valid date"),
        ([CLAUSE, {**CLAUSE, "issue": ""}], 1, "at least 1 character"),
        ([{**CLAUSE, "for": "ever"}], 0, "Extra inputs"),
    ],
)
def test_a_clause_that_cannot_be_read_says_which_and_what_is_wanted(clauses: object, where: int, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        AgreementGiven.model_validate({"clauses": clauses})
    (error,) = refused.value.errors()
    assert error["loc"][:2] == ("clauses", where)
    assert says in error["msg"]


def test_an_agreement_has_a_clause() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        AgreementGiven.model_validate({"clauses": []})


def test_every_act_that_records_an_event_is_for_the_stages_that_name_it() -> None:
    for act in ACTS:
        if act.name in set(EventKind):
            assert act.stages == {stage for (stage, kind, _) in TRANSITIONS if kind == act.name}
    assert len({act.name for act in ACTS}) == len(ACTS) == 6
