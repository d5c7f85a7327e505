"""
Delivery: the one place that sends, and the only one that tries again.

Notices are claimed together: their attempts are committed before anything leaves, each send happens outside any
transaction, and the results are recorded together. Close before each hand-over it is asked whether anybody has acted
meanwhile, and if so whether this notice may still go. A worker that is killed leaves at most one batch without results;
what the journal has of it stands, the rest is `unknown`. No Prefect retry ever wraps a send.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from core import history, workers
from core.db import Database
from core.settings import settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import claims, quarantine, results, skew
from notifications.channels import Channel
from notifications.claims import LEASE, Claim, Claimed, Stop, Then
from notifications.journal import SENDING, Entry, Journal, Pen
from notifications.keys import recipient_digest
from notifications.lifecycle import Medium, Policy
from notifications.pacing import Pace, next_size
from notifications.results import Recorded, Result
from notifications.waiting import Due, due
from notifications.watch import Keeper, Watch

__all__ = ["LATEST_SEND_SECONDS", "LEASE", "DeliveryReport", "Sweep", "deliver_due"]
ACTOR = "flow:outbox_delivery"
LATEST_SEND_SECONDS = workers.QUIET_SECONDS / 2
"""Whoever was stopped for longer between claim and send may have been taken for gone, and does not send."""
LATEST_RECORD_SECONDS, AGAIN_SECONDS = 20.0, 0.02
"""How long results are offered whose notices somebody else holds, and how often; what is left then is recovered."""
DATABASE_TROUBLE = (OperationalError, InternalError, InterfaceError)
"""Not the fault of any row: locked, read-only, full or gone."""
Progress = Callable[[int, int], None]
T = TypeVar("T")
R = TypeVar("R")


@dataclass
class DeliveryReport:
    """
    What one sweep did. `failures` are sentences about rows that raised an error; those rows stay for recovery.

    `paced` are due again later because of the pace of their domain; `quarantined` is 1 when nothing may be sent at all.
    """

    due: int = 0
    accepted: int = 0
    temp: int = 0
    perm: int = 0
    unknown: int = 0
    recovered: int = 0
    requeued: int = 0
    held: int = 0
    called_off: int = 0
    paced: int = 0
    re_served: int = 0
    stale: int = 0
    quarantined: int = 0
    failures: list[str] = field(default_factory=list)

    def count(self, recorded: Recorded, *, again: bool = True) -> None:
        """What came of recording results; the outcomes of what was recovered are not counted `again`."""
        for outcome in recorded.outcomes if again else ():
            setattr(self, outcome.value, getattr(self, outcome.value) + 1)
        for name in ("stale", "held", "called_off", "re_served"):
            setattr(self, name, getattr(self, name) + getattr(recorded, name))


def deliver_due(
    database: Database,
    channels: Mapping[Medium, Channel],
    *,
    as_of: datetime | None = None,
    limit: int = 500,
    progress: Progress | None = None,
    journal: Journal | None = None,
    keeper: Keeper | None = None,
) -> DeliveryReport:
    """
    Settle what earlier workers left, then send what is due, nearest statutory date first.

    Several workers may run this at once, and it may be killed anywhere: the next call goes on. `progress` is given how
    many are done, of how many. `keeper` makes the gate that is asked before each hand-over; what it keeps is held. A
    database that is locked, full, read-only or gone raises the error of SQLAlchemy; nothing is sent then.
    """
    sweep = Sweep(database, channels, as_of, journal or Journal.beside(database), keeper=keeper)
    if quarantine.look(database, sweep.journal) is not None:
        sweep.report.quarantined = 1
        return sweep.report
    sweep.recover()
    if sweep.begins():
        sweep.run(sweep.due(limit), progress)
    return sweep.report


class Sweep:
    """One pass of one worker."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[Medium, Channel],
        as_of: datetime | None,
        journal: Journal,
        *,
        keeper: Keeper | None = None,
    ) -> None:
        self.database = database
        self.channels = channels
        self.as_of = as_of
        self.journal = journal
        self.report = DeliveryReport()
        self._watch = Watch(database, as_of, keeper)
        self._pace = Pace(settings().mails_a_minute)
        self._sessions = ExitStack()
        self._open: dict[Medium, Channel] = {}
        self._open_already = False
        self._has_journal = False

    def recover(self) -> None:
        """Attempts whose worker is gone are finished; every `unknown` is settled by its policy."""
        with reading(as_of=self.as_of, on=self.database) as uow:
            if not results.anything_left(uow):
                return
        with self._work() as uow:
            history.in_turn(uow.session)
            self.report.recovered, recorded = results.recover(uow, self.journal)
            self.report.count(recorded, again=False)
            for notice in results.unsettled(uow):
                channel = self.channels.get(notice.medium)
                if results.settle(uow, notice, idempotent=channel is not None and channel.idempotent):
                    self.report.requeued += 1
                else:
                    self.report.held += 1

    def begins(self) -> bool:
        """Whether there is a journal that can be written; without one nothing is claimed."""
        if not self._has_journal:
            with reading(as_of=self.as_of, on=self.database) as uow:
                now = uow.now
            self._has_journal = self._noted(lambda: self.journal.begin(now))
        return self._has_journal

    def due(self, limit: int) -> Sequence[Due]:
        """
        What to send, for media that have a channel.

        Statutory notices wait while this machine's clock and the database's differ: their days would be doubtful.
        """
        with reading(as_of=self.as_of, on=self.database) as uow:
            apart = skew.is_too_wide(skew.between(uow))
            waiting = due(uow, limit, list(self.channels), statutory=not apart)
        if apart:
            self.report.failures.append("clock:database: ClockSkew")
        self.report.due = len(waiting)
        return waiting

    def run(self, waiting: Sequence[Due], progress: Progress | None = None) -> None:
        """Send what is due, batch by batch, each channel over one session."""
        size, done = 1, 0
        with self._in_sessions():
            while done < len(waiting):
                batch = together(waiting[done:], size)
                size = next_size(size, self.deliver([each.id for each in batch]) / len(batch))
                done += len(batch)
                if progress is not None:
                    progress(done, len(waiting))

    def deliver(self, ids: Sequence[uuid.UUID]) -> float:
        """
        Several notices, once each; how many seconds it took to hand them over. An error concerns its row only and
        leaves it to the next recovery.
        """
        claimed = self.claim(ids)
        # Without claiming and recording, which take as long for few as for many: they would keep batches small.
        began = time.monotonic()
        told = self.send(claimed)
        took = time.monotonic() - began
        self.record(told)
        return took

    def claim(self, ids: Sequence[uuid.UUID]) -> list[Claim]:
        """Take those that are due and commit their attempts; less those that another worker has, or that are held."""

        def take(some: Sequence[uuid.UUID]) -> Claimed:
            with self._work() as uow:
                return claims.claim_all(uow, some, self.channels, self._watch.gate(uow), self._pace)

        taken = self._together(take, ids, lambda each: each) if self.begins() else []
        self._hold({notice_id: because for each in taken for notice_id, because in each.kept_back.items()})
        self.report.paced += sum(each.paced for each in taken)
        return [claim for each in taken for claim in each.claims]

    def _hold(self, kept: Mapping[uuid.UUID, str]) -> None:
        if not kept:
            return
        with self._work() as uow:
            before = history.in_turn(uow.session)
            held = claims.hold_all(uow, kept)
            after = history.in_turn(uow.session)
        self._watch.own_act(before, after)
        self.report.held += held

    def send(self, claimed: Sequence[Claim]) -> list[Result]:
        """Hand over one after the other, outside any transaction, between two lines of the journal each."""
        if not claimed:
            return []
        with ExitStack() as stack:
            try:
                self.journal.write_all([_begins(each) for each in claimed])
                pen = stack.enter_context(self.journal.pen())
            except OSError as error:
                stop = Stop(Then.WAIT, f"the journal cannot be written: {type(error).__name__}")
                return [Result.not_handed_over(claim, stop) for claim in claimed]
            stack.enter_context(self._in_sessions())
            stack.enter_context(self._watch.over(claimed))
            told = [result for claim in claimed if (result := self._told(claim, pen)) is not None]
            self._noted(pen.sync)
        return told

    def record(self, told: Sequence[Result]) -> None:
        """Write the results, but for those of notices that have meanwhile passed to another worker."""

        def write(some: Sequence[Result]) -> Recorded:
            with self._work() as uow:
                return results.record_all(uow, some)

        left, until = told, time.monotonic() + LATEST_RECORD_SECONDS
        while left:
            done = self._together(write, left, lambda each: each.claim.notice_id)
            for recorded in done:
                self.report.count(recorded)
                self._watch.own_act(recorded.before, recorded.after)
            left = [again for recorded in done for again in recorded.again]
            if left and time.monotonic() > until:
                self.report.failures += [f"notice:{each.claim.notice_id}: HeldByAnother" for each in left]
                return
            time.sleep(AGAIN_SECONDS if left else 0)

    def _told(self, claim: Claim, pen: Pen) -> Result | None:
        """What became of one claim; None when that cannot be told."""
        try:
            result = self._handed_over(claim)
        except Exception as error:  # noqa: BLE001  the boundary of one row: the rest of the rows go on
            self._failed(claim.notice_id, error)
            return None
        self._noted(lambda: pen.write(_line(claim, result.sent.outcome.value)))
        return result

    def _handed_over(self, claim: Claim) -> Result:
        stop = _too_old(claim) or self._watch.stop(claim)
        if stop is not None:
            return Result.not_handed_over(claim, stop)
        return Result(claim, self._channel(claim.parcel.medium).send(claim.parcel))

    def _channel(self, medium: Medium) -> Channel:
        if medium not in self._open:
            self._open[medium] = self._sessions.enter_context(self.channels[medium].session())
        return self._open[medium]

    @contextmanager
    def _in_sessions(self) -> Iterator[None]:
        """Every channel that is used within keeps its session to the end of the outermost block."""
        if self._open_already:
            yield
            return
        self._open_already = True
        try:
            with self._sessions:
                yield
        finally:
            self._open_already = False
            self._open.clear()

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(ACTOR, as_of=self.as_of, on=self.database)

    def _together(self, act: Callable[[Sequence[T]], R], rows: Sequence[T], id_of: Callable[[T], uuid.UUID]) -> list[R]:
        """One transaction for all rows; when one of them breaks it, one for each, so that the others stand."""
        if not rows:
            return []
        try:
            return [act(rows)]
        except DATABASE_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001  whose error it is shows when each is done alone
            if len(rows) == 1:
                self._failed(id_of(rows[0]), error)
                return []
        return [done for row in rows for done in self._together(act, [row], id_of)]

    def _noted(self, write: Callable[[], object]) -> bool:
        # Where a mail has gone out and the journal cannot say so, the database still can.
        try:
            write()
        except OSError as error:
            self.report.failures.append(f"journal:outbox: {type(error).__name__}")
            return False
        return True

    def _failed(self, notice_id: uuid.UUID, error: Exception) -> None:
        self.report.failures.append(f"notice:{notice_id}: {type(error).__name__}")


