"""Deadlines: set once, replaced, met, cancelled, found when due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from casework.cases import Case
from casework.deadlines import (
    LABELS,
    TURNING_POINTS,
    Deadline,
    DeadlineKind,
    Why,
    cancel,
    cases_due,
    first_unreminded,
    meet,
    open_deadlines,
    set_deadline,
    to_remind,
)
from core.findings import Citation
from core.settings import settings
from core.unit_of_work import UnitOfWork
from tests.builders import a_case, later

WHY = Why(
    rule="The head teacher has ten days to answer.",
    inputs={"letter sent": "2026-09-01"},
    arithmetic="2026-09-01 + 10 days",
    citation=Citation("The union's rules", "working practice", "docs/policy.md"),
    certainty="policy",
)
TENTH, TWELFTH = date(2026, 9, 10), date(2026, 9, 12)
KIND = DeadlineKind.HEAD_ANSWER


@pytest.fixture
def case(uow: UnitOfWork) -> Case:
    """Any case."""
    return a_case(uow)


def standing(uow: UnitOfWork, case: Case) -> list[date]:
    """The days of the open deadlines."""
    return [row.due_on for row in open_deadlines(uow, case.id)]


def test_a_deadline_carries_why_it_falls_on_its_day(uow: UnitOfWork, case: Case) -> None:
    deadline = set_deadline(uow, case.id, KIND, TENTH, WHY, tells_workplace=True)
    assert deadline.why["arithmetic"] == "2026-09-01 + 10 days"
    assert deadline.why["citation"]["act"] == "The union's rules"
    assert (deadline.label, deadline.tells_workplace, deadline.days_to_spare) == (LABELS[KIND], True, None)


def test_the_same_deadline_again_changes_nothing(uow: UnitOfWork, case: Case) -> None:
    """Second run. Red when `set_deadline` does not look for the same day."""
    first = set_deadline(uow, case.id, KIND, TENTH, WHY)
    assert set_deadline(uow, case.id, KIND, TENTH, WHY).id == first.id
    assert standing(uow, case) == [TENTH]


def test_another_day_replaces_the_open_one(uow: UnitOfWork, case: Case) -> None:
    first = set_deadline(uow, case.id, KIND, TENTH, WHY)
    set_deadline(uow, case.id, KIND, TWELFTH, WHY)
    assert standing(uow, case) == [TWELFTH]
    assert first.cancelled_on == uow.today


def test_a_day_moved_there_and_back_stands_again(uow: UnitOfWork, case: Case) -> None:
    """Red when `set_deadline` gives back the cancelled row as it is: the case would wait for nothing."""
    first = set_deadline(uow, case.id, KIND, TENTH, WHY)
    set_deadline(uow, case.id, KIND, TWELFTH, WHY)
    assert set_deadline(uow, case.id, KIND, TENTH, WHY).id == first.id
    assert standing(uow, case) == [TENTH]


def test_what_was_met_stays_met(uow: UnitOfWork, case: Case) -> None:
    first = set_deadline(uow, case.id, KIND, TENTH, WHY)
    meet(uow, case.id, KIND, uow.today)
    assert set_deadline(uow, case.id, KIND, TENTH, WHY).met_on == uow.today
    assert standing(uow, case) == []
    assert first.days_to_spare == 9


def test_days_to_spare_are_negative_when_late(uow: UnitOfWork, case: Case) -> None:
    deadline = set_deadline(uow, case.id, KIND, TENTH, WHY)
    meet(uow, case.id, KIND, TWELFTH)
    assert deadline.days_to_spare == -2


def test_kinds_do_not_replace_each_other(uow: UnitOfWork, case: Case) -> None:
    set_deadline(uow, case.id, KIND, TENTH, WHY)
    set_deadline(uow, case.id, DeadlineKind.OFFICER_ACCEPTS, TWELFTH, WHY)
    assert standing(uow, case) == [TENTH, TWELFTH]
    cancel(uow, case.id, KIND)
    assert standing(uow, case) == [TWELFTH]
    cancel(uow, case.id)
    assert standing(uow, case) == []


def test_a_reminder_falls_some_days_before_and_a_turning_point_has_none(uow: UnitOfWork, case: Case) -> None:
    before = timedelta(days=settings().reminder_days_before)
    for number, kind in enumerate(DeadlineKind):
        day = TENTH + timedelta(days=number)
        deadline = set_deadline(uow, case.id, kind, day, WHY)
        assert deadline.remind_on == (None if kind in TURNING_POINTS else day - before)
        assert deadline.label


@pytest.mark.parametrize(("days", "found"), [(8, 0), (9, 1), (10, 1)])
def test_a_deadline_is_due_from_its_last_good_day_on(uow: UnitOfWork, case: Case, days: int, found: int) -> None:
    """Boundary: today is 1 September and it is due on the 10th. Red when `<=` in `cases_due` is `<`."""
    set_deadline(uow, case.id, KIND, TENTH, WHY)
    assert len(cases_due(later(uow, days))) == found


@pytest.mark.parametrize(("days", "found"), [(5, 0), (6, 1)])
def test_it_is_recalled_from_the_day_of_its_reminder(uow: UnitOfWork, case: Case, days: int, found: int) -> None:
    assert settings().reminder_days_before == 3
    set_deadline(uow, case.id, KIND, TENTH, WHY)
    assert len(to_remind(later(uow, days))) == found


@pytest.mark.parametrize("end", ["met_on", "cancelled_on", "reminded_on"])
def test_what_is_over_is_neither_due_nor_recalled(uow: UnitOfWork, case: Case, end: str) -> None:
    deadline = set_deadline(uow, case.id, KIND, TENTH, WHY)
    setattr(deadline, end, uow.today)
    uow.session.flush()
    then = later(uow, 30)
    assert to_remind(then) == []
    assert first_unreminded(then, 1) == []
    assert cases_due(then) == ([case.id] if end == "reminded_on" else [])


def test_the_longest_overdue_come_first_and_a_case_comes_once(uow: UnitOfWork) -> None:
    days = [TWELFTH, TENTH, date(2026, 9, 11)]
    made = {day: set_deadline(uow, a_case(uow).id, KIND, day, WHY) for day in days}
    set_deadline(uow, made[TENTH].case_id, DeadlineKind.CASE_WAKES, TWELFTH, WHY)
    then = later(uow, 30)
    assert cases_due(then) == [made[day].case_id for day in sorted(days)]
    assert to_remind(then) == [made[day].id for day in sorted(days)]


def test_the_earliest_reminders_are_counted_whether_or_not_their_day_has_come(uow: UnitOfWork) -> None:
    """Red when `first_unreminded` asks the database for the day: the sweep's check would repeat the sweep's fault."""
    for day in (TWELFTH, TENTH):
        set_deadline(uow, a_case(uow).id, KIND, day, WHY)
    set_deadline(uow, a_case(uow).id, DeadlineKind.CASE_WAKES, TENTH, WHY)
    before = settings().reminder_days_before
    assert first_unreminded(uow, 5) == [day - timedelta(days=before) for day in (TENTH, TWELFTH)]
    assert len(first_unreminded(uow, 1)) == 1


@pytest.mark.parametrize("query", [cases_due, to_remind, lambda uow: first_unreminded(uow, 1)])
def test_what_is_due_is_found_by_an_index_of_what_is_open(
    uow: UnitOfWork, query: Callable[[UnitOfWork], object]
) -> None:
    """However many deadlines are over. Red when a partial index is dropped or a query no longer fits it."""
    asked: list[tuple[str, Any]] = []
    connection = uow.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    query(uow)
    [(statement, values)] = asked
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # an empty table is read whole otherwise
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    plan = str(connection.exec_driver_sql(f"{explain} {statement}", values).all())
    assert "ix_deadlines_open" in plan, plan


def test_a_day_is_not_set_twice_for_a_kind_of_a_case(uow: UnitOfWork, case: Case) -> None:
    for day in (TENTH, TWELFTH, TENTH, TWELFTH):
        set_deadline(uow, case.id, KIND, day, WHY)
    assert len(uow.session.scalars(select(Deadline)).all()) == 2
