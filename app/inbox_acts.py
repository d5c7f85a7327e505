"""The one way to take in a mail that came back, for form, API and command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ballots.doubts import look_at_cases_of
from core.errors import BadInput
from core.unit_of_work import UnitOfWork
from notifications import inbox, mailbox
from notifications.inbox import Taken
from notifications.mail_reports import is_mail

MOST_BYTES = mailbox.MOST_BYTES
WANTED = "a mail as it came, with its header lines, saved as a .eml file"


def taken(uow: UnitOfWork, content: bytes, name: str = "") -> Taken:
    """
    Take one mail; the cases it concerns are looked at again.

    Raises `BadInput` for a file, called `name`, that is empty or no mail.
    """
    if not is_mail(content):
        is_ = "is not a mail" if content.strip() else "is empty"
        raise BadInput(field="mail", found=f"{name or 'a file'}, which {is_}", wanted=WANTED)
    found = inbox.take(uow, content)
    if found.notice is not None:
        look_at_cases_of(uow, found.notice)
    return found


def mails_in(path: Path) -> Iterator[tuple[str, bytes]]:
    """The mail in a file, or each in a Maildir, unread ones only. `BadInput` for a path that is neither."""
    if path.is_dir():
        yield from mailbox.Maildir(path).unread(mailbox.MOST_AT_ONCE)
    elif path.is_file():
        with path.open("rb") as file:
            yield path.name, file.read(MOST_BYTES)
    else:
        raise BadInput(field="FILE", found=str(path), wanted="a file that holds a mail, or a Maildir")
