"""A mail as it goes over the wire, built from frozen parts in a fixed way."""

from __future__ import annotations

from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from core.settings import Settings, settings
from notifications.channels import Parcel

LINES = "quoted-printable"
A_MAIL_S_OWN = frozenset({"to", "message-id", "x-attempt", "x-sha256"})
BEYOND_ASCII = "no mail is sent to an address with letters outside ASCII before its @"


class _Headers(HeaderRegistry):
    """Headers that many mails have alike are read once: the library takes most of its time over reading them."""

    def __call__(self, name: str, value: str) -> BaseHeader:
        """The header, as the library reads it."""
        own = not isinstance(value, str) or name.lower() in A_MAIL_S_OWN
        return super().__call__(name, value) if own else self._read(name, value)

    @lru_cache(maxsize=256)  # noqa: B019  there is one for the whole program
    def _read(self, name: str, value: str) -> BaseHeader:
        return super().__call__(name, value)


WIRE = SMTP.clone(header_factory=_Headers())


def envelope(parcel: Parcel) -> EmailMessage:
    """
    The whole mail. It is the same for every attempt but for the header `X-Attempt`, which is there for reconciliation
    and is not part of the frozen bytes: those are the body, its laid-out form and the attachment.

    `X-SHA256` gives the digest of the body. The text comes first and the laid-out form second (RFC 2046, 5.1.4); the
    PDF stands beside both. A parcel without a sender is one frozen before senders were: it has that of the settings.
    """
    mail = EmailMessage(policy=WIRE)
    mail["X-Attempt"] = str(parcel.epoch)
    mail["From"] = parcel.sender or from_line(settings())
    mail["To"] = Address(parcel.recipient_name, addr_spec=address_on_the_wire(parcel))
    mail["Subject"] = parcel.subject_line
    mail["Date"] = format_datetime(parcel.dated_at)
    mail["Message-ID"] = parcel.message_id
    mail["X-SHA256"] = parcel.sha256
    mail.set_content(parcel.body.decode(), cte=LINES)
    if parcel.html is not None:
        mail.add_alternative(parcel.html.decode(), subtype="html", cte=LINES)
    if parcel.attachment is not None:
        mail.add_attachment(parcel.attachment, maintype="application", subtype="pdf", filename=f"{parcel.kind}.pdf")
    _fix_boundaries(mail, parcel.sha256)
    return mail


def from_line(configured: Settings) -> str:
    """Whom a mail comes from, as its header says it."""
    return str(Address(configured.union_name, addr_spec=configured.mail_from))


def is_beyond_ascii(parcel: Parcel) -> bool:
    """Whether the address has letters outside ASCII before its @: many a relay refuses it, and mail cannot hold it."""
    return not address_on_the_wire(parcel).isascii()


def address_on_the_wire(parcel: Parcel) -> str:
    """The recipient's address with its domain as the name service spells it (RFC 5891)."""
    local, at, domain = (parcel.recipient_email or "").rpartition("@")
    try:
        return local + at + (domain if domain.isascii() else domain.encode("idna").decode("ascii"))
    except UnicodeError:
        return local + at + domain


def _fix_boundaries(mail: EmailMessage, digest: str) -> None:
    # The library would draw them by lot, and two attempts would differ.
    for level, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{level}{digest[:40]}")
