"""
The mailbox that bounces, reports and answers come to: a Maildir of this machine, or IMAP by the standard library.

Each mail is taken in a transaction of its own and then marked as seen; a mail that was taken and not marked is taken
again, which changes nothing. One that cannot be read is kept aside for a person, and the rest go on.

Of an IMAP folder the database remembers how far it was read, so that a mail which a person opened there first is taken
all the same; a database that was restored remembers less, and more is read.
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

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from core.away import database_is_away
from core.db import Base, Database
from core.errors import BadInput, ServiceUnavailable
from core.logs import log
from core.settings import Settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import inbox
from notifications.inbox import ACTOR, Taken
from notifications.rendering import sha256

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


class MailboxMark(Base):
    """
    Up to which UID the mails of an IMAP folder were taken. UIDs mean something as long as its `validity` is the same.

    `mailbox` is the digest of server, user and folder.
    """

    __tablename__ = "mailbox_marks"

    mailbox: Mapped[str] = mapped_column(String(64), primary_key=True)
    validity: Mapped[int] = mapped_column(BigInteger)
    upto: Mapped[int] = mapped_column(BigInteger)
    marked_at: Mapped[datetime]


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


@dataclass(slots=True)
class Imap:
    """
    One folder of an IMAP server; a mail is marked by the flag \\Seen.

    `validity` and `upto` are what the server said when the folder was opened: its UIDVALIDITY and the highest UID there
    could be. `since` is the UID up to which it was read before, `reached` that of this reading; None: nobody knows.
    """

    connection: imaplib.IMAP4
    validity: int | None = None
    upto: int | None = None
    since: int | None = None
    reached: int | None = None

    def unread(self, most: int) -> Iterator[tuple[str, bytes | None]]:
        """What has no flag, and what came since the last reading whatever flag it has; fetched without marking."""
        unseen = self._search("UNSEEN")
        opened: set[int] = set()
        if self.since is not None:
            # A range that ends in * has the last mail in it, however low its number is.
            opened = {uid for uid in self._search("UID", f"{self.since + 1}:*") if uid > self.since} - unseen
        uids = [*sorted(unseen), *sorted(opened)]
        withheld: list[int] = []
        for uid in uids[:most]:
            _, parts = self.connection.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
            content = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if content is None:
                withheld.append(uid)
            yield str(uid), content
        end = self.upto
        if len(uids) > most:
            end = uids[most - 1] if len(unseen) < most else self.since
        self.reached = self._before(withheld, end)

    def _before(self, withheld: list[int], end: int | None) -> int | None:
        """The end, or where it comes first what stands before a mail that is still to be had; never back."""
        if end is None:
            return self.since
        return max(min([end, *(uid - 1 for uid in withheld)]), self.since or 0)

    def _search(self, *wanted: str) -> set[int]:
        said, found = self.connection.uid("SEARCH", *wanted)
        if said != "OK":
            raise imaplib.IMAP4.error("SEARCH")
        return {int(uid) for uid in (found[0] or b"").split()}

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
            _read_folder(database, _name_of(configured), box, report, as_of, after)
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


def _read_folder(
    database: Database, name: str, box: Imap, report: MailReport, as_of: datetime | None, after: After | None
) -> None:
    """Read a folder on from its mark, and mark how far it was read."""
    with reading(as_of=as_of, on=database) as uow:
        mark = uow.session.get(MailboxMark, name)
        box.since = mark.upto if mark is not None and mark.validity == box.validity else None
    read_box(database, box, report, as_of=as_of, after=after)
    if box.validity is not None and box.reached is not None and box.reached != box.since:
        with unit_of_work(ACTOR, as_of=as_of, on=database) as uow:
            row = MailboxMark(mailbox=name, validity=box.validity, upto=box.reached, marked_at=uow.now)
            uow.session.merge(row)


def _name_of(configured: Settings) -> str:
    named = (configured.imap_host, configured.imap_username, configured.imap_folder)
    return sha256("\n".join(named).encode())


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
            newest = _number(connection, "UIDNEXT")
            yield Imap(connection, _number(connection, "UIDVALIDITY"), None if newest is None else newest - 1)
    except (imaplib.IMAP4.error, OSError) as error:
        raise ServiceUnavailable(f"The mailbox at {host}:{port} cannot be read: {type(error).__name__}.") from None


def _number(connection: imaplib.IMAP4, name: str) -> int | None:
    """A number that the server said of the folder it opened; None where it did not."""
    _, said = connection.response(name)
    return int(said[-1]) if said and said[-1] else None


def _connection(configured: Settings) -> AbstractContextManager[imaplib.IMAP4]:
    host, port, context = configured.imap_host, configured.imap_port, ssl.create_default_context()
    if not configured.imap_starttls:
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT_SECONDS)
    connection = imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
    connection.starttls(context)
    return connection


def _is_seen(path: Path) -> bool:
    return "S" in path.name.partition(":2,")[2]
