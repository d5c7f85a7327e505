"""
Notices rendered and handed over, against bare Jinja2 and smtplib on the same mails to the same server.

The notice is the result of a ballot to a member: a mail of text and its laid-out form, no PDF. Ours renders each,
freezes, chains its history, commits it, and delivers what is due in chunks of 500 as the flow does: an attempt on
record and a line in the journal before each hand-over, the result after it. The bare program has its facts spelled out
beforehand; it renders the same templates, builds each mail with the standard library and sends it over one connection.
The server is a process of its own that syncs a line for every mail before it answers.
"""

from __future__ import annotations

import smtplib
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import event

from bench.frame import Line, Run, by_turns, median, seconds, spread
from bench.ground import Ground
from core.db import Database
from core.settings import settings
from core.unit_of_work import unit_of_work
from notifications import crowd, outbox, rendering
from notifications.channels import Channel, smtp_session
from notifications.channels.smtp import SmtpChannel, Tls
from notifications.crowd import Addressed
from notifications.delivery import deliver_due
from notifications.journal import Journal, Pen
from notifications.layout import runs_of
from notifications.lifecycle import Medium
from notifications.messages import TEMPLATES, Message, message_kind
from notifications.recipients import Recipient
from notifications.rendering import LAYOUT, Page
from notifications.watch import Watch
from tests.chaos.outbox_ground import serving
from tests.conftest import NOON
from tests.notifications.samples import SAMPLES

KIND = "ballot_result_members"
MAILS = 5_000
CHUNK = 500
LIMIT = 0.7
BARE, OURS = "bare", "ours"
SENDER = "disputes@union.test"


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server of this figure."""

    port: int
    log: Path

    @property
    def channel(self) -> Channel:
        """To it."""
        return SmtpChannel("127.0.0.1", self.port, SENDER, tls=Tls.NONE)

    def taken(self) -> int:
        """How many mails it took so far."""
        with self.log.open("rb") as lines:
            return sum(1 for _ in lines)


def figures(run: Run, grounds: list[Ground]) -> Iterator[Line]:
    """On each database: the ratio, then what bounds ours."""
    count = run.size(MAILS)
    people = [
        Recipient(f"member:{each}", f"Kim Sample {each}", f"kim{each}@x{each % 50}.test") for each in range(count)
    ]
    with tempfile.TemporaryDirectory(prefix="mandate-bench-mail-") as folder, serving(Path(folder), "0") as port:
        server = Server(port, Path(folder) / "mails" / "log")
        spelled = [facts_of(each) for each in people]
        for ground in grounds:
            template = ground.prepared(lambda _uow: None)
            times = by_turns(
                {
                    BARE: lambda _: checked(server, count, lambda: bare(server, spelled)),
                    OURS: lambda _, ground=ground, template=template: in_fresh(ground, template, server, people),  # type: ignore[misc]
                },
                run.repeats,
            )
            words = f"{spread(times[OURS], count)} a notice; bare {spread(times[BARE], count)}"
            ratio = median(times[BARE]) / median(times[OURS])
            figure = f"delivery of {count:,} notices, {ground.name}"
            yield Line(figure, "speed against bare Jinja2 + smtplib", words, ratio, "x", LIMIT, at_least=True)
            yield bounds(figure, ground, template, server, people)


def in_fresh(ground: Ground, template: str, server: Server, people: list[Recipient]) -> float:
    """Seconds for all of them on a fresh database."""
    with ground.fresh(template) as database:
        journal = Journal(Path(tempfile.mkdtemp(dir=ground.folder)) / "journal.jsonl")
        return checked(server, len(people), lambda: ours(database, journal, server.channel, people))


def checked(server: Server, count: int, work: Callable[[], object]) -> float:
    """Seconds of a work that must have brought so many mails to the server."""
    before = server.taken()
    took = seconds(work)
    if server.taken() - before != count:
        raise RuntimeError(f"{count} mails were wanted, the server took {server.taken() - before}")
    return took


def ours(database: Database, journal: Journal, channel: Channel, people: list[Recipient]) -> None:
    """Render, freeze and queue; then deliver until nothing is due."""
    message = Message(KIND, SAMPLES[KIND])
    for start in range(0, len(people), CHUNK):
        with unit_of_work("staff:bench", on=database) as uow:
            copies = [Addressed(message, each, Medium.MAIL) for each in people[start : start + CHUNK]]
            crowd.enqueue_all(uow, copies, subject_ref="ballot:1")
    while deliver_due(database, {Medium.MAIL: channel}, limit=CHUNK, journal=journal).due:
        pass


def facts_of(person: Recipient) -> tuple[Recipient, dict[str, Any], Any]:
    """What the templates are given, spelled out, and the runs of the laid-out form."""
    kind = message_kind(KIND)
    page = Page(kind, kind.check(SAMPLES[KIND]), {}, person, NOON.date())
    return person, page.context(), runs_of(rendering.render(page, Medium.MAIL).body.decode())


def bare(server: Server, spelled: list[tuple[Recipient, dict[str, Any], Any]]) -> None:
    """Render and send, one connection."""
    texts, pages = (plain_environment(laid_out=laid_out) for laid_out in (False, True))
    subject, body = (texts.get_template(f"{KIND}/{name}.txt.j2") for name in ("subject", "body"))
    layout = pages.get_template(LAYOUT)
    with smtplib.SMTP("127.0.0.1", server.port) as relay:
        for number, (person, context, runs) in enumerate(spelled):
            mail = EmailMessage()
            mail["From"], mail["To"] = f"{settings().union_name} <{SENDER}>", f"{person.name} <{person.email}>"
            mail["Subject"] = subject.render(context).strip()
            mail["Message-ID"], mail["X-Attempt"] = f"<{number}.{time.monotonic_ns()}@union.test>", "1"
            mail.set_content(body.render(context))
            mail.add_alternative(layout.render(context, title=mail["Subject"], runs=runs), subtype="html")
            relay.send_message(mail)


def plain_environment(*, laid_out: bool) -> Environment:
    """Jinja2 without a sandbox."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=laid_out,  # noqa: S701  the text of a mail is no HTML
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = rendering.number
    return environment


