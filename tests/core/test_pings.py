"""Pings: a monitor outside is told of each sweep, and neither holds one up nor fails it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from core import pings
from core.settings import settings
from tests.monitors import Monitor
from tests.processes import free_port


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    """A monitor that this process tells."""
    made = Monitor()
    monkeypatch.setattr(settings(), "ping_url", made.address)
    pings.forget()
    yield made
    made.may_answer.set()
    pings.settle()
    made.close()
    pings.forget()


def test_a_success_is_told_with_its_counts_and_a_failure_under_its_own_address(monitor: Monitor) -> None:
    """Turns red if the counts are left out, or a failure is told as a success."""
    pings.ping("deadline_sweep", {"to_remind": 3, "left": 0})
    pings.settle()
    pings.ping("deadline_sweep", {}, well=False)
    pings.settle()
    assert monitor.told == [
        ("/key/deadline_sweep", {"to_remind": 3, "left": 0}),
        ("/key/deadline_sweep/fail", {}),
    ]


def test_nobody_is_called_without_an_address(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if an empty address is called."""
    monkeypatch.setattr(settings(), "ping_url", "")
    pings.ping("deadline_sweep", {})
    pings.settle()
    assert monitor.told == []


def test_a_success_soon_after_another_is_no_news_and_a_change_is(monitor: Monitor) -> None:
    """A delivery after every act would be refused as too many. Turns red if every success is told."""
    for well in (True, True, False, False, True):
        pings.ping("outbox_delivery", {}, well=well)
        pings.settle()
    assert [path for path, _ in monitor.told] == [
        "/key/outbox_delivery",
        "/key/outbox_delivery/fail",
        "/key/outbox_delivery",
    ]


def test_a_monitor_that_never_answers_holds_nobody_up(monitor: Monitor) -> None:
    """Turns red if the call is made by the thread of the sweep, or each sweep adds a call to those that hang."""
    monitor.may_answer.clear()
    before = threading.active_count()
    for _ in range(20):
        pings.ping("deadline_sweep", {}, well=bool(_ % 2))
    # The monitor still holds its answer back: whoever waited for it would not be here.
    assert not monitor.may_answer.is_set()
    assert threading.active_count() <= before + 3
    until = time.monotonic() + 10
    while not monitor.told and time.monotonic() < until:
        time.sleep(0.01)
    assert len(monitor.told) == 1


def test_a_change_while_a_call_hangs_is_told_when_it_ends(monitor: Monitor) -> None:
    """The newest counts. Turns red if `ping` drops what comes while a call is under way, or keeps the first."""
    monitor.may_answer.clear()
    pings.ping("deadline_sweep", {"left": 0})
    pings.ping("deadline_sweep", {"left": 1}, well=False)
    pings.ping("deadline_sweep", {"left": 2}, well=False)
    monitor.may_answer.set()
    pings.settle()
    assert monitor.told == [("/key/deadline_sweep", {"left": 0}), ("/key/deadline_sweep/fail", {"left": 2})]


def test_a_change_that_passes_while_a_call_hangs_is_none(monitor: Monitor) -> None:
    """Turns red if `_keep` leaves a failure waiting when a success has followed it."""
    monitor.may_answer.clear()
    for well in (True, False, True):
        pings.ping("deadline_sweep", {}, well=well)
    monitor.may_answer.set()
    pings.settle()
    assert monitor.told == [("/key/deadline_sweep", {})]


@pytest.mark.parametrize("status", [404, 500])
def test_what_a_monitor_says_of_it_fails_nobody(monitor: Monitor, status: int) -> None:
    """Turns red if the thread ends with an error that nobody takes."""
    monitor.status = status
    pings.ping("deadline_sweep", {})
    pings.settle()
    assert len(monitor.told) == 1


def test_a_monitor_that_is_away_fails_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if `_call` lets an error of the connection out."""
    caught: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", caught.append)
    monkeypatch.setattr(settings(), "ping_url", f"http://127.0.0.1:{free_port()}/key")
    pings.forget()
    pings.ping("deadline_sweep", {})
    pings.settle()
    assert caught == []
