"""
Delivery: the one place that sends, and the only one that tries again.

An attempt is committed before anything leaves; the send happens outside any transaction; its result counts only while
the worker still holds the lease it began with (the epoch). What may have gone out without our knowing is `unknown` and
is settled by the notice's policy. No Prefect retry ever wraps a send.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm.attributes import set_committed_value

from core import history, workers
from core.calendar import in_words
from core.clock import Clock
from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import outbox
from notifications.channels import Channel, Parcel, Sent
from notifications.journal import Journal
from notifications.lifecycle import OUTCOME_STATES, EvidenceClass, Medium, Outcome, Policy, State
from notifications.models import Attempt, Evidence, Notice
from notifications.rendering import sha256
from notifications.waits import RESEND_WAIT, RESENDS, is_amber, next_try

ACTOR = "flow:outbox-delivery"
LEASE = timedelta(minutes=5)
LATEST_SEND_SECONDS = workers.QUIET_SECONDS / 2
"""Whoever was stopped for longer between claim and send may have been taken for gone, and does not send."""
Progress = Callable[[int, int], None]
Gate = Callable[[UnitOfWork, Notice], str | None]
"""Why a notice has to wait for a person although it is due; None lets it go."""


@dataclass
class DeliveryReport:
    """What one sweep did. `failures` are sentences about rows that raised an error; those rows stay for recovery."""

    due: int = 0
    accepted: int = 0
    temp: int = 0
    perm: int = 0
    unknown: int = 0
    recovered: int = 0
    requeued: int = 0
    held: int = 0
    re_served: int = 0
    stale: int = 0
    failures: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """One more attempt ended so."""
        setattr(self, outcome.value, getattr(self, outcome.value) + 1)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of one worker to send one notice once, until `lease_until`."""

    parcel: Parcel
    attempt_id: uuid.UUID
    lease_until: datetime
    clock: Clock
    began: float = field(default_factory=time.monotonic)


def deliver_due(
    database: Database,
    channels: Mapping[Medium, Channel],
    *,
    as_of: datetime | None = None,
    limit: int = 500,
    progress: Progress | None = None,
    journal: Journal | None = None,
    gate: Gate | None = None,
) -> DeliveryReport:
    """
    Settle what earlier workers left, then send what is due, nearest statutory date first.

    Several workers may run this at once, and it may be killed anywhere: the next call goes on. `progress` is given how
    many are done, of how many. `gate` is asked before each hand-over; what it keeps is held.
    """
    sweep = Sweep(database, channels, as_of, journal or Journal.beside(database), gate=gate)
    sweep.recover()
    ids = sweep.due(limit)
    for done, notice_id in enumerate(ids, start=1):
        sweep.deliver(notice_id)
        if progress is not None:
            progress(done, len(ids))
    return sweep.report


