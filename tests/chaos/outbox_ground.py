"""Where delivery is killed: a database, a mail server in a process of its own, letters, and a journal."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import traceback
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, select

from core.db import Database, new_id
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import claims, keys, outbox, quarantine, waiting
from notifications.channels import Channel, Sent
from notifications.channels.folder import FolderChannel
from notifications.channels.smtp import SmtpChannel, Tls
from notifications.delivery import Sweep
from notifications.journal import NAME, Journal
from notifications.lifecycle import Medium, Outcome, State
from notifications.messages import Message
from notifications.models import Notice
from notifications.recipients import Recipient
from notifications.results import Result
from tests.chaos.outbox_checker import Findings, check
from tests.conftest import NOON
from tests.engines import Engine, blank
from tests.notifications.samples import RECIPIENTS, SAMPLES

EMPLOYER = RECIPIENTS["employer"]
UNDER_WAY = (State.QUEUED, State.SENDING, State.TEMP_WAIT, State.UNKNOWN)
MEMORY = Path("/dev/shm")
ROUNDS = 60
"""Hours after which everything must have come to rest: two resends, and refusals that wait up to four."""


class MarksThenSends(Sweep):
    """A mutant: what dies between the two is lost."""

    def deliver(self, ids: Sequence[uuid.UUID]) -> float:
        """Record success, then try."""
        taken = self.claim(ids)
        self.record([Result(claim, Sent(Outcome.ACCEPTED)) for claim in taken])
        self.send(taken)
        return 0


class SendsThenClaims(Sweep):
    """A mutant: what dies between the two went out with no attempt on record."""

    def deliver(self, ids: Sequence[uuid.UUID]) -> float:
        """Send, then say so."""
        with reading(as_of=self.as_of, on=self.database) as uow:
            wanted = select(Notice).where(Notice.id.in_(ids), Notice.state == State.QUEUED)
            parcels = {notice.id: claims._parcel(notice) for notice in uow.session.scalars(wanted)}
        sent = {notice_id: self.channels[parcel.medium].send(parcel) for notice_id, parcel in parcels.items()}
        self.record([Result(claim, sent[claim.notice_id]) for claim in self.claim(list(sent))])
        return 0


@dataclass
class Ground:
    """Where the sweeps of one test work."""

    url: str
    folder: Path
    port: int
    kind: type[Sweep] = Sweep

    def __post_init__(self) -> None:
        self.database = Database(self.url)
        self.letters = self.folder / "letters"
        self.log = self.folder / "mails" / "log"
        self.journal = Journal(self.folder / "journal" / NAME)

    def channels(self) -> dict[Medium, Channel]:
        """The real ones."""
        mail = SmtpChannel("127.0.0.1", self.port, "disputes@union.test", tls=Tls.NONE, timeout=5)
        return {Medium.MAIL: mail, Medium.LETTER: FolderChannel(self.letters)}

    def sweep(self, now: datetime | None, limit: int = 500, channels: dict[Medium, Channel] | None = None) -> Sweep:
        """What `deliver_due` does, for a mutant too."""
        if quarantine.look(self.database, self.journal) is not None:
            raise AssertionError("nothing was restored")
        one = self.kind(self.database, channels or self.channels(), now, self.journal)
        one.recover()
        assert one.begins()
        one.run(one.due(limit))
        return one

    def finish(self, now: datetime) -> None:
        """Sweep hour by hour, as the worker would, until nothing waits any more."""
        for hour in range(1, ROUNDS):
            self.sweep(now + timedelta(hours=hour), 10_000)
            with reading(on=self.database) as uow:
                if not any(waiting.counts(uow)[state] for state in UNDER_WAY):
                    return

    def findings(self, notices: int) -> Findings:
        """What the checker says."""
        return check(self.url, self.log, self.letters, notices)

    def announced(self) -> set[tuple[str, str]]:
        """The sends that the journal tells of, by Message-ID and attempt."""
        lines = self.journal.path.read_text(encoding="utf-8").splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return {(line["message_id"], str(line["epoch"])) for line in told if line["event"] == "sending"}

    def queue(self, fill: Callable[[UnitOfWork], object], now: datetime = NOON) -> None:
        """Put notices in."""
        with unit_of_work("staff:test", as_of=now, on=self.database) as uow:
            fill(uow)

    def close(self) -> None:
        """Nobody is connected any more."""
        self.database.engine.dispose()


@contextmanager
def grounded(engine: Engine, folder: Path, seed: str = "0", kind: type[Sweep] = Sweep) -> Iterator[Ground]:
    """A ground on an empty database, with a mail server that has faults unless the seed is 0."""
    with engine.lent(blank(engine)) as url, serving(folder, seed) as port:
        ground = Ground(url, folder, port, kind)
        try:
            yield ground
        finally:
            ground.close()


@contextmanager
def serving(folder: Path, seed: str) -> Iterator[int]:
    """The mail server, on a free port; its log is `mails/log`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mails = folder / "mails"
    mails.mkdir()
    program = [sys.executable, str(Path(__file__).parent / "mail_sink.py"), str(port), str(mails), seed]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield port
        server.terminate()


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder in memory where there is one, for the kill tests sync much."""
    with TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)


def one(
    uow: UnitOfWork,
    key: str,
    *,
    sample: str = "ballot_result_members",
    medium: Medium = Medium.MAIL,
    to: Recipient = EMPLOYER,
    **more: object,
) -> Notice:
    """A notice that is queued, to `<key>@x.test`."""
    addressed = replace(to, key=f"employer:{key}", email=f"{key}@x.test")
    notice = outbox.prepare(
        uow,
        Message(sample, SAMPLES[sample]),
        addressed,
        medium=medium,
        subject_ref="case:1",
        **more,  # type: ignore[arg-type]
    )
    outbox.approve(uow, notice.id, "officer:approver")
    return outbox.queue(uow, notice.id)


def many(uow: UnitOfWork, count: int, medium: Medium) -> None:
    """So many notices like one that was rendered, each with a key, a Message-ID and an address of its own."""
    first = one(uow, f"clerk0-{medium}", medium=medium)
    uow.session.flush()
    columns = [column.key for column in Notice.__mapper__.column_attrs]
    same = {name: getattr(first, name) for name in columns}
    if medium is Medium.MAIL:
        # A refusal is final, and no letter is set in its place; text alone is quickly sent.
        first.recipient_postal, first.html, first.html_sha256 = [], None, None
        same |= {"recipient_postal": [], "html": None, "html_sha256": None}
    rows = []
    for number in range(1, count):
        key = keys.idem_key(first.subject_ref, first.kind, f"employer:clerk{number}", medium, first.content_version)
        own = {
            "id": new_id(),
            "idem_key": key,
            "message_id": keys.message_id(key),
            "recipient_key": f"employer:clerk{number}",
            "recipient_email": f"clerk{number}@x{number % 50}.test",
        }
        rows.append(same | own)
    uow.session.execute(insert(Notice), rows)


def in_child(work: Callable[[], object]) -> int:
    """Run in a forked process; the signal that killed it, or 0."""
    child = forked(work)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def forked(work: Callable[[], object]) -> int:
    """The id of a process that does the work and ends."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  the child must not return into pytest
            os.write(2, traceback.format_exc().encode())
            os._exit(70)
        os._exit(0)
    return child


def killed(child: int) -> bool:
    """Kill it; whether it was still at work."""
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def copied(source: Path, target: Path) -> None:
    """A folder as it stood, in place of what it became."""
    shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, target)
