"""What people do while a batch is on its way, and what is known of a batch whose worker ended."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import text

from core import history
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from notifications import outbox, watch
from notifications.channels import Channel, Parcel, Sent, Unconnected
from notifications.claims import Gate
from notifications.delivery import LEASE, Sweep
from notifications.journal import Journal
from notifications.lifecycle import Medium, Outcome, State
from notifications.models import Notice, Quarantine
from notifications.recipients import Recipient
from notifications.waits import RESEND_WAIT
from tests.conftest import NOON
from tests.notifications.conftest import Desk
from tests.notifications.sinks import Sink, say

AFTER_LEASE = LEASE + timedelta(seconds=1)
ACCEPTED = Sent(Outcome.ACCEPTED)


@dataclass
class Meanwhile(Unconnected):
    """A channel during whose first send somebody else does something."""

    act: Callable[[], object]
    answer: Sent = ACCEPTED
    sent: list[uuid.UUID] = field(default_factory=list)
    name: str = "meanwhile"
    idempotent: bool = False

    def send(self, parcel: Parcel) -> Sent:
        """As it is told."""
        self.sent.append(parcel.notice_id)
        if len(self.sent) == 1:
            self.act()
        return self.answer


def queued(desk: Desk, count: int = 3) -> list[uuid.UUID]:
    """So many mails to members."""
    return [
        desk.queue("ballot_result_members", to=Recipient(f"member:{number}", "Kim", f"kim{number}@home.test"))
        for number in range(count)
    ]


def elsewhere(desk: Desk, act: Callable[[UnitOfWork], object]) -> Callable[[], None]:
    """An act of somebody else, over a connection of their own."""

    def acted() -> None:
        other = Database(desk.database.url)
        with unit_of_work("officer:other", as_of=desk.now, on=other) as uow:
            act(uow)
        other.engine.dispose()

    return acted


def sweep_with(desk: Desk, channel: Channel, keeper: watch.Keeper | None = None) -> Sweep:
    """A sweep whose mail goes by that channel."""
    journal = Journal.beside(desk.database)
    journal.begin(NOON)
    return Sweep(desk.database, {Medium.MAIL: channel}, desk.now, journal, keeper=keeper)


def test_what_is_cancelled_between_claim_and_send_does_not_go(desk: Desk) -> None:
    """
    The one on its way goes; of the two behind it, the one that was cancelled is, and the other goes.

    Turns red if `Watch.stop` does not ask, or `outbox.cancel` refuses a notice that a worker has.
    """
    first, second, third = queued(desk)
    channel = Meanwhile(elsewhere(desk, lambda uow: outbox.cancel(uow, second, "the ballot was withdrawn")))
    sweep = sweep_with(desk, channel)
    sweep.deliver([first, second, third])

    assert channel.sent == [first, third]
    assert [desk.state(each) for each in (first, second, third)] == [State.ACCEPTED, State.CANCELLED, State.ACCEPTED]
    assert (sweep.report.called_off, sweep.report.accepted) == (1, 2)
    (attempt,) = desk.notice(second).attempts
    assert (attempt.outcome, attempt.reply_text) == (Outcome.TEMP, "the ballot was withdrawn")


def test_what_went_out_while_it_was_called_off_is_accepted(desk: Desk) -> None:
    """Turns red if a notice that is gone is shown as cancelled."""
    (first,) = queued(desk, 1)
    channel = Meanwhile(elsewhere(desk, lambda uow: outbox.cancel(uow, first, "too late for that")))
    sweep_with(desk, channel).deliver([first])

    assert (desk.state(first), desk.notice(first).called_off) == (State.ACCEPTED, "too late for that")


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Outcome.TEMP, State.CANCELLED), (Outcome.UNKNOWN, State.UNKNOWN), (Outcome.PERM, State.FAILED_PERMANENT)],
)
def test_what_was_called_off_is_never_tried_again(desk: Desk, answer: Outcome, state: State) -> None:
    """
    Nobody sends it a second time, by whatever way; what may have gone out waits for a person.

    Turns red if `results._follow_up` or `results.settle` passes over `called_off`.
    """
    (first,) = queued(desk, 1)
    channel = Meanwhile(elsewhere(desk, lambda uow: outbox.cancel(uow, first, "withdrawn")), Sent(answer))
    sweep_with(desk, channel).deliver([first])
    assert desk.state(first) is state

    desk.sweep(RESEND_WAIT)
    desk.sweep(RESEND_WAIT)
    assert (channel.sent, desk.files()) == ([first], [])
    assert desk.state(first) is (State.HELD if answer is Outcome.UNKNOWN else state)


def test_a_stop_that_comes_between_claim_and_send_keeps_the_rest(desk: Desk) -> None:
    """
    The gate is made anew when anybody has acted, and not before.

    Turns red if `Watch._look_at` keeps the gate that it has.
    """
    first, second, third = queued(desk)
    stopped: list[bool] = []
    made: list[Gate] = []

    def keeper() -> Gate:
        answer = "a stop stands against it: stood_down" if stopped else None
        made.append(lambda _uow, _notice: answer)
        return made[-1]

    def stand_down(uow: UnitOfWork) -> None:
        history.record(uow, "casework:dispute:stood_down", "dispute:1")
        stopped.append(True)

    channel = Meanwhile(elsewhere(desk, stand_down))
    sweep = sweep_with(desk, channel, keeper)
    sweep.deliver([first, second, third])

    assert (channel.sent, len(made)) == ([first], 2)
    assert [desk.state(each) for each in (first, second, third)] == [State.ACCEPTED, State.HELD, State.HELD]
    assert desk.notice(third).held_because == "a stop stands against it: stood_down"
    assert sweep.report.held == 2


def test_our_own_entries_are_no_news(desk: Desk) -> None:
    """Turns red if each batch asks every gate again because of what the one before it recorded."""
    ids = queued(desk, 4)
    made: list[int] = []

    def keeper() -> Gate:
        made.append(1)
        return lambda _uow, _notice: None

    sweep = sweep_with(desk, Meanwhile(lambda: None), keeper)
    for each in ids:
        sweep.deliver([each])

    assert (sweep.report.accepted, len(made)) == (4, 1)


def test_a_quarantine_that_begins_between_claim_and_send_stops_the_rest(desk: Desk) -> None:
    """Turns red if `watch.ANYTHING_NEW` leaves out the quarantines."""
    first, second, third = queued(desk)
    channel = Meanwhile(elsewhere(desk, lambda uow: uow.session.add(Quarantine(began_at=NOON, found={}))))
    sweep_with(desk, channel).deliver([first, second, third])

    assert channel.sent == [first]
    assert [desk.state(each) for each in (second, third)] == [State.TEMP_WAIT, State.TEMP_WAIT]
    report = desk.sweep(timedelta(days=1))
    assert (report.quarantined, report.due, channel.sent) == (1, 0, [first])


def test_what_another_worker_took_over_is_not_sent(desk: Desk) -> None:
    """Turns red if `Watch._against` leaves out the state."""
    first, second = queued(desk, 2)

    def later() -> None:
        desk.channels[Medium.MAIL] = Meanwhile(lambda: None)
        desk.sweep(AFTER_LEASE)
        desk.sweep(RESEND_WAIT)

    channel = Meanwhile(later)
    sweep = sweep_with(desk, channel)
    sweep.deliver([first, second])

    assert (channel.sent, sweep.report.stale, sweep.report.accepted) == ([first], 2, 0)
    assert [desk.state(each) for each in (first, second)] == [State.ACCEPTED, State.ACCEPTED]


def test_fm_12_nothing_more_is_sent_once_the_database_cannot_be_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if `Watch.stop` lets go what it cannot ask about."""
    first, second = queued(desk, 2)
    channel = Meanwhile(lambda: monkeypatch.setattr(watch, "ANYTHING_NEW", "SELECT no_such_column"))
    sweep_with(desk, channel).deliver([first, second])

    assert (channel.sent, desk.state(second)) == ([first], State.TEMP_WAIT)


