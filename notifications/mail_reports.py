"""
Reading a mail that came back: what it reports, of which notice, for which address. Pure; decides nothing.

A report of delivery is multipart/report (RFC 3464; RFC 6533 for addresses beyond ASCII), a read receipt RFC 8098, an
automatic reply RFC 3834. Some servers bounce in words of their own; these are read only where a mail server speaks and
quotes our Message-ID. What cannot be told apart is `unclear` and left to a person.
"""

from __future__ import annotations

import base64
import binascii
import email
import quopri
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from enum import StrEnum
from types import MappingProxyType

from core.errors import BadInput

LONGEST_READ = 2 * 1024 * 1024
"""Bytes of a mail that are read: what is reported stands before the mail that is quoted."""
LONGEST_BEGINNING = 64 * 1024
HEADERS = frozenset({"from", "to", "date", "subject", "message-id", "received", "return-path"})
"""Lines at the head of a mail; a mail has some of them, and what is no mail has none."""
DEEPEST = 40
MOST_REFERENCES = 50


class Reading(StrEnum):
    """
    What an incoming mail turned out to be. The worst comes first: it counts where one mail says several things.

    What keeps silence from showing receipt is worse than what a person has to read, and only `delivered` shows receipt.
    """

    BOUNCED = "bounced"
    DELAYED = "delayed"
    UNCLEAR = "unclear"
    AUTOMATIC_REPLY = "automatic_reply"
    READ_RECEIPT = "read_receipt"
    REPLY = "reply"
    DELIVERED = "delivered"
    UNMATCHED = "unmatched"
    UNREADABLE = "unreadable"
    SEEN_BEFORE = "seen_before"


ACTIONS: Mapping[str, Reading] = MappingProxyType(
    {
        "failed": Reading.BOUNCED,
        "delivered": Reading.DELIVERED,
        "relayed": Reading.AUTOMATIC_REPLY,
        "expanded": Reading.AUTOMATIC_REPLY,
        "delayed": Reading.DELAYED,
    }
)
"""RFC 3464, 2.3.3. `relayed` and `expanded` promise nothing about the mailbox: class C."""

STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
QUOTED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
RECEIPT = "message/disposition-notification"
DAEMONS = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "mailer_daemon", "mdaemon"})
AUTOMATIC = frozenset({"auto_reply", "bulk", "junk"})
AUTOMATIC_SUBJECT = re.compile(
    r"(automatic reply|auto(matic)?[ -]?response|out of (the )?office|abwesenheits|automatische antwort"
    r"|réponse automatique|ateb awtomatig|allan o'r swyddfa)",
    re.IGNORECASE,
)
COPY_BEGINS = re.compile(
    r"^-{2,} *(below this line is a copy|this is a copy of|original message|transcript of|returned message|"
    r"unsent message|start of (returned|forwarded) message|header of the original)",
    re.IGNORECASE | re.MULTILINE,
)
STILL_TRYING = re.compile(
    r"(has not yet been delivered|will (be retried|keep trying|continue to try|retry)|still (trying|being retried)|"
    r"delivery (is |has been )?(delayed|delay)|could not send message for past|no action is required on your part|"
    r"this is a warning message only|wird weiter versucht|sera de nouveau tentée)",
    re.IGNORECASE,
)
GIVEN_UP = re.compile(
    r"(permanent|fatal|could not be delivered|giv(en|ing) up|undeliver|not be delivered|delivery (has )?failed|"
    r"wasn't able to deliver|unable to deliver|user unknown|no such user|mailbox unavailable|endgültig|"
    r"n'a pas (pu être|été) (remis|distribué))",
    re.IGNORECASE,
)
MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
QUOTED_ID = re.compile(r"^[ \t>]*message-id:\s*(<[^<>\s]{3,300}>)", re.IGNORECASE | re.MULTILINE)
A_WORD = re.compile(r"[^\s<>,;:\"()\[\]]+")
BLOCK_END = re.compile(r"\r?\n[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Report:
    """
    What a mail says. `own_id` and `said_at` are its own Message-ID and Date; `quoted_ids` are the Message-IDs it speaks
    of, `readings` what it says of each address, in lower case; `otherwise` what it says where it names no address.
    `to` are the addresses it was sent to, one of which may be a return path.
    """

    own_id: str | None
    said_at: datetime | None
    quoted_ids: tuple[str, ...]
    to: tuple[str, ...]
    otherwise: Reading
    readings: Mapping[str, Reading] = field(default_factory=dict)

    def of(self, address: str) -> Reading:
        """What it says of an address."""
        return self.readings.get(address.lower(), self.otherwise)

    @property
    def at_worst(self) -> Reading:
        """The worst it says of any address, for a mail of ours that went to one only."""
        return min(self.readings.values(), key=list(Reading).index, default=self.otherwise)


def is_mail(content: bytes) -> bool:
    """Whether bytes begin as a mail does, with header lines among which are some that every mail has."""
    begins = content[:LONGEST_BEGINNING].removeprefix(b"\xef\xbb\xbf").lstrip()
    found = {name.lower() for name in BytesHeaderParser().parsebytes(begins).keys()}  # noqa: SIM118 - not a mapping
    return not found.isdisjoint(HEADERS)


def read_report(content: bytes) -> Report:
    """Read a mail. Raises `BadInput` for one that no mail program could read."""
    try:
        mail = email.message_from_bytes(content[:LONGEST_READ])
        parts = list(_parts(mail, 0))
        return _report(mail, parts)
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError) as error:
        found = f"{len(content)} bytes that end in {type(error).__name__}"
        raise BadInput(field="mail", found=found, wanted="a mail (RFC 5322)") from error