def bounds(figure: str, ground: Ground, template: str, server: Server, people: list[Recipient]) -> Line:
    """Where the time of one run of ours goes."""
    spent: dict[str, float] = defaultdict(float)
    with ground.fresh(template) as database, watched(database, spent):
        journal = Journal(Path(tempfile.mkdtemp(dir=ground.folder)) / "journal.jsonl")
        whole = checked(server, len(people), lambda: ours(database, journal, server.channel, people))
    shares = {name: value / whole for name, value in sorted(spent.items(), key=lambda each: -each[1])}
    shares["the rest (SQLAlchemy, history, seals)"] = 1 - sum(shares.values())
    words = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    return Line(figure, "what bounds it: shares of one run", words, whole, "s")


PARTS: Mapping[str, tuple[tuple[Any, str], ...]] = {
    "rendering": ((outbox, "render"),),
    "building the mail": ((smtp_session, "envelope"), (EmailMessage, "as_bytes")),
    "SMTP": tuple((smtplib.SMTP, name) for name in ("connect", "ehlo", "mail", "rcpt", "data", "rset", "quit")),
    "journal": ((Journal, "write_all"), (Pen, "write"), (Pen, "sync")),
    "asking whether it is still wanted": ((Watch, "stop"),),
}


@contextmanager
def watched(database: Database, spent: dict[str, float]) -> Iterator[None]:
    """Add up what the parts take."""
    with ExitStack() as stack:
        for name, functions in PARTS.items():
            for owner, function in functions:
                stack.enter_context(timed(owner, function, spent, name))
        stack.enter_context(timed(database.engine.dialect, "do_commit", spent, "commits"))
        begun: list[float] = []
        event.listen(database.engine, "before_cursor_execute", lambda *_: begun.append(time.perf_counter()))

        def executed(*_: Any) -> None:
            spent["statements"] += time.perf_counter() - begun.pop()

        event.listen(database.engine, "after_cursor_execute", executed)
        yield


@contextmanager
def timed(owner: Any, name: str, spent: dict[str, float], part: str) -> Iterator[None]:
    """One function, with the time it takes added to a part."""
    real = getattr(owner, name)

    def measured(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return real(*given, **named)
        finally:
            spent[part] += time.perf_counter() - began

    setattr(owner, name, measured)
    try:
        yield
    finally:
        setattr(owner, name, real)