def test_fm_01_what_the_journal_has_of_a_dead_worker_stands(mail_desk: Desk, sink: Sink) -> None:
    """
    It was handed over and the worker ended before the database knew: no second copy goes.

    Turns red if `results.recover` takes every attempt for unknown.
    """
    accepted, refused = queued(mail_desk, 2)
    dead = sweep_with(mail_desk, sink.channel)
    dead.send(dead.claim([accepted]))
    sink.on_data = say("451 later")
    dead.send(dead.claim([refused]))
    report = mail_desk.sweep(AFTER_LEASE)

    assert (report.recovered, report.requeued, len(sink.taken)) == (2, 0, 1)
    assert [mail_desk.state(each) for each in (accepted, refused)] == [State.ACCEPTED, State.TEMP_WAIT]
    (attempt,) = mail_desk.notice(accepted).attempts
    assert attempt.reply_text == "the worker ended before the result was recorded; the journal has it"


def test_lines_older_than_the_attempt_say_nothing_of_it(mail_desk: Desk, sink: Sink) -> None:
    """
    A journal outlives a restore, after which attempts are numbered anew.

    Turns red if `Journal.outcomes` takes any line.
    """
    (notice_id,) = queued(mail_desk, 1)
    facts = {"notice": str(notice_id), "epoch": 1, "message_id": "<1@x>"}
    dead = sweep_with(mail_desk, sink.channel)
    dead.journal.write(NOON - timedelta(days=1), "accepted", **facts)
    dead.claim([notice_id])
    mail_desk.sweep(AFTER_LEASE)

    assert [each.outcome for each in mail_desk.notice(notice_id).attempts] == [Outcome.UNKNOWN]