@dataclass
class Sweep:
    """One pass of one worker."""

    database: Database
    channels: Mapping[Medium, Channel]
    as_of: datetime | None
    journal: Journal
    report: DeliveryReport = field(default_factory=DeliveryReport)
    gate: Gate | None = None

    def recover(self) -> None:
        """Attempts whose worker is gone become `unknown`; every `unknown` is settled by its policy."""
        with unit_of_work(ACTOR, as_of=self.as_of, on=self.database) as uow:
            over = or_(Notice.lease_until < uow.now, workers.is_gone(Notice.taken_by))
            expired = select(Notice).where(Notice.state == State.SENDING, over)
            for notice in uow.session.scalars(expired.with_for_update(skip_locked=True)):
                _finish(uow, notice, Sent(Outcome.UNKNOWN, None, "the worker ended before the result was recorded"))
                self.report.recovered += 1
            uow.session.flush()
            unknown = select(Notice).where(Notice.state == State.UNKNOWN)
            for notice in uow.session.scalars(unknown.with_for_update(skip_locked=True)):
                self._settle(uow, notice)

    def due(self, limit: int) -> list[uuid.UUID]:
        """The ids to send, for media that have a channel."""
        with reading(as_of=self.as_of, on=self.database) as uow:
            ids = [notice.id for notice in outbox.due(uow, limit) if notice.medium in self.channels]
        self.report.due = len(ids)
        return ids

    def deliver(self, notice_id: uuid.UUID) -> None:
        """One notice, once. An error concerns this row only and leaves it to the next recovery."""
        try:
            claim = self.claim(notice_id)
            if claim is not None:
                self.record(claim, self.send(claim))
        except Exception as error:  # noqa: BLE001  the sweep's one boundary: the rest of the rows go on
            self.report.failures.append(f"notice:{notice_id}: {type(error).__name__}")

    def claim(self, notice_id: uuid.UUID) -> Claim | None:
        """Take a due notice and commit the attempt; None when another worker has it, or it is held."""
        with unit_of_work(ACTOR, as_of=self.as_of, on=self.database) as uow:
            notice = uow.session.get(Notice, notice_id)
            if notice is None or not self._take(uow, notice):
                return None
            channel = self.channels[notice.medium]
            attempt = Attempt(notice_id=notice.id, epoch=notice.epoch, channel=channel.name, started_at=uow.now)
            uow.session.add(attempt)
            uow.session.flush()
            return Claim(_parcel(notice), attempt.id, uow.now + LEASE, uow.clock)

    def _take(self, uow: UnitOfWork, notice: Notice) -> bool:
        if not _seal_holds(notice):
            self._hold(uow, notice, "the stored bytes are not those that were sealed")
            return False
        because = self._kept_back(uow, notice)
        if because is not None:
            if notice.state in outbox.DUE_STATES:
                self._hold(uow, notice, because)
            return False
        taken = uow.session.execute(
            update(Notice)
            .where(
                Notice.id == notice.id,
                Notice.epoch == notice.epoch,
                Notice.state.in_(outbox.DUE_STATES),
                Notice.send_after <= uow.now,
            )
            .values(
                state=State.SENDING,
                epoch=notice.epoch + 1,
                lease_until=uow.now + LEASE,
                taken_by=workers.present_id(),
            )
            .execution_options(synchronize_session=False)
        )
        set_committed_value(notice, "epoch", notice.epoch + 1)
        return bool(getattr(taken, "rowcount", 0))

    def _kept_back(self, uow: UnitOfWork, notice: Notice) -> str | None:
        if outbox.comes_too_late(uow, notice):
            return _too_late(notice)
        return self.gate(uow, notice) if self.gate is not None else None

    def send(self, claim: Claim) -> Sent:
        """Hand over, outside any transaction, between two lines of the journal."""
        parcel = claim.parcel
        named: dict[str, str | int] = {
            "notice": str(parcel.notice_id),
            "epoch": parcel.epoch,
            "message_id": parcel.message_id,
        }
        if claim.clock.now() >= claim.lease_until or time.monotonic() - claim.began > LATEST_SEND_SECONDS:
            return Sent(Outcome.TEMP, None, "the lease ended before the send began")
        try:
            self.journal.write(claim.clock.now(), "sending", sha256=parcel.sha256, **named)
        except OSError as error:
            return Sent(Outcome.TEMP, None, f"the journal cannot be written: {type(error).__name__}")
        sent = self.channels[parcel.medium].send(parcel)
        self.journal.write(claim.clock.now(), sent.outcome.value, **named)
        return sent

    def record(self, claim: Claim, sent: Sent) -> None:
        """Write the result, unless the notice has meanwhile passed to another worker."""
        parcel = claim.parcel
        with unit_of_work(ACTOR, as_of=self.as_of, on=self.database) as uow:
            mine = select(Notice).where(
                Notice.id == parcel.notice_id, Notice.epoch == parcel.epoch, Notice.state == State.SENDING
            )
            notice = uow.session.scalar(mine.with_for_update())
            if notice is None:
                self.report.stale += 1
                return
            _finish(uow, notice, sent)
            self.report.count(sent.outcome)
            self._follow_up(uow, notice, sent.outcome)

    def _follow_up(self, uow: UnitOfWork, notice: Notice, outcome: Outcome) -> None:
        if outcome is Outcome.ACCEPTED and _has_proof(uow, notice):
            notice.state = State.EVIDENCED
        elif outcome is Outcome.PERM and outbox.re_serve(uow, notice.id) is not None:
            self.report.re_served += 1
        elif outcome is Outcome.TEMP:
            self._wait(uow, notice)

    def _wait(self, uow: UnitOfWork, notice: Notice) -> None:
        when = next_try(
            _count(uow, notice, Outcome.TEMP),
            now=uow.now,
            first_tried_at=notice.queued_at or notice.created_at,
            latest_receipt_on=notice.latest_receipt_on,
            notice_id=notice.id,
        )
        if is_amber(uow.today, notice.latest_receipt_on):
            outbox.also_by_letter(uow, notice.id)
        if when is None:
            self._hold(uow, notice, "the channel has been refusing for too long")
        else:
            notice.send_after = when

    def _settle(self, uow: UnitOfWork, notice: Notice) -> None:
        channel = self.channels.get(notice.medium)
        unknowns = _count(uow, notice, Outcome.UNKNOWN)
        if channel is not None and channel.idempotent:
            self._requeue(uow, notice, uow.now)
        elif notice.policy is Policy.RESEND and unknowns <= RESENDS:
            self._requeue(uow, notice, uow.now + RESEND_WAIT)
        else:
            self._hold(uow, notice, f"nobody knows whether {unknowns} of its copies went out")

    def _requeue(self, uow: UnitOfWork, notice: Notice, send_after: datetime) -> None:
        notice.state = State.QUEUED
        notice.send_after = send_after
        self.report.requeued += 1
        history.record(uow, "notifications:notice:requeued", notice.ref, {"epoch": notice.epoch})

    def _hold(self, uow: UnitOfWork, notice: Notice, because: str) -> None:
        notice.state = State.HELD
        notice.held_because = because
        self.report.held += 1
        history.record(uow, "notifications:notice:held", notice.ref, {"because": because})


