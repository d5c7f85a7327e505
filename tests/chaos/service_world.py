"""
The world that notices go out into: a relay, employers' servers and people, a print house, an officer, and the hours.

The database's own clock jumps from one due time to the next: what comes back is laid into a Maildir when it comes,
delivery runs when something is due, and the sweep of service every three hours and within an hour of each bounce, which
is later than a worker would. Whatever happens outside the program is written down in `world`, for the checker.
"""

from __future__ import annotations

import csv
import heapq
import io
import itertools
import json
import os
import re
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from app import runs
from ballots import papers
from core.calendar import is_working_day, london_day, shift
from core.clock import set_stored_clock
from core.db import Database
from core.errors import Conflict
from core.nations import Nation
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import acknowledgement, outbox, print_receipts, proof, tasks, waiting
from notifications.lifecycle import Medium, State
from notifications.messages import Message
from notifications.models import Notice
from notifications.proof import ReceiptKind
from notifications.receipt_rows import read_receipts
from notifications.recipients import Recipient
from notifications.rendering import NOBODY
from notifications.tasks import TaskKind
from tests.chaos.outbox_ground import forked, killed
from tests.chaos.service_employers import LAST_DAYS, WAVES, Employer, Fate, employer, mail_of, replies
from tests.notifications.samples import SAMPLES

RELAY_AWAY = (WAVES[1] - timedelta(minutes=30), WAVES[1] + timedelta(hours=5))
POST_AWAY = (WAVES[0] + timedelta(days=2), WAVES[0] + timedelta(days=2, hours=7))
"""Two outages of hours."""
END = WAVES[0] + timedelta(days=18)
AN_HOUR, MINUTES = timedelta(hours=1), timedelta(minutes=5)
SWEEPS = timedelta(hours=3)
"""The ladder allows for a sweep an hour late: one of these stands an hour before people have to be asked."""
PHOTOGRAPH = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
NOTICE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PREPARED_AT_ONCE = 100
FORGETFUL = 0.1
"""The share of employers whose task nobody does."""


@dataclass(order=True)
class Event:
    """Something that happens outside the program."""

    at: datetime
    number: int
    happen: Callable[[], object] = field(compare=False)


