"""
The sweep is killed at every point at which it writes, sends or syncs; the next one goes on.

A child process counts those points and kills itself with SIGKILL at the k-th, for every k until a sweep survives.
A checker that shares no code with delivery then reads the database, the mails that a real server kept, and the letters.
The checker is itself checked: sweeps that mark before they send, or send before they claim, must be found out.
SIGKILL is not a power cut: what the disk does with unsynced pages is not tested here.
"""

from __future__ import annotations

import email
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from core.db import Base, Database
from core.unit_of_work import reading, unit_of_work
from notifications import outbox
from notifications.channels import Channel, Parcel, Sent
from notifications.channels.folder import FolderChannel
from notifications.channels.smtp import SmtpChannel
from notifications.delivery import Sweep
from notifications.journal import Journal
from notifications.lifecycle import Medium, Outcome, State
from notifications.messages import Message
from notifications.models import Attempt, Notice
from tests.conftest import NOON
from tests.notifications.samples import RECIPIENTS, SAMPLES

pytestmark = pytest.mark.slow
EMPLOYER = RECIPIENTS["employer"]
SETTLED = {State.ACCEPTED, State.RE_SERVED}
UNDER_WAY = {State.QUEUED, State.SENDING, State.TEMP_WAIT, State.UNKNOWN}


@dataclass(frozen=True)
class Ground:
    """
    Where one sweep works: a database file, the letters, and what the mail server kept.

    The engine stays the same from sweep to sweep, so that each statement is compiled once; its connections do not.
    """

    folder: Path
    mails: Path
    port: int
    database: Database

    @property
    def letters(self) -> Path:
        """The letters folder."""
        return self.folder / "letters"

    def channels(self) -> dict[Medium, Channel]:
        """The real ones."""
        mail = SmtpChannel("127.0.0.1", self.port, "disputes@union.test", timeout=5)
        return {Medium.MAIL: mail, Medium.LETTER: FolderChannel(self.letters)}

    def begin(self, template: Path) -> None:
        """A fresh copy of the prepared database, that nobody is connected to, and no mail."""
        self.database.engine.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        shutil.copy(template, self.folder / "mandate.db")
        for mail in self.mails.iterdir():
            mail.unlink()


class MarksThenSends(Sweep):
    """A mutant: what dies between the two is lost."""

    def deliver(self, notice_id: Any) -> None:
        """Record success, then try."""
        claim = self.claim(notice_id)
        if claim is not None:
            self.record(claim, Sent(Outcome.ACCEPTED))
            self.send(claim)


class SendsThenClaims(Sweep):
    """A mutant: what dies between the two went out with no attempt on record."""

    def deliver(self, notice_id: Any) -> None:
        """Send, then say so."""
        with reading(as_of=self.as_of, on=self.database) as uow:
            notice = uow.session.get_one(Notice, notice_id)
            if notice.state is not State.QUEUED:
                return
            parcel = Parcel(
                notice.id, notice.epoch + 1, notice.kind, notice.medium, notice.message_id, notice.recipient_name,
                notice.recipient_email, notice.subject_line, notice.body, notice.content_type, notice.sha256,
                notice.attachment, notice.created_at,
            )  # fmt: skip
        sent = self.channels[parcel.medium].send(parcel)
        claim = self.claim(notice_id)
        if claim is not None:
            self.record(claim, sent)


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

    def watch(self, engine: Engine) -> None:
        """Before and after every statement, before every commit, and around every sync and link of a file."""
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engine, name, self)
        for name in ("fsync", "link"):
            setattr(os, name, self._around(getattr(os, name)))

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            self()
            answer = call(*given, **named)
            self()
            return answer

        return watched


@dataclass(frozen=True)
class Watched:
    """A channel with a point before and after each send."""

    channel: Channel
    points: Points

    @property
    def name(self) -> str:
        """As the channel."""
        return self.channel.name

    @property
    def idempotent(self) -> bool:
        """As the channel."""
        return self.channel.idempotent

    def send(self, parcel: Parcel) -> Sent:
        """As the channel, between two points."""
        self.points()
        sent = self.channel.send(parcel)
        self.points()
        return sent