def _report(mail: Message, parts: Sequence[Message]) -> Report:
    otherwise, readings = _said(mail, parts)
    own = _header(mail, "Message-ID")
    return Report(own or None, _date(mail), _quoted_ids(mail, parts), _sent_to(mail), otherwise, readings)


def _said(mail: Message, parts: Sequence[Message]) -> tuple[Reading, Mapping[str, Reading]]:
    """What a mail says of addresses it does not name, and of those it names."""
    by_address = _by_address(parts)
    if by_address:
        return Reading.UNMATCHED, by_address
    if any(part.get_content_type() == RECEIPT for part in parts):
        return Reading.READ_RECEIPT, {}
    if _is_automatic(mail):
        return Reading.AUTOMATIC_REPLY, {}
    if _speaks_a_server(mail):
        return _in_words(mail, parts)
    is_reply = bool(_header(mail, "In-Reply-To") or _header(mail, "References"))
    return (Reading.REPLY if is_reply else Reading.UNMATCHED), {}


def _parts(mail: Message, depth: int) -> Iterator[Message]:
    """A mail's parts, not those of a mail that it quotes or forwards: a bounce handed on by somebody is no bounce."""
    if depth > DEEPEST:
        return
    yield mail
    if mail.get_content_maintype() == "multipart" and isinstance(mail.get_payload(), list):
        for part in mail.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _by_address(parts: Sequence[Message]) -> dict[str, Reading]:
    found: dict[str, Reading] = {}
    order = list(Reading)
    for block in (block for part in parts for block in _blocks(part)):
        action = re.sub(r"\(.*?\)", "", _header(block, "Action")).strip().lower()
        reading = ACTIONS.get(action, Reading.UNCLEAR)
        for name in ("Final-Recipient", "Original-Recipient", "X-Actual-Recipient"):
            for address in _addresses(_header(block, name)):
                found[address] = min(found.get(address, reading), reading, key=order.index)
    return found


def _blocks(part: Message) -> Iterator[Message]:
    """The blocks of a delivery status that speak of a recipient."""
    if part.get_content_type() in STATUS:
        for text in BLOCK_END.split(_text_within(part)):
            block = email.message_from_string(text.strip("\r\n") + "\n\n")
            if block["Action"]:
                yield block


def _text_within(part: Message) -> str:
    """The text of a part that the parser may have taken for mails, its transfer encoding undone."""
    payload = part.get_payload()
    text = (
        "\n\n".join(_as_text(each) for each in payload if isinstance(each, Message))
        if isinstance(payload, list)
        else str(payload)
    )
    encoding = _header(part, "Content-Transfer-Encoding").lower()
    try:
        if encoding == "base64":
            return base64.b64decode("".join(text.split())).decode("utf-8", "replace")
        if encoding == "quoted-printable":
            return quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text
    return text


