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
    days_of_levels,
    first_unreminded,
    level_of,
    meet,
    open_deadlines,
    reckon_levels_again,
    set_deadline,
    to_remind,
)
from casework.levels import Level
from core.calendar import working_days_before
from core.findings import Citation
from core.nations import Nation
from core.settings import settings
from core.unit_of_work import UnitOfWork
from tests.builders import a_case, a_workplace, later

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


def test_a_reminder_falls_some_working_days_before_and_a_turning_point_has_none(uow: UnitOfWork, case: Case) -> None:
    """Turns red if the days are calendar days, or a day on which something begins by itself is recalled."""
    assert (settings().amber_working_days, settings().red_working_days) == (5, 2)
    for number, kind in enumerate(DeadlineKind):
        day = TENTH + timedelta(days=number)
        deadline = set_deadline(uow, case.id, kind, day, WHY)
        amber = working_days_before(day, 5, Nation.ENGLAND)
        assert deadline.remind_on == (None if kind in TURNING_POINTS else amber)
        assert list(days_of_levels(uow, deadline))[-1:] == (
            [] if kind in TURNING_POINTS else [Level.RED if kind is DeadlineKind.HEAD_ANSWER else Level.STOP]
        )
        assert deadline.label


@pytest.mark.parametrize(
    ("due_on", "first"),
    [
        (date(2026, 9, 9), date(2026, 9, 2)),  # amber tomorrow
        (date(2026, 9, 8), date(2026, 9, 4)),  # amber began today: setting is not recalling, so red
        (date(2026, 9, 3), date(2026, 9, 2)),  # red began today: recalled on the morrow
        (date(2026, 9, 1), date(2026, 9, 1)),  # due today
        (date(2026, 8, 28), date(2026, 8, 28)),  # past already
    ],
)
def test_a_near_deadline_is_not_recalled_as_it_is_set(uow: UnitOfWork, case: Case, due_on: date, first: date) -> None:
    """Turns red if a level that began before today is told at once, or one that is near is never told."""
    assert set_deadline(uow, case.id, DeadlineKind.OFFICER_ACCEPTS, due_on, WHY).remind_on == first


def test_a_deadline_that_moves_is_recalled_from_the_beginning(uow: UnitOfWork, case: Case) -> None:
    """Turns red if `set_among` gives back a row that was told of as it is."""
    first = set_deadline(uow, case.id, KIND, TENTH, WHY)
    first.reminded_level, first.reminded_on, first.remind_on = Level.RED, uow.today, None
    set_deadline(uow, case.id, KIND, TWELFTH, WHY)
    again = set_deadline(uow, case.id, KIND, TENTH, WHY)
    assert (again.id, again.reminded_level, again.reminded_on, again.remind_on) == (
        first.id,
        None,
        None,
        date(2026, 9, 3),
    )


def test_the_warning_days_are_those_of_the_workplaces_nation(uow: UnitOfWork) -> None:
    """2 January is a holiday in Scotland. Turns red if the nation is not asked for."""
    due_on = date(2026, 1, 6)
    for nation, red in ((Nation.ENGLAND, date(2026, 1, 2)), (Nation.SCOTLAND, date(2025, 12, 31))):
        case = a_case(uow, a_workplace(uow, nation=nation))
        deadline = set_deadline(uow, case.id, KIND, due_on, WHY)
        assert days_of_levels(uow, deadline)[Level.RED] == red
        assert (level_of(uow, deadline), deadline.is_open) == (Level.RED, True)
        deadline.met_on = due_on
        assert level_of(uow, deadline) is None


def test_an_added_holiday_begins_the_warnings_sooner_and_its_withdrawal_as_before(uow: UnitOfWork, case: Case) -> None:
    """Turns red if `reckon_levels_again` is left out: an officer would have a working day less than the policy."""
    early = set_deadline(uow, case.id, KIND, TENTH, WHY)
    then = later(uow, 6)
    late = set_deadline(then, case.id, DeadlineKind.OFFICER_ACCEPTS, TENTH, WHY)
    assert [early.remind_on, late.remind_on] == [date(2026, 9, 3), date(2026, 9, 8)]
    uow.session.flush()
    holiday = date(2026, 9, 9)
    for each in (uow, then):
        each.added_holidays = {Nation.ENGLAND: frozenset({holiday})}
        reckon_levels_again(each, holiday)
    assert [early.remind_on, late.remind_on] == [date(2026, 9, 2), date(2026, 9, 7)]
    uow.added_holidays = {}
    reckon_levels_again(uow, holiday)
    assert early.remind_on == date(2026, 9, 3)


@pytest.mark.parametrize(("days", "found"), [(8, 0), (9, 1), (10, 1)])
def test_a_deadline_is_due_from_its_last_good_day_on(uow: UnitOfWork, case: Case, days: int, found: int) -> None:
    """Boundary: today is 1 September and it is due on the 10th. Red when `<=` in `cases_due` is `<`."""
    set_deadline(uow, case.id, KIND, TENTH, WHY)
    assert len(cases_due(later(uow, days))) == found


@pytest.mark.parametrize(("days", "found"), [(1, 0), (2, 1), (20, 1)])
def test_it_is_recalled_from_the_day_of_its_first_level(uow: UnitOfWork, case: Case, days: int, found: int) -> None:
    """Turns red if `<=` in `to_remind` is `<`: the warning would have a day less."""
    set_deadline(uow, case.id, KIND, TENTH, WHY)
    assert len(to_remind(later(uow, days))) == found


@pytest.mark.parametrize("end", ["met_on", "cancelled_on", "remind_on"])
def test_what_is_over_is_neither_due_nor_recalled(uow: UnitOfWork, case: Case, end: str) -> None:
    """Turns red if a query forgets one of the three; a deadline with nothing more to tell is still due."""
    deadline = set_deadline(uow, case.id, KIND, TENTH, WHY)
    setattr(deadline, end, None if end == "remind_on" else uow.today)
    uow.session.flush()
    then = later(uow, 30)
    assert to_remind(then) == []
    assert first_unreminded(then, 1) == []
    assert cases_due(then) == ([case.id] if end == "remind_on" else [])


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
    assert first_unreminded(uow, 5) == [working_days_before(day, 5, Nation.ENGLAND) for day in (TENTH, TWELFTH)]
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
