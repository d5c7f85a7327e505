"""
One connection to a relay and the mails that go over it, with the standard library.

Whatever fails before DATA has sent nothing, so that a kept connection which turns out to be dead is opened anew and the
mail offered again. What was lost from DATA on is `unknown`; that mail is never offered again here.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from core.errors import ConfigurationError
from notifications.channels import Parcel, Sent, Unconnected, scrubbed
from notifications.channels.envelope import BEYOND_ASCII, address_on_the_wire, envelope, is_beyond_ascii
from notifications.lifecycle import Outcome

if TYPE_CHECKING:
    from notifications.channels.smtp import SmtpChannel

FIRST_PERMANENT = 500
TAKEN, REFUSALS = range(200, 300), range(400, 600)
OK = 250
FORWARDED = 251
CLOSING = 421
NOT_ENCRYPTED = "no TLS"


class _Unfit(Exception):
    """The relay cannot be used as the settings demand; the text may be kept."""


class SmtpSession(Unconnected):
    """
    The mails of one batch, one after another. A relay that cannot be reached is not tried again before the next batch:
    each try may take half a minute, and what waits behind it has a lease.
    """

    name: ClassVar[str] = "smtp"
    idempotent: ClassVar[bool] = False

    def __init__(self, channel: SmtpChannel) -> None:
        self._channel = channel
        self._relay: smtplib.SMTP | None = None
        self._is_clear = True
        self._encryption = ""
        self._away: Sent | None = None

    def send(self, parcel: Parcel) -> Sent:
        """One attempt."""
        if is_beyond_ascii(parcel):
            return Sent(Outcome.PERM, None, BEYOND_ASCII)
        content = envelope(parcel).as_bytes()
        was_kept = self._relay is not None
        refusal = self._before_data(parcel)
        if was_kept and self._relay is None:
            refusal = self._before_data(parcel)
        return refusal or self._data(content, parcel)

    def close(self) -> None:
        """Part from the relay. What was said of each mail stands: how the parting goes changes nothing."""
        relay, self._relay = self._relay, None
        if relay is not None:
            _leave(relay)

    def _before_data(self, parcel: Parcel) -> Sent | None:
        """Everything up to RCPT; None when the relay is ready for the mail."""
        try:
            relay = self._ready()
            if relay is None:
                return self._away
            code, reply = relay.mail(self._channel.return_path(parcel), self._mail_options(relay, parcel))
            if code != OK:
                return self._refused(code, reply, for_good=False)
            address = address_on_the_wire(parcel)
            code, reply = relay.rcpt(address, _rcpt_options(relay, address))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return self._said(Outcome.TEMP, None, f"before the mail was handed over: {type(error).__name__}")
        return None if code in {OK, FORWARDED} else self._refused(code, reply, for_good=code >= FIRST_PERMANENT)

    def _data(self, content: bytes, parcel: Parcel) -> Sent:
        assert self._relay is not None
        self._is_clear = False
        try:
            code, reply = self._relay.data(content)
        except smtplib.SMTPDataError as error:
            return self._refused(error.smtp_code, error.smtp_error, for_good=error.smtp_code >= FIRST_PERMANENT)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return self._said(
                Outcome.UNKNOWN, None, f"the connection was lost while handing over: {type(error).__name__}"
            )
        if code in REFUSALS:
            return self._refused(code, reply, for_good=code >= FIRST_PERMANENT)
        if code not in TAKEN:
            # It has the mail, and what it made of it cannot be read: not to be offered again as if it had not.
            self._drop()
            return self._said(Outcome.UNKNOWN, code, reply)
        self._is_clear = True
        return self._said(Outcome.ACCEPTED, code, reply, parcel.message_id)

    def _ready(self) -> smtplib.SMTP | None:
        """The connection, cleared of a mail that was broken off; None when the relay cannot be reached."""
        if self._relay is None and self._away is None:
            self._relay = self._opened()
        elif self._relay is not None and not self._is_clear and self._relay.rset()[0] != OK:
            raise smtplib.SMTPServerDisconnected("the relay does not begin anew")
        self._is_clear = self._relay is not None
        return self._relay

    def _opened(self) -> smtplib.SMTP | None:
        try:
            return self._greeted()
        except smtplib.SMTPResponseException as error:
            self._away = self._said(Outcome.TEMP, error.smtp_code, error.smtp_error)
        except (_Unfit, ConfigurationError) as error:
            self._away = self._said(Outcome.TEMP, None, str(error))
        except (smtplib.SMTPException, OSError) as error:
            self._away = self._said(Outcome.TEMP, None, f"no connection to the relay: {_named(error)}")
        return None

    def _greeted(self) -> smtplib.SMTP:
        """A connection that the relay has greeted, encrypted and logged in as the settings say."""
        channel = self._channel
        self._encryption = ""
        if channel.implicit:
            relay: smtplib.SMTP = smtplib.SMTP_SSL(
                channel.host, channel.port, _own_name(), timeout=channel.timeout, context=channel.context()
            )
        else:
            relay = smtplib.SMTP(channel.host, channel.port, _own_name(), timeout=channel.timeout)
        try:
            relay.ehlo_or_helo_if_needed()
            if channel.starttls:
                self._start_tls(relay)
            self._encryption = _encryption(relay)
            self._log_in(relay)
        except BaseException:
            relay.close()
            raise
        return relay

    def _start_tls(self, relay: smtplib.SMTP) -> None:
        if relay.has_extn("starttls"):
            relay.starttls(context=self._channel.context())
            relay.ehlo()
        elif self._channel.tls_required:
            raise _Unfit("the relay offers no TLS, and MANDATE_SMTP_TLS_REQUIRED demands it")

    def _log_in(self, relay: smtplib.SMTP) -> None:
        channel = self._channel
        if not channel.username:
            return
        if not isinstance(relay.sock, ssl.SSLSocket) and not channel.is_here:
            raise _Unfit("the password is not sent to another machine without TLS")
        relay.login(channel.username, channel.password)

    def _mail_options(self, relay: smtplib.SMTP, parcel: Parcel) -> Sequence[str]:
        """RFC 3461: a report holds the headers alone, and what names the attempt."""
        return ["RET=HDRS", f"ENVID={self._channel.envelope_id(parcel)}"] if relay.has_extn("dsn") else []

    def _refused(self, code: int, reply: bytes | str, *, for_good: bool) -> Sent:
        self._is_clear = False
        if code == CLOSING:
            self._drop()
        return self._said(Outcome.PERM if for_good else Outcome.TEMP, code, reply)

    def _said(self, outcome: Outcome, code: int | None, reply: bytes | str, ref: str | None = None) -> Sent:
        encryption = f"[{self._encryption}] " if self._encryption else ""
        return Sent(outcome, code, scrubbed(encryption + scrubbed(reply)), ref)

    def _drop(self) -> None:
        if self._relay is not None:
            self._relay.close()
        self._relay = None


def _rcpt_options(relay: smtplib.SMTP, address: str) -> Sequence[str]:
    """RFC 3461: tell us of failure, delay and delivery, and of which address."""
    if not relay.has_extn("dsn"):
        return []
    return ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(address)}"]


def _xtext(text: str) -> str:
    """RFC 3461, 4: what is not printable ASCII, and `+` and `=`, in hexadecimal."""
    return "".join(letter if "!" <= letter <= "~" and letter not in "+=" else f"+{ord(letter):02X}" for letter in text)


def _encryption(relay: smtplib.SMTP) -> str:
    if not isinstance(relay.sock, ssl.SSLSocket):
        return NOT_ENCRYPTED
    checked = "checked" if relay.sock.context.verify_mode is ssl.CERT_REQUIRED else "not checked"
    return f"{relay.sock.version()}, certificate {checked}"


def _named(error: Exception) -> str:
    """The kind of an error; of a certificate, also why it does not hold."""
    reason = f", {error.verify_message}" if isinstance(error, ssl.SSLCertVerificationError) else ""
    return type(error).__name__ + reason


@lru_cache(maxsize=1)
def _own_name() -> str:
    # Each connection would ask the name server otherwise.
    return socket.getfqdn()


def _leave(relay: smtplib.SMTP) -> None:
    try:
        relay.quit()
    except (smtplib.SMTPException, OSError):
        relay.close()