def in_child(work: Callable[[], None]) -> int:
    """Run in a forked process; the signal that killed it, or 0."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  the child must not return into pytest
            os._exit(70)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def sweep(kind: type[Sweep], ground: Ground, as_of: datetime, points: Points | None = None) -> None:
    """One sweep by a process of its own."""
    database = ground.database
    channels: dict[Medium, Any] = ground.channels()
    if points is not None:
        points.watch(database.engine)
        channels = {medium: Watched(channel, points) for medium, channel in channels.items()}
    once(kind(database, channels, as_of, Journal.beside(database)))


def once(one: Sweep) -> None:
    """What `deliver_due` does, for a mutant too."""
    one.recover()
    for notice_id in one.due(10_000):
        one.deliver(notice_id)


def finish(kind: type[Sweep], ground: Ground) -> None:
    """Sweep hour by hour, as the worker would, until nothing waits any more."""
    database = ground.database
    for hours in range(1, 24):
        once(kind(database, ground.channels(), NOON + timedelta(hours=hours), Journal.beside(database)))
        with reading(on=database) as uow:
            if not any(outbox.counts(uow)[state] for state in UNDER_WAY):
                break


def complaints(ground: Ground) -> list[str]:
    """Everything that is wrong: lost, different, too many, unrecorded, or unfinished."""
    with reading(on=ground.database) as uow:
        notices = {notice.message_id: notice for notice in uow.session.scalars(select(Notice))}
        attempts = list(uow.session.scalars(select(Attempt)))
    found = [f"{n.kind} {n.medium} is {n.state}" for n in notices.values() if n.state not in SETTLED]
    found += [f"an attempt of {a.notice_id} has no outcome" for a in attempts if a.outcome is None]
    return found + _mail_complaints(ground, notices, attempts) + _letter_complaints(ground, notices)


def _mail_complaints(ground: Ground, notices: dict[str, Notice], attempts: list[Attempt]) -> list[str]:
    found, copies, contents = [], Counter[str](), {}
    recorded = {(str(attempt.notice_id), str(attempt.epoch)) for attempt in attempts}
    for path in ground.mails.iterdir():
        mail = email.message_from_bytes(path.read_bytes())
        key, number = mail["Message-ID"], mail["X-Attempt"]
        del mail["X-Attempt"]
        copies[key] += 1
        if contents.setdefault(key, mail.as_bytes()) != mail.as_bytes():
            found.append(f"copies of {key} differ")
        if (str(notices[key].id), number) not in recorded:
            found.append(f"{key} went out as attempt {number}, which is not on record")
    for key, notice in notices.items():
        if notice.medium is Medium.MAIL and notice.state is State.ACCEPTED:
            unknown = sum(a.notice_id == notice.id and a.outcome is Outcome.UNKNOWN for a in attempts)
            if not 1 <= copies[key] <= 1 + unknown:
                found.append(f"{key}: {copies[key]} copies, {unknown} unknown attempts")
    return found


def _letter_complaints(ground: Ground, notices: dict[str, Notice]) -> list[str]:
    letters = [notice for notice in notices.values() if notice.medium is Medium.LETTER]
    files = {path.name: path for path in ground.letters.glob("*.pdf")}
    manifest = ground.letters / "manifest.csv"
    lines = manifest.read_text().splitlines() if manifest.exists() else []
    listed = Counter(line.partition(",")[2] for line in lines)
    found = [f"{name} is listed {count} times" for name, count in listed.items() if count != 1]
    for letter in letters:
        mine = [path for name, path in files.items() if str(letter.id) in name]
        if len(mine) != 1 or mine[0].read_bytes() != letter.body or mine[0].name not in listed:
            found.append(f"the letter {letter.id} is not there once, whole and listed")
    served = [notice for notice in notices.values() if notice.state is State.RE_SERVED]
    found += [f"{n.id} has no letter" for n in served if n.id not in {letter.instead_of_id for letter in letters}]
    return found


def prepared(folder: Path, mails: int, letters: int) -> Path:
    """A database with queued notices: most go well, one is refused, one loses its connection."""
    path = folder / "template.db"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    addresses = ["gone@x.test", "drop@x.test", *(f"clerk{number}@x.test" for number in range(mails - 2))]
    message = Message("dispute_notified", SAMPLES["dispute_notified"])
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        for number, address in enumerate(addresses):
            to = replace(EMPLOYER, key=f"employer:{number}", email=address)
            outbox.enqueue(uow, message, to, medium=Medium.MAIL, subject_ref="case:1")
        for number in range(letters):
            to = replace(EMPLOYER, key=f"employer:letter{number}")
            outbox.enqueue(uow, message, to, medium=Medium.LETTER, subject_ref="case:1")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.engine.dispose()
    return path


@pytest.fixture
def ground() -> Iterator[Ground]:
    """A ground with a mail server in another process; in memory where there is such a folder, for it syncs much."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield from ground_in(Path(folder))


