"""Mail by SMTP, one connection a mail, with the standard library."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from typing import ClassVar

from core.settings import Settings
from notifications.channels import Parcel, Sent, scrubbed
from notifications.channels.envelope import envelope
from notifications.lifecycle import Outcome

TIMEOUT_SECONDS = 30.0
FIRST_PERMANENT = 500
OK = 250
FORWARDED = 251
READY = 220


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """
    Sends to one relay. A refusal of our connection, login or sender address is the relay's word about us, not about the
    recipient, and is therefore `temp` whatever its code; only RCPT and DATA can fail a notice for good.
    """

    host: str
    port: int
    sender: str
    starttls: bool = False
    username: str = ""
    password: str = ""
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
            starttls=configured.smtp_starttls,
            username=configured.smtp_username,
            password=configured.smtp_password.get_secret_value(),
        )

    def send(self, parcel: Parcel) -> Sent:
        """One attempt. A connection lost once the mail was being handed over is `unknown`."""
        content = envelope(parcel).as_bytes()
        relay = smtplib.SMTP(timeout=self.timeout)
        try:
            refusal = self._before_data(relay, parcel)
            return refusal or _data(relay, content, parcel)
        finally:
            _leave(relay)

    def _before_data(self, relay: smtplib.SMTP, parcel: Parcel) -> Sent | None:
        """Everything up to RCPT: nothing has gone out while this fails."""
        try:
            self._greet(relay)
            code, reply = relay.mail(self.sender)
            if code != OK:
                return Sent(Outcome.TEMP, code, scrubbed(reply))
            code, reply = relay.rcpt(parcel.recipient_email or "")
        except smtplib.SMTPResponseException as error:
            return Sent(Outcome.TEMP, error.smtp_code, scrubbed(error.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            return Sent(Outcome.TEMP, None, f"before the mail was handed over: {type(error).__name__}")
        return None if code in {OK, FORWARDED} else _refused(code, reply)

    def _greet(self, relay: smtplib.SMTP) -> None:
        code, reply = relay.connect(self.host, self.port)
        if code != READY:
            raise smtplib.SMTPConnectError(code, reply)
        relay.ehlo_or_helo_if_needed()
        if self.starttls:
            relay.starttls(context=ssl.create_default_context())
            relay.ehlo()
        if self.username:
            relay.login(self.username, self.password)


def _data(relay: smtplib.SMTP, content: bytes, parcel: Parcel) -> Sent:
    try:
        code, reply = relay.data(content)
    except smtplib.SMTPDataError as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return Sent(Outcome.UNKNOWN, None, f"the connection was lost while handing over: {type(error).__name__}")
    if code != OK:
        return _refused(code, reply)
    return Sent(Outcome.ACCEPTED, code, scrubbed(reply), parcel.message_id)


def _refused(code: int, reply: bytes | str) -> Sent:
    outcome = Outcome.PERM if code >= FIRST_PERMANENT else Outcome.TEMP
    return Sent(outcome, code, scrubbed(reply))


def _leave(relay: smtplib.SMTP) -> None:
    # The outcome is settled: how the parting goes changes nothing.
    try:
        relay.quit()
    except (smtplib.SMTPException, OSError):
        relay.close()
