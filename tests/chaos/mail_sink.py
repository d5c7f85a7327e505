"""
A mail server as a process of its own: `python mail_sink.py PORT FOLDER`.

It writes and syncs every mail into FOLDER before it says that it has taken it. An address beginning with `gone` is
refused for good; the first mail to one beginning with `drop` is taken and the connection lost before the answer.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """Remembers in a folder, which the test may empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Refuse who is gone."""
        if address.startswith("gone"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep, then answer."""
        address = envelope.rcpt_tos[0]
        first = not any(self.folder.glob(f"{address}-*"))
        path = self.folder / f"{address}-{time.monotonic_ns()}.eml"
        with path.open("wb") as file:
            file.write(envelope.content)
            file.flush()
            os.fsync(file.fileno())
        if first and address.startswith("drop"):
            server.transport.abort()
        return "250 taken"


if __name__ == "__main__":
    controller = Controller(Sink(Path(sys.argv[2])), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    controller.stop()