def _as_text(mail: Message) -> str:
    fields = "\n".join(f"{name}: {value}" for name, value in mail.raw_items())
    payload = mail.get_payload()
    return f"{fields}\n\n{payload}" if isinstance(payload, str) else fields


def _quoted_ids(mail: Message, parts: Sequence[Message]) -> tuple[str, ...]:
    """The Message-IDs a mail speaks of: of the mail it returns, that it was read, or that it answers."""
    found: list[str] = []
    for part in parts:
        kind = part.get_content_type()
        if kind in QUOTED and part is not mail:
            found += QUOTED_ID.findall(_text_within(part))[:1]
        elif kind == RECEIPT:
            found += _ids(_field_of(_text_within(part), "Original-Message-ID"))
    found += _ids(_header(mail, "In-Reply-To"))
    found += _ids(_header(mail, "References"))[-MOST_REFERENCES:]
    if not found and _speaks_a_server(mail):
        found += QUOTED_ID.findall(_words(parts))
    return tuple(dict.fromkeys(found))


def _field_of(text: str, name: str) -> str:
    match = re.search(rf"^{name}:\s*(.+)$", text, re.IGNORECASE | re.MULTILINE)
    return match.group(1) if match else ""


def _in_words(mail: Message, parts: Sequence[Message]) -> tuple[Reading, Mapping[str, Reading]]:
    """A bounce in a server's own words: what it says above the copy of our mail, of the addresses it names there."""
    words = _words(parts)
    above = COPY_BEGINS.split(words, maxsplit=1)[0]
    gave_up, tries = GIVEN_UP.search(above), STILL_TRYING.search(above)
    reading = Reading.DELAYED if tries else Reading.BOUNCED if gave_up else Reading.UNCLEAR
    named = {*_addresses(_header(mail, "X-Failed-Recipients")), *_addresses(above)}
    return Reading.UNCLEAR, dict.fromkeys(sorted(named), reading)


def _words(parts: Sequence[Message]) -> str:
    return "\n".join(_decoded(part) for part in parts if part.get_content_maintype() == "text")


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return str(part.get_payload())
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("latin-1")


def _is_automatic(mail: Message) -> bool:
    """RFC 3834, and what programs that do not know it put instead."""
    if _speaks_a_server(mail):
        return False
    submitted = _header(mail, "Auto-Submitted").lower().partition(";")[0].strip()
    if submitted not in {"", "no"} or _header(mail, "Precedence").lower() in AUTOMATIC:
        return True
    if any(mail[name] for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply")):
        return True
    return AUTOMATIC_SUBJECT.match(_header(mail, "Subject").removeprefix("Re: ")) is not None


def _speaks_a_server(mail: Message) -> bool:
    sender = parseaddr(_header(mail, "From"))[1].lower()
    return sender.partition("@")[0] in DAEMONS or (not sender and "mailer-daemon" in _header(mail, "From").lower())


def _sent_to(mail: Message) -> tuple[str, ...]:
    fields = [value for name in ("Delivered-To", "X-Original-To", "To") for value in mail.get_all(name, [])]
    return tuple(dict.fromkeys(address.lower() for _, address in getaddresses([str(each) for each in fields])))


def _addresses(text: str) -> list[str]:
    """Every address in a field such as `rfc822; <clerk@school.example> (Clerk)`, in lower case."""
    # Word by word: a pattern with an @ in it takes hours over a mail of one long word.
    return [each.lower().strip(".") for each in A_WORD.findall(_unescaped(text)) if "@" in each[1:-1]]


def _unescaped(text: str) -> str:
    """RFC 6533's `\\x{e9}` and RFC 3461's `+E9` are left as they are, but for a + that stands for itself."""
    return text.replace("+2B", "+").replace("+3D", "=")


def _ids(text: str) -> list[str]:
    return MESSAGE_ID.findall(text)


def _date(mail: Message) -> datetime | None:
    try:
        said = parsedate_to_datetime(_header(mail, "Date"))
    except (ValueError, TypeError, IndexError):
        return None
    return said if said.tzinfo is not None else None


def _header(mail: Message, name: str) -> str:
    value = mail[name]
    if value is None:
        return ""
    try:
        return " ".join(str(make_header(decode_header(str(value)))).split())
    except (ValueError, LookupError, binascii.Error):
        return " ".join(str(value).split())
