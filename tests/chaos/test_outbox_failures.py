"""
Delivery while the database, the clock or the worker fails: nothing is sent that should not be, and it goes on.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from core import db
from core.clock import Clock
from core.db import Database
from core.settings import settings
from flows.outbox_delivery import outbox_delivery
from notifications import skew
from notifications.channels import Channel, Parcel, Sent, Unconnected
from notifications.delivery import LEASE, deliver_due
from notifications.lifecycle import Medium, Outcome, State
from notifications.waits import RESEND_WAIT
from tests.chaos.outbox_checker import seen
from tests.chaos.outbox_ground import EMPLOYER, Ground, forked, grounded, in_memory, many, one
from tests.conftest import NOON
from tests.engines import Engine
from tests.notifications.conftest import Desk, desk, mail_desk, sink
from tests.notifications.sinks import Sink

__all__ = ["desk", "mail_desk", "sink"]
NO_POST = replace(EMPLOYER, postal_lines=())
HALF_A_SECOND_MS = 500
WORKERS = 8


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Somebody else holds what every writer wants."""
    other = Database(database.url)
    sqlite = database.engine.dialect.name == "sqlite"
    try:
        with other.writing() as session:
            # With SQLite, whoever begins to write holds everything.
            lock = "SELECT 1" if sqlite else "LOCK TABLE notices, notice_attempts IN ACCESS EXCLUSIVE MODE"
            session.execute(text(lock))
            yield
    finally:
        other.engine.dispose()


