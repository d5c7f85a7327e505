"""Reminders: each level told once, to the right people, however many sweeps were missed."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from casework.cases import Case
from casework.deadlines import Deadline, DeadlineKind, meet, set_deadline, to_remind
from casework.levels import Level
from casework.register.models import Officer
from casework.reminders import SENT, remind
from core.history import HistoryEntry
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications.models import Notice
from tests.builders import a_case, a_workplace, an_officer, later
from tests.casework.test_deadlines import WHY

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

FRIDAY = date(2026, 9, 18)
"""Amber from Friday 11th, red from Wednesday 16th, a hard stop from Saturday 19th: 10, 15 and 18 days from today."""
AMBER_DAYS, RED_DAYS, STOP_DAYS = 10, 15, 18


@pytest.fixture
def officer(uow: UnitOfWork) -> Officer:
    """The officer of the case."""
    return an_officer(uow)


@pytest.fixture
def case(uow: UnitOfWork, officer: Officer) -> Case:
    """A case with an officer; another covers the same association."""
    case = a_case(uow, a_workplace(uow, association_id=officer.association_id))
    case.officer_id, case.officer = officer.id, officer
    uow.session.flush()
    return case


def set_for(uow: UnitOfWork, case: Case, kind: DeadlineKind = DeadlineKind.RESULT_TO_EMPLOYERS) -> Deadline:
    return set_deadline(uow, case.id, kind, FRIDAY, WHY, tells_workplace=kind is DeadlineKind.HEAD_ANSWER)


def swept(uow: UnitOfWork, days: int) -> UnitOfWork:
    """The sweep of a day, as often as one likes."""
    then = later(uow, days)
    for _ in range(2):
        for deadline_id in to_remind(then):
            remind(then, deadline_id)
    then.session.flush()
    return then


def told(uow: UnitOfWork) -> list[tuple[str, str, str]]:
    """(kind, recipient, level) of each reminder, in the order made."""
    rows = uow.session.scalars(select(Notice).order_by(Notice.created_at, Notice.recipient_key))
    return [(row.kind.removeprefix("deadline_reminder_"), row.recipient_key, row.facts["level"]) for row in rows]


def test_each_level_is_told_once_and_on_its_day(uow: UnitOfWork, case: Case, officer: Officer) -> None:
    """Turns red if `remind` leaves `remind_on` where it is."""
    other = an_officer(uow, officer.association)
    deadline = set_for(uow, case)
    key = f"officer:{officer.id}"
    for day in range(AMBER_DAYS):
        assert told(swept(uow, day)) == []
    for day in range(AMBER_DAYS, RED_DAYS):
        assert told(swept(uow, day)) == [("officer", key, "amber")]
    for day in range(RED_DAYS, STOP_DAYS):
        assert told(swept(uow, day))[1:] == [("officer", key, "red")]
    for day in (STOP_DAYS, STOP_DAYS + 1, STOP_DAYS + 40):
        last = told(swept(uow, day))[2:]
        assert sorted(last) == sorted([("officer", key, "stop"), ("officer", f"officer:{other.id}", "stop")])
    assert (deadline.reminded_level, deadline.remind_on) == (Level.STOP, None)


@pytest.mark.parametrize(
    ("missed_until", "level"), [(RED_DAYS - 1, "amber"), (RED_DAYS, "red"), (STOP_DAYS - 1, "red"), (STOP_DAYS, "stop")]
)
def test_after_missed_sweeps_only_the_highest_level_is_told(
    uow: UnitOfWork, case: Case, officer: Officer, missed_until: int, level: str
) -> None:
    """Turns red if `remind` tells every level from the lowest: three mails at once after a week without a sweep."""
    set_for(uow, case)
    found = [row for row in told(swept(uow, missed_until)) if row[1] == f"officer:{officer.id}"]
    assert found == [("officer", f"officer:{officer.id}", level)]


def test_a_deadline_that_was_met_is_told_of_no_more(uow: UnitOfWork, case: Case) -> None:
    """Turns red if `remind` does not ask whether it is open: it may have been met after the sweep looked."""
    deadline = set_for(uow, case)
    swept(uow, AMBER_DAYS)
    meet(uow, case.id, deadline.kind, FRIDAY)
    then = later(uow, STOP_DAYS)
    remind(then, deadline.id)
    assert [level for _, _, level in told(then)] == ["amber"]


def test_the_workplace_is_told_at_amber_and_red_and_of_no_day_that_has_passed(uow: UnitOfWork, case: Case) -> None:
    """
    The head's silence is an answer, which the case follows by itself.

    Turns red if the head's deadline has a hard stop, or a sweep after the day still tells of it.
    """
    set_for(uow, case, DeadlineKind.HEAD_ANSWER)
    swept(uow, AMBER_DAYS)
    swept(uow, RED_DAYS)
    kinds = [(kind, level) for kind, _, level in told(swept(uow, STOP_DAYS))]
    assert sorted(kinds) == sorted((kind, level) for kind in ("officer", "workplace") for level in ("amber", "red"))


def test_a_sweep_after_the_heads_day_tells_nobody(uow: UnitOfWork, case: Case) -> None:
    """Turns red if `ENDS_BY_ITSELF` is not asked: the head would be asked for an answer that counts no more."""
    deadline = set_for(uow, case, DeadlineKind.HEAD_ANSWER)
    assert told(swept(uow, STOP_DAYS)) == []
    assert (deadline.remind_on, deadline.reminded_on) == (None, None)


def test_a_deadline_moved_away_and_back_is_told_of_again(uow: UnitOfWork, case: Case) -> None:
    """Turns red if the version of the message is the level alone: the notice that stands would swallow the new one."""
    set_for(uow, case)
    swept(uow, RED_DAYS)
    moving = later(uow, RED_DAYS)
    set_deadline(moving, case.id, DeadlineKind.RESULT_TO_EMPLOYERS, date(2026, 10, 30), WHY)
    set_deadline(moving, case.id, DeadlineKind.RESULT_TO_EMPLOYERS, FRIDAY, WHY)
    assert [level for _, _, level in told(swept(uow, RED_DAYS + 1))] == ["red", "red"]


def test_a_level_that_was_told_is_not_told_again_on_another_day(uow: UnitOfWork, case: Case) -> None:
    """Turns red if `remind` does not ask whether the level is higher than the one that was told."""
    deadline = set_for(uow, case)
    swept(uow, AMBER_DAYS)
    deadline.remind_on = later(uow, AMBER_DAYS + 1).today
    uow.session.flush()
    assert [level for _, _, level in told(swept(uow, AMBER_DAYS + 1))] == ["amber"]


def test_without_an_officer_the_second_person_is_told_from_amber_on(
    uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if a case without an officer is told to nobody."""
    monkeypatch.setattr(settings(), "duty_email", "duty@example.org")
    set_for(uow, a_case(uow))
    assert told(swept(uow, AMBER_DAYS)) == [("officer", "union:duty", "amber")]


