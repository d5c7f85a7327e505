"""What only a person can do about a notice: asked for once, and done once."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from datetime import date, timedelta

import pytest

from core.errors import BadInput, Conflict, NotFound
from notifications import outbox, proof, tasks
from notifications.models import ServiceTask
from notifications.tasks import LABELS, TaskKind
from tests.conftest import NOON
from tests.notifications.conftest import Desk

LATEST = date(2026, 9, 14)


def ask(desk: Desk, notice_id: uuid.UUID, hours: int | None = 24, about: str = "") -> ServiceTask:
    """A person is asked to check an address within so many hours of noon."""
    act_by = None if hours is None else NOON + timedelta(hours=hours)
    with desk.work() as uow:
        return tasks.ask(uow, notice_id, TaskKind.CHECK_ADDRESS, "the letter came back", act_by, about)


def test_the_same_is_asked_once_and_by_the_earliest_moment(desk: Desk) -> None:
    """
    Turns red if `ask` leaves out `_standing`, or takes over a later moment.
    """
    notice_id = desk.queue()
    tasks_of = [
        ask(desk, notice_id, None),
        ask(desk, notice_id, 48),
        ask(desk, notice_id, 24),
        ask(desk, notice_id, 72),
    ]

    assert len({task.id for task in tasks_of}) == 1
    with desk.work() as uow:
        (task,) = tasks.open_tasks(uow)
        assert task.act_by == NOON + timedelta(hours=24)


def test_what_is_about_another_thing_is_another_task(desk: Desk) -> None:
    """
    Two replies want two readings.

    Turns red if `_standing` leaves out `about`.
    """
    notice_id = desk.queue()

    assert ask(desk, notice_id, about="1").id != ask(desk, notice_id, about="2").id


def test_done_is_done_once_and_is_not_asked_again(desk: Desk) -> None:
    """
    Turns red if `done` leaves out the look at `done_at`.
    """
    notice_id = desk.queue()
    task_id = ask(desk, notice_id).id
    for who in ("officer:1", "officer:2"):
        with desk.work() as uow:
            tasks.done(uow, task_id, who, "asked by telephone")
    with desk.work() as uow, pytest.raises(Conflict, match="what was done then stands"):
        tasks.done(uow, task_id, "officer:2", "wrote to them")
    assert ask(desk, notice_id).id == task_id

    with desk.work() as uow:
        assert uow.session.get_one(ServiceTask, task_id).done_by == "officer:1"
        assert tasks.open_tasks(uow) == []
        assert [task.id for task in tasks.about_notice(uow, [notice_id])] == [task_id]


def test_everything_of_a_kind_is_done_at_once(desk: Desk) -> None:
    """
    One answer may settle every request.
    """
    notice_id = desk.queue()
    ask(desk, notice_id, about="1"), ask(desk, notice_id, about="2")
    with desk.work() as uow:
        tasks.ask(uow, notice_id, TaskKind.READ_REPLY, "an answer came", None)
        assert tasks.done_for(uow, notice_id, TaskKind.CHECK_ADDRESS, "officer:1", "looked up") == 2
        assert tasks.done_for(uow, notice_id, TaskKind.CHECK_ADDRESS, "officer:1", "looked up") == 0
        assert [task.kind for task in tasks.open_tasks(uow)] == ["read_reply"]
        assert tasks.open_tasks(uow, TaskKind.CHECK_ADDRESS) == []


def asked_to_hand_over(desk: Desk) -> tuple[uuid.UUID, uuid.UUID]:
    """A notice of ballot that went out, and the task to hand it over."""
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    desk.sweep()
    with desk.work() as uow:
        return notice_id, tasks.ask(uow, notice_id, TaskKind.HAND_OVER, "nothing shows receipt", None).id


def test_a_hand_over_is_done_by_its_receipt_and_by_no_word(desk: Desk) -> None:
    """
    A message left with somebody is no receipt, and nobody would be asked again before the limit.

    Turns red if `done` leaves out `_waits_for_a_receipt`, or `done_for` has it.
    """
    notice_id, task_id = asked_to_hand_over(desk)
    with desk.work() as uow:
        with pytest.raises(Conflict, match="Record the receipt"):
            tasks.done(uow, task_id, "officer:1", "left a message")
        assert [task.id for task in tasks.open_tasks(uow)] == [task_id]
        proof.record_receipt(
            uow,
            notice_id,
            evidence_class="A",
            kind="handed_over",
            received_on=uow.today,
            recorded_by="officer:1",
        )
        assert tasks.open_tasks(uow) == []


@pytest.mark.parametrize(("day", "ends"), [(LATEST, False), (LATEST + timedelta(days=1), True)])
def test_a_hand_over_that_comes_too_late_is_ended_by_word(desk: Desk, day: date, *, ends: bool) -> None:
    """
    No receipt can be in time any more, and the task would stand for ever.

    Turns red if `_waits_for_a_receipt` leaves out the last day, or takes it for over.
    """
    _, task_id = asked_to_hand_over(desk)
    desk.now = NOON + (day - NOON.date())
    with desk.work() as uow, nullcontext() if ends else pytest.raises(Conflict):
        tasks.done(uow, task_id, "officer:1", "served again with new dates")
    with desk.work() as uow:
        assert (tasks.open_tasks(uow) == []) is ends


def test_a_hand_over_of_what_was_taken_back_is_ended_by_word(desk: Desk) -> None:
    """
    Turns red if `_waits_for_a_receipt` leaves out the state.
    """
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    with desk.work() as uow:
        task_id = tasks.ask(uow, notice_id, TaskKind.HAND_OVER, "nothing shows receipt", None).id
        outbox.cancel(uow, notice_id, "the ballot was cancelled")
        tasks.done(uow, task_id, "officer:1", "the ballot was cancelled")
        assert tasks.open_tasks(uow) == []


def test_the_nearest_moment_comes_first(desk: Desk) -> None:
    """
    What has no moment comes last.
    """
    notice_id = desk.queue()
    for hours in (None, 48, 24):
        ask(desk, notice_id, hours, about=str(hours))

    with desk.work() as uow:
        assert [task.about for task in tasks.open_tasks(uow)] == ["24", "48", "None"]


def test_what_is_not_there_is_refused(desk: Desk) -> None:
    """
    So is a task that was done without saying how.
    """
    task_id = ask(desk, desk.queue()).id
    with desk.work() as uow:
        with pytest.raises(NotFound):
            tasks.ask(uow, uuid.uuid4(), TaskKind.CHECK_ADDRESS, "why", None)
        with pytest.raises(NotFound):
            tasks.done(uow, uuid.uuid4(), "officer:1", "so")
        with pytest.raises(BadInput, match="in a few words"):
            tasks.done(uow, task_id, "officer:1", " ")


def test_every_kind_has_words() -> None:
    """
    A list of tasks shows them.
    """
    assert set(LABELS) == set(TaskKind)
