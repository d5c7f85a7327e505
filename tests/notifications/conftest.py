"""What the tests of notifications share: a desk that prepares notices and sweeps them at a stopped clock."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from notifications import outbox
from notifications.channels import Channel
from notifications.channels.folder import FolderChannel
from notifications.delivery import DeliveryReport, deliver_due
from notifications.lifecycle import Medium, State
from notifications.messages import Message, message_kind
from notifications.models import Notice
from notifications.recipients import Recipient
from tests.conftest import NOON
from tests.notifications.samples import SAMPLES, kind_of, recipient_for
from tests.notifications.sinks import Sink, listening


@dataclass
class Desk:
    """A database, its channels, and a clock that the test moves."""

    database: Database
    channels: dict[Medium, Channel]
    letters: Path
    now: datetime = NOON
    reports: list[DeliveryReport] = field(default_factory=list)

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        """A unit of work at the desk's clock."""
        with unit_of_work("staff:test", as_of=self.now, on=self.database) as uow:
            yield uow

    def queue(
        self,
        sample: str = "dispute_notified",
        *,
        medium: Medium = Medium.MAIL,
        to: Recipient | None = None,
        facts: Mapping[str, Any] | None = None,
        subject_ref: str = "ballot:1",
        latest_receipt_on: date | None = None,
    ) -> uuid.UUID:
        """Prepare, approve and queue a notice; its id."""
        kind = message_kind(kind_of(sample))
        with self.work() as uow:
            notice = outbox.prepare(
                uow,
                Message(kind.name, {**SAMPLES[sample], **(facts or {})}),
                to or recipient_for(kind.audience),
                medium=medium,
                subject_ref=subject_ref,
                latest_receipt_on=latest_receipt_on,
            )
            outbox.approve(uow, notice.id, "officer:approver")
            outbox.queue(uow, notice.id)
            return notice.id

    def sweep(self, after: timedelta = timedelta()) -> DeliveryReport:
        """Move the clock and deliver what is due."""
        self.now += after
        self.reports.append(deliver_due(self.database, self.channels, as_of=self.now))
        assert self.reports[-1].failures == []
        return self.reports[-1]

    def notice(self, notice_id: uuid.UUID) -> Notice:
        """The row with its attempts and evidence."""
        with self.work() as uow:
            notice = uow.session.get_one(Notice, notice_id)
            _ = notice.attempts, notice.evidence
            return notice

    def state(self, notice_id: uuid.UUID) -> State:
        """Where the notice stands."""
        return self.notice(notice_id).state

    def files(self) -> list[Path]:
        """What lies in the letters folder, without the manifest."""
        return sorted(path for path in self.letters.glob("*") if path.name != "manifest.csv")


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server that takes everything."""
    with listening(Sink()) as sink:
        yield sink


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """A desk with no relay: letters and mail go to a folder."""
    folder = FolderChannel(tmp_path / "letters")
    return Desk(database, {Medium.MAIL: folder, Medium.LETTER: folder}, folder.folder)


@pytest.fixture
def mail_desk(desk: Desk, sink: Sink) -> Desk:
    """A desk whose mail goes to the sink."""
    desk.channels[Medium.MAIL] = sink.channel
    return desk