def test_an_error_while_recording_one_result_leaves_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Turns red if `Sweep._together` gives up all rows of a batch for one.
    """
    first, second, third = queued(desk)
    real = outbox.re_serve

    def breaks(uow: UnitOfWork, notice_id: uuid.UUID) -> Notice | None:
        if notice_id == second:
            raise ValueError("Khan, 7 Home Street")
        return real(uow, notice_id)

    monkeypatch.setattr(outbox, "re_serve", breaks)
    sweep = sweep_with(desk, Meanwhile(lambda: None, Sent(Outcome.PERM, 550)))
    sweep.deliver([first, second, third])

    assert [desk.state(each) for each in (first, second, third)] == [
        State.FAILED_PERMANENT,
        State.SENDING,
        State.FAILED_PERMANENT,
    ]
    assert sweep.report.failures == [f"notice:{second}: ValueError"]


def test_an_error_of_the_gate_concerns_its_notice_only(desk: Desk) -> None:
    """Turns red if `Sweep._together` gives up all rows of a batch for one."""
    first, second, third = queued(desk)

    def keeper() -> Gate:
        def gate(_uow: UnitOfWork, notice: Notice) -> str | None:
            if notice.id == second:
                raise KeyError("Khan")
            return None

        return gate

    sweep = sweep_with(desk, Meanwhile(lambda: None), keeper)
    sweep.deliver([first, second, third])

    assert [desk.state(each) for each in (first, second, third)] == [State.ACCEPTED, State.QUEUED, State.ACCEPTED]
    assert sweep.report.failures == [f"notice:{second}: KeyError"]


def test_a_batch_syncs_the_journal_twice(mail_desk: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Before the first send and after the last, with a line before each send and one after each outcome.

    Turns red if each line is synced by itself.
    """
    ids = queued(mail_desk, 20)
    sweep = sweep_with(mail_desk, sink.channel)
    claimed = sweep.claim(ids)
    synced: list[int] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(sum(line["event"] == "sending" for line in sweep.journal.entries()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    sweep.record(sweep.send(claimed))

    assert synced == [20, 20]
    assert len(sink.taken) == sweep.report.accepted == 20
    assert [line["event"] for line in sweep.journal.entries()] == ["opened", *["sending"] * 20, *["accepted"] * 20]


def test_a_connection_is_kept_from_batch_to_batch(mail_desk: Desk, sink: Sink) -> None:
    """Turns red if `Sweep.run` opens the channel's session anew for each batch."""
    queued(mail_desk, 8)
    opened: list[int] = []

    class Counted(Unconnected):
        name = "counted"
        idempotent = False

        def send(self, parcel: Parcel) -> Sent:
            return Sent(Outcome.ACCEPTED)

        def session(self):  # type: ignore[no-untyped-def]
            opened.append(1)
            return super().session()

    mail_desk.channels[Medium.MAIL] = Counted()
    assert (mail_desk.sweep().accepted, len(opened)) == (8, 1)


def test_a_relay_that_asks_to_be_left_alone_is(desk: Desk) -> None:
    """Turns red if `results._wait` passes over `wait_seconds`."""
    (first,) = queued(desk, 1)
    sweep_with(desk, Meanwhile(lambda: None, Sent(Outcome.TEMP, 429, wait_seconds=3600))).deliver([first])

    assert desk.notice(first).send_after == desk.now + timedelta(hours=1)


def test_a_glance_sees_what_is_committed_by_then(desk: Desk) -> None:
    """Turns red if a glance stays in one transaction."""
    with desk.database.glancing() as glance:
        before = glance("SELECT count(*) FROM notices")
        queued(desk, 2)
        after = glance("SELECT count(*) FROM notices")
    with desk.database.writing() as session:  # the connection goes back as it was
        session.execute(text("DELETE FROM notices"))
        session.rollback()

    assert (before, after) == ((0,), (2,))