def test_fm_12_nothing_is_sent_while_the_database_is_locked(
    mail_desk: Desk,
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    A minute, made half a second; then it goes on by itself, and no attempt was counted.

    Turns red if `Sweep._together` takes a database in trouble for the fault of a row, and goes on.
    """
    notice_id = mail_desk.queue()
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", HALF_A_SECOND_MS)
    impatient = Database(mail_desk.database.url)
    with locked(mail_desk.database), pytest.raises(OperationalError):
        deliver_due(impatient, mail_desk.channels, as_of=NOON)
    assert sink.taken == []

    report = deliver_due(impatient, mail_desk.channels, as_of=NOON)
    impatient.engine.dispose()
    assert (report.accepted, len(sink.taken)) == (1, 1)
    assert [each.outcome for each in mail_desk.notice(notice_id).attempts] == [Outcome.ACCEPTED]


def test_fm_12_nothing_is_sent_while_the_database_is_read_only(mail_desk: Desk, sink: Sink) -> None:
    """Turns red if `Sweep._together` takes a database in trouble for the fault of a row, and goes on."""
    notice_id = mail_desk.queue()
    only_read = Database(mail_desk.database.url)
    sqlite = only_read.engine.dialect.name == "sqlite"
    forbid = "PRAGMA query_only = ON" if sqlite else "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"

    def forbidden(connection: object, _record: object) -> None:
        connection.cursor().execute(forbid)  # type: ignore[attr-defined]
        if not sqlite:
            connection.commit()  # type: ignore[attr-defined]

    event.listen(only_read.engine, "connect", forbidden)
    with pytest.raises(DBAPIError):
        deliver_due(only_read, mail_desk.channels, as_of=NOON)
    only_read.engine.dispose()
    assert (sink.taken, mail_desk.notice(notice_id).attempts) == ([], [])
    assert mail_desk.sweep().accepted == 1


@pytest.mark.engines("sqlite")
def test_fm_12_nothing_is_sent_while_the_disk_is_full(mail_desk: Desk, sink: Sink) -> None:
    """
    A process that may write no file beyond a page: what it claims cannot be committed.

    Turns red if the mail goes before its attempt is committed: `Sweep.deliver` sends, then claims.
    """
    notice_id = mail_desk.queue()
    mail_desk.sweep(-timedelta(hours=1))  # the journal is there
    mail_desk.now = NOON
    mail_desk.database.engine.dispose()

    def on_a_full_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            deliver_due(Database(mail_desk.database.url), mail_desk.channels, as_of=NOON)
        except OperationalError:
            os._exit(12)

    assert os.waitstatus_to_exitcode(os.waitpid(forked(on_a_full_disk), 0)[1]) == 12
    assert (sink.taken, mail_desk.notice(notice_id).attempts) == ([], [])
    assert mail_desk.sweep().accepted == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["postgresql", pytest.param("sqlite", marks=pytest.mark.full)])
def test_fm_13_eight_processes_at_the_same_rows_send_each_notice_once(
    name: str, engines: Callable[[str], Engine]
) -> None:
    """
    Each sweeps until nothing is due; no notice is attempted twice.

    Turns red if `claims._locked` and `claims._taken` leave out the state.
    """
    with in_memory() as folder, grounded(engines(name), folder) as ground:
        ground.queue(lambda uow: many(uow, 1_000, Medium.MAIL))
        ground.sweep(NOON, limit=3)
        ground.close()

        def until_nothing_is_due() -> None:
            while ground.sweep(NOON, limit=300).report.due:
                pass

        children = [forked(until_nothing_is_due) for _ in range(WORKERS)]
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * WORKERS
        found = ground.findings(1_000)
        assert found.complaints == []
        assert found.counts["attempts accepted"] == found.counts["copies"] == 1_000


class StopsItself(Unconnected):
    """A channel whose worker is stopped right after the hand-over."""

    name = "stops"
    idempotent = False

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def send(self, parcel: Parcel) -> Sent:
        """Hand over, and stop until somebody lets it go on."""
        sent = self.channel.send(parcel)
        os.kill(os.getpid(), signal.SIGSTOP)
        return sent


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_fm_13_the_result_of_a_worker_stopped_past_its_lease_is_refused(
    name: str, engines: Callable[[str], Engine]
) -> None:
    """
    Fencing guards the database, not the wire: a second copy goes, of the same bytes, and is counted as unknown.

    Turns red if `results._still_ours` leaves out the epoch.
    """
    with in_memory() as folder, grounded(engines(name), folder) as ground:
        ground.queue(lambda uow: [one(uow, key, to=NO_POST) for key in ("clerk0", "clerk1")])
        ground.close()

        def is_stopped() -> None:
            channels: dict[Medium, Channel] = {Medium.MAIL: StopsItself(ground.channels()[Medium.MAIL])}
            report = ground.sweep(NOON, limit=1, channels=channels).report
            os._exit(10 * report.accepted + report.stale)

        child = forked(is_stopped)
        assert os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
        assert ground.sweep(NOON + LEASE + timedelta(seconds=1)).report.recovered == 1
        assert ground.sweep(NOON + 2 * RESEND_WAIT).report.accepted == 1
        os.kill(child, signal.SIGCONT)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
        found = ground.findings(2)
        assert found.complaints == []
        assert (found.counts["copies"], found.counts["extra copies"], found.counts["attempts unknown"]) == (3, 1, 1)


class Jumps(Unconnected):
    """A channel during whose second send the clock is put to another time."""

    name = "jumps"
    idempotent = False

    def __init__(self, channel: Channel, jump: Callable[[], object]) -> None:
        self.channel = channel
        self.jump = jump
        self.sends = 0

    def send(self, parcel: Parcel) -> Sent:
        """As the channel."""
        self.sends += 1
        if self.sends == 2:
            self.jump()
        return self.channel.send(parcel)


@pytest.mark.parametrize("hours", [1, 24, -1, -24])
@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_fm_14_a_clock_that_jumps_in_the_middle_of_a_sweep_loses_nothing(
    name: str, hours: int, engines: Callable[[str], Engine]
) -> None:
    """
    By an hour or a day, forwards or back. Nothing is lost or doubled, and what is left goes once its time has come.

    Turns red if `delivery._too_old` leaves out the lease, or `results.recover` sends again at once what it finds.
    """
    with in_memory() as folder, grounded(engines(name), folder) as ground, time_machine.travel(NOON) as clock:
        ground.queue(lambda uow: [one(uow, f"clerk{number}", to=NO_POST) for number in range(12)])
        channels: dict[Medium, Channel] = {}
        channels[Medium.MAIL] = Jumps(ground.channels()[Medium.MAIL], lambda: clock.shift(timedelta(hours=hours)))
        first = ground.sweep(None, channels=channels).report
        assert first.accepted + first.temp <= 12
        for _ in range(30):
            clock.shift(timedelta(hours=1))
            ground.sweep(None)
        found = ground.findings(12)
        assert found.complaints == []
        assert found.counts["copies"] == found.counts["notices accepted"] == 12


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("seconds", [3, -3])
def test_fm_14_statutory_notices_wait_while_the_clocks_differ(
    seconds: int,
    mail_desk: Desk,
    sink: Sink,
) -> None:
    """
    More than two seconds from the server's: which day it is may be doubted, so what has a statutory day waits.

    Turns red if `skew.between` gives nothing, or `Sweep.due` does not ask it.
    """
    ordinary, statutory = mail_desk.queue("ballot_result_members"), mail_desk.queue("notice_of_ballot")
    right = Clock().now()
    with time_machine.travel(right + timedelta(seconds=seconds), tick=True):
        report = deliver_due(mail_desk.database, mail_desk.channels)
    assert report.failures == ["clock:database: ClockSkew"]
    assert (mail_desk.state(ordinary), mail_desk.state(statutory)) == (State.ACCEPTED, State.QUEUED)
    assert mail_desk.notice(statutory).attempts == []

    assert deliver_due(mail_desk.database, mail_desk.channels).accepted == 1
    assert (mail_desk.state(statutory), len(sink.taken)) == (State.ACCEPTED, 2)


def test_fm_14_a_clock_that_stands_or_is_the_database_s_own_does_not_differ(mail_desk: Desk) -> None:
    """Turns red if a demonstration's clock is held against the server's."""
    with mail_desk.work() as uow:
        assert skew.between(uow) == timedelta()
    assert [skew.is_too_wide(timedelta(seconds=each)) for each in (-2.1, -2, 0, 2, 2.1)] == [
        True,
        False,
        False,
        False,
        True,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_fm_18_two_copies_of_the_flow_at_once_send_each_notice_once(
    name: str, engines: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Two processes run the whole flow over the same notices.

    Turns red if `claims._locked` and `claims._taken` leave out the state.
    """
    with in_memory() as folder, grounded(engines(name), folder) as ground:
        ground.queue(lambda uow: many(uow, 300, Medium.MAIL))
        for variable, value in settings_of(ground, folder).items():
            monkeypatch.setenv(f"MANDATE_{variable}", value)
        settings.cache_clear()
        ground.close()
        children = [forked(lambda: asyncio.run(outbox_delivery.fn())) for _ in range(2)]
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
        found = ground.findings(300)
        assert found.complaints == []
        assert found.counts["attempts accepted"] == found.counts["copies"] == 300
        assert {line["attempt"] for line in seen(ground.log)} == {"1"}
    settings.cache_clear()


def settings_of(ground: Ground, folder: Path) -> dict[str, str]:
    """What points the program at a ground."""
    return {
        "HOME": str(folder),
        "DATABASE_URL": ground.url,
        "JOURNAL_FOLDER": str(ground.journal.path.parent),
        "LETTERS_FOLDER": str(ground.letters),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(ground.port),
        "SMTP_TLS": "none",
        "MAIL_FROM": "disputes@union.test",
    }