def ground_in(beneath: Path) -> Iterator[Ground]:
    """A ground in an empty folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mails = beneath / "mails"
    mails.mkdir()
    program = [sys.executable, str(Path(__file__).parent / "mail_sink.py"), str(port), str(mails)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        folder = beneath / "ground"
        database = Database(f"sqlite:///{folder / 'mandate.db'}")
        yield Ground(folder, mails, port, database)
        database.engine.dispose()
        server.terminate()


def killed_everywhere(kind: type[Sweep], ground: Ground, template: Path) -> Iterator[list[str]]:
    """What the checker says after a kill at the first, second, … last point of a sweep."""
    for point in range(1, 100_000):
        ground.begin(template)

        def die(at: int = point) -> None:
            sweep(kind, ground, NOON, Points(at))

        killed = in_child(die)
        finish(kind, ground)
        yield [f"killed at point {point}: {complaint}" for complaint in complaints(ground)]
        if not killed:
            return


def test_fm_01_killed_at_every_point_nothing_is_lost(ground: Ground, tmp_path: Path) -> None:
    """
    Every statement, commit, send, sync and link of a sweep over a good, a refused, a dropped mail and a letter.

    Mutation: in `Sweep.claim`, let the attempt be added by `record` in place of `claim`.
    """
    points = list(killed_everywhere(Sweep, ground, prepared(tmp_path, mails=3, letters=1)))

    assert [complaint for found in points for complaint in found] == []
    assert len(points) > 100


@pytest.mark.parametrize(
    ("mutant", "found_out"), [(MarksThenSends, "0 copies"), (SendsThenClaims, "2 copies, 0 unknown")]
)
def test_fm_01_the_checker_finds_the_mutants_out(
    ground: Ground, tmp_path: Path, mutant: type[Sweep], found_out: str
) -> None:
    """
    A harness that finds nothing wrong with these would prove nothing.

    Mutation: in `complaints`, return an empty list.
    """
    points = killed_everywhere(mutant, ground, prepared(tmp_path, mails=2, letters=0))

    assert any(found_out in complaint for found in points for complaint in found)


def test_fm_01_killed_at_random_moments_nothing_is_lost(ground: Ground, tmp_path: Path) -> None:
    """
    A hundred kills while a hundred notices go out; the journal has every send that the server saw.

    Mutation: in `Sweep.send`, leave out the first line of the journal.
    """
    ground.begin(prepared(tmp_path, mails=60, letters=40))
    chance, now, kills = random.Random(20260901), NOON, 0
    for _ in range(100):
        now += timedelta(minutes=1)
        child = os.fork()
        if child == 0:
            sweep(Sweep, ground, now)
            os._exit(0)
        time.sleep(chance.uniform(0.01, 0.12))
        os.kill(child, signal.SIGKILL)
        kills += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    finish(Sweep, ground)

    assert complaints(ground) == []
    assert kills > 30
    journal = (ground.folder / "outbox-journal.jsonl").read_text().splitlines()
    lines = [json.loads(line) for line in journal if line]
    announced = {(line["message_id"], str(line["epoch"])) for line in lines if line["event"] == "sending"}
    mails = [email.message_from_bytes(path.read_bytes()) for path in ground.mails.iterdir()]
    assert {(mail["Message-ID"], mail["X-Attempt"]) for mail in mails} <= announced