def _finish(uow: UnitOfWork, notice: Notice, sent: Sent) -> None:
    attempt = uow.session.scalars(
        select(Attempt).where(Attempt.notice_id == notice.id, Attempt.epoch == notice.epoch)
    ).one()
    attempt.outcome, attempt.finished_at = sent.outcome, uow.now
    attempt.reply_code, attempt.reply_text, attempt.provider_ref = sent.reply_code, sent.reply_text, sent.provider_ref
    notice.state, notice.lease_until = OUTCOME_STATES[sent.outcome], None
    facts = {"epoch": notice.epoch, "outcome": sent.outcome, "code": sent.reply_code}
    history.record(uow, "notifications:notice:attempted", notice.ref, facts)


def _count(uow: UnitOfWork, notice: Notice, outcome: Outcome) -> int:
    uow.session.flush()
    matching = select(func.count()).where(Attempt.notice_id == notice.id, Attempt.outcome == outcome)
    return uow.session.scalar(matching) or 0


def _has_proof(uow: UnitOfWork, notice: Notice) -> bool:
    proof = select(Evidence.id).where(
        Evidence.notice_id == notice.id, Evidence.evidence_class != EvidenceClass.C, Evidence.revoked_at.is_(None)
    )
    return uow.session.scalar(proof.limit(1)) is not None


def _too_late(notice: Notice) -> str:
    assert notice.latest_receipt_on is not None
    return f"the last day on which receipt is in time, {in_words(notice.latest_receipt_on)}, has passed"


def _seal_holds(notice: Notice) -> bool:
    sealed = (
        (notice.body, notice.sha256),
        (notice.attachment, notice.attachment_sha256),
        (notice.html, notice.html_sha256),
    )
    return all((None if content is None else sha256(content)) == digest for content, digest in sealed)


def _parcel(notice: Notice) -> Parcel:
    return Parcel(
        notice_id=notice.id,
        epoch=notice.epoch,
        kind=notice.kind,
        medium=notice.medium,
        message_id=notice.message_id,
        recipient_name=notice.recipient_name,
        recipient_email=notice.recipient_email,
        subject_line=notice.subject_line,
        body=notice.body,
        content_type=notice.content_type,
        sha256=notice.sha256,
        attachment=notice.attachment,
        dated_at=notice.queued_at or notice.created_at,
        html=notice.html,
        recipient_postal=tuple(notice.recipient_postal),
        recipient_phone=notice.recipient_phone,
        recipient_webhook=notice.recipient_webhook,
    )
