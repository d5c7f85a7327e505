"""
Eight thousand employers and what becomes of a notice at each: drawn by a seed, and the mails their servers write.

Three in a hundred bounce, before or after the relay took the mail, some of them days later; two have a full mailbox;
one gets letters of which nothing is ever heard but that they were posted. Of the others some acknowledge by the link,
some answer or are away, and most say nothing at all.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import TypeVar

Chosen = TypeVar("Chosen")
WAVES = (
    datetime(2026, 8, 17, 9, tzinfo=UTC),
    datetime(2026, 8, 17, 13, tzinfo=UTC),
    datetime(2026, 8, 18, 9, tzinfo=UTC),
)
"""When notices are let go: the second while the relay is away, the third while the sender is killed."""
LAST_DAYS = (date(2026, 8, 31), date(2026, 8, 26), date(2026, 8, 24), date(2026, 8, 22), date(2026, 8, 21))
"""Last days of receipt: a bank holiday, three working days, a Saturday."""
SHARES_OF_DAYS = (0.35, 0.65, 0.9, 0.95, 1.0)
SHARES_OF_WAVES = (0.4, 0.8, 1.0)


class Fate(StrEnum):
    """What becomes of the mail to an employer."""

    GONE = "gone"
    BOUNCES = "bounces"
    BOUNCES_LATE = "bounces_late"
    BOUNCES_TOO_LATE = "bounces_too_late"
    FULL = "full"
    FULL_IN_THE_END = "full_in_the_end"
    POSTED_ONLY = "posted_only"
    NO_MAIL = "no_mail"
    CLICKS = "clicks"
    DELIVERED = "delivered"
    AWAY = "away"
    ANSWERS = "answers"
    SILENT = "silent"


SHARES: tuple[tuple[float, Fate], ...] = (
    (0.010, Fate.GONE),
    (0.022, Fate.BOUNCES),
    (0.027, Fate.BOUNCES_LATE),
    (0.030, Fate.BOUNCES_TOO_LATE),
    (0.040, Fate.FULL),
    (0.050, Fate.FULL_IN_THE_END),
    (0.060, Fate.POSTED_ONLY),
    (0.100, Fate.NO_MAIL),
    (0.550, Fate.CLICKS),
    (0.580, Fate.DELIVERED),
    (0.620, Fate.AWAY),
    (0.640, Fate.ANSWERS),
    (1.000, Fate.SILENT),
)
"""Up to which draw each fate goes."""
BEGINNINGS = {Fate.GONE: "gone", Fate.FULL: "full"}
"""Of the addresses that the relay itself refuses."""


@dataclass(frozen=True, slots=True)
class Employer:
    """One of them. `both_ways`: letter and mail at once. `is_scanned`: a program opens its links."""

    number: int
    fate: Fate
    wave: int
    last_day: date
    both_ways: bool
    has_postal: bool
    is_scanned: bool
    luck: float

    @property
    def key(self) -> str:
        """As the notice names it."""
        return f"employer:{self.number}"

    @property
    def name(self) -> str:
        """Different from every other one."""
        return f"Employer {self.number:05} Trust"

    @property
    def email(self) -> str | None:
        """None where letters alone go."""
        if self.fate in (Fate.POSTED_ONLY, Fate.NO_MAIL):
            return None
        return f"{BEGINNINGS.get(self.fate, 'clerk')}{self.number}@e{self.number % 97}.test"


def employer(seed: str, number: int) -> Employer:
    """The same for the same seed."""
    drawn = random.Random(f"{seed}/{number}")
    fate = _up_to(drawn.random(), SHARES)
    wave = _up_to(drawn.random(), tuple((share, wave) for wave, share in enumerate(SHARES_OF_WAVES)))
    last_day = _up_to(drawn.random(), tuple(zip(SHARES_OF_DAYS, LAST_DAYS, strict=True)))
    both_ways, has_postal = drawn.random() < 0.05, drawn.random() < 0.96
    by_letter_only = fate in (Fate.POSTED_ONLY, Fate.NO_MAIL)
    return Employer(
        number, fate, wave, last_day, both_ways, has_postal or by_letter_only, drawn.random() < 0.1, drawn.random()
    )


def _up_to(drawn: float, shares: tuple[tuple[float, Chosen], ...]) -> Chosen:
    return next(chosen for share, chosen in shares if drawn < share)


@dataclass(frozen=True, slots=True)
class Mail:
    """What a server or a person sends back, and when. `says` is failed, delayed, delivered, away or answer."""

    at: datetime
    says: str


def replies(who: Employer, taken_at: datetime) -> list[Mail]:
    """The mails that come back after the relay took one."""
    hours = timedelta(hours=1)
    by_fate = {
        Fate.BOUNCES: [Mail(taken_at + who.luck * 6 * hours, "failed")],
        Fate.BOUNCES_LATE: [Mail(taken_at + (74 + 30 * who.luck) * hours, "failed")],
        Fate.BOUNCES_TOO_LATE: [
            Mail(
                datetime(who.last_day.year, who.last_day.month, who.last_day.day, 23, 30, tzinfo=UTC)
                + who.luck * 20 * hours,
                "failed",
            )
        ],
        Fate.FULL_IN_THE_END: [
            Mail(taken_at + 4 * hours, "delayed"),
            Mail(taken_at + (48 + 22 * who.luck) * hours, "failed"),
        ],
        Fate.DELIVERED: [Mail(taken_at + who.luck * hours, "delivered")],
        Fate.AWAY: [Mail(taken_at + who.luck * hours, "away")],
        Fate.ANSWERS: [Mail(taken_at + (1 + 40 * who.luck) * hours, "answer")],
    }
    return by_fate.get(who.fate, [])


def mail_of(says: str, line: dict[str, str], at: datetime, own: str) -> bytes:
    """The bytes of a mail about the one in that line of the relay's log."""
    if says == "away":
        return _words(line, at, own, "Out of office", "I am away until September.", "Auto-Submitted: auto-replied\r\n")
    if says == "answer":
        return _words(line, at, own, "Re: Notice", "Thank you for your letter.", "")
    return _report(says, line, at, own)


def _words(line: dict[str, str], at: datetime, own: str, subject: str, words: str, more: str) -> bytes:
    return (
        f"From: {line['to']}\r\nTo: {line['sender']}\r\nSubject: {subject}\r\nDate: {format_datetime(at)}\r\n"
        f"Message-ID: <{own}@school.test>\r\nIn-Reply-To: {line['message_id']}\r\n{more}\r\n{words}\r\n"
    ).encode()


def _report(says: str, line: dict[str, str], at: datetime, own: str) -> bytes:
    """RFC 3464; every second server quotes the headers of our mail, the others nothing of it."""
    status = {"failed": "5.1.1", "delayed": "4.2.2", "delivered": "2.0.0"}[says]
    quoted = (
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {line['message_id']}\r\nSubject: Notice\r\n\r\n"
    )
    return (
        f"From: MAILER-DAEMON@relay.test\r\nTo: {line['sender']}\r\nSubject: Delivery Status Notification\r\n"
        f"Date: {format_datetime(at)}\r\nMessage-ID: <{own}@relay.test>\r\nAuto-Submitted: auto-replied\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is about your mail.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.test\r\n\r\n"
        f"Final-Recipient: rfc822; {line['to']}\r\nAction: {says}\r\nStatus: {status}\r\n\r\n"
        f"{quoted if len(own) % 2 else ''}--b--\r\n"
    ).encode()
