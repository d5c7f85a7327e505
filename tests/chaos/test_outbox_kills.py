"""
The sweep is killed at every point at which it writes, sends or syncs; the next one goes on.

A child process counts those points and kills itself with SIGKILL at the k-th, for every k until a sweep survives. The
sweep does everything that one can do: it finishes and settles what earlier workers left, sends what is due, and follows
up what was taken, put off, refused, lost on the way or may not go. A checker that shares no code with delivery then
reads the database, the log of a real mail server, and the letters.

SIGKILL is not a power cut: what the disk does with unsynced pages is not tested here.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy import event
from sqlalchemy.engine import make_url

from core.db import Base
from core.unit_of_work import UnitOfWork
from notifications.channels import Channel, Parcel, Sent, Unconnected
from notifications.delivery import Sweep
from notifications.lifecycle import Medium
from tests.chaos.outbox_checker import Findings, seen
from tests.chaos.outbox_ground import (
    EMPLOYER,
    Ground,
    MarksThenSends,
    SendsThenClaims,
    copied,
    in_child,
    in_memory,
    one,
    serving,
)
from tests.conftest import NOON
from tests.engines import Engine
from tests.notifications.samples import RECIPIENTS

pytestmark = pytest.mark.slow
AN_HOUR = timedelta(hours=1)
BEGIN, BEFORE = NOON - 5 * AN_HOUR, NOON - AN_HOUR
LATER = NOON + timedelta(days=14)
NO_POST = replace(EMPLOYER, postal_lines=())
MEMBER = replace(RECIPIENTS["member"], postal_lines=())
NOTICES = 13


def fill_long_ago(uow: UnitOfWork) -> None:
    """One of which nobody has known three times whether it went out."""
    one(uow, "always0", to=NO_POST)


def fill_earlier(uow: UnitOfWork) -> None:
    """One put off, one lost on the way, one lost that must not be repeated."""
    one(uow, "later0", to=NO_POST)
    one(uow, "drop0", to=NO_POST)
    one(uow, "drop1", to=MEMBER, sample="claim_decided")


def fill(uow: UnitOfWork) -> None:
    """What is due for the first time: every way that a notice can go."""
    one(uow, "clerk0", to=NO_POST)
    one(uow, "clerk1", to=NO_POST)
    one(uow, "gone0", sample="notice_of_ballot", latest_receipt_on=LATER.date())
    one(uow, "late0", sample="notice_of_ballot", latest_receipt_on=BEFORE.date() - timedelta(days=1))
    one(uow, "later1", to=NO_POST)
    one(uow, "drop2", to=NO_POST)
    one(uow, "clerk2", to=MEMBER, sample="claim_decided")
    one(uow, "gone1", to=NO_POST)
    one(uow, "paper", medium=Medium.LETTER)


class Points:
    """Counts the moments at which a process may die, and dies at the one it is told to."""

    def __init__(self, die_at: int | None) -> None:
        self.die_at = die_at
        self.passed = 0

    def __call__(self, *_: Any, **__: Any) -> None:
        """One more moment."""
        self.passed += 1
        if self.passed == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: DatabaseEngine) -> None:
        """Before and after every statement, before every commit, and around what writes, syncs and links files."""
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engine, name, self)
        for name in ("write", "fsync", "link"):
            setattr(os, name, self._around(getattr(os, name)))

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            self()
            answer = call(*given, **named)
            self()
            return answer

        return watched


class Watched(Unconnected):
    """A channel with a point before and after each send."""

    def __init__(self, channel: Channel, points: Points) -> None:
        self.channel = channel
        self.points = points
        self.name = channel.name
        self.idempotent = channel.idempotent

    @contextmanager
    def session(self) -> Iterator[Watched]:  # type: ignore[override]
        """The channel's own session, watched."""
        with self.channel.session() as connected:
            yield Watched(connected, self.points)

    def send(self, parcel: Parcel) -> Sent:
        """As the channel, between two points."""
        self.points()
        sent = self.channel.send(parcel)
        self.points()
        return sent