def test_at_the_hard_stop_the_person_of_the_setting_is_told_too(
    uow: UnitOfWork, case: Case, officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that an officer has is that officer's. Turns red if the setting is not read."""
    named = an_officer(uow, name="Zelda Lastby")
    an_officer(uow, officer.association)
    monkeypatch.setattr(settings(), "duty_email", named.email.upper())
    set_for(uow, case)
    keys = {key for _, key, _ in told(swept(uow, STOP_DAYS))}
    assert keys == {f"officer:{officer.id}", f"officer:{named.id}"}


def test_whoever_is_the_officer_and_the_duty_person_does_not_stand_alone(
    uow: UnitOfWork, case: Case, officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the one person named counts as two."""
    other = an_officer(uow)
    monkeypatch.setattr(settings(), "duty_email", officer.email)
    set_for(uow, case)
    assert {key for _, key, _ in told(swept(uow, STOP_DAYS))} == {f"officer:{officer.id}", f"officer:{other.id}"}


def test_history_says_which_level_was_told_and_to_whom(uow: UnitOfWork, case: Case, officer: Officer) -> None:
    """Turns red if the entry leaves out the level: two reminders of one deadline could not be told apart."""
    set_for(uow, case)
    swept(uow, AMBER_DAYS)
    [entry] = uow.session.scalars(select(HistoryEntry).where(HistoryEntry.action == SENT))
    assert (entry.facts["level"], entry.facts["people"]) == ("amber", [f"officer:{officer.id}"])
