"""
The worker: does at once what people and acts ask for, and by the clock what the schedules ask for, with Prefect or
without it.

Before each run it asks Prefect whether it is there and waits a second at most; when it is not, the same bodies run
plainly. A sweep that has been silent for too long, for whatever reason (Prefect away, its scheduler broken, its
database new), the worker runs itself.
"""

from __future__ import annotations

import threading
import time
from datetime import date, timedelta

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from app import digests, performing, prefect_server, runs, uploads
from app.performing import Taken
from app.schedules import ScheduledRuns
from app.telling import Telling, telling
from casework.pay import journalled
from core import sweeps
from core.calendar import london_day
from core.db import database
from core.errors import MandateError
from core.logs import log
from core.settings import settings
from core.unit_of_work import reading
from core.workers import RollCall, present, workers_folder
from flows.deadline_sweep import deadline_sweep
from flows.deployments import SCHEDULED
from flows.edge import place_of

POLL_SECONDS = 0.25
CLOCK_SECONDS = 2.0
AFTER_TROUBLE_SECONDS = 1.0
DIGEST_SECONDS = 600.0


class Watch:
    """How long each sweep has been silent, by this process's own clock and the successes that the database counts."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._since: dict[str, float] = {}
        self._today: date | None = None
        self._swept_on: dict[str, date] = {}

    def look(self) -> None:
        """Read the day and the successes; one more than before ends a silence."""
        with reading() as uow:
            found = sweeps.last_successes(uow)
            self._today = uow.today
            self._swept_on = {row.name: london_day(row.last_success_at) for row in found}
            successes = {row.name: row.successes for row in found}
        for name, count in successes.items():
            if name in self._seen and self._seen[name] != count:
                self.heard(name)
        self._seen = dict.fromkeys(SCHEDULED, 0) | successes

    def heard(self, name: str) -> None:
        """The sweep ran, or was at least tried, just now."""
        self._since[name] = time.monotonic()

    def silent(self, name: str, longest: timedelta) -> bool:
        """Whether the sweep has been silent for longer; before the first run of this process it always was."""
        since = self._since.get(name)
        return since is None or time.monotonic() - since > longest.total_seconds()

    def unswept_day(self, name: str) -> date | None:
        """The day that it was at the last look, unless the sweep succeeded on it."""
        return None if self._swept_on.get(name) == self._today else self._today


class Worker:
    """One worker of one process. Several may run side by side."""

    def __init__(self) -> None:
        self.schedules = ScheduledRuns()
        self.watch = Watch()
        self._clock_read_at = float("-inf")
        self._told_at = float("-inf")
        self._day_swept: date | None = None
        self._roll = RollCall(database(), workers_folder(settings()))
        self._telling: Telling | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; the run at hand is finished first."""
        with present(database(), workers_folder(settings())) as presence:
            # Whoever ends a transaction is not stuck, however long the run at hand takes.
            event.listen(database().engine, "commit", lambda _: presence.got_on())
            event.listen(database().engine, "rollback", lambda _: presence.got_on())
            self._roll.hold()
            self._look_at_the_journal()
            # Nothing that the law wants waits for another program to answer.
            with telling(database()) as self._telling:
                self._work(stop)

    def _look_at_the_journal(self) -> None:
        # Each delivery looks again; this is for a worker that has nothing to deliver, and for payments.
        try:
            journalled.look(database())
        except SQLAlchemyError as error:
            log().error("journal not compared", error=type(error).__name__)

    def _work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                busy = self.once()
            except Exception as error:  # noqa: BLE001 - whatever is wrong now may be right in a second
                log().error("worker in trouble", error=type(error).__name__, path=place_of(error))
                self.schedules.forget()
                stop.wait(AFTER_TROUBLE_SECONDS)
            else:
                stop.wait(0 if busy else POLL_SECONDS)

    def once(self) -> bool:
        """
        One look at what people, acts and the clock ask for; whether people or acts asked for anything.

        A stand-down goes before everything else: whoever is to be told is told before any case is advanced.
        """
        if runs.anybody_to_tell():
            runs.deliver(prefect=prefect_server.answers(settings()))
        asked = performing.take()
        if asked:
            self._perform(asked)
        taken = runs.take()
        if taken:
            self._perform(performing.begin(taken))
        if time.monotonic() - self._clock_read_at >= CLOCK_SECONDS:
            self._clock_read_at = time.monotonic()
            self._keep_time()
        return bool(asked or taken)

    def _perform(self, taken: Taken) -> None:
        prefect = prefect_server.answers(settings())
        log().info("running", flow=taken.flow, count=len(taken.case_ids), state="prefect" if prefect else "plain")
        performing.perform(taken, prefect=prefect)
        if runs.anything_to_send():
            runs.deliver(prefect=prefect)

    def _keep_time(self) -> None:
        uploads.forget_old()
        prefect = prefect_server.answers(settings())
        if prefect:
            self._run_scheduled()
        else:
            self.schedules.forget()
        self._roll.hold()
        self.watch.look()
        self._sweep_new_day(prefect=prefect)
        self._tell_by_mail()
        if self._telling is not None:
            self._telling.keep_going()
        for name, each in SCHEDULED.items():
            longest = each.period * (sweeps.MISSED_PERIODS if prefect else 1)
            if self.watch.silent(name, longest):
                self.watch.heard(name)
                self.schedules.forget()
                runs.run(each.flow, prefect=prefect)

    def _sweep_new_day(self, *, prefect: bool) -> None:
        """A day that no sweep has seen is swept at once, not at the next quarter of an hour."""
        day = self.watch.unswept_day(deadline_sweep.name)
        if day is None or day == self._day_swept:
            return
        self._day_swept = day
        self.watch.heard(deadline_sweep.name)
        runs.run(deadline_sweep, prefect=prefect)
        if runs.anything_to_send():
            # The morning's reminders do not wait for the next round of the outbox.
            runs.deliver(prefect=prefect)

    def _tell_by_mail(self) -> None:
        """Digests; most looks find nobody who is still to be told."""
        if time.monotonic() - self._told_at >= DIGEST_SECONDS:
            self._told_at = time.monotonic()
            try:
                digests.send_due(database())
            except (SQLAlchemyError, MandateError) as error:
                log().error("digests not sent", error=type(error).__name__, path=place_of(error))

    def _run_scheduled(self) -> None:
        try:
            runs.watched(self.schedules.run_due)
        except runs.PrefectAway:
            self.schedules.forget()
