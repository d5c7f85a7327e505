"""Mail by SMTP: which relay, how it is spoken to, and what each of its answers means."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from core.channel_settings import is_this_machine
from core.errors import ConfigurationError
from core.settings import Settings
from core.signing import key_for
from notifications import return_path
from notifications.channels import Channel, Parcel, Sent
from notifications.channels.smtp_session import SmtpSession
from notifications.channels.taxonomy import Answer
from notifications.lifecycle import Outcome

TIMEOUT_SECONDS = 30.0

ANSWERS = (
    Answer("connecting", "no connection, a greeting other than 220, or a login refused", Outcome.TEMP),
    Answer("connecting", "no TLS, or a certificate that does not hold, where TLS is demanded", Outcome.TEMP),
    Answer("MAIL", "anything but 250", Outcome.TEMP),
    Answer("RCPT", "4xx", Outcome.TEMP),
    Answer("RCPT", "5xx", Outcome.PERM),
    Answer("RCPT", "an address with letters outside ASCII before its @, which is not offered", Outcome.PERM),
    Answer("before DATA", "the connection is lost", Outcome.TEMP),
    Answer("DATA", "4xx", Outcome.TEMP),
    Answer("DATA", "5xx", Outcome.PERM),
    Answer("DATA", "the connection is lost", Outcome.UNKNOWN),
    Answer("DATA", "after the mail: an answer that is none, such as `OK queued`", Outcome.UNKNOWN),
    Answer("DATA", "2xx after the mail", Outcome.ACCEPTED),
)
"""What each answer of a relay means, in the order of a transaction; docs/channels.md shows the same."""


class Tls(StrEnum):
    """How the way to the relay is encrypted: from the first byte, after STARTTLS, or not."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """
    Sends to one relay. A refusal of our connection, login or sender address is the relay's word about us, not about the
    recipient, and is therefore `temp` whatever its code; only RCPT and DATA can fail a notice for good.

    `tls_required`: without TLS and a certificate that holds, nothing is sent. Otherwise TLS is used where it is
    offered, whatever the certificate. `ca_file` names further authorities. With a `bounce_address` each attempt has a
    return path of its own, signed with `key`.
    """

    host: str
    port: int
    sender: str
    tls: Tls = Tls.STARTTLS
    tls_required: bool = False
    ca_file: Path | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    bounce_address: str = ""
    key: bytes = field(default=b"", repr=False)
    timeout: float = TIMEOUT_SECONDS

    name: ClassVar[str] = "smtp"
    idempotent: ClassVar[bool] = False

    @classmethod
    def of(cls, configured: Settings) -> SmtpChannel:
        """The relay of the settings."""
        return cls(
            host=configured.smtp_host,
            port=configured.smtp_port,
            sender=configured.mail_from,
            tls=Tls(configured.smtp_tls),
            tls_required=configured.smtp_tls_is_required,
            ca_file=configured.ca_file,
            username=configured.smtp_username,
            password=configured.smtp_password.get_secret_value(),
            bounce_address=configured.bounce_address,
            key=key_for(configured, return_path.PURPOSE) if configured.bounce_address else b"",
        )

    def send(self, parcel: Parcel) -> Sent:
        """One attempt over a connection of its own. A connection lost while handing over is `unknown`."""
        with self.session() as alone:
            return alone.send(parcel)

    @contextmanager
    def session(self) -> Iterator[Channel]:
        """One connection for the sends within, opened by the first, anew when it was dropped. Not for two threads."""
        connected = SmtpSession(self)
        try:
            yield connected
        finally:
            connected.close()

    def return_path(self, parcel: Parcel) -> str:
        """The envelope's sender: it names the attempt where bounces have an address of their own."""
        if not self.bounce_address:
            return self.sender
        return return_path.make(parcel.notice_id, parcel.epoch, base=self.bounce_address, key=self.key)

    def context(self) -> ssl.SSLContext:
        """What the relay's certificate is held to. Raises `ConfigurationError` for a file that holds no authority."""
        context = ssl.create_default_context()
        if self.ca_file is not None:
            _trust(context, self.ca_file)
        if not self.tls_required:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def envelope_id(self, parcel: Parcel) -> str:
        """What a report of delivery repeats (RFC 3461, 4.4): the mark of the attempt that the return path holds."""
        if not self.bounce_address:
            return f"{parcel.notice_id.hex}.{parcel.epoch}"
        return self.return_path(parcel).rpartition("@")[0].rpartition(return_path.SEPARATOR)[2]

    @property
    def implicit(self) -> bool:
        """Whether the first byte is encrypted already."""
        return self.tls is Tls.IMPLICIT

    @property
    def starttls(self) -> bool:
        """Whether the connection is encrypted once the relay has greeted."""
        return self.tls is Tls.STARTTLS

    @property
    def is_here(self) -> bool:
        """Whether the relay is this machine."""
        return is_this_machine(self.host)


def _trust(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        context.load_verify_locations(cafile=ca_file)
    except (OSError, ssl.SSLError):
        raise ConfigurationError(
            f"MANDATE_CA_FILE: found {ca_file}, wanted a file of certificates in PEM form that can be read."
        ) from None