def together(waiting: Sequence[Due], size: int) -> Sequence[Due]:
    """
    The first of those that wait, as many as fit into one batch.

    A notice that must never go out twice without a person's word goes alone: a kill then leaves one such in doubt.
    """
    alone = next((place for place, each in enumerate(waiting[:size]) if each.policy is Policy.HOLD), None)
    return waiting[: size if alone is None else max(alone, 1)]


def _too_old(claim: Claim) -> Stop | None:
    if claim.clock.now() >= claim.lease_until or time.monotonic() - claim.began > LATEST_SEND_SECONDS:
        return Stop(Then.WAIT, "the lease ended before the send began")
    return None


def _begins(claim: Claim) -> Entry:
    """The line before a send also says what goes to whom: made again after a restore, it may have another id."""
    parcel = claim.parcel
    recipient = recipient_digest(parcel.recipient_key)
    return _line(claim, SENDING, sha256=parcel.sha256, kind=parcel.kind, recipient=recipient)


def _line(claim: Claim, event: str, **more: str) -> Entry:
    parcel = claim.parcel
    named: dict[str, str | int] = {
        "notice": str(parcel.notice_id),
        "epoch": parcel.epoch,
        "message_id": parcel.message_id,
    }
    return Entry(claim.clock.now(), event, {**more, **named})
