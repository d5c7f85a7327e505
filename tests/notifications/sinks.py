"""A real mail server for tests, which answers as it is told to and remembers what it accepted."""

from __future__ import annotations

import socket
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
    """`on_data` answers a mail; `on_rcpt` maps an address to a refusal; what is taken or dropped lands in `taken`."""

    on_data: Answer = accept
    on_rcpt: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    port: int = 0

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
        reply = self.on_data(server, envelope)
        if reply.startswith("2"):
            self.taken.append(envelope.content)
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
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
