"""A sweep that did not run raises an alarm elsewhere; a monitor that is away raises none here."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from app import runs
from casework import deadlines, reminders
from core import pings, sweeps
from core.db import Database
from core.settings import settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows.errors import SweepIncomplete
from flows.outbox_delivery import OVERLOOKED
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message
from tests.conftest import NOON
from tests.flows.cases import A_FORTNIGHT_LATER, cases_at_head
from tests.flows.conftest import stand_at
from tests.monitors import Monitor
from tests.notifications.samples import RECIPIENTS, SAMPLES
from tests.processes import ROOT, free_port, mandate

DEADLINES, OUTBOX = "deadline_sweep", "outbox_delivery"


@pytest.fixture
def monitor(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    """A monitor that the sweeps of this process, and of the commands it starts, tell."""
    made = Monitor()
    monkeypatch.setenv("MANDATE_PING_URL", made.address)
    settings.cache_clear()
    pings.forget()
    yield made
    made.may_answer.set()
    pings.settle()
    made.close()
    pings.forget()


def swept_by_command(address: str) -> int:
    """`mandate sweep deadlines` as a timer of the machine runs it; its exit status."""
    surroundings = {**os.environ, "MANDATE_PREFECT_PORT": str(free_port()), "MANDATE_PING_URL": address}
    done = subprocess.run(mandate("sweep", "deadlines"), cwd=ROOT, env=surroundings, capture_output=True, check=False)
    return done.returncode


def is_late(told_at: datetime, now: datetime, period: timedelta) -> bool:
    """What a monitor does: it alarms when a period and its grace are over and nobody has called."""
    return now - told_at > sweeps.MISSED_PERIODS * period


def test_fm_21_a_sweep_that_stops_calling_is_missed_elsewhere_within_two_periods(
    database: Database, monitor: Monitor
) -> None:
    """
    A timer sweeps twice and then no more: the monitor has heard of two sweeps with their counts, and of no third.

    Turns red if `telling` is taken out of the deadline sweep, or the command ends before its call is made.
    """
    heard: list[datetime] = []
    for quarter in range(2):
        now = NOON + timedelta(minutes=15 * quarter)
        stand_at(now)
        assert swept_by_command(monitor.address) == 0
        assert len(monitor.told_of(DEADLINES)) == quarter + 1
        heard.append(now)
    assert monitor.told_of(DEADLINES)[-1] == {"to_remind": 0, "handed_on": 0, "failed": 0, "left": 0}

    for minutes in (30, 45, 46):
        stand_at(NOON + timedelta(minutes=minutes))
        assert len(monitor.told_of(DEADLINES)) == 2
        assert is_late(heard[-1], NOON + timedelta(minutes=minutes), timedelta(minutes=15)) is (minutes == 46)


@pytest.mark.parametrize("state", ["nobody listens", "never answers", "refuses"])
def test_fm_21_a_monitor_that_is_away_neither_fails_nor_holds_up_a_sweep(
    database: Database, monitor: Monitor, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """Turns red if `pings.ping` waits for the answer, or lets an error of the call out."""
    if state == "nobody listens":
        monkeypatch.setattr(settings(), "ping_url", f"http://127.0.0.1:{free_port()}/key")
    monitor.status = 500 if state == "refuses" else 200
    if state == "never answers":
        monitor.may_answer.clear()
    [case_id] = cases_at_head(1)

    assert runs.advance([case_id], prefect=False) == ()
    assert runs.sweep_deadlines(prefect=False) == ()
    assert runs.deliver(prefect=False) == ()

    # Whoever had waited for the monitor would not have come here.
    assert monitor.may_answer.is_set() is (state != "never answers")
    with reading() as uow:
        assert {row.name for row in sweeps.last_successes(uow)} == {DEADLINES, OUTBOX}


def test_fm_21_a_sweep_that_overlooks_rows_is_told_as_a_failure(
    database: Database, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing due must be nothing left. Turns red if `telling` tells an error as a success."""
    runs.advance(cases_at_head(1), prefect=False)
    stand_at(A_FORTNIGHT_LATER)
    monkeypatch.setattr(deadlines, "to_remind", lambda uow: [])
    with pytest.raises(SweepIncomplete):
        runs.sweep_deadlines(prefect=False)
    pings.settle()
    assert [path for path, _ in monitor.told] == ["/key/deadline_sweep/fail"]


def test_a_row_that_fails_is_told_as_a_failure_with_the_counts(
    database: Database, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if a sweep that could not do everything is told as one that did."""
    runs.advance(cases_at_head(1), prefect=False)
    stand_at(A_FORTNIGHT_LATER)

    def broken(uow: UnitOfWork, deadline_id: object) -> None:
        raise RuntimeError("no name of anybody")

    monkeypatch.setattr(reminders, "remind", broken)
    assert len(runs.sweep_deadlines(prefect=False)) == 1
    pings.settle()
    [(path, counts)] = monitor.told
    assert (path, counts["failed"]) == ("/key/deadline_sweep/fail", 1)


def test_fm_21_a_delivery_that_overlooks_a_notice_fails_instead_of_succeeding(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the delivery does not look a second way at what waits."""
    with unit_of_work("staff:test") as uow:
        message = Message("dispute_notified", SAMPLES["dispute_notified"])
        outbox.enqueue(uow, message, RECIPIENTS["employer"], medium=Medium.MAIL, subject_ref="case:1")
    monkeypatch.setattr("notifications.delivery.due", lambda *_, **__: [])
    runs.deliver(prefect=False)
    stand_at(NOON + OVERLOOKED + timedelta(seconds=1))
    with pytest.raises(SweepIncomplete, match="1 left"):
        runs.deliver(prefect=False)


def test_what_is_told_elsewhere_is_counts_alone(database: Database, monitor: Monitor) -> None:
    """Turns red if an id, a name or an address goes to the monitor."""
    runs.advance(cases_at_head(2), prefect=False)
    runs.sweep_deadlines(prefect=False)
    runs.deliver(prefect=False)
    pings.settle()
    assert {path for path, _ in monitor.told} == {"/key/deadline_sweep", "/key/outbox_delivery"}
    for _, counts in monitor.told:
        assert all(isinstance(each, int) for each in counts.values())
