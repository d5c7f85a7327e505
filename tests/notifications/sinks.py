"""A real mail server for tests, which answers as it is told to and remembers what it accepted."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller

from notifications.channels.smtp import SmtpChannel

Answer = Callable[[Any, Any], str]


def accept(server: Any, envelope: Any) -> str:
    """Take the mail."""
    return "250 taken"


def drop(server: Any, envelope: Any) -> str:
    """Take the mail, and lose the connection before saying so."""
    server.transport.abort()
    return "250 lost on the way"


def say(reply: str) -> Answer:
    """Refuse the mail with that reply."""
    return lambda server, envelope: reply


@dataclass
class Sink:
    """
    `on_data` answers a mail; `on_rcpt` maps an address to a refusal; what is taken or dropped lands in `taken`, its
    envelope in `senders` and `recipients`, and in `encrypted` whether it came over TLS.

    With `tls` it offers STARTTLS, or speaks TLS from the first byte if `implicit`. After `farewell_after` mails over
    one connection it says `farewell` to the next, or hangs up without a word when that is None.
    """

    on_data: Answer = accept
    on_rcpt: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    demands_tls: bool = False
    farewell_after: int | None = None
    farewell: str | None = None
    connections: int = 0
    port: int = 0

    async def handle_EHLO(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count the connection, once though it may be greeted again after STARTTLS."""
        session.host_name = hostname
        if not hasattr(server, "mails"):
            self.connections += 1
            server.mails = 0
        return responses

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Say farewell when it is time."""
        if self.farewell_after is not None and server.mails >= self.farewell_after:
            if self.farewell is None:
                server.transport.abort()
            return self.farewell or "250 lost on the way"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Refuse as told."""
        if address in self.on_rcpt:
            return self.on_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        """Answer as told; a mail is remembered unless it is refused."""
        server.mails += 1
        reply = self.on_data(server, envelope)
        if reply.startswith("2"):
            self.taken.append(envelope.content)
            self.senders.append(envelope.mail_from)
            self.recipients.append(list(envelope.rcpt_tos))
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return reply

    @property
    def channel(self) -> SmtpChannel:
        """A channel to this server."""
        return SmtpChannel("127.0.0.1", self.port, "disputes@union.test", timeout=5)


@contextmanager
def listening(sink: Sink) -> Iterator[Sink]:
    """The server, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sink.port = probe.getsockname()[1]
    encryption: dict[str, Any] = {"ssl_context": sink.tls} if sink.implicit else {"tls_context": sink.tls}
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, require_starttls=sink.demands_tls, **encryption)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