@dataclass
class World:
    """Everything around one database. `relay` is the folder of the mail server."""

    database: Database
    relay: Path
    folder: Path
    seed: str
    count: int
    with_kill: bool = True

    def __post_init__(self) -> None:
        self.employers = [employer(self.seed, number) for number in range(self.count)]
        self.maildir, self.letters = self.folder / "maildir", self.folder / "letters"
        self.receipts = self.folder / "receipts"
        for each in (self.maildir / "new", self.maildir / "cur", self.receipts):
            each.mkdir(parents=True)
        self.now = WAVES[0] - AN_HOUR
        self.sweeps = self.deliveries = self.kills = 0
        self._events: list[Event] = []
        self._numbers = itertools.count()
        self._read = 0
        self._answered: set[str] = set()
        self._collected: set[str] = set()
        self._delivered_at = self._sweep_at = self.now

    # -- the hours ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """From the first wave until days after the last limit."""
        self._arrange()
        while (moment := self._next()) <= END:
            self._set(moment)
            while self._events and self._events[0].at <= self.now:
                heapq.heappop(self._events).happen()
            if self._is_due():
                self._deliver()
            if self.now >= self._sweep_at:
                self._sweep()

    def _arrange(self) -> None:
        for wave, at in enumerate(WAVES):
            self.later(at, lambda wave=wave: self._let_go(wave))  # type: ignore[misc]
        for flag, (begins, ends) in ((self._relay_away, RELAY_AWAY), (self._post_away, POST_AWAY)):
            self.later(begins, lambda flag=flag: flag(True))  # type: ignore[misc]
            self.later(ends, lambda flag=flag: flag(False))  # type: ignore[misc]
        for day in _working_days():
            self.later(day + timedelta(hours=8, minutes=30), self._hand_over)
            self.later(day + timedelta(hours=16, minutes=30), self._collect)
        self.later(WAVES[0] - timedelta(minutes=1), (self.relay / "drop").touch)

    def later(self, at: datetime, happen: Callable[[], object]) -> None:
        """Let something happen, at once if its time is past."""
        heapq.heappush(self._events, Event(max(at, self.now), next(self._numbers), happen))

    def _next(self) -> datetime:
        times = [self._sweep_at, *(event.at for event in self._events[:1])]
        with reading(on=self.database) as uow:
            unsent = waiting.first_unsent(uow, [Medium.MAIL, Medium.LETTER])
        times += [max(unsent, self._delivered_at + MINUTES)] if unsent is not None else []
        return max(self.now, min(times))

    def _set(self, moment: datetime) -> None:
        self.now = moment
        with unit_of_work("clock", on=self.database) as uow:
            set_stored_clock(uow.session, moment)
        (self.relay / "clock").write_text(moment.isoformat(), encoding="ascii")

    def _note(self, what: str, **more: object) -> None:
        with (self.folder / "world").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": self.now.isoformat(), "what": what, **more}) + "\n")

    # -- the union's side --------------------------------------------------------------------------------------------

    def _let_go(self, wave: int) -> None:
        mine = [each for each in self.employers if each.wave == wave]
        for begin in range(0, len(mine), PREPARED_AT_ONCE):
            with unit_of_work("staff:organiser", on=self.database) as uow:
                for who in mine[begin : begin + PREPARED_AT_ONCE]:
                    for notice in paper_for(uow, who):
                        outbox.approve(uow, notice.id, "officer:approver")
                        outbox.queue(uow, notice.id)
        if self.with_kill and wave == len(WAVES) - 1:
            self._killed_while_delivering(len(mine))

    def _is_due(self) -> bool:
        if self.now < self._delivered_at + MINUTES:
            return False
        with reading(on=self.database) as uow:
            return waiting.due_count(uow) > 0

    def _deliver(self) -> None:
        assert runs.deliver(prefect=False) == ()
        self._delivered_at = self.now
        self.deliveries += 1
        self._hear()

    def _sweep(self) -> None:
        assert runs.sweep_service(prefect=False) == ()
        self._sweep_at = _midnight(self.now) + SWEEPS * ((self.now - _midnight(self.now)) // SWEEPS + 1)
        self.sweeps += 1

    def _killed_while_delivering(self, notices: int) -> None:
        """A sender is killed in the middle; three mails bounce before anybody has written down that they went out."""
        self.database.engine.dispose()
        before = len(self._lines())
        child = forked(lambda: runs.deliver(prefect=False))
        while len(self._lines()) < before + notices // 3:
            time.sleep(0.001)
        os.kill(child, signal.SIGSTOP)
        with reading(on=self.database) as uow:
            rows = select(Notice.message_id).where(Notice.state == State.SENDING, Notice.medium == Medium.MAIL)
            under_way = set(uow.session.scalars(rows))
        self.database.engine.dispose()
        assert killed(child)
        self.kills += 1
        self._note("killed", under_way=len(under_way))
        lines = [json.loads(line) for line in self._lines()]
        for line in [line for line in lines if line["message_id"] in under_way][:3]:
            self._answered.add(line["message_id"])
            self._post("failed", line)
        self._hear()
        self._sweep()

    def _hand_over(self) -> None:
        """An officer does what is asked, but for a tenth."""
        with unit_of_work("officer:1", on=self.database) as uow:
            for task in tasks.open_tasks(uow, TaskKind.HAND_OVER):
                notice = outbox.get(uow, task.notice_id)
                if self._of(notice).luck < FORGETFUL or (notice.latest_receipt_on or uow.today) < uow.today:
                    continue
                try:
                    proof.record_receipt(
                        uow,
                        notice.id,
                        evidence_class=proof.WORTH[ReceiptKind.HANDED_OVER],
                        kind=ReceiptKind.HANDED_OVER,
                        received_on=uow.today,
                        recorded_by="officer:1",
                        document=PHOTOGRAPH + notice.id.bytes,
                    )
                except Conflict:
                    continue
                self._note("handed_over", notice=notice.id.hex)

    # -- the employers' side -----------------------------------------------------------------------------------------

    def _lines(self) -> list[bytes]:
        log = self.relay / "log"
        return log.read_bytes().splitlines() if log.exists() else []

    def _hear(self) -> None:
        """What becomes of the mails that the relay took meanwhile."""
        lines = self._lines()
        for line in map(json.loads, lines[self._read :]):
            if line["message_id"] not in self._answered:
                self._answered.add(line["message_id"])
                self._answer(line)
        self._read = len(lines)

    def _answer(self, line: dict[str, str]) -> None:
        who = self.employers[int("".join(filter(str.isdigit, line["to"].partition("@")[0])))]
        for mail in replies(who, self.now):
            self.later(mail.at, lambda mail=mail: self._post(mail.says, line))  # type: ignore[misc]
        if who.is_scanned:
            self.later(self.now + timedelta(minutes=1), lambda: self._scan(line["token"]))
        if who.fate is Fate.CLICKS:
            self.later(self.now + timedelta(hours=0.2 + 90 * who.luck), lambda: self._click(line))

    def _post(self, says: str, line: dict[str, str]) -> None:
        own = f"{next(self._numbers)}-{says}"
        unfinished = self.maildir / own
        unfinished.write_bytes(mail_of(says, line, self.now, own))
        unfinished.rename(self.maildir / "new" / own)
        self._note(says, message_id=line["message_id"])
        if says == "failed":
            self._sweep_at = min(self._sweep_at, self.now + AN_HOUR)

    def _click(self, line: dict[str, str]) -> None:
        with unit_of_work(acknowledgement.ACTOR, on=self.database) as uow:
            assert acknowledgement.acknowledge(uow, line["token"]) is not None
        self._note("clicked", message_id=line["message_id"])

    def _scan(self, token: str) -> None:
        with unit_of_work(acknowledgement.ACTOR, on=self.database) as uow:
            assert acknowledgement.asked(uow, token) is not None

    # -- the providers' side -----------------------------------------------------------------------------------------

    def _relay_away(self, away: bool) -> None:
        flag = self.relay / "away"
        if away:
            flag.touch()
        else:
            flag.unlink()

    def _post_away(self, away: bool) -> None:
        """The disk of the print house is gone: a file stands where the folder was."""
        aside = self.folder / "letters-aside"
        if away:
            if self.letters.exists():
                self.letters.rename(aside)
            self.letters.touch()
            return
        self.letters.unlink()
        if aside.exists():
            aside.rename(self.letters)

    def _collect(self) -> None:
        """The print house takes what was laid, posts it the next working day, and says what became of it."""
        manifest = self.letters / "manifest.csv"
        if not self.letters.is_dir() or not manifest.exists():
            return
        listed = [line.split(",") for line in manifest.read_text(encoding="utf-8").splitlines()]
        new = [(digest, name) for digest, name in listed if name not in self._collected]
        self._collected.update(name for _, name in new)
        by_name = {name: self._of_name(name) for _, name in new}
        posted = _working_day_after(london_day(self.now), 1)
        told: dict[datetime, list[Sequence[str]]] = {}
        for digest, name in new:
            for day, status in _of_letter(by_name[name], posted):
                received = "" if status in ("posted", "returned") else day.isoformat()
                row = (digest, name, posted.isoformat(), f"RM{by_name[name].number:07}", status, received)
                told.setdefault(_noon(_working_day_after(day, 1)), []).append(row)
        for at, rows in told.items():
            self.later(at, lambda rows=rows: self._receive(rows))  # type: ignore[misc]

    def _receive(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["sha256", "name", "posted_on", "tracking_ref", "status", "received_on"])
        writer.writerows(rows)
        name = f"{next(self._numbers)}.csv"
        content = text.getvalue().encode()
        (self.receipts / name).write_bytes(content)
        with unit_of_work("staff:post", on=self.database) as uow:
            print_receipts.take(uow, read_receipts(name, content))

    def _of(self, notice: Notice) -> Employer:
        return self.employers[int(notice.recipient_key.partition(":")[2])]

    def _of_name(self, name: str) -> Employer:
        match = NOTICE_ID.search(name)
        assert match is not None
        with reading(on=self.database) as uow:
            return self._of(uow.session.get_one(Notice, uuid.UUID(match[0])))


def paper_for(uow: UnitOfWork, who: Employer) -> list[Notice]:
    """The notice of ballot to one employer: by mail, by letter where there is no address, by both for a few."""
    facts = {
        **SAMPLES["notice_of_ballot"],
        "employer_name": who.name,
        "opening_day": who.last_day + timedelta(days=7),
        "closing_day": who.last_day + timedelta(days=35),
    }
    postal = ("1 High Street", f"Town {who.number}") if who.has_postal else ()
    to = Recipient(who.key, who.name, who.email, postal)
    message, subject = Message("notice_of_ballot", facts), subject_of(who.last_day)
    if who.both_ways:
        return papers.prepare_both_ways(uow, message, to, subject, who.last_day, NOBODY)
    return [
        outbox.prepare(uow, message, to, medium=to.best_medium, subject_ref=subject, latest_receipt_on=who.last_day)
    ]


def subject_of(last_day: date) -> str:
    """One dispute for each last day."""
    return f"dispute:{uuid.uuid5(uuid.NAMESPACE_OID, last_day.isoformat())}"


def _of_letter(who: Employer, posted: date) -> Iterator[tuple[date, str]]:
    """What the print house says of a letter, by the day on which it happens."""
    yield posted, "posted"
    arrives = _working_day_after(posted, 1 + int(who.luck * 10) % 2)
    if who.fate is not Fate.POSTED_ONLY:
        if who.luck < 0.6:
            yield arrives, "signed_for"
        elif who.luck < 0.85:
            yield arrives, "delivered"
        elif who.luck < 0.88:
            yield arrives, "returned"


def _working_days() -> Iterator[datetime]:
    day = london_day(WAVES[0])
    while day <= max(LAST_DAYS):
        if is_working_day(day, Nation.ENGLAND):
            yield _noon(day) - timedelta(hours=11)
        day = shift(day, 1)


def _working_day_after(day: date, days: int) -> date:
    while days:
        day = shift(day, 1)
        days -= is_working_day(day, Nation.ENGLAND)
    return day


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=WAVES[0].tzinfo)
