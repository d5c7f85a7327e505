"""
The mailbox that bounces, reports and answers come to: a Maildir of this machine, or IMAP by the standard library.

Each mail is taken in a transaction of its own and then marked as seen; a mail that was taken and not marked is taken
again, which changes nothing. One that cannot be read is kept aside for a person, and the rest go on.
"""

from __future__ import annotations

import imaplib
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from core.away import database_is_away
from core.db import Database
from core.errors import BadInput, ServiceUnavailable
from core.logs import log
from core.settings import Settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import inbox
from notifications.inbox import ACTOR, Taken

MOST_AT_ONCE = 500
TRIES = 2
"""Of one mail: another transaction may have been in the way of the first."""
MOST_BYTES = 32 * 1024 * 1024
"""Of one mail; what is reported stands at its beginning."""
TIMEOUT_SECONDS = 30.0
After = Callable[[UnitOfWork, Taken], None]
"""What else is to be done in the transaction of a mail that was taken."""


NOT_FETCHED = "NotFetched"
"""The failure of a mail that a box names and does not hand out."""


class Box(Protocol):
    """Unread mails, by whatever key the box gives them."""

    def unread(self, most: int) -> Iterator[tuple[str, bytes | None]]:
        """Key and bytes of each mail that is not marked, oldest first; None for one that the box does not hand out."""
        ...

    def mark(self, key: str) -> None:
        """This mail was seen."""
        ...


@dataclass
class MailReport:
    """
    What one reading of the mailboxes did: how many mails of each kind, how many were kept aside, what failed.

    `to_the_end` says that no mail is left of which nobody knows what it says: silence shows receipt up to here.
    """

    counts: Counter[str] = field(default_factory=Counter)
    set_aside: int = 0
    failures: list[str] = field(default_factory=list)
    to_the_end: bool = True


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder with `new` and `cur`, as mail servers lay mail down; a mail is marked by the flag S."""

    folder: Path

    def unread(self, most: int) -> Iterator[tuple[str, bytes]]:
        """From `new`, and what in `cur` has no flag S: a mail program may have moved it there unread."""
        if not (self.folder / "new").is_dir():
            wanted = "a folder that holds `new` and `cur`"
            raise BadInput(field="maildir", found=str(self.folder), wanted=wanted)
        waiting = [path for path in (self.folder / "new").iterdir() if path.is_file()]
        if (self.folder / "cur").is_dir():
            waiting += [path for path in (self.folder / "cur").iterdir() if path.is_file() and not _is_seen(path)]
        for path in sorted(waiting, key=lambda each: each.name)[:most]:
            with path.open("rb") as file:
                yield str(path.relative_to(self.folder)), file.read(MOST_BYTES)

    def mark(self, key: str) -> None:
        """Move it to `cur` with the flag S."""
        path = self.folder / key
        (self.folder / "cur").mkdir(exist_ok=True)
        name, _, flags = path.name.partition(":2,")
        path.rename(self.folder / "cur" / f"{name}:2,{''.join(sorted({*flags, 'S'}))}")


@dataclass(frozen=True, slots=True)
class Imap:
    """One folder of an IMAP server; a mail is marked by the flag \\Seen."""

    connection: imaplib.IMAP4

    def unread(self, most: int) -> Iterator[tuple[str, bytes | None]]:
        """Asked for by UID, and fetched without marking."""
        said, found = self.connection.uid("SEARCH", "UNSEEN")
        if said != "OK":
            raise imaplib.IMAP4.error("SEARCH")
        for uid in (found[0] or b"").split()[:most]:
            _, parts = self.connection.uid("FETCH", uid.decode("ascii"), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
            yield uid.decode("ascii"), next((part[1] for part in parts if isinstance(part, tuple)), None)

    def mark(self, key: str) -> None:
        """Set the flag \\Seen."""
        self.connection.uid("STORE", key, "+FLAGS", "(\\Seen)")


def is_read(configured: Settings) -> bool:
    """Whether any mailbox is named in the settings."""
    return bool(configured.imap_host or configured.maildir)


def read_mailboxes(
    database: Database, configured: Settings, *, as_of: datetime | None = None, after: After | None = None
) -> MailReport:
    """Take every unread mail of the mailboxes that the settings name."""
    report = MailReport()
    if configured.maildir is not None:
        read_box(database, Maildir(configured.maildir), report, as_of=as_of, after=after)
    if configured.imap_host:
        with connected(configured) as box:
            read_box(database, box, report, as_of=as_of, after=after)
    with reading(as_of=as_of, on=database) as uow:
        report.to_the_end = report.to_the_end and not inbox.any_unreadable(uow)
    return report


def read_box(
    database: Database, box: Box, report: MailReport, *, as_of: datetime | None = None, after: After | None = None
) -> None:
    """Take every unread mail of one box, at most `MOST_AT_ONCE`. Raises what the box raises, and a lost database."""
    for number, (key, content) in enumerate(box.unread(MOST_AT_ONCE), start=1):
        report.to_the_end = report.to_the_end and number < MOST_AT_ONCE
        if content is None:
            report.failures.append(NOT_FETCHED)
            report.to_the_end = False
            continue
        _take_one(database, content, report, as_of, after)
        box.mark(key)


def _take_one(
    database: Database, content: bytes, report: MailReport, as_of: datetime | None, after: After | None
) -> None:
    """Take one mail, or keep it aside: at once where it is no mail, after a second try where it broke the reading."""
    for tries_left in reversed(range(TRIES)):
        try:
            report.counts[_taken(database, content, as_of, after)] += 1
        except Exception as error:
            if database_is_away(error):
                raise
            if tries_left and not isinstance(error, BadInput):
                continue
            log().error("mail set aside", error=type(error).__name__)
            report.failures.append(type(error).__name__)
            with unit_of_work(ACTOR, as_of=as_of, on=database) as uow:
                inbox.set_aside(uow, content)
            report.set_aside += 1
        return


def _taken(database: Database, content: bytes, as_of: datetime | None, after: After | None) -> str:
    with unit_of_work(ACTOR, as_of=as_of, on=database) as uow:
        taken = inbox.take(uow, content)
        if after is not None:
            after(uow, taken)
        return taken.reading.value


@contextmanager
def connected(configured: Settings) -> Iterator[Imap]:
    """The folder of the settings, open. Raises `ServiceUnavailable` naming the server, never the user."""
    host, port = configured.imap_host, configured.imap_port
    try:
        with _connection(configured) as connection:
            connection.login(configured.imap_username, configured.imap_password.get_secret_value())
            kind, _ = connection.select(configured.imap_folder)
            if kind != "OK":
                raise ServiceUnavailable(f"The mailbox at {host}:{port} has no folder {configured.imap_folder}.")
            yield Imap(connection)
    except (imaplib.IMAP4.error, OSError) as error:
        raise ServiceUnavailable(f"The mailbox at {host}:{port} cannot be read: {type(error).__name__}.") from None


def _connection(configured: Settings) -> AbstractContextManager[imaplib.IMAP4]:
    host, port, context = configured.imap_host, configured.imap_port, ssl.create_default_context()
    if not configured.imap_starttls:
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT_SECONDS)
    connection = imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
    connection.starttls(context)
    return connection


def _is_seen(path: Path) -> bool:
    return "S" in path.name.partition(":2,")[2]