@dataclass
class Again:
    """One ground laid again and again as it stood before the sweep that is killed. Its statements are compiled once."""

    ground: Ground
    engine: Engine
    template: str
    aside: Path

    @contextmanager
    def laid(self) -> Iterator[Ground]:
        """A copy of the database, the journal, the letters and the server's log."""
        ground = self.ground
        with self.engine.lent(self.template) as ground.url:
            for name in ("letters", "journal"):
                copied(self.aside / name, ground.folder / name)
            ground.log.write_bytes((self.aside / "log").read_bytes())
            try:
                yield ground
            finally:
                ground.close()

    def killed_everywhere(self, every: int = 1) -> Iterator[tuple[int, float, Findings]]:
        """Kill at the first, second, … last point of a sweep, or at each so-manieth: the point, how long, what is."""
        survived = False
        for point in itertools.count(1, every):
            with self.laid() as ground:
                ground.close()

                def die(at: int = point) -> None:
                    points = Points(at)
                    points.watch(ground.database.engine)
                    channels = {medium: Watched(each, points) for medium, each in ground.channels().items()}
                    ground.sweep(NOON, channels=channels)

                survived = not in_child(die)
                began = time.monotonic()
                ground.finish(NOON)
                yield point, time.monotonic() - began, ground.findings(NOTICES)
            if survived:
                return


@contextmanager
def prepared(engine: Engine, kind: type[Sweep] = Sweep) -> Iterator[Again]:
    """The ground after an earlier sweep, with what is due for the first time."""
    with in_memory() as folder, serving(folder, "0") as port:
        ground = Ground(engine.empty(), folder, port)
        redirect(ground)
        aside = folder / "aside"

        def make(url: str) -> None:
            ground.url = url
            Base.metadata.create_all(ground.database.engine)
            ground.queue(fill_long_ago, BEGIN)
            for hour in range(4):
                ground.sweep(BEGIN + hour * AN_HOUR)
            ground.queue(fill_earlier, BEFORE)
            ground.sweep(BEFORE)
            ground.queue(fill, BEFORE + timedelta(minutes=1))
            ground.close()

        template = engine.template(f"killed everywhere, {folder.name}", make)
        for name in ("letters", "journal"):
            copied(folder / name, aside / name)
        aside.mkdir(exist_ok=True)
        shutil.copy(ground.log, aside / "log")
        ground.kind = kind
        yield Again(ground, engine, template, aside)


def redirect(ground: Ground) -> None:
    """Let the ground's connections go to whatever database its URL names when they are made."""

    def connecting(_dialect: Any, _record: Any, given: list[Any], named: dict[str, Any]) -> None:
        at = make_url(ground.url).database
        if ground.url.startswith("sqlite"):
            given[0] = at
        else:
            named["dbname"] = at

    event.listen(ground.database.engine, "do_connect", connecting, insert=True)


def told(name: str, times: list[float], last: Findings) -> str:
    """For whoever reads the output."""
    middle, most = sorted(times)[len(times) // 2], max(times)
    took = f"recovered in {middle * 1000:.0f} ms (median), {most * 1000:.0f} ms (most)"
    return f"{name}: {len(times)} points, {took}; undisturbed: {last.sentence}"


EVERY = [
    ("sqlite", 7),
    ("postgresql", 29),
    pytest.param("sqlite", 1, marks=pytest.mark.full),
    pytest.param("postgresql", 1, marks=pytest.mark.full),
]
"""Each run is killed at some of the points, a full one at all. Primes, so that no kind of point is always passed by."""


@pytest.mark.parametrize(("name", "every"), EVERY)
def test_fm_01_killed_at_every_point_nothing_is_lost(
    name: str, every: int, engines: Callable[[str], Engine], record_property: Callable[[str, object], None]
) -> None:
    """
    Statement, commit, send, write, sync or link of a sweep, whichever it dies at.

    Turns red if `claims._taken` leaves the attempts to `results.record_all`, or `Journal.begin` does nothing.
    """
    times, complaints = [], []
    with prepared(engines(name)) as again:
        for point, seconds, found in again.killed_everywhere(every):
            times.append(seconds)
            complaints += [f"killed at point {point}: {each}" for each in found.complaints]
            announced = again.ground.announced()
            for line in seen(again.ground.log):
                if (line["message_id"], line["attempt"]) not in announced:
                    complaints.append(f"killed at point {point}: the journal does not know of {line}")
    sentence = told(name, times, found)
    sys.stdout.write(f"\n{sentence}\n")
    record_property(name, sentence)
    assert complaints == []
    assert len(times) * every > 100
    assert found.counts["notices held"] == 3
    assert found.counts["notices failed_permanent"] == found.counts["notices re_served"] == 1


@pytest.mark.parametrize(("mutant", "kind"), [(MarksThenSends, "lost"), (SendsThenClaims, "unrecorded")])
def test_fm_01_the_checker_finds_the_mutants_out_at_some_point(
    mutant: type[Sweep], kind: str, engines: Callable[[str], Engine]
) -> None:
    """
    A harness that finds nothing wrong with these would prove nothing.

    Turns red if `outbox_checker.check` complains of nothing.
    """
    with prepared(engines("sqlite"), mutant) as again:
        assert any(getattr(found, kind) for _, _, found in again.killed_everywhere(3))
